/* SPDX-License-Identifier: MIT */
/* Status line, fields, and what the two say about the body. */
#include "http/response_head.h"

#include "http/field_line.h"
#include "http/framing.h"
#include "http/response.h"
#include "http/scan.h"

struct parser {
	const char *at, *end;
	const struct http_limits *limits;
	struct http_response_head *head;
	struct http_problem *problem;
	struct http_framing framing;
};

static enum http_parse
refuse(struct parser *parser, const char *reason)
{
	return http_refuse(parser->problem, 502, reason);
}

/* "HTTP/1.d ddd": version and code, checked as far as they came. */
static enum http_parse
parse_code(struct parser *parser)
{
	static const char shape[] = "HTTP/1.d ddd";
	const char *at = parser->at;
	size_t length = (size_t)(parser->end - at);

	for (size_t i = 0; i < length && i < sizeof(shape) - 1; i++)
		if (shape[i] == 'd' ? at[i] < '0' || at[i] > '9'
				    : at[i] != shape[i])
			return refuse(parser, "The status line is malformed.");
	if (length < sizeof(shape) - 1)
		return HTTP_PARSE_MORE;
	parser->head->version_minor = at[7] == '0' ? 0 : 1;
	parser->head->status =
	    (at[9] - '0') * 100 + (at[10] - '0') * 10 + (at[11] - '0');
	if (at[7] > '1' || at[9] == '0' || at[9] > '5')
		return refuse(parser,
		    "The version or the status of the response is unknown.");
	parser->at = at + sizeof(shape) - 1;
	return HTTP_PARSE_DONE;
}

/* The reason; servers that leave out the space before none are common. */
static enum http_parse
parse_reason(struct parser *parser)
{
	const char *start = parser->at, *stop;

	if (start == parser->end)
		return HTTP_PARSE_MORE;
	if (*start != ' ' && *start != '\r')
		return refuse(parser, "The status line is malformed.");
	if (*start == ' ')
		start++;
	stop = http_scan_value(start, parser->end);
	if (stop == parser->end)
		return HTTP_PARSE_MORE;
	if (*stop != '\r')
		return refuse(parser, "The status line is malformed.");
	if (stop + 1 == parser->end)
		return HTTP_PARSE_MORE;
	if (stop[1] != '\n')
		return refuse(parser, "The status line holds a bare CR.");
	parser->head->reason = str_make(start, (size_t)(stop - start));
	parser->at = stop + 2;
	return HTTP_PARSE_DONE;
}

static enum http_parse
parse_fields(struct parser *parser)
{
	struct http_response_head *head = parser->head;
	enum http_parse result;
	bool field_line;

	for (;;) {
		struct http_field *field = &head->fields[head->field_count];

		result = http_field_section_end(&parser->at, parser->end,
		    &field_line, parser->problem);
		if (!field_line)
			return result;
		if (head->field_count == parser->limits->max_fields)
			return refuse(parser,
			    "The response has too many fields.");
		result = http_field_line_parse(&parser->at, parser->end, field,
		    parser->problem);
		if (result != HTTP_PARSE_DONE)
			return result;
		result = http_framing_note(&parser->framing, field,
		    head->version_minor, parser->problem);
		if (result != HTTP_PARSE_DONE)
			return result;
		head->field_count++;
	}
}

static enum http_response_body
body_of(const struct http_framing *framing, int status, enum http_method method)
{
	if (method == HTTP_METHOD_HEAD || !http_status_has_body(status) ||
	    (method == HTTP_METHOD_CONNECT && status < 300))
		return HTTP_RESPONSE_BODY_NONE;
	if (framing->chunked)
		return HTTP_RESPONSE_BODY_CHUNKED;
	if (framing->content_length >= 0)
		return HTTP_RESPONSE_BODY_LENGTH;
	return HTTP_RESPONSE_BODY_UNTIL_CLOSE;
}

/*
 * A 1xx or 204 that announces a body breaks RFC 9112 6.2 and 6.1: whether one
 * follows is anybody's guess, so nothing more is read from that connection.
 */
static bool
announces_forbidden_body(const struct http_framing *framing, int status)
{
	return (status < 200 || status == 204) &&
	    (framing->chunked || framing->content_length > 0);
}

static void
conclude(struct parser *parser, enum http_method method)
{
	struct http_response_head *head = parser->head;
	const struct http_framing *framing = &parser->framing;

	head->content_length = framing->content_length;
	head->body = body_of(framing, head->status, method);
	head->keep_alive =
	    http_framing_persists(framing, head->version_minor) &&
	    head->body != HTTP_RESPONSE_BODY_UNTIL_CLOSE &&
	    !announces_forbidden_body(framing, head->status);
	head->upgrade = head->status == 101 && framing->upgrade_option &&
	    framing->upgrade_field;
}

enum http_parse
http_response_head_parse(const char *data, size_t length,
    enum http_method method, const struct http_limits *limits,
    struct http_response_head *head, struct http_problem *problem)
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

	*head = (struct http_response_head){ .fields = head->fields };
	http_framing_init(&parser.framing);
	if ((result = parse_code(&parser)) == HTTP_PARSE_DONE &&
	    (result = parse_reason(&parser)) == HTTP_PARSE_DONE)
		result = parse_fields(&parser);
	if (result == HTTP_PARSE_MORE && too_long)
		return refuse(&parser,
		    "The head of the response is too large.");
	if (result == HTTP_PARSE_ERROR)
		problem->status = 502;
	if (result != HTTP_PARSE_DONE)
		return result;
	conclude(&parser, method);
	head->size = (size_t)(parser.at - data);
	return HTTP_PARSE_DONE;
}

const struct http_field *
http_response_head_field(const struct http_response_head *head,
    enum http_field_id id)
{
	for (size_t i = 0; i < head->field_count; i++)
		if (head->fields[i].id == id)
			return &head->fields[i];
	return NULL;
}
