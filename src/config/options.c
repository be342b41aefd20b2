/* SPDX-License-Identifier: MIT */
/*
 * The command line. Its options set keys of the same tables as the file, so
 * that types, limits and help are written once. Names and letters are those
 * of Gunicorn where the meaning is the same.
 */
#include "config/options.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "config/apply.h"
#include "config/build.h"
#include "config/reader.h"
#include "config/suggest.h"

/* What is at hand while the command line is read. */
struct scan {
	int argc;
	char **argv;
	int at; /* the next argument */
	struct config_options *options;
	struct error *error;
};

static void
add_override(struct config_options *options, enum config_kind kind, char *name,
    const char *value, const char *shown)
{
	struct str trimmed = str_trim(str_of(value));
	struct config_override *override;

	options->overrides = xreallocarray(options->overrides,
	    options->override_count + 1, sizeof(*options->overrides));
	override = &options->overrides[options->override_count++];
	override->kind = kind;
	override->name = name;
	override->value = xstrndup(trimmed.data, trimmed.length);
	override->option = shown;
}

/* Gunicorn's names of worker classes lead to the mode that does the same. */
static int
take_mode(struct scan *scan, const struct option_row *row, const char *value)
{
	static const struct {
		const char *class, *mode;
	} classes[] = { { "sync", "sync" }, { "async", "async" },
		{ "auto", "auto" }, { "gthread", "sync" }, { "asgi", "async" },
		{ "uvicorn.workers.UvicornWorker", "async" },
		{ "uvicorn.workers.UvicornH11Worker", "async" },
		{ "uvicorn_worker.UvicornWorker", "async" },
		{ "uvicorn_worker.UvicornH11Worker", "async" } };
	struct suggest suggest;

	suggest_init(&suggest, value);
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		suggest_offer(&suggest, classes[i].class);
		if (strcmp(value, classes[i].class) != 0)
			continue;
		add_override(scan->options, CONFIG_KIND_POOL, xstrdup("mode"),
		    classes[i].mode, row->shown);
		return 0;
	}
	if (strcmp(value, "gevent") == 0 || strcmp(value, "eventlet") == 0 ||
	    strcmp(value, "tornado") == 0)
		return error_set(scan->error,
		    "option %s: there are no %s "
		    "workers; use sync with --threads for blocking code, "
		    "async for ASGI",
		    row->shown, value);
	return error_set(scan->error,
	    "option %s: '%.100s' is none of sync, "
	    "async or auto%s%s%s",
	    row->shown, value, suggest.best ? "; did you mean '" : "",
	    suggest.best ? suggest.best : "", suggest.best ? "'?" : "");
}

/* -e NAME=VALUE and -o NAME=VALUE */
static int
take_pair(struct scan *scan, const struct option_row *row, const char *value)
{
	const char *equals = strchr(value, '=');

	if (equals == NULL || equals == value)
		return error_set(scan->error,
		    "option %s: '%.100s' has no "
		    "NAME=VALUE",
		    row->shown, value);
	add_override(scan->options, row->kind,
	    xasprintf("%s.%.*s", row->key, (int)(equals - value), value),
	    equals + 1, row->shown);
	return 0;
}

static int
take_once(struct scan *scan, const struct option_row *row, char **place,
    const char *value)
{
	if (*value == '\0')
		return error_set(scan->error, "option %s needs a value",
		    row->shown);
	free(*place);
	*place = xstrdup(value);
	return 0;
}

static int
take_option(struct scan *scan, const struct option_row *row, const char *value)
{
	struct config_options *options = scan->options;

	if (value != NULL && reader_find_control(value, strlen(value)) != NULL)
		return error_set(scan->error,
		    "option %s: control bytes are "
		    "not allowed",
		    row->shown);
	switch (row->act) {
	case OPTION_SET:
		add_override(options, row->kind, xstrdup(row->key), value,
		    row->shown);
		return 0;
	case OPTION_ON:
		add_override(options, row->kind, xstrdup(row->key), "on",
		    row->shown);
		return 0;
	case OPTION_LOG:
		if (strcmp(value, "-") == 0)
			value = row->dash;
		add_override(options, row->kind, xstrdup(row->key), value,
		    row->shown);
		return 0;
	case OPTION_MODE:
		return take_mode(scan, row, value);
	case OPTION_PAIR:
		return take_pair(scan, row, value);
	case OPTION_CONFIG:
		return take_once(scan, row, &options->shown_file, value);
	case OPTION_FILES:
		return take_once(scan, row, &options->files, value);
	case OPTION_UPSTREAM:
		return take_once(scan, row, &options->upstream, value);
	case OPTION_NAME:
		if (!reader_is_name(value))
			return error_set(scan->error,
			    "option %s: a name is 1 "
			    "to 40 letters, digits, '_', '-' and '.'",
			    row->shown);
		return take_once(scan, row, &options->name, value);
	case OPTION_ACTION:
		options->action = row->action;
		return 0;
	case OPTION_UNSUPPORTED:
		break;
	}
	return error_set(scan->error,
	    "option %s is not supported yet in this version", row->shown);
}

/* ---- the arguments one by one ---- */

static int
unknown_option(struct scan *scan, const char *name)
{
	struct suggest suggest;

	suggest_init(&suggest, name);
	for (size_t i = 0; i < option_row_count; i++) {
		suggest_offer(&suggest, option_rows[i].name);
		if (option_rows[i].alias != NULL)
			suggest_offer(&suggest, option_rows[i].alias);
	}
	if (suggest.best != NULL)
		return error_set(scan->error,
		    "unknown option --%.100s; did "
		    "you mean --%s?",
		    name, suggest.best);
	return error_set(scan->error,
	    "unknown option --%.100s; see tricorn "
	    "--help",
	    name);
}

/* Takes the next argument as the option's value. */
static int
take_value(struct scan *scan, const struct option_row *row)
{
	if (scan->at >= scan->argc)
		return error_set(scan->error, "option %s needs a value: %s",
		    row->shown, row->argument);
	return take_option(scan, row, scan->argv[scan->at++]);
}

/* text is behind the "--". */
static int
scan_long(struct scan *scan, const char *text)
{
	size_t length = strcspn(text, "=");
	const char *value = text[length] == '=' ? text + length + 1 : NULL;
	char *name = xstrndup(text, length);
	const struct option_row *row = NULL;
	int result;

	for (size_t i = 0; row == NULL && i < option_row_count; i++)
		if (strcmp(name, option_rows[i].name) == 0 ||
		    (option_rows[i].alias != NULL &&
			strcmp(name, option_rows[i].alias) == 0))
			row = &option_rows[i];
	if (row == NULL)
		result = unknown_option(scan, name);
	else if (row->act == OPTION_UNSUPPORTED)
		result = take_option(scan, row, NULL);
	else if (row->argument == NULL && value != NULL)
		result = error_set(scan->error, "option %s takes no value",
		    row->shown);
	else if (row->argument == NULL || value != NULL)
		result = take_option(scan, row, value);
	else
		result = take_value(scan, row);
	free(name);
	return result;
}

/* letters is behind the "-": flags, and one option with a value at the end. */
static int
scan_short(struct scan *scan, const char *letters)
{
	for (; *letters != '\0'; letters++) {
		const struct option_row *row = NULL;

		for (size_t i = 0; row == NULL && i < option_row_count; i++)
			if (option_rows[i].letter == *letters)
				row = &option_rows[i];
		if (row == NULL)
			return error_set(scan->error,
			    "unknown option -%c; "
			    "see tricorn --help",
			    *letters > ' ' && *letters < 0x7f ? *letters : '?');
		if (row->argument == NULL) {
			if (take_option(scan, row, NULL) < 0)
				return -1;
			continue;
		}
		if (letters[1] == '\0')
			return take_value(scan, row);
		return take_option(scan, row,
		    letters + 1 + (letters[1] == '='));
	}
	return 0;
}

static int
scan_app(struct scan *scan, const char *text)
{
	if (scan->options->app != NULL)
		return error_set(scan->error,
		    "'%.100s' is one argument too "
		    "many; there is an app already, '%.100s'",
		    text, scan->options->app);
	if (*text == '\0' || reader_find_control(text, strlen(text)) != NULL)
		return error_set(scan->error,
		    "the app's name is empty or has "
		    "control bytes");
	scan->options->app = xstrdup(text);
	return 0;
}

static int
scan_arguments(struct scan *scan)
{
	bool only_apps = false;

	while (scan->at < scan->argc) {
		const char *text = scan->argv[scan->at++];
		int result;

		if (only_apps || text[0] != '-' || text[1] == '\0') {
			result = scan_app(scan, text);
		} else if (text[1] != '-') {
			result = scan_short(scan, text + 1);
		} else if (text[2] != '\0') {
			result = scan_long(scan, text + 2);
		} else {
			only_apps = true;
			result = 0;
		}
		if (result < 0)
			return -1;
	}
	return 0;
}

/* ---- what it comes to ---- */

/* tricorn ./public serves a directory; a bare name is a Python module. */
static int
recognise_app(struct config_options *options, struct error *error)
{
	struct stat status;
	char *path;
	bool directory;

	if (options->app == NULL)
		return 0;
	if (strchr(options->app, '/') == NULL) {
		if (str_ends(str_of(options->app), STR(".conf")) ||
		    str_ends(str_of(options->app), STR(".ini")))
			return error_set(error,
			    "'%.100s' is no app; for a "
			    "configuration file write -c %.100s",
			    options->app, options->app);
		return 0;
	}
	path = apply_path(options->directory, options->app);
	directory = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
	free(path);
	if (!directory)
		return 0;
	if (options->files != NULL)
		return error_set(error,
		    "'%.100s' is a directory, and --files "
		    "names one already",
		    options->app);
	options->files = options->app;
	options->app = NULL;
	return 0;
}

static int
choose_form(struct config_options *options, struct error *error)
{
	int targets = (options->app != NULL) + (options->files != NULL) +
	    (options->upstream != NULL);

	if (targets > 1)
		return error_set(error,
		    "an app, --files and --upstream can't "
		    "stand together; write a configuration file with a route "
		    "for each");
	if (targets == 1 && options->shown_file != NULL)
		return error_set(error,
		    "an app and -c can't stand together; "
		    "write the app into %.200s",
		    options->shown_file);
	if (targets == 1)
		return 0;
	if (options->name != NULL)
		return error_set(error,
		    "option --name needs an app on the "
		    "command line; sections of a file have names already");
	if (options->shown_file == NULL) {
		options->shown_file =
		    xstrdup(TRICORN_SYSCONFDIR "/tricorn.conf");
		options->file_by_default = true;
	}
	options->file = apply_path(options->directory, options->shown_file);
	return 0;
}

int
config_options_parse(int argc, char **argv, struct config_options **options,
    struct error *error)
{
	struct config_options *made = xcalloc(1, sizeof(*made));
	struct scan scan = { .argc = argc,
		.argv = argv,
		.at = 1,
		.options = made,
		.error = error };

	*options = NULL;
	made->directory = getcwd(NULL, 0);
	if (made->directory == NULL) {
		error_set(error, "can't tell the working directory: %s",
		    strerror(errno));
		goto fail;
	}
	if (reader_find_control(made->directory, strlen(made->directory)) !=
	    NULL) {
		error_set(error,
		    "the working directory has control bytes in "
		    "its name");
		goto fail;
	}
	if (scan_arguments(&scan) < 0 || recognise_app(made, error) < 0 ||
	    choose_form(made, error) < 0)
		goto fail;
	*options = made;
	return 0;

fail:
	config_options_destroy(&made);
	return -1;
}

void
config_options_destroy(struct config_options **options)
{
	struct config_options *old = *options;

	*options = NULL;
	if (old == NULL)
		return;
	for (size_t i = 0; i < old->override_count; i++) {
		free(old->overrides[i].name);
		free(old->overrides[i].value);
	}
	free(old->overrides);
	free(old->directory);
	free(old->file);
	free(old->shown_file);
	free(old->app);
	free(old->files);
	free(old->upstream);
	free(old->name);
	free(old);
}
