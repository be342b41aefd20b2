/* SPDX-License-Identifier: MIT */
/* Messages between master and worker: what is sent is what arrives. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/message.h"

static int master_end, worker_end;

static void
open_channel(void)
{
	ck_assert_int_eq(message_channel(&master_end, &worker_end), 0);
}

static void
close_channel(void)
{
	close(master_end);
	close(worker_end);
}

START_TEST(both_ends_are_non_blocking_and_close_on_exec)
{
	int ends[] = { master_end, worker_end };

	for (int i = 0; i < 2; i++) {
		ck_assert(fcntl(ends[i], F_GETFL) & O_NONBLOCK);
		ck_assert(fcntl(ends[i], F_GETFD) & FD_CLOEXEC);
	}
}
END_TEST

START_TEST(text_and_type_arrive)
{
	struct message message;

	ck_assert_int_eq(message_send_text(worker_end, MESSAGE_READY, NULL), 0);
	ck_assert_int_eq(message_send_text(worker_end, MESSAGE_FAILED,
			     "no such app"),
	    0);
	ck_assert_int_eq(message_receive(master_end, &message), 1);
	ck_assert_int_eq(message.type, MESSAGE_READY);
	ck_assert_str_eq(message.text, "");
	ck_assert_int_eq(message.fd, -1);
	ck_assert_int_eq(message_receive(master_end, &message), 1);
	ck_assert_int_eq(message.type, MESSAGE_FAILED);
	ck_assert_str_eq(message.text, "no such app");
}
END_TEST

START_TEST(over_long_text_is_cut_and_terminated)
{
	struct message message;
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(message_send_text(worker_end, MESSAGE_FAILED, text),
	    0);
	ck_assert_int_eq(message_receive(master_end, &message), 1);
	ck_assert_uint_eq(strlen(message.text), sizeof(message.text) - 1);
}
END_TEST

START_TEST(a_descriptor_arrives_as_another_one_of_the_same_file)
{
	struct message sent = { .type = MESSAGE_ADOPT, .text = "public x" };
	struct message message;
	struct stat before, after;

	sent.fd = open("/dev/null", O_RDONLY);
	ck_assert_int_ge(sent.fd, 0);
	ck_assert_int_eq(message_send(master_end, &sent), 0);
	ck_assert_int_eq(message_receive(worker_end, &message), 1);
	ck_assert_int_eq(message.type, MESSAGE_ADOPT);
	ck_assert_str_eq(message.text, "public x");
	ck_assert_int_ge(message.fd, 0);
	ck_assert_int_ne(message.fd, sent.fd);
	ck_assert(fcntl(message.fd, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(fstat(sent.fd, &before), 0);
	ck_assert_int_eq(fstat(message.fd, &after), 0);
	ck_assert_uint_eq(before.st_rdev, after.st_rdev);
	close(sent.fd);
	close(message.fd);
}
END_TEST

START_TEST(an_empty_channel_says_eagain)
{
	struct message message;

	ck_assert_int_eq(message_receive(master_end, &message), -1);
	ck_assert_int_eq(errno, EAGAIN);
}
END_TEST

START_TEST(what_was_sent_before_the_end_is_still_read)
{
	struct message message;

	ck_assert_int_eq(message_send_text(worker_end, MESSAGE_FAILED,
			     "last words"),
	    0);
	close(worker_end);
	ck_assert_int_eq(message_receive(master_end, &message), 1);
	ck_assert_str_eq(message.text, "last words");
	ck_assert_int_eq(message_receive(master_end, &message), 0);
	ck_assert_int_eq(message_send_text(master_end, MESSAGE_READY, NULL),
	    -1);
	ck_assert_int_eq(errno, EPIPE);
	worker_end = dup(master_end); /* for close_channel() */
}
END_TEST

START_TEST(a_peer_that_died_without_reading_is_gone)
{
	struct message message;

	ck_assert_int_eq(message_send_text(master_end, MESSAGE_ADOPT, "x"), 0);
	close(worker_end);
	ck_assert_int_eq(message_receive(master_end, &message), 0);
	worker_end = dup(master_end);
}
END_TEST

START_TEST(nonsense_is_thrown_away)
{
	uint32_t unknown = 77;
	struct message message;

	ck_assert_int_eq(send(worker_end, "ab", 2, 0), 2);
	ck_assert_int_eq(send(worker_end, &unknown, sizeof(unknown), 0),
	    sizeof(unknown));
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(message_receive(master_end, &message), -1);
		ck_assert_int_eq(errno, EBADMSG);
	}
	ck_assert_int_eq(message_send_text(worker_end, MESSAGE_READY, ""), 0);
	ck_assert_int_eq(message_receive(master_end, &message), 1);
}
END_TEST

START_TEST(a_full_channel_says_eagain_instead_of_waiting)
{
	int sent = 0;

	while (message_send_text(master_end, MESSAGE_ADOPT, "x") == 0)
		ck_assert_int_lt(++sent, 1000000);
	ck_assert_int_eq(errno, EAGAIN);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("message");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(all, open_channel, close_channel);
	tcase_add_test(all, both_ends_are_non_blocking_and_close_on_exec);
	tcase_add_test(all, text_and_type_arrive);
	tcase_add_test(all, over_long_text_is_cut_and_terminated);
	tcase_add_test(all,
	    a_descriptor_arrives_as_another_one_of_the_same_file);
	tcase_add_test(all, an_empty_channel_says_eagain);
	tcase_add_test(all, what_was_sent_before_the_end_is_still_read);
	tcase_add_test(all, a_peer_that_died_without_reading_is_gone);
	tcase_add_test(all, nonsense_is_thrown_away);
	tcase_add_test(all, a_full_channel_says_eagain_instead_of_waiting);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
