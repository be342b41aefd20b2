/* SPDX-License-Identifier: MIT */
/*
 * The tables of all sections and keys: one place that the reader, the
 * checks, --print-config, --help and the manual's test are driven by.
 */
#ifndef TRICORN_CONFIG_KEYS_H
#define TRICORN_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_kind {
	CONFIG_KIND_SERVER,
	CONFIG_KIND_LISTEN,
	CONFIG_KIND_POOL,
	CONFIG_KIND_APP,
	CONFIG_KIND_UPSTREAM,
	CONFIG_KIND_ROUTE,
	CONFIG_KIND_COUNT
};

/* The type of a key, and the C type at its offset in the model. */
enum config_type {
	CONFIG_TYPE_BOOL,       /* bool: on, off */
	CONFIG_TYPE_INT,        /* int */
	CONFIG_TYPE_UNSIGNED,   /* unsigned */
	CONFIG_TYPE_COUNT,      /* uint64_t */
	CONFIG_TYPE_WORKERS,    /* unsigned: a number or auto */
	CONFIG_TYPE_DURATION,   /* uint64_t milliseconds */
	CONFIG_TYPE_SIZE,       /* uint64_t bytes */
	CONFIG_TYPE_OCTAL,      /* unsigned */
	CONFIG_TYPE_ENUM,       /* an enum; its words in words[] */
	CONFIG_TYPE_CHOICE,     /* char *: one of words[] */
	CONFIG_TYPE_NAME,       /* char *: no white space; empty is NULL */
	CONFIG_TYPE_TEXT,       /* char *: anything; empty is "" */
	CONFIG_TYPE_PATH,       /* char *: made absolute; empty is NULL */
	CONFIG_TYPE_MODULE,     /* char *: a bare name, or a path */
	CONFIG_TYPE_LOG,        /* char *: stderr, stdout, syslog, off, path */
	CONFIG_TYPE_WORDS,      /* struct config_list, split at white space */
	CONFIG_TYPE_LINES,      /* struct config_list, one item a line */
	CONFIG_TYPE_PAIRS,      /* struct config_pairs: key.NAME */
	CONFIG_TYPE_REFERENCE,  /* a section's name; resolved by check.c */
	CONFIG_TYPE_REFERENCES, /* names; resolved by check.c */
	CONFIG_TYPE_INCLUDE     /* read by reader.c; not in the model */
};

struct config_key {
	const char *name; /* of pairs the part before the dot */
	enum config_type type;
	size_t offset;        /* in the section's struct */
	const char *fallback; /* the default as text; NULL: unset */
	const char *unset;    /* what holds while unset, for people */
	uint64_t min, max;    /* of numbers; 0 and 0: no limits */
	const char *const
	    *words;       /* of ENUM (in its order), CHOICE; NULL ends */
	bool reloadable;  /* a reload brings a change into effect */
	bool repeatable;  /* may stand more than once */
	const char *help; /* one sentence */
};

struct config_section_type {
	const char *word; /* "pool" */
	bool named;       /* [pool NAME] */
	size_t size;      /* of its struct; 0: part of struct config */
	size_t name_offset, origin_offset; /* in its struct */
	size_t array_offset, count_offset; /* in struct config */
	const struct config_key *keys;     /* alphabetical */
	size_t key_count;
	const char *help;
};

const struct config_section_type *config_section_type(enum config_kind kind);
/* The kind with that word, or CONFIG_KIND_COUNT. */
enum config_kind config_kind_find(const char *word);
/*
 * The key that a line's name belongs to, "env.PATH" to env; NULL when the
 * section has none. *suffix becomes the part behind the dot or NULL.
 */
const struct config_key *config_key_find(enum config_kind kind,
    const char *name, const char **suffix);
/* Its index in the section's table. */
size_t config_key_index(enum config_kind kind, const struct config_key *key);
/* A name close to the wrong one in this section's table, or NULL. */
const char *config_key_suggest(enum config_kind kind, const char *name);
/* A section that has a key of that name, or CONFIG_KIND_COUNT. */
enum config_kind config_key_home(const char *name);
/* "duration", "size", … for the manual and for messages. */
const char *config_type_word(enum config_type type);

#endif
