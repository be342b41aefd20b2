/* SPDX-License-Identifier: MIT */
/*
 * Sends the parts of a multipart/byteranges body. Parts of a small file go
 * out at once, since its bytes are the cache's; those of a large one through
 * a descriptor of our own, one after the other.
 */
#include "handler/multipart.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"

struct multipart {
	struct http_ranges ranges;
	struct str heads[HTTP_RANGE_MAX]; /* before each part */
	struct str tail;                  /* behind the last */
	size_t next;                      /* part to be sent */
	int fd;                           /* of a large file, else -1 */
	const char *content;              /* of a small one */
};

/* A line that no file can be expected to hold. */
static void
make_boundary(char boundary[static 33])
{
	unsigned char bytes[16];

	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(bytes)) { /* early at boot */
		uint64_t parts[2] = { clock_monotonic_ns(), clock_wall_us() };

		memcpy(bytes, parts, sizeof(bytes));
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(boundary + 2 * i, 3, "%02x", bytes[i]);
}

static int64_t
range_length(const struct http_range *range)
{
	return (int64_t)(range->last - range->first + 1);
}

/* Writes all part heads; returns the length of the whole body. */
static int64_t
lay_out(struct multipart *multipart, struct arena *arena, const char *boundary,
    struct str type, uint64_t size)
{
	int64_t length = 0;

	for (size_t i = 0; i < multipart->ranges.count; i++) {
		const struct http_range *range = &multipart->ranges.at[i];

		multipart->heads[i] = arena_printf(arena,
		    "%s--%s\r\nContent-Type: %.*s\r\n"
		    "Content-Range: bytes %llu-%llu/%llu\r\n\r\n",
		    i > 0 ? "\r\n" : "", boundary, STR_ARG(type),
		    (unsigned long long)range->first,
		    (unsigned long long)range->last, (unsigned long long)size);
		length +=
		    (int64_t)multipart->heads[i].length + range_length(range);
	}
	multipart->tail = arena_printf(arena, "\r\n--%s--\r\n", boundary);
	return length + (int64_t)multipart->tail.length;
}

static void
end(struct exchange *exchange, struct multipart *multipart)
{
	if (multipart->fd >= 0)
		close(multipart->fd);
	multipart->fd = -1;
	exchange->handler_data = NULL;
}

/* False when the answer was broken off. */
static bool
send_part(struct exchange *exchange, struct multipart *multipart)
{
	size_t i = multipart->next;
	const struct http_range *range = &multipart->ranges.at[i];
	int fd = -1;

	if (multipart->fd >= 0) {
		fd = fcntl(multipart->fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0) {
			end(exchange, multipart);
			exchange_fail(exchange, 503,
			    "no descriptor for the file");
			return false;
		}
	}
	multipart->next++;
	exchange_write(exchange, multipart->heads[i].data,
	    multipart->heads[i].length);
	if (fd >= 0)
		exchange_send_file(exchange, fd, (int64_t)range->first,
		    range_length(range));
	else
		exchange_write(exchange, multipart->content + range->first,
		    (size_t)range_length(range));
	return true;
}

/* Sends what there is room for, and finishes behind the last part. */
static void
pump(struct exchange *exchange, struct multipart *multipart)
{
	while (multipart->next < multipart->ranges.count) {
		if (multipart->fd >= 0 && exchange_room(exchange) == 0)
			return;
		if (!send_part(exchange, multipart))
			return;
	}
	exchange_write(exchange, multipart->tail.data, multipart->tail.length);
	end(exchange, multipart);
	exchange_finish(exchange, NULL, 0);
}

void
multipart_reply(struct exchange *exchange, const struct file_entry *entry,
    const struct http_field *fields, size_t count,
    const struct http_ranges *ranges)
{
	struct multipart *multipart =
	    arena_calloc(&exchange->arena, sizeof(*multipart));
	struct http_field changed[MULTIPART_MAX_FIELDS];
	char boundary[33];
	const char *problem;
	int64_t length;

	assert(count <= MULTIPART_MAX_FIELDS);
	make_boundary(boundary);
	multipart->ranges = *ranges;
	multipart->content = entry->content;
	length = lay_out(multipart, &exchange->arena, boundary,
	    entry->content_type, (uint64_t)entry->status.st_size);
	for (size_t i = 0; i < count; i++) {
		changed[i] = fields[i];
		if (fields[i].id == HTTP_FIELD_CONTENT_TYPE)
			changed[i].value = arena_printf(&exchange->arena,
			    "multipart/byteranges; boundary=%s", boundary);
	}
	multipart->fd = -1;
	if (entry->kind == FILE_LARGE) {
		multipart->fd = fcntl(entry->fd, F_DUPFD_CLOEXEC, 0);
		if (multipart->fd < 0) {
			exchange_fail(exchange, 503,
			    "no descriptor for the file");
			return;
		}
	}
	exchange->handler_data = multipart;
	if (exchange_respond(exchange, 206, changed, count, length, &problem) <
	    0) {
		end(exchange, multipart);
		exchange_fail(exchange, 500, problem);
		return;
	}
	pump(exchange, multipart);
}

void
multipart_writable(struct exchange *exchange)
{
	if (exchange->handler_data != NULL)
		pump(exchange, exchange->handler_data);
}

void
multipart_cancel(struct exchange *exchange)
{
	if (exchange->handler_data != NULL)
		end(exchange, exchange->handler_data);
}
