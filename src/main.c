/* SPDX-License-Identifier: MIT */
/* The boot of tricorn: the command line says what to do, others do it. */
#include <stdio.h>

#include "base/error.h"
#include "config/config.h"
#include "master/master.h"
#include "master/title.h"
#include "serve/access_format.h"

static int
fail(const struct error *error)
{
	fprintf(stderr, "tricorn: %s\n", error->text);
	return 1;
}

/* --check-config and --print-config: load, speak, leave. */
static int
examine(const struct config_options *options)
{
	struct config *config;
	struct error error;

	if (config_load(options, &config, &error) != 0)
		return fail(&error);
	if (access_format_check(config->server.access_log_format, &error) !=
	    0) {
		config_destroy(&config);
		return fail(&error);
	}
	if (options->action == CONFIG_PRINT)
		config_print(config, stdout);
	else
		puts("tricorn: the configuration is good");
	config_destroy(&config);
	return 0;
}

static int
act(const struct config_options *options)
{
	switch (options->action) {
	case CONFIG_HELP:
		config_print_help(stdout);
		return 0;
	case CONFIG_VERSION:
		puts("tricorn " PACKAGE_VERSION);
		return 0;
	case CONFIG_KEYS:
		config_print_keys(stdout);
		return 0;
	case CONFIG_CHECK:
	case CONFIG_PRINT:
		return examine(options);
	case CONFIG_RUN:
		break;
	}
	return master_run(options);
}

int
main(int argc, char **argv)
{
	struct config_options *options;
	struct error error;
	int code;

	argv = title_init(argc, argv);
	if (config_options_parse(argc, argv, &options, &error) != 0)
		return fail(&error);
	code = act(options);
	config_options_destroy(&options);
	return code;
}
