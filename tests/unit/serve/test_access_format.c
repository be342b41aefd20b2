/* SPDX-License-Identifier: MIT */
/* Lines of the access log. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "serve/access_format.h"
#include "serve/context.h"
#include "serve/route.h"

#define LIMIT 32768

static struct http_field request_fields[8], response_fields[4];
static struct exchange_peer peer;
static struct exchange exchange;
static struct server_context context;
static struct config_pool pool;
static struct config_app app;
static struct config_upstream upstream;
static struct config_route route_config;
static struct route route;
static char web[] = "web", shop[] = "shop", shop_route[] = "shop-route",
	    billing[] = "billing";
static struct buffer out;
static uint64_t ended_ns;

static void
add_field(const char *name, const char *value)
{
	request_fields[exchange.request.field_count++] =
	    (struct http_field){ .name = str_of(name), .value = str_of(value) };
}

/* A request to a route of app "shop", answered with 200 and 1234 bytes
 * within 1.234567 s. */
static void
setup(void)
{
	setenv("TZ", "XXX-2:30", 1);
	out = BUFFER_EMPTY;
	memset(&exchange, 0, sizeof(exchange));
	pool.name = web;
	app = (struct config_app){ .name = shop };
	route_config = (struct config_route){ .name = shop_route, .app = &app };
	route.config = &route_config;
	context.pool = &pool;
	peer = (struct exchange_peer){ .scheme = STR("http"),
		.peer_address = STR("192.0.2.7"),
		.peer_port = STR("4711"),
		.local_address = STR("127.0.0.1"),
		.local_port = STR("80") };
	exchange.context = &context;
	exchange.peer = &peer;
	exchange.route = &route;
	exchange.request = (struct http_request_head){ .method = STR("GET"),
		.target = STR("/a%20b?x=1"),
		.path = STR("/a%20b"),
		.query = STR("x=1"),
		.host = STR("example.com:80"),
		.version_minor = 1,
		.fields = request_fields };
	response_fields[0] =
	    (struct http_field){ .name = STR("X-Answer"), .value = STR("yes") };
	exchange.response_fields = response_fields;
	exchange.response_count = 1;
	exchange.status = 200;
	exchange.bytes_sent = 1234;
	/* 2026-01-31T23:59:58.123456Z */
	exchange.started_wall_us = UINT64_C(1769903998123456);
	exchange.started_ns = 5000000000;
	ended_ns = exchange.started_ns + 1234567890;
}

static void
teardown(void)
{
	buffer_finish(&out);
}

static const char *
line_within(const char *text, size_t limit)
{
	struct error error;
	struct access_format *format = access_format_create(text, &error);

	ck_assert_msg(format != NULL, "%s: %s", text, error.text);
	buffer_consume(&out, buffer_length(&out));
	access_format_line(format, &exchange, ended_ns, limit, &out);
	ck_assert_uint_le(buffer_length(&out), limit);
	access_format_destroy(&format);
	ck_assert_ptr_null(format);
	buffer_append(&out, "\0", 1);
	return buffer_bytes(&out);
}

static const char *
line(const char *text)
{
	return line_within(text, LIMIT);
}

static void
expect_error(const char *format, const char *part)
{
	struct error error = { "" };

	ck_assert_msg(access_format_check(format, &error) == -1,
	    "'%s' was taken", format);
	ck_assert_msg(strstr(error.text, part) != NULL, "'%s' says '%s'",
	    format, error.text);
	ck_assert_ptr_null(access_format_create(format, NULL));
}

START_TEST(common_is_that_of_ncsa)
{
	ck_assert_str_eq(line("common"),
	    "192.0.2.7 - - [01/Feb/2026:02:29:58 +0230] "
	    "\"GET /a%20b?x=1 HTTP/1.1\" 200 1234\n");
}
END_TEST

START_TEST(combined_adds_referer_and_user_agent)
{
	add_field("Referer", "http://a/\"b\"");
	add_field("USER-AGENT", "curl\xff");
	ck_assert_str_eq(line("combined"),
	    "192.0.2.7 - - [01/Feb/2026:02:29:58 +0230] "
	    "\"GET /a%20b?x=1 HTTP/1.1\" 200 1234 \"http://a/\\x22b\\x22\" "
	    "\"curl\\xFF\"\n");
}
END_TEST

START_TEST(json_has_stable_keys)
{
	char wanted[1000];

	add_field("Referer", "");
	snprintf(wanted, sizeof(wanted),
	    "{\"time\":\"2026-01-31T23:59:58.123Z\",\"client\":\"192.0.2.7\","
	    "\"user\":null,\"method\":\"GET\",\"target\":\"/a%%20b?x=1\","
	    "\"protocol\":\"HTTP/1.1\",\"scheme\":\"http\","
	    "\"host\":\"example.com:80\",\"status\":200,\"bytes\":1234,"
	    "\"duration\":1.234567,\"referer\":\"\",\"user_agent\":null,"
	    "\"pool\":\"web\",\"route\":\"shop-route\",\"app\":\"shop\","
	    "\"upstream\":null,\"note\":null,\"pid\":%d}\n",
	    (int)getpid());
	ck_assert_str_eq(line("json"), wanted);
}
END_TEST

START_TEST(json_of_an_exchange_without_request)
{
	char wanted[1000];

	memset(&exchange.request, 0, sizeof(exchange.request));
	exchange.route = NULL;
	exchange.peer = NULL;
	exchange.status = 400;
	exchange.bytes_sent = 0;
	exchange.note = "bad \"line\"";
	snprintf(wanted, sizeof(wanted),
	    "{\"time\":\"2026-01-31T23:59:58.123Z\",\"client\":null,"
	    "\"user\":null,\"method\":null,\"target\":null,"
	    "\"protocol\":null,\"scheme\":null,\"host\":null,\"status\":400,"
	    "\"bytes\":0,\"duration\":1.234567,\"referer\":null,"
	    "\"user_agent\":null,\"pool\":\"web\",\"route\":null,\"app\":null,"
	    "\"upstream\":null,\"note\":\"bad \\\"line\\\"\",\"pid\":%d}\n",
	    (int)getpid());
	ck_assert_str_eq(line("json"), wanted);
	ck_assert_str_eq(line("%(h)s \"%(r)s\" %(m)s%(U)s%(q)s %(H)s %(s)s"),
	    "- \"-\" -- - 400\n");
}
END_TEST

START_TEST(atoms_mean_what_gunicorn_means)
{
	char wanted[64];

	add_field("Accept", "x/y");
	ck_assert_str_eq(line("%(h)s|%(l)s|%(u)s|%(m)s|%(U)s|%(q)s|%(H)s"),
	    "192.0.2.7|-|-|GET|/a%20b|x=1|HTTP/1.1\n");
	ck_assert_str_eq(line("%(r)s|%(s)s|%(b)s|%(B)s|%(f)s|%(a)s"),
	    "GET /a%20b?x=1 HTTP/1.1|200|1234|1234|-|-\n");
	ck_assert_str_eq(line("%(T)s|%(M)s|%(D)s|%(L)s"),
	    "1|1234|1234567|1.234567\n");
	ck_assert_str_eq(line("%({accept}i)s|%({ACCEPT}i)s|%({none}i)s"),
	    "x/y|x/y|-\n");
	ck_assert_str_eq(line("%({x-answer}o)s|%({accept}o)s"), "yes|-\n");
	ck_assert_str_eq(line("%(t)s"), "[01/Feb/2026:02:29:58 +0230]\n");
	snprintf(wanted, sizeof(wanted), "<%d>\n", (int)getpid());
	ck_assert_str_eq(line("%(p)s"), wanted);
	ck_assert_str_eq(line("100%% of %(m)s%%"), "100% of GET%\n");
}
END_TEST

START_TEST(small_and_missing_values)
{
	exchange.bytes_sent = 0;
	exchange.request.query = STR_NULL;
	exchange.request.version_minor = 0;
	ended_ns = exchange.started_ns + 1999;
	ck_assert_str_eq(line("%(b)s|%(B)s|%(q)s|%(H)s"), "-|0||HTTP/1.0\n");
	ck_assert_str_eq(line("%(T)s|%(M)s|%(D)s|%(L)s"), "0|0|1|0.000001\n");
	ended_ns = exchange.started_ns - 1;
	ck_assert_str_eq(line("%(D)s"), "0\n");
	peer.peer_address = STR("");
	ck_assert_str_eq(line("%(h)s"), "-\n");
	add_field("User-Agent", "");
	ck_assert_str_eq(line("%(a)s"), "-\n");
}
END_TEST

START_TEST(names_of_the_configuration)
{
	ck_assert_str_eq(line("%(route)s|%(pool)s|%(app)s|%(upstream)s"),
	    "shop-route|web|shop|-\n");
	route_config.app = NULL;
	route_config.upstream = &upstream;
	upstream.name = billing;
	ck_assert_str_eq(line("%(route)s|%(pool)s|%(app)s|%(upstream)s"),
	    "shop-route|web|-|billing\n");
	exchange.route = NULL;
	exchange.note = "no route";
	ck_assert_str_eq(line("%(route)s|%(app)s|%(note)s|%(scheme)s|%(host)s"),
	    "-|-|no route|http|example.com:80\n");
	ck_assert_str_eq(line("%(port)s"), "4711\n");
}
END_TEST

START_TEST(variables_of_request_and_process)
{
	add_field("X-Forwarded-For", "1.2.3.4");
	add_field("Content-Type", "text/plain");
	setenv("TRICORN_TEST", "blue\n", 1);
	unsetenv("TRICORN_NONE");
	ck_assert_str_eq(line("%({HTTP_X_FORWARDED_FOR}e)s|%({CONTENT_TYPE}e)s|"
			      "%({REMOTE_ADDR}e)s|%({SERVER_PORT}e)s|"
			      "%({REQUEST_URI}e)s|%({wsgi.url_scheme}e)s"),
	    "1.2.3.4|text/plain|192.0.2.7|80|/a%20b?x=1|http\n");
	ck_assert_str_eq(line("%({TRICORN_TEST}e)s|%({TRICORN_NONE}e)s"),
	    "blue\\x0A|-\n");
}
END_TEST

START_TEST(status_of_exchanges_without_answer)
{
	exchange.status = 0;
	exchange.cancelled = EXCHANGE_CANCEL_CLIENT_GONE;
	ck_assert_str_eq(line("%(s)s"), "499\n");
	ck_assert_ptr_nonnull(strstr(line("json"), "\"status\":499,"));
	exchange.cancelled = EXCHANGE_CANCEL_TIMEOUT;
	ck_assert_str_eq(line("%(s)s"), "408\n");
	exchange.cancelled = EXCHANGE_CANCEL_DRAIN;
	ck_assert_str_eq(line("%(s)s"), "000\n");
	ck_assert_ptr_nonnull(strstr(line("json"), "\"status\":0,"));
	exchange.status = 200;
	exchange.cancelled = EXCHANGE_CANCEL_CLIENT_GONE;
	ck_assert_str_eq(line("%(s)s"), "200\n");
}
END_TEST

static void
expect_user(const char *authorization, const char *user)
{
	exchange.request.field_count = 0;
	add_field("Authorization", authorization);
	ck_assert_msg(strcmp(line("%(u)s"), user) == 0, "%s: %s", authorization,
	    buffer_bytes(&out));
}

START_TEST(users_come_from_basic_credentials)
{
	char long_one[1000] = "Basic ";

	expect_user("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin\n");
	expect_user("basic   QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin\n");
	expect_user("Basic YTo=", "a\n");         /* a: */
	expect_user("Basic OnBhc3N3b3Jk", "-\n"); /* :password */
	expect_user("Basic YSBiIg06eA==", "a\\x20b\\x22\\x0D\n");
	expect_user("Basic YWJj", "-\n"); /* no colon */
	expect_user("Basic !!!!", "-\n");
	expect_user("Basic", "-\n");
	expect_user("Basic ", "-\n");
	expect_user("Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "-\n");
	memset(long_one + 6, 'Q', 900);
	expect_user(long_one, "-\n");
}
END_TEST

START_TEST(hostile_bytes_stay_within_their_value)
{
	const char *text;

	exchange.request.method = STR("G\"\nT");
	exchange.request.target = STR("/\" 200 1\n1.2.3.4 - - [");
	add_field("User-Agent", "\r\n\x1b]0;x\x07\\\"");
	text = line("combined");
	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	ck_assert_ptr_nonnull(strstr(text,
	    "\"G\\x22\\x0AT /\\x22 200 1\\x0A1.2.3.4 - - [ HTTP/1.1\" 200"));
	ck_assert_ptr_nonnull(strstr(text,
	    "\"\\x0D\\x0A\\x1B]0;x\\x07\\x5C\\x22\"\n"));
}
END_TEST

START_TEST(long_values_are_cut_to_the_limit)
{
	static char target[20000];
	const char *text;

	memset(target, '\n', sizeof(target) - 1);
	target[0] = '/';
	exchange.request.target = str_make(target, sizeof(target) - 1);
	add_field("User-Agent", target);
	add_field("Referer", "short");
	text = line_within("combined", ACCESS_FORMAT_LIMIT_MIN);
	ck_assert_uint_gt(strlen(text), 1500);
	ck_assert_ptr_nonnull(strstr(text,
	    "\\x0A... HTTP/1.1\" 200 1234 "
	    "\"short\" \"/\\x0A"));
	ck_assert_str_eq(text + strlen(text) - 9, "\\x0A...\"\n");
	text = line_within("json", ACCESS_FORMAT_LIMIT_MIN);
	ck_assert_ptr_nonnull(strstr(text, "\\u000A...\",\"protocol\":"));
	ck_assert_int_eq(text[strlen(text) - 2], '}');
	/* One long value in a large limit is whole. */
	memset(target, 'a', sizeof(target) - 1);
	text = line("%(U)s %(r)s");
	ck_assert_uint_gt(strlen(text), 20000);
}
END_TEST

START_TEST(seconds_are_told_apart)
{
	struct access_format *format = access_format_create("%(t)s", NULL);

	for (int i = 0; i < 3; i++) {
		access_format_line(format, &exchange, ended_ns, LIMIT, &out);
		exchange.started_wall_us += 900000;
	}
	buffer_append(&out, "\0", 1);
	ck_assert_str_eq(buffer_bytes(&out),
	    "[01/Feb/2026:02:29:58 +0230]\n[01/Feb/2026:02:29:59 +0230]\n"
	    "[01/Feb/2026:02:29:59 +0230]\n");
	access_format_destroy(&format);
	setenv("TZ", "XXX+3", 1);
	tzset();
	exchange.started_wall_us = 0;
	ck_assert_str_eq(line("%(t)s"), "[31/Dec/1969:21:00:00 -0300]\n");
}
END_TEST

START_TEST(mistakes_are_explained)
{
	expect_error("%(x)s", "unknown atom %(x)s");
	expect_error("%({a}x)s", "unknown atom %({a}x)s");
	expect_error("%({}i)s", "unknown atom");
	expect_error("%()s", "unknown atom %()s");
	expect_error("%(h)", "an s is missing behind %(h)");
	expect_error("%(h)d", "an s is missing behind %(h)");
	expect_error("%(h", "'%(h' is no atom");
	expect_error("%h %l", "'%h %l' is no atom");
	expect_error("%(h)s %", "'%' is no atom");
	expect_error("combine", "'combine' is neither common");
	expect_error("", "is neither common");
	expect_error("%(h)s\n", "control byte");
	ck_assert_int_eq(access_format_check("%(h)s\t%(s)s", NULL), 0);
}
END_TEST

START_TEST(a_format_that_allows_endless_lines_is_refused)
{
	char text[8192] = "";

	for (int i = 0; i < 400; i++)
		strcat(text, "%(U)s ");
	expect_error(text, "too long");
	memset(text, 'x', 5000);
	strcpy(text + 5000, "%(h)s");
	expect_error(text, "too long");
}
END_TEST

static Suite *
access_format_suite(void)
{
	Suite *suite = suite_create("access_format");
	TCase *all = tcase_create("all");

	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, common_is_that_of_ncsa);
	tcase_add_test(all, combined_adds_referer_and_user_agent);
	tcase_add_test(all, json_has_stable_keys);
	tcase_add_test(all, json_of_an_exchange_without_request);
	tcase_add_test(all, atoms_mean_what_gunicorn_means);
	tcase_add_test(all, small_and_missing_values);
	tcase_add_test(all, names_of_the_configuration);
	tcase_add_test(all, variables_of_request_and_process);
	tcase_add_test(all, status_of_exchanges_without_answer);
	tcase_add_test(all, users_come_from_basic_credentials);
	tcase_add_test(all, hostile_bytes_stay_within_their_value);
	tcase_add_test(all, long_values_are_cut_to_the_limit);
	tcase_add_test(all, seconds_are_told_apart);
	tcase_add_test(all, mistakes_are_explained);
	tcase_add_test(all, a_format_that_allows_endless_lines_is_refused);
	suite_add_tcase(suite, all);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(access_format_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
