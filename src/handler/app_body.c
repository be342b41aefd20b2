/* SPDX-License-Identifier: MIT */
/* Keeps request bodies in memory and, beyond a limit, on disk. */
#include "handler/app_body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

void
app_body_init(struct app_body *body)
{
	memset(body, 0, sizeof(*body));
	body->fd = -1;
}

void
app_body_finish(struct app_body *body)
{
	buffer_finish(&body->memory);
	if (body->fd >= 0)
		close(body->fd);
	body->fd = -1;
}

/* A file without a name; where the file system has none, one that is
 * unlinked at once. */
static int
open_nameless(const char *directory)
{
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *name;

	if (fd >= 0 ||
	    (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return fd;
	name = xasprintf("%s/tricorn-body-XXXXXX", directory);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	free(name);
	return fd;
}

static int
write_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t count = write(fd, data, size);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -1;
		data += count;
		size -= (size_t)count;
	}
	return 0;
}

int
app_body_append(struct app_body *body, const void *data, size_t size,
    uint64_t limit, const char *directory, struct error *error)
{
	if (body->fd < 0 && buffer_length(&body->memory) + size <= limit) {
		buffer_append(&body->memory, data, size);
		return 0;
	}
	if (body->fd < 0) {
		body->fd = open_nameless(directory);
		if (body->fd < 0)
			return error_set(error,
			    "cannot create a file for a "
			    "request body in %s: %s; set temp_dir in [server]",
			    directory, strerror(errno));
	}
	if (write_all(body->fd, data, size) < 0)
		return error_set(error,
		    "cannot write a request body to a "
		    "file in %s: %s",
		    directory, strerror(errno));
	body->file_size += (int64_t)size;
	return 0;
}

ssize_t
app_body_read(struct app_body *body, void *data, size_t size)
{
	size_t kept = buffer_length(&body->memory);
	ssize_t count;

	if (kept > 0) {
		if (size > kept)
			size = kept;
		memcpy(data, buffer_bytes(&body->memory), size);
		buffer_consume(&body->memory, size);
		if (size == kept)
			buffer_finish(&body->memory);
		return (ssize_t)size;
	}
	if (body->fd < 0 || body->file_at == body->file_size)
		return 0;
	do {
		count = pread(body->fd, data, size, body->file_at);
	} while (count < 0 && errno == EINTR);
	if (count <= 0)
		return -1;
	body->file_at += count;
	return count;
}

bool
app_body_empty(const struct app_body *body)
{
	return buffer_length(&body->memory) == 0 &&
	    (body->fd < 0 || body->file_at == body->file_size);
}
