/* SPDX-License-Identifier: MIT */
/* Files that include files, in a folder of their own. */
#include "config/include.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "loading.h"

static char folder[] = "/tmp/tricorn-include-XXXXXX";

static char *
path_of(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static void
write_file(const char *name, const char *text)
{
	char *path = path_of(name);
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
	free(path);
}

static void
remove_file(const char *name)
{
	char *path = path_of(name);

	if (unlink(path) < 0)
		rmdir(path);
	free(path);
}

static void
set_up(void)
{
	char *sub;

	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	sub = path_of("conf.d");
	ck_assert_int_eq(mkdir(sub, 0700), 0);
	free(sub);
}

static void
tear_down(void)
{
	static const char *const names[] = { "main.conf", "a.conf", "b.conf",
		"conf.d/1.conf", "conf.d/2.conf", "conf.d/x.txt", "conf.d",
		"fifo" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove_file(names[i]);
	ck_assert_int_eq(rmdir(folder), 0);
}

static int
load_main(struct config **config, struct error *error)
{
	char *path = path_of("main.conf");
	char *argv[] = { (char[]){ "tricorn" }, (char[]){ "-c" }, path };
	struct config_options *options = parse_good(3, argv);
	int result = config_load(options, config, error);

	config_options_destroy(&options);
	free(path);
	return result;
}

/* reason has %s where the folder stands. */
static void
check_main_refused(const char *reason, int folders)
{
	struct config *config;
	struct error error;
	char expected[1024];

	ck_assert_int_eq(load_main(&config, &error), -1);
	ck_assert_ptr_null(config);
	if (folders == 1)
		snprintf(expected, sizeof(expected), reason, folder);
	else
		snprintf(expected, sizeof(expected), reason, folder, folder);
	ck_assert_str_eq(error.text, expected);
}

START_TEST(patterns_are_relative_to_their_file_and_sorted)
{
	struct config *config;
	struct error error;

	set_up();
	write_file("main.conf",
	    "include = conf.d/*.conf\n"
	    "[server]\numask = 022\ninclude = a.conf\n"
	    "log_level = debug\n");
	write_file("a.conf", "[pool x]\nworkers = 5\n");
	write_file("conf.d/2.conf", "[route two]\nmatch = /2\nrespond = 200\n");
	write_file("conf.d/1.conf", "[route one]\nmatch = /1\nrespond = 200\n");
	write_file("conf.d/x.txt", "rubbish");
	if (load_main(&config, &error) < 0)
		ck_abort_msg("%s", error.text);
	ck_assert_uint_eq(config->route_count, 2);
	ck_assert_str_eq(config->routes[0]->name, "one");
	ck_assert_str_eq(config->routes[1]->name, "two");
	ck_assert_uint_eq(config->pools[0]->workers, 5);
	/* The section goes on behind the included file's sections. */
	ck_assert_int_eq(config->server.log_level, LOG_LEVEL_DEBUG);
	config_destroy(&config);
	tear_down();
}
END_TEST

START_TEST(errors_name_the_included_file)
{
	set_up();
	write_file("main.conf", "include = conf.d/1.conf\n" ROUTE);
	write_file("conf.d/1.conf", "[pool x]\n\nworker = 5\n");
	check_main_refused("unknown key 'worker' in [pool x] at "
			   "%s/conf.d/1.conf:3; did you mean 'workers'?",
	    1);
	write_file("conf.d/1.conf", "[pool x\n");
	check_main_refused("%s/conf.d/1.conf:1: the section header has no ']'",
	    1);
	write_file("conf.d/1.conf", "[route r]\n");
	check_main_refused("%s/main.conf:2: [route r] was begun at "
			   "%s/conf.d/1.conf:1 already; write it once",
	    2);
	tear_down();
}
END_TEST

START_TEST(files_that_are_not_there_are_told)
{
	set_up();
	check_main_refused("can't read configuration file %s/main.conf: No "
			   "such file or directory",
	    1);
	write_file("main.conf", "\ninclude = none.conf\n" ROUTE);
	check_main_refused("%s/main.conf:2: can't include %s/none.conf: No "
			   "such file or directory",
	    2);
	write_file("main.conf", "include = conf.d\n" ROUTE);
	check_main_refused("%s/main.conf:1: can't include %s/conf.d: is a "
			   "directory",
	    2);
	write_file("main.conf", "include = none/*.conf\n" ROUTE);
	check_main_refused("%s/main.conf:1: include = none/*.conf: can't read "
			   "the directory",
	    1);
	write_file("main.conf", "include =\n" ROUTE);
	check_main_refused("%s/main.conf:1: include names no file", 1);
	write_file("main.conf", "include = fifo\n" ROUTE);
	char *fifo = path_of("fifo");
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	free(fifo);
	check_main_refused("%s/main.conf:1: can't include %s/fifo: is not a "
			   "regular file",
	    2);
	tear_down();
}
END_TEST

START_TEST(patterns_may_match_nothing)
{
	struct config *config;
	struct error error;

	set_up();
	write_file("main.conf", "include = conf.d/*.conf\n" ROUTE);
	ck_assert_int_eq(load_main(&config, &error), 0);
	config_destroy(&config);
	tear_down();
}
END_TEST

START_TEST(loops_are_refused)
{
	set_up();
	write_file("main.conf", "include = a.conf\n" ROUTE);
	write_file("a.conf", "\ninclude = b.conf\n");
	write_file("b.conf", "include = conf.d/../a.conf\n");
	check_main_refused("%s/b.conf:1: can't include %s/conf.d/../a.conf: "
			   "includes itself",
	    2);
	write_file("a.conf", "include = ma*.conf\n");
	check_main_refused("%s/a.conf:1: can't include %s/main.conf: "
			   "includes itself",
	    2);
	tear_down();
}
END_TEST

START_TEST(nesting_and_size_have_limits)
{
	char name[32], text[64];
	char *path;

	set_up();
	/* 1.conf … 17.conf in conf.d, each includes the next. */
	write_file("main.conf", "include = conf.d/1.conf\n" ROUTE);
	for (int i = 1; i <= 17; i++) {
		snprintf(name, sizeof(name), "conf.d/%d.conf", i);
		snprintf(text, sizeof(text), "include = %d.conf\n", i + 1);
		write_file(name, text);
	}
	check_main_refused("%s/conf.d/16.conf:1: can't include "
			   "%s/conf.d/17.conf: includes are nested deeper "
			   "than 16",
	    2);
	for (int i = 3; i <= 17; i++) {
		snprintf(name, sizeof(name), "conf.d/%d.conf", i);
		remove_file(name);
	}
	path = path_of("main.conf");
	ck_assert_int_eq(truncate(path, (4 << 20) + 1), 0);
	free(path);
	check_main_refused("can't read configuration file %s/main.conf: "
			   "larger than 4194304 bytes",
	    1);
	tear_down();
}
END_TEST

START_TEST(a_bare_command_gets_advice)
{
	char *argv[] = { (char[]){ "tricorn" } };
	struct config_options *options = parse_good(1, argv);
	struct config *config;
	struct error error;

	ck_assert(options->file_by_default);
	free(options->file);
	options->file = xstrdup("/nonexistent/tricorn.conf");
	ck_assert_int_eq(config_load(options, &config, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text,
	    ": No such file or directory; name an app (tricorn ./hello.so), a "
	    "directory (tricorn ./public) or a file (tricorn -c FILE)"));
	config_options_destroy(&options);
}
END_TEST

RUN_SUITE("config/include", patterns_are_relative_to_their_file_and_sorted,
    errors_name_the_included_file, files_that_are_not_there_are_told,
    patterns_may_match_nothing, loops_are_refused, nesting_and_size_have_limits,
    a_bare_command_gets_advice)
