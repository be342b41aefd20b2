/* SPDX-License-Identifier: MIT */
/*
 * The door of this room: from a command line and an INI file to a checked
 * struct config (model.h), or to a sentence that says what to correct.
 */
#ifndef TRICORN_CONFIG_CONFIG_H
#define TRICORN_CONFIG_CONFIG_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "config/model.h"

enum config_action {
	CONFIG_RUN,     /* serve */
	CONFIG_CHECK,   /* --check-config: load, say so, leave */
	CONFIG_PRINT,   /* --print-config: load, config_print(), leave */
	CONFIG_HELP,    /* --help: config_print_help(), leave */
	CONFIG_VERSION, /* --version */
	CONFIG_KEYS     /* --help-keys: config_print_keys(), leave */
};

/* What the command line says; made by config_options_parse() only. */
struct config_options {
	enum config_action action;
	char *directory;      /* where tricorn was started; relative paths of
	                      the command line and the file start there */
	char *file;           /* absolute path of the file; NULL: short form */
	char *shown_file;     /* as it was written, for messages */
	bool file_by_default; /* nobody named the file */
	char *app;            /* short form: "./hello.so" or "shop.wsgi:app" */
	char *files;          /* short form: --files */
	char *upstream;       /* short form: --upstream */
	char *name;           /* short form: -n */
	struct config_override *overrides;
	size_t override_count;
};

/*
 * Reads the command line; argv is only read, and copied. Hands out options
 * that config_options_destroy() frees. Returns -1 with the reason in error
 * (what is unknown, missing or not supported yet) and *options NULL.
 */
int config_options_parse(int argc, char **argv, struct config_options **options,
    struct error *error) __attribute__((warn_unused_result));
/* Sets *options NULL; accepts NULL. */
void config_options_destroy(struct config_options **options);

/*
 * Loads and checks a whole configuration: the file with its includes, the
 * environment, the command line. Can be called again for every reload, in
 * one thread at a time (inih's settings are global). The caller owns *config.
 * Returns -1 with file, line, reason and advice in error, *config NULL.
 * Logs a warning for what works but is surely a mistake.
 */
int config_load(const struct config_options *options, struct config **config,
    struct error *error) __attribute__((warn_unused_result));
/*
 * The same from text, as if it stood in a file called name, without a
 * command line; includes are refused. For tests and the fuzzer.
 */
int config_load_string(const char *text, size_t length, const char *name,
    struct config **config, struct error *error)
    __attribute__((warn_unused_result));
/* Frees all that the configuration owns. Sets *config NULL; accepts NULL. */
void config_destroy(struct config **config);

/*
 * Finds a difference between two loaded configurations in a key that a
 * reload can't change (pid_file, daemon, …). False when there is none; else
 * true, with a sentence for the log in difference.
 */
bool config_needs_restart(const struct config *running,
    const struct config *loaded, struct error *difference);

/*
 * Writes the effective configuration as a valid file; behind each value
 * stands where it came from: "; tricorn.conf:12", "; default".
 */
void config_print(const struct config *config, FILE *out);
/* The text of --help. */
void config_print_help(FILE *out);
/*
 * Every key as a line of "section, key, type, default, limits, reloadable,
 * help" with tabs between: what the lint test and the manual are made from.
 */
void config_print_keys(FILE *out);

#endif
