/* SPDX-License-Identifier: MIT */
/*
 * Targets of log lines and how each is kept from blocking.
 *
 * The descriptors 1 and 2 are shared with whoever started the server, so
 * O_NONBLOCK must not be set on them. A pipe or terminal is opened a second
 * time through /proc instead, which gives a description of our own to set it
 * on; a socket is told so with every send. A pipe takes pieces of up to
 * PIPE_BUF bytes whole or not at all: lines of several workers don't mix.
 */
#include "serve/log_sink.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "base/memory.h"

#define FILE_LINE_MAX 32768 /* a file takes any; memory should be bounded */
#define PIPE_ROOM (1 << 20) /* what fits into a pipe need not be tried again */

enum log_sink_kind {
	LOG_SINK_FILE,     /* a regular file */
	LOG_SINK_PIPE,     /* pipe, terminal, device; own O_NONBLOCK */
	LOG_SINK_BLOCKING, /* the same where we may not open it again */
	LOG_SINK_SOCKET,   /* stdout can be one, under systemd */
	LOG_SINK_DATAGRAM, /* the system log */
};

struct log_sink {
	enum log_sink_kind kind;
	int fd;     /* -1: a system log that is not there */
	bool owned; /* fd is ours to close */
	char *path; /* of a file or the system log's socket; else NULL */
};

/* What a descriptor we opened or found leads to. */
static enum log_sink_kind
kind_of(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || S_ISREG(status.st_mode))
		return LOG_SINK_FILE;
	return S_ISSOCK(status.st_mode) ? LOG_SINK_SOCKET : LOG_SINK_PIPE;
}

static int
open_path(const char *path)
{
	return open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0640);
}

/* Gives a pipe more room than its 64 KiB, as far as the kernel allows. */
static void
widen(int fd)
{
	int room = fcntl(fd, F_GETPIPE_SZ);

	if (room > 0 && room < PIPE_ROOM)
		fcntl(fd, F_SETPIPE_SZ, PIPE_ROOM);
}

static int
open_standard(struct log_sink *sink, int fd, const char *name,
    struct error *error)
{
	char path[32];
	int own;

	if (fcntl(fd, F_GETFD) < 0)
		return error_set(error,
		    "cannot write the access log to %s: it is not open; start "
		    "the server with it or give access_log a file",
		    name);
	sink->fd = fd;
	sink->kind = kind_of(fd);
	if (sink->kind != LOG_SINK_PIPE)
		return 0;
	widen(fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (own < 0) {
		sink->kind = LOG_SINK_BLOCKING;
		return 0;
	}
	sink->fd = own;
	sink->owned = true;
	return 0;
}

static int
open_file(struct log_sink *sink, const char *path, struct error *error)
{
	int fd = open_path(path);

	if (fd < 0)
		return error_set(error, "cannot open access log %s: %s", path,
		    errno == ENXIO ? "nobody reads from this pipe or socket"
				   : strerror(errno));
	if (sink->owned)
		close(sink->fd);
	sink->fd = fd;
	sink->owned = true;
	sink->kind = kind_of(fd);
	widen(fd);
	return 0;
}

/* Connects to the system log if it is not; -1 with errno. */
static int
connect_syslog(struct log_sink *sink)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, problem;

	if (sink->fd >= 0)
		return 0;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", sink->path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		problem = errno;
		close(fd);
		errno = problem;
		return -1;
	}
	sink->fd = fd;
	sink->owned = true;
	return 0;
}

struct log_sink *
log_sink_open(const char *target, const char *syslog_path, struct error *error)
{
	struct log_sink *sink = xcalloc(1, sizeof(*sink));
	int result = 0;

	sink->fd = -1;
	if (strcmp(target, "stdout") == 0) {
		result = open_standard(sink, STDOUT_FILENO, target, error);
	} else if (strcmp(target, "stderr") == 0) {
		result = open_standard(sink, STDERR_FILENO, target, error);
	} else if (strcmp(target, "syslog") == 0) {
		sink->kind = LOG_SINK_DATAGRAM;
		sink->path = xstrdup(syslog_path);
	} else {
		sink->path = xstrdup(target);
		result = open_file(sink, target, error);
	}
	if (result < 0)
		log_sink_close(&sink);
	return sink;
}

void
log_sink_close(struct log_sink **sink)
{
	if (*sink == NULL)
		return;
	if ((*sink)->owned)
		close((*sink)->fd);
	free((*sink)->path);
	free(*sink);
	*sink = NULL;
}

int
log_sink_reopen(struct log_sink *sink, struct error *error)
{
	if (sink->path == NULL || sink->kind == LOG_SINK_DATAGRAM)
		return 0;
	return open_file(sink, sink->path, error);
}

size_t
log_sink_line_limit(const struct log_sink *sink)
{
	return sink->kind == LOG_SINK_FILE ? FILE_LINE_MAX : PIPE_BUF;
}

/* As many whole lines from the front as fit into one piece for a pipe; a
 * line that does not fit at all in parts. */
static struct str
piece(struct str text)
{
	const char *end;

	if (text.length <= PIPE_BUF)
		return text;
	end = memrchr(text.data, '\n', PIPE_BUF);
	return str_make(text.data,
	    end ? (size_t)(end - text.data) + 1 : (size_t)PIPE_BUF);
}

/*
 * One line as a datagram, "<30>tricorn[123]: GET …". The system log adds the
 * time itself.
 */
static ssize_t
send_syslog(struct log_sink *sink, struct str text)
{
	ptrdiff_t end = str_find(text, '\n');
	size_t length = end < 0 ? text.length : (size_t)end;
	char head[40];
	int used = snprintf(head, sizeof(head),
	    "<%d>tricorn[%d]: ", LOG_DAEMON | LOG_INFO, (int)getpid());
	struct iovec parts[] = { { head, (size_t)used },
		{ (void *)(uintptr_t)text.data, length } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	int problem;

	if (connect_syslog(sink) < 0)
		return -1;
	if (sendmsg(sink->fd, &message, MSG_NOSIGNAL) < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
			return -1;
		/* It was restarted: connect anew the next time. */
		problem = errno;
		close(sink->fd);
		sink->fd = -1;
		sink->owned = false;
		errno = problem;
		return -1;
	}
	return (ssize_t)length + (end < 0 ? 0 : 1);
}

/*
 * The best for a pipe that we share with others and may not open again. It
 * can still block when another process fills it between the two calls.
 */
static ssize_t
write_if_ready(int fd, struct str text)
{
	struct pollfd waiting = { .fd = fd, .events = POLLOUT };

	if (poll(&waiting, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, text.data, text.length);
}

static ssize_t
write_once(struct log_sink *sink, struct str text)
{
	switch (sink->kind) {
	case LOG_SINK_FILE:
		return write(sink->fd, text.data, text.length);
	case LOG_SINK_PIPE:
		text = piece(text);
		return write(sink->fd, text.data, text.length);
	case LOG_SINK_BLOCKING:
		return write_if_ready(sink->fd, piece(text));
	case LOG_SINK_SOCKET:
		text = piece(text);
		return send(sink->fd, text.data, text.length,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	case LOG_SINK_DATAGRAM:
		return send_syslog(sink, text);
	}
	return -1;
}

ssize_t
log_sink_write(struct log_sink *sink, struct str text)
{
	size_t done = 0;
	ssize_t got = 0;

	assert(text.length > 0);
	while (done < text.length) {
		got = write_once(sink,
		    str_make(text.data + done, text.length - done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	if (done > 0)
		return (ssize_t)done;
	if (got == 0)
		errno = EAGAIN;
	return -1;
}

void
log_sink_wait(struct log_sink *sink, int milliseconds)
{
	struct pollfd waiting = { .fd = sink->fd, .events = POLLOUT };

	poll(&waiting, 1, milliseconds);
}
