/* SPDX-License-Identifier: MIT */
/*
 * Where lines of a log go without ever making the writer wait: a file,
 * stdout, stderr or the system log. Several processes may write to one
 * target; their lines don't mix.
 */
#ifndef TRICORN_SERVE_LOG_SINK_H
#define TRICORN_SERVE_LOG_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

/* Where the system log listens. */
#define LOG_SINK_SYSLOG "/dev/log"

struct log_sink;

/*
 * Opens "stdout", "stderr", "syslog" (the datagram socket syslog_path) or a
 * file's path (appended to, created 0640). NULL with a sentence in error when
 * it can't. A system log that is not there is no error: each write tries
 * anew. A pipe gets up to 1 MiB of room. The process must ignore SIGPIPE.
 */
struct log_sink *log_sink_open(const char *target, const char *syslog_path,
    struct error *error) __attribute__((warn_unused_result));
/* Leaves stdout and stderr open. Sets *sink NULL; accepts NULL. */
void log_sink_close(struct log_sink **sink);
/* Opens a file anew after it was renamed; keeps the old one and fills error
 * when it can't. Nothing to do for other targets. */
int log_sink_reopen(struct log_sink *sink, struct error *error)
    __attribute__((warn_unused_result));
/* Longer lines could be torn by those of other processes. */
size_t log_sink_line_limit(const struct log_sink *sink);
/*
 * Writes whole lines from the front of text, as many as the target takes
 * now, and returns how many bytes it took, at least one; or -1 with errno:
 * EAGAIN when the target takes nothing at the moment. When the target took a
 * line in part, give its rest first the next time.
 */
ssize_t log_sink_write(struct log_sink *sink, struct str text);
/* Waits at most so many milliseconds for the target to take bytes again. */
void log_sink_wait(struct log_sink *sink, int milliseconds);

#endif
