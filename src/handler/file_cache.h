/* SPDX-License-Identifier: MIT */
/*
 * What a worker knows of the files it serves: which exist, their facts as
 * response fields, the bytes of small ones and descriptors of large ones.
 * Bounded in entries, descriptors and bytes; the least recently used goes
 * first. One cache serves all routes of a worker, on the loop's thread.
 */
#ifndef TRICORN_HANDLER_FILE_CACHE_H
#define TRICORN_HANDLER_FILE_CACHE_H

#include <sys/types.h>

#include "base/list.h"
#include "base/str.h"
#include "handler/file_root.h"

#define FILE_CACHE_SMALL 65536        /* bytes kept in memory of a file */
#define FILE_CACHE_MEMORY (16u << 20) /* bytes of all small files */
#define FILE_CACHE_MAX_SMALL 1000     /* entries without a descriptor */
#define FILE_CACHE_MAX_LARGE 128      /* entries with one */
#define FILE_CACHE_MAX_ABSENT 1000    /* names known not to exist */

struct file_cache;

enum file_kind {
	FILE_ABSENT, /* error says why */
	FILE_DIRECTORY,
	FILE_SMALL, /* content holds its bytes */
	FILE_LARGE, /* fd reads them */
};

/* Which file a name stands for. */
enum file_variant {
	FILE_PLAIN,
	FILE_GZIP, /* the sibling with ".gz" behind its name */
	FILE_VARIANT_COUNT
};

/* Valid until the next file_cache_find() of another route's request; the
 * views in it as long. */
struct file_entry {
	struct list recency;      /* in the list of its kind */
	struct file_entry *chain; /* next in the same bucket */
	uint64_t hash;
	const struct file_root *root;
	unsigned generation; /* of the root */
	enum file_variant variant;
	struct str path; /* relative to the root, NUL behind it */
	struct freshness freshness;

	enum file_kind kind;
	int error;          /* errno of ABSENT; ENXIO: special file */
	bool unsettled;     /* changed while or just before it was read */
	struct stat status; /* of the very bytes served */
	int fd;             /* of LARGE, else -1 */
	char *content;      /* of SMALL, status.st_size bytes */
	struct str etag, last_modified, content_type;
	char text[128]; /* holds etag and last_modified */
};

struct file_cache *file_cache_create(void);
/* Accepts NULL. */
void file_cache_destroy(struct file_cache **cache);

/*
 * What stands at a path beneath root; relative has no leading slash and holds
 * no NUL byte. Never NULL, never blocks on a FIFO or device. Passing failures
 * (no descriptors left) are reported as an ABSENT entry too, but not kept.
 *
 * At most one other entry found for the same request stays valid beside the
 * returned one.
 */
const struct file_entry *file_cache_find(struct file_cache *cache,
    const struct file_root *root, struct str relative,
    enum file_variant variant, uint64_t now_ms);

/* Forgets all entries of a root that is about to end. */
void file_cache_forget(struct file_cache *cache, const struct file_root *root);

#endif
