/* SPDX-License-Identifier: MIT */
/* The page that shows what is in a directory, for people or as JSON. */
#ifndef TRICORN_HANDLER_LISTING_H
#define TRICORN_HANDLER_LISTING_H

#include "handler/file_root.h"
#include "serve/exchange.h"

#define LISTING_MAX 10000 /* entries shown; more are left out and said so */

struct listing_options {
	bool dot_files;            /* show them */
	const char *cache_control; /* NULL: none */
};

/*
 * Answers with the files and directories beneath relative ("" for the root,
 * no final slash) and ends the exchange: directories first, each kind by
 * name. What could not be asked for (special files, links that lead out) is
 * not shown.
 */
void listing_reply(struct exchange *exchange, const struct file_root *root,
    const char *relative, const struct listing_options *options);

#endif
