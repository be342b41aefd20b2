/* SPDX-License-Identifier: MIT */
/* A route as the worker serves it: its configuration and its handler. */
#ifndef TRICORN_SERVE_ROUTE_H
#define TRICORN_SERVE_ROUTE_H

#include "base/str.h"
#include "config/model.h"
#include "serve/exchange.h"

struct route {
	const struct config_route *config;
	const struct handler_ops *handler; /* set by the worker at boot */
	void *handler_state;               /* of this route; the handler's */
};

#endif
