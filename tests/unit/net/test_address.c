/* SPDX-License-Identifier: MIT */
/* Addresses from text and back. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/address.h"

static const char *
text_of(const struct address *address)
{
	static char text[ADDRESS_TEXT];

	return address_format((const struct sockaddr *)&address->storage,
	    address->length, text);
}

static struct address *
resolve(const char *text, size_t *count)
{
	struct address *addresses;
	struct error error = { "" };

	ck_assert_msg(address_resolve(text, &addresses, count, &error) == 0,
	    "%s: %s", text, error.text);
	return addresses;
}

static const struct {
	const char *text, *formatted;
} good[] = {
	{ "127.0.0.1:80", "127.0.0.1:80" },
	{ "0.0.0.0:0", "0.0.0.0:0" },
	{ "255.255.255.255:65535", "255.255.255.255:65535" },
	{ "[::1]:8080", "[::1]:8080" },
	{ "[::]:1", "[::]:1" },
	{ "[2001:0db8:0::1]:443", "[2001:db8::1]:443" },
	{ "unix:/run/tricorn.sock", "unix:/run/tricorn.sock" },
	{ "unix:/odd:name]", "unix:/odd:name]" },
};

START_TEST(one_address_comes_back_as_its_text)
{
	size_t count;
	struct address *addresses = resolve(good[_i].text, &count);

	ck_assert_uint_eq(count, 1);
	ck_assert_str_eq(text_of(&addresses[0]), good[_i].formatted);
	ck_assert(!addresses[0].optional);
	ck_assert(!addresses[0].ipv6_only);
	free(addresses);
}
END_TEST

static const char *const bad[] = {
	"",
	"127.0.0.1",
	"80",
	":",
	"127.0.0.1:",
	"127.0.0.1:x",
	"127.0.0.1:-1",
	"127.0.0.1:+1",
	"127.0.0.1: 80",
	"127.0.0.1:65536",
	"127.0.0.1:99999999999999999999",
	"::1:80",
	"[::1]",
	"[::1:80",
	"[127.0.0.1]:80",
	"[]:80",
	"[::g]:80",
	"300.1.1.1.1:80",
	"unix:",
	"no-such-host.invalid:80",
};

START_TEST(what_is_no_address_is_refused_with_a_reason)
{
	struct address *addresses;
	struct error error = { "" };
	size_t count;

	ck_assert_int_eq(address_resolve(bad[_i], &addresses, &count, &error),
	    -1);
	ck_assert_str_ne(error.text, "");
}
END_TEST

static const char *const wildcards[] = { ":8080", "*:8080" };

START_TEST(a_wildcard_is_both_families)
{
	size_t count;
	struct address *addresses = resolve(wildcards[_i], &count);

	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(text_of(&addresses[0]), "0.0.0.0:8080");
	ck_assert_str_eq(text_of(&addresses[1]), "[::]:8080");
	ck_assert(addresses[1].ipv6_only);
	ck_assert(addresses[1].optional);
	ck_assert(!addresses[0].optional);
	free(addresses);
}
END_TEST

START_TEST(a_name_is_looked_up)
{
	size_t count;
	struct address *addresses = resolve("localhost:8080", &count);
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(address_port(&addresses[i]), 8080);
		found |= strcmp(text_of(&addresses[i]), "127.0.0.1:8080") == 0;
	}
	ck_assert(found);
	free(addresses);
}
END_TEST

START_TEST(a_relative_path_starts_at_the_working_directory)
{
	size_t count;
	struct address *addresses;

	ck_assert_int_eq(chdir("/tmp"), 0);
	addresses = resolve("unix:here.sock", &count);
	ck_assert_str_eq(address_path(&addresses[0]), "/tmp/here.sock");
	ck_assert(address_is_unix(&addresses[0]));
	free(addresses);
}
END_TEST

START_TEST(the_longest_path_that_a_unix_socket_takes)
{
	char text[200] = "unix:/";
	struct address *addresses;
	struct error error = { "" };
	size_t count, most = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

	memset(text + 6, 'x', most - 1);
	text[5 + most] = '\0';
	addresses = resolve(text, &count);
	ck_assert_str_eq(text_of(&addresses[0]), text);
	free(addresses);
	text[5 + most] = 'x';
	text[6 + most] = '\0';
	ck_assert_int_eq(address_resolve(text, &addresses, &count, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "too long"));
}
END_TEST

START_TEST(equal_is_family_host_and_port)
{
	static const char *const texts[] = { "127.0.0.1:80", "127.0.0.1:81",
		"127.0.0.2:80", "[::1]:80", "[::2]:80", "unix:/a", "unix:/b" };
	enum { COUNT = sizeof(texts) / sizeof(texts[0]) };
	size_t count;

	for (int i = 0; i < COUNT; i++)
		for (int k = 0; k < COUNT; k++) {
			struct address *a = resolve(texts[i], &count);
			struct address *b = resolve(texts[k], &count);

			ck_assert_int_eq(address_equal(a, b), i == k);
			free(a);
			free(b);
		}
}
END_TEST

START_TEST(a_port_can_be_set)
{
	size_t count;
	struct address *addresses = resolve("[::1]:0", &count);

	address_set_port(&addresses[0], 1234);
	ck_assert_uint_eq(address_port(&addresses[0]), 1234);
	ck_assert_str_eq(text_of(&addresses[0]), "[::1]:1234");
	free(addresses);
}
END_TEST

START_TEST(peers_of_unix_sockets_have_no_name)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	char text[ADDRESS_TEXT];

	ck_assert_str_eq(address_format((const struct sockaddr *)&name,
			     sizeof(name.sun_family), text),
	    "unix:");
	memcpy(name.sun_path, "\0abstract", 9);
	ck_assert_str_eq(address_format((const struct sockaddr *)&name,
			     offsetof(struct sockaddr_un, sun_path) + 9, text),
	    "unix:@abstract");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("address");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(all, one_address_comes_back_as_its_text, 0,
	    sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(all, what_is_no_address_is_refused_with_a_reason, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_loop_test(all, a_wildcard_is_both_families, 0, 2);
	tcase_add_test(all, a_name_is_looked_up);
	tcase_add_test(all, a_relative_path_starts_at_the_working_directory);
	tcase_add_test(all, the_longest_path_that_a_unix_socket_takes);
	tcase_add_test(all, equal_is_family_host_and_port);
	tcase_add_test(all, a_port_can_be_set);
	tcase_add_test(all, peers_of_unix_sockets_have_no_name);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
