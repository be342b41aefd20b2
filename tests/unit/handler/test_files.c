/* SPDX-License-Identifier: MIT */
/* Answers with files: which file, which part, which fields. */
#include "../serve/fake_session.h"
#include "folder.h"
#include "handler/files.h"

#define LARGE 200000 /* bytes; over what the cache holds in memory */

static struct fake_session fake;
static struct folder folder;
static char *index_names[] = { (char *)"index.html", (char *)"index.txt" };
static char *large; /* content of the file "large" */

static void
open_route(const char *name)
{
	struct error error;

	files_state_destroy(&fake.route.handler_state);
	free(fake.config.files);
	fake.config.files = strdup(folder_path(&folder, name));
	if (files_state_create(&fake.config, &fake.route.handler_state,
		&error) < 0)
		ck_abort_msg("%s", error.text);
}

static void
setup(void)
{
	folder_create(&folder);
	folder_make(&folder, "www");
	folder_make(&folder, "www/sub");
	folder_write_text(&folder, "secret", "secret");
	folder_write_text(&folder, "www/a.css", "hello world");
	folder_write_text(&folder, "www/sub/index.txt", "the index");
	folder_make(&folder, "www/empty");
	large = malloc(LARGE);
	for (size_t i = 0; i < LARGE; i++)
		large[i] = (char)('a' + i % 26);
	folder_write(&folder, "www/large", large, LARGE);
	fake_session_init(&fake, &files_handler);
	fake.config.name = (char *)"test";
	fake.mount = STR("/static");
	fake.config.index.items = index_names;
	fake.config.index.count = 2;
	open_route("www");
}

static void
teardown(void)
{
	fake_session_finish(&fake);
	files_state_destroy(&fake.route.handler_state);
	ck_assert_ptr_null(fake.route.handler_state);
	free(fake.config.files);
	free(large);
	folder_remove(&folder);
}

static void
check(const char *target, const char *fields, int status, const char *body)
{
	fake_session_get(&fake, target, fields);
	ck_assert(fake.finished);
	ck_assert_msg(fake.status == status, "%s: %d instead of %d", target,
	    fake.status, status);
	if (body != NULL)
		ck_assert_str_eq(fake_session_body(&fake), body);
}

static void
check_field(const char *name, const char *value)
{
	ck_assert_str_eq(fake_session_field(&fake, name), value);
}

/* --- which file ----------------------------------------------------------- */

START_TEST(a_small_file)
{
	check("/static/a.css", "", 200, "hello world");
	ck_assert_int_eq(fake.length, 11);
	check_field("Content-Type", "text/css; charset=utf-8");
	check_field("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
	check_field("Accept-Ranges", "bytes");
	check_field("Cache-Control", "");
	check_field("Vary", "");
	ck_assert_int_eq(fake_session_field(&fake, "ETag")[0], '"');
	check("/static/a%2ecss?query", "", 200, "hello world");
	check("/static//a.css", "", 200, "hello world");
	check("/static/sub/../a.css", "", 200, "hello world");
}
END_TEST

START_TEST(a_large_file)
{
	check("/static/large", "", 200, NULL);
	ck_assert_uint_eq(fake.files, 1);
	ck_assert_uint_eq(buffer_length(&fake.body), LARGE);
	ck_assert_int_eq(memcmp(fake_session_body(&fake), large, LARGE), 0);
}
END_TEST

START_TEST(what_is_not_there)
{
	static const char *const targets[] = { "/static/none", "/static/x/y",
		"/static/a.css/", "/static/a.css/x", "/static/none/",
		"/static/..%5csecret" };
	char target[8000];

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		check(targets[i], "", 404, "404 Not Found\n");
	memset(target, 'x', sizeof(target));
	memcpy(target, "/static/", 8);
	target[7000] = '\0';
	check(target, "", 404, NULL);
	target[1000] = '\0';
	check(target, "", 404, NULL);
}
END_TEST

START_TEST(links)
{
	folder_link(&folder, "a.css", "www/inside");
	folder_link(&folder, "../secret", "www/outside");
	folder_link(&folder, "..", "www/up");
	check("/static/inside", "", 200, "hello world");
	check("/static/outside", "", 404, NULL);
	check("/static/up/secret", "", 404, NULL);
	check("/static/up/", "", 404, NULL);
}
END_TEST

START_TEST(dot_files)
{
	folder_write_text(&folder, "www/.env", "hidden");
	folder_make(&folder, "www/.git");
	folder_write_text(&folder, "www/.git/config", "hidden");
	folder_make(&folder, "www/.well-known");
	folder_write_text(&folder, "www/.well-known/x", "shown");
	check("/static/.env", "", 404, NULL);
	check("/static/%2eenv", "", 404, NULL);
	check("/static//.env", "", 404, NULL);
	check("/static/.git/config", "", 404, NULL);
	check("/static/.git/", "", 404, NULL);
	check("/static/.git", "", 404, NULL);
	check("/static/.well-known/x", "", 200, "shown");
	check("/static/.well-known/.x", "", 404, NULL);
	fake.config.dot_files = true;
	check("/static/.env", "", 200, "hidden");
	check("/static/.git/config", "", 200, "hidden");
}
END_TEST

START_TEST(directories)
{
	check("/static/sub/", "", 200, "the index");
	check_field("Content-Type", "text/plain; charset=utf-8");
	check("/static/empty/", "", 403, "403 Forbidden\n");
	check("/static/sub", "", 301, NULL);
	check_field("Location", "/static/sub/");
	check("/static/sub?a=b/c", "", 301, NULL);
	check_field("Location", "/static/sub/?a=b/c");
	folder_write_text(&folder, "www/sub/index.html", "first");
	check("/static/sub/", "", 200, "first");
	/* An index that is a directory is none. */
	folder_make(&folder, "www/empty/index.html");
	check("/static/empty/", "", 403, NULL);
}
END_TEST

START_TEST(redirects_stay_here)
{
	fake.mount = STR("");
	folder_make(&folder, "www/evil.example");
	folder_make(&folder, "www/a b:c");
	check("//evil.example", "", 301, NULL);
	check_field("Location", "/evil.example/");
	check("/%2fevil.example", "", 301, NULL);
	check_field("Location", "/evil.example/");
	check("/a%20b:c", "", 301, NULL);
	check_field("Location", "/a%20b%3Ac/");
}
END_TEST

START_TEST(special_files)
{
	ck_assert_int_eq(mkfifo(folder_path(&folder, "www/fifo"), 0600), 0);
	check("/static/fifo", "", 404, NULL);
	folder_link(&folder, "fifo", "www/to_fifo");
	check("/static/to_fifo", "", 404, NULL);
}
END_TEST

START_TEST(one_file)
{
	open_route("www/a.css");
	fake.mount = STR("/favicon.ico");
	check("/favicon.ico", "", 200, "hello world");
	check_field("Content-Type", "text/css; charset=utf-8");
	check("/favicon.ico/x", "", 404, NULL);
	check("/favicon.ico/large", "", 404, NULL);
	/* Also when its name is a dot file: the operator named it. */
	folder_write_text(&folder, "www/.x", "named");
	open_route("www/.x");
	check("/favicon.ico", "", 200, "named");
}
END_TEST

START_TEST(methods)
{
	struct buffer head = BUFFER_EMPTY;

	check("/static/a.css", "", 200, NULL);
	buffer_append_str(&head, buffer_str(&fake.head));
	fake_session_ask(&fake, "HEAD /static/a.css HTTP/1.1\r\nHost: x\r\n");
	ck_assert(fake.finished && fake.writes == 0);
	ck_assert(str_equal(buffer_str(&head), buffer_str(&fake.head)));
	ck_assert_int_eq(fake.length, 11);
	fake_session_ask(&fake, "HEAD /static/large HTTP/1.1\r\nHost: x\r\n");
	ck_assert(fake.finished && fake.files == 0);
	ck_assert_int_eq(fake.length, LARGE);
	fake_session_ask(&fake, "POST /static/a.css HTTP/1.1\r\nHost: x\r\n");
	ck_assert_int_eq(fake.status, 405);
	check_field("Allow", "GET, HEAD, OPTIONS");
	fake_session_ask(&fake,
	    "OPTIONS /static/a.css HTTP/1.1\r\nHost: x\r\n");
	ck_assert_int_eq(fake.status, 204);
	check_field("Allow", "GET, HEAD, OPTIONS");
	buffer_finish(&head);
}
END_TEST

START_TEST(changes_show)
{
	char before[256];

	check("/static/a.css", "", 200, "hello world");
	strcpy(before, fake_session_field(&fake, "ETag"));
	folder_write_text(&folder, "www/a.css", "hi");
	folder_touch(&folder, "www/a.css", 800000000);
	check("/static/a.css", "", 200, "hi");
	ck_assert_str_ne(fake_session_field(&fake, "ETag"), before);
	check_field("Last-Modified", "Tue, 09 May 1995 06:13:20 GMT");
	ck_assert_int_eq(unlink(folder_path(&folder, "www/a.css")), 0);
	check("/static/a.css", "", 404, NULL);
	folder_write_text(&folder, "www/a.css", "back");
	check("/static/a.css", "", 200, "back");
}
END_TEST

/* --- conditions ----------------------------------------------------------- */

/* The value for one field, from the present ETag. */
static const char *
with_etag(const char *name)
{
	static char text[512];

	check("/static/a.css", "", 200, NULL);
	snprintf(text, sizeof(text), "%s: %s\r\n", name,
	    fake_session_field(&fake, "ETag"));
	return text;
}

START_TEST(not_modified)
{
	fake.config.cache_control = (char *)"max-age=60";
	check("/static/a.css", with_etag("If-None-Match"), 304, "");
	ck_assert_int_eq(fake_session_field(&fake, "ETag")[0], '"');
	check_field("Cache-Control", "max-age=60");
	check_field("Content-Type", "");
	check("/static/a.css",
	    "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 304, "");
	check("/static/a.css",
	    "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 200,
	    "hello world");
	check("/static/a.css", "If-None-Match: \"x\"\r\n", 200, NULL);
	check("/static/a.css", "If-None-Match: *\r\n", 304, "");
}
END_TEST

START_TEST(preconditions)
{
	check("/static/a.css", "If-Match: \"x\"\r\n", 412, NULL);
	check("/static/a.css", with_etag("If-Match"), 200, "hello world");
	check("/static/a.css",
	    "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", 412,
	    NULL);
}
END_TEST

/* --- ranges --------------------------------------------------------------- */

START_TEST(one_range)
{
	check("/static/a.css", "Range: bytes=6-8\r\n", 206, "wor");
	check_field("Content-Range", "bytes 6-8/11");
	check_field("Content-Type", "text/css; charset=utf-8");
	ck_assert_int_eq(fake.length, 3);
	check("/static/a.css", "Range: bytes=-5\r\n", 206, "world");
	check("/static/a.css", "Range: bytes=6-\r\n", 206, "world");
	check("/static/a.css", "Range: bytes=6-1000\r\n", 206, "world");
	check("/static/a.css", "Range: bytes=11-\r\n", 416, NULL);
	check_field("Content-Range", "bytes */11");
	check("/static/a.css", "Range: lines=1-2\r\n", 200, "hello world");
	check("/static/large", "Range: bytes=26-31\r\n", 206, "abcdef");
	ck_assert_uint_eq(fake.files, 1);
	check_field("Content-Range", "bytes 26-31/200000");
	fake_session_ask(&fake,
	    "HEAD /static/a.css HTTP/1.1\r\nHost: x\r\n"
	    "Range: bytes=1-2\r\n");
	ck_assert_int_eq(fake.status, 200);
	ck_assert_int_eq(fake.length, 11);
}
END_TEST

START_TEST(if_range)
{
	char fields[600];

	snprintf(fields, sizeof(fields), "Range: bytes=0-4\r\n%s",
	    with_etag("If-Range"));
	check("/static/a.css", fields, 206, "hello");
	check("/static/a.css", "Range: bytes=0-4\r\nIf-Range: \"other\"\r\n",
	    200, "hello world");
	check("/static/a.css",
	    "Range: bytes=0-4\r\n"
	    "If-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
	    206, "hello");
}
END_TEST

/* What a multipart body must be, from the boundary it chose. */
static void
check_multipart(const char *type, size_t total, const size_t (*ranges)[2],
    size_t count, const char *content)
{
	const char *start = "multipart/byteranges; boundary=";
	const char *value = fake_session_field(&fake, "Content-Type");
	struct buffer expected = BUFFER_EMPTY;

	ck_assert_int_eq(strncmp(value, start, strlen(start)), 0);
	value += strlen(start);
	ck_assert_uint_ge(strlen(value), 16);
	for (size_t i = 0; i < count; i++) {
		buffer_printf(&expected,
		    "%s--%s\r\nContent-Type: %s\r\n"
		    "Content-Range: bytes %zu-%zu/%zu\r\n\r\n",
		    i ? "\r\n" : "", value, type, ranges[i][0], ranges[i][1],
		    total);
		buffer_append(&expected, content + ranges[i][0],
		    ranges[i][1] - ranges[i][0] + 1);
	}
	buffer_printf(&expected, "\r\n--%s--\r\n", value);
	ck_assert_int_eq(fake.length, (int64_t)buffer_length(&expected));
	ck_assert(str_equal(buffer_str(&expected), buffer_str(&fake.body)));
	buffer_finish(&expected);
}

START_TEST(several_ranges)
{
	static const size_t ranges[][2] = { { 0, 1 }, { 6, 10 } };

	check("/static/a.css", "Range: bytes=0-1,6-\r\n", 206, NULL);
	check_field("Content-Range", "");
	check_multipart("text/css; charset=utf-8", 11, ranges, 2,
	    "hello world");
}
END_TEST

START_TEST(several_ranges_of_a_large_file)
{
	static const size_t ranges[][2] = { { 100000, 199999 }, { 5, 5 },
		{ 0, 2 } };
	const char *type = "application/octet-stream";

	check("/static/large", "Range: bytes=100000-,5-5,0-2\r\n", 206, NULL);
	check_multipart(type, LARGE, ranges, 3, large);
	ck_assert_uint_eq(fake.files, 3);
	/* A slow client: one part for each time there is room. */
	fake.room = 1;
	fake_session_get(&fake, "/static/large",
	    "Range: bytes=100000-,5-5,0-2\r\n");
	ck_assert(!fake.finished);
	ck_assert_uint_eq(fake.files, 1);
	fake_session_give_room(&fake, 1);
	ck_assert_uint_eq(fake.files, 2);
	ck_assert(!fake.finished);
	fake_session_give_room(&fake, 1);
	ck_assert(fake.finished);
	check_multipart(type, LARGE, ranges, 3, large);
	fake.room = SIZE_MAX;
}
END_TEST

START_TEST(clients_that_leave_cost_nothing)
{
	int next = dup(0), again;

	close(next);
	check("/static/large", "", 200, NULL); /* the cache's descriptor */
	next = dup(0);
	close(next);
	fake.room = 1;
	for (int i = 0; i < 3; i++) {
		fake_session_get(&fake, "/static/large",
		    "Range: bytes=100000-,5-5,0-2\r\n");
		fake_session_cancel(&fake);
	}
	again = dup(0);
	close(again);
	ck_assert_int_eq(again, next);
}
END_TEST

START_TEST(an_empty_file)
{
	folder_write_text(&folder, "www/none.txt", "");
	check("/static/none.txt", "", 200, "");
	ck_assert_int_eq(fake.length, 0);
	check("/static/none.txt", "Range: bytes=0-\r\n", 416, NULL);
	check_field("Content-Range", "bytes */0");
}
END_TEST

/* --- precompressed -------------------------------------------------------- */

#define GZIP "Accept-Encoding: gzip\r\n"

START_TEST(the_sibling_is_taken)
{
	char plain[256], zipped[256];

	fake.config.precompressed = true;
	check("/static/a.css", GZIP, 200, "hello world");
	check_field("Vary", "");
	folder_write_text(&folder, "www/a.css.gz", "zipped");
	check("/static/a.css", GZIP, 200, "zipped");
	check_field("Content-Encoding", "gzip");
	check_field("Content-Type", "text/css; charset=utf-8");
	check_field("Vary", "Accept-Encoding");
	strcpy(zipped, fake_session_field(&fake, "ETag"));
	check("/static/a.css", "", 200, "hello world");
	check_field("Content-Encoding", "");
	check_field("Vary", "Accept-Encoding");
	strcpy(plain, fake_session_field(&fake, "ETag"));
	ck_assert_str_ne(plain, zipped);
	check("/static/a.css", "Accept-Encoding: gzip;q=0\r\n", 200,
	    "hello world");
	/* Ranges are of what is sent. */
	check("/static/a.css", GZIP "Range: bytes=0-2\r\n", 206, "zip");
	check_field("Content-Encoding", "gzip");
	check_field("Content-Range", "bytes 0-2/6");
	/* The file itself stays what it is. */
	check("/static/a.css.gz", GZIP, 200, "zipped");
	check_field("Content-Encoding", "");
	check_field("Content-Type", "application/gzip");
	fake.config.precompressed = false;
	check("/static/a.css", GZIP, 200, "hello world");
	check_field("Vary", "");
}
END_TEST

START_TEST(an_old_sibling_is_not)
{
	fake.config.precompressed = true;
	folder_write_text(&folder, "www/a.css.gz", "zipped");
	folder_touch(&folder, "www/a.css.gz", 784111776);
	check("/static/a.css", GZIP, 200, "hello world");
	check_field("Vary", "");
	folder_touch(&folder, "www/a.css.gz", 784111778);
	check("/static/a.css", GZIP, 200, "zipped");
	/* One alone is no file of that name. */
	ck_assert_int_eq(unlink(folder_path(&folder, "www/a.css")), 0);
	check("/static/a.css", GZIP, 404, NULL);
}
END_TEST

static Suite *
files_suite(void)
{
	Suite *suite = suite_create("files");
	TCase *which = tcase_create("which"),
	      *conditions = tcase_create("conditions"),
	      *ranges = tcase_create("ranges"),
	      *siblings = tcase_create("siblings");
	TCase *all[] = { which, conditions, ranges, siblings };

	for (size_t i = 0; i < 4; i++) {
		tcase_add_checked_fixture(all[i], setup, teardown);
		suite_add_tcase(suite, all[i]);
	}
	tcase_add_test(which, a_small_file);
	tcase_add_test(which, a_large_file);
	tcase_add_test(which, what_is_not_there);
	tcase_add_test(which, links);
	tcase_add_test(which, dot_files);
	tcase_add_test(which, directories);
	tcase_add_test(which, redirects_stay_here);
	tcase_add_test(which, special_files);
	tcase_add_test(which, one_file);
	tcase_add_test(which, methods);
	tcase_add_test(which, changes_show);
	tcase_add_test(conditions, not_modified);
	tcase_add_test(conditions, preconditions);
	tcase_add_test(ranges, one_range);
	tcase_add_test(ranges, if_range);
	tcase_add_test(ranges, several_ranges);
	tcase_add_test(ranges, several_ranges_of_a_large_file);
	tcase_add_test(ranges, clients_that_leave_cost_nothing);
	tcase_add_test(ranges, an_empty_file);
	tcase_add_test(siblings, the_sibling_is_taken);
	tcase_add_test(siblings, an_old_sibling_is_not);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(files_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
