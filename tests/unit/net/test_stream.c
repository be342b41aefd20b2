/* SPDX-License-Identifier: MIT */
/* Streams on one end of a socket pair; the test has the other. */
#include "net/stream.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"

#define LIMIT 50000

static struct loop loop;
static struct stream_pool pool;
static struct stream stream;
static int peer;
static struct buffer got; /* by the peer */

static unsigned readables, writables, progresses, failures;
static bool close_when_writable, close_when_progress, close_when_readable;
static size_t room_when_writable;

static void
readable(struct stream *from)
{
	ck_assert_ptr_eq(from, &stream);
	readables++;
	if (close_when_readable)
		stream_close(from);
}

static void
writable(struct stream *from)
{
	writables++;
	room_when_writable = stream_room(from);
	if (close_when_writable)
		stream_close(from);
}

static void
progress(struct stream *from)
{
	progresses++;
	if (close_when_progress)
		stream_close(from);
}

static void
failed(struct stream *from)
{
	failures++;
	stream_close(from);
}

static const struct stream_callbacks callbacks = { readable, writable, progress,
	failed };

static void
set_up(void)
{
	struct error error;
	int fds[2], size = 8192;

	ck_assert_int_eq(loop_init(&loop, &error), 0);
	stream_pool_init(&pool, &loop);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     fds),
	    0);
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	peer = fds[1];
	stream_init(&stream, &pool, &fds[0], LIMIT, &callbacks);
	ck_assert_int_eq(fds[0], -1);
}

static void
turn(void)
{
	for (int i = 0; i < 5; i++)
		loop_turn(&loop, false);
}

static void
tear_down(void)
{
	stream_close(&stream);
	stream_close(&stream); /* harmless */
	turn();
	ck_assert(!stream_busy(&stream));
	ck_assert_ptr_null(stream.first);
	if (peer >= 0)
		close(peer);
	stream_pool_finish(&pool);
	loop_finish(&loop);
	buffer_finish(&got);
}

/* Reads what is there; false when nothing is. */
static bool
peer_reads(void)
{
	char *space = buffer_reserve(&got, 100000);
	ssize_t count = recv(peer, space, 100000, 0);

	if (count <= 0)
		return false;
	buffer_commit(&got, (size_t)count);
	return true;
}

/* Turns and reads until so much has come. */
static void
peer_awaits(size_t size)
{
	while (buffer_length(&got) < size) {
		loop_turn(&loop, false);
		peer_reads();
	}
	ck_assert_uint_eq(buffer_length(&got), size);
}

static char
byte_at(size_t offset)
{
	return (char)('!' + (offset + offset / 977) % 90);
}

static size_t offset_out;

/* Writes the next bytes of a pattern. */
static void
write_next(size_t size)
{
	char *data = xmalloc(size);

	for (size_t i = 0; i < size; i++)
		data[i] = byte_at(offset_out + i);
	offset_out += size;
	stream_write(&stream, data, size);
	free(data);
}

/* As a file; extra bytes stand before and behind. */
static void
send_file_next(size_t size)
{
	char name[] = "/tmp/tricorn-test-XXXXXX";
	int fd = mkstemp(name);
	char *data = xmalloc(size + 20);

	ck_assert_int_ge(fd, 0);
	unlink(name);
	memset(data, '#', size + 20);
	for (size_t i = 0; i < size; i++)
		data[10 + i] = byte_at(offset_out + i);
	offset_out += size;
	ck_assert_int_eq(write(fd, data, size + 20), (ssize_t)(size + 20));
	free(data);
	stream_send_file(&stream, fd, 10, (int64_t)size);
	/* It is the stream's now, even when it was closed at once. */
}

static void
expect_pattern(void)
{
	peer_awaits(offset_out);
	for (size_t i = 0; i < offset_out; i++)
		if (buffer_bytes(&got)[i] != byte_at(i))
			ck_abort_msg("wrong byte at %zu", i);
	ck_assert_uint_eq(stream.pending, 0);
	ck_assert_uint_eq(pool.bytes_out, offset_out);
}

START_TEST(writes_of_one_turn_go_out_together)
{
	write_next(5);
	write_next(10);
	ck_assert(!peer_reads());
	ck_assert_uint_eq(stream.pending, 15);
	turn();
	ck_assert(peer_reads());
	expect_pattern();
	ck_assert_uint_eq(progresses, 1);
}
END_TEST

START_TEST(a_flush_sends_now)
{
	write_next(5);
	stream_flush(&stream);
	ck_assert(peer_reads());
	expect_pattern();
}
END_TEST

START_TEST(reserved_space_is_sent_in_its_place)
{
	char *at;

	write_next(15990);
	for (int i = 0; i < 10; i++) {
		at = stream_reserve(&stream, STREAM_RESERVE);
		for (size_t k = 0; k < 3000; k++)
			at[k] = byte_at(offset_out + k);
		offset_out += 3000;
		stream_commit(&stream, 3000);
		write_next(7);
	}
	expect_pattern();
}
END_TEST

/* Memory, files, memory, of all sizes, through a socket that is full most
 * of the time. */
START_TEST(the_queue_keeps_its_order)
{
	static const size_t sizes[] = { 1, 100, 16000, 16384, 100000, 15999,
		50000, 70000, 3, 200000 };

	for (size_t i = 0; i < 40; i++) {
		size_t size = sizes[(i * 7) % 10];

		if (i % 4 == 3)
			send_file_next(size);
		else
			write_next(size);
		if (i % 5 == 0)
			stream_flush(&stream);
		if (i % 6 == 0) {
			loop_turn(&loop, false);
			peer_reads();
		}
	}
	expect_pattern();
}
END_TEST

START_TEST(a_full_socket_is_waited_for)
{
	write_next(LIMIT + 100000);
	ck_assert(stream.blocked);
	ck_assert_uint_eq(stream_room(&stream), 0);
	turn();
	ck_assert_uint_eq(writables, 0);
	expect_pattern();
	turn();
	ck_assert(!stream.blocked);
	ck_assert_uint_eq(writables, 1);
	ck_assert_uint_ge(room_when_writable, LIMIT / 2);
}
END_TEST

START_TEST(writable_is_told_only_to_who_asked)
{
	write_next(LIMIT + 100000);
	expect_pattern();
	turn();
	ck_assert_uint_eq(writables, 0);
	ck_assert_uint_eq(stream_room(&stream), LIMIT);
	turn();
	ck_assert_uint_eq(writables, 0);
}
END_TEST

/* Room was 0, and a flush makes some at once. */
START_TEST(writable_is_told_also_when_the_owner_flushed)
{
	stream.limit = 100;
	write_next(100);
	ck_assert_uint_eq(stream_room(&stream), 0);
	stream_flush(&stream);
	turn();
	ck_assert_uint_eq(writables, 1);
	expect_pattern();
}
END_TEST

START_TEST(a_file_that_came_short_fails)
{
	char name[] = "/tmp/tricorn-test-XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	ck_assert_int_eq(write(fd, "abc", 3), 3);
	stream_write(&stream, "x", 1);
	stream_send_file(&stream, fd, 0, 10);
	stream_write(&stream, "y", 1);
	ck_assert_uint_eq(failures, 0);
	turn();
	ck_assert_uint_eq(failures, 1);
	ck_assert_int_eq(stream.fd, -1);
	peer_reads();
	ck_assert(str_equal(buffer_str(&got), STR("xabc")));
	ck_assert_int_lt(fcntl(fd, F_GETFD), 0); /* closed */
}
END_TEST

START_TEST(a_peer_that_left_is_reported_from_a_task)
{
	close(peer);
	peer = -1;
	write_next(100000);
	ck_assert_uint_eq(failures, 0);
	ck_assert(stream.failed);
	ck_assert_uint_eq(stream.pending, 0);
	/* All further output is dropped. */
	write_next(10);
	send_file_next(10);
	stream_reserve(&stream, 10);
	stream_commit(&stream, 10);
	stream_flush(&stream);
	ck_assert_uint_eq(stream_room(&stream), 0);
	ck_assert_uint_eq(stream.pending, 0);
	turn();
	ck_assert_uint_eq(failures, 1);
	ck_assert_uint_eq(writables, 0);
}
END_TEST

START_TEST(closing_in_a_callback)
{
	close_when_writable = _i == 0;
	close_when_progress = _i == 1 || _i == 2;
	close_when_readable = _i == 3;
	ck_assert_int_eq(send(peer, "x", 1, 0), 1);
	if (_i == 0)
		stream_room(&stream);
	if (_i == 2) { /* inside stream_write() */
		stream_write(&stream, "a", 1);
		send_file_next(10);
	}
	write_next(100000);
	write_next(100000);
	stream_room(&stream);
	for (int i = 0; i < 1000 && stream.fd >= 0; i++) {
		turn();
		peer_reads();
	}
	ck_assert_int_eq(stream.fd, -1);
	ck_assert_uint_eq(stream.pending, 0);
	ck_assert_ptr_null(stream.first);
	write_next(100000);
	send_file_next(10);
	stream_reserve(&stream, 10);
	stream_commit(&stream, 10);
	stream_flush(&stream);
	stream_resume(&stream);
	ck_assert_ptr_null(stream.first);
	turn();
	ck_assert_uint_eq(failures, 0);
}
END_TEST

START_TEST(closing_drops_what_waits)
{
	write_next(10);
	send_file_next(10);
	stream_close(&stream);
	ck_assert(stream_busy(&stream));
	turn();
	ck_assert(!stream_busy(&stream));
	ck_assert_uint_eq(progresses + failures + writables, 0);
	ck_assert(!peer_reads());
}
END_TEST

START_TEST(reading_pauses_and_resumes)
{
	char data[10];

	turn();
	ck_assert_uint_eq(readables, 0);
	stream_pause(&stream);
	ck_assert_int_eq(send(peer, "abc", 3, 0), 3);
	turn();
	ck_assert_uint_eq(readables, 0);
	stream_resume(&stream);
	turn();
	ck_assert_uint_ge(readables, 1);
	ck_assert_int_eq(stream_read(&stream, data, 2), 2);
	ck_assert(stream_has_more(&stream));
	ck_assert_int_eq(stream_read(&stream, data, 10), 1);
	ck_assert(!stream_has_more(&stream));
	ck_assert_int_eq(stream_read(&stream, data, 10), -1);
	ck_assert_int_eq(errno, EAGAIN);
	/* What comes later is told again. */
	readables = 0;
	ck_assert_int_eq(send(peer, "d", 1, 0), 1);
	turn();
	ck_assert_uint_eq(readables, 1);
	ck_assert_uint_eq(pool.bytes_in, 3);
}
END_TEST

/* Bytes and the end come in one event. */
START_TEST(the_end_behind_bytes_is_found)
{
	char data[10];

	ck_assert_int_eq(send(peer, "abc", 3, 0), 3);
	shutdown(peer, SHUT_WR);
	turn();
	ck_assert_uint_ge(readables, 1);
	ck_assert_int_eq(stream_read(&stream, data, 10), 3);
	ck_assert(stream_has_more(&stream));
	ck_assert_int_eq(stream_read(&stream, data, 10), 0);
	ck_assert(!stream_has_more(&stream));
}
END_TEST

START_TEST(shutting_down_ends_the_writing_side_alone)
{
	char data[10];

	write_next(10);
	stream_flush(&stream);
	stream_shutdown(&stream);
	expect_pattern();
	ck_assert_int_eq(recv(peer, data, 10, 0), 0);
	ck_assert_int_eq(send(peer, "a", 1, MSG_NOSIGNAL), 1);
	turn();
	ck_assert_int_eq(stream_read(&stream, data, 10), 1);
}
END_TEST

/* A long file and a quick reader: others get their turn. */
START_TEST(a_long_file_gets_no_more_than_its_share_of_a_turn)
{
	int size = 10000000;

	setsockopt(stream.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	send_file_next(8000000);
	loop_turn(&loop, false);
	ck_assert_uint_gt(stream.pending, 0);
	expect_pattern();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stream");
	TCase *tests = tcase_create("stream");
	SRunner *runner = srunner_create(suite);
	int failed_count;

	tcase_set_timeout(tests, 50);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, writes_of_one_turn_go_out_together);
	tcase_add_test(tests, a_flush_sends_now);
	tcase_add_test(tests, reserved_space_is_sent_in_its_place);
	tcase_add_test(tests, the_queue_keeps_its_order);
	tcase_add_test(tests, a_full_socket_is_waited_for);
	tcase_add_test(tests, writable_is_told_only_to_who_asked);
	tcase_add_test(tests, writable_is_told_also_when_the_owner_flushed);
	tcase_add_test(tests, a_file_that_came_short_fails);
	tcase_add_test(tests, a_peer_that_left_is_reported_from_a_task);
	tcase_add_loop_test(tests, closing_in_a_callback, 0, 4);
	tcase_add_test(tests, closing_drops_what_waits);
	tcase_add_test(tests, reading_pauses_and_resumes);
	tcase_add_test(tests, the_end_behind_bytes_is_found);
	tcase_add_test(tests, shutting_down_ends_the_writing_side_alone);
	tcase_add_test(tests,
	    a_long_file_gets_no_more_than_its_share_of_a_turn);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed_count = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
