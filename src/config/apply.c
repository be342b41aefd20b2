/* SPDX-License-Identifier: MIT */
/* Stores values by type. */
#include "config/apply.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "config/reader.h"
#include "config/suggest.h"
#include "config/value.h"

#define LONGEST_PAIR_NAME 255

/* The CPUs that this process may use; affinity and cpusets count. */
static unsigned
usable_cpus(void)
{
	cpu_set_t set;
	int count;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	count = CPU_COUNT(&set);
	return count < 1 ? 1 : (unsigned)count;
}

static void *
member(void *object, const struct config_key *key)
{
	return (char *)object + key->offset;
}

/* What people forget: quotes and comments of other formats. */
static const char *
hint(const char *text)
{
	size_t length = strlen(text);

	if (strstr(text, " #") != NULL)
		return "; a comment behind a value begins with ' ;'";
	if (length > 1 && (text[0] == '"' || text[0] == '\'') &&
	    text[length - 1] == text[0])
		return "; write it without quotes";
	return "";
}

static int
wrong(struct error *error, const char *text, const char *what)
{
	return error_set(error, "'%.200s' is %s%s", text, what, hint(text));
}

static void
print_limit(char *out, const struct config_key *key, uint64_t value)
{
	if (key->type == CONFIG_TYPE_DURATION)
		value_print_duration(out, value);
	else if (key->type == CONFIG_TYPE_SIZE)
		value_print_size(out, value);
	else if (key->type == CONFIG_TYPE_OCTAL)
		snprintf(out, VALUE_TEXT_SIZE, "%04" PRIo64, value);
	else
		snprintf(out, VALUE_TEXT_SIZE, "%" PRIu64, value);
}

static int
check_limits(const struct config_key *key, const char *text, uint64_t value,
    struct error *error)
{
	char min[VALUE_TEXT_SIZE], max[VALUE_TEXT_SIZE];

	if (value >= key->min && value <= key->max)
		return 0;
	print_limit(min, key, key->min);
	print_limit(max, key, key->max);
	return error_set(error, "'%s' is out of range; write %s to %s", text,
	    min, max);
}

/* Any kind of number as uint64_t, within its limits. */
static int
parse_number(const struct config_key *key, const char *text, uint64_t *value,
    struct error *error)
{
	switch (key->type) {
	case CONFIG_TYPE_WORKERS:
		if (strcmp(text, "auto") == 0) {
			*value = usable_cpus();
			if (*value > key->max)
				*value = key->max;
			return 0;
		}
		if (!value_parse_number(text, value))
			return wrong(error, text,
			    "no number; write a number "
			    "such as 4, or auto");
		break;
	case CONFIG_TYPE_DURATION:
		if (!value_parse_duration(text, value))
			return wrong(error, text,
			    "no duration; write 30s, "
			    "500ms, 2m, 1h or 1d");
		break;
	case CONFIG_TYPE_SIZE:
		if (!value_parse_size(text, value))
			return wrong(error, text,
			    "no size; write bytes, or "
			    "16k, 1m, 1g");
		break;
	case CONFIG_TYPE_OCTAL:
		if (!value_parse_octal(text, value))
			return wrong(error, text,
			    "no mode; write octal "
			    "digits such as 0022");
		break;
	default:
		if (!value_parse_number(text, value))
			return wrong(error, text, "no whole number");
		break;
	}
	return check_limits(key, text, *value, error);
}

static void
store_number(void *object, const struct config_key *key, uint64_t value)
{
	switch (key->type) {
	case CONFIG_TYPE_INT:
		*(int *)member(object, key) = (int)value;
		break;
	case CONFIG_TYPE_UNSIGNED:
	case CONFIG_TYPE_WORKERS:
	case CONFIG_TYPE_OCTAL:
		*(unsigned *)member(object, key) = (unsigned)value;
		break;
	default:
		*(uint64_t *)member(object, key) = value;
		break;
	}
}

/* "write drop, refuse or dangerous; did you mean 'drop'?" */
static int
wrong_word(const struct config_key *key, const char *text, struct error *error)
{
	char list[256] = "";
	struct suggest suggest;
	size_t used = 0;

	suggest_init(&suggest, text);
	for (size_t i = 0; key->words[i] != NULL; i++) {
		const char *before = i == 0     ? ""
		    : key->words[i + 1] != NULL ? ", "
						: " or ";

		suggest_offer(&suggest, key->words[i]);
		used += (size_t)snprintf(list + used, sizeof(list) - used,
		    "%s%s", before, key->words[i]);
		assert(used < sizeof(list));
	}
	if (suggest.best != NULL)
		return error_set(error,
		    "'%.200s' is none of %s; did you mean "
		    "'%s'?",
		    text, list, suggest.best);
	return error_set(error, "'%.200s' is none of %s%s", text, list,
	    hint(text));
}

static int
store_word(void *object, const struct config_key *key, const char *text,
    struct error *error)
{
	unsigned index;

	if (!value_parse_word(text, key->words, &index))
		return wrong_word(key, text, error);
	if (key->type == CONFIG_TYPE_ENUM)
		memcpy(member(object, key), &index, sizeof(index));
	else
		*(char **)member(object, key) = xstrdup(text);
	return 0;
}

char *
apply_path(const char *base, const char *path)
{
	while (path[0] == '.' && path[1] == '/') {
		path += 2;
		path += strspn(path, "/");
	}
	if (path[0] == '/' || base == NULL)
		return xstrdup(path);
	if (path[0] == '\0' || strcmp(path, ".") == 0)
		return xstrdup(base);
	return xasprintf("%s%s%s", base,
	    base[strlen(base) - 1] == '/' ? "" : "/", path);
}

/* Paths, and the words that stand for one; NULL with the reason. */
static char *
parse_path(const char *base, const struct config_key *key, const char *text,
    struct error *error)
{
	static const char *const words[] = { "stderr", "stdout", "syslog",
		"off", "a path", NULL };
	const struct config_key targets = { .words = words };
	bool plain = strchr(text, '/') == NULL;
	unsigned index;
	char *path;

	if (*hint(text) != '\0') {
		wrong(error, text, "no path");
		return NULL;
	}
	if (key->type == CONFIG_TYPE_LOG && plain) {
		if (value_parse_word(text, words, &index))
			return xstrdup(text);
		if (strchr(text, '.') == NULL) {
			wrong_word(&targets, text, error);
			return NULL;
		}
	}
	if (key->type == CONFIG_TYPE_MODULE && plain &&
	    !str_ends(str_of(text), STR(".so"))) {
		if (reader_is_name(text))
			return xstrdup(text);
		wrong(error, text,
		    "neither a module's name nor a path with "
		    "a /");
		return NULL;
	}
	path = apply_path(base, text);
	if (strlen(path) < PATH_MAX)
		return path;
	free(path);
	error_set(error, "the path is longer than %d bytes", PATH_MAX - 1);
	return NULL;
}

static int
store_string(const char *base, void *object, const struct config_key *key,
    const char *text, struct error *error)
{
	char **place = member(object, key);

	if (key->type == CONFIG_TYPE_TEXT) {
		*place = xstrdup(text);
	} else if (*text == '\0') {
		if (key->unset == NULL || strcmp(key->unset, "required") == 0)
			return error_set(error, "the value is empty");
		*place = NULL;
	} else if (key->type == CONFIG_TYPE_NAME) {
		if (strpbrk(text, " \t") != NULL || *hint(text) != '\0')
			return wrong(error, text, "no name");
		*place = xstrdup(text);
	} else {
		*place = parse_path(base, key, text, error);
		if (*place == NULL)
			return -1;
	}
	return 0;
}

bool
apply_next_word(const char **text, size_t *length)
{
	*text += *length;
	*text += strspn(*text, " \t");
	*length = strcspn(*text, " \t");
	return *length > 0;
}

static int
store_list(void *object, const struct config_key *key, const char *text,
    struct config_origin origin, struct error *error)
{
	struct config_list *list = member(object, key);
	size_t length = 0;

	if (key->type == CONFIG_TYPE_LINES) {
		if (*text == '\0')
			return error_set(error, "the value is empty");
		config_list_add(list, text, strlen(text), origin);
		return 0;
	}
	while (apply_next_word(&text, &length))
		config_list_add(list, text, length, origin);
	return 0;
}

/* Whether NAME of key.NAME may stand there. */
static int
check_pair_name(const struct config_key *key, const char *name,
    struct error *error)
{
	static const char alnum[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const char *marks = "!#$%&'*+-.^_`|~"; /* RFC 9110 5.6.2 */

	if (strcmp(key->name, "env") == 0)
		marks = "_";
	else if (strcmp(key->name, "option") == 0)
		marks = "_.-";
	if (strlen(name) > LONGEST_PAIR_NAME)
		return error_set(error, "the name is longer than %d bytes",
		    LONGEST_PAIR_NAME);
	for (const char *at = name; *at != '\0'; at++)
		if (strchr(alnum, *at) == NULL && strchr(marks, *at) == NULL)
			return error_set(error,
			    "'%.200s' can't stand behind "
			    "'%s.'; write letters, digits and %s",
			    name, key->name, marks);
	if (strcmp(key->name, "env") == 0 && name[0] >= '0' && name[0] <= '9')
		return error_set(error,
		    "'%.200s' is no variable's name; it "
		    "begins with a digit",
		    name);
	return 0;
}

/* A pair of that name is replaced, with its place, unless it can repeat. */
static int
store_pair(struct config_section *section, const struct config_key *key,
    const char *name, const char *text, struct config_origin origin,
    struct error *error)
{
	struct config_list *given =
	    &section->given[config_key_index(section->kind, key)];
	struct config_pairs *pairs = member(section->object, key);

	if (check_pair_name(key, name, error) < 0)
		return -1;
	for (size_t i = 0; !key->repeatable && i < pairs->count; i++) {
		if (strcmp(pairs->items[i].name, name) != 0)
			continue;
		free(pairs->items[i].value);
		pairs->items[i].value = xstrdup(text);
		given->origins[i] = origin;
		return 0;
	}
	pairs->items = xreallocarray(pairs->items, pairs->count + 1,
	    sizeof(*pairs->items));
	pairs->items[pairs->count].name = xstrdup(name);
	pairs->items[pairs->count].value = xstrdup(text);
	pairs->count++;
	config_list_add(given, text, strlen(text), origin);
	return 0;
}

static int
store(const char *base, void *object, const struct config_key *key,
    const char *text, struct config_origin origin, struct error *error)
{
	uint64_t number = 0;
	bool truth = false;

	switch (key->type) {
	case CONFIG_TYPE_BOOL:
		if (!value_parse_bool(text, &truth))
			return wrong(error, text, "neither on nor off");
		*(bool *)member(object, key) = truth;
		return 0;
	case CONFIG_TYPE_ENUM:
	case CONFIG_TYPE_CHOICE:
		return store_word(object, key, text, error);
	case CONFIG_TYPE_NAME:
	case CONFIG_TYPE_TEXT:
	case CONFIG_TYPE_PATH:
	case CONFIG_TYPE_MODULE:
	case CONFIG_TYPE_LOG:
		return store_string(base, object, key, text, error);
	case CONFIG_TYPE_WORDS:
	case CONFIG_TYPE_LINES:
		return store_list(object, key, text, origin, error);
	case CONFIG_TYPE_REFERENCE: /* check.c resolves what was given */
	case CONFIG_TYPE_REFERENCES:
		return 0;
	default:
		if (parse_number(key, text, &number, error) < 0)
			return -1;
		store_number(object, key, number);
		return 0;
	}
}

int
apply_value(const struct config_document *document,
    struct config_section *section, const struct config_key *key,
    const char *suffix, const char *text, struct config_origin origin,
    struct error *error)
{
	if (key->type == CONFIG_TYPE_PAIRS)
		return store_pair(section, key, suffix, text, origin, error);
	if (store(document->directory, section->object, key, text, origin,
		error) < 0)
		return -1;
	config_list_add(&section->given[config_key_index(section->kind, key)],
	    text, strlen(text), origin);
	return 0;
}

void
apply_default(const struct config_document *document,
    struct config_section *section, const struct config_key *key,
    struct config_origin origin)
{
	struct error error;
	int result = 0;

	if (key->fallback != NULL)
		result = store(document->directory, section->object, key,
		    key->fallback, origin, &error);
	else if (key->type == CONFIG_TYPE_SIZE)
		store_number(section->object, key, UINT64_MAX);
	assert(result == 0);
	(void)result;
}

void
apply_free(void *object, const struct config_key *key)
{
	struct config_pairs *pairs;

	switch (key->type) {
	case CONFIG_TYPE_CHOICE:
	case CONFIG_TYPE_NAME:
	case CONFIG_TYPE_TEXT:
	case CONFIG_TYPE_PATH:
	case CONFIG_TYPE_MODULE:
	case CONFIG_TYPE_LOG:
		free(*(char **)member(object, key));
		*(char **)member(object, key) = NULL;
		break;
	case CONFIG_TYPE_WORDS:
	case CONFIG_TYPE_LINES:
		config_list_finish(member(object, key));
		break;
	case CONFIG_TYPE_PAIRS:
		pairs = member(object, key);
		for (size_t i = 0; i < pairs->count; i++) {
			free(pairs->items[i].name);
			free(pairs->items[i].value);
		}
		free(pairs->items);
		*pairs = (struct config_pairs){ NULL, 0 };
		break;
	default:
		break;
	}
}

void
apply_reset(struct config_section *section, const struct config_key *key)
{
	apply_free(section->object, key);
	config_list_finish(
	    &section->given[config_key_index(section->kind, key)]);
}
