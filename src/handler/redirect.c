/* SPDX-License-Identifier: MIT */
/* Answers with the way to another URL, made from the request's own parts. */
#include "handler/redirect.h"

#include <stdlib.h>

#include "base/memory.h"
#include "handler/location.h"
#include "http/field.h"
#include "http/uri.h"
#include "serve/route.h"

enum redirect_variable {
	REDIRECT_TEXT, /* as it stands in the configuration */
	REDIRECT_SCHEME,
	REDIRECT_HOST,
	REDIRECT_PATH,
	REDIRECT_QUERY,
	REDIRECT_URI,
};

struct redirect_piece {
	enum redirect_variable variable;
	struct str text; /* of TEXT; a view into the configuration */
};

struct redirect {
	int status;
	bool names_host; /* begins with "//": another server is meant */
	struct redirect_piece *pieces;
	size_t count;
};

/* --- answering ------------------------------------------------------------ */

/* Where the client connected to; a Unix socket has no such name. */
static struct str
local_name(const struct exchange_peer *peer)
{
	if (peer->local_address.length == 0 || peer->local_port.length == 0)
		return STR("localhost");
	return peer->local_address;
}

/* The name of the server as the client knows it, without the port. */
static struct str
host_name(struct exchange *exchange)
{
	struct str host = exchange->request.host;
	ptrdiff_t end;

	if (host.length == 0) /* an old client */
		return local_name(exchange_peer(exchange));
	if (host.data[0] == '[') {
		end = str_find(host, ']');
		return end < 0 ? host : str_make(host.data, (size_t)end + 1);
	}
	end = str_find(host, ':');
	return end < 0 ? host : str_make(host.data, (size_t)end);
}

static void
append_host(struct buffer *url, struct exchange *exchange)
{
	struct str name = host_name(exchange);

	if (name.data[0] != '[' && str_find(name, ':') >= 0) {
		/* A version 6 address of our own. */
		buffer_append_str(url, STR("["));
		location_append_host(url, name);
		buffer_append_str(url, STR("]"));
	} else {
		location_append_host(url, name);
	}
}

/* The path and query as received; "/" for "OPTIONS *" and CONNECT. */
static void
append_uri(struct buffer *url, const struct exchange *exchange)
{
	const struct http_request_head *request = &exchange->request;

	if (request->path.length == 0 || request->path.data[0] != '/')
		buffer_append_str(url, STR("/"));
	else
		location_append_raw(url, request->path);
	if (request->query.data != NULL) {
		buffer_append_str(url, STR("?"));
		location_append_raw(url, request->query);
	}
}

static void
append_path(struct buffer *url, struct str path)
{
	if (path.length == 0 || path.data[0] != '/')
		buffer_append_str(url, STR("/"));
	else
		http_path_encode(url, path);
}

static void
append_piece(struct buffer *url, struct exchange *exchange,
    const struct redirect_piece *piece)
{
	switch (piece->variable) {
	case REDIRECT_TEXT:
		buffer_append_str(url, piece->text);
		break;
	case REDIRECT_SCHEME:
		buffer_append_str(url, exchange_peer(exchange)->scheme);
		break;
	case REDIRECT_HOST:
		append_host(url, exchange);
		break;
	case REDIRECT_PATH:
		append_path(url, exchange->path);
		break;
	case REDIRECT_QUERY:
		location_append_raw(url, exchange->request.query);
		break;
	case REDIRECT_URI:
		append_uri(url, exchange);
		break;
	}
}

static void
redirect_start(struct exchange *exchange)
{
	const struct redirect *redirect = exchange->route->handler_state;
	struct buffer url = BUFFER_EMPTY;

	for (size_t i = 0; i < redirect->count; i++)
		append_piece(&url, exchange, &redirect->pieces[i]);
	if (!redirect->names_host)
		location_keep_local(&url);
	location_reply(exchange, redirect->status, buffer_str(&url));
	buffer_finish(&url);
}

const struct handler_ops redirect_handler = {
	.name = "redirect",
	.start = redirect_start,
};

/* --- boot ----------------------------------------------------------------- */

static const struct {
	struct str name;
	enum redirect_variable variable;
} variables[] = {
	{ { "host", 4 }, REDIRECT_HOST },
	{ { "path", 4 }, REDIRECT_PATH },
	{ { "query", 5 }, REDIRECT_QUERY },
	{ { "scheme", 6 }, REDIRECT_SCHEME },
	{ { "uri", 3 }, REDIRECT_URI },
};

static size_t
name_length(struct str text)
{
	size_t length = 0;

	while (length < text.length &&
	    ((ascii_lower((unsigned char)text.data[length]) >= 'a' &&
		 ascii_lower((unsigned char)text.data[length]) <= 'z') ||
		text.data[length] == '_'))
		length++;
	return length;
}

/* Takes a variable or "$$" off the front of *rest, behind its '$'. */
static int
take_variable(struct str *rest, struct redirect_piece *piece)
{
	struct str name = str_make(rest->data, name_length(*rest));

	if (rest->length > 0 && rest->data[0] == '$') {
		*piece = (struct redirect_piece){ REDIRECT_TEXT,
			str_make(rest->data, 1) };
		name.length = 1;
	} else {
		size_t i = 0, count = sizeof(variables) / sizeof(variables[0]);

		while (i < count && !str_equal(variables[i].name, name))
			i++;
		if (i == count)
			return -1;
		piece->variable = variables[i].variable;
	}
	rest->data += name.length;
	rest->length -= name.length;
	return 0;
}

static int
take_apart(struct redirect *redirect, struct str rest)
{
	while (rest.length > 0) {
		struct redirect_piece *piece =
		    &redirect->pieces[redirect->count++];
		ptrdiff_t dollar = str_find(rest, '$');

		if (dollar == 0) {
			rest.data++;
			rest.length--;
			if (take_variable(&rest, piece) < 0)
				return -1;
			continue;
		}
		piece->text = rest;
		if (dollar > 0)
			piece->text.length = (size_t)dollar;
		rest.data += piece->text.length;
		rest.length -= piece->text.length;
	}
	return 0;
}

int
redirect_state_create(const struct config_route *config, void **state,
    struct error *error)
{
	struct str url = str_of(config->redirect);
	struct redirect *redirect;

	if (url.length == 0 || !http_is_field_value(url))
		return error_set(error,
		    "redirect: the URL is empty or holds control characters");
	redirect = xcalloc(1, sizeof(*redirect));
	redirect->status = (int)config->redirect_status;
	redirect->names_host = str_starts(url, STR("//"));
	redirect->pieces = xcalloc(url.length, sizeof(*redirect->pieces));
	*state = redirect;
	if (take_apart(redirect, url) == 0)
		return 0;
	redirect_state_destroy(state);
	return error_set(error,
	    "redirect = %s: a $ must be followed by scheme, host, path, query, "
	    "uri or another $",
	    config->redirect);
}

void
redirect_state_destroy(void **state)
{
	struct redirect *redirect = *state;

	if (redirect == NULL)
		return;
	free(redirect->pieces);
	free(redirect);
	*state = NULL;
}
