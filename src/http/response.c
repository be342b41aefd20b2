/* SPDX-License-Identifier: MIT */
/* Status lines ready to send, and the check of response fields. */
#include "http/response.h"

#include <assert.h>

#define FIRST_STATUS 100
#define LAST_STATUS 599
/* The reason stands behind "HTTP/1.1 200 " and before CRLF. */
#define REASON_AT 13

#define ROW(status, reason) \
	[(status)-FIRST_STATUS] = { "HTTP/1.1 " #status " " reason "\r\n", \
		sizeof("HTTP/1.1 " #status " " reason "\r\n") - 1 }

/* The codes of the IANA registry. */
static const struct str lines[LAST_STATUS - FIRST_STATUS + 1] = {
	ROW(100, "Continue"),
	ROW(101, "Switching Protocols"),
	ROW(102, "Processing"),
	ROW(103, "Early Hints"),
	ROW(200, "OK"),
	ROW(201, "Created"),
	ROW(202, "Accepted"),
	ROW(203, "Non-Authoritative Information"),
	ROW(204, "No Content"),
	ROW(205, "Reset Content"),
	ROW(206, "Partial Content"),
	ROW(207, "Multi-Status"),
	ROW(208, "Already Reported"),
	ROW(226, "IM Used"),
	ROW(300, "Multiple Choices"),
	ROW(301, "Moved Permanently"),
	ROW(302, "Found"),
	ROW(303, "See Other"),
	ROW(304, "Not Modified"),
	ROW(305, "Use Proxy"),
	ROW(307, "Temporary Redirect"),
	ROW(308, "Permanent Redirect"),
	ROW(400, "Bad Request"),
	ROW(401, "Unauthorized"),
	ROW(402, "Payment Required"),
	ROW(403, "Forbidden"),
	ROW(404, "Not Found"),
	ROW(405, "Method Not Allowed"),
	ROW(406, "Not Acceptable"),
	ROW(407, "Proxy Authentication Required"),
	ROW(408, "Request Timeout"),
	ROW(409, "Conflict"),
	ROW(410, "Gone"),
	ROW(411, "Length Required"),
	ROW(412, "Precondition Failed"),
	ROW(413, "Content Too Large"),
	ROW(414, "URI Too Long"),
	ROW(415, "Unsupported Media Type"),
	ROW(416, "Range Not Satisfiable"),
	ROW(417, "Expectation Failed"),
	ROW(421, "Misdirected Request"),
	ROW(422, "Unprocessable Content"),
	ROW(423, "Locked"),
	ROW(424, "Failed Dependency"),
	ROW(425, "Too Early"),
	ROW(426, "Upgrade Required"),
	ROW(428, "Precondition Required"),
	ROW(429, "Too Many Requests"),
	ROW(431, "Request Header Fields Too Large"),
	ROW(451, "Unavailable For Legal Reasons"),
	ROW(500, "Internal Server Error"),
	ROW(501, "Not Implemented"),
	ROW(502, "Bad Gateway"),
	ROW(503, "Service Unavailable"),
	ROW(504, "Gateway Timeout"),
	ROW(505, "HTTP Version Not Supported"),
	ROW(506, "Variant Also Negotiates"),
	ROW(507, "Insufficient Storage"),
	ROW(508, "Loop Detected"),
	ROW(511, "Network Authentication Required"),
};

struct str
http_status_line(int status)
{
	if (status < FIRST_STATUS || status > LAST_STATUS)
		return STR_NULL;
	return lines[status - FIRST_STATUS];
}

struct str
http_status_reason(int status)
{
	struct str line = http_status_line(status);

	if (line.data == NULL)
		return STR("");
	return str_make(line.data + REASON_AT, line.length - REASON_AT - 2);
}

size_t
http_write_status_line(char line[static HTTP_STATUS_LINE_MAX], int status)
{
	struct str known = http_status_line(status);

	assert(status >= 100 && status <= 999);
	if (known.data != NULL) {
		memcpy(line, known.data, known.length);
		return known.length;
	}
	memcpy(line, "HTTP/1.1 000 \r\n", HTTP_STATUS_LINE_MIN);
	line[9] = (char)('0' + status / 100);
	line[10] = (char)('0' + status / 10 % 10);
	line[11] = (char)('0' + status % 10);
	return HTTP_STATUS_LINE_MIN;
}

bool
http_status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

const char *
http_response_field_problem(struct str name, struct str value)
{
	if (!http_is_token(name))
		return "The name of a response field is no token.";
	if (!http_is_field_value(value))
		return "The value of a response field holds a control byte.";
	if (http_field_is_hop_by_hop(http_field_lookup(name)))
		return "A response field concerns the connection, which is "
		       "the server's to decide.";
	return NULL;
}
