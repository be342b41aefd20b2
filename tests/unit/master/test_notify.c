/* SPDX-License-Identifier: MIT */
/* Datagrams to the service manager. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "master/notify.h"

static int
bind_manager(const char *name, socklen_t length)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	ck_assert_int_ge(fd, 0);
	memcpy(address.sun_path, name, length);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address,
			     (socklen_t)(sizeof(sa_family_t) + length)),
	    0);
	return fd;
}

static void
expect(int manager, const char *text)
{
	char got[600];
	ssize_t length = recv(manager, got, sizeof(got) - 1, 0);

	ck_assert_int_gt(length, 0);
	got[length] = '\0';
	ck_assert_str_eq(got, text);
}

START_TEST(a_socket_in_the_file_system_is_told)
{
	char directory[] = "/tmp/tricorn-notify-XXXXXX", path[64];
	int manager;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/n", directory);
	manager = bind_manager(path, (socklen_t)strlen(path));
	setenv("NOTIFY_SOCKET", path, 1);
	notify_send("READY=1\nSTATUS=Generation %u serves", 7u);
	expect(manager, "READY=1\nSTATUS=Generation 7 serves");
	close(manager);
	unlink(path);
	notify_send("STOPPING=1"); /* nobody there: no harm */
	rmdir(directory);
}
END_TEST

START_TEST(an_abstract_socket_is_told)
{
	char name[64];
	int manager;

	snprintf(name, sizeof(name), "@tricorn-test-%d", (int)getpid());
	setenv("NOTIFY_SOCKET", name, 1);
	name[0] = '\0';
	manager = bind_manager(name, (socklen_t)(1 + strlen(name + 1)));
	notify_send("STOPPING=1");
	expect(manager, "STOPPING=1");
	close(manager);
}
END_TEST

START_TEST(without_a_manager_nothing_happens)
{
	int before = dup(0), after;

	close(before);
	unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", "relative/path", 1);
	notify_send("READY=1");
	after = dup(0);
	ck_assert_int_eq(before, after); /* no descriptor was left open */
	close(after);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("notify");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_test(all, a_socket_in_the_file_system_is_told);
	tcase_add_test(all, an_abstract_socket_is_told);
	tcase_add_test(all, without_a_manager_nothing_happens);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
