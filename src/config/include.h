/* SPDX-License-Identifier: MIT */
/* Files of configuration and the files that they include. */
#ifndef TRICORN_CONFIG_INCLUDE_H
#define TRICORN_CONFIG_INCLUDE_H

#include <sys/types.h>

#include "base/error.h"
#include "config/document.h"

/* One file being read, and who included it. */
struct include {
	const struct include *parent; /* NULL: the main file */
	const char *path;             /* absolute */
	dev_t device;
	ino_t inode;
	unsigned depth;
};

/*
 * Reads the main file at path into the document; shown_path is what messages
 * call it. Returns -1 with the reason.
 */
int include_main(struct config_document *document, const char *path,
    const char *shown_path, struct error *error)
    __attribute__((warn_unused_result));
/*
 * Reads all files that match the pattern, in the order of their names. A
 * pattern without wildcard must name a file. where is the line's place.
 */
int include_pattern(struct config_document *document, const char *pattern,
    const struct include *from, struct config_origin where, struct error *error)
    __attribute__((warn_unused_result));

#endif
