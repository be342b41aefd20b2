/* SPDX-License-Identifier: MIT */
/*
 * A reason for a failure, as a sentence for an operator. The function that
 * fails fills it; whoever decides what to do about it logs it, once.
 */
#ifndef TRICORN_BASE_ERROR_H
#define TRICORN_BASE_ERROR_H

struct error {
	char text[1024];
};

/* Fills error (may be NULL). Returns -1, so that callers can return it. */
int error_set(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Puts text before what error already says: "loading x: no such file". */
int error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
