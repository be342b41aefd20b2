/* SPDX-License-Identifier: MIT */
/*
 * The handler of routes with `redirect = URL`. The URL may hold $scheme,
 * $host (without its port), $path (normalised), $query and $uri (path and
 * query as received); $$ is a dollar sign.
 */
#ifndef TRICORN_HANDLER_REDIRECT_H
#define TRICORN_HANDLER_REDIRECT_H

#include "base/error.h"
#include "config/model.h"
#include "serve/exchange.h"

extern const struct handler_ops redirect_handler;

/*
 * Takes the URL apart; config must outlive the state. 0 with *state for
 * route->handler_state, or -1 with the reason: an unknown variable.
 */
int redirect_state_create(const struct config_route *config, void **state,
    struct error *error) __attribute__((warn_unused_result));
/* Accepts NULL. */
void redirect_state_destroy(void **state);

#endif
