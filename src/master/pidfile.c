/* SPDX-License-Identifier: MIT */
/*
 * Process id file with a lock of the open file description: unlike a
 * process's lock it survives that the file is opened and closed elsewhere.
 */
#include "master/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

struct pidfile {
	char *path; /* absolute: the master may change its directory */
	int fd;     /* holds the lock; a forked child must close its copy */
};

/* Whether path still leads to the open file. */
static bool
is_same_file(const char *path, int fd)
{
	struct stat by_path, by_fd;

	return stat(path, &by_path) == 0 && fstat(fd, &by_fd) == 0 &&
	    by_path.st_dev == by_fd.st_dev && by_path.st_ino == by_fd.st_ino;
}

/* The number in the file; 0 when there is none. */
static long
read_pid(int fd)
{
	char text[32];
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	if (got <= 0)
		return 0;
	text[got] = '\0';
	return strtol(text, NULL, 10);
}

static int
in_use(const char *path, int fd, struct error *error)
{
	return error_set(error,
	    "tricorn is already running as process %ld (pid file %s); stop it "
	    "first, or give this one its own pid_file",
	    read_pid(fd), path);
}

static int
lock(const char *path, int fd, struct error *error)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	long pid;

	if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return in_use(path, fd, error);
	/* A file system without locks: the number is all there is. */
	pid = read_pid(fd);
	if (pid > 0 && pid != getpid() &&
	    (kill((pid_t)pid, 0) == 0 || errno == EPERM))
		return in_use(path, fd, error);
	return 0;
}

static int
write_pid(const char *path, int fd, struct error *error)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	/* Monitoring reads it whatever the umask is. */
	if (fchmod(fd, 0644) != 0 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, text, (size_t)length, 0) != length)
		return error_set(error, "cannot write pid file %s: %s", path,
		    strerror(errno));
	return 0;
}

/* Opens and locks; the descriptor, or -1. */
static int
open_locked(const char *path, struct error *error)
{
	for (;;) {
		int fd = open(path,
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		    0644);

		if (fd < 0)
			return error_set(error,
			    "cannot open pid file %s: %s; create its "
			    "directory, or set pid_file in [server]",
			    path, strerror(errno));
		if (lock(path, fd, error) != 0) {
			close(fd);
			return -1;
		}
		/* A server that was just ending may have removed it. */
		if (is_same_file(path, fd))
			return fd;
		close(fd);
	}
}

static char *
absolute_path(const char *path)
{
	char *directory, *absolute;

	if (path[0] == '/')
		return xstrdup(path);
	directory = getcwd(NULL, 0);
	if (directory == NULL)
		return xstrdup(path);
	absolute = xasprintf("%s/%s", directory, path);
	free(directory);
	return absolute;
}

struct pidfile *
pidfile_create(const char *path, struct error *error)
{
	struct pidfile *pidfile = xmalloc(sizeof(*pidfile));

	pidfile->path = absolute_path(path);
	pidfile->fd = open_locked(pidfile->path, error);
	if (pidfile->fd < 0) {
		pidfile_forget(&pidfile);
		return NULL;
	}
	if (write_pid(pidfile->path, pidfile->fd, error) != 0)
		pidfile_destroy(&pidfile);
	return pidfile;
}

void
pidfile_destroy(struct pidfile **pidfile)
{
	if (*pidfile == NULL)
		return;
	if (is_same_file((*pidfile)->path, (*pidfile)->fd))
		unlink((*pidfile)->path);
	pidfile_forget(pidfile);
}

void
pidfile_forget(struct pidfile **pidfile)
{
	if (*pidfile == NULL)
		return;
	if ((*pidfile)->fd >= 0)
		close((*pidfile)->fd);
	free((*pidfile)->path);
	free(*pidfile);
	*pidfile = NULL;
}
