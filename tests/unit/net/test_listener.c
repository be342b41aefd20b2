/* SPDX-License-Identifier: MIT */
/* Listening sockets: opened, shared, replaced, and their clear errors. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/listener.h"

static struct config_listen section;
static char directory[] = "/tmp/tricorn-listener-XXXXXX";
static char path[64];

static void
set_up(void)
{
	section = (struct config_listen){ .name = (char *)"test",
		.backlog = 16,
		.unix_mode = 0666 };
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "unix:%s/s", directory);
}

static void
tear_down(void)
{
	unlink(path + 5);
	rmdir(directory);
}

static struct address
one_address(const char *text)
{
	struct address *addresses, first;
	struct error error = { "" };
	size_t count;

	ck_assert_msg(address_resolve(text, &addresses, &count, &error) == 0,
	    "%s", error.text);
	first = addresses[0];
	free(addresses);
	return first;
}

static struct listener *
open_listener(const char *text)
{
	struct address address = one_address(text);
	struct error error = { "" };
	struct listener *listener = NULL;

	ck_assert_msg(listener_open(&address, &section, &listener, &error) == 0,
	    "%s", error.text);
	return listener;
}

static void
refused(const char *text, const char *reason)
{
	struct address address = one_address(text);
	struct error error = { "" };
	struct listener *listener = NULL;

	ck_assert_int_eq(listener_open(&address, &section, &listener, &error),
	    -1);
	ck_assert_msg(strstr(error.text, reason) != NULL, "'%s' is not in '%s'",
	    reason, error.text);
}

static int
connect_to(const struct listener *listener)
{
	int fd = socket(listener->bound.storage.ss_family, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	if (connect(fd, (const struct sockaddr *)&listener->bound.storage,
		listener->bound.length) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
flag(int fd, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof(value);

	ck_assert_int_eq(getsockopt(fd, level, name, &value, &size), 0);
	return value;
}

START_TEST(a_socket_listens_where_it_says)
{
	struct listener *listener = open_listener("127.0.0.1:0");
	struct pollfd ready;
	int client;

	ck_assert_uint_eq(listener->socket_count, 1);
	ck_assert_uint_ne(address_port(&listener->bound), 0);
	ck_assert_uint_eq(address_port(&listener->requested), 0);
	ck_assert(fcntl(listener->sockets[0], F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(listener->sockets[0], F_GETFD) & FD_CLOEXEC);
	client = connect_to(listener);
	ck_assert_int_ge(client, 0);
	ready = (struct pollfd){ listener->sockets[0], POLLIN, 0 };
	ck_assert_int_eq(poll(&ready, 1, 5000), 1);
	close(client);
	listener_close(&listener);
	ck_assert_ptr_null(listener);
}
END_TEST

START_TEST(an_address_in_use_is_refused_even_by_a_sharing_one)
{
	struct listener *listener = open_listener("127.0.0.1:0");
	struct error error = { "" };

	refused(listener->text, "in use");
	ck_assert_int_eq(listener_add_socket(listener, &section, &error), 0);
	refused(listener->text, "another program listens there");
	listener_close(&listener);
}
END_TEST

START_TEST(added_sockets_share_the_connections)
{
	enum { SOCKETS = 4, CONNECTIONS = 200 };
	struct listener *listener = open_listener("127.0.0.1:0");
	struct error error = { "" };
	int clients[CONNECTIONS], total = 0, used = 0;

	section.backlog = CONNECTIONS;
	listener_apply(listener, &section);
	while (listener->socket_count < SOCKETS)
		ck_assert_msg(listener_add_socket(listener, &section, &error) ==
			0,
		    "%s", error.text);
	for (int i = 0; i < CONNECTIONS; i++) {
		clients[i] = connect_to(listener);
		ck_assert_int_ge(clients[i], 0);
	}
	for (int i = 0; i < SOCKETS; i++) {
		int here = 0, fd;

		while ((fd = accept(listener->sockets[i], NULL, NULL)) >= 0) {
			close(fd);
			here++;
		}
		ck_assert_int_eq(errno, EAGAIN);
		total += here;
		used += here > 0;
	}
	ck_assert_int_eq(total, CONNECTIONS);
	ck_assert_int_eq(used, SOCKETS);
	for (int i = 0; i < CONNECTIONS; i++)
		close(clients[i]);
	listener_close(&listener);
}
END_TEST

START_TEST(the_mode_of_a_unix_socket_is_applied_whatever_the_umask)
{
	struct listener *listener;
	struct stat status;

	umask(0077);
	section.unix_mode = 0660;
	listener = open_listener(path);
	ck_assert_int_eq(stat(path + 5, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0660);
	ck_assert_uint_eq(umask(0022), 0077);
	section.unix_mode = 0600;
	listener_apply(listener, &section);
	ck_assert_int_eq(stat(path + 5, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0600);
	ck_assert_str_eq(listener->text, path);
	listener_close(&listener);
	ck_assert_int_ne(access(path + 5, F_OK), 0);
}
END_TEST

START_TEST(a_stale_unix_socket_is_replaced)
{
	struct listener *stale = open_listener(path), *listener;
	char other[64];

	for (size_t i = 0; i < stale->socket_count; i++)
		close(stale->sockets[i]);
	stale->socket_count = 0; /* it died without removing its file */
	/* So that the new file cannot have the old one's inode number. */
	snprintf(other, sizeof(other), "%s/old", directory);
	ck_assert_int_eq(link(path + 5, other), 0);
	ck_assert_int_eq(access(path + 5, F_OK), 0);
	listener = open_listener(path);
	/* And the dead one's end does not remove the new one's file. */
	listener_close(&stale);
	unlink(other);
	ck_assert_int_eq(access(path + 5, F_OK), 0);
	listener_close(&listener);
	ck_assert_int_ne(access(path + 5, F_OK), 0);
}
END_TEST

START_TEST(a_live_unix_socket_is_left_alone)
{
	struct listener *listener = open_listener(path);
	int client;

	refused(path, "in use");
	client = connect_to(listener);
	ck_assert_int_ge(client, 0);
	close(client);
	listener_close(&listener);
}
END_TEST

START_TEST(a_file_that_is_no_socket_is_left_alone)
{
	int fd = open(path + 5, O_WRONLY | O_CREAT | O_EXCL, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
	refused(path, "no socket");
	ck_assert_int_eq(access(path + 5, F_OK), 0);
}
END_TEST

START_TEST(a_missing_directory_is_named)
{
	refused("unix:/no/such/directory/s", "create the socket's directory");
}
END_TEST

START_TEST(a_foreign_address_is_refused)
{
	/* 192.0.2.0/24 is for documentation: no machine has it. */
	refused("192.0.2.1:0", "no such address");
}
END_TEST

START_TEST(an_optional_address_may_be_left_out)
{
	struct address address = one_address("192.0.2.1:0");
	struct listener *listener = NULL;
	struct error error;

	address.optional = true;
	ck_assert_int_eq(listener_open(&address, &section, &listener, &error),
	    1);
	ck_assert_ptr_null(listener);
}
END_TEST

START_TEST(both_families_fit_on_one_port)
{
	struct listener *ipv4 = open_listener("0.0.0.0:0"), *ipv6;
	struct address address = one_address("[::]:0");
	struct error error = { "" };
	int result;

	address_set_port(&address, address_port(&ipv4->bound));
	address.ipv6_only = address.optional = true;
	result = listener_open(&address, &section, &ipv6, &error);
	ck_assert_int_ge(result, 0); /* 1: a machine without IPv6 */
	if (result == 0) {
		ck_assert_int_eq(flag(ipv6->sockets[0], IPPROTO_IPV6,
				     IPV6_V6ONLY),
		    1);
		listener_close(&ipv6);
	}
	listener_close(&ipv4);
}
END_TEST

START_TEST(options_follow_the_section)
{
	struct listener *listener;

	section.tcp_defer_accept = true;
	listener = open_listener("127.0.0.1:0");
	ck_assert_int_gt(flag(listener->sockets[0], IPPROTO_TCP,
			     TCP_DEFER_ACCEPT),
	    0);
	section.tcp_defer_accept = false;
	listener_apply(listener, &section);
	ck_assert_int_eq(flag(listener->sockets[0], IPPROTO_TCP,
			     TCP_DEFER_ACCEPT),
	    0);
	listener_close(&listener);
}
END_TEST

START_TEST(nobody_can_connect_after_the_stop)
{
	struct listener *listener = open_listener(path);

	listener_stop(listener);
	ck_assert_int_eq(connect_to(listener), -1);
	ck_assert_int_ne(access(path + 5, F_OK), 0);
	listener_close(&listener);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("listener");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, a_socket_listens_where_it_says);
	tcase_add_test(all, an_address_in_use_is_refused_even_by_a_sharing_one);
	tcase_add_test(all, added_sockets_share_the_connections);
	tcase_add_test(all,
	    the_mode_of_a_unix_socket_is_applied_whatever_the_umask);
	tcase_add_test(all, a_stale_unix_socket_is_replaced);
	tcase_add_test(all, a_live_unix_socket_is_left_alone);
	tcase_add_test(all, a_file_that_is_no_socket_is_left_alone);
	tcase_add_test(all, a_missing_directory_is_named);
	tcase_add_test(all, a_foreign_address_is_refused);
	tcase_add_test(all, an_optional_address_may_be_left_out);
	tcase_add_test(all, both_families_fit_on_one_port);
	tcase_add_test(all, options_follow_the_section);
	tcase_add_test(all, nobody_can_connect_after_the_stop);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
