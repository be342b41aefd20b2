/* SPDX-License-Identifier: MIT */
/* Message length and connection options, refusing what is ambiguous. */
#include "http/framing.h"

static const char both_lengths[] =
    "Content-Length and Transfer-Encoding stand in one message.";

void
http_framing_init(struct http_framing *framing)
{
	*framing = (struct http_framing){ .content_length = -1 };
}

static enum http_parse
note_content_length(struct http_framing *framing, struct str value,
    struct http_problem *problem)
{
	uint64_t length;

	if (framing->chunked)
		return http_refuse(problem, 400, both_lengths);
	if (framing->content_length >= 0)
		return http_refuse(problem, 400, "Content-Length is repeated.");
	if (!str_to_u64(value, &length) || length > INT64_MAX)
		return http_refuse(problem, 400,
		    "Content-Length is no number or too large a one.");
	framing->content_length = (int64_t)length;
	return HTTP_PARSE_DONE;
}

/*
 * Only a lone "chunked" is taken. Lists are looked into to tell apart what is
 * malformed or can't be delimited (400) from what is not implemented (501).
 */
static enum http_parse
note_coding_list(struct str value, struct http_problem *problem)
{
	struct str part = STR_NULL;
	size_t count = 0, chunked = 0;
	bool last_is_chunked = false;

	while (str_next(&value, ',', &part)) {
		if (!http_is_token(part))
			return http_refuse(problem, 400,
			    "Transfer-Encoding is malformed.");
		last_is_chunked = str_equal_nocase(part, STR("chunked"));
		chunked += last_is_chunked;
		count++;
	}
	if (!last_is_chunked)
		return http_refuse(problem, 400,
		    "Transfer-Encoding does not end in chunked.");
	if (chunked > 1)
		return http_refuse(problem, 400,
		    "Transfer-Encoding names chunked twice.");
	if (count > 1)
		return http_refuse(problem, 501,
		    "Transfer-Encoding names a coding other than chunked.");
	return HTTP_PARSE_DONE;
}

static enum http_parse
note_transfer_encoding(struct http_framing *framing, struct str value,
    unsigned version_minor, struct http_problem *problem)
{
	enum http_parse result;

	if (version_minor == 0)
		return http_refuse(problem, 400,
		    "Transfer-Encoding stands in an HTTP/1.0 message.");
	if (framing->content_length >= 0)
		return http_refuse(problem, 400, both_lengths);
	if (framing->chunked)
		return http_refuse(problem, 400,
		    "Transfer-Encoding is repeated.");
	result = note_coding_list(value, problem);
	framing->chunked = result == HTTP_PARSE_DONE;
	return result;
}

static void
note_connection(struct http_framing *framing, struct str value)
{
	struct str option;

	while (str_next(&value, ',', &option)) {
		if (str_equal_nocase(option, STR("close")))
			framing->close = true;
		else if (str_equal_nocase(option, STR("keep-alive")))
			framing->keep_alive = true;
		else if (str_equal_nocase(option, STR("upgrade")))
			framing->upgrade_option = true;
	}
}

enum http_parse
http_framing_note(struct http_framing *framing, const struct http_field *field,
    unsigned version_minor, struct http_problem *problem)
{
	switch (field->id) {
	case HTTP_FIELD_CONNECTION:
		note_connection(framing, field->value);
		return HTTP_PARSE_DONE;
	case HTTP_FIELD_CONTENT_LENGTH:
		return note_content_length(framing, field->value, problem);
	case HTTP_FIELD_TRANSFER_ENCODING:
		return note_transfer_encoding(framing, field->value,
		    version_minor, problem);
	case HTTP_FIELD_UPGRADE:
		framing->upgrade_field = true;
		return HTTP_PARSE_DONE;
	default:
		return HTTP_PARSE_DONE;
	}
}

bool
http_framing_persists(const struct http_framing *framing,
    unsigned version_minor)
{
	if (framing->close)
		return false;
	return version_minor > 0 || framing->keep_alive;
}
