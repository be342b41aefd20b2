/* SPDX-License-Identifier: MIT */
/*
 * The inner loops of the parsers: each returns the first byte from at that
 * does not belong to what is scanned, or end. Where SSE2 is there (every
 * x86-64) they take sixteen bytes at a time; the portable loops say what they
 * mean and finish the last bytes.
 */
#ifndef TRICORN_HTTP_SCAN_H
#define TRICORN_HTTP_SCAN_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "http/character.h"

static inline const char *
http_scan_portable(const char *at, const char *end, enum http_character kind)
{
	while (at < end && http_character_is(*at, kind))
		at++;
	return at;
}

#ifdef __SSE2__

static inline __m128i
http_scan_load(const char *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* 0xff in every byte of block that is at least low and at most high. */
static inline __m128i
http_scan_between(__m128i block, char low, char high)
{
	__m128i moved = _mm_sub_epi8(block, _mm_set1_epi8(low));

	return _mm_cmpeq_epi8(_mm_min_epu8(moved,
				  _mm_set1_epi8((char)(high - low))),
	    moved);
}

static inline __m128i
http_scan_equal(__m128i block, char byte)
{
	return _mm_cmpeq_epi8(block, _mm_set1_epi8(byte));
}

#endif

/* A field name: letters, digits and '-' sixteen at a time, then the rest. */
static inline const char *
http_scan_name(const char *at, const char *end)
{
#ifdef __SSE2__
	while (end - at >= 16) {
		__m128i block = http_scan_load(at);
		__m128i lower = _mm_or_si128(block, _mm_set1_epi8(0x20));
		__m128i good = _mm_or_si128(http_scan_between(lower, 'a', 'z'),
		    _mm_or_si128(http_scan_between(block, '0', '9'),
			http_scan_equal(block, '-')));
		unsigned stop = (unsigned)_mm_movemask_epi8(good) ^ 0xffff;

		if (stop == 0) {
			at += 16;
			continue;
		}
		at += __builtin_ctz(stop);
		if (*at == ':')
			return at;
		break;
	}
#endif
	return http_scan_portable(at, end, HTTP_CHARACTER_TOKEN);
}

/* A request target: stops at a space, '#', control and 8-bit bytes. */
static inline const char *
http_scan_target(const char *at, const char *end)
{
#ifdef __SSE2__
	while (end - at >= 16) {
		__m128i block = http_scan_load(at);
		__m128i good = _mm_andnot_si128(http_scan_equal(block, '#'),
		    http_scan_between(block, '!', '~'));
		unsigned stop = (unsigned)_mm_movemask_epi8(good) ^ 0xffff;

		if (stop != 0)
			return at + __builtin_ctz(stop);
		at += 16;
	}
#endif
	return http_scan_portable(at, end, HTTP_CHARACTER_TARGET);
}

/* A field value: stops at control bytes but tab. */
static inline const char *
http_scan_value(const char *at, const char *end)
{
#ifdef __SSE2__
	while (end - at >= 16) {
		__m128i block = http_scan_load(at);
		__m128i bad =
		    _mm_or_si128(_mm_andnot_si128(http_scan_equal(block, '\t'),
				     http_scan_between(block, 0, 0x1f)),
			http_scan_equal(block, 0x7f));
		unsigned stop = (unsigned)_mm_movemask_epi8(bad);

		if (stop != 0)
			return at + __builtin_ctz(stop);
		at += 16;
	}
#endif
	return http_scan_portable(at, end, HTTP_CHARACTER_VALUE);
}

#endif
