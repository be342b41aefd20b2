/* SPDX-License-Identifier: MIT */
/* Answers with a file, whole or in parts (RFC 9110 sections 13 to 15). */
#include "handler/file_reply.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "handler/multipart.h"
#include "http/conditional.h"
#include "http/range.h"

/* Every field of an answer, with room for Content-Range. */
struct reply_fields {
	struct http_field at[MULTIPART_MAX_FIELDS];
	size_t count;
};

static void
add(struct reply_fields *fields, enum http_field_id id, struct str name,
    struct str value)
{
	struct http_field *field = &fields->at[fields->count++];

	field->name = name;
	field->value = value;
	field->id = id;
}

/* What 200, 206 and 304 have in common. */
static void
add_common(struct reply_fields *fields, const struct file_entry *entry,
    const char *cache_control, bool vary)
{
	add(fields, HTTP_FIELD_LAST_MODIFIED, STR("Last-Modified"),
	    entry->last_modified);
	add(fields, HTTP_FIELD_ETAG, STR("ETag"), entry->etag);
	if (cache_control != NULL)
		add(fields, HTTP_FIELD_CACHE_CONTROL, STR("Cache-Control"),
		    str_of(cache_control));
	if (vary)
		add(fields, HTTP_FIELD_VARY, STR("Vary"),
		    STR("Accept-Encoding"));
}

static void
add_content(struct reply_fields *fields, const struct file_entry *entry)
{
	add(fields, HTTP_FIELD_CONTENT_TYPE, STR("Content-Type"),
	    entry->content_type);
	add(fields, HTTP_FIELD_OTHER, STR("Accept-Ranges"), STR("bytes"));
	if (entry->variant == FILE_GZIP)
		add(fields, HTTP_FIELD_CONTENT_ENCODING,
		    STR("Content-Encoding"), STR("gzip"));
}

/* --- bodies --------------------------------------------------------------- */

/* Answers with length bytes of the file from first on. */
static void
reply_with_bytes(struct exchange *exchange, int status,
    const struct file_entry *entry, const struct reply_fields *fields,
    int64_t first, int64_t length)
{
	const char *problem;
	int fd;

	if (entry->kind == FILE_SMALL) {
		exchange_reply(exchange, status, fields->at, fields->count,
		    str_make(entry->content + first, (size_t)length));
		return;
	}
	fd = fcntl(entry->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0) {
		exchange_fail(exchange, 503, "no descriptor for the file");
		return;
	}
	if (exchange_respond(exchange, status, fields->at, fields->count,
		length, &problem) < 0) {
		close(fd);
		exchange_fail(exchange, 500, problem);
		return;
	}
	exchange_send_file(exchange, fd, first, length);
	exchange_finish(exchange, NULL, 0);
}

static void
reply_with_range(struct exchange *exchange, const struct file_entry *entry,
    struct reply_fields *fields, const struct http_range *range)
{
	add(fields, HTTP_FIELD_CONTENT_RANGE, STR("Content-Range"),
	    arena_printf(&exchange->arena, "bytes %llu-%llu/%llu",
		(unsigned long long)range->first,
		(unsigned long long)range->last,
		(unsigned long long)entry->status.st_size));
	reply_with_bytes(exchange, 206, entry, fields, (int64_t)range->first,
	    (int64_t)(range->last - range->first + 1));
}

static void
reply_unsatisfiable(struct exchange *exchange, const struct file_entry *entry)
{
	struct reply_fields fields = { .count = 0 };

	add(&fields, HTTP_FIELD_CONTENT_TYPE, STR("Content-Type"),
	    STR("text/plain; charset=utf-8"));
	add(&fields, HTTP_FIELD_CONTENT_RANGE, STR("Content-Range"),
	    arena_printf(&exchange->arena, "bytes */%llu",
		(unsigned long long)entry->status.st_size));
	exchange_reply(exchange, 416, fields.at, fields.count,
	    STR("416 Range Not Satisfiable\n"));
}

/* --- the answer ----------------------------------------------------------- */

static void
reply_with_content(struct exchange *exchange, const struct file_entry *entry,
    struct reply_fields *fields, bool use_range)
{
	uint64_t size = (uint64_t)entry->status.st_size;
	enum http_range_result result = HTTP_RANGE_IGNORE;
	const struct http_field *range = NULL;
	struct http_ranges ranges;

	if (use_range)
		range =
		    http_request_field_id(&exchange->request, HTTP_FIELD_RANGE);
	if (range != NULL)
		result = http_range_parse(range->value, size, &ranges);
	if (result == HTTP_RANGE_UNSATISFIABLE)
		reply_unsatisfiable(exchange, entry);
	else if (result == HTTP_RANGE_IGNORE)
		reply_with_bytes(exchange, 200, entry, fields, 0,
		    (int64_t)size);
	else if (ranges.count == 1)
		reply_with_range(exchange, entry, fields, &ranges.at[0]);
	else
		multipart_reply(exchange, entry, fields->at, fields->count,
		    &ranges);
}

void
file_reply(struct exchange *exchange, const struct file_entry *entry,
    const char *cache_control, bool vary)
{
	const struct http_validators validators = {
		.etag = entry->etag,
		.modified = entry->status.st_mtim.tv_sec,
	};
	struct reply_fields fields = { .count = 0 };
	bool use_range;

	switch (http_conditional_evaluate(&exchange->request, &validators,
	    (int64_t)time(NULL), &use_range)) {
	case HTTP_CONDITION_PRECONDITION_FAILED:
		exchange_fail(exchange, 412, "the precondition failed");
		return;
	case HTTP_CONDITION_NOT_MODIFIED:
		add_common(&fields, entry, cache_control, vary);
		exchange_reply(exchange, 304, fields.at, fields.count, STR(""));
		return;
	case HTTP_CONDITION_SEND:
		break;
	}
	/* Content-Type comes first, where people look for it. */
	add_content(&fields, entry);
	add_common(&fields, entry, cache_control, vary);
	reply_with_content(exchange, entry, &fields, use_range);
}
