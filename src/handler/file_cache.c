/* SPDX-License-Identifier: MIT */
/*
 * Finds files by name, keeps what it found, and notices when it is no longer
 * so. What a file's facts mean for a response is files.c's to say.
 */
#include "handler/file_cache.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http/date.h"
#include "http/media_type.h"

#define BUCKETS 4096 /* a power of 2, above the sum of all limits */
/* Two changes closer than this may carry the same time stamp. */
#define SETTLED_NS 20000000

struct recency {
	struct list entries; /* most recently used first */
	size_t count, limit;
};

struct file_cache {
	struct file_entry *buckets[BUCKETS];
	struct recency absent, small, large;
	size_t memory; /* bytes of all content */
};

static_assert(FILE_CACHE_MAX_ABSENT + FILE_CACHE_MAX_SMALL +
	    FILE_CACHE_MAX_LARGE <=
	BUCKETS,
    "buckets are few");

static struct recency *
recency_of(struct file_cache *cache, const struct file_entry *entry)
{
	switch (entry->kind) {
	case FILE_ABSENT:
		return &cache->absent;
	case FILE_LARGE:
		return &cache->large;
	case FILE_DIRECTORY:
	case FILE_SMALL:
		break;
	}
	return &cache->small;
}

static void
recency_init(struct recency *recency, size_t limit)
{
	list_init(&recency->entries);
	recency->count = 0;
	recency->limit = limit;
}

/* --- reading -------------------------------------------------------------- */

static int64_t
nanoseconds(struct timespec time)
{
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    (a->st_mode & S_IFMT) == (b->st_mode & S_IFMT);
}

static bool
same_content(const struct stat *a, const struct stat *b)
{
	return same_file(a, b) && a->st_size == b->st_size &&
	    same_time(a->st_mtim, b->st_mtim) &&
	    same_time(a->st_ctim, b->st_ctim);
}

/* Whether the file may change once more without a new time stamp. */
static bool
just_changed(const struct stat *status)
{
	int64_t age =
	    (int64_t)(clock_wall_us() * 1000) - nanoseconds(status->st_ctim);

	return age < SETTLED_NS && age > -SETTLED_NS;
}

static void
set_absent(struct file_entry *entry, int failure)
{
	entry->kind = FILE_ABSENT;
	entry->error = failure;
	/* These pass by themselves; a look at the path does not tell. */
	entry->unsettled = failure != ENOENT && failure != ENOTDIR;
}

/* Takes the bytes of a small file out of fd. */
static void
read_content(struct file_entry *entry, int fd)
{
	size_t size = (size_t)entry->status.st_size, have = 0;
	struct stat after;
	ssize_t got;

	entry->content = xmalloc(size);
	while (have < size) {
		got =
		    pread(fd, entry->content + have, size - have, (off_t)have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			free(entry->content);
			entry->content = NULL;
			set_absent(entry, errno);
			return;
		}
		if (got == 0)
			break;
		have += (size_t)got;
	}
	entry->kind = FILE_SMALL;
	if (have < size || fstat(fd, &after) < 0 ||
	    !same_content(&after, &entry->status))
		entry->unsettled = true;
	entry->status.st_size = (off_t)have;
}

/* Opens what a first look found to be a regular file. */
static void
read_regular(struct file_entry *entry, const char *path)
{
	int fd = file_root_open(entry->root, path, O_RDONLY | O_NONBLOCK);

	if (fd < 0) {
		set_absent(entry, -fd);
		return;
	}
	if (fstat(fd, &entry->status) < 0) {
		set_absent(entry, errno);
	} else if (!S_ISREG(entry->status.st_mode)) {
		set_absent(entry, ENXIO);
	} else if (entry->status.st_size <= FILE_CACHE_SMALL) {
		entry->unsettled = just_changed(&entry->status);
		read_content(entry, fd);
	} else {
		entry->unsettled = just_changed(&entry->status);
		entry->kind = FILE_LARGE;
		entry->fd = fd;
		return;
	}
	close(fd);
}

/*
 * Finds out what stands at the entry's path. The first look opens nothing
 * for reading: opening a FIFO would wake its writer, and a device may act.
 */
static void
read_entry(struct file_entry *entry, const char *path)
{
	int fd = file_root_open(entry->root, path, O_PATH), failure = 0;

	if (fd < 0) {
		set_absent(entry, -fd);
		return;
	}
	if (fstat(fd, &entry->status) < 0)
		failure = errno;
	close(fd);
	if (failure != 0)
		set_absent(entry, failure);
	else if (S_ISDIR(entry->status.st_mode))
		entry->kind = FILE_DIRECTORY;
	else if (S_ISREG(entry->status.st_mode))
		read_regular(entry, path);
	else
		set_absent(entry, ENXIO);
}

/* The path to open for an entry; false when it is too long for any file. */
static bool
entry_path(const struct file_entry *entry, char path[static PATH_MAX])
{
	int length = snprintf(path, PATH_MAX, "%s%s", entry->path.data,
	    entry->variant == FILE_GZIP ? ".gz" : "");

	return length >= 0 && length < PATH_MAX;
}

/* --- facts for responses -------------------------------------------------- */

static void
describe(struct file_entry *entry)
{
	char *text = entry->text;
	int length = snprintf(text, sizeof(entry->text) - HTTP_DATE_LENGTH,
	    "\"%llx-%llx%s\"",
	    (unsigned long long)nanoseconds(entry->status.st_mtim),
	    (unsigned long long)entry->status.st_size,
	    entry->variant == FILE_GZIP ? "-gzip" : "");

	entry->etag = str_make(text, (size_t)length);
	text += length;
	http_date_format(text, entry->status.st_mtim.tv_sec);
	entry->last_modified = str_make(text, HTTP_DATE_LENGTH);
	entry->content_type = http_media_type_of(entry->path);
}

static struct file_entry *
entry_create(const struct file_root *root, struct str path,
    enum file_variant variant, uint64_t hash)
{
	struct file_entry *entry = xcalloc(1, sizeof(*entry) + path.length + 1);
	char *copy = (char *)(entry + 1), opened[PATH_MAX];

	list_init(&entry->recency);
	entry->hash = hash;
	entry->root = root;
	entry->generation = root->generation;
	entry->variant = variant;
	if (path.length > 0)
		memcpy(copy, path.data, path.length);
	entry->path = str_make(copy, path.length);
	entry->fd = -1;
	if (entry_path(entry, opened))
		read_entry(entry, opened);
	else
		set_absent(entry, ENAMETOOLONG);
	if (entry->kind == FILE_SMALL || entry->kind == FILE_LARGE)
		describe(entry);
	return entry;
}

/* Whether a look at the path shows what the entry says. */
static bool
entry_holds(const struct file_entry *entry)
{
	char path[PATH_MAX];
	struct stat status;
	int failure;

	if (entry->unsettled || !entry_path(entry, path))
		return false;
	failure = -file_root_stat(entry->root, path, &status);
	if (entry->kind == FILE_ABSENT)
		return failure == entry->error;
	if (failure != 0)
		return false;
	return entry->kind == FILE_DIRECTORY
	    ? same_file(&status, &entry->status)
	    : same_content(&status, &entry->status);
}

/* --- the table ------------------------------------------------------------ */

static uint64_t
hash_key(const struct file_root *root, struct str path,
    enum file_variant variant)
{
	uint64_t hash = 14695981039346656037u ^ (uintptr_t)root ^ variant;

	for (size_t i = 0; i < path.length; i++)
		hash = (hash ^ (unsigned char)path.data[i]) * 1099511628211u;
	return hash ^ hash >> 32;
}

static void
remove_entry(struct file_cache *cache, struct file_entry *entry)
{
	struct file_entry **at = &cache->buckets[entry->hash % BUCKETS];

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	list_remove(&entry->recency);
	recency_of(cache, entry)->count--;
	if (entry->kind == FILE_SMALL)
		cache->memory -= (size_t)entry->status.st_size;
	if (entry->fd >= 0)
		close(entry->fd);
	free(entry->content);
	free(entry);
}

static void
remove_oldest(struct file_cache *cache, struct recency *recency)
{
	assert(!list_empty(&recency->entries));
	remove_entry(cache,
	    container_of(recency->entries.prev, struct file_entry, recency));
}

static void
insert_entry(struct file_cache *cache, struct file_entry *entry)
{
	struct file_entry **bucket = &cache->buckets[entry->hash % BUCKETS];
	struct recency *recency = recency_of(cache, entry);

	entry->chain = *bucket;
	*bucket = entry;
	list_prepend(&recency->entries, &entry->recency);
	recency->count++;
	if (entry->kind == FILE_SMALL)
		cache->memory += (size_t)entry->status.st_size;
	while (recency->count > recency->limit)
		remove_oldest(cache, recency);
	while (cache->memory > FILE_CACHE_MEMORY)
		remove_oldest(cache, &cache->small);
}

static struct file_entry *
look_up(struct file_cache *cache, const struct file_root *root, struct str path,
    enum file_variant variant, uint64_t hash)
{
	struct file_entry *entry = cache->buckets[hash % BUCKETS];

	while (entry != NULL &&
	    (entry->hash != hash || entry->root != root ||
		entry->variant != variant || !str_equal(entry->path, path)))
		entry = entry->chain;
	return entry;
}

const struct file_entry *
file_cache_find(struct file_cache *cache, const struct file_root *root,
    struct str path, enum file_variant variant, uint64_t now_ms)
{
	uint64_t hash = hash_key(root, path, variant);
	struct file_entry *entry = look_up(cache, root, path, variant, hash);
	struct freshness freshness = { 0, 0 };
	struct recency *recency;

	if (entry != NULL) {
		if (entry->generation == root->generation &&
		    (!freshness_due(&entry->freshness, now_ms) ||
			entry_holds(entry))) {
			recency = recency_of(cache, entry);
			list_remove(&entry->recency);
			list_prepend(&recency->entries, &entry->recency);
			return entry;
		}
		freshness = entry->freshness;
		remove_entry(cache, entry);
	} else {
		(void)freshness_due(&freshness, now_ms);
	}
	entry = entry_create(root, path, variant, hash);
	entry->freshness = freshness;
	insert_entry(cache, entry);
	return entry;
}

/* --- life ----------------------------------------------------------------- */

struct file_cache *
file_cache_create(void)
{
	struct file_cache *cache = xcalloc(1, sizeof(*cache));

	recency_init(&cache->absent, FILE_CACHE_MAX_ABSENT);
	recency_init(&cache->small, FILE_CACHE_MAX_SMALL);
	recency_init(&cache->large, FILE_CACHE_MAX_LARGE);
	return cache;
}

static void
forget_in(struct file_cache *cache, struct recency *recency,
    const struct file_root *root)
{
	LIST_FOREACH_SAFE (link, after, &recency->entries) {
		struct file_entry *entry =
		    container_of(link, struct file_entry, recency);

		if (root == NULL || entry->root == root)
			remove_entry(cache, entry);
	}
}

void
file_cache_forget(struct file_cache *cache, const struct file_root *root)
{
	forget_in(cache, &cache->absent, root);
	forget_in(cache, &cache->small, root);
	forget_in(cache, &cache->large, root);
}

void
file_cache_destroy(struct file_cache **cache)
{
	if (*cache == NULL)
		return;
	file_cache_forget(*cache, NULL);
	free(*cache);
	*cache = NULL;
}
