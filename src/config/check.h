/* SPDX-License-Identifier: MIT */
/*
 * The checks between values: names become pointers, and what can't work
 * together is refused with the places of both.
 */
#ifndef TRICORN_CONFIG_CHECK_H
#define TRICORN_CONFIG_CHECK_H

#include "base/error.h"
#include "config/document.h"
#include "config/model.h"

/* Returns -1 with place, reason and advice. */
int check_config(struct config *config, struct error *error)
    __attribute__((warn_unused_result));
/* Logs warnings about what works but is surely a mistake. */
void check_warn(const struct config *config);

/* The parts, each in a file of its own. */

/* check_names.c: pools, listeners, apps and upstreams by name. */
int check_names(struct config *config, struct error *error)
    __attribute__((warn_unused_result));
/* check_routes.c: match, target and reach of every route. */
int check_routes(struct config *config, struct error *error)
    __attribute__((warn_unused_result));
/*
 * check_address.c: an address of a listener (or of a server, which needs a
 * host and a port). Unix paths are made absolute: *address may be replaced.
 */
int check_address(char **address, bool of_server, const char *directory,
    struct error *error) __attribute__((warn_unused_result));
/* Two listener addresses that could not both be bound. */
bool check_address_same(const char *a, const char *b);
/* check_match.c: "[host]/path"; the host becomes lower case in place. */
int check_match(char *match, struct error *error)
    __attribute__((warn_unused_result));

/* "key in [section] at place: reason" into error; returns -1. */
int check_fail(struct error *error, const struct config_section *section,
    const char *key, struct config_origin origin, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Where a key was given, or where its section begins. */
struct config_origin check_origin(const struct config_section *section,
    const char *key);

#endif
