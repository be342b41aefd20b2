/* SPDX-License-Identifier: MIT */
/* The table of the command line's options; inside this room only. */
#ifndef TRICORN_CONFIG_OPTIONS_H
#define TRICORN_CONFIG_OPTIONS_H

#include <stddef.h>

#include "config/config.h"
#include "config/keys.h"

enum option_act {
	OPTION_SET,  /* the value to the key, in all sections of kind */
	OPTION_ON,   /* no value: "on" to the key */
	OPTION_LOG,  /* as SET; "-" becomes dash */
	OPTION_PAIR, /* NAME=VALUE to key.NAME */
	OPTION_MODE, /* a worker class to the pools' mode */
	OPTION_CONFIG,
	OPTION_FILES,
	OPTION_UPSTREAM,
	OPTION_NAME,
	OPTION_ACTION, /* no value: another action than to serve */
	OPTION_UNSUPPORTED
};

struct option_row {
	const char *name;     /* without "--" */
	const char *alias;    /* another name, or NULL */
	char letter;          /* 0: none */
	const char *argument; /* "NUM", for the help; NULL: takes none */
	const char *shown;    /* "--workers", for messages */
	enum option_act act;
	enum config_kind kind;
	const char *key;
	const char *dash;
	enum config_action action;
	const char *help; /* NULL: the key's */
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

#endif
