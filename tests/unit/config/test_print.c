/* SPDX-License-Identifier: MIT */
/* --print-config: places, and a file that loads to the same model. */
#include "config/document.h"

#include "loading.h"

static char *
printed(const struct config *config)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	ck_assert_ptr_nonnull(out);
	config_print(config, out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_uint_eq(strlen(text), length);
	return text;
}

/* There is a line with that setting and that comment. */
static void
check_line(const char *text, const char *setting, const char *comment)
{
	size_t length = strlen(setting);

	for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, setting, length) != 0)
			continue;
		if (at[length + strspn(at + length, " ")] != ';')
			continue;
		at = strchr(at + length, ';') + 2;
		ck_assert_msg(strncmp(at, comment, strlen(comment)) == 0 &&
			at[strlen(comment)] == '\n',
		    "%s: %.60s", setting, at);
		return;
	}
	ck_abort_msg("no line '%s' in:\n%s", setting, text);
}

static const char full[] = "[server]\n"
			   "pid_file =\n"
			   "server_header = a ;b\n"
			   "access_log_format = %(h)s $$${x} $${y} ; c\n"
			   "log_level = error\n"
			   "[listen one]\n"
			   "address = 127.0.0.1:1 [::1]:1\n"
			   "  unix:/run/x\n"
			   "[pool p]\n"
			   "workers = auto\n"
			   "keep_alive = 1500ms\n"
			   "body_buffer = 3000k\n"
			   "env.A = 1\n"
			   "[pool q]\n"
			   "listen = one\n"
			   "[app x]\n"
			   "module = python\n"
			   "pool = q\n"
			   "option.app = a.b:c\n"
			   "[upstream u]\n"
			   "server = a:1 weight=2\n"
			   "server = b:1\n"
			   "[route r]\n"
			   "match = /\n"
			   "app = x\n"
			   "header.Set-Cookie = a; b\n"
			   "header.Set-Cookie = c\n"
			   "[route f]\n"
			   "match = /f/\n"
			   "files = /tmp\n"
			   "index =\n"
			   "max_body = 5\n";

START_TEST(each_value_has_its_place)
{
	struct config *config;
	char *text;

	setenv("x", "X ;", 1);
	config = load_good(full);
	text = printed(config);
	check_line(text, "pid_file =", "t.conf:2");
	check_line(text, "server_header = a", "t.conf:3");
	check_line(text, "access_log_format = %(h)s $X $; $${y}", "t.conf:4");
	check_line(text, "log_level = error", "t.conf:5");
	check_line(text, "umask = 0027", "default");
	check_line(text, ";user =", "default: stay");
	check_line(text, "[listen one]", "t.conf:6");
	check_line(text, "address = 127.0.0.1:1 [::1]:1", "t.conf:7");
	check_line(text, "address = unix:/run/x", "t.conf:8");
	check_line(text, "keep_alive = 1500ms", "t.conf:11");
	check_line(text, "body_buffer = 3000k", "t.conf:12");
	check_line(text, "env.A = 1", "t.conf:13");
	check_line(text, ";env.NAME =", "default: none");
	check_line(text, "listen = one", "t.conf:15");
	check_line(text, "pool = q", "t.conf:18");
	check_line(text, "server = a:1 weight=2", "t.conf:21");
	check_line(text, "balance = round_robin", "default");
	check_line(text, "header.Set-Cookie = a; b", "t.conf:26");
	check_line(text, "header.Set-Cookie = c", "t.conf:27");
	check_line(text, "files = /tmp", "t.conf:30");
	check_line(text, "max_body = 5", "t.conf:32");
	free(text);
	config_destroy(&config);
}
END_TEST

/* Without comments, which name other places the second time. */
static void
cut_comments(char *text)
{
	char *to = text;

	while (*text != '\0') {
		char *end = strchr(text, '\n'), *at = text;

		*end = '\0';
		for (; *at != '\0' &&
		     !(*at == ';' && (at == text || at[-1] == ' '));
		     at++)
			;
		while (at > text && at[-1] == ' ')
			at--;
		memmove(to, text, (size_t)(at - text));
		to += at - text;
		*to++ = '\n';
		text = end + 1;
	}
	*to = '\0';
}

static void
check_round_trip(const char *source)
{
	struct config *config = load_good(source);
	char *first = printed(config), *second, *third;

	config_destroy(&config);
	config = load_good(first);
	second = printed(config);
	config_destroy(&config);
	config = load_good(second);
	third = printed(config);
	config_destroy(&config);
	/* Once all values are written out, even the places stay. */
	ck_assert_str_eq(second, third);
	cut_comments(first);
	cut_comments(second);
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
	free(third);
}

START_TEST(what_is_printed_loads_to_the_same)
{
	setenv("x", "X ;", 1);
	check_round_trip(full);
	check_round_trip(ROUTE);
	check_round_trip("[route r]\nmatch = /\n"
			 "redirect = $scheme://$host/$;a\n");
}
END_TEST

START_TEST(command_line_and_environment_are_named)
{
	char *argv[] = { (char[]){ "tricorn" }, (char[]){ "a.b:c" },
		(char[]){ "-t" }, (char[]){ "5" }, (char[]){ "-e" },
		(char[]){ "A=1 ;2" } };
	struct config_options *options = parse_good(6, argv);
	struct config *config;
	struct error error;
	char *text;

	setenv("PORT", "9000", 1);
	setenv("WEB_CONCURRENCY", "3", 1);
	ck_assert_int_eq(config_load(options, &config, &error), 0);
	text = printed(config);
	check_line(text, "[pool default]", "command line");
	check_line(text, "timeout = 5s", "command line");
	check_line(text, "env.A = 1 $;2", "command line");
	check_line(text, "workers = 3", "environment");
	check_line(text, "address = 0.0.0.0:9000", "environment");
	check_line(text, "option.app = a.b:c", "command line");
	check_line(text, "threads = 1", "default");
	free(text);
	config_destroy(&config);
	config_options_destroy(&options);
}
END_TEST

START_TEST(file_names_can_not_break_lines)
{
	struct config *config;
	struct error error;
	char *text;

	ck_assert_int_eq(config_load_string(ROUTE, strlen(ROUTE), "a\nb",
			     &config, &error),
	    0);
	text = printed(config);
	check_line(text, "match = /", "a?b:2");
	free(text);
	config_destroy(&config);
}
END_TEST

START_TEST(the_tables_are_printed_for_scripts)
{
	char *text;
	size_t length, lines = 0, keys = 0;
	FILE *out = open_memstream(&text, &length);

	config_print_keys(out);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_ptr_nonnull(strstr(text,
	    "pool\tthreads\tnumber\t1\t1-1024\treload\tonce\tThreads of a "
	    "worker that run handlers.\n"));
	ck_assert_ptr_nonnull(strstr(text,
	    "server\tpid_file\tpath\t(none)\t\trestart\tonce\t"));
	ck_assert_ptr_nonnull(strstr(text,
	    "pool\theader_map\tchoice\tdrop\tdrop refuse dangerous\t"));
	ck_assert_ptr_nonnull(strstr(text,
	    "\npool\tenv.NAME\ttext\t(none)"
	    "\t\treload\tmany\t"));
	for (const char *at = text; *at != '\0'; at++)
		lines += *at == '\n';
	for (enum config_kind kind = 0; kind < CONFIG_KIND_COUNT; kind++)
		keys += config_section_type(kind)->key_count;
	ck_assert_uint_eq(lines, keys);
	free(text);
}
END_TEST

RUN_SUITE("config/print", each_value_has_its_place,
    what_is_printed_loads_to_the_same, command_line_and_environment_are_named,
    file_names_can_not_break_lines, the_tables_are_printed_for_scripts)
