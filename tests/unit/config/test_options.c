/* SPDX-License-Identifier: MIT */
/* The command line, and what it does to a configuration. */
#include "config/options.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loading.h"

#define MOST 24

struct command {
	char *argv[MOST];
	int argc;
};

static struct command
make_command(const char *first, va_list rest)
{
	struct command command = { .argv = { (char[]){ "tricorn" } },
		.argc = 1 };

	for (; first != NULL; first = va_arg(rest, const char *))
		command.argv[command.argc++] = (char *)first;
	return command;
}

/* The arguments up to NULL, parsed. */
static struct config_options *
parse(const char *first, ...)
{
	struct command command;
	va_list rest;

	va_start(rest, first);
	command = make_command(first, rest);
	va_end(rest);
	return parse_good(command.argc, command.argv);
}

/* The arguments up to NULL, parsed and loaded. */
static struct config *
load(const char *first, ...)
{
	struct command command;
	struct config_options *options;
	struct config *config;
	struct error error;
	va_list rest;

	va_start(rest, first);
	command = make_command(first, rest);
	va_end(rest);
	options = parse_good(command.argc, command.argv);
	if (config_load(options, &config, &error) < 0)
		ck_abort_msg("refused: %s", error.text);
	config_options_destroy(&options);
	return config;
}

/* Parsing or loading fails with that reason. */
static void
check_command_refused(const char *reason, const char *first, ...)
{
	struct command command;
	struct config_options *options;
	struct config *config;
	struct error error;
	va_list rest;

	va_start(rest, first);
	command = make_command(first, rest);
	va_end(rest);
	if (config_options_parse(command.argc, command.argv, &options,
		&error) == 0) {
		ck_assert_int_eq(config_load(options, &config, &error), -1);
		ck_assert_ptr_null(config);
		config_options_destroy(&options);
	}
	ck_assert_ptr_null(options);
	ck_assert_str_eq(error.text, reason);
}

/* A file t.conf in a fresh folder, which becomes the working directory. */
static void
enter_folder(const char *text)
{
	static char folder[] = "/tmp/tricorn-options-XXXXXX";
	FILE *file;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	file = fopen("t.conf", "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static void
leave_folder(void)
{
	char *folder = getcwd(NULL, 0);

	unlink("t.conf");
	unlink("app.so");
	rmdir("public");
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(folder), 0);
	free(folder);
}

START_TEST(actions_are_recognised)
{
	static const struct {
		const char *option;
		enum config_action action;
	} rows[] = { { "--check-config", CONFIG_CHECK },
		{ "--print-config", CONFIG_PRINT }, { "--help", CONFIG_HELP },
		{ "-h", CONFIG_HELP }, { "--version", CONFIG_VERSION },
		{ "-V", CONFIG_VERSION }, { "--help-keys", CONFIG_KEYS },
		{ "-D", CONFIG_RUN } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config_options *options = parse(rows[i].option, NULL);

		ck_assert_int_eq(options->action, rows[i].action);
		config_options_destroy(&options);
		ck_assert_ptr_null(options);
	}
}
END_TEST

START_TEST(a_python_app_has_defaults)
{
	struct config *config = load("shop.wsgi:application", NULL);

	ck_assert_ptr_null(config->path);
	ck_assert_uint_eq(config->app_count, 1);
	ck_assert_str_eq(config->apps[0]->module, "python");
	ck_assert_str_eq(config->apps[0]->options.items[0].name, "app");
	ck_assert_str_eq(config->apps[0]->options.items[0].value,
	    "shop.wsgi:application");
	ck_assert_ptr_eq(config->routes[0]->app, config->apps[0]);
	ck_assert_str_eq(config->routes[0]->match.items[0], "/");
	ck_assert_str_eq(config->listens[0]->addresses.items[0],
	    "127.0.0.1:8000");
	config_destroy(&config);
}
END_TEST

START_TEST(shared_objects_and_directories_are_recognised)
{
	struct config *config;
	char *folder;

	enter_folder("");
	folder = getcwd(NULL, 0);
	ck_assert_int_eq(rename("t.conf", "app.so"), 0);
	ck_assert_int_eq(mkdir("public", 0700), 0);
	config = load("./app.so", "-b", ":1", NULL);
	ck_assert_ptr_nonnull(strstr(config->apps[0]->module, folder));
	ck_assert_ptr_nonnull(strstr(config->apps[0]->module, "/app.so"));
	config_destroy(&config);
	config = load("app.so", NULL);
	ck_assert_ptr_nonnull(strstr(config->apps[0]->module, "/app.so"));
	config_destroy(&config);
	config = load("./public", NULL);
	ck_assert_uint_eq(config->app_count, 0);
	ck_assert_int_eq(config->routes[0]->target, CONFIG_TARGET_FILES);
	ck_assert_ptr_nonnull(strstr(config->routes[0]->files, "/public"));
	config_destroy(&config);
	config = load("--files", "public", NULL);
	ck_assert_int_eq(config->routes[0]->target, CONFIG_TARGET_FILES);
	config_destroy(&config);
	/* A package of that name is more likely than a directory. */
	config = load("public", NULL);
	ck_assert_str_eq(config->apps[0]->module, "python");
	config_destroy(&config);
	free(folder);
	leave_folder();
}
END_TEST

START_TEST(options_reach_the_model)
{
	struct config *config = load("a:b", "-b", ":1", "-b", "[::1]:2", "-w",
	    "3", "-k", "gthread", "--threads=8", "-t5", "--graceful-timeout",
	    "2m", "--keep-alive", "7", NULL);
	struct config_pool *pool = config->pools[0];

	ck_assert_uint_eq(config->listens[0]->addresses.count, 2);
	ck_assert_str_eq(config->listens[0]->addresses.items[0], ":1");
	ck_assert_str_eq(config->listens[0]->addresses.items[1], "[::1]:2");
	ck_assert_uint_eq(pool->workers, 3);
	ck_assert_int_eq(pool->mode, CONFIG_MODE_SYNC);
	ck_assert_uint_eq(pool->threads, 8);
	ck_assert_uint_eq(pool->timeout, 5000);
	ck_assert_uint_eq(pool->graceful_timeout, 120000);
	ck_assert_uint_eq(pool->keep_alive, 7000);
	config_destroy(&config);
}
END_TEST

START_TEST(more_options_reach_the_model)
{
	struct config *config =
	    load("--max-requests", "10", "--max-requests-jitter", "3",
		"--backlog", "9", "--limit-request-line", "4094",
		"--limit-request-fields", "50", "--limit-request-field_size",
		"32k", "-n", "shop", "--reuse-port", "--", "a:b", NULL);
	struct config_pool *pool = config->pools[0];

	ck_assert_uint_eq(pool->max_requests, 10);
	ck_assert_uint_eq(pool->max_requests_jitter, 3);
	ck_assert_int_eq(config->listens[0]->backlog, 9);
	ck_assert_int_eq(config->listens[0]->reuse_port, CONFIG_REUSE_PORT_ON);
	ck_assert_uint_eq(pool->max_target, 4094);
	ck_assert_uint_eq(pool->max_fields, 50);
	ck_assert_uint_eq(pool->max_head, 32768);
	ck_assert_str_eq(pool->name, "shop");
	ck_assert_str_eq(config->apps[0]->name, "shop");
	ck_assert_str_eq(config->routes[0]->name, "shop");
	config_destroy(&config);
}
END_TEST

START_TEST(options_of_the_server_reach_the_model)
{
	struct config *config = load("-Dp", "t.pid", "-u", "root", "-g0", "-m",
	    "077", "--chdir", "/tmp", "-e", "A=1", "-e", "B=x=y",
	    "--access-logfile", "-", "--access-logformat", "%(h)s",
	    "--error-logfile", "-", "a:b", NULL);

	ck_assert(config->server.daemon);
	ck_assert_str_eq(config->server.pid_file, "/tmp/t.pid");
	ck_assert_str_eq(config->server.user, "root");
	ck_assert_str_eq(config->server.group, "0");
	ck_assert_uint_eq(config->server.umask, 077);
	ck_assert_str_eq(config->server.chdir, "/tmp");
	ck_assert_str_eq(config->server.access_log, "stdout");
	ck_assert_str_eq(config->server.access_log_format, "%(h)s");
	ck_assert_str_eq(config->server.error_log, "stderr");
	ck_assert_uint_eq(config->pools[0]->env.count, 2);
	ck_assert_str_eq(config->pools[0]->env.items[1].value, "x=y");
	config_destroy(&config);
	config = load("a:b", "--log-level", "debug", "--log-file", "/x.log",
	    "-o", "virtualenv=/v", "-o", "app=c:d", NULL);
	ck_assert_int_eq(config->server.log_level, LOG_LEVEL_DEBUG);
	ck_assert_str_eq(config->server.error_log, "/x.log");
	ck_assert_uint_eq(config->apps[0]->options.count, 2);
	ck_assert_str_eq(config->apps[0]->options.items[0].value, "c:d");
	config_destroy(&config);
}
END_TEST

START_TEST(options_win_over_the_file)
{
	struct config *config;

	enter_folder("[pool p]\nworkers = 5\nenv.A = 1\nenv.B = 1\n"
		     "[listen l]\naddress = :1 :2\nbacklog = 7\n"
		     "[pool q]\nworkers = 6\nlisten = l\n" ROUTE);
	config = load("-c", "t.conf", "-w", "2", "-w", "3", "-b", ":9", "-e",
	    "A=2", NULL);
	ck_assert_ptr_nonnull(strstr(config->path, "/t.conf"));
	ck_assert_uint_eq(config->pools[0]->workers, 3);
	ck_assert_uint_eq(config->pools[1]->workers, 3);
	ck_assert_uint_eq(config->pools[0]->env.count, 2);
	ck_assert_str_eq(config->pools[0]->env.items[0].value, "2");
	ck_assert_str_eq(config->pools[0]->env.items[1].value, "1");
	ck_assert_uint_eq(config->listens[0]->addresses.count, 1);
	ck_assert_str_eq(config->listens[0]->addresses.items[0], ":9");
	ck_assert_int_eq(config->listens[0]->backlog, 7);
	config_destroy(&config);
	leave_folder();
}
END_TEST

START_TEST(options_for_one_section_need_one)
{
	enter_folder(
	    "[listen a]\naddress = :1\n[listen b]\naddress = :2\n" ROUTE);
	check_command_refused("option --bind: the configuration has more "
			      "than one [listen NAME]; write 'address = :3' "
			      "into the file",
	    "-c", "t.conf", "-b", ":3", NULL);
	check_command_refused("option --option: the configuration has no "
			      "[app NAME]; write 'option.x = y' into the "
			      "file",
	    "-c", "t.conf", "-o", "x=y", NULL);
	leave_folder();
}
END_TEST

START_TEST(loading_twice_gives_the_new_file)
{
	struct config_options *options;
	struct config *first, *second;
	struct error error;
	char *folder;
	FILE *file;

	enter_folder("[pool p]\nworkers = 5\n" ROUTE);
	folder = getcwd(NULL, 0);
	options = parse("-c", "t.conf", NULL);
	ck_assert_int_eq(config_load(options, &first, &error), 0);
	file = fopen("t.conf", "w");
	fputs("[pool p]\nworkers = 6\n" ROUTE, file);
	fclose(file);
	/* The server may have changed its directory meanwhile. */
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(config_load(options, &second, &error), 0);
	ck_assert_uint_eq(first->pools[0]->workers, 5);
	ck_assert_uint_eq(second->pools[0]->workers, 6);
	config_destroy(&first);
	config_destroy(&second);
	config_options_destroy(&options);
	ck_assert_int_eq(chdir(folder), 0);
	free(folder);
	leave_folder();
}
END_TEST

START_TEST(unknown_options_get_a_suggestion)
{
	check_command_refused("unknown option --worker; did you mean "
			      "--workers?",
	    "--worker", "3", NULL);
	check_command_refused("unknown option --log_level; did you mean "
			      "--log-level?",
	    "--log_level=x", NULL);
	check_command_refused("unknown option --zebra; see tricorn --help",
	    "--zebra", NULL);
	check_command_refused("unknown option -z; see tricorn --help", "-Dz",
	    NULL);
}
END_TEST

START_TEST(options_that_lack_are_refused)
{
	static const char *const names[] = { "--preload", "--reload",
		"--certfile", "--keyfile=x", "--proxy-protocol",
		"--forwarded-allow-ips", "--root-path", "--factory",
		"--app-dir" };
	char reason[100];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(reason, sizeof(reason),
		    "option %.*s is not supported "
		    "yet in this version",
		    (int)strcspn(names[i], "="), names[i]);
		check_command_refused(reason, names[i], NULL);
	}
	check_command_refused("upstream in [route default] at command line: "
			      "upstream routes are not supported yet in this "
			      "version",
	    "--upstream", "127.0.0.1:3000", NULL);
}
END_TEST

START_TEST(mistakes_are_told)
{
	check_command_refused("option --workers needs a value: NUM", "a:b",
	    "-w", NULL);
	check_command_refused("option --workers: 'x' is no number; write a "
			      "number such as 4, or auto",
	    "a:b", "-w", "x", NULL);
	check_command_refused("option --daemon takes no value", "--daemon=on",
	    NULL);
	check_command_refused("option --env: 'A' has no NAME=VALUE", "-e", "A",
	    NULL);
	check_command_refused("option --env: 'A-' can't stand behind 'env.'; "
			      "write letters, digits and _",
	    "a:b", "-e", "A-=1", NULL);
	check_command_refused("option --mode: there are no gevent workers; "
			      "use sync with --threads for blocking code, "
			      "async for ASGI",
	    "-k", "gevent", NULL);
	check_command_refused("option --mode: 'asnyc' is none of sync, async "
			      "or auto; did you mean 'async'?",
	    "--worker-class", "asnyc", NULL);
	check_command_refused("option --pid: control bytes are not allowed",
	    "-p", "a\nb", NULL);
	check_command_refused("option --name: a name is 1 to 40 letters, "
			      "digits, '_', '-' and '.'",
	    "-n", "a b", NULL);
	check_command_refused("option --config needs a value", "-c", "", NULL);
	check_command_refused("the app's name is empty or has control bytes",
	    "", NULL);
}
END_TEST

START_TEST(forms_do_not_mix)
{
	check_command_refused("'c:d' is one argument too many; there is an "
			      "app already, 'a:b'",
	    "a:b", "c:d", NULL);
	check_command_refused("an app and -c can't stand together; write the "
			      "app into x.conf",
	    "a:b", "-c", "x.conf", NULL);
	check_command_refused("an app, --files and --upstream can't stand "
			      "together; write a configuration file with a "
			      "route for each",
	    "a:b", "--files", "/", NULL);
	check_command_refused("'/tmp' is a directory, and --files names one "
			      "already",
	    "/tmp", "--files", "/", NULL);
	check_command_refused("option --name needs an app on the command "
			      "line; sections of a file have names already",
	    "-n", "x", NULL);
	check_command_refused("'x.conf' is no app; for a configuration file "
			      "write -c x.conf",
	    "x.conf", NULL);
}
END_TEST

START_TEST(help_names_every_option)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	config_print_help(out);
	ck_assert_int_eq(fclose(out), 0);
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		char shown[64];

		snprintf(shown, sizeof(shown), "    %s%s", row->shown,
		    row->argument ? " " : "");
		if (row->letter != 0)
			snprintf(shown, sizeof(shown), "\n  -%c, %s ",
			    row->letter, row->shown);
		ck_assert_msg((strstr(text, shown) != NULL) ==
			(row->act != OPTION_UNSUPPORTED),
		    "%s", row->shown);
	}
	/* The builder's directory may have any length. */
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, TRICORN_SYSCONFDIR) == NULL)
			ck_assert_uint_le(strlen(line), 79);
	free(text);
}
END_TEST

START_TEST(letters_and_names_are_unique)
{
	for (size_t i = 0; i < option_row_count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct option_row *a = &option_rows[i];
			const struct option_row *b = &option_rows[j];

			ck_assert(a->letter == 0 || a->letter != b->letter);
			ck_assert_str_ne(a->name, b->name);
			ck_assert(a->alias == NULL ||
			    strcmp(a->alias, b->name) != 0);
			ck_assert(b->alias == NULL ||
			    strcmp(b->alias, a->name) != 0);
		}
}
END_TEST

RUN_SUITE("config/options", actions_are_recognised, a_python_app_has_defaults,
    shared_objects_and_directories_are_recognised, options_reach_the_model,
    more_options_reach_the_model, options_of_the_server_reach_the_model,
    options_win_over_the_file, options_for_one_section_need_one,
    loading_twice_gives_the_new_file, unknown_options_get_a_suggestion,
    options_that_lack_are_refused, mistakes_are_told, forms_do_not_mix,
    help_names_every_option, letters_and_names_are_unique)
