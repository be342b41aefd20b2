/* SPDX-License-Identifier: MIT */
/*
 * Knows from the head of a response whether it may and should be compressed,
 * and changes the head accordingly (RFC 9110 8.4, 8.8.3, 12.5).
 */
#include "serve/compression.h"

#include "http/response.h"
#include "serve/filter.h"
#include "serve/route.h"

static struct http_field *
find_field(const struct exchange *exchange, enum http_field_id id)
{
	for (size_t i = 0; i < exchange->response_count; i++)
		if (exchange->response_fields[i].id == id)
			return &exchange->response_fields[i];
	return NULL;
}

/* Appends one of the FILTER_EXTRA_FIELDS. */
static void
add_field(struct exchange *exchange, struct http_field field)
{
	exchange->response_fields[exchange->response_count++] = field;
}

static void
remove_field(struct exchange *exchange, struct str name)
{
	size_t kept = 0;

	for (size_t i = 0; i < exchange->response_count; i++)
		if (!str_equal_nocase(exchange->response_fields[i].name, name))
			exchange->response_fields[kept++] =
			    exchange->response_fields[i];
	exchange->response_count = kept;
}

/* Says that the answer depends on Accept-Encoding (RFC 9110 12.5.5). */
static void
vary_by_encoding(struct exchange *exchange)
{
	struct http_field *vary = NULL;

	for (size_t i = 0; i < exchange->response_count; i++) {
		struct http_field *field = &exchange->response_fields[i];

		if (field->id != HTTP_FIELD_VARY)
			continue;
		if (http_list_has(field->value, STR("Accept-Encoding")) ||
		    http_list_has(field->value, STR("*")))
			return;
		vary = field;
	}
	if (vary == NULL)
		add_field(exchange,
		    (struct http_field){ STR("Vary"), STR("Accept-Encoding"),
			HTTP_FIELD_VARY });
	else if (vary->value.length == 0)
		vary->value = STR("Accept-Encoding");
	else
		vary->value = arena_printf(&exchange->arena,
		    "%.*s, Accept-Encoding", STR_ARG(vary->value));
}

/* The bytes are others now: a strong validator becomes a weak one. */
static void
weaken_etag(struct exchange *exchange, struct http_field *etag)
{
	if (etag != NULL && etag->value.length > 0 &&
	    etag->value.data[0] == '"')
		etag->value = arena_printf(&exchange->arena, "W/%.*s",
		    STR_ARG(etag->value));
}

/* A Content-Type without its parameters. */
static struct str
media_type(struct str value)
{
	ptrdiff_t end = str_find(value, ';');

	return str_trim(end < 0 ? value : str_make(value.data, (size_t)end));
}

static bool
type_is_listed(const struct config_route *config, struct str type)
{
	for (size_t i = 0; i < config->compress_types.count; i++) {
		struct str listed = str_of(config->compress_types.items[i]);
		size_t stem = listed.length - 1;

		if (str_equal_nocase(listed, type))
			return true;
		/* All of a kind, as in "text/" with a star. */
		if (str_ends(listed, STR("/*")) && type.length > stem &&
		    str_equal_nocase(str_make(listed.data, stem),
			str_make(type.data, stem)))
			return true;
	}
	return false;
}

/* Whether this response would be compressed for a client that takes it. */
static bool
is_compressible(struct exchange *exchange, const struct config_route *config)
{
	struct http_field *type = find_field(exchange, HTTP_FIELD_CONTENT_TYPE);

	if (!http_status_has_body(exchange->status) ||
	    exchange->status == 206 ||
	    find_field(exchange, HTTP_FIELD_CONTENT_RANGE) != NULL ||
	    find_field(exchange, HTTP_FIELD_CONTENT_ENCODING) != NULL)
		return false;
	if (exchange->response_length >= 0 &&
	    (exchange->response_length == 0 ||
		(uint64_t)exchange->response_length < config->compress_min))
		return false;
	for (size_t i = 0; i < exchange->response_count; i++)
		if (exchange->response_fields[i].id ==
			HTTP_FIELD_CACHE_CONTROL &&
		    http_list_has(exchange->response_fields[i].value,
			STR("no-transform")))
			return false;
	return type != NULL && type_is_listed(config, media_type(type->value));
}

/*
 * A client that revalidates with the weak form that a compressed response
 * gave it gets that form back: a strong one would not match what it keeps.
 */
static void
repeat_weak_etag(struct exchange *exchange)
{
	struct http_field *etag = find_field(exchange, HTTP_FIELD_ETAG);
	const struct http_request_head *request = &exchange->request;
	struct str weak;

	if (etag == NULL || etag->value.length == 0 ||
	    etag->value.data[0] != '"')
		return;
	weak = arena_printf(&exchange->arena, "W/%.*s", STR_ARG(etag->value));
	for (size_t i = 0; i < request->field_count; i++)
		if (request->fields[i].id == HTTP_FIELD_IF_NONE_MATCH &&
		    memmem(request->fields[i].value.data,
			request->fields[i].value.length, weak.data,
			weak.length) != NULL) {
			etag->value = weak;
			vary_by_encoding(exchange);
			return;
		}
}

/* Makes the fields those of a compressed response. */
static void
rewrite_head(struct exchange *exchange, enum http_coding coding)
{
	/* Each is about the bytes as they were before. */
	static const struct str stale[] = { { "Accept-Ranges", 13 },
		{ "Content-MD5", 11 }, { "Content-Digest", 14 },
		{ "Digest", 6 } };

	for (size_t i = 0; i < sizeof(stale) / sizeof(stale[0]); i++)
		remove_field(exchange, stale[i]);
	weaken_etag(exchange, find_field(exchange, HTTP_FIELD_ETAG));
	add_field(exchange,
	    (struct http_field){ STR("Content-Encoding"),
		http_coding_name(coding), HTTP_FIELD_CONTENT_ENCODING });
}

enum http_coding
compression_decide(struct exchange *exchange, bool available)
{
	const struct config_route *config;
	enum http_coding coding;

	if (exchange->route == NULL || !exchange->route->config->compress)
		return HTTP_CODING_IDENTITY;
	config = exchange->route->config;
	if (exchange->status == 304)
		repeat_weak_etag(exchange);
	if (!is_compressible(exchange, config))
		return HTTP_CODING_IDENTITY;
	vary_by_encoding(exchange);
	coding = http_coding_choose(&exchange->request,
	    HTTP_CODING_GZIP | HTTP_CODING_DEFLATE | HTTP_CODING_IDENTITY);
	if (coding == HTTP_CODING_IDENTITY || !available)
		return HTTP_CODING_IDENTITY;
	rewrite_head(exchange, coding);
	exchange->response_length = -1;
	return coding;
}

bool
compression_is_event_stream(const struct exchange *exchange)
{
	const struct http_field *type =
	    find_field(exchange, HTTP_FIELD_CONTENT_TYPE);

	return type != NULL &&
	    str_equal_nocase(media_type(type->value), STR("text/event-stream"));
}
