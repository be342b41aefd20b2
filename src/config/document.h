/* SPDX-License-Identifier: MIT */
/*
 * What was written: a flat list of sections and their entries, each with its
 * place, before any value is understood. Kept as long as the configuration,
 * for messages of the checks and for --print-config.
 */
#ifndef TRICORN_CONFIG_DOCUMENT_H
#define TRICORN_CONFIG_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/keys.h"
#include "config/model.h"

struct config_entry {
	char *name;  /* "workers", "env.PATH" */
	char *value; /* variables are replaced */
	struct config_origin origin;
	bool continued; /* an indented line below the key's own */
};

struct config_section {
	enum config_kind kind;
	char *name;                  /* NULL in [server] */
	struct config_origin origin; /* line 0 when it was made up */
	struct config_entry *entries;
	size_t entry_count;
	void *object;              /* its struct in the model */
	struct config_list *given; /* by key: values as they were given, in
	                                the order of pairs; count 0: default */
};

struct config_document {
	struct config_section **sections;
	size_t section_count;
	char **files; /* what origins point to */
	size_t file_count;
	const char *directory; /* base of relative paths; not owned */
};

struct config_document *config_document_create(const char *directory);
/* Sets *document NULL; accepts NULL. The model's objects are not freed. */
void config_document_destroy(struct config_document **document);
/* A copy of the file's name that lives as long as the document. */
const char *config_document_file(struct config_document *document,
    const char *name);
/* Appends a section; name is copied and may be NULL. */
struct config_section *config_document_add(struct config_document *document,
    enum config_kind kind, const char *name, struct config_origin origin);
/* The section of that kind and name (NULL: the first), or NULL. */
struct config_section *config_document_find(
    const struct config_document *document, enum config_kind kind,
    const char *name);
/* The section whose struct is object, or NULL. */
struct config_section *config_document_of(
    const struct config_document *document, const void *object);
/* Appends an entry; name and value are copied. */
void config_section_add(struct config_section *section, const char *name,
    const char *value, struct config_origin origin, bool continued);
/* What was given for a key, which the section must have; never NULL. */
struct config_list *config_section_given(const struct config_section *section,
    const char *key);

void config_list_add(struct config_list *list, const char *text, size_t length,
    struct config_origin origin);
/* Frees the items; the list is empty and usable afterwards. */
void config_list_finish(struct config_list *list);

/* A place as a text: "tricorn.conf:12" or "command line". */
#define CONFIG_PLACE_SIZE 192
struct config_place {
	char text[CONFIG_PLACE_SIZE];
};
struct config_place config_place(struct config_origin origin);
/* "[pool web]" or "[server]". */
struct config_place config_section_title(const struct config_section *section);

#endif
