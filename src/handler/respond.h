/* SPDX-License-Identifier: MIT */
/*
 * The handler of routes with `respond = STATUS [text]`: one answer, made at
 * boot, for every request and method.
 */
#ifndef TRICORN_HANDLER_RESPOND_H
#define TRICORN_HANDLER_RESPOND_H

#include "base/error.h"
#include "config/model.h"
#include "serve/exchange.h"

extern const struct handler_ops respond_handler;

/*
 * Prepares a route's answer; config must outlive it. 0 with *state for
 * route->handler_state, or -1 with the reason: no status from 200 to 599, or
 * a text where the status allows none.
 */
int respond_state_create(const struct config_route *config, void **state,
    struct error *error) __attribute__((warn_unused_result));
/* Accepts NULL. */
void respond_state_destroy(void **state);

#endif
