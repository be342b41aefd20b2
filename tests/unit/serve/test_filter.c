/* SPDX-License-Identifier: MIT */
/* Compression: which responses, with which fields, and that every byte comes
 * back; files read with backpressure; what is cut short. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "fake_session.h"
#include "serve/filter_gzip.h"

#define GZIP "Accept-Encoding: gzip\r\n"

/* What the handler of these tests answers with. */
static struct answer {
	int status;
	const char *type;
	struct http_field more[4];
	size_t more_count;
	int64_t announced; /* -1: not */
	const char *body;
	size_t size;
	size_t piece;   /* bytes of one write; 0: all */
	bool flush;     /* after each */
	int fd;         /* send this file instead; -1: none */
	bool keep_open; /* do not finish */
	unsigned writable_calls, cancel_calls;
} answer;

static struct fake_session fake;
static char *types[] = { (char *)"text/*", (char *)"application/json" };

static void
answer_start(struct exchange *exchange)
{
	struct http_field fields[6] = { { .name = STR("Content-Type"),
	    .value = str_of(answer.type) } };
	size_t count = answer.type != NULL;
	const char *problem;

	memcpy(fields + count, answer.more,
	    answer.more_count * sizeof(fields[0]));
	ck_assert_int_eq(exchange_respond(exchange, answer.status, fields,
			     count + answer.more_count, answer.announced,
			     &problem),
	    0);
	if (answer.fd >= 0)
		exchange_send_file(exchange, dup(answer.fd), 0,
		    (int64_t)answer.size);
	for (size_t at = 0; answer.fd < 0 && at < answer.size;) {
		size_t piece = answer.piece ? answer.piece : answer.size;

		if (piece > answer.size - at)
			piece = answer.size - at;
		exchange_write(exchange, answer.body + at, piece);
		if (answer.flush)
			exchange_flush(exchange);
		at += piece;
	}
	if (!answer.keep_open)
		exchange_finish(exchange, NULL, 0);
}

static void
answer_writable(struct exchange *exchange)
{
	answer.writable_calls++;
}

static void
answer_cancel(struct exchange *exchange, enum exchange_cancel why)
{
	answer.cancel_calls++;
}

static const struct handler_ops answer_handler = {
	.name = "answer",
	.start = answer_start,
	.writable = answer_writable,
	.cancel = answer_cancel,
};

static void
setup(void)
{
	fake_session_init(&fake, &answer_handler);
	fake.config.compress = true;
	fake.config.compress_level = 5;
	fake.config.compress_min = 100;
	fake.config.compress_types.items = types;
	fake.config.compress_types.count = 2;
	answer = (struct answer){ .status = 200,
		.type = "text/html; charset=utf-8",
		.announced = -1,
		.fd = -1 };
}

static void
teardown(void)
{
	if (answer.fd >= 0)
		close(answer.fd);
	fake_session_finish(&fake);
	filter_gzip_release_idle();
}

/* Text that compresses, and is different everywhere. */
static char *
sample(size_t size)
{
	char *text = xmalloc(size + 32);
	size_t at = 0;

	for (unsigned i = 0; at < size; i++)
		at += (size_t)sprintf(text + at, "line %u %x\n", i, i * 7919);
	return text;
}

/* Sets the body and says its length, as most handlers do. */
static char *
announce(size_t size)
{
	char *text = sample(size);

	answer.body = text;
	answer.size = size;
	answer.announced = (int64_t)size;
	return text;
}

/* Decompresses what the session has so far and compares. window_bits as for
 * inflateInit2; complete: the stream must end there. */
static void
assert_inflates_to(const char *expected, size_t size, int window_bits,
    bool complete)
{
	char *out = xmalloc(size + 1);
	z_stream stream = { .next_in = (unsigned char *)fake.body.data +
		    fake.body.start,
		.avail_in = (uInt)buffer_length(&fake.body),
		.next_out = (unsigned char *)out,
		.avail_out = (uInt)size + 1 };
	int result;

	ck_assert_int_eq(inflateInit2(&stream, window_bits), Z_OK);
	result = inflate(&stream, Z_SYNC_FLUSH);
	if (complete)
		ck_assert_int_eq(result, Z_STREAM_END);
	else
		ck_assert(result == Z_OK || result == Z_BUF_ERROR);
	ck_assert_uint_eq(stream.avail_in, 0);
	ck_assert_uint_eq(stream.total_out, size);
	ck_assert_int_eq(memcmp(out, expected, size), 0);
	inflateEnd(&stream);
	free(out);
}

static void
assert_gzip_of(const char *expected, size_t size)
{
	ck_assert(fake.finished);
	ck_assert_str_eq(fake_session_field(&fake, "Content-Encoding"), "gzip");
	ck_assert_int_eq(fake.length, -1);
	assert_inflates_to(expected, size, 31, true);
}

static void
assert_plain(const char *expected, size_t size)
{
	ck_assert(fake.finished);
	ck_assert_str_eq(fake_session_field(&fake, "Content-Encoding"), "");
	ck_assert_uint_eq(buffer_length(&fake.body), size);
	ck_assert_int_eq(memcmp(fake_session_body(&fake), expected, size), 0);
}

static void
add_field(const char *name, const char *value)
{
	struct http_field *field = &answer.more[answer.more_count++];

	field->name = str_of(name);
	field->value = str_of(value);
}

/* --- which responses ------------------------------------------------------ */

START_TEST(every_size_comes_back)
{
	static const size_t sizes[] = { 100, 101, 1000, 16383, 16384, 16385,
		65536, 1048576, 5000000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *text = announce(sizes[i]);

		fake_session_get(&fake, "/", GZIP);
		ck_assert_int_eq(fake.status, 200);
		assert_gzip_of(text, sizes[i]);
		ck_assert_uint_lt(buffer_length(&fake.body), sizes[i]);
		free(text);
	}
}
END_TEST

START_TEST(random_bytes_come_back)
{
	size_t size = 300000;
	char *noise = xmalloc(size);

	srandom(1);
	for (size_t i = 0; i < size; i++)
		noise[i] = (char)random();
	answer.body = noise;
	answer.size = size;
	answer.piece = 777;
	fake_session_get(&fake, "/", GZIP);
	assert_gzip_of(noise, size);
	free(noise);
}
END_TEST

START_TEST(small_responses_stay)
{
	static const size_t sizes[] = { 0, 1, 99 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *text = announce(sizes[i]);

		fake_session_get(&fake, "/", GZIP);
		assert_plain(text, sizes[i]);
		ck_assert_int_eq(fake.length, (int64_t)sizes[i]);
		ck_assert_str_eq(fake_session_field(&fake, "Vary"), "");
		free(text);
	}
}
END_TEST

START_TEST(unknown_length_is_compressed)
{
	char *text = announce(50);

	answer.announced = -1;
	fake_session_get(&fake, "/", GZIP);
	assert_gzip_of(text, 50);
	answer.size = 0;
	fake_session_get(&fake, "/", GZIP);
	assert_gzip_of("", 0);
	free(text);
}
END_TEST

START_TEST(client_decides)
{
	static const struct {
		const char *accept, *coding;
	} cases[] = {
		{ "", "" },
		{ "Accept-Encoding: gzip;q=0\r\n", "" },
		{ "Accept-Encoding: identity\r\n", "" },
		{ "Accept-Encoding: br\r\n", "" },
		{ "Accept-Encoding: br, gzip;q=0.5\r\n", "gzip" },
		{ "Accept-Encoding: *\r\n", "gzip" },
		{ "Accept-Encoding: gzip;q=0, *\r\n", "deflate" },
		{ "Accept-Encoding: gzip;q=0.5, deflate\r\n", "deflate" },
	};
	char *text = announce(2000);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_session_get(&fake, "/", cases[i].accept);
		ck_assert_str_eq(fake_session_field(&fake, "Content-Encoding"),
		    cases[i].coding);
		ck_assert_str_eq(fake_session_field(&fake, "Vary"),
		    "Accept-Encoding");
		if (strcmp(cases[i].coding, "deflate") == 0)
			assert_inflates_to(text, 2000, 15, true);
		else if (cases[i].coding[0] == '\0')
			assert_plain(text, 2000);
		else
			assert_gzip_of(text, 2000);
	}
	free(text);
}
END_TEST

/* Asks once and says whether the answer was compressed. */
static bool
is_compressed(void)
{
	fake_session_get(&fake, "/", GZIP);
	ck_assert(fake.finished);
	return fake_session_field(&fake, "Content-Encoding")[0] == 'g';
}

START_TEST(types_decide)
{
	static const struct {
		const char *type;
		bool listed;
	} cases[] = { { "text/plain", true }, { "TEXT/CSS", true },
		{ "application/json", true },
		{ "application/json; charset=x", true },
		{ "application/jsonx", false }, { "image/png", false },
		{ "text", false }, { "text/", false }, { NULL, false } };
	char *text = announce(2000);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer.type = cases[i].type;
		ck_assert_msg(is_compressed() == cases[i].listed, "%s",
		    cases[i].type);
		ck_assert_str_eq(fake_session_field(&fake, "Vary"),
		    cases[i].listed ? "Accept-Encoding" : "");
	}
	free(text);
}
END_TEST

START_TEST(what_forbids_it)
{
	static const struct {
		const char *name, *value;
	} cases[] = { { "Content-Encoding", "br" },
		{ "Content-Range", "bytes 0-1999/3000" },
		{ "Cache-Control", "public, No-Transform" } };
	char *text = announce(2000);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer.more_count = 0;
		add_field(cases[i].name, cases[i].value);
		ck_assert_msg(!is_compressed(), "%s", cases[i].name);
		ck_assert_int_eq(fake.length, 2000);
	}
	answer.more_count = 0;
	answer.status = 206;
	ck_assert(!is_compressed());
	answer.status = 404;
	ck_assert(is_compressed());
	fake.config.compress = false;
	ck_assert(!is_compressed());
	ck_assert_str_eq(fake_session_field(&fake, "Vary"), "");
	free(text);
}
END_TEST

START_TEST(no_body_no_filter)
{
	answer.announced = 0;
	answer.status = 204;
	ck_assert(!is_compressed());
	answer.status = 304;
	ck_assert(!is_compressed());
}
END_TEST

/* --- fields --------------------------------------------------------------- */

START_TEST(vary_is_merged)
{
	static const struct {
		const char *before, *after;
	} cases[] = { { "Origin", "Origin, Accept-Encoding" },
		{ "accept-encoding", "accept-encoding" },
		{ "Origin, Accept-Encoding", "Origin, Accept-Encoding" },
		{ "*", "*" }, { "", "Accept-Encoding" } };
	char *text = announce(2000);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer.more_count = 0;
		add_field("Vary", cases[i].before);
		ck_assert(is_compressed());
		ck_assert_str_eq(fake_session_field(&fake, "Vary"),
		    cases[i].after);
	}
	free(text);
}
END_TEST

START_TEST(fields_about_the_plain_bytes_go)
{
	char *text = announce(2000);

	add_field("Accept-Ranges", "bytes");
	add_field("Content-MD5", "Q2hlY2sgSW50ZWdyaXR5IQ==");
	add_field("ETag", "\"abc\"");
	add_field("X-Other", "stays");
	ck_assert(is_compressed());
	ck_assert_str_eq(fake_session_field(&fake, "Accept-Ranges"), "");
	ck_assert_str_eq(fake_session_field(&fake, "Content-MD5"), "");
	ck_assert_str_eq(fake_session_field(&fake, "ETag"), "W/\"abc\"");
	ck_assert_str_eq(fake_session_field(&fake, "X-Other"), "stays");
	fake_session_get(&fake, "/", "");
	ck_assert_str_eq(fake_session_field(&fake, "Accept-Ranges"), "bytes");
	ck_assert_str_eq(fake_session_field(&fake, "ETag"), "\"abc\"");
	answer.more[2].value = STR("W/\"abc\"");
	ck_assert(is_compressed());
	ck_assert_str_eq(fake_session_field(&fake, "ETag"), "W/\"abc\"");
	free(text);
}
END_TEST

START_TEST(head_has_the_same_fields)
{
	char *text = announce(2000);
	struct buffer fields = BUFFER_EMPTY;

	add_field("ETag", "\"abc\"");
	fake_session_get(&fake, "/", GZIP);
	buffer_append_str(&fields, buffer_str(&fake.head));
	fake_session_ask(&fake,
	    "HEAD / HTTP/1.1\r\nHost: example.com\r\n" GZIP);
	ck_assert(fake.finished && !fake.has_body);
	ck_assert(str_equal(buffer_str(&fields), buffer_str(&fake.head)));
	ck_assert_int_eq(fake.length, -1);
	ck_assert_uint_eq(fake.writes, 0);
	buffer_finish(&fields);
	free(text);
}
END_TEST

START_TEST(not_modified_keeps_the_weak_tag)
{
	answer.status = 304;
	answer.announced = 0;
	add_field("ETag", "\"abc\"");
	fake_session_get(&fake, "/", GZIP "If-None-Match: W/\"abc\"\r\n");
	ck_assert_str_eq(fake_session_field(&fake, "ETag"), "W/\"abc\"");
	ck_assert_str_eq(fake_session_field(&fake, "Vary"), "Accept-Encoding");
	fake_session_get(&fake, "/", GZIP "If-None-Match: \"abc\"\r\n");
	ck_assert_str_eq(fake_session_field(&fake, "ETag"), "\"abc\"");
}
END_TEST

/* --- streaming ------------------------------------------------------------ */

START_TEST(flush_makes_all_readable)
{
	char *text = announce(3000);

	answer.announced = -1;
	answer.piece = 1000;
	answer.flush = true;
	answer.keep_open = true;
	fake_session_get(&fake, "/", GZIP);
	ck_assert_uint_eq(fake.writes, 3);
	ck_assert_uint_eq(fake.flushes, 3);
	assert_inflates_to(text, 3000, 31, false);
	/* Nothing new: nothing more to send. */
	exchange_flush(fake.exchange);
	ck_assert_uint_eq(fake.writes, 3);
	exchange_finish(fake.exchange, NULL, 0);
	assert_gzip_of(text, 3000);
	free(text);
}
END_TEST

START_TEST(without_flush_output_gathers)
{
	char *text = announce(3000);

	answer.piece = 100;
	answer.keep_open = true;
	fake_session_get(&fake, "/", GZIP);
	ck_assert_uint_eq(fake.writes, 0);
	exchange_finish(fake.exchange, NULL, 0);
	ck_assert_uint_eq(fake.writes, 1);
	assert_gzip_of(text, 3000);
	free(text);
}
END_TEST

START_TEST(events_arrive_one_by_one)
{
	answer.type = "text/event-stream; charset=utf-8";
	answer.body = "data: 1\n\ndata: 2\n\n";
	answer.size = 9;
	answer.keep_open = true;
	fake_session_get(&fake, "/", GZIP);
	assert_inflates_to(answer.body, 9, 31, false);
	exchange_write(fake.exchange, answer.body + 9, 9);
	assert_inflates_to(answer.body, 18, 31, false);
	exchange_finish(fake.exchange, NULL, 0);
	assert_gzip_of(answer.body, 18);
}
END_TEST

START_TEST(too_short_a_body_is_aborted)
{
	char *text = announce(2000);

	answer.size = 1500;
	fake_session_get(&fake, "/", GZIP);
	ck_assert(!fake.finished && !fake.aborted);
	fake_session_turn(&fake);
	ck_assert(!fake.finished && fake.aborted);
	free(text);
}
END_TEST

START_TEST(cancel_frees_everything)
{
	char *text = announce(2000);

	answer.keep_open = true;
	for (unsigned i = 0; i < 2 * FILTER_GZIP_MAX; i++) {
		fake_session_get(&fake, "/", GZIP);
		ck_assert_str_eq(fake_session_field(&fake, "Content-Encoding"),
		    "gzip");
		fake_session_cancel(&fake);
	}
	ck_assert_uint_eq(answer.cancel_calls, 2 * FILTER_GZIP_MAX);
	free(text);
}
END_TEST

START_TEST(compressors_are_bounded)
{
	struct exchange *open[FILTER_GZIP_MAX];
	char *text = announce(2000);

	answer.keep_open = true;
	for (unsigned i = 0; i < FILTER_GZIP_MAX; i++) {
		fake_session_get(&fake, "/", GZIP);
		open[i] = fake.exchange;
		fake.exchange = NULL;
	}
	answer.keep_open = false;
	fake_session_get(&fake, "/", GZIP);
	assert_plain(text, 2000);
	ck_assert_str_eq(fake_session_field(&fake, "Vary"), "Accept-Encoding");
	for (unsigned i = 0; i < FILTER_GZIP_MAX; i++) {
		fake.exchange = open[i];
		fake_session_cancel(&fake);
	}
	fake_session_get(&fake, "/", GZIP);
	assert_gzip_of(text, 2000);
	free(text);
}
END_TEST

START_TEST(levels_and_codings_mix)
{
	char *text = announce(20000);
	size_t fast;

	for (int i = 0; i < 3; i++) {
		fake.config.compress_level = 1;
		fake_session_get(&fake, "/", GZIP);
		assert_gzip_of(text, 20000);
		fast = buffer_length(&fake.body);
		fake.config.compress_level = 9;
		fake_session_get(&fake, "/", GZIP);
		assert_gzip_of(text, 20000);
		ck_assert_uint_lt(buffer_length(&fake.body), fast);
		fake_session_get(&fake, "/", "Accept-Encoding: deflate\r\n");
		assert_inflates_to(text, 20000, 15, true);
	}
	free(text);
}
END_TEST

/* --- files ---------------------------------------------------------------- */

/* Makes the answer a file with that text. */
static void
answer_with_file(const char *text, size_t size)
{
	char path[] = "/tmp/tricorn-filter-XXXXXX";

	answer.fd = mkstemp(path);
	ck_assert_int_ge(answer.fd, 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(write(answer.fd, text, size), (ssize_t)size);
}

START_TEST(files_come_back)
{
	char *text = announce(200000);

	answer_with_file(text, 200000);
	fake_session_get(&fake, "/", GZIP);
	assert_gzip_of(text, 200000);
	ck_assert_uint_eq(fake.files, 0);
	free(text);
}
END_TEST

START_TEST(files_wait_for_room)
{
	char *text = announce(1000000);
	unsigned rounds = 0;
	size_t before;

	answer_with_file(text, 1000000);
	fake.room = 0;
	fake_session_get(&fake, "/", GZIP);
	ck_assert(!fake.finished);
	ck_assert_uint_eq(fake.writes, 0);
	while (!fake.finished && rounds < 10000) {
		before = buffer_length(&fake.body);
		fake_session_give_room(&fake, 1);
		fake_session_turn(&fake);
		/* One piece, however well it compressed, and its end. */
		ck_assert_uint_le(buffer_length(&fake.body) - before,
		    3 * 16384);
		rounds++;
	}
	ck_assert_uint_gt(rounds, 5);
	assert_gzip_of(text, 1000000);
	free(text);
}
END_TEST

START_TEST(long_files_share_the_loop)
{
	size_t size = 3000000;
	char *text = announce(size);
	unsigned turns = 0;

	answer_with_file(text, size);
	fake_session_get(&fake, "/", GZIP);
	for (; !fake.finished && turns < 1000; turns++)
		fake_session_turn(&fake);
	ck_assert_uint_gt(turns, 3);
	assert_gzip_of(text, size);
	free(text);
}
END_TEST

START_TEST(writes_behind_a_file_keep_their_place)
{
	char *text = announce(100000), *all = xmalloc(100008);

	answer_with_file(text, 100000);
	answer.announced = -1;
	answer.keep_open = true;
	fake.room = 0;
	fake_session_get(&fake, "/", GZIP);
	ck_assert_uint_eq(exchange_room(fake.exchange), 0);
	exchange_write(fake.exchange, "the ", 4);
	exchange_write(fake.exchange, "end\n", 4);
	fake_session_give_room(&fake, SIZE_MAX);
	ck_assert_uint_eq(answer.writable_calls, 1);
	ck_assert_uint_gt(exchange_room(fake.exchange), 0);
	exchange_finish(fake.exchange, NULL, 0);
	memcpy(all, text, 100000);
	memcpy(all + 100000, "the end\n", 8);
	assert_gzip_of(all, 100008);
	free(all);
	free(text);
}
END_TEST

START_TEST(truncated_files_are_aborted)
{
	char *text = announce(1000000);

	answer_with_file(text, 1000000);
	fake.room = 0;
	fake_session_get(&fake, "/", GZIP);
	fake_session_give_room(&fake, 1);
	ck_assert_int_eq(ftruncate(answer.fd, 50000), 0);
	fake_session_give_room(&fake, SIZE_MAX);
	fake_session_turn(&fake);
	ck_assert(fake.aborted && !fake.finished);
	free(text);
}
END_TEST

START_TEST(truncated_files_tell_the_handler)
{
	char *text = announce(1000000);

	answer_with_file(text, 1000000);
	ck_assert_int_eq(ftruncate(answer.fd, 10), 0);
	answer.keep_open = true;
	fake_session_get(&fake, "/", GZIP);
	/* The handler has not been told yet and may go on. */
	ck_assert_ptr_nonnull(fake.exchange);
	exchange_write(fake.exchange, "x", 1);
	ck_assert_uint_eq(exchange_room(fake.exchange), 0);
	fake_session_turn(&fake);
	ck_assert_uint_eq(answer.cancel_calls, 1);
	ck_assert(fake.aborted && fake.exchange == NULL);
	free(text);
}
END_TEST

START_TEST(cancelled_files_are_closed)
{
	char *text = announce(3000000);
	int next;

	answer_with_file(text, 3000000);
	next = dup(answer.fd);
	close(next);
	fake_session_get(&fake, "/", GZIP); /* waits for the next turn */
	fake_session_cancel(&fake);
	fake_session_turn(&fake);
	ck_assert_int_eq(dup(answer.fd), next);
	close(next);
	free(text);
}
END_TEST

static Suite *
filter_suite(void)
{
	Suite *suite = suite_create("filter");
	TCase *which = tcase_create("which"), *fields = tcase_create("fields"),
	      *streaming = tcase_create("streaming"),
	      *files = tcase_create("files");
	TCase *all[] = { which, fields, streaming, files };

	for (size_t i = 0; i < 4; i++) {
		tcase_add_checked_fixture(all[i], setup, teardown);
		tcase_set_timeout(all[i], 60);
		suite_add_tcase(suite, all[i]);
	}
	tcase_add_test(which, every_size_comes_back);
	tcase_add_test(which, random_bytes_come_back);
	tcase_add_test(which, small_responses_stay);
	tcase_add_test(which, unknown_length_is_compressed);
	tcase_add_test(which, client_decides);
	tcase_add_test(which, types_decide);
	tcase_add_test(which, what_forbids_it);
	tcase_add_test(which, no_body_no_filter);
	tcase_add_test(fields, vary_is_merged);
	tcase_add_test(fields, fields_about_the_plain_bytes_go);
	tcase_add_test(fields, head_has_the_same_fields);
	tcase_add_test(fields, not_modified_keeps_the_weak_tag);
	tcase_add_test(streaming, flush_makes_all_readable);
	tcase_add_test(streaming, without_flush_output_gathers);
	tcase_add_test(streaming, events_arrive_one_by_one);
	tcase_add_test(streaming, too_short_a_body_is_aborted);
	tcase_add_test(streaming, cancel_frees_everything);
	tcase_add_test(streaming, compressors_are_bounded);
	tcase_add_test(streaming, levels_and_codings_mix);
	tcase_add_test(files, files_come_back);
	tcase_add_test(files, files_wait_for_room);
	tcase_add_test(files, long_files_share_the_loop);
	tcase_add_test(files, writes_behind_a_file_keep_their_place);
	tcase_add_test(files, truncated_files_are_aborted);
	tcase_add_test(files, truncated_files_tell_the_handler);
	tcase_add_test(files, cancelled_files_are_closed);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(filter_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
