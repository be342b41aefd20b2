/* SPDX-License-Identifier: MIT */
/*
 * The error log: where the server tells its operator what happens. Any
 * thread may log; a line is one write. Messages are sentences.
 */
#ifndef TRICORN_BASE_LOG_H
#define TRICORN_BASE_LOG_H

#include <stdbool.h>

#include "base/error.h"

/* Same numbers as the levels of the application ABI. */
enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_CRITICAL
};

/*
 * Opens the target: "stderr", "stdout", "syslog", "off" or a file's path
 * (appended to, created 0640). Keeps the old target and fills error when it
 * can't. Before the first call the log goes to stderr at level info.
 */
int log_open(const char *target, enum log_level level, struct error *error)
    __attribute__((warn_unused_result));
/* Opens a file target anew after it was rotated; others are untouched. */
void log_reopen(void);
/* Put behind the time in every line of this process: "worker web.1". */
void log_set_process(const char *name);
bool log_enabled(enum log_level level);
/* The descriptor lines go to, for crash handlers; -1 with syslog or off. */
int log_fd(void);
/* "debug" … "critical"; false when it is none of them. */
bool log_level_parse(const char *text, enum log_level *level);
void log_at(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define log_debug(...) \
	do { \
		if (log_enabled(LOG_LEVEL_DEBUG)) \
			log_at(LOG_LEVEL_DEBUG, __VA_ARGS__); \
	} while (0)
#define log_info(...) log_at(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_warning(...) log_at(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_error(...) log_at(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_critical(...) log_at(LOG_LEVEL_CRITICAL, __VA_ARGS__)

#endif
