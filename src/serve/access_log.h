/* SPDX-License-Identifier: MIT */
/*
 * The access log of a worker: a line an exchange, gathered in memory and
 * written in batches, so that it costs the loop little and never stops it.
 * All functions belong to the loop's thread.
 *
 * A target that takes no lines (a pipe whose reader is stuck, a full disk)
 * finds up to 1 MiB waiting; further lines are dropped, counted, and the
 * error log is told. A worker that is killed loses what it gathered since
 * the last flush.
 */
#ifndef TRICORN_SERVE_ACCESS_LOG_H
#define TRICORN_SERVE_ACCESS_LOG_H

#include "base/error.h"
#include "config/model.h"
#include "serve/exchange.h"

struct access_log;

/*
 * Opens server->access_log, with the rights the process has now. An access log that is "off" is made too, and does
 * nothing. NULL with a sentence in error when the target can't be opened or
 * the format is wrong (access_format.h).
 */
struct access_log *access_log_create(const struct config_server *server,
    struct error *error) __attribute__((warn_unused_result));
/* Flushes, waiting at most a second for a slow target. Sets *log NULL;
 * accepts NULL. */
void access_log_destroy(struct access_log **log);
/*
 * Notes an exchange that has just ended, unless its route has access_log =
 * off. Copies what it needs; the session must still be there to name its
 * peer. Fills in started_wall_us if nobody did. Accepts a NULL log.
 */
void access_log_write(struct access_log *log, struct exchange *exchange);
/* Hands what was gathered to the target: once a second and at drain. */
void access_log_flush(struct access_log *log);
/* Flushes to the old file, then opens the path anew (USR1). When it can't,
 * it says so in the error log and keeps the old file. */
void access_log_reopen(struct access_log *log);

#endif
