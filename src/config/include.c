/* SPDX-License-Identifier: MIT */
/* Opens files of configuration; finds included ones and refuses loops. */
#include "config/include.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "config/reader.h"

#define DEEPEST 16
#define PATIENCE_MS 5000 /* with whoever writes into a pipe */

/* Reads all of an open file. */
static int
read_all(int fd, struct buffer *content, struct error *error)
{
	struct pollfd waiting = { .fd = fd, .events = POLLIN };
	ssize_t got;

	do {
		if (buffer_length(content) > READER_FILE_MAX)
			return error_set(error, "larger than %u bytes",
			    READER_FILE_MAX);
		if (poll(&waiting, 1, PATIENCE_MS) == 0)
			return error_set(error, "nobody writes to this pipe");
		got = read(fd, buffer_reserve(content, 65536), 65536);
		if (got > 0)
			buffer_commit(content, (size_t)got);
		else if (got < 0 && errno != EINTR && errno != EAGAIN)
			return error_set(error, "%s", strerror(errno));
	} while (got != 0);
	return 0;
}

static const struct include *
find_in_chain(const struct include *file)
{
	for (const struct include *at = file->parent; at; at = at->parent)
		if (at->device == file->device && at->inode == file->inode)
			return at;
	return NULL;
}

/* Opens path for reading; file gets its identity. */
static int
open_file(const char *path, struct include *file, struct error *error)
{
	struct stat status;
	int fd;

	/* Look before opening: the open of a device can have effects. */
	if (stat(path, &status) < 0)
		return error_set(error, "%s", strerror(errno));
	if (S_ISDIR(status.st_mode))
		return error_set(error, "is a directory");
	if (file->parent != NULL && !S_ISREG(status.st_mode))
		return error_set(error, "is not a regular file");
	file->device = status.st_dev;
	file->inode = status.st_ino;
	if (find_in_chain(file) != NULL)
		return error_set(error, "includes itself");
	if (file->depth > DEEPEST)
		return error_set(error, "includes are nested deeper than %d",
		    DEEPEST);
	/* O_NONBLOCK: a named pipe must not hold up a master at a reload. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return error_set(error, "%s", strerror(errno));
	return fd;
}

/* *opened becomes true once the reader, which names its places, took over. */
static int
read_file(struct config_document *document, struct include *file,
    const char *shown_path, bool *opened, struct error *error)
{
	struct buffer content = BUFFER_EMPTY;
	int fd = open_file(file->path, file, error), result;

	*opened = false;
	if (fd < 0)
		return -1;
	result = read_all(fd, &content, error);
	close(fd);
	if (result == 0) {
		*opened = true;
		result = reader_read(document, buffer_str(&content).data,
		    buffer_length(&content), shown_path, file, error);
	}
	buffer_finish(&content);
	return result;
}

int
include_main(struct config_document *document, const char *path,
    const char *shown_path, struct error *error)
{
	struct include file = { .path = path };
	bool opened;

	if (read_file(document, &file, shown_path, &opened, error) == 0)
		return 0;
	if (!opened)
		error_prefix(error,
		    "can't read configuration file %s: ", shown_path);
	return -1;
}

/* The pattern, made absolute by the folder of the file it stands in. */
static char *
absolute_pattern(const char *pattern, const struct include *from)
{
	const char *slash = strrchr(from->path, '/');

	if (pattern[0] == '/' || slash == NULL)
		return xstrdup(pattern);
	return xasprintf("%.*s/%s", (int)(slash - from->path), from->path,
	    pattern);
}

int
include_pattern(struct config_document *document, const char *pattern,
    const struct include *from, struct config_origin where, struct error *error)
{
	struct config_place place = config_place(where);
	char *full = absolute_pattern(pattern, from);
	bool wild = strpbrk(pattern, "*?[") != NULL, opened = false;
	glob_t found = { 0 };
	int result = 0;

	if (*pattern == '\0')
		result =
		    error_set(error, "%s: include names no file", place.text);
	else if (glob(full, GLOB_ERR | (wild ? 0 : GLOB_NOCHECK), NULL,
		     &found) == GLOB_ABORTED)
		result = error_set(error,
		    "%s: include = %s: can't read the "
		    "directory",
		    place.text, pattern);
	for (size_t i = 0; result == 0 && i < found.gl_pathc; i++) {
		struct include file = { .parent = from,
			.path = found.gl_pathv[i],
			.depth = from->depth + 1 };

		result = read_file(document, &file, file.path, &opened, error);
		if (result < 0 && !opened)
			error_prefix(error,
			    "%s: can't include %s: ", place.text, file.path);
	}
	globfree(&found);
	free(full);
	return result;
}
