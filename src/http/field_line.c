/* SPDX-License-Identifier: MIT */
/* One field line, and the end of a section of them. */
#include "http/field_line.h"

#include "http/scan.h"

/* at is the byte that stopped the name: anything but a token character. */
static enum http_parse
refuse_name(const char *start, const char *at, struct http_problem *problem)
{
	if (at == start && (*at == ' ' || *at == '\t'))
		return http_refuse(problem, 400,
		    "A field line is folded or begins with white space.");
	if (*at == ' ' || *at == '\t')
		return http_refuse(problem, 400,
		    "White space stands before the colon of a field.");
	if (*at == ':')
		return http_refuse(problem, 400, "A field has no name.");
	if (*at == '\r' || *at == '\n')
		return http_refuse(problem, 400, "A field line has no colon.");
	return http_refuse(problem, 400,
	    "A field name holds a byte that is not allowed.");
}

/* at is the byte that stopped the value: a control byte but CR. */
static enum http_parse
refuse_value(const char *at, struct http_problem *problem)
{
	if (*at == '\n')
		return http_refuse(problem, 400,
		    "A field line ends with a bare LF.");
	return http_refuse(problem, 400, "A field value holds a control byte.");
}

enum http_parse
http_field_line_parse(const char **at, const char *end,
    struct http_field *field, struct http_problem *problem)
{
	const char *start = *at, *colon, *value, *stop, *last;

	colon = http_scan_name(start, end);
	if (colon == end)
		return HTTP_PARSE_MORE;
	if (*colon != ':' || colon == start)
		return refuse_name(start, colon, problem);
	value = colon + 1;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	stop = http_scan_value(value, end);
	if (stop == end)
		return HTTP_PARSE_MORE;
	if (*stop != '\r')
		return refuse_value(stop, problem);
	if (stop + 1 == end)
		return HTTP_PARSE_MORE;
	if (stop[1] != '\n')
		return http_refuse(problem, 400,
		    "A field value holds a bare CR.");
	for (last = stop;
	     last > value && (last[-1] == ' ' || last[-1] == '\t');)
		last--;
	field->name = str_make(start, (size_t)(colon - start));
	field->value = str_make(value, (size_t)(last - value));
	field->id = http_field_lookup(field->name);
	*at = stop + 2;
	return HTTP_PARSE_DONE;
}

enum http_parse
http_field_section_end(const char **at, const char *end, bool *field_line,
    struct http_problem *problem)
{
	*field_line = false;
	if (*at == end)
		return HTTP_PARSE_MORE;
	if (**at != '\r') {
		*field_line = true;
		return HTTP_PARSE_MORE;
	}
	if (end - *at < 2)
		return HTTP_PARSE_MORE;
	if ((*at)[1] != '\n')
		return http_refuse(problem, 400, "A bare CR begins a line.");
	*at += 2;
	return HTTP_PARSE_DONE;
}
