/* SPDX-License-Identifier: MIT */
/* The whole way: read, build, check; and the way back. */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "config/apply.h"
#include "config/build.h"
#include "config/check.h"
#include "config/document.h"
#include "config/include.h"
#include "config/reader.h"

static struct config *
config_create(const char *directory)
{
	struct config *config = xcalloc(1, sizeof(*config));

	config->origins = config_document_create(directory);
	return config;
}

static int
finish_load(struct config **config, const struct config_options *options,
    struct error *error)
{
	if (build_model(*config, options, error) < 0 ||
	    check_config(*config, error) < 0) {
		config_destroy(config);
		return -1;
	}
	check_warn(*config);
	return 0;
}

/* Somebody typed "tricorn" to see what happens. */
static void
advise_without_file(const struct config_options *options, struct error *error)
{
	char reason[sizeof(error->text)];

	if (error == NULL || access(options->file, F_OK) == 0)
		return;
	memcpy(reason, error->text, sizeof(reason));
	error_set(error,
	    "%s; name an app (tricorn ./hello.so), a directory "
	    "(tricorn ./public) or a file (tricorn -c FILE)",
	    reason);
}

int
config_load(const struct config_options *options, struct config **config,
    struct error *error)
{
	*config = config_create(options->directory);
	if (options->file != NULL) {
		(*config)->path = xstrdup(options->file);
		if (include_main((*config)->origins, options->file,
			options->shown_file, error) < 0) {
			if (options->file_by_default)
				advise_without_file(options, error);
			config_destroy(config);
			return -1;
		}
	}
	return finish_load(config, options, error);
}

int
config_load_string(const char *text, size_t length, const char *name,
    struct config **config, struct error *error)
{
	*config = config_create("/");
	if (reader_read((*config)->origins, text, length, name, NULL, error) <
	    0) {
		config_destroy(config);
		return -1;
	}
	return finish_load(config, NULL, error);
}

static void
free_object(struct config_section *section)
{
	const struct config_section_type *type =
	    config_section_type(section->kind);
	char *object = section->object;

	if (object == NULL)
		return;
	for (size_t i = 0; i < type->key_count; i++)
		apply_free(object, &type->keys[i]);
	if (type->size == 0)
		return;
	free(*(char **)(object + type->name_offset));
	free(object);
}

void
config_destroy(struct config **config)
{
	struct config *old = *config;
	struct config_document *document;

	*config = NULL;
	if (old == NULL)
		return;
	document = old->origins;
	/* What check.c resolved. */
	for (size_t i = 0; i < old->pool_count; i++)
		free(old->pools[i]->listeners);
	for (size_t i = 0; i < old->route_count; i++)
		free(old->routes[i]->listeners);
	for (size_t i = 0; i < document->section_count; i++)
		free_object(document->sections[i]);
	config_document_destroy(&document);
	free(old->listens);
	free(old->pools);
	free(old->apps);
	free(old->upstreams);
	free(old->routes);
	free(old->path);
	free(old);
}
