/* SPDX-License-Identifier: MIT */
/* What a directory's page shows, and that no name breaks out of it. */
#include "../serve/fake_session.h"
#include "folder.h"
#include "handler/files.h"
#include "handler/listing.h"

#define JSON "Accept: application/json\r\n"

static struct fake_session fake;
static struct folder folder;

static void
setup(void)
{
	struct error error;

	folder_create(&folder);
	folder_make(&folder, "www");
	fake_session_init(&fake, &files_handler);
	fake.config.name = (char *)"test";
	fake.config.files = strdup(folder_path(&folder, "www"));
	fake.config.listing = true;
	if (files_state_create(&fake.config, &fake.route.handler_state,
		&error) < 0)
		ck_abort_msg("%s", error.text);
}

static void
teardown(void)
{
	fake_session_finish(&fake);
	files_state_destroy(&fake.route.handler_state);
	free(fake.config.files);
	folder_remove(&folder);
}

static const char *
page(const char *target, const char *fields)
{
	fake_session_get(&fake, target, fields);
	ck_assert(fake.finished);
	ck_assert_int_eq(fake.status, 200);
	return fake_session_body(&fake);
}

/* Asserts that the texts stand in the page in this order. */
static void
check_order(const char *text, const char *const *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *found = strstr(text, parts[i]);

		ck_assert_msg(found != NULL, "%s not in the rest: %s", parts[i],
		    text);
		text = found + 1;
	}
}

START_TEST(html)
{
	static const char *const parts[] = { "<title>Index of /</title>",
		"<a href=\"b/\">b/</a>", "<a href=\"z/\">z/</a>",
		"<a href=\"a\">a</a></td><td>5 B</td><td>1994-11-06 08:49",
		"<a href=\"c\">c</a></td><td>1.5 KiB<" };
	char text[1536] = { 0 };

	folder_make(&folder, "www/z");
	folder_make(&folder, "www/b");
	folder_write(&folder, "www/c", text, sizeof(text));
	folder_write_text(&folder, "www/a", "hello");
	check_order(page("/", ""), parts, 5);
	ck_assert_str_eq(fake_session_field(&fake, "Content-Type"),
	    "text/html; charset=utf-8");
	ck_assert_str_eq(fake_session_field(&fake, "Vary"), "Accept");
	ck_assert_ptr_null(strstr(page("/", ""), "../"));
	ck_assert_ptr_nonnull(strstr(page("/z/", ""),
	    "<a href=\"../\">../</a>"));
}
END_TEST

START_TEST(names_are_escaped)
{
	static const char *const parts[] = {
		"<a href=\"%22%3E%3Cscript%3E\">&quot;&gt;&lt;script&gt;</a>",
		"<a href=\"a%20b%3Fc%23d%25\">a b?c#d%</a>",
		"<a href=\"javascript%3Ax\">javascript:x</a>"
	};

	folder_write_text(&folder, "www/\"><script>", "");
	folder_write_text(&folder, "www/a b?c#d%", "");
	folder_write_text(&folder, "www/javascript:x", "");
	check_order(page("/", ""), parts, 3);
	folder_make(&folder, "www/<b>");
	ck_assert_ptr_null(strstr(page("/%3Cb%3E/", ""), "<b>"));
}
END_TEST

START_TEST(json)
{
	folder_make(&folder, "www/d");
	folder_write_text(&folder, "www/a\"\\\n\xff\xc3\xa9", "hello");
	folder_touch(&folder, "www/d", 784111777);
	ck_assert_str_eq(page("/", JSON),
	    "[\n"
	    "{\"name\": \"d\", \"type\": \"directory\", "
	    "\"mtime\": \"1994-11-06T08:49:37Z\"},\n"
	    "{\"name\": \"a\\\"\\\\\\u000a\xef\xbf\xbd\xc3\xa9\", "
	    "\"type\": \"file\", "
	    "\"mtime\": \"1994-11-06T08:49:37Z\", \"size\": 5}\n"
	    "]\n");
	ck_assert_str_eq(fake_session_field(&fake, "Content-Type"),
	    "application/json");
	ck_assert_int_eq(page("/", "Accept: */*\r\n")[0], '<');
	ck_assert_int_eq(
	    page("/", "Accept: text/html, application/json;q=0.9\r\n")[0], '<');
	ck_assert_int_eq(
	    page("/", "Accept: text/html;q=0.1, application/json\r\n")[0], '[');
	ck_assert_int_eq(page("/", "Accept: application/json;q=0\r\n")[0], '<');
}
END_TEST

START_TEST(what_is_not_shown)
{
	const char *text;

	folder_write_text(&folder, "secret", "");
	folder_write_text(&folder, "www/.hidden", "");
	folder_write_text(&folder, "www/shown", "");
	folder_link(&folder, "../secret", "www/escape");
	folder_link(&folder, "nothing", "www/dangling");
	folder_link(&folder, "shown", "www/fine");
	ck_assert_int_eq(mkfifo(folder_path(&folder, "www/fifo"), 0600), 0);
	text = page("/", "");
	ck_assert_ptr_nonnull(strstr(text, "shown"));
	ck_assert_ptr_nonnull(strstr(text, "fine"));
	ck_assert_ptr_null(strstr(text, "hidden"));
	ck_assert_ptr_null(strstr(text, "escape"));
	ck_assert_ptr_null(strstr(text, "dangling"));
	ck_assert_ptr_null(strstr(text, "fifo"));
	fake.config.dot_files = true;
	ck_assert_ptr_nonnull(strstr(page("/", ""), ".hidden"));
	fake.config.listing = false;
	fake_session_get(&fake, "/", "");
	ck_assert_int_eq(fake.status, 403);
}
END_TEST

START_TEST(huge_directories_are_cut)
{
	char name[32];
	size_t rows = 0;
	const char *at;

	for (int i = 0; i < LISTING_MAX + 5; i++) {
		int fd;

		snprintf(name, sizeof(name), "www/f%d", i);
		fd = open(folder_path(&folder, name), O_CREAT | O_WRONLY, 0600);
		ck_assert_int_ge(fd, 0);
		close(fd);
	}
	at = page("/", "");
	ck_assert_ptr_nonnull(strstr(at, "There is more."));
	while ((at = strstr(at, "<tr>")) != NULL) {
		rows++;
		at++;
	}
	ck_assert_uint_eq(rows, LISTING_MAX);
}
END_TEST

static Suite *
listing_suite(void)
{
	Suite *suite = suite_create("listing");
	TCase *tcase = tcase_create("listing");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, html);
	tcase_add_test(tcase, names_are_escaped);
	tcase_add_test(tcase, json);
	tcase_add_test(tcase, what_is_not_shown);
	tcase_add_test(tcase, huge_directories_are_cut);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(listing_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
