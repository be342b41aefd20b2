/* SPDX-License-Identifier: MIT */
/*
 * Builds the model in this order: sections of the file, sections of the
 * command line's short form, sections that were left out, values of the file,
 * values of the command line and of the environment, defaults.
 */
#include "config/build.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/apply.h"

const struct config_origin build_origin_default = { "default", 0 };
const struct config_origin build_origin_command_line = { "command line", 0 };
const struct config_origin build_origin_environment = { "environment", 0 };

/* ---- sections and their objects ---- */

/* The arrays of struct config hold pointers of several types. */
static void
append_object(struct config *config, const struct config_section_type *type,
    void *object)
{
	char *count_place = (char *)config + type->count_offset;
	char *array_place = (char *)config + type->array_offset;
	size_t count;
	char *array;

	memcpy(&count, count_place, sizeof(count));
	memcpy(&array, array_place, sizeof(array));
	array = xreallocarray(array, count + 1, sizeof(void *));
	memcpy(array + count * sizeof(void *), &object, sizeof(void *));
	count++;
	memcpy(count_place, &count, sizeof(count));
	memcpy(array_place, &array, sizeof(array));
}

static void
make_object(struct config *config, struct config_section *section)
{
	const struct config_section_type *type =
	    config_section_type(section->kind);
	char *object;

	if (type->size == 0) {
		section->object = &config->server;
		return;
	}
	object = xcalloc(1, type->size);
	*(char **)(object + type->name_offset) = xstrdup(section->name);
	*(struct config_origin *)(object + type->origin_offset) =
	    section->origin;
	section->object = object;
	append_object(config, type, object);
}

static void
add_missing_section(struct config_document *document, enum config_kind kind,
    const char *name)
{
	if (config_document_find(document, kind, NULL) == NULL)
		config_document_add(document, kind, name, build_origin_default);
}

/* An address without a listener: $PORT as platforms set it, or 8000. */
static void
add_default_listener(struct config_document *document,
    const struct config_options *options)
{
	const char *port = getenv("PORT");
	struct config_origin origin = build_origin_default;
	struct config_section *listen;
	char *address;

	if (config_document_find(document, CONFIG_KIND_LISTEN, NULL) != NULL)
		return;
	listen = config_document_add(document, CONFIG_KIND_LISTEN, "default",
	    build_origin_default);
	for (size_t i = 0; options != NULL && i < options->override_count; i++)
		if (strcmp(options->overrides[i].name, "address") == 0)
			return;
	if (port != NULL && *port != '\0') {
		origin = build_origin_environment;
		address = xasprintf("0.0.0.0:%s", port);
	} else {
		address = xstrdup("127.0.0.1:8000");
	}
	config_section_add(listen, "address", address, origin, false);
	free(address);
}

/* The module and option of APP as written on the command line. */
static void
add_app_entries(struct config_section *app, const char *text)
{
	struct config_origin origin = build_origin_command_line;

	if (strchr(text, '/') != NULL || str_ends(str_of(text), STR(".so"))) {
		config_section_add(app, "module", text, origin, false);
		return;
	}
	config_section_add(app, "module", "python", origin, false);
	config_section_add(app, "option.app", text, origin, false);
}

/* tricorn APP, tricorn --files DIR, tricorn --upstream HOST:PORT */
static void
add_short_form(struct config_document *document,
    const struct config_options *options)
{
	struct config_origin origin = build_origin_command_line;
	const char *name = options->name ? options->name : "default";
	struct config_section *route, *target;

	config_document_add(document, CONFIG_KIND_POOL, name, origin);
	route = config_document_add(document, CONFIG_KIND_ROUTE, name, origin);
	config_section_add(route, "match", "/", origin, false);
	if (options->files != NULL) {
		config_section_add(route, "files", options->files, origin,
		    false);
	} else if (options->upstream != NULL) {
		target = config_document_add(document, CONFIG_KIND_UPSTREAM,
		    name, origin);
		config_section_add(target, "server", options->upstream, origin,
		    false);
		config_section_add(route, "upstream", name, origin, false);
	} else {
		target = config_document_add(document, CONFIG_KIND_APP, name,
		    origin);
		add_app_entries(target, options->app);
		config_section_add(route, "app", name, origin, false);
	}
}

static void
add_sections(struct config_document *document,
    const struct config_options *options)
{
	add_missing_section(document, CONFIG_KIND_SERVER, NULL);
	if (options != NULL && options->file == NULL)
		add_short_form(document, options);
	add_missing_section(document, CONFIG_KIND_POOL, "default");
	add_default_listener(document, options);
}

/* ---- values ---- */

static int
unknown_key(const struct config_section *section,
    const struct config_entry *entry, struct error *error)
{
	struct config_place title = config_section_title(section);
	struct config_place place = config_place(entry->origin);
	const char *near = config_key_suggest(section->kind, entry->name);
	const char *dot = strchr(entry->name, '.');
	enum config_kind home = config_key_home(entry->name);
	char *prefix;

	if (home != CONFIG_KIND_COUNT) {
		const struct config_section_type *type =
		    config_section_type(home);

		return error_set(error,
		    "unknown key '%s' in %s at %s; it "
		    "belongs in [%s%s]",
		    entry->name, title.text, place.text, type->word,
		    type->named ? " NAME" : "");
	}
	if (dot != NULL) { /* "opton.app": the part before the dot */
		prefix = xstrndup(entry->name, (size_t)(dot - entry->name));
		near = config_key_suggest(section->kind, prefix);
		free(prefix);
		if (near != NULL)
			return error_set(error,
			    "unknown key '%s' in %s at "
			    "%s; did you mean '%s%s'?",
			    entry->name, title.text, place.text, near, dot);
	}
	if (near != NULL)
		return error_set(error,
		    "unknown key '%s' in %s at %s; did "
		    "you mean '%s'?",
		    entry->name, title.text, place.text, near);
	return error_set(error,
	    "unknown key '%s' in %s at %s; see "
	    "tricorn.conf(5) for the keys of this section",
	    entry->name, title.text, place.text);
}

/* Refuses a second value for a key that takes one. */
static int
check_repeated(const struct config_section *section,
    const struct config_key *key, const char *suffix,
    const struct config_entry *entry, struct error *error)
{
	size_t index = config_key_index(section->kind, key);
	const struct config_list *given = &section->given[index];
	const struct config_pairs *pairs;
	size_t first = 0;

	if (key->repeatable && !(suffix != NULL && entry->continued))
		return 0;
	if (entry->continued)
		return error_set(error,
		    "%s: the indented line goes on with "
		    "'%s', which takes one line; begin it in the first column",
		    config_place(entry->origin).text, entry->name);
	if (suffix != NULL) {
		pairs = (const struct config_pairs *)((const char *)
							  section->object +
		    key->offset);
		while (first < pairs->count &&
		    strcmp(pairs->items[first].name, suffix) != 0)
			first++;
	}
	if (first >= given->count)
		return 0;
	return error_set(error,
	    "'%s' stands twice in %s, at %s and at %s; "
	    "write it once",
	    entry->name, config_section_title(section).text,
	    config_place(given->origins[first]).text,
	    config_place(entry->origin).text);
}

static int
apply_entry(struct config_document *document, struct config_section *section,
    const struct config_entry *entry, struct error *error)
{
	const char *suffix;
	const struct config_key *key =
	    config_key_find(section->kind, entry->name, &suffix);
	struct error reason;

	if (key == NULL)
		return unknown_key(section, entry, error);
	if (check_repeated(section, key, suffix, entry, error) < 0)
		return -1;
	if (apply_value(document, section, key, suffix, entry->value,
		entry->origin, &reason) < 0)
		return error_set(error, "%s in %s at %s: %s", entry->name,
		    config_section_title(section).text,
		    config_place(entry->origin).text, reason.text);
	return 0;
}

/* An address or an app's option can't be meant for several sections. */
static int
check_single(const struct config_document *document,
    const struct config_override *override, struct error *error)
{
	const char *word = config_section_type(override->kind)->word;
	size_t count = 0;

	if (override->kind != CONFIG_KIND_APP &&
	    strcmp(override->name, "address") != 0)
		return 0;
	for (size_t i = 0; i < document->section_count; i++)
		count += document->sections[i]->kind == override->kind;
	if (count == 1)
		return 0;
	return error_set(error,
	    "option %s: the configuration has %s [%s "
	    "NAME]; write '%s = %s' into the file",
	    override->option, count == 0 ? "no" : "more than one", word,
	    override->name, override->value);
}

/* Values of the command line replace what the file says, in every section. */
static int
apply_override(struct config_document *document,
    const struct config_options *options, size_t index, struct error *error)
{
	const struct config_override *override = &options->overrides[index];
	struct error reason;
	const char *suffix;
	const struct config_key *key =
	    config_key_find(override->kind, override->name, &suffix);
	bool again = false;

	assert(key != NULL); /* options.c names keys of the tables */
	if (check_single(document, override, error) < 0)
		return -1;
	for (size_t i = 0; i < index; i++)
		again |=
		    strcmp(options->overrides[i].name, override->name) == 0 &&
		    options->overrides[i].kind == override->kind;
	for (size_t i = 0; i < document->section_count; i++) {
		struct config_section *section = document->sections[i];

		if (section->kind != override->kind)
			continue;
		if (suffix == NULL && !(again && key->repeatable))
			apply_reset(section, key);
		if (apply_value(document, section, key, suffix, override->value,
			build_origin_command_line, &reason) < 0)
			return error_set(error, "option %s: %s",
			    override->option, reason.text);
	}
	return 0;
}

static int
apply_web_concurrency(struct config_document *document,
    struct config_section *section, const struct config_key *key,
    struct error *error)
{
	const char *workers = getenv("WEB_CONCURRENCY");
	struct error reason;

	if (strcmp(key->name, "workers") != 0 || workers == NULL ||
	    *workers == '\0')
		return 0;
	if (apply_value(document, section, key, NULL, workers,
		build_origin_environment, &reason) < 0)
		return error_set(error,
		    "environment variable "
		    "WEB_CONCURRENCY: %s",
		    reason.text);
	return 0;
}

static int
apply_defaults(struct config_document *document, struct config_section *section,
    struct error *error)
{
	const struct config_section_type *type =
	    config_section_type(section->kind);

	for (size_t i = 0; i < type->key_count; i++) {
		const struct config_key *key = &type->keys[i];

		if (section->given[i].count == 0 &&
		    apply_web_concurrency(document, section, key, error) < 0)
			return -1;
		if (section->given[i].count == 0)
			apply_default(document, section, key,
			    build_origin_default);
	}
	return 0;
}

static bool
is_chdir(const struct config_section *section, const char *name)
{
	return section->kind == CONFIG_KIND_SERVER &&
	    strcmp(name, "chdir") == 0;
}

/*
 * chdir first: relative paths of all other keys start there. The directory
 * becomes the server's own string, which lives as long as the document.
 */
static int
apply_chdir(struct config *config, const struct config_options *options,
    struct error *error)
{
	struct config_document *document = config->origins;
	struct config_section *server =
	    config_document_find(document, CONFIG_KIND_SERVER, NULL);

	for (size_t i = 0; i < server->entry_count; i++)
		if (is_chdir(server, server->entries[i].name) &&
		    apply_entry(document, server, &server->entries[i], error) <
			0)
			return -1;
	for (size_t i = 0; options != NULL && i < options->override_count; i++)
		if (strcmp(options->overrides[i].name, "chdir") == 0 &&
		    apply_override(document, options, i, error) < 0)
			return -1;
	if (config->server.chdir != NULL)
		document->directory = config->server.chdir;
	return 0;
}

/* All values but chdir, which came before. */
static int
apply_all(struct config_document *document,
    const struct config_options *options, struct error *error)
{
	for (size_t i = 0; i < document->section_count; i++) {
		struct config_section *section = document->sections[i];

		for (size_t j = 0; j < section->entry_count; j++)
			if (!is_chdir(section, section->entries[j].name) &&
			    apply_entry(document, section, &section->entries[j],
				error) < 0)
				return -1;
	}
	for (size_t i = 0; options != NULL && i < options->override_count; i++)
		if (strcmp(options->overrides[i].name, "chdir") != 0 &&
		    apply_override(document, options, i, error) < 0)
			return -1;
	for (size_t i = 0; i < document->section_count; i++)
		if (apply_defaults(document, document->sections[i], error) < 0)
			return -1;
	return 0;
}

int
build_model(struct config *config, const struct config_options *options,
    struct error *error)
{
	struct config_document *document = config->origins;

	add_sections(document, options);
	for (size_t i = 0; i < document->section_count; i++)
		make_object(config, document->sections[i]);
	for (size_t i = 0; i < config->app_count; i++)
		config->apps[i]->index = i;
	for (size_t i = 0; i < config->route_count; i++)
		config->routes[i]->index_in_config = i;
	if (apply_chdir(config, options, error) < 0)
		return -1;
	return apply_all(document, options, error);
}
