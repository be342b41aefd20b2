/* SPDX-License-Identifier: MIT */
/*
 * The handler of routes with `files = DIRECTORY` (or one file): GET and HEAD
 * of regular files with conditional requests and ranges, index files,
 * listings and precompressed siblings.
 */
#ifndef TRICORN_HANDLER_FILES_H
#define TRICORN_HANDLER_FILES_H

#include "base/error.h"
#include "config/model.h"
#include "serve/exchange.h"

extern const struct handler_ops files_handler;

/*
 * Opens the directory; config must outlive the state. Loop thread only. 0
 * with *state for route->handler_state, or -1 with the reason.
 */
int files_state_create(const struct config_route *config, void **state,
    struct error *error) __attribute__((warn_unused_result));
/* Accepts NULL. The last one frees the cache that all share. */
void files_state_destroy(void **state);

#endif
