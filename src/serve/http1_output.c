/* SPDX-License-Identifier: MIT */
/* The HTTP/1 session's way out: heads, bodies and chunks onto the stream. */
#include "serve/http1_priv.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http/response.h"

/* "Connection: keep-alive" and all other fixed fields of a head. */
#define HEAD_FIXED_MAX 256

static inline char *
put(char *at, const char *data, size_t size)
{
	memcpy(at, data, size);
	return at + size;
}

#define PUT_LITERAL(at, text) put(at, text, sizeof(text) - 1)

static char *
put_number(char *at, uint64_t number)
{
	char digits[20];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (count > 0)
		*at++ = digits[--count];
	return at;
}

static char *
put_status_line(char *at, int status)
{
	struct str line = http_status_line(status);

	if (line.data != NULL)
		return put(at, line.data, line.length);
	return at + http_write_status_line(at, status);
}

static char *
put_fields(char *at, const struct http_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		at = put(at, fields[i].name.data, fields[i].name.length);
		*at++ = ':';
		*at++ = ' ';
		at = put(at, fields[i].value.data, fields[i].value.length);
		*at++ = '\r';
		*at++ = '\n';
	}
	return at;
}

static size_t
fields_size(const struct http_field *fields, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += fields[i].name.length + fields[i].value.length + 4;
	return size;
}

/* Reserves in the queue, or on the heap for an unusually large head. */
static char *
begin(struct http1 *http1, size_t size, char **heap)
{
	*heap = NULL;
	if (size <= STREAM_RESERVE)
		return stream_reserve(&http1->stream, size);
	return *heap = xmalloc(size);
}

static void
end(struct http1 *http1, const char *start, const char *at, char *heap)
{
	if (heap == NULL) {
		stream_commit(&http1->stream, (size_t)(at - start));
		return;
	}
	stream_write(&http1->stream, heap, (size_t)(at - start));
	free(heap);
}

static char *
put_date(char *at, struct server_context *context)
{
	struct str date = http_date_cached(&context->date, (int64_t)time(NULL));

	at = PUT_LITERAL(at, "Date: ");
	at = put(at, date.data, date.length);
	return PUT_LITERAL(at, "\r\n");
}

/* Whether the connection can be used again after this response, as far as
 * known when its head is sent. */
static bool
decide_keep_alive(struct http1 *http1, const struct exchange *exchange)
{
	const struct config_pool *pool = http1->context->pool;

	if (!exchange->request.keep_alive || exchange->close_after ||
	    (http1->read_eof && buffer_length(&http1->in) == 0) ||
	    http1->context->draining || pool->keep_alive == 0 ||
	    (pool->keep_alive_requests > 0 &&
		http1->requests >= pool->keep_alive_requests))
		return false;
	/* A handler that reads the body will most likely read all of it. */
	return http1->body_done || http1_body_is_short(http1) ||
	    (exchange->body_wanted && !http1->continue_due);
}

/* Content-Length, Transfer-Encoding and Connection. */
static char *
put_framing(char *at, struct http1 *http1, const struct exchange *exchange)
{
	bool minor = exchange->request.version_minor > 0;
	int64_t length = exchange->response_length;
	int status = exchange->status;

	http1->chunked_out = false;
	if (length >= 0 && http_status_has_body(status)) {
		at = PUT_LITERAL(at, "Content-Length: ");
		at = put_number(at, (uint64_t)length);
		at = PUT_LITERAL(at, "\r\n");
	} else if (http_status_has_body(status)) {
		if (minor) {
			http1->chunked_out = exchange->response_has_body;
			at = PUT_LITERAL(at, "Transfer-Encoding: chunked\r\n");
		} else {
			http1->keep_alive = false;
		}
	}
	if (!http1->keep_alive)
		at = PUT_LITERAL(at, "Connection: close\r\n");
	else if (!minor)
		at = PUT_LITERAL(at, "Connection: keep-alive\r\n");
	return at;
}

static void
http1_respond(struct exchange *exchange)
{
	struct http1 *http1 = exchange->session;
	struct server_context *context = http1->context;
	size_t size = HTTP_STATUS_LINE_MAX + HEAD_FIXED_MAX +
	    context->server_field.length +
	    fields_size(exchange->response_fields, exchange->response_count);
	char *heap, *start, *at;

	http1->keep_alive = decide_keep_alive(http1, exchange);
	at = start = begin(http1, size, &heap);
	at = put_status_line(at, exchange->status);
	if (!exchange->has_server && context->server_field.length > 0)
		at = put(at, context->server_field.data,
		    context->server_field.length);
	if (!exchange->has_date)
		at = put_date(at, context);
	at =
	    put_fields(at, exchange->response_fields, exchange->response_count);
	at = put_framing(at, http1, exchange);
	at = PUT_LITERAL(at, "\r\n");
	end(http1, start, at, heap);
}

static void
http1_inform(struct exchange *exchange, int status,
    const struct http_field *fields, size_t count)
{
	struct http1 *http1 = exchange->session;
	char *heap, *start, *at;

	at = start = begin(http1,
	    HTTP_STATUS_LINE_MAX + 2 + fields_size(fields, count), &heap);
	at = put_status_line(at, status);
	at = put_fields(at, fields, count);
	at = PUT_LITERAL(at, "\r\n");
	end(http1, start, at, heap);
	stream_flush(&http1->stream);
}

static void
http1_write(struct exchange *exchange, const char *data, size_t size)
{
	struct http1 *http1 = exchange->session;
	char *at;

	exchange->bytes_sent += size;
	if (http1->chunked_out) {
		at = stream_reserve(&http1->stream, HTTP_CHUNK_HEAD_MAX);
		stream_commit(&http1->stream, http_chunk_head(at, size));
	}
	stream_write(&http1->stream, data, size);
	if (http1->chunked_out)
		stream_write(&http1->stream, "\r\n", 2);
}

static void
http1_send_file(struct exchange *exchange, int fd, int64_t offset,
    int64_t length)
{
	struct http1 *http1 = exchange->session;
	char *at;

	exchange->bytes_sent += (uint64_t)length;
	if (http1->chunked_out && length > 0) {
		at = stream_reserve(&http1->stream, HTTP_CHUNK_HEAD_MAX);
		stream_commit(&http1->stream,
		    http_chunk_head(at, (uint64_t)length));
	}
	stream_send_file(&http1->stream, fd, offset, length);
	if (http1->chunked_out && length > 0)
		stream_write(&http1->stream, "\r\n", 2);
}

static void
http1_flush(struct exchange *exchange)
{
	struct http1 *http1 = exchange->session;

	stream_flush(&http1->stream);
}

static void
put_trailers(struct http1 *http1, const struct http_field *trailers,
    size_t count)
{
	char *heap, *start, *at;

	at = start = begin(http1, 5 + fields_size(trailers, count), &heap);
	at = PUT_LITERAL(at, "0\r\n");
	at = put_fields(at, trailers, count);
	at = PUT_LITERAL(at, "\r\n");
	end(http1, start, at, heap);
}

static void
http1_finish(struct exchange *exchange, const struct http_field *trailers,
    size_t count)
{
	struct http1 *http1 = exchange->session;

	if (exchange->response_has_body && exchange->response_length >= 0 &&
	    exchange->bytes_sent < (uint64_t)exchange->response_length) {
		exchange->note = "the body is shorter than announced";
		exchange->session_ops->abort(exchange);
		return;
	}
	if (http1->chunked_out)
		put_trailers(http1, trailers, count);
	http1_response_done(http1);
}

/* What was sent stays true: all of it goes out, then the connection is cut
 * where the client expects more. */
static void
http1_abort(struct exchange *exchange)
{
	struct http1 *http1 = exchange->session;

	http1->keep_alive = false;
	/* Where the end of the connection is the end of the body, only a
	   reset tells that something is missing. */
	http1->reset = exchange->response_has_body && !http1->chunked_out &&
	    exchange->response_length < 0;
	http1_response_done(http1);
}

static size_t
http1_room(struct exchange *exchange)
{
	struct http1 *http1 = exchange->session;

	return stream_room(&http1->stream);
}

static void
http1_want_body(struct exchange *exchange)
{
	struct http1 *http1 = exchange->session;

	if (http1->continue_due && exchange->status == 0) {
		http1->continue_due = false;
		if (buffer_length(&http1->in) == 0) {
			stream_write(&http1->stream,
			    "HTTP/1.1 100 Continue\r\n\r\n", 25);
			stream_flush(&http1->stream);
		}
	}
	if (http1->body_since_ms == 0)
		http1_await_body(http1);
	if (!http1->processing)
		http1_schedule(http1);
}

/* --- addresses ------------------------------------------------------------ */

/* Writes address and port as text at *at and moves it. */
static void
put_address(char **at, const struct sockaddr *address, struct str *host,
    struct str *port)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
	char *start = *at;
	unsigned number;

	if (address->sa_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, start, INET_ADDRSTRLEN);
		number = ntohs(v4->sin_port);
	} else if (address->sa_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], start,
		    INET_ADDRSTRLEN);
		number = ntohs(v6->sin6_port);
	} else if (address->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &v6->sin6_addr, start, INET6_ADDRSTRLEN);
		number = ntohs(v6->sin6_port);
	} else {
		return;
	}
	*host = str_of(start);
	start += host->length + 1;
	*port = str_make(start, (size_t)(put_number(start, number) - start));
	*at = start + port->length;
}

static void
put_local_address(struct http1 *http1, struct exchange_peer *peer, char *at)
{
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
		struct sockaddr_un local;
	} address;
	socklen_t length = sizeof(address);

	memset(&address, 0, sizeof(address));
	if (getsockname(http1->stream.fd, &address.any, &length) < 0)
		return;
	if (address.any.sa_family != AF_UNIX) {
		put_address(&at, &address.any, &peer->local_address,
		    &peer->local_port);
		return;
	}
	snprintf(at, (size_t)(peer->text + sizeof(peer->text) - at), "%.108s",
	    address.local.sun_path);
	peer->local_address = str_of(at);
}

static void
http1_find_peer(struct exchange *exchange)
{
	struct http1 *http1 = exchange->session;
	struct exchange_peer *peer = http1->peer;
	char *at;

	if (peer == NULL) {
		peer = http1->peer = xcalloc(1, sizeof(*peer));
		at = peer->text;
		peer->reference_count = 1;
		peer->scheme = STR("http");
		peer->peer_address = peer->peer_port = STR("");
		peer->local_address = peer->local_port = STR("");
		put_address(&at, (struct sockaddr *)&http1->address,
		    &peer->peer_address, &peer->peer_port);
		put_local_address(http1, peer, at);
	}
	peer->reference_count++;
	exchange->peer = peer;
}

const struct session_ops http1_session_ops = {
	.respond = http1_respond,
	.inform = http1_inform,
	.write = http1_write,
	.send_file = http1_send_file,
	.flush = http1_flush,
	.finish = http1_finish,
	.abort = http1_abort,
	.room = http1_room,
	.want_body = http1_want_body,
	.find_peer = http1_find_peer,
};
