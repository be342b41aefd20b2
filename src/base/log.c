/* SPDX-License-Identifier: MIT */
/* The error log: targets, levels, one write a line. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

#define LINE_MAX_BYTES 4096 /* PIPE_BUF: lines of processes don't mix */
#define STUCK_MS 100        /* for a target that takes nothing at first */

static struct {
	int fd; /* -1: syslog or off */
	bool syslog;
	char *path; /* of a file target, else NULL */
	enum log_level level;
	char process[64];
	atomic_ulong lost; /* lines since the target last took one */
} target = { STDERR_FILENO, false, NULL, LOG_LEVEL_INFO, "", 0 };

static const struct {
	const char *name;
	int priority; /* of syslog(3) */
} levels[] = {
	[LOG_LEVEL_DEBUG] = { "debug", LOG_DEBUG },
	[LOG_LEVEL_INFO] = { "info", LOG_INFO },
	[LOG_LEVEL_WARNING] = { "warning", LOG_WARNING },
	[LOG_LEVEL_ERROR] = { "error", LOG_ERR },
	[LOG_LEVEL_CRITICAL] = { "critical", LOG_CRIT },
};

static int
open_file(const char *path)
{
	/* O_NONBLOCK: a named pipe without a reader must not hold us. */
	return open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0640);
}

int
log_open(const char *name, enum log_level level, struct error *error)
{
	int fd = -1, old;
	bool file = false;

	if (strcmp(name, "stderr") == 0)
		fd = STDERR_FILENO;
	else if (strcmp(name, "stdout") == 0)
		fd = STDOUT_FILENO;
	else if (strcmp(name, "syslog") != 0 && strcmp(name, "off") != 0) {
		file = true;
		fd = open_file(name);
		if (fd < 0)
			return error_set(error,
			    "cannot open error log %s: %s; create its "
			    "directory or set error_log in [server]",
			    name, strerror(errno));
	}
	old = target.path != NULL ? target.fd : -1;
	free(target.path);
	target.path = file ? xstrdup(name) : NULL;
	target.fd = fd;
	if (old >= 0)
		close(old);
	target.syslog = strcmp(name, "syslog") == 0;
	target.level = level;
	if (target.syslog)
		openlog("tricorn", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	return 0;
}

void
log_reopen(void)
{
	int fd;

	if (target.path == NULL)
		return;
	fd = open_file(target.path);
	if (fd < 0) {
		log_error("cannot reopen error log %s: %s; writing to the old "
			  "file",
		    target.path, strerror(errno));
		return;
	}
	/* dup3 swaps in one step: no other thread meets a closed number. */
	dup3(fd, target.fd, O_CLOEXEC);
	close(fd);
}

void
log_set_process(const char *name)
{
	snprintf(target.process, sizeof(target.process), "%s", name);
}

bool
log_enabled(enum log_level level)
{
	return level >= target.level && (target.fd >= 0 || target.syslog);
}

int
log_fd(void)
{
	return target.fd;
}

bool
log_level_parse(const char *text, enum log_level *level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcasecmp(text, levels[i].name) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	return false;
}

/*
 * Whether the target takes a line without making the server wait for long. A
 * pipe or terminal that nobody reads any more gets a moment once; from then
 * on lines are counted as lost until it takes some again.
 */
static bool
target_ready(void)
{
	struct pollfd waiting = { .fd = target.fd, .events = POLLOUT };
	int patience = atomic_load(&target.lost) > 0 ? 0 : STUCK_MS;

	if (poll(&waiting, 1, patience) != 0)
		return true;
	atomic_fetch_add(&target.lost, 1);
	return false;
}

/* "2026-01-31T12:00:00.123Z [1234] worker web.1 info: " */
static size_t
line_head(char *line, size_t size, enum log_level level)
{
	uint64_t now = clock_wall_us();
	time_t seconds = (time_t)(now / 1000000u);
	struct tm utc;
	size_t used;

	gmtime_r(&seconds, &utc);
	used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
	used += (size_t)snprintf(line + used, size - used,
	    ".%03uZ [%d] %s%s%s: ", (unsigned)(now / 1000u % 1000u),
	    (int)getpid(), target.process, target.process[0] ? " " : "",
	    levels[level].name);
	return used;
}

/*
 * Appends text to line. What came from outside must not draw on the
 * operator's screen, nor look like a line of ours: control bytes become '?',
 * further lines of a message begin with a tab.
 */
static size_t
line_text(char *line, size_t used, size_t size, const char *text)
{
	size_t length = strlen(text);

	while (length > 0 && text[length - 1] == '\n')
		length--;
	for (size_t i = 0; i < length && used + 2 <= size; i++) {
		unsigned char byte = (unsigned char)text[i];

		line[used++] = (byte >= 0x20 && byte != 0x7f) || byte == '\n' ||
			byte == '\t'
		    ? text[i]
		    : '?';
		if (byte == '\n')
			line[used++] = '\t';
	}
	return used;
}

static void
write_line(enum log_level level, const char *text)
{
	char line[LINE_MAX_BYTES];
	unsigned long lost;
	size_t used;

	if (!target_ready())
		return;
	lost = atomic_exchange(&target.lost, 0);
	used = line_head(line, sizeof(line), level);
	if (lost > 0)
		used += (size_t)snprintf(line + used, sizeof(line) - used,
		    "(%lu lines before this one were lost: nobody read "
		    "the log) ",
		    lost);
	used = line_text(line, used, sizeof(line) - 1, text);
	line[used++] = '\n';
	if (write(target.fd, line, used) < 0)
		return; /* nowhere left to say so */
}

void
log_at(enum log_level level, const char *format, ...)
{
	int problem = errno; /* callers go on to use it */
	char text[LINE_MAX_BYTES];
	va_list args;
	int written;

	if (!log_enabled(level))
		return;
	va_start(args, format);
	written = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (written >= 0 && target.syslog)
		syslog(levels[level].priority, "%s", text);
	else if (written >= 0)
		write_line(level, text);
	errno = problem;
}
