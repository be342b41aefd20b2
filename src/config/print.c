/* SPDX-License-Identifier: MIT */
/*
 * --print-config: the model as a file that loads to the same model, with the
 * place of each value as a comment. And the tables as lines for scripts.
 */
#include "config/config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/build.h"
#include "config/document.h"
#include "config/environment.h"
#include "config/value.h"

#define COMMENT_COLUMN 40

/* A setting on its way out. */
struct printer {
	FILE *out;
	const struct config_section *section;
	const struct config_key *key;
};

static void
print_line(const struct printer *printer, const char *name, const char *value,
    struct config_origin origin, const char *note)
{
	char *escaped = environment_escape(value);
	char *setting =
	    xasprintf("%s =%s%s", name, *escaped ? " " : "", escaped);

	fprintf(printer->out, "%-*s ; %s%s\n", COMMENT_COLUMN, setting,
	    config_place(origin).text, note);
	free(setting);
	free(escaped);
}

/* A key without a value: a comment that says what holds. */
static void
print_unset(const struct printer *printer)
{
	char *setting = xasprintf(";%s%s =", printer->key->name,
	    printer->key->type == CONFIG_TYPE_PAIRS ? ".NAME" : "");

	fprintf(printer->out, "%-*s ; default: %s\n", COMMENT_COLUMN, setting,
	    printer->key->unset);
	free(setting);
}

static const struct config_list *
given(const struct printer *printer)
{
	return &printer->section->given[config_key_index(printer->section->kind,
	    printer->key)];
}

static struct config_origin
origin_of(const struct printer *printer)
{
	return given(printer)->count > 0 ? given(printer)->origins[0]
					 : build_origin_default;
}

static const void *
member(const struct printer *printer)
{
	return (const char *)printer->section->object + printer->key->offset;
}

static void
print_number(const struct printer *printer)
{
	const struct config_key *key = printer->key;
	struct config_origin origin = origin_of(printer);
	char text[VALUE_TEXT_SIZE];
	const char *note = "";

	switch (key->type) {
	case CONFIG_TYPE_BOOL:
		strcpy(text, *(const bool *)member(printer) ? "on" : "off");
		break;
	case CONFIG_TYPE_INT:
		snprintf(text, sizeof(text), "%d",
		    *(const int *)member(printer));
		break;
	case CONFIG_TYPE_OCTAL:
		snprintf(text, sizeof(text), "%04o",
		    *(const unsigned *)member(printer));
		break;
	case CONFIG_TYPE_WORKERS:
		if (given(printer)->count == 0 ||
		    strcmp(given(printer)->items[0], "auto") == 0)
			note = " (auto)";
		/* fall through */
	case CONFIG_TYPE_UNSIGNED:
		snprintf(text, sizeof(text), "%u",
		    *(const unsigned *)member(printer));
		break;
	case CONFIG_TYPE_DURATION:
		value_print_duration(text, *(const uint64_t *)member(printer));
		break;
	case CONFIG_TYPE_SIZE:
		if (key->unset != NULL && given(printer)->count == 0) {
			print_unset(printer);
			return;
		}
		value_print_size(text, *(const uint64_t *)member(printer));
		break;
	default:
		snprintf(text, sizeof(text), "%" PRIu64,
		    *(const uint64_t *)member(printer));
		break;
	}
	print_line(printer, key->name, text, origin, note);
}

static void
print_text(const struct printer *printer)
{
	const char *text;
	unsigned index;

	if (printer->key->type == CONFIG_TYPE_ENUM) {
		memcpy(&index, member(printer), sizeof(index));
		text = printer->key->words[index];
	} else {
		text = *(char *const *)member(printer);
	}
	if (text == NULL && given(printer)->count == 0)
		print_unset(printer);
	else
		print_line(printer, printer->key->name, text ? text : "",
		    origin_of(printer), "");
}

static bool
same_origin(struct config_origin a, struct config_origin b)
{
	return a.line == b.line && strcmp(a.file, b.file) == 0;
}

/* Words that stood on one line are printed on one line. */
static void
print_list(const struct printer *printer)
{
	const struct config_list *list = member(printer);
	bool lines = printer->key->type == CONFIG_TYPE_LINES;
	size_t i = 0;

	if (list->count == 0 && given(printer)->count == 0)
		print_unset(printer);
	else if (list->count == 0)
		print_line(printer, printer->key->name, "", origin_of(printer),
		    "");
	while (i < list->count) {
		struct config_origin origin = list->origins[i];
		char *text = xstrdup(list->items[i++]);

		while (!lines && i < list->count &&
		    same_origin(origin, list->origins[i])) {
			char *longer =
			    xasprintf("%s %s", text, list->items[i++]);

			free(text);
			text = longer;
		}
		print_line(printer, printer->key->name, text, origin, "");
		free(text);
	}
}

static void
print_pairs(const struct printer *printer)
{
	const struct config_pairs *pairs = member(printer);

	if (pairs->count == 0)
		print_unset(printer);
	for (size_t i = 0; i < pairs->count; i++) {
		char *name = xasprintf("%s.%s", printer->key->name,
		    pairs->items[i].name);

		print_line(printer, name, pairs->items[i].value,
		    given(printer)->origins[i], "");
		free(name);
	}
}

static void
print_listeners(const struct printer *printer,
    struct config_listen *const *listeners, size_t count)
{
	if (count == 0)
		print_unset(printer);
	for (size_t i = 0; i < count; i++)
		print_line(printer, printer->key->name, listeners[i]->name,
		    origin_of(printer), "");
}

static void
print_reference(const struct printer *printer)
{
	const void *object = printer->section->object;
	const struct config_pool *pool = object;
	const struct config_route *route = object;
	const char *name = NULL;

	if (printer->key->type == CONFIG_TYPE_REFERENCES) {
		if (printer->section->kind == CONFIG_KIND_POOL)
			print_listeners(printer, pool->listeners,
			    pool->listener_count);
		else
			print_listeners(printer, route->listeners,
			    route->listener_count);
		return;
	}
	if (printer->section->kind == CONFIG_KIND_APP)
		name = ((const struct config_app *)object)->pool->name;
	else if (strcmp(printer->key->name, "app") == 0)
		name = route->app ? route->app->name : NULL;
	else
		name = route->upstream ? route->upstream->name : NULL;
	if (name == NULL)
		print_unset(printer);
	else
		print_line(printer, printer->key->name, name,
		    origin_of(printer), "");
}

static void
print_key(const struct printer *printer)
{
	switch (printer->key->type) {
	case CONFIG_TYPE_ENUM:
	case CONFIG_TYPE_CHOICE:
	case CONFIG_TYPE_NAME:
	case CONFIG_TYPE_TEXT:
	case CONFIG_TYPE_PATH:
	case CONFIG_TYPE_MODULE:
	case CONFIG_TYPE_LOG:
		print_text(printer);
		break;
	case CONFIG_TYPE_WORDS:
	case CONFIG_TYPE_LINES:
		print_list(printer);
		break;
	case CONFIG_TYPE_PAIRS:
		print_pairs(printer);
		break;
	case CONFIG_TYPE_REFERENCE:
	case CONFIG_TYPE_REFERENCES:
		print_reference(printer);
		break;
	case CONFIG_TYPE_INCLUDE: /* its files were read already */
		break;
	default:
		print_number(printer);
		break;
	}
}

void
config_print(const struct config *config, FILE *out)
{
	const struct config_document *document = config->origins;

	for (size_t i = 0; i < document->section_count; i++) {
		const struct config_section *section = document->sections[i];
		const struct config_section_type *type =
		    config_section_type(section->kind);

		fprintf(out, "%s%-*s ; %s\n", i > 0 ? "\n" : "", COMMENT_COLUMN,
		    config_section_title(section).text,
		    config_place(section->origin).text);
		for (size_t j = 0; j < type->key_count; j++) {
			struct printer printer = { .out = out,
				.section = section,
				.key = &type->keys[j] };

			print_key(&printer);
		}
	}
}

/* ---- the tables for scripts ---- */

static void
print_limits(FILE *out, const struct config_key *key)
{
	char min[VALUE_TEXT_SIZE], max[VALUE_TEXT_SIZE];

	if (key->words != NULL) {
		for (size_t i = 0; key->words[i] != NULL; i++)
			fprintf(out, "%s%s", i ? " " : "", key->words[i]);
		return;
	}
	if (key->max == 0)
		return;
	if (key->type == CONFIG_TYPE_DURATION) {
		value_print_duration(min, key->min);
		value_print_duration(max, key->max);
	} else if (key->type == CONFIG_TYPE_SIZE) {
		value_print_size(min, key->min);
		value_print_size(max, key->max);
	} else {
		const char *format =
		    key->type == CONFIG_TYPE_OCTAL ? "%04" PRIo64 : "%" PRIu64;

		snprintf(min, sizeof(min), format, key->min);
		snprintf(max, sizeof(max), format, key->max);
	}
	fprintf(out, "%s-%s", min, max);
}

void
config_print_keys(FILE *out)
{
	for (enum config_kind kind = 0; kind < CONFIG_KIND_COUNT; kind++) {
		const struct config_section_type *type =
		    config_section_type(kind);

		for (size_t i = 0; i < type->key_count; i++) {
			const struct config_key *key = &type->keys[i];
			bool pairs = key->type == CONFIG_TYPE_PAIRS;

			fprintf(out, "%s\t%s%s\t%s\t%s%s%s\t", type->word,
			    key->name, pairs ? ".NAME" : "",
			    config_type_word(key->type),
			    key->fallback ? "" : "(",
			    key->fallback ? key->fallback : key->unset,
			    key->fallback ? "" : ")");
			print_limits(out, key);
			fprintf(out, "\t%s\t%s\t%s\n",
			    key->reloadable ? "reload" : "restart",
			    key->repeatable || pairs ? "many" : "once",
			    key->help);
		}
	}
}
