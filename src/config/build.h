/* SPDX-License-Identifier: MIT */
/* From the document to the model: objects, values, overrides, defaults. */
#ifndef TRICORN_CONFIG_BUILD_H
#define TRICORN_CONFIG_BUILD_H

#include "base/error.h"
#include "config/config.h"
#include "config/document.h"

/* A value of the command line: for every section of the kind. */
struct config_override {
	enum config_kind kind;
	char *name; /* of the key, "workers" or "env.PATH" */
	char *value;
	const char *option; /* "--workers", for messages */
};

/*
 * Fills the configuration from its document (config->origins): makes an
 * object for each section, adds the sections that were left out, applies
 * entries, then options, then defaults. Returns -1 with the reason and place.
 */
int build_model(struct config *config, const struct config_options *options,
    struct error *error) __attribute__((warn_unused_result));

extern const struct config_origin build_origin_default;
extern const struct config_origin build_origin_command_line;
extern const struct config_origin build_origin_environment;

#endif
