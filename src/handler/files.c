/* SPDX-License-Identifier: MIT */
/*
 * Finds which file of a route's directory a request means. How a file is
 * answered with is file_reply.c's, what is known of it file_cache.c's.
 */
#include "handler/files.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "handler/file_cache.h"
#include "handler/file_reply.h"
#include "handler/file_root.h"
#include "handler/listing.h"
#include "handler/location.h"
#include "handler/multipart.h"
#include "http/coding.h"
#include "http/uri.h"
#include "serve/route.h"

struct files {
	const struct config_route *config;
	struct file_root root;
};

/* Shared by all routes of this process, on its loop. */
static struct file_cache *cache;
static unsigned cache_users;

/* --- names ---------------------------------------------------------------- */

/* The part of the request's path below the route's own, no leading slash. */
static struct str
relative_path(const struct exchange *exchange)
{
	struct str path = exchange->path;
	size_t mount = exchange_mount(exchange).length;

	assert(mount <= path.length);
	path = str_make(path.data + mount, path.length - mount);
	while (path.length > 0 && path.data[0] == '/')
		path = str_make(path.data + 1, path.length - 1);
	return path;
}

/* Whether a component is a dot file, ".well-known" (RFC 8615) aside. */
static bool
has_dot_file(struct str path)
{
	while (path.length > 0) {
		ptrdiff_t end = str_find(path, '/');
		size_t length = end < 0 ? path.length : (size_t)end;

		if (length > 0 && path.data[0] == '.' &&
		    !str_equal(str_make(path.data, length), STR(".well-known")))
			return true;
		length += end >= 0;
		path = str_make(path.data + length, path.length - length);
	}
	return false;
}

/* --- answers -------------------------------------------------------------- */

static void
answer_method(struct exchange *exchange)
{
	const struct http_field fields[] = {
		{ .name = STR("Allow"),
		    .value = STR("GET, HEAD, OPTIONS"),
		    .id = HTTP_FIELD_ALLOW },
		{ .name = STR("Content-Type"),
		    .value = STR("text/plain; charset=utf-8"),
		    .id = HTTP_FIELD_CONTENT_TYPE },
	};

	if (exchange->request.method_id == HTTP_METHOD_OPTIONS)
		exchange_reply(exchange, 204, fields, 1, STR(""));
	else
		exchange_reply(exchange, 405, fields, 2,
		    STR("405 Method Not Allowed\n"));
}

/* Tells the operator what no client can mend, once a second at most. */
static void
report(const struct exchange *exchange, int failure)
{
	static uint64_t last_ms;
	uint64_t now_ms = clock_coarse_ms();

	if (last_ms != 0 && now_ms - last_ms < 1000)
		return;
	last_ms = now_ms;
	log_warning("route %s: the file for %.*s cannot be read: %s",
	    exchange->route->config->name, STR_ARG(exchange->request.path),
	    strerror(failure));
}

static void
answer_absent(struct exchange *exchange, int failure)
{
	switch (failure) {
	case ENOENT:
	case ENOTDIR:
	case EXDEV: /* leads out of the directory */
	case ELOOP:
	case ENXIO: /* a special file */
	case ENAMETOOLONG:
	case EINVAL:
	case EILSEQ:
		exchange_fail(exchange, 404, "no such file");
		return;
	default:
		break;
	}
	report(exchange, failure);
	if (failure == EACCES || failure == EPERM)
		exchange_fail(exchange, 403, "not allowed to read the file");
	else if (failure == EMFILE || failure == ENFILE || failure == ENOMEM ||
	    failure == EAGAIN)
		exchange_fail(exchange, 503, "no descriptor for the file");
	else
		exchange_fail(exchange, 500, "the file cannot be read");
}

/* To the same path with a slash behind it, and the query. */
static void
redirect_to_directory(struct exchange *exchange)
{
	struct str query = exchange->request.query;
	struct buffer url = BUFFER_EMPTY;

	http_path_encode(&url, exchange->path);
	buffer_append_str(&url, STR("/"));
	location_keep_local(&url);
	if (query.data != NULL) {
		buffer_append_str(&url, STR("?"));
		location_append_raw(&url, query);
	}
	location_reply(exchange, 301, buffer_str(&url));
	buffer_finish(&url);
}

static bool
is_regular(const struct file_entry *entry)
{
	return entry->kind == FILE_SMALL || entry->kind == FILE_LARGE;
}

static bool
is_older(const struct file_entry *a, const struct file_entry *b)
{
	const struct timespec *one = &a->status.st_mtim;
	const struct timespec *other = &b->status.st_mtim;

	return one->tv_sec < other->tv_sec ||
	    (one->tv_sec == other->tv_sec && one->tv_nsec < other->tv_nsec);
}

/* Answers with a file, or its compressed sibling where that will do. */
static void
answer_file(struct exchange *exchange, const struct files *files,
    struct str relative, const struct file_entry *entry, uint64_t now_ms)
{
	const char *cache_control = files->config->cache_control;
	const struct file_entry *sibling;

	if (!files->config->precompressed) {
		file_reply(exchange, entry, cache_control, false);
		return;
	}
	sibling =
	    file_cache_find(cache, &files->root, relative, FILE_GZIP, now_ms);
	if (!is_regular(sibling) || is_older(sibling, entry)) {
		file_reply(exchange, entry, cache_control, false);
		return;
	}
	if (http_coding_choose(&exchange->request,
		HTTP_CODING_GZIP | HTTP_CODING_IDENTITY) == HTTP_CODING_GZIP)
		entry = sibling;
	file_reply(exchange, entry, cache_control, true);
}

/* Answers with the first index file there is; false without one. */
static bool
answer_index(struct exchange *exchange, const struct files *files,
    struct str relative, uint64_t now_ms)
{
	const struct config_list *index = &files->config->index;
	const struct file_entry *entry;
	char path[PATH_MAX];
	int length;

	for (size_t i = 0; i < index->count; i++) {
		length = snprintf(path, sizeof(path), "%.*s%s",
		    STR_ARG(relative), index->items[i]);
		if (length < 0 || (size_t)length >= sizeof(path))
			continue;
		entry = file_cache_find(cache, &files->root,
		    str_make(path, (size_t)length), FILE_PLAIN, now_ms);
		if (is_regular(entry)) {
			answer_file(exchange, files,
			    str_make(path, (size_t)length), entry, now_ms);
			return true;
		}
	}
	return false;
}

/* relative is "" or ends with a slash. */
static void
answer_directory(struct exchange *exchange, const struct files *files,
    struct str relative, uint64_t now_ms)
{
	const struct listing_options options = {
		.dot_files = files->config->dot_files,
		.cache_control = files->config->cache_control,
	};
	const struct file_entry *entry;

	if (answer_index(exchange, files, relative, now_ms))
		return;
	while (relative.length > 0 && relative.data[relative.length - 1] == '/')
		relative.length--;
	entry =
	    file_cache_find(cache, &files->root, relative, FILE_PLAIN, now_ms);
	if (entry->kind == FILE_ABSENT)
		answer_absent(exchange, entry->error);
	else if (entry->kind != FILE_DIRECTORY)
		exchange_fail(exchange, 404, "a file is no directory");
	else if (files->config->listing)
		listing_reply(exchange, &files->root, entry->path.data,
		    &options);
	else
		exchange_fail(exchange, 403, "no index file, and no listing");
}

static void
files_start(struct exchange *exchange)
{
	struct files *files = exchange->route->handler_state;
	struct str relative = relative_path(exchange);
	uint64_t now_ms = clock_coarse_ms();
	const struct file_entry *entry;

	if (exchange->request.method_id != HTTP_METHOD_GET &&
	    exchange->request.method_id != HTTP_METHOD_HEAD) {
		answer_method(exchange);
		return;
	}
	if ((has_dot_file(relative) && !files->config->dot_files) ||
	    str_find(relative, '\0') >= 0 || relative.length >= PATH_MAX ||
	    (files->root.file != NULL && relative.length > 0)) {
		exchange_fail(exchange, 404, "no such file");
		return;
	}
	file_root_refresh(&files->root, now_ms);
	if (files->root.file != NULL) {
		relative = str_of(files->root.file);
	} else if (exchange->path.data[exchange->path.length - 1] == '/') {
		answer_directory(exchange, files, relative, now_ms);
		return;
	}
	entry =
	    file_cache_find(cache, &files->root, relative, FILE_PLAIN, now_ms);
	if (entry->kind == FILE_ABSENT)
		answer_absent(exchange, entry->error);
	else if (entry->kind == FILE_DIRECTORY)
		redirect_to_directory(exchange);
	else
		answer_file(exchange, files, relative, entry, now_ms);
}

static void
files_cancel(struct exchange *exchange, enum exchange_cancel why)
{
	multipart_cancel(exchange);
}

const struct handler_ops files_handler = {
	.name = "files",
	.start = files_start,
	.writable = multipart_writable,
	.cancel = files_cancel,
};

/* --- life ----------------------------------------------------------------- */

int
files_state_create(const struct config_route *config, void **state,
    struct error *error)
{
	struct files *files = xcalloc(1, sizeof(*files));

	files->config = config;
	if (file_root_init(&files->root, config->files, error) < 0) {
		free(files);
		return -1;
	}
	if (cache_users++ == 0)
		cache = file_cache_create();
	*state = files;
	return 0;
}

void
files_state_destroy(void **state)
{
	struct files *files = *state;

	if (files == NULL)
		return;
	file_cache_forget(cache, &files->root);
	if (--cache_users == 0)
		file_cache_destroy(&cache);
	file_root_finish(&files->root);
	free(files);
	*state = NULL;
}
