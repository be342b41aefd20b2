/* SPDX-License-Identifier: MIT */
/* Variables in values: ${NAME}, ${NAME:-default}, $$ and $;. */
#ifndef TRICORN_CONFIG_ENVIRONMENT_H
#define TRICORN_CONFIG_ENVIRONMENT_H

#include "base/error.h"

/*
 * Returns a fresh text with every ${NAME} replaced by that variable of the
 * environment, ${NAME:-default} by default when it is unset or empty, $$ by
 * one dollar and $; by a semicolon. Any other dollar stays. NULL, with the
 * reason, when a variable without default is unset or a brace is open.
 */
char *environment_expand(const char *text, struct error *error)
    __attribute__((warn_unused_result));
/* The reverse: a fresh text that expands to text again. */
char *environment_escape(const char *text);

#endif
