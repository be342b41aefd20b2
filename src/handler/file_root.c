/* SPDX-License-Identifier: MIT */
/*
 * Opens files beneath a directory with openat2(RESOLVE_BENEATH), or, on
 * kernels and in sandboxes without it, by walking the components and
 * following no symbolic link at all.
 */
#include "handler/file_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LINUX_OPENAT2_H
#include <linux/openat2.h>
#endif

#include "base/memory.h"
#include "base/str.h"

#define OPEN_TRIES 8 /* openat2() says EAGAIN when a rename was in its way */

/* --- beneath -------------------------------------------------------------- */

#if defined(HAVE_LINUX_OPENAT2_H) && defined(SYS_openat2)
static int
open_beneath(int directory, const char *relative, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOCTTY),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd;
	int tries = 0;

	/* These flags are refused beside O_PATH. */
	if (flags & O_PATH)
		how.flags &= ~(uint64_t)(O_NOCTTY | O_NONBLOCK);
	do
		fd = syscall(SYS_openat2, directory, relative, &how,
		    sizeof(how));
	while (fd < 0 && (errno == EINTR || errno == EAGAIN) &&
	    ++tries < OPEN_TRIES);
	return fd < 0 ? -errno : (int)fd;
}
#else
static int
open_beneath(int directory, const char *relative, int flags)
{
	return -ENOSYS;
}
#endif

/* Opens one component below directory, which is closed unless it is base. */
static int
open_step(int base, int directory, const char *name, int flags)
{
	int fd, failure;

	do
		fd = openat(directory, name,
		    flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
	while (fd < 0 && errno == EINTR);
	failure = errno;
	if (directory != base)
		close(directory);
	return fd < 0 ? -failure : fd;
}

/* Takes the next component off *rest; "" and "." are none. */
static bool
next_component(struct str *rest, struct str *part)
{
	ptrdiff_t end;

	do {
		if (rest->length == 0)
			return false;
		end = str_find(*rest, '/');
		*part = *rest;
		if (end >= 0)
			part->length = (size_t)end;
		rest->data += part->length + (end >= 0);
		rest->length -= part->length + (end >= 0);
	} while (part->length == 0 || str_equal(*part, STR(".")));
	return true;
}

static int
open_walking(int base, const char *relative, int flags)
{
	char name[NAME_MAX + 1];
	struct str rest = str_of(relative), part;
	int fd = base;

	while (next_component(&rest, &part)) {
		if (str_equal(part, STR("..")) || part.length > NAME_MAX) {
			if (fd != base)
				close(fd);
			return part.length > NAME_MAX ? -ENAMETOOLONG : -EXDEV;
		}
		memcpy(name, part.data, part.length);
		name[part.length] = '\0';
		fd = open_step(base, fd, name,
		    rest.length > 0 ? O_PATH | O_DIRECTORY : flags);
		if (fd < 0)
			return fd;
	}
	return fd == base ? open_step(base, base, ".", flags) : fd;
}

int
file_root_open(const struct file_root *root, const char *relative, int flags)
{
	int fd;

	if (relative[0] == '/')
		return -EXDEV;
	if (root->file != NULL) { /* the operator named it: links are fine */
		fd = openat(root->fd, relative, flags | O_CLOEXEC | O_NOCTTY);
		return fd < 0 ? -errno : fd;
	}
	if (root->walk)
		return open_walking(root->fd, relative, flags);
	return open_beneath(root->fd, relative[0] ? relative : ".", flags);
}

int
file_root_stat(const struct file_root *root, const char *relative,
    struct stat *status)
{
	if (relative[0] == '/')
		return -EXDEV;
	if (fstatat(root->fd, relative[0] ? relative : ".", status, 0) < 0)
		return -errno;
	return 0;
}

/* --- the root itself ------------------------------------------------------ */

static int
open_directory(struct file_root *root)
{
	struct stat status;
	int fd = open(root->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) < 0) {
		close(fd);
		return -1;
	}
	if (root->fd >= 0)
		close(root->fd);
	root->fd = fd;
	root->device = status.st_dev;
	root->inode = status.st_ino;
	root->generation++;
	return 0;
}

/* Parts "dir/name" of a single file's path into directory and file. */
static void
split_path(struct file_root *root)
{
	const char *slash = strrchr(root->path, '/');

	if (slash == NULL)
		root->directory = xstrdup(".");
	else if (slash == root->path)
		root->directory = xstrdup("/");
	else
		root->directory =
		    xstrndup(root->path, (size_t)(slash - root->path));
	root->file = xstrdup(slash ? slash + 1 : root->path);
}

int
file_root_init(struct file_root *root, const char *path, struct error *error)
{
	struct stat status;
	int fd;

	*root = (struct file_root){ .fd = -1, .path = xstrdup(path) };
	if (stat(path, &status) < 0) {
		error_set(error, "files = %s: %s", path, strerror(errno));
		goto fail;
	}
	if (S_ISREG(status.st_mode)) {
		split_path(root);
	} else if (S_ISDIR(status.st_mode)) {
		root->directory = xstrdup(path);
	} else {
		error_set(error,
		    "files = %s: neither a directory nor a regular file", path);
		goto fail;
	}
	if (open_directory(root) < 0) {
		error_set(error, "files = %s: opening the directory: %s", path,
		    strerror(errno));
		goto fail;
	}
	fd = open_beneath(root->fd, ".", O_PATH);
	root->walk = fd < 0; /* ENOSYS, or EPERM of a sandbox */
	if (fd >= 0)
		close(fd);
	return 0;
fail:
	file_root_finish(root);
	return -1;
}

void
file_root_finish(struct file_root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	root->fd = -1;
	free(root->path);
	free(root->directory);
	free(root->file);
	root->path = root->directory = root->file = NULL;
}

void
file_root_refresh(struct file_root *root, uint64_t now_ms)
{
	struct stat status;

	if (!freshness_due(&root->freshness, now_ms))
		return;
	if (stat(root->directory, &status) == 0 &&
	    (status.st_dev != root->device || status.st_ino != root->inode)) {
		/* Not being allowed to is no reason to stop serving. */
		if (open_directory(root) < 0)
			return;
	}
}
