/* SPDX-License-Identifier: MIT */
/* Gathers the lines of a worker's exchanges and hands them on in batches. */
#include "serve/access_log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "serve/access_format.h"
#include "serve/log_sink.h"
#include "serve/route.h"

#define BATCH (64 * 1024) /* gathered bytes that are written at once */
#define RETRY \
	(16 * 1024)               /* further bytes before a slow target is
                                     tried again */
#define BACKLOG_MAX (1024 * 1024) /* gathered bytes before lines are lost */
#define LAST_WAIT_MS 1000         /* for a slow target at the end */
#define LOST_RETRY 256            /* lost lines before another try */

struct access_log {
	struct access_format *format;
	struct log_sink *sink; /* NULL: off */
	char *target;
	struct buffer lines;
	size_t flush_at; /* length of lines that starts a flush */
	uint64_t lost;   /* lines, since the target last kept up */
	int trouble;     /* errno that was told the operator; 0: none */
};

struct access_log *
access_log_create(const struct config_server *server, struct error *error)
{
	struct access_log *log = xcalloc(1, sizeof(*log));

	log->target = xstrdup(server->access_log);
	log->flush_at = BATCH;
	if (strcmp(log->target, "off") == 0)
		return log;
	log->format = access_format_create(server->access_log_format, error);
	if (log->format != NULL)
		log->sink = log_sink_open(log->target, LOG_SINK_SYSLOG, error);
	if (log->sink == NULL)
		access_log_destroy(&log);
	return log;
}

/* The target took bytes or refused them; the operator hears of changes. */
static void
note_trouble(struct access_log *log, int problem)
{
	if (problem == log->trouble)
		return;
	log->trouble = problem;
	if (problem == 0 || problem == EAGAIN)
		return;
	log_error("cannot write access log %s: %s; up to 1 MiB of lines waits, "
		  "further ones are lost until it can be written again",
	    log->target, strerror(problem));
}

/* A line found no room. The first one is told at once. */
static void
note_lost(struct access_log *log)
{
	if (log->lost++ == 0)
		log_warning("access log %s does not take lines as fast as they "
			    "come; lines are being lost",
		    log->target);
}

static void
report_lost(struct access_log *log)
{
	if (log->lost > 0)
		log_warning("access log %s: %" PRIu64 " lines were lost",
		    log->target, log->lost);
	log->lost = 0;
}

void
access_log_flush(struct access_log *log)
{
	ssize_t got = 0;

	if (log == NULL || log->sink == NULL)
		return;
	while (buffer_length(&log->lines) > 0) {
		got = log_sink_write(log->sink, buffer_str(&log->lines));
		if (got < 0)
			break;
		buffer_consume(&log->lines, (size_t)got);
		note_trouble(log, 0);
	}
	if (got < 0)
		note_trouble(log, errno);
	else
		report_lost(log);
	log->flush_at = buffer_length(&log->lines) + RETRY;
	if (log->flush_at < BATCH)
		log->flush_at = BATCH;
}

void
access_log_write(struct access_log *log, struct exchange *exchange)
{
	uint64_t now;

	if (log == NULL || log->sink == NULL)
		return;
	if (exchange->route != NULL && !exchange->route->config->access_log)
		return;
	if (buffer_length(&log->lines) >= BACKLOG_MAX) {
		note_lost(log);
		if (log->lost % LOST_RETRY == 0)
			access_log_flush(log);
		return;
	}
	if (exchange->peer == NULL && exchange->session != NULL)
		exchange_peer(exchange);
	now = clock_monotonic_ns();
	if (exchange->started_wall_us == 0)
		exchange->started_wall_us =
		    clock_wall_us() - (now - exchange->started_ns) / 1000;
	access_format_line(log->format, exchange, now,
	    log_sink_line_limit(log->sink), &log->lines);
	if (buffer_length(&log->lines) >= log->flush_at)
		access_log_flush(log);
}

void
access_log_reopen(struct access_log *log)
{
	struct error error;

	if (log == NULL || log->sink == NULL)
		return;
	access_log_flush(log);
	if (log_sink_reopen(log->sink, &error) < 0)
		log_error("%s; still writing to the old file", error.text);
}

/* At the end nobody comes back to try again: wait a little, then count. */
static void
flush_last(struct access_log *log)
{
	uint64_t until = clock_monotonic_ms() + LAST_WAIT_MS, now;

	access_log_flush(log);
	while (buffer_length(&log->lines) > 0 && log->trouble == EAGAIN) {
		now = clock_monotonic_ms();
		if (now >= until)
			break;
		log_sink_wait(log->sink, (int)(until - now));
		access_log_flush(log);
	}
	for (size_t i = 0; i < buffer_length(&log->lines); i++)
		if (buffer_bytes(&log->lines)[i] == '\n')
			log->lost++;
	report_lost(log);
}

void
access_log_destroy(struct access_log **log)
{
	if (*log == NULL)
		return;
	if ((*log)->sink != NULL)
		flush_last(*log);
	access_format_destroy(&(*log)->format);
	log_sink_close(&(*log)->sink);
	buffer_finish(&(*log)->lines);
	free((*log)->target);
	free(*log);
	*log = NULL;
}
