/* SPDX-License-Identifier: MIT */
/* Reads a directory and writes it as HTML or JSON. */
#include "handler/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "http/coding.h"
#include "http/uri.h"

struct listing_entry {
	char *name;
	bool directory;
	int64_t size;
	int64_t modified; /* seconds since 1970 */
};

struct listing {
	struct listing_entry *entries;
	size_t count, capacity;
	bool cut; /* there are more than LISTING_MAX */
};

/* --- reading -------------------------------------------------------------- */

/* The status of what a name leads to, if it may be asked for. */
static bool
look_at(const struct file_root *root, int directory, const char *relative,
    const char *name, struct stat *status)
{
	char path[PATH_MAX];
	int fd, length;
	bool seen;

	if (fstatat(directory, name, status, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	if (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode))
		return true;
	if (!S_ISLNK(status->st_mode))
		return false;
	length = snprintf(path, sizeof(path), "%s%s%s", relative,
	    relative[0] ? "/" : "", name);
	if (length < 0 || (size_t)length >= sizeof(path))
		return false;
	fd = file_root_open(root, path, O_PATH);
	if (fd < 0)
		return false;
	seen = fstat(fd, status) == 0 &&
	    (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode));
	close(fd);
	return seen;
}

static void
add_entry(struct listing *listing, const char *name, const struct stat *status)
{
	struct listing_entry *entry;

	if (listing->count == listing->capacity) {
		listing->capacity =
		    listing->capacity ? 2 * listing->capacity : 64;
		listing->entries = xreallocarray(listing->entries,
		    listing->capacity, sizeof(*listing->entries));
	}
	entry = &listing->entries[listing->count++];
	entry->name = xstrdup(name);
	entry->directory = S_ISDIR(status->st_mode);
	entry->size = status->st_size;
	entry->modified = status->st_mtim.tv_sec;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct listing_entry *one = a, *other = b;

	if (one->directory != other->directory)
		return one->directory ? -1 : 1;
	return strcmp(one->name, other->name);
}

/* 0, or the errno of a directory that can't be read. */
static int
read_listing(struct listing *listing, const struct file_root *root,
    const char *relative, bool dot_files)
{
	int fd = file_root_open(root, relative, O_RDONLY | O_DIRECTORY);
	struct dirent *found;
	struct stat status;
	DIR *directory;

	if (fd < 0)
		return -fd;
	directory = fdopendir(fd);
	if (directory == NULL) {
		int failure = errno;

		close(fd);
		return failure;
	}
	while ((found = readdir(directory)) != NULL) {
		const char *name = found->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    (name[0] == '.' && !dot_files) ||
		    !look_at(root, fd, relative, name, &status))
			continue;
		if (listing->count == LISTING_MAX) {
			listing->cut = true;
			break;
		}
		add_entry(listing, name, &status);
	}
	closedir(directory);
	if (listing->count > 0)
		qsort(listing->entries, listing->count,
		    sizeof(*listing->entries), compare_entries);
	return 0;
}

static void
listing_finish(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free(listing->entries[i].name);
	free(listing->entries);
}

/* --- writing -------------------------------------------------------------- */

static void
append_time(struct buffer *page, const char *format, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm parts;
	char text[64];

	if (gmtime_r(&when, &parts) != NULL)
		buffer_append(page, text,
		    strftime(text, sizeof(text), format, &parts));
}

static void
append_size(struct buffer *page, int64_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB",
		"PiB", "EiB" };
	double shown = (double)size;
	size_t unit = 0;

	while (shown >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		shown /= 1024;
		unit++;
	}
	buffer_printf(page, "%.*f %s", unit > 0 ? 1 : 0, shown, units[unit]);
}

static void
append_html_row(struct buffer *page, const struct listing_entry *entry)
{
	const char *slash = entry->directory ? "/" : "";

	buffer_append_str(page, STR("<tr><td><a href=\""));
	http_path_encode(page, str_of(entry->name));
	buffer_printf(page, "%s\">", slash);
	http_html_escape(page, str_of(entry->name));
	buffer_printf(page, "%s</a></td><td>", slash);
	if (!entry->directory)
		append_size(page, entry->size);
	buffer_append_str(page, STR("</td><td>"));
	append_time(page, "%Y-%m-%d %H:%M", entry->modified);
	buffer_append_str(page, STR("</td></tr>\n"));
}

static void
write_html(struct buffer *page, const struct listing *listing, struct str path,
    bool top)
{
	buffer_append_str(page,
	    STR("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>Index of "));
	http_html_escape(page, path);
	buffer_append_str(page,
	    STR("</title>\n<style>td{padding:0 1em 0 0}"
		"td+td{text-align:right;white-space:nowrap}</style>\n"
		"<h1>Index of "));
	http_html_escape(page, path);
	buffer_append_str(page, STR("</h1>\n<table>\n"));
	if (!top)
		buffer_append_str(page,
		    STR("<tr><td><a href=\"../\">../</a></td><td></td>"
			"<td></td></tr>\n"));
	for (size_t i = 0; i < listing->count; i++)
		append_html_row(page, &listing->entries[i]);
	buffer_append_str(page, STR("</table>\n"));
	if (listing->cut)
		buffer_append_str(page, STR("<p>There is more.</p>\n"));
}

/* The length of the UTF-8 sequence at the front of text; 0: it is none. */
static size_t
utf8_length(struct str text)
{
	const unsigned char *at = (const unsigned char *)text.data;
	size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;

	if (at[0] < 0x80)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4 || text.length < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Over-long forms, surrogates and what is above U+10FFFF. */
	if ((at[0] == 0xe0 && at[1] < 0xa0) ||
	    (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

/* Bytes that are no UTF-8 become U+FFFD: JSON knows nothing else. */
static void
append_json_string(struct buffer *page, struct str text)
{
	buffer_append_str(page, STR("\""));
	while (text.length > 0) {
		unsigned char byte = (unsigned char)text.data[0];
		size_t length = utf8_length(text);

		if (length == 0)
			buffer_append_str(page, STR("\xef\xbf\xbd"));
		else if (byte == '"' || byte == '\\')
			buffer_printf(page, "\\%c", byte);
		else if (byte < 0x20 || byte == 0x7f)
			buffer_printf(page, "\\u%04x", byte);
		else
			buffer_append(page, text.data, length);
		text.data += length > 0 ? length : 1;
		text.length -= length > 0 ? length : 1;
	}
	buffer_append_str(page, STR("\""));
}

static void
write_json(struct buffer *page, const struct listing *listing)
{
	buffer_append_str(page, STR("[\n"));
	for (size_t i = 0; i < listing->count; i++) {
		const struct listing_entry *entry = &listing->entries[i];

		buffer_append_str(page, STR("{\"name\": "));
		append_json_string(page, str_of(entry->name));
		buffer_printf(page, ", \"type\": \"%s\", \"mtime\": \"",
		    entry->directory ? "directory" : "file");
		append_time(page, "%Y-%m-%dT%H:%M:%SZ", entry->modified);
		buffer_append_str(page, STR("\""));
		if (!entry->directory)
			buffer_printf(page, ", \"size\": %lld",
			    (long long)entry->size);
		buffer_printf(page, "}%s\n", i + 1 < listing->count ? "," : "");
	}
	buffer_append_str(page, STR("]\n"));
}

/* --- the answer ----------------------------------------------------------- */

/* The weight the client gives a type by its very name. */
static unsigned
accept_weight(const struct http_request_head *head, struct str type)
{
	struct http_weighted item;
	unsigned weight = 0;

	for (size_t i = 0; i < head->field_count; i++) {
		struct str rest = head->fields[i].value;
		enum http_weighted_item found;

		if (!str_equal_nocase(head->fields[i].name, STR("Accept")))
			continue;
		while ((found = http_weighted_next(&rest, &item)) !=
		    HTTP_WEIGHTED_END)
			if (found == HTTP_WEIGHTED_FOUND &&
			    str_equal_nocase(item.name, type) &&
			    item.weight > weight)
				weight = item.weight;
	}
	return weight;
}

void
listing_reply(struct exchange *exchange, const struct file_root *root,
    const char *relative, const struct listing_options *options)
{
	struct listing listing = { .entries = NULL };
	int failure =
	    read_listing(&listing, root, relative, options->dot_files);
	bool json = accept_weight(&exchange->request, STR("application/json")) >
	    accept_weight(&exchange->request, STR("text/html"));
	struct http_field fields[] = {
		{ .name = STR("Content-Type"),
		    .value = json ? STR("application/json")
				  : STR("text/html; charset=utf-8"),
		    .id = HTTP_FIELD_CONTENT_TYPE },
		{ .name = STR("Vary"),
		    .value = STR("Accept"),
		    .id = HTTP_FIELD_VARY },
		{ .name = STR("Cache-Control"),
		    .value = str_of(options->cache_control),
		    .id = HTTP_FIELD_CACHE_CONTROL },
	};
	struct buffer page = BUFFER_EMPTY;

	if (failure != 0) {
		exchange_fail(exchange, failure == EACCES ? 403 : 404,
		    "the directory can not be read");
		return;
	}
	if (json)
		write_json(&page, &listing);
	else
		write_html(&page, &listing, exchange->path,
		    relative[0] == '\0');
	listing_finish(&listing);
	exchange_reply(exchange, 200, fields,
	    options->cache_control != NULL ? 3 : 2, buffer_str(&page));
	buffer_finish(&page);
}
