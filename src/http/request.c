/* SPDX-License-Identifier: MIT */
/*
 * The request-head parser: empty lines, request line, fields, and the rules
 * that hold between them. Bytes are looked at in order and the first wrong
 * one decides, so a head that comes in pieces ends like one that comes whole.
 */
#include "http/request.h"

#include "http/framing.h"
#include "http/field_line.h"
#include "http/host.h"
#include "http/scan.h"

#define MAX_EMPTY_LINES 4

struct parser {
	const char *at, *end; /* what is left, up to max_head */
	const struct http_limits *limits;
	struct http_request_head *head;
	struct http_problem *problem;
	struct http_framing framing;
	bool host_seen, continue_expected;
};

static enum http_parse
refuse(struct parser *parser, int status, const char *reason)
{
	return http_refuse(parser->problem, status, reason);
}

/* What robust servers skip: CRLF that an old client sent after a body. */
static enum http_parse
skip_empty_lines(struct parser *parser)
{
	for (int i = 0; parser->at < parser->end; i++) {
		if (*parser->at == '\n')
			return refuse(parser, 400, "A bare LF ends a line.");
		if (*parser->at != '\r')
			return HTTP_PARSE_DONE;
		if (i == MAX_EMPTY_LINES)
			return refuse(parser, 400,
			    "Too many empty lines stand before a request.");
		if (parser->end - parser->at < 2)
			return HTTP_PARSE_MORE;
		if (parser->at[1] != '\n')
			return refuse(parser, 400, "A bare CR begins a line.");
		parser->at += 2;
	}
	return HTTP_PARSE_MORE;
}

static enum http_method
method_of(struct str name)
{
#define IS(text) (memcmp(name.data, text, sizeof(text) - 1) == 0)
	switch (name.length) {
	case 3:
		return IS("GET") ? HTTP_METHOD_GET
		    : IS("PUT")  ? HTTP_METHOD_PUT
				 : HTTP_METHOD_OTHER;
	case 4:
		return IS("POST") ? HTTP_METHOD_POST
		    : IS("HEAD")  ? HTTP_METHOD_HEAD
				  : HTTP_METHOD_OTHER;
	case 5:
		return IS("PATCH") ? HTTP_METHOD_PATCH
		    : IS("TRACE")  ? HTTP_METHOD_TRACE
				   : HTTP_METHOD_OTHER;
	case 6:
		return IS("DELETE") ? HTTP_METHOD_DELETE : HTTP_METHOD_OTHER;
	case 7:
		return IS("OPTIONS") ? HTTP_METHOD_OPTIONS
		    : IS("CONNECT")  ? HTTP_METHOD_CONNECT
				     : HTTP_METHOD_OTHER;
	default:
		return HTTP_METHOD_OTHER;
	}
#undef IS
}

static enum http_parse
parse_method(struct parser *parser)
{
	const char *start = parser->at, *end = parser->end, *stop;

	if (end - start > HTTP_METHOD_MAX)
		end = start + HTTP_METHOD_MAX;
	stop = http_scan_portable(start, end, HTTP_CHARACTER_TOKEN);
	if (stop == parser->end)
		return HTTP_PARSE_MORE;
	if (stop == end && http_character_is(*stop, HTTP_CHARACTER_TOKEN))
		return refuse(parser, 501,
		    "The method is longer than any that is known.");
	if (stop == start)
		return refuse(parser, 400,
		    "A request does not begin with a method.");
	if (*stop != ' ')
		return refuse(parser, 400,
		    "The method holds a byte that is not allowed.");
	parser->head->method = str_make(start, (size_t)(stop - start));
	parser->head->method_id = method_of(parser->head->method);
	parser->at = stop + 1;
	return HTTP_PARSE_DONE;
}

/* Splits path and query of what begins at the path. */
static void
split_path(struct http_request_head *head, struct str rest)
{
	ptrdiff_t mark = str_find(rest, '?');

	head->path = rest;
	if (mark < 0)
		return;
	head->path.length = (size_t)mark;
	head->query =
	    str_make(rest.data + mark + 1, rest.length - (size_t)mark - 1);
}

/* The length of "http://" or "https://" at the front, else 0. */
static size_t
scheme_length(struct str target)
{
	if (target.length >= 7 &&
	    str_equal_nocase(str_make(target.data, 7), STR("http://")))
		return 7;
	if (target.length >= 8 &&
	    str_equal_nocase(str_make(target.data, 8), STR("https://")))
		return 8;
	return 0;
}

static enum http_parse
parse_absolute_form(struct parser *parser)
{
	struct http_request_head *head = parser->head;
	struct str rest = head->target;
	size_t skip = scheme_length(rest), length = 0;
	struct http_host host;

	if (skip == 0)
		return refuse(parser, 400,
		    "The request target has none of the allowed forms.");
	rest = str_make(rest.data + skip, rest.length - skip);
	while (length < rest.length && rest.data[length] != '/' &&
	    rest.data[length] != '?')
		length++;
	head->host = str_make(rest.data, length);
	if (!http_host_parse(head->host, &host))
		return refuse(parser, 400,
		    "The host of the request target is invalid.");
	head->form = HTTP_TARGET_ABSOLUTE;
	split_path(head, str_make(rest.data + length, rest.length - length));
	if (head->path.length == 0)
		head->path = head->method_id == HTTP_METHOD_OPTIONS &&
			head->query.data == NULL
		    ? STR("*")
		    : STR("/");
	return HTTP_PARSE_DONE;
}

/* CONNECT takes nothing but host and port (RFC 9112 3.2.3). */
static enum http_parse
parse_authority_form(struct parser *parser)
{
	struct http_request_head *head = parser->head;
	struct http_host host;

	if (!http_host_parse(head->target, &host) || host.port < 0)
		return refuse(parser, 400,
		    "CONNECT needs a host and a port as its target.");
	head->form = HTTP_TARGET_AUTHORITY;
	head->host = head->target;
	head->path = str_make(head->target.data, 0);
	return HTTP_PARSE_DONE;
}

static enum http_parse
parse_target_form(struct parser *parser)
{
	struct http_request_head *head = parser->head;

	if (head->method_id == HTTP_METHOD_CONNECT)
		return parse_authority_form(parser);
	if (head->target.data[0] == '/') {
		head->form = HTTP_TARGET_ORIGIN;
		split_path(head, head->target);
		return HTTP_PARSE_DONE;
	}
	if (!str_equal(head->target, STR("*")))
		return parse_absolute_form(parser);
	if (head->method_id != HTTP_METHOD_OPTIONS)
		return refuse(parser, 400, "Only OPTIONS may ask for \"*\".");
	head->form = HTTP_TARGET_ASTERISK;
	head->path = head->target;
	return HTTP_PARSE_DONE;
}

static enum http_parse
parse_target(struct parser *parser)
{
	const char *start = parser->at, *end = parser->end, *stop;

	if ((size_t)(end - start) > parser->limits->max_target)
		end = start + parser->limits->max_target;
	stop = http_scan_target(start, end);
	if (stop == parser->end)
		return HTTP_PARSE_MORE;
	if (stop == end && http_character_is(*stop, HTTP_CHARACTER_TARGET))
		return refuse(parser, 414, "The request target is too long.");
	if (*stop == '#')
		return refuse(parser, 400,
		    "The request target holds a fragment.");
	if (*stop == '\r' || *stop == '\n')
		return refuse(parser, 400, "The request line has no version.");
	if (*stop != ' ')
		return refuse(parser, 400,
		    "The request target holds a byte that is not allowed.");
	if (stop == start)
		return refuse(parser, 400, "The request target is empty.");
	parser->head->target = str_make(start, (size_t)(stop - start));
	parser->at = stop + 1;
	return HTTP_PARSE_DONE;
}

/* The bytes so far, when they are not just "HTTP/1.1" and CRLF. */
static enum http_parse
parse_unusual_version(struct parser *parser)
{
	static const char shape[] = "HTTP/d.d\r\n";
	const char *at = parser->at;
	size_t length = (size_t)(parser->end - at);

	for (size_t i = 0; i < length && i < sizeof(shape) - 1; i++) {
		if (shape[i] == 'd' ? at[i] < '0' || at[i] > '9'
				    : at[i] != shape[i])
			return refuse(parser, 400,
			    i < 8 ? "The version of the request is malformed."
				  : "The request line does not end in CRLF.");
		if (i == 7 && (at[5] != '1' || at[7] > '1'))
			return refuse(parser, 505,
			    "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
	}
	if (length < sizeof(shape) - 1)
		return HTTP_PARSE_MORE;
	parser->head->version_minor = (unsigned)(at[7] - '0');
	parser->at = at + sizeof(shape) - 1;
	return HTTP_PARSE_DONE;
}

static enum http_parse
parse_version(struct parser *parser)
{
	static const char usual[] = "HTTP/1.1\r\n";

	if ((size_t)(parser->end - parser->at) < sizeof(usual) - 1 ||
	    memcmp(parser->at, usual, sizeof(usual) - 1) != 0)
		return parse_unusual_version(parser);
	parser->head->version_minor = 1;
	parser->at += sizeof(usual) - 1;
	return HTTP_PARSE_DONE;
}

static enum http_parse
note_host(struct parser *parser, struct str value)
{
	struct http_host host;

	if (parser->host_seen)
		return refuse(parser, 400, "Host is repeated.");
	parser->host_seen = true;
	if (!http_host_parse(value, &host))
		return refuse(parser, 400, "Host is invalid.");
	if (parser->head->host.data == NULL)
		parser->head->host = value;
	return HTTP_PARSE_DONE;
}

/* HTTP/1.0 knows no 100 responses (RFC 9110 10.1.1). */
static enum http_parse
note_expect(struct parser *parser, struct str value)
{
	if (!str_equal_nocase(value, STR("100-continue")))
		return refuse(parser, 417, "The expectation is unknown.");
	parser->continue_expected = parser->head->version_minor > 0;
	return HTTP_PARSE_DONE;
}

static enum http_parse
note_field(struct parser *parser, const struct http_field *field)
{
	switch (field->id) {
	case HTTP_FIELD_OTHER:
		return HTTP_PARSE_DONE;
	case HTTP_FIELD_HOST:
		return note_host(parser, field->value);
	case HTTP_FIELD_EXPECT:
		return note_expect(parser, field->value);
	default:
		return http_framing_note(&parser->framing, field,
		    parser->head->version_minor, parser->problem);
	}
}

static enum http_parse
parse_fields(struct parser *parser)
{
	struct http_request_head *head = parser->head;
	enum http_parse result;
	bool field_line;

	for (;;) {
		result = http_field_section_end(&parser->at, parser->end,
		    &field_line, parser->problem);
		if (!field_line)
			return result;
		if (head->field_count == parser->limits->max_fields)
			return refuse(parser, 431,
			    "The request has too many fields.");
		result = http_field_line_parse(&parser->at, parser->end,
		    &head->fields[head->field_count], parser->problem);
		if (result != HTTP_PARSE_DONE)
			return result;
		result = note_field(parser, &head->fields[head->field_count]);
		if (result != HTTP_PARSE_DONE)
			return result;
		head->field_count++;
	}
}

/* The rules that need the whole head. */
static enum http_parse
conclude(struct parser *parser)
{
	struct http_request_head *head = parser->head;
	const struct http_framing *framing = &parser->framing;

	if (!parser->host_seen && head->version_minor > 0)
		return refuse(parser, 400, "Host is missing.");
	head->content_length = framing->content_length;
	head->chunked = framing->chunked;
	head->keep_alive = http_framing_persists(framing, head->version_minor);
	head->upgrade = framing->upgrade_option && framing->upgrade_field &&
	    head->version_minor > 0;
	head->expect_continue = parser->continue_expected &&
	    (head->chunked || head->content_length > 0);
	return HTTP_PARSE_DONE;
}

static enum http_parse
parse_head(struct parser *parser)
{
	enum http_parse result;

	if ((result = skip_empty_lines(parser)) != HTTP_PARSE_DONE ||
	    (result = parse_method(parser)) != HTTP_PARSE_DONE ||
	    (result = parse_target(parser)) != HTTP_PARSE_DONE ||
	    (result = parse_version(parser)) != HTTP_PARSE_DONE ||
	    (result = parse_target_form(parser)) != HTTP_PARSE_DONE ||
	    (result = parse_fields(parser)) != HTTP_PARSE_DONE)
		return result;
	return conclude(parser);
}

/*
 * One by one: the compiler turns a whole initialiser into a slow block fill
 * that costs a fifth of parsing a small head.
 */
static void
reset(struct http_request_head *head)
{
	head->method_id = HTTP_METHOD_OTHER;
	head->form = HTTP_TARGET_ORIGIN;
	head->version_minor = 0;
	head->method = STR_NULL;
	head->target = STR_NULL;
	head->path = STR_NULL;
	head->query = STR_NULL;
	head->host = STR_NULL;
	head->field_count = 0;
	head->content_length = -1;
	head->chunked = false;
	head->expect_continue = false;
	head->keep_alive = false;
	head->upgrade = false;
	head->size = 0;
}

enum http_parse
http_request_parse(const char *data, size_t length,
    const struct http_limits *limits, struct http_request_head *head,
    struct http_problem *problem)
{
	bool too_long = length > limits->max_head;
	struct parser parser = {
		.at = data,
		.end = data + (too_long ? limits->max_head : length),
		.limits = limits,
		.head = head,
		.problem = problem,
	};
	enum http_parse result;

	reset(head);
	http_framing_init(&parser.framing);
	result = parse_head(&parser);
	if (result == HTTP_PARSE_MORE && too_long)
		return http_refuse(problem, 431,
		    "The head of the request is too large.");
	if (result == HTTP_PARSE_DONE)
		head->size = (size_t)(parser.at - data);
	return result;
}

/* Views that lie outside the head are static and stay. */
static void
move_view(struct str *view, const char *from, size_t size, const char *to)
{
	uintptr_t offset = (uintptr_t)view->data - (uintptr_t)from;

	if (view->data != NULL && offset <= size)
		view->data = to + offset;
}

void
http_request_move(struct http_request_head *head, const char *from,
    const char *to)
{
	size_t size = head->size;

	move_view(&head->method, from, size, to);
	move_view(&head->target, from, size, to);
	move_view(&head->path, from, size, to);
	move_view(&head->query, from, size, to);
	move_view(&head->host, from, size, to);
	for (size_t i = 0; i < head->field_count; i++) {
		move_view(&head->fields[i].name, from, size, to);
		move_view(&head->fields[i].value, from, size, to);
	}
}

const struct http_field *
http_request_field(const struct http_request_head *head, struct str name,
    size_t nth)
{
	for (size_t i = 0; i < head->field_count; i++)
		if (str_equal_nocase(head->fields[i].name, name) && nth-- == 0)
			return &head->fields[i];
	return NULL;
}

const struct http_field *
http_request_field_id(const struct http_request_head *head,
    enum http_field_id id)
{
	for (size_t i = 0; i < head->field_count; i++)
		if (head->fields[i].id == id)
			return &head->fields[i];
	return NULL;
}
