/* SPDX-License-Identifier: MIT */
/* Compresses a response body as it is written. */
#include "serve/filter_gzip.h"

#include <assert.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/memory.h"

#define WINDOW_BITS 15
#define GZIP_FRAMING 16 /* added to the window bits */
#define MEMORY_LEVEL 8
#define OUTPUT 16384 /* gathered before the session gets it */

struct compressor {
	z_stream stream;
	enum http_coding coding;
	unsigned level;
	struct compressor *next; /* idle */
	unsigned char output[OUTPUT];
};

struct filter_gzip {
	struct filter filter;
	struct compressor *compressor;
	bool pending; /* something was written since the last flush */
};

/* Of this process; its loop has one owner at a time. */
static struct compressor *idle;
static unsigned idle_count, used_count;

/* --- compressors ---------------------------------------------------------- */

static void
compressor_free(struct compressor *compressor)
{
	(void)deflateEnd(&compressor->stream);
	free(compressor);
}

static struct compressor *
compressor_create(enum http_coding coding, unsigned level)
{
	struct compressor *compressor = xcalloc(1, sizeof(*compressor));
	int result = deflateInit2(&compressor->stream, (int)level, Z_DEFLATED,
	    WINDOW_BITS + (coding == HTTP_CODING_GZIP ? GZIP_FRAMING : 0),
	    MEMORY_LEVEL, Z_DEFAULT_STRATEGY);

	/* Nothing but memory can be missing, and then xmalloc gives up too. */
	if (result != Z_OK)
		abort();
	compressor->coding = coding;
	compressor->level = level;
	return compressor;
}

static struct compressor *
compressor_take(enum http_coding coding, unsigned level)
{
	struct compressor **at = &idle, *compressor;

	while (*at != NULL &&
	    ((*at)->coding != coding || (*at)->level != level))
		at = &(*at)->next;
	used_count++;
	if (*at == NULL) {
		compressor = compressor_create(coding, level);
	} else {
		compressor = *at;
		*at = compressor->next;
		idle_count--;
	}
	compressor->stream.next_out = compressor->output;
	compressor->stream.avail_out = OUTPUT;
	return compressor;
}

static void
compressor_give_back(struct compressor *compressor)
{
	assert(used_count > 0);
	used_count--;
	if (idle_count >= FILTER_GZIP_KEPT ||
	    deflateReset(&compressor->stream) != Z_OK) {
		compressor_free(compressor);
		return;
	}
	compressor->next = idle;
	idle = compressor;
	idle_count++;
}

void
filter_gzip_release_idle(void)
{
	struct compressor *next;

	for (; idle != NULL; idle = next) {
		next = idle->next;
		compressor_free(idle);
	}
	idle_count = 0;
}

bool
filter_gzip_available(void)
{
	return used_count < FILTER_GZIP_MAX;
}

/* --- the filter ----------------------------------------------------------- */

static void
emit(struct compressor *compressor, struct exchange *exchange)
{
	size_t size = OUTPUT - compressor->stream.avail_out;

	if (size > 0)
		exchange->session_ops->write(exchange,
		    (const char *)compressor->output, size);
	compressor->stream.next_out = compressor->output;
	compressor->stream.avail_out = OUTPUT;
}

/* Compresses; what is given out gathers until the output is full. */
static void
compress_bytes(struct compressor *compressor, struct exchange *exchange,
    const char *data, size_t size, int mode)
{
	z_stream *stream = &compressor->stream;
	int result;

	do {
		uInt piece = size > (1u << 30) ? 1u << 30 : (uInt)size;

		stream->next_in = (unsigned char *)(uintptr_t)data;
		stream->avail_in = piece;
		result = deflate(stream, mode);
		assert(result != Z_STREAM_ERROR);
		data += piece - stream->avail_in;
		size -= piece - stream->avail_in;
		if (stream->avail_out > 0 && size == 0)
			return;
		emit(compressor, exchange);
	} while (result != Z_STREAM_END);
}

static void
gzip_write(struct filter *filter, struct exchange *exchange, const char *data,
    size_t size)
{
	struct filter_gzip *gzip =
	    container_of(filter, struct filter_gzip, filter);

	compress_bytes(gzip->compressor, exchange, data, size, Z_NO_FLUSH);
	gzip->pending = true;
}

static void
gzip_flush(struct filter *filter, struct exchange *exchange)
{
	struct filter_gzip *gzip =
	    container_of(filter, struct filter_gzip, filter);

	if (!gzip->pending) /* another empty block would be of no use */
		return;
	gzip->pending = false;
	compress_bytes(gzip->compressor, exchange, "", 0, Z_SYNC_FLUSH);
	emit(gzip->compressor, exchange);
}

static void
gzip_finish(struct filter *filter, struct exchange *exchange)
{
	struct filter_gzip *gzip =
	    container_of(filter, struct filter_gzip, filter);

	compress_bytes(gzip->compressor, exchange, "", 0, Z_FINISH);
	emit(gzip->compressor, exchange);
}

static void
gzip_destroy(struct filter *filter)
{
	struct filter_gzip *gzip =
	    container_of(filter, struct filter_gzip, filter);

	compressor_give_back(gzip->compressor);
	gzip->compressor = NULL;
}

static const struct filter_ops gzip_ops = {
	.write = gzip_write,
	.flush = gzip_flush,
	.finish = gzip_finish,
	.destroy = gzip_destroy,
};

struct filter *
filter_gzip_create(struct exchange *exchange, enum http_coding coding,
    unsigned level)
{
	struct filter_gzip *gzip =
	    arena_calloc(&exchange->arena, sizeof(*gzip));

	assert(filter_gzip_available());
	gzip->filter.ops = &gzip_ops;
	gzip->compressor = compressor_take(coding, level);
	return &gzip->filter;
}
