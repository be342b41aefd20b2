/* SPDX-License-Identifier: MIT */
/*
 * When a stream calls back, and when not: each callback as often as it is due
 * and never inside a call into the stream but progress(). On socket pairs
 * whose buffers hold little, all on one thread. What would never come hangs,
 * and the time limit of the test case ends it.
 */
#include "net/stream.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"

#define LIMIT_SECONDS 60
#define LIMIT 40000 /* of the stream's output */

enum call {
	CALL_NONE,
	CALL_READABLE,
	CALL_WRITABLE,
	CALL_PROGRESS,
	CALL_FAILED,
};

static struct loop loop;
static struct stream_pool pool;
static struct stream stream;
static int peer;

static unsigned calls[CALL_FAILED + 1];
static enum call close_in; /* closes the stream in that callback */
static bool inside;        /* a call into the stream, from the test */
static bool was_blocked;   /* as progress() saw it */
static size_t last_pending;

static struct buffer expected; /* all that was written */

static void
called(enum call call)
{
	ck_assert_int_ge(stream.fd, 0); /* a closed stream says nothing */
	calls[call]++;
	if (call == close_in)
		stream_close(&stream);
}

static void
readable(struct stream *one)
{
	ck_assert(!inside);
	ck_assert_ptr_eq(one, &stream);
	called(CALL_READABLE);
}

static void
writable(struct stream *one)
{
	ck_assert(!inside);
	ck_assert(!one->failed);
	called(CALL_WRITABLE);
}

static void
progress(struct stream *one)
{
	was_blocked |= one->blocked;
	last_pending = one->pending;
	called(CALL_PROGRESS);
}

static void
failed(struct stream *one)
{
	ck_assert(!inside);
	ck_assert(one->failed);
	called(CALL_FAILED);
}

static const struct stream_callbacks callbacks = {
	.readable = readable,
	.writable = writable,
	.progress = progress,
	.failed = failed,
};

static void
set_up(void)
{
	struct error error;
	int fds[2], size = 4096;

	ck_assert_msg(loop_init(&loop, &error) == 0, "%s", error.text);
	stream_pool_init(&pool, &loop);
	ck_assert_int_eq(socketpair(AF_UNIX,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
			     fds),
	    0);
	ck_assert_int_eq(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size,
			     sizeof(size)),
	    0);
	peer = fds[1];
	stream_init(&stream, &pool, &fds[0], LIMIT, &callbacks);
	ck_assert_int_eq(fds[0], -1);
}

static void
tear_down(void)
{
	stream_close(&stream);
	while (stream_busy(&stream))
		loop_turn(&loop, false);
	ck_assert_ptr_null(stream.first); /* closed, it holds nothing */
	ck_assert_uint_eq(stream.pending, 0);
	if (peer >= 0)
		close(peer);
	stream_pool_finish(&pool);
	loop_finish(&loop);
	buffer_finish(&expected);
}

/* Enough turns for all that can happen without the peer. */
static void
settle(void)
{
	for (int i = 0; i < 10; i++)
		loop_turn(&loop, false);
}

/* Appends size bytes to what is expected, no two stretches of them alike. */
static const char *
make_bytes(size_t size)
{
	static uint32_t state = 1;
	size_t start = buffer_length(&expected);
	char *data = buffer_reserve(&expected, size);

	for (size_t i = 0; i < size; i++) {
		state = state * 1664525 + 1013904223;
		data[i] = (char)(state >> 24);
	}
	buffer_commit(&expected, size);
	return buffer_bytes(&expected) + start;
}

static void
write_bytes(size_t size)
{
	const char *data = make_bytes(size);

	inside = true;
	stream_write(&stream, data, size);
	inside = false;
}

static void
flush(void)
{
	inside = true;
	stream_flush(&stream);
	inside = false;
}

/* A file of size bytes and some others around them; returns the descriptor. */
static int
make_file(const char *data, size_t size, size_t before)
{
	char name[] = "/tmp/tricorn-test-XXXXXX";
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	unlink(name);
	ck_assert_int_eq(pwrite(fd, data, size, (off_t)before), (ssize_t)size);
	return fd;
}

static int
send_file(size_t size)
{
	const char *data = make_bytes(size);
	int fd = make_file(data, size, 100);

	ck_assert_int_eq(pwrite(fd, "behind", 6, (off_t)(100 + size)), 6);
	inside = true;
	stream_send_file(&stream, fd, 100, (int64_t)size);
	inside = false;
	return fd;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* Reads all that is expected, turning the loop, and nothing more. */
static void
expect_all(void)
{
	static char data[65536];
	size_t got = 0, size = buffer_length(&expected);

	while (got < size) {
		ssize_t count = recv(peer, data, sizeof(data), 0);

		if (count < 0) {
			ck_assert_int_eq(errno, EAGAIN);
			loop_turn(&loop, stream.blocked);
			continue;
		}
		ck_assert_int_gt(count, 0);
		ck_assert_uint_le(got + (size_t)count, size);
		ck_assert_mem_eq(data, buffer_bytes(&expected) + got, count);
		got += (size_t)count;
	}
	settle();
	ck_assert_int_eq(recv(peer, data, sizeof(data), 0), -1);
	ck_assert_int_eq(errno, EAGAIN);
	buffer_finish(&expected);
}

/* --- output --------------------------------------------------------------- */

START_TEST(a_full_socket_resumes_when_the_peer_reads)
{
	size_t pending;
	unsigned told;

	while (!stream.blocked) {
		write_bytes(1000);
		settle();
	}
	write_bytes(30000);
	write_bytes(100);
	pending = stream.pending;
	told = calls[CALL_PROGRESS];
	ck_assert_uint_ge(told, 1);
	settle();
	flush(); /* of no use and harmless */
	ck_assert_uint_eq(stream.pending, pending);
	ck_assert_uint_eq(calls[CALL_PROGRESS], told);
	expect_all();
	ck_assert(!stream.blocked);
	ck_assert_uint_gt(calls[CALL_PROGRESS], told);
	ck_assert_uint_eq(last_pending, 0);
	/* It fills up and resumes once more. */
	write_bytes(100000);
	ck_assert(stream.blocked);
	expect_all();
	ck_assert_uint_eq(calls[CALL_WRITABLE], 0); /* nobody asked */
}
END_TEST

START_TEST(large_writes_skip_the_queue)
{
	int size = 1000000;

	setsockopt(stream.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	write_bytes(16384);
	ck_assert_uint_eq(stream.pending, 0);
	ck_assert_ptr_null(stream.first);
	/* What waits in front goes along. */
	write_bytes(100);
	ck_assert_uint_eq(stream.pending, 100);
	write_bytes(20000);
	ck_assert_uint_eq(stream.pending, 0);
	/* And more than one piece of it, with files. */
	send_file(300);
	write_bytes(10);
	write_bytes(20000);
	ck_assert_uint_eq(stream.pending, 0);
	ck_assert_uint_eq(pool.bytes_out, buffer_length(&expected));
	expect_all();
}
END_TEST

START_TEST(large_writes_into_a_full_socket_are_queued)
{
	write_bytes(70000);
	flush();
	ck_assert(stream.blocked);
	ck_assert_uint_gt(stream.pending, 0);
	write_bytes(70000);
	send_file(10);
	write_bytes(70000);
	expect_all();
	ck_assert_uint_eq(pool.bytes_out, 210010);
}
END_TEST

/* --- failures ------------------------------------------------------------- */

START_TEST(a_file_that_comes_short_fails_the_stream)
{
	int fd = make_file("abcdef", 6, 0), behind = make_file("x", 1, 0);
	char data[10];

	stream.gathering = _i;
	inside = true;
	stream_send_file(&stream, fd, 2, 10);
	stream_send_file(&stream, behind, 0, 1);
	stream_flush(&stream);
	/* It is known, and yet to be told: from a task. */
	ck_assert(stream.failed);
	ck_assert_uint_eq(calls[CALL_FAILED], 0);
	ck_assert(stream_busy(&stream));
	inside = false;
	settle();
	ck_assert_uint_eq(calls[CALL_FAILED], 1);
	ck_assert_uint_eq(calls[CALL_WRITABLE], 0);
	ck_assert(!is_open(fd));
	ck_assert(!is_open(behind));
	ck_assert_int_eq(recv(peer, data, sizeof(data), 0), 4);
	ck_assert_mem_eq(data, "cdef", 4);
	ck_assert_uint_eq(stream_room(&stream), 0);
}
END_TEST

START_TEST(writing_to_a_peer_that_is_gone_fails_once)
{
	int fd;

	close(peer);
	peer = -1;
	stream.gathering = _i == 2;
	write_bytes(_i == 1 ? 100000 : 10);
	flush();
	ck_assert(stream.failed);
	ck_assert_uint_eq(calls[CALL_FAILED], 0);
	/* Nothing more is taken, and files are closed. */
	write_bytes(10);
	write_bytes(100000);
	fd = send_file(10);
	ck_assert(!is_open(fd));
	memset(stream_reserve(&stream, 10), 'x', 10);
	stream_commit(&stream, 10);
	ck_assert_uint_eq(stream.pending, 0);
	ck_assert_uint_eq(stream_room(&stream), 0);
	settle();
	ck_assert_uint_eq(calls[CALL_FAILED], 1);
	ck_assert_uint_eq(calls[CALL_WRITABLE], 0);
}
END_TEST

START_TEST(a_peer_that_goes_while_the_socket_is_full_is_noticed)
{
	write_bytes(100000);
	ck_assert(stream.blocked);
	close(peer);
	peer = -1;
	while (calls[CALL_FAILED] == 0)
		loop_turn(&loop, true);
	settle();
	ck_assert_uint_eq(calls[CALL_FAILED], 1);
	ck_assert_uint_eq(stream.pending, 0);
}
END_TEST

/* --- room ----------------------------------------------------------------- */

/* With room again, writable() comes once: after whichever flush it was. */
START_TEST(writable_comes_once_for_each_want_of_room)
{
	int size = 1000000;

	setsockopt(stream.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	stream.gathering = _i == 2;
	for (unsigned round = 1; round <= 3; round++) {
		while (stream_room(&stream) > 0)
			write_bytes(4000);
		ck_assert_uint_eq(stream_room(&stream), 0); /* again */
		ck_assert_uint_eq(calls[CALL_WRITABLE], round - 1);
		if (_i == 0) {
			ck_assert(stream_busy(&stream));
		} else {
			flush();
			ck_assert_uint_eq(stream.pending, 0);
			ck_assert_uint_eq(calls[CALL_WRITABLE], round - 1);
		}
		settle();
		ck_assert_uint_eq(calls[CALL_WRITABLE], round);
		ck_assert_uint_eq(stream_room(&stream), LIMIT);
		expect_all();
		ck_assert_uint_eq(calls[CALL_WRITABLE], round);
	}
}
END_TEST

START_TEST(writable_waits_for_a_full_socket_to_drain)
{
	static char data[4096];

	stream.gathering = _i;
	while (stream_room(&stream) > 0)
		write_bytes(4000);
	flush();
	settle();
	ck_assert(stream.blocked);
	ck_assert_uint_eq(calls[CALL_WRITABLE], 0);
	while (calls[CALL_WRITABLE] == 0) {
		ck_assert_uint_gt(stream.pending, LIMIT / 2);
		ck_assert_int_gt(recv(peer, data, sizeof(data), 0), 0);
		settle();
	}
	ck_assert_uint_le(stream.pending, LIMIT / 2);
	ck_assert_uint_gt(stream_room(&stream), 0);
	while (stream.pending > 0) {
		ck_assert_int_gt(recv(peer, data, sizeof(data), 0), 0);
		settle();
	}
	ck_assert_uint_eq(calls[CALL_WRITABLE], 1);
}
END_TEST

/* --- input ---------------------------------------------------------------- */

static void
peer_sends(size_t size)
{
	char *data = xcalloc(1, size);

	ck_assert_int_eq(send(peer, data, size, MSG_NOSIGNAL), (ssize_t)size);
	free(data);
}

START_TEST(a_short_read_has_emptied_the_socket)
{
	char data[100];

	peer_sends(150);
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], 1); /* once, though unread */
	ck_assert_int_eq(stream_read(&stream, data, 100), 100);
	ck_assert(stream_has_more(&stream));
	ck_assert_int_eq(stream_read(&stream, data, 100), 50);
	ck_assert(!stream_has_more(&stream));
	ck_assert_uint_eq(pool.bytes_in, 150);
	peer_sends(100);
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], 2);
	ck_assert_int_eq(stream_read(&stream, data, 100), 100);
	ck_assert(stream_has_more(&stream)); /* it cannot know */
	ck_assert_int_eq(stream_read(&stream, data, 100), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert(!stream_has_more(&stream));
	ck_assert(!stream.hung_up);
}
END_TEST

/* The end was there before the bytes were read: it is not reported again. */
START_TEST(behind_the_bytes_of_a_peer_that_hung_up_is_the_end)
{
	char data[100];

	peer_sends(50);
	if (_i == 0) {
		shutdown(peer, SHUT_WR);
	} else {
		close(peer);
		peer = -1;
	}
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], 1);
	ck_assert(stream.hung_up);
	ck_assert_int_eq(stream_read(&stream, data, 100), 50);
	ck_assert(stream_has_more(&stream));
	ck_assert_int_eq(stream_read(&stream, data, 100), 0);
	ck_assert(!stream_has_more(&stream));
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], 1);
}
END_TEST

START_TEST(an_end_that_comes_later_is_reported)
{
	char data[100];

	peer_sends(50);
	settle();
	ck_assert_int_eq(stream_read(&stream, data, 100), 50);
	ck_assert(!stream_has_more(&stream));
	shutdown(peer, SHUT_WR);
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], 2);
	ck_assert(stream.hung_up);
	ck_assert_int_eq(stream_read(&stream, data, 100), 0);
	/* The other direction is as it was. */
	write_bytes(10);
	expect_all();
}
END_TEST

START_TEST(a_pause_keeps_quiet_and_resuming_says_what_is_there)
{
	char data[100];

	peer_sends(50);
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], 1);
	stream_pause(&stream);
	stream_pause(&stream);
	ck_assert(!stream_has_more(&stream));
	peer_sends(20);
	if (_i)
		shutdown(peer, SHUT_WR);
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], 1);
	stream_resume(&stream);
	stream_resume(&stream);
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], 2);
	/* Nothing new has come since, and still it is said again. */
	stream_pause(&stream);
	stream_resume(&stream);
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], 3);
	ck_assert(stream.hung_up == (bool)_i);
	ck_assert_int_eq(stream_read(&stream, data, 100), 70);
	ck_assert(stream_has_more(&stream) == (bool)_i);
	stream_pause(&stream);
	ck_assert(!stream_has_more(&stream));
	stream_resume(&stream);
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], _i ? 4 : 3);
}
END_TEST

START_TEST(pausing_leaves_a_full_socket_to_drain)
{
	write_bytes(100000);
	ck_assert(stream.blocked);
	stream_pause(&stream);
	expect_all();
	stream_resume(&stream);
	peer_sends(1);
	settle();
	ck_assert_uint_eq(calls[CALL_READABLE], 1);
}
END_TEST

/* --- the end -------------------------------------------------------------- */

START_TEST(a_callback_may_close)
{
	int fd = -1;

	close_in = (enum call)_i;
	if (close_in == CALL_FAILED) {
		close(peer);
		peer = -1;
	}
	if (close_in == CALL_READABLE) {
		peer_sends(1);
		write_bytes(10);
	}
	if (close_in == CALL_WRITABLE) {
		int size = 1000000;

		setsockopt(stream.fd, SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
		while (stream_room(&stream) > 0)
			write_bytes(4000);
	} else {
		fd = send_file(100000);
		write_bytes(10);
	}
	settle();
	ck_assert_int_eq(stream.fd, -1);
	ck_assert(!stream_busy(&stream));
	if (close_in != CALL_WRITABLE)
		ck_assert(!is_open(fd));
	for (int call = CALL_READABLE; call <= CALL_FAILED; call++)
		if (call != (int)close_in && call != CALL_PROGRESS &&
		    call != CALL_READABLE)
			ck_assert_uint_eq(calls[call], 0);
	ck_assert_uint_eq(calls[close_in], 1);
}
END_TEST

/* A large write flushes what is before it, which may say progress(). */
START_TEST(progress_may_close_within_a_write)
{
	close_in = CALL_PROGRESS;
	write_bytes(10);
	send_file(_i ? 10 : 100000); /* all sent; or the socket fills up */
	write_bytes(20000);
	ck_assert_int_eq(stream.fd, -1);
	ck_assert_uint_eq(stream.pending, 0);
	ck_assert_ptr_null(stream.first);
	ck_assert(!stream.failed);
	settle();
	ck_assert_uint_eq(calls[CALL_PROGRESS], 1);
	ck_assert_uint_eq(calls[CALL_FAILED], 0);
}
END_TEST

START_TEST(writable_may_close_after_a_full_socket)
{
	static char data[4096];

	close_in = CALL_WRITABLE;
	while (stream_room(&stream) > 0)
		write_bytes(4000);
	settle();
	ck_assert(stream.blocked);
	while (stream.fd >= 0) {
		ck_assert_int_gt(recv(peer, data, sizeof(data), 0), 0);
		settle();
	}
	ck_assert_uint_eq(calls[CALL_WRITABLE], 1);
}
END_TEST

START_TEST(a_closed_stream_is_busy_until_its_task_ran)
{
	struct stream *one = xmalloc(sizeof(*one));
	int fds[2], fd;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			     fds),
	    0);
	stream_init(one, &pool, &fds[0], LIMIT, &callbacks);
	ck_assert(!stream_busy(one));
	stream_write(one, "abc", 3);
	ck_assert(stream_busy(one));
	stream_close(one);
	stream_close(one); /* harmless */
	ck_assert(stream_busy(one));
	/* Closed, it takes nothing. */
	stream_write(one, "abc", 3);
	fd = make_file("x", 1, 0);
	stream_send_file(one, fd, 0, 1);
	ck_assert(!is_open(fd));
	stream_flush(one);
	stream_resume(one);
	stream_shutdown(one);
	ck_assert_uint_eq(one->pending, 0);
	loop_turn(&loop, true);
	ck_assert(!stream_busy(one));
	free(one);
	settle();
	ck_assert_int_eq(recv(fds[1], &fd, sizeof(fd), 0), 0);
	close(fds[1]);
	for (int call = CALL_READABLE; call <= CALL_FAILED; call++)
		ck_assert_uint_eq(calls[call], 0);
}
END_TEST

static void
add_output(TCase *tests)
{
	tcase_add_test(tests, a_full_socket_resumes_when_the_peer_reads);
	tcase_add_test(tests, large_writes_skip_the_queue);
	tcase_add_test(tests, large_writes_into_a_full_socket_are_queued);
	tcase_add_loop_test(tests, a_file_that_comes_short_fails_the_stream, 0,
	    2);
	tcase_add_loop_test(tests, writing_to_a_peer_that_is_gone_fails_once, 0,
	    3);
	tcase_add_test(tests,
	    a_peer_that_goes_while_the_socket_is_full_is_noticed);
	tcase_add_loop_test(tests, writable_comes_once_for_each_want_of_room, 0,
	    3);
	tcase_add_loop_test(tests, writable_waits_for_a_full_socket_to_drain, 0,
	    2);
}

static void
add_input_and_end(TCase *tests)
{
	tcase_add_test(tests, a_short_read_has_emptied_the_socket);
	tcase_add_loop_test(tests,
	    behind_the_bytes_of_a_peer_that_hung_up_is_the_end, 0, 2);
	tcase_add_test(tests, an_end_that_comes_later_is_reported);
	tcase_add_loop_test(tests,
	    a_pause_keeps_quiet_and_resuming_says_what_is_there, 0, 2);
	tcase_add_test(tests, pausing_leaves_a_full_socket_to_drain);
	tcase_add_loop_test(tests, a_callback_may_close, CALL_READABLE,
	    CALL_FAILED + 1);
	tcase_add_loop_test(tests, progress_may_close_within_a_write, 0, 2);
	tcase_add_test(tests, writable_may_close_after_a_full_socket);
	tcase_add_test(tests, a_closed_stream_is_busy_until_its_task_ran);
}

int
main(void)
{
	Suite *suite = suite_create("stream_callbacks");
	TCase *tests = tcase_create("stream_callbacks");
	SRunner *runner = srunner_create(suite);
	int failures;

	signal(SIGPIPE, SIG_IGN); /* of sendfile(); a worker ignores it too */
	tcase_set_timeout(tests, LIMIT_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	add_output(tests);
	add_input_and_end(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
