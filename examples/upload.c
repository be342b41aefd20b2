/* SPDX-License-Identifier: MIT */
/*
 * Receives a body of any size, says how large it was and its FNV-1a sum, and
 * with option.directory also keeps it in a file there. It is BLOCKING without
 * STREAM_BODY: the host receives the whole body first (in memory, a large one
 * in a temporary file), so a slow client never holds a thread, and read()
 * here never waits.
 *
 *	tricorn --threads 4 ./upload.so
 *	curl -T large.iso http://127.0.0.1:8000/
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <tricorn/app.h>

struct upload {
	char *directory; /* NULL: count only */
};

static void
unload(void *app)
{
	struct upload *upload = app;

	free(upload->directory);
	free(upload);
}

/* What this makes is what handle() gets as its state. */
static int
load(const tricorn_host *host, const tricorn_config *config, void **app,
    tricorn_string *error)
{
	tricorn_string directory = tricorn_option(config, "directory", "");
	struct upload *upload = calloc(1, sizeof(*upload));

	if (!upload)
		return TRICORN_ENOMEM;
	if (directory.length > 0) {
		upload->directory = calloc(1, directory.length + 1);
		if (upload->directory)
			memcpy(upload->directory, directory.data,
			    directory.length);
		if (!upload->directory || access(upload->directory, W_OK)) {
			unload(upload);
			*error = tricorn_str("option.directory is not a "
					     "directory that can be written");
			return TRICORN_EINVAL;
		}
	}
	*app = upload;
	return TRICORN_OK;
}

/* A new file with a name of its own; -1 with errno. */
static int
open_target(const struct upload *upload, char *path, size_t size)
{
	if (!upload->directory)
		return open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (snprintf(path, size, "%s/upload-XXXXXX", upload->directory) >=
	    (int)size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return mkostemp(path, O_CLOEXEC);
}

/* Copies the body to fd; its size, or a TRICORN_E… below 0. */
static int64_t
receive(tricorn_request *req, int fd, uint64_t *sum)
{
	unsigned char data[32768];
	int64_t total = 0, size, at;

	*sum = UINT64_C(14695981039346656037);
	while ((size = tricorn_read(req, data, sizeof(data))) > 0) {
		for (at = 0; at < size; at++)
			*sum = (*sum ^ data[at]) * UINT64_C(1099511628211);
		for (at = 0; at < size;) {
			ssize_t put = write(fd, data + at, (size_t)(size - at));

			if (put < 0 && errno != EINTR)
				return TRICORN_EIO;
			at += put < 0 ? 0 : put;
		}
		total += size;
	}
	return size < 0 ? size : total;
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	struct upload *upload = state;
	char path[4096] = "", text[4200];
	uint64_t sum;
	int64_t total;
	int fd, length;

	fd = open_target(upload, path, sizeof(path));
	if (fd < 0)
		return TRICORN_EIO;
	total = receive(req, fd, &sum);
	if (close(fd) < 0 && total >= 0)
		total = TRICORN_EIO;
	if (total < 0) {
		if (path[0])
			unlink(path);
		return (int)total;
	}
	length = snprintf(text, sizeof(text),
	    "%" PRId64 " bytes, fnv1a %016" PRIx64 "%s%s\n", total, sum,
	    path[0] ? ", kept in " : "", path);
	return tricorn_reply(req, 200, "text/plain; charset=utf-8", text,
	    (size_t)length);
}

static const tricorn_app upload_app = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING, "upload", "1.0"),
	.load = load,
	.handle = handle,
	.unload = unload,
};

TRICORN_APP(upload_app)
