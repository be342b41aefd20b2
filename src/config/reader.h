/* SPDX-License-Identifier: MIT */
/*
 * From bytes of INI files to the document. inih splits the lines; this room
 * feeds it line by line and refuses what inih would misread.
 */
#ifndef TRICORN_CONFIG_READER_H
#define TRICORN_CONFIG_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/document.h"

struct include;

/* Limits, each far above what a sane file has. */
#define READER_FILE_MAX (4u << 20) /* bytes of a file */
#define READER_LINE_MAX 16384      /* bytes of a line */
/* Of a value, with variables replaced: escaped, a line still holds it. */
#define READER_VALUE_MAX 7168
#define READER_SECTION_MAX 49 /* bytes between [ and ] (inih's) */

/*
 * Appends what stands in text to the document. name is shown in messages.
 * including is the chain of files that leads here, for relative patterns and
 * against loops; with NULL the key include is refused. Returns -1 with the
 * reason, file and line.
 */
int reader_read(struct config_document *document, const char *text,
    size_t length, const char *name, const struct include *including,
    struct error *error) __attribute__((warn_unused_result));
/* 1-40 letters, digits, '_', '-', '.', and no dot first. */
bool reader_is_name(const char *name);
/* The first control byte (a tab counts as none) or NULL. */
const char *reader_find_control(const char *text, size_t length);

#endif
