/* SPDX-License-Identifier: MIT */
/* The error log: targets, levels, one write a line. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

static struct {
	int fd;      /* -1: syslog or off */
	bool syslog;
	char *path;  /* of a file target, else NULL */
	enum log_level level;
	char process[64];
} target = { STDERR_FILENO, false, NULL, LOG_LEVEL_INFO, "" };

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
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
	    0640);
}

int
log_open(const char *name, enum log_level level, struct error *error)
{
	int fd = -1;
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
	if (target.path != NULL) {
		close(target.fd);
		free(target.path);
	}
	target.path = file ? xstrdup(name) : NULL;
	target.fd = fd;
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
			  "file", target.path, strerror(errno));
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

void
log_at(enum log_level level, const char *format, ...)
{
	char line[4096];
	size_t used = 0;
	int written;
	va_list args;

	if (!log_enabled(level))
		return;
	if (!target.syslog)
		used = line_head(line, sizeof(line), level);
	va_start(args, format);
	written = vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	va_end(args);
	if (written < 0)
		return;
	used += (size_t)written < sizeof(line) - used - 1
	    ? (size_t)written : sizeof(line) - used - 2;
	/* What came from outside must not draw on the operator's screen. */
	for (size_t i = 0; i < used; i++)
		if ((unsigned char)line[i] < 0x20 && line[i] != '\n' &&
		    line[i] != '\t')
			line[i] = '?';
	if (target.syslog) {
		syslog(levels[level].priority, "%.*s", (int)used, line);
		return;
	}
	line[used++] = '\n';
	if (write(target.fd, line, used) < 0)
		return; /* nowhere left to say so */
}
