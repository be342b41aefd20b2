/* SPDX-License-Identifier: MIT */
/*
 * The filter that compresses with zlib: the gzip coding and the one that
 * HTTP calls deflate (RFC 9110 8.4.1). Its memory is bounded: there are only
 * so many compressors in a process, and idle ones are used again.
 */
#ifndef TRICORN_SERVE_FILTER_GZIP_H
#define TRICORN_SERVE_FILTER_GZIP_H

#include "http/coding.h"
#include "serve/filter.h"

/* Compressors in use at one time; one takes about 300 KiB. */
#define FILTER_GZIP_MAX 256
/* Kept when nobody uses them. */
#define FILTER_GZIP_KEPT 16

/* Whether another compressor may be taken into use. */
bool filter_gzip_available(void);
/*
 * A filter in the exchange's arena, with a compressor of its own until
 * destroy(). coding is gzip or deflate, level 1 to 9. One must be available.
 */
struct filter *filter_gzip_create(struct exchange *exchange,
    enum http_coding coding, unsigned level) __attribute__((returns_nonnull));
/* Frees the idle compressors, at the worker's end. */
void filter_gzip_release_idle(void);

#endif
