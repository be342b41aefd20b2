/* SPDX-License-Identifier: MIT */
/*
 * Compiles formats of the access log into items. All that is the same in
 * every line of a process is literal text already.
 */
#include "serve/access_format.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "serve/access_format_priv.h"
#include "serve/log_escape.h"

#define VALUE_MIN 16 /* what a value from outside may take at the least */
#define ITEM_EXTRA 8 /* quotes and "..." around such a value */

static const char COMMON[] = "%(h)s %(l)s %(u)s %(t)s \"%(r)s\" %(s)s %(b)s";
static const char COMBINED[] = "%(h)s %(l)s %(u)s %(t)s \"%(r)s\" %(s)s %(b)s "
			       "\"%(f)s\" \"%(a)s\"";

static const struct name {
	const char *name;
	enum access_atom atom;
	const char *text;
} names[] = {
	{ "B", ACCESS_BYTES, NULL },
	{ "D", ACCESS_MICROSECONDS, NULL },
	{ "H", ACCESS_PROTOCOL, NULL },
	{ "L", ACCESS_DECIMAL_SECONDS, NULL },
	{ "M", ACCESS_MILLISECONDS, NULL },
	{ "T", ACCESS_SECONDS, NULL },
	{ "U", ACCESS_PATH, NULL },
	{ "a", ACCESS_REQUEST_FIELD, "user-agent" },
	{ "app", ACCESS_APP, NULL },
	{ "b", ACCESS_BYTES_OR_DASH, NULL },
	{ "f", ACCESS_REQUEST_FIELD, "referer" },
	{ "h", ACCESS_PEER_ADDRESS, NULL },
	{ "host", ACCESS_HOST, NULL },
	{ "l", ACCESS_LITERAL, "-" },
	{ "m", ACCESS_METHOD, NULL },
	{ "note", ACCESS_NOTE, NULL },
	{ "p", ACCESS_PID, NULL },
	{ "pool", ACCESS_POOL, NULL },
	{ "port", ACCESS_PEER_PORT, NULL },
	{ "q", ACCESS_QUERY, NULL },
	{ "r", ACCESS_REQUEST_LINE, NULL },
	{ "route", ACCESS_ROUTE, NULL },
	{ "s", ACCESS_STATUS, NULL },
	{ "scheme", ACCESS_SCHEME, NULL },
	{ "t", ACCESS_TIME, NULL },
	{ "u", ACCESS_USER, NULL },
	{ "upstream", ACCESS_UPSTREAM, NULL },
	{ NULL, ACCESS_LITERAL, NULL },
};

/* The request's part of a CGI or WSGI environment, for %({name}e)s. */
static const struct name variables[] = {
	{ "CONTENT_LENGTH", ACCESS_REQUEST_FIELD, "content-length" },
	{ "CONTENT_TYPE", ACCESS_REQUEST_FIELD, "content-type" },
	{ "QUERY_STRING", ACCESS_QUERY, NULL },
	{ "RAW_URI", ACCESS_TARGET, NULL },
	{ "REMOTE_ADDR", ACCESS_PEER_ADDRESS, NULL },
	{ "REMOTE_PORT", ACCESS_PEER_PORT, NULL },
	{ "REMOTE_USER", ACCESS_USER, NULL },
	{ "REQUEST_METHOD", ACCESS_METHOD, NULL },
	{ "REQUEST_URI", ACCESS_TARGET, NULL },
	{ "SERVER_ADDR", ACCESS_LOCAL_ADDRESS, NULL },
	{ "SERVER_PORT", ACCESS_LOCAL_PORT, NULL },
	{ "SERVER_PROTOCOL", ACCESS_PROTOCOL, NULL },
	{ "wsgi.url_scheme", ACCESS_SCHEME, NULL },
	{ NULL, ACCESS_LITERAL, NULL },
};

/* The keys of "json", in their order. They are an interface: only add. */
static const struct {
	const char *key;
	enum access_atom atom;
	const char *text;
} json_keys[] = {
	{ "time", ACCESS_TIME, NULL },
	{ "client", ACCESS_PEER_ADDRESS, NULL },
	{ "user", ACCESS_USER, NULL },
	{ "method", ACCESS_METHOD, NULL },
	{ "target", ACCESS_TARGET, NULL },
	{ "protocol", ACCESS_PROTOCOL, NULL },
	{ "scheme", ACCESS_SCHEME, NULL },
	{ "host", ACCESS_HOST, NULL },
	{ "status", ACCESS_STATUS, NULL },
	{ "bytes", ACCESS_BYTES, NULL },
	{ "duration", ACCESS_DECIMAL_SECONDS, NULL },
	{ "referer", ACCESS_REQUEST_FIELD, "referer" },
	{ "user_agent", ACCESS_REQUEST_FIELD, "user-agent" },
	{ "pool", ACCESS_POOL, NULL },
	{ "route", ACCESS_ROUTE, NULL },
	{ "app", ACCESS_APP, NULL },
	{ "upstream", ACCESS_UPSTREAM, NULL },
	{ "note", ACCESS_NOTE, NULL },
	{ "pid", ACCESS_PID, NULL },
};

/* --- compiling ------------------------------------------------------------ */

/* Adds an item; literal texts that follow each other become one. */
static void
add(struct access_format *format, enum access_atom atom, struct str text)
{
	struct access_item *last =
	    format->count > 0 ? &format->items[format->count - 1] : NULL;

	if (atom == ACCESS_LITERAL && text.length == 0)
		return;
	if (atom == ACCESS_LITERAL && last && last->atom == ACCESS_LITERAL) {
		last->text = arena_printf(&format->arena, "%.*s%.*s",
		    STR_ARG(last->text), STR_ARG(text));
		return;
	}
	format->items = xreallocarray(format->items, format->count + 1,
	    sizeof(*format->items));
	format->items[format->count++] = (struct access_item){ atom, text };
}

static const struct name *
name_find(const struct name *table, struct str name)
{
	for (; table->name != NULL; table++)
		if (str_equal(str_of(table->name), name))
			return table;
	return NULL;
}

/* %({name}e)s: what is of the request, else what stands in the process's
 * environment now. */
static void
add_variable(struct access_format *format, struct str name)
{
	const struct name *known = name_find(variables, name);
	struct buffer text = BUFFER_EMPTY;
	const char *value;
	char *copy;

	if (known != NULL) {
		add(format, known->atom, str_of(known->text));
		return;
	}
	copy = arena_strndup(&format->arena, name.data, name.length);
	if (str_starts(name, STR("HTTP_"))) {
		for (char *at = copy; *at != '\0'; at++)
			*at = *at == '_' ? '-' : *at;
		add(format, ACCESS_REQUEST_FIELD, str_of(copy + 5));
		return;
	}
	value = getenv(copy);
	log_escape_plain(&text, str_of(value && *value ? value : "-"),
	    ACCESS_FORMAT_LIMIT_MIN);
	add(format, ACCESS_LITERAL,
	    arena_str(&format->arena, buffer_str(&text)));
	buffer_finish(&text);
}

static void
add_known(struct access_format *format, enum access_atom atom, const char *text)
{
	if (atom == ACCESS_PID)
		add(format, ACCESS_LITERAL,
		    arena_printf(&format->arena, format->json ? "%d" : "<%d>",
			(int)getpid()));
	else
		add(format, atom, str_of(text));
}

/* The inside of %(…)s. */
static int
add_atom(struct access_format *format, struct str atom, struct error *error)
{
	const struct name *known = name_find(names, atom);
	struct str name;

	if (known != NULL) {
		add_known(format, known->atom, known->text);
		return 0;
	}
	if (atom.length > 3 && atom.data[0] == '{' &&
	    atom.data[atom.length - 2] == '}') {
		name = arena_str(&format->arena,
		    str_make(atom.data + 1, atom.length - 3));
		switch (atom.data[atom.length - 1]) {
		case 'i':
			add(format, ACCESS_REQUEST_FIELD, name);
			return 0;
		case 'o':
			add(format, ACCESS_RESPONSE_FIELD, name);
			return 0;
		case 'e':
			add_variable(format, name);
			return 0;
		}
	}
	return error_set(error,
	    "access_log_format: unknown atom %%(%.*s)s; there are h l u t r m "
	    "U q H s b B f a T M D L p, {name}i, {name}o, {name}e, route, "
	    "pool, app, upstream, note, scheme, host and port",
	    STR_ARG(atom));
}

/* What follows a percent sign; *rest moves behind it. */
static int
parse_atom(struct access_format *format, struct str *rest, struct error *error)
{
	struct str atom;
	ptrdiff_t end;

	if (rest->length > 0 && rest->data[0] == '%') {
		add(format, ACCESS_LITERAL, STR("%"));
		*rest = str_make(rest->data + 1, rest->length - 1);
		return 0;
	}
	end = str_find(*rest, ')');
	if (rest->length == 0 || rest->data[0] != '(' || end < 0)
		return error_set(error,
		    "access_log_format: '%%%.*s' is no atom; write %%(h)s, or "
		    "%%%% for a percent sign",
		    rest->length < 20 ? (int)rest->length : 20, rest->data);
	atom = str_make(rest->data + 1, (size_t)end - 1);
	rest->data += end + 1;
	rest->length -= (size_t)end + 1;
	if (rest->length == 0 || rest->data[0] != 's')
		return error_set(error,
		    "access_log_format: an s is missing behind %%(%.*s)",
		    STR_ARG(atom));
	rest->data++;
	rest->length--;
	return add_atom(format, atom, error);
}

static int
parse(struct access_format *format, struct str text, struct error *error)
{
	struct str rest = text;
	ptrdiff_t percent;

	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] < 0x20 && text.data[i] != '\t')
			return error_set(error,
			    "access_log_format holds a control byte");
	if (str_find(text, '%') < 0)
		return error_set(error,
		    "access_log_format '%.*s' is neither common, combined nor "
		    "json, and holds no atom such as %%(h)s",
		    STR_ARG(text));
	while ((percent = str_find(rest, '%')) >= 0) {
		add(format, ACCESS_LITERAL,
		    arena_str(&format->arena,
			str_make(rest.data, (size_t)percent)));
		rest.data += percent + 1;
		rest.length -= (size_t)percent + 1;
		if (parse_atom(format, &rest, error) < 0)
			return -1;
	}
	add(format, ACCESS_LITERAL, arena_str(&format->arena, rest));
	return 0;
}

static void
compile_json(struct access_format *format)
{
	format->json = true;
	for (size_t i = 0; i < sizeof(json_keys) / sizeof(json_keys[0]); i++) {
		add(format, ACCESS_LITERAL,
		    arena_printf(&format->arena, "%c\"%s\":", i ? ',' : '{',
			json_keys[i].key));
		add_known(format, json_keys[i].atom, json_keys[i].text);
	}
	add(format, ACCESS_LITERAL, STR("}"));
}

/* Finds out how much of a line's limit is left for values from outside. */
static int
measure(struct access_format *format, struct error *error)
{
	format->fixed = 1; /* newline */
	for (size_t i = 0; i < format->count; i++) {
		const struct access_item *item = &format->items[i];

		if (item->atom == ACCESS_LITERAL) {
			format->fixed += item->text.length;
		} else if (item->atom == ACCESS_TIME) {
			format->fixed += ACCESS_STAMP_MAX;
		} else if (item->atom < ACCESS_REQUEST_LINE) {
			format->fixed += ACCESS_NUMBER_MAX;
		} else if (item->atom == ACCESS_REQUEST_LINE) {
			format->fixed += 2 * ITEM_EXTRA + ACCESS_NUMBER_MAX;
			format->values += 2;
		} else {
			format->fixed += ITEM_EXTRA;
			format->values++;
		}
	}
	if (format->fixed + format->values * VALUE_MIN >
	    ACCESS_FORMAT_LIMIT_MIN)
		return error_set(error,
		    "access_log_format is too long: a line could have more "
		    "than %d bytes",
		    ACCESS_FORMAT_LIMIT_MIN);
	return 0;
}

struct access_format *
access_format_create(const char *text, struct error *error)
{
	struct access_format *format = xcalloc(1, sizeof(*format));
	int result = 0;

	arena_init(&format->arena, NULL, 0);
	format->stamp.second = UINT64_MAX;
	if (strcmp(text, "common") == 0)
		text = COMMON;
	else if (strcmp(text, "combined") == 0)
		text = COMBINED;
	if (strcmp(text, "json") == 0)
		compile_json(format);
	else
		result = parse(format, str_of(text), error);
	if (result < 0 || measure(format, error) < 0)
		access_format_destroy(&format);
	return format;
}

void
access_format_destroy(struct access_format **format)
{
	if (*format == NULL)
		return;
	arena_reset(&(*format)->arena);
	free((*format)->items);
	free(*format);
	*format = NULL;
}

int
access_format_check(const char *text, struct error *error)
{
	struct access_format *format = access_format_create(text, error);

	if (format == NULL)
		return -1;
	access_format_destroy(&format);
	return 0;
}
