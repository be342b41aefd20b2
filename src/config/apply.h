/* SPDX-License-Identifier: MIT */
/* One value into the model's struct by its key's type, and out of it. */
#ifndef TRICORN_CONFIG_APPLY_H
#define TRICORN_CONFIG_APPLY_H

#include "base/error.h"
#include "config/document.h"

/*
 * Understands text and stores it at the key's place in the section's object;
 * lists and pairs grow (a pair that can't repeat is replaced). Remembers it
 * in section->given. suffix is the NAME of pairs. Returns -1 with a reason
 * that starts with the value and says what to write, without the place.
 */
int apply_value(const struct config_document *document,
    struct config_section *section, const struct config_key *key,
    const char *suffix, const char *text, struct config_origin origin,
    struct error *error) __attribute__((warn_unused_result));
/* Gives a key that was not given its default. */
void apply_default(const struct config_document *document,
    struct config_section *section, const struct config_key *key,
    struct config_origin origin);
/* Frees what the key holds and makes it not given. */
void apply_reset(struct config_section *section, const struct config_key *key);
/* Frees what the key holds in an object of the model. */
void apply_free(void *object, const struct config_key *key);
/*
 * Steps to the next word of a list: *text to its start, *length to its size.
 * Begin with *length 0. False at the end.
 */
bool apply_next_word(const char **text, size_t *length);
/* A fresh absolute path: path itself, or below the base. */
char *apply_path(const char *base, const char *path);

#endif
