/* SPDX-License-Identifier: MIT */
/* Replaces variables by what the environment says. */
#include "config/environment.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

/* As the shells have it. */
static bool
is_variable_name(struct str name)
{
	for (size_t i = 0; i < name.length; i++) {
		unsigned char byte = ascii_lower((unsigned char)name.data[i]);

		if (byte != '_' && !(byte >= 'a' && byte <= 'z') &&
		    !(i > 0 && byte >= '0' && byte <= '9'))
			return false;
	}
	return name.length > 0;
}

/* inside is what stands between the braces. */
static int
expand_variable(struct str inside, struct buffer *out, struct error *error)
{
	struct str name = inside, fallback = STR_NULL;
	ptrdiff_t colon = str_find(inside, ':');
	const char *value;
	char *key;

	if (colon >= 0 && (size_t)colon + 1 < inside.length &&
	    inside.data[colon + 1] == '-') {
		name.length = (size_t)colon;
		fallback = str_make(inside.data + colon + 2,
		    inside.length - (size_t)colon - 2);
	}
	if (!is_variable_name(name))
		return error_set(error,
		    "'${%.*s}' names no variable; write "
		    "${NAME} or ${NAME:-default}, and $$ for a dollar",
		    STR_ARG(inside));
	key = xstrndup(name.data, name.length);
	value = getenv(key);
	free(key);
	if (fallback.data != NULL && (value == NULL || *value == '\0')) {
		buffer_append_str(out, fallback);
		return 0;
	}
	if (value == NULL)
		return error_set(error,
		    "the environment has no variable "
		    "'%.*s'; set it, or write ${%.*s:-default}",
		    STR_ARG(name), STR_ARG(name));
	buffer_append(out, value, strlen(value));
	return 0;
}

char *
environment_expand(const char *text, struct error *error)
{
	struct buffer out = BUFFER_EMPTY;
	const char *end;

	for (; *text != '\0'; text++) {
		if (*text != '$' || text[1] == '\0' ||
		    strchr("${;", text[1]) == NULL) {
			buffer_append(&out, text, 1);
			continue;
		}
		text++;
		if (*text != '{') {
			buffer_append(&out, text, 1);
			continue;
		}
		end = strchr(text, '}');
		if (end == NULL) {
			error_set(error,
			    "'${' has no '}'; write $$ for a "
			    "dollar before a brace");
			goto fail;
		}
		if (expand_variable(str_make(text + 1,
					(size_t)(end - text) - 1),
			&out, error) < 0)
			goto fail;
		text = end;
	}
	buffer_append(&out, "", 1);
	return out.data;

fail:
	buffer_finish(&out);
	return NULL;
}

char *
environment_escape(const char *text)
{
	struct buffer out = BUFFER_EMPTY;
	bool blank = true; /* the one behind the '=' */

	for (; *text != '\0'; text++) {
		/* inih takes a semicolon behind white space for a comment. */
		if ((*text == ';' && blank) ||
		    (*text == '$' && text[1] != '\0' &&
			strchr("${;", text[1]) != NULL))
			buffer_append(&out, "$", 1);
		blank = *text == ' ' || *text == '\t';
		buffer_append(&out, text, 1);
	}
	buffer_append(&out, "", 1);
	return out.data;
}
