/* SPDX-License-Identifier: MIT */
/*
 * The answer with a regular file that was found: its fields, whether the
 * client has it already, which parts of it are asked for, its bytes.
 */
#ifndef TRICORN_HANDLER_FILE_REPLY_H
#define TRICORN_HANDLER_FILE_REPLY_H

#include "handler/file_cache.h"
#include "serve/exchange.h"

/*
 * Answers a GET or HEAD with the file and ends the exchange, now or when the
 * client has taken it. cache_control may be NULL; vary says that another
 * client may get another variant. The handler's writable() and cancel() are
 * to be those of multipart.h.
 */
void file_reply(struct exchange *exchange, const struct file_entry *entry,
    const char *cache_control, bool vary);

#endif
