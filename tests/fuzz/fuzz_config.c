/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes configuration files: inih's and our reading, the values, the checks
 * and --print-config. What loads must print as a file that loads too, and
 * prints the same from then on.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *
printed(const struct config *config, size_t *length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	if (out == NULL)
		abort();
	config_print(config, out);
	fclose(out);
	return text;
}

/* Loads what was printed; its print. */
static char *
printed_again(const char *text, size_t *length)
{
	struct config *config;
	struct error error;
	char *again;

	if (config_load_string(text, *length, "fuzz", &config, &error) < 0) {
		fprintf(stderr, "%s\n%s\n", text, error.text);
		abort();
	}
	again = printed(config, length);
	config_destroy(&config);
	return again;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config;
	struct error error;
	char *first, *second, *third;
	size_t length;

	if (log_open("off", LOG_LEVEL_CRITICAL, &error) < 0)
		abort();
	if (config_load_string((const char *)data, size, "fuzz", &config,
		&error) < 0) {
		/* A refusal has a reason, and hands nothing out. */
		if (config != NULL || error.text[0] == '\0')
			abort();
		return 0;
	}
	first = printed(config, &length);
	config_destroy(&config);
	second = printed_again(first, &length);
	third = printed_again(second, &length);
	if (strcmp(second, third) != 0)
		abort();
	free(first);
	free(second);
	free(third);
	return 0;
}
