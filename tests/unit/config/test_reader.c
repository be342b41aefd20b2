/* SPDX-License-Identifier: MIT */
/*
 * What inih 55 reads in silence and this room must not: long lines, long
 * names, junk, comments, indented keys, sections that come twice or empty.
 */
#include "config/reader.h"

#include "base/memory.h"
#include "loading.h"

/* before, then count bytes, then after; the caller frees it. */
static char *
text_with(const char *before, char byte, size_t count, const char *after)
{
	char *middle = xmalloc(count + 1), *text;

	memset(middle, byte, count);
	middle[count] = '\0';
	text = xasprintf("%s%s%s", before, middle, after);
	free(middle);
	return text;
}

START_TEST(lines_beyond_inihs_buffer_stay_whole)
{
	char *text =
	    text_with("[route r]\nmatch = /\nrespond = 200 ", 'x', 5000, "\n");
	struct config *config = load_good(text);

	ck_assert_uint_eq(strlen(config->routes[0]->respond), 5004);
	config_destroy(&config);
	free(text);
	/* At 200 bytes inih would make the tail a key: workers = 9. */
	text = text_with("[route r]\nmatch = /\nrespond = 200 ", 'x', 185,
	    "workers = 9\n");
	config = load_good(text);
	ck_assert_str_eq(config->routes[0]->respond + 4 + 185, "workers = 9");
	config_destroy(&config);
	free(text);
}
END_TEST

START_TEST(over_long_lines_are_refused)
{
	char *text = text_with("[server]\nuser = ", 'x', 16384, "\n" ROUTE);

	check_refused(text,
	    "t.conf:2: the line is longer than 16384 bytes; "
	    "break a list with indented lines, or repeat its "
	    "key");
	free(text);
	text = text_with("# ", '#', 16383, "\n" ROUTE);
	check_refused(text,
	    "t.conf:1: the line is longer than 16384 bytes; "
	    "break a list with indented lines, or repeat its "
	    "key");
	free(text);
	/* The longest line passes through inih whole. */
	text = text_with("# ", '#', 16382, "\n" ROUTE);
	struct config *config = load_good(text);
	config_destroy(&config);
	free(text);
	text = text_with("[server]\nserver_header = ", 'x', 7169, "\n");
	check_refused(text, "t.conf:2: the value is longer than 7168 bytes");
	free(text);
}
END_TEST

START_TEST(section_names_are_never_cut)
{
	char *text = text_with("[pool ", 'p', 45, "]\n" ROUTE);

	check_refused(text,
	    "t.conf:1: the section header is longer than 49 "
	    "bytes; choose a shorter name");
	free(text);
	text = text_with("[pool ", 'p', 41, "]\n" ROUTE);
	check_refused(text,
	    "t.conf:1: a section's name is 1 to 40 letters, "
	    "digits, '_', '-' and '.'");
	free(text);
	text = text_with("[pool ", 'p', 40, "]\n" ROUTE);
	struct config *config = load_good(text);
	ck_assert_uint_eq(strlen(config->pools[0]->name), 40);
	config_destroy(&config);
	free(text);
}
END_TEST

START_TEST(names_of_continued_keys_are_never_cut)
{
	/* inih repeats only the first 49 bytes of a continued key's name. */
	check_refused("[app a]\nmodule = x\n"
		      "option.a234567890123456789012345678901234567890123456"
		      "7890 = 1\n  2\n",
	    "t.conf:4: the indented line goes on with 'option.a23456789012345"
	    "67890123456789012345678901234567890', which takes one line; "
	    "begin it in the first column");
}
END_TEST

START_TEST(control_bytes_are_refused)
{
	static const char nul[] = "[server]\nuser = a\0b\n";

	check_refused_bytes(nul, sizeof(nul) - 1,
	    "t.conf:2: control byte 0x00 in column 9; only tabs are allowed");
	check_refused("[server]\nuser = a\rb\n",
	    "t.conf:2: control byte 0x0d in column 9; only tabs are allowed");
	check_refused("\n# bell \a\n",
	    "t.conf:2: control byte 0x07 in column 8; only tabs are allowed");
	check_refused("[server]\n\001=\n",
	    "t.conf:2: control byte 0x01 in column 1; only tabs are allowed");
	check_refused("[server]\nuser = \x7f\n",
	    "t.conf:2: control byte 0x7f in column 8; only tabs are allowed");
}
END_TEST

START_TEST(line_ends_and_marks_of_other_systems_are_taken)
{
	struct config *config =
	    load_good("\xef\xbb\xbf[pool web]\r\n"
		      "workers = 3\r\n\r\n[route r]\r\nmatch\t=\t/\r\n"
		      "respond = 200");

	ck_assert_uint_eq(config->pools[0]->workers, 3);
	ck_assert_str_eq(config->routes[0]->respond, "200");
	config_destroy(&config);
}
END_TEST

START_TEST(inline_comments_are_cut_everywhere)
{
	struct config *config =
	    load_good("; first\n # second\n[pool web] ; third\n"
		      "workers = 3 ; fourth\n"
		      "[route r]\nmatch = /a/ ; fifth\n  /b/ ; sixth\n\t/c;d/\n"
		      "respond = 200 a;b ;c\n"
		      "header.Set-Cookie = a=b; Path=/\n");
	struct config_route *route = config->routes[0];

	ck_assert_uint_eq(config->pools[0]->workers, 3);
	ck_assert_uint_eq(route->match.count, 3);
	ck_assert_str_eq(route->match.items[1], "/b/");
	ck_assert_str_eq(route->match.items[2], "/c;d/");
	ck_assert_int_eq(route->match.origins[2].line, 8);
	ck_assert_str_eq(route->respond, "200 a;b");
	ck_assert_str_eq(route->headers.items[0].value, "a=b; Path=/");
	config_destroy(&config);
}
END_TEST

START_TEST(comments_of_other_formats_are_told)
{
	check_refused("[pool web]\nworkers = 3 # four\n",
	    "workers in [pool web] at t.conf:2: '3 # four' is no number; "
	    "write a number such as 4, or auto; a comment behind a value "
	    "begins with ' ;'");
	check_refused("[server]\npid_file = /run/x # four\n",
	    "pid_file in [server] at t.conf:2: '/run/x # four' is no path; a "
	    "comment behind a value begins with ' ;'");
	check_refused("[server]\nuser = \"root\"\n",
	    "user in [server] at t.conf:2: '\"root\"' is no name; write it "
	    "without quotes");
}
END_TEST

START_TEST(broken_headers_are_refused)
{
	check_refused("\n[pool web\nworkers = 2\n",
	    "t.conf:2: the section header has no ']'");
	check_refused("[pool ;web]\n",
	    "t.conf:1: '[pool ;web]' is neither a [section] nor key = value");
	check_refused("[server] user = x\n",
	    "t.conf:1: 'user = x' stands behind the section header; write "
	    "keys on lines of their own");
	check_refused("[]\n", "t.conf:1: the section header is empty");
	check_refused("[ \t]\n", "t.conf:1: the section header is empty");
	check_refused("[pool]\n",
	    "t.conf:1: [pool] needs a name; write [pool NAME]");
	check_refused("[server x]\n", "t.conf:1: [server] takes no name");
	check_refused("[pool a b]\n",
	    "t.conf:1: a section's name is 1 to 40 letters, digits, '_', '-' "
	    "and '.'");
	check_refused("[pool .a]\n",
	    "t.conf:1: a section's name is 1 to 40 letters, digits, '_', '-' "
	    "and '.'");
	check_refused("[pool a/b]\n",
	    "t.conf:1: a section's name is 1 to 40 letters, digits, '_', '-' "
	    "and '.'");
}
END_TEST

START_TEST(unknown_sections_are_refused)
{
	check_refused("[rout x]\n",
	    "t.conf:1: unknown section [rout]; did you mean [route NAME]?");
	check_refused("[Server]\n",
	    "t.conf:1: unknown section [Server]; did you mean [server]?");
	check_refused("[zebra x]\n",
	    "t.conf:1: unknown section [zebra]; write [server], [listen "
	    "NAME], [pool NAME], [app NAME], [upstream NAME] or [route "
	    "NAME]");
}
END_TEST

START_TEST(lines_without_a_value_are_refused)
{
	check_refused("[server]\ndaemon\n",
	    "t.conf:2: 'daemon' is no setting; write key = value");
	check_refused("[server]\ndaemon: on\n",
	    "t.conf:2: 'daemon: on' is no setting; write key = value");
	check_refused("[server]\nunix:daemon = on\n",
	    "t.conf:2: 'unix:daemon = on' is no setting; write key = value");
	check_refused("[server]\n= on\n", "t.conf:2: no key before the '='");
	check_refused("[server]\ndaemon ; = on\n",
	    "t.conf:2: 'daemon ; = on' is neither a [section] nor key = "
	    "value");
}
END_TEST

START_TEST(keys_need_a_section)
{
	check_refused("workers = 2\n" ROUTE,
	    "t.conf:1: key 'workers' stands before any section; write [pool "
	    "NAME] above it");
	check_refused("pid_file = /x\n" ROUTE,
	    "t.conf:1: key 'pid_file' stands before any section; write "
	    "[server] above it");
	check_refused("nothing = /x\n" ROUTE,
	    "t.conf:1: key 'nothing' stands before any section; write "
	    "[server] above it");
}
END_TEST

START_TEST(indented_keys_are_refused)
{
	/* inih would make "threads = 8" a part of the value above. */
	check_refused("[pool web]\nworkers = 2\n  threads = 8\n",
	    "t.conf:3: the indented line goes on with 'workers', which takes "
	    "one line; begin it in the first column");
	check_refused("[pool web]\n  workers = 2\n",
	    "t.conf:2: the line is indented but there is no key to continue; "
	    "begin it in the first column");
	check_refused("  [pool web]\n",
	    "t.conf:1: the line is indented but there is no key to continue; "
	    "begin it in the first column");
	check_refused("[pool web]\nworkers = 2\n\n; c\n  [pool b]\n",
	    "t.conf:5: the indented line goes on with 'workers', which takes "
	    "one line; begin it in the first column");
	/* A continuation does not reach over a header. */
	check_refused("[route r]\nmatch = /\n[pool web]\n  /b\n",
	    "t.conf:4: the line is indented but there is no key to continue; "
	    "begin it in the first column");
}
END_TEST

START_TEST(sections_come_once_and_may_be_empty)
{
	struct config *config = load_good("[pool a]\n[listen l]\n"
					  "address = :0\n" ROUTE);

	ck_assert_uint_eq(config->pool_count, 1);
	ck_assert_str_eq(config->pools[0]->name, "a");
	ck_assert_int_eq(config->pools[0]->origin.line, 1);
	config_destroy(&config);
	check_refused("[pool a]\nworkers = 1\n[pool b]\n[pool a]\n",
	    "t.conf:4: [pool a] was begun at t.conf:1 already; write it "
	    "once");
	check_refused("[server]\n\n[server]\n",
	    "t.conf:3: [server] was begun at t.conf:1 already; write it "
	    "once");
}
END_TEST

START_TEST(variables_are_replaced_with_their_place_in_errors)
{
	struct config *config;

	setenv("TRICORN_TEST", "  /srv ; x  ", 1);
	config = load_good("[server]\nserver_header = ${TRICORN_TEST}\n" ROUTE);
	ck_assert_str_eq(config->server.server_header, "/srv ; x");
	config_destroy(&config);
	setenv("TRICORN_TEST", "a\nb", 1);
	check_refused("[server]\n\nserver_header = ${TRICORN_TEST}\n",
	    "t.conf:3: a variable of the environment puts a control byte "
	    "into the value");
	unsetenv("TRICORN_TEST");
	check_refused("[server]\nserver_header = ${TRICORN_TEST}\n",
	    "t.conf:2: the environment has no variable 'TRICORN_TEST'; set "
	    "it, or write ${TRICORN_TEST:-default}");
}
END_TEST

START_TEST(an_empty_file_has_no_route)
{
	check_refused("",
	    "the configuration has no [route NAME]; add one, "
	    "for example with match = / and app = NAME");
	check_refused("\n\n  \n# nothing",
	    "the configuration has no [route NAME]; add one, for example "
	    "with match = / and app = NAME");
}
END_TEST

START_TEST(includes_need_a_file)
{
	check_refused("include = x\n",
	    "t.conf:1: include is not possible "
	    "here");
}
END_TEST

START_TEST(errors_may_be_thrown_away)
{
	struct config *config;

	ck_assert_int_eq(config_load_string("[x]", 3, "t", &config, NULL), -1);
	ck_assert_int_eq(config_load_string("[server]\nx=1", 12, "t", &config,
			     NULL),
	    -1);
	ck_assert_ptr_null(config);
}
END_TEST

RUN_SUITE("config/reader", lines_beyond_inihs_buffer_stay_whole,
    over_long_lines_are_refused, section_names_are_never_cut,
    names_of_continued_keys_are_never_cut, control_bytes_are_refused,
    line_ends_and_marks_of_other_systems_are_taken,
    inline_comments_are_cut_everywhere, comments_of_other_formats_are_told,
    broken_headers_are_refused, unknown_sections_are_refused,
    lines_without_a_value_are_refused, keys_need_a_section,
    indented_keys_are_refused, sections_come_once_and_may_be_empty,
    variables_are_replaced_with_their_place_in_errors,
    an_empty_file_has_no_route, includes_need_a_file, errors_may_be_thrown_away)
