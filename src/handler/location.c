/* SPDX-License-Identifier: MIT */
/* Writes URLs that are safe in a Location field, and redirects to them. */
#include "handler/location.h"

#include "http/response.h"
#include "http/uri.h"

/* RFC 3986: what needs no escape anywhere, */
static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "abcdefghijklmnopqrstuvwxyz"
				 "0123456789-._~";
/* … in a whole URL that is already escaped, */
static const char url_bytes[] = "/!$&'()*+,;=:@?%#[]";
/* … and within a host. */
static const char host_bytes[] = "!$&'()*+,;=:[]%";

static void
append_escaped(struct buffer *url, struct str text, const char *allowed)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];

		if (byte != '\0' &&
		    (strchr(unreserved, byte) || strchr(allowed, byte))) {
			buffer_append(url, &text.data[i], 1);
		} else {
			const char escape[] = { '%', digits[byte >> 4],
				digits[byte & 15] };

			buffer_append(url, escape, sizeof(escape));
		}
	}
}

void
location_append_raw(struct buffer *url, struct str text)
{
	append_escaped(url, text, url_bytes);
}

void
location_append_host(struct buffer *url, struct str host)
{
	append_escaped(url, host, host_bytes);
}

void
location_keep_local(struct buffer *url)
{
	while (buffer_length(url) > 1 && buffer_bytes(url)[0] == '/' &&
	    buffer_bytes(url)[1] == '/')
		buffer_consume(url, 1);
}

void
location_reply(struct exchange *exchange, int status, struct str url)
{
	const struct http_field fields[] = {
		{ .name = STR("Location"),
		    .value = url,
		    .id = HTTP_FIELD_LOCATION },
		{ .name = STR("Content-Type"),
		    .value = STR("text/html; charset=utf-8"),
		    .id = HTTP_FIELD_CONTENT_TYPE },
	};
	struct str reason = http_status_reason(status);
	struct buffer page = BUFFER_EMPTY;

	buffer_printf(&page,
	    "<!DOCTYPE html>\n<title>%d %.*s</title>\n<h1>%.*s</h1>\n"
	    "<p>It is at <a href=\"",
	    status, STR_ARG(reason), STR_ARG(reason));
	http_html_escape(&page, url);
	buffer_append_str(&page, STR("\">"));
	http_html_escape(&page, url);
	buffer_append_str(&page, STR("</a>.\n"));
	exchange_reply(exchange, status, fields,
	    sizeof(fields) / sizeof(fields[0]), buffer_str(&page));
	buffer_finish(&page);
}
