/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the request parser. Whatever the bytes: views lie inside them,
 * fields obey the grammar, the message ends in one way only, and the result
 * does not depend on how the bytes were cut.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "http/host.h"
#include "http/request.h"
#include "http/uri.h"

#define MAX_FIELDS 20

/* Small, so that the limits are met often. */
static const struct http_limits limits = {
	.max_head = 1024,
	.max_target = 256,
	.max_fields = MAX_FIELDS,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
require_inside(struct str view, const char *data, size_t size)
{
	require(view.data >= data && view.data + view.length <= data + size);
}

static void
check_fields(const struct http_request_head *head, const char *data)
{
	int hosts = 0, lengths = 0, codings = 0;

	require(head->field_count <= MAX_FIELDS);
	for (size_t i = 0; i < head->field_count; i++) {
		const struct http_field *field = &head->fields[i];

		require_inside(field->name, data, head->size);
		require_inside(field->value, data, head->size);
		require(http_is_token(field->name));
		require(http_is_field_value(field->value));
		require(str_equal(str_trim(field->value), field->value));
		require(field->id == http_field_lookup(field->name));
		hosts += field->id == HTTP_FIELD_HOST;
		lengths += field->id == HTTP_FIELD_CONTENT_LENGTH;
		codings += field->id == HTTP_FIELD_TRANSFER_ENCODING;
	}
	require(hosts <= 1 && lengths + codings <= 1);
	require(hosts == 1 || head->version_minor == 0);
	require(head->chunked == (codings == 1));
	require((head->content_length >= 0) == (lengths == 1));
}

static void
check_path(const struct http_request_head *head)
{
	struct http_problem problem;
	struct arena arena;
	struct str path, again;

	arena_init(&arena, NULL, 0);
	if (http_path_normalise(&arena, head->path, &path, &problem)) {
		require(path.length > 0 && path.length <= head->path.length);
		require(path.data[0] == '/');
		require(memchr(path.data, '\0', path.length) == NULL);
		/* No dot segment is left: without escapes it is stable. */
		if (memchr(path.data, '%', path.length) == NULL) {
			require(http_path_normalise(&arena, path, &again,
			    &problem));
			require(again.data == path.data);
		}
	} else {
		require(problem.status == 400);
	}
	if (head->host.data != NULL) {
		struct http_host host;

		require(http_host_parse(head->host, &host));
		http_host_normalise(&arena, head->host);
	}
	arena_reset(&arena);
}

static void
check_head(const struct http_request_head *head, const char *data, size_t size)
{
	require(head->size <= size && head->size <= limits.max_head);
	require(head->size >= 4 &&
	    memcmp(data + head->size - 4, "\r\n\r\n", 4) == 0);
	require_inside(head->method, data, head->size);
	require_inside(head->target, data, head->size);
	require(http_is_token(head->method));
	require(head->target.length <= limits.max_target);
	if (head->query.data != NULL)
		require_inside(head->query, data, head->size);
	if (head->host.data != NULL)
		require_inside(head->host, data, head->size);
	check_fields(head, data);
	check_path(head);
}

/* Parses a copy that ends where its memory ends. */
static enum http_parse
parse_copy(const uint8_t *data, size_t size, int *status, size_t *head_size)
{
	struct http_field fields[MAX_FIELDS];
	struct http_request_head head = { .fields = fields };
	struct http_problem problem = { 0, NULL };
	char *copy = xmalloc(size > 0 ? size : 1);
	enum http_parse result;

	memcpy(copy, data, size);
	result = http_request_parse(copy, size, &limits, &head, &problem);
	if (result == HTTP_PARSE_DONE)
		check_head(&head, copy, size);
	require((result == HTTP_PARSE_ERROR) == (problem.status != 0));
	*status = problem.status;
	*head_size = head.size;
	free(copy);
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int status, cut_status;
	size_t head_size, cut_size;
	enum http_parse result;

	if (size > 2048)
		return 0;
	result = parse_copy(data, size, &status, &head_size);
	for (size_t cut = 0; cut < size; cut++) {
		enum http_parse early =
		    parse_copy(data, cut, &cut_status, &cut_size);

		if (early == HTTP_PARSE_MORE) {
			require(result != HTTP_PARSE_DONE || cut < head_size);
			continue;
		}
		require(early == result && cut_status == status);
		require(cut_size == head_size);
		/* Once decided it stays; a few more cuts are enough. */
		if (cut > head_size + 16)
			break;
	}
	return 0;
}
