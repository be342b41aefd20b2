/* SPDX-License-Identifier: MIT */
/* The options in the order of --help, and --help itself. */
#include "config/options.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define NAMES(text) .name = text, .shown = "--" text
#define SERVER(text) .kind = CONFIG_KIND_SERVER, .key = text
#define LISTEN(text) .kind = CONFIG_KIND_LISTEN, .key = text
#define POOL(text) .kind = CONFIG_KIND_POOL, .key = text
#define APP(text) .kind = CONFIG_KIND_APP, .key = text

const struct option_row option_rows[] = {
	{ NAMES("config"), .letter = 'c', .argument = "FILE",
	    .act = OPTION_CONFIG,
	    .help =
		"Configuration file; without an app the default is " TRICORN_SYSCONFDIR
		"/tricorn.conf." },
	{ NAMES("files"), .argument = "DIR", .act = OPTION_FILES,
	    .help = "Serve this directory, or file, instead of an app." },
	{ NAMES("upstream"), .argument = "HOST:PORT", .act = OPTION_UPSTREAM,
	    .help = "Forward to this server instead of an app." },
	{ NAMES("option"), .letter = 'o', .argument = "NAME=VALUE",
	    .act = OPTION_PAIR, APP("option"),
	    .help = "An option of the app; may be repeated." },
	{ NAMES("name"), .letter = 'n', .argument = "NAME", .act = OPTION_NAME,
	    .help = "Name of the app, its pool and its route in logs." },
	{ NAMES("bind"), .letter = 'b', .argument = "ADDRESS",
	    LISTEN("address"),
	    .help = "host:port, [v6]:port, :port or unix:/path; may be "
		    "repeated. Default: 0.0.0.0:$PORT, or "
		    "127.0.0.1:8000." },
	{ NAMES("backlog"), .argument = "NUM", LISTEN("backlog") },
	{ NAMES("reuse-port"), .act = OPTION_ON, LISTEN("reuse_port"),
	    .help = "A socket for each worker (SO_REUSEPORT)." },
	{ NAMES("workers"), .letter = 'w', .argument = "NUM", POOL("workers"),
	    .help = "Processes of each pool. Default: $WEB_CONCURRENCY, or "
		    "one for each CPU." },
	{ NAMES("mode"), .alias = "worker-class", .letter = 'k',
	    .argument = "MODE", .act = OPTION_MODE, POOL("mode"),
	    .help = "sync, async or auto; Gunicorn's gthread is sync, its "
		    "asgi and Uvicorn's classes are async." },
	{ NAMES("threads"), .argument = "NUM", POOL("threads") },
	{ NAMES("timeout"), .letter = 't', .argument = "SECONDS",
	    POOL("timeout") },
	{ NAMES("graceful-timeout"), .argument = "SECONDS",
	    POOL("graceful_timeout") },
	{ NAMES("keep-alive"), .argument = "SECONDS", POOL("keep_alive") },
	{ NAMES("max-requests"), .argument = "NUM", POOL("max_requests") },
	{ NAMES("max-requests-jitter"), .argument = "NUM",
	    POOL("max_requests_jitter") },
	{ NAMES("limit-request-line"), .argument = "BYTES", POOL("max_target"),
	    .help = "Bytes of the request target (max_target), the part of "
		    "the line that clients can make long." },
	{ NAMES("limit-request-fields"), .argument = "NUM",
	    POOL("max_fields") },
	{ NAMES("limit-request-field_size"),
	    .alias = "limit-request-field-size", .argument = "BYTES",
	    POOL("max_head"),
	    .help = "Bytes of all fields and the request line together "
		    "(max_head); Gunicorn counts each field." },
	{ NAMES("daemon"), .letter = 'D', .act = OPTION_ON, SERVER("daemon") },
	{ NAMES("pid"), .letter = 'p', .argument = "FILE", SERVER("pid_file") },
	{ NAMES("user"), .letter = 'u', .argument = "USER", SERVER("user") },
	{ NAMES("group"), .letter = 'g', .argument = "GROUP", SERVER("group") },
	{ NAMES("umask"), .letter = 'm', .argument = "MODE", SERVER("umask") },
	{ NAMES("chdir"), .argument = "DIR", SERVER("chdir") },
	{ NAMES("env"), .letter = 'e', .argument = "NAME=VALUE",
	    .act = OPTION_PAIR, POOL("env"),
	    .help = "An environment variable of all workers; may be "
		    "repeated." },
	{ NAMES("access-logfile"), .argument = "FILE", .act = OPTION_LOG,
	    .dash = "stdout", SERVER("access_log"),
	    .help = "Where a line for each request goes; - is stdout." },
	{ NAMES("access-logformat"), .argument = "FORMAT",
	    SERVER("access_log_format") },
	{ NAMES("error-logfile"), .alias = "log-file", .argument = "FILE",
	    .act = OPTION_LOG, .dash = "stderr", SERVER("error_log"),
	    .help = "Where the server's own messages go; - is stderr." },
	{ NAMES("log-level"), .argument = "LEVEL", SERVER("log_level") },
	{ NAMES("check-config"), .act = OPTION_ACTION, .action = CONFIG_CHECK,
	    .help = "Check the configuration and leave." },
	{ NAMES("print-config"), .act = OPTION_ACTION, .action = CONFIG_PRINT,
	    .help = "Print the effective configuration, with the place of "
		    "every value, and leave." },
	{ NAMES("help-keys"), .act = OPTION_ACTION, .action = CONFIG_KEYS,
	    .help = "Print every key of the file and leave." },
	{ NAMES("help"), .letter = 'h', .act = OPTION_ACTION,
	    .action = CONFIG_HELP, .help = "Print this and leave." },
	{ NAMES("version"), .letter = 'V', .act = OPTION_ACTION,
	    .action = CONFIG_VERSION, .help = "Print the version and leave." },
	{ NAMES("app-dir"), .act = OPTION_UNSUPPORTED },
	{ NAMES("ca-certs"), .act = OPTION_UNSUPPORTED },
	{ NAMES("certfile"), .act = OPTION_UNSUPPORTED },
	{ NAMES("factory"), .act = OPTION_UNSUPPORTED },
	{ NAMES("forwarded-allow-ips"), .act = OPTION_UNSUPPORTED },
	{ NAMES("keyfile"), .act = OPTION_UNSUPPORTED },
	{ NAMES("preload"), .act = OPTION_UNSUPPORTED },
	{ NAMES("proxy-allow-from"), .act = OPTION_UNSUPPORTED },
	{ NAMES("proxy-protocol"), .act = OPTION_UNSUPPORTED },
	{ NAMES("pythonpath"), .act = OPTION_UNSUPPORTED },
	{ NAMES("reload"), .act = OPTION_UNSUPPORTED },
	{ NAMES("root-path"), .act = OPTION_UNSUPPORTED },
	{ NAMES("worker-connections"), .act = OPTION_UNSUPPORTED },
	{ NAMES("worker-tmp-dir"), .act = OPTION_UNSUPPORTED },
};
const size_t option_row_count = sizeof(option_rows) / sizeof(option_rows[0]);

#define HELP_COLUMN 30
#define HELP_WIDTH 79

/* Writes text from HELP_COLUMN on, broken between words. */
static void
print_wrapped(FILE *out, const char *text)
{
	size_t column = HELP_COLUMN;

	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (column + length > HELP_WIDTH && column > HELP_COLUMN) {
			fprintf(out, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		}
		fprintf(out, "%s%.*s", column > HELP_COLUMN ? " " : "",
		    (int)length, text);
		column += length + 1;
		text += length + strspn(text + length, " ");
	}
	fputc('\n', out);
}

static void
print_row(FILE *out, const struct option_row *row)
{
	const struct config_key *key = NULL;
	char letter[8] = "    ";
	const char *rest;
	char *left, *text;

	if (row->letter != 0)
		snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	left = xasprintf("  %s%s%s%s", letter, row->shown,
	    row->argument ? " " : "", row->argument ? row->argument : "");
	if (row->help == NULL)
		key = config_key_find(row->kind, row->key, &rest);
	assert(row->help != NULL || key != NULL);
	if (row->help != NULL)
		text = xstrdup(row->help);
	else if (key->fallback != NULL)
		text = xasprintf("%s Default: %s.", key->help, key->fallback);
	else
		text = xstrdup(key->help);
	if (strlen(left) + 2 > HELP_COLUMN)
		fprintf(out, "%s\n%*s", left, HELP_COLUMN, "");
	else
		fprintf(out, "%-*s", HELP_COLUMN, left);
	print_wrapped(out, text);
	free(left);
	free(text);
}

void
config_print_help(FILE *out)
{
	fputs("usage: tricorn [options] [APP | -c FILE]\n"
	      "\n"
	      "APP is a shared object (./hello.so), a directory to serve "
	      "(./public) or a\n"
	      "Python application (shop.wsgi:application; not hosted by "
	      "this version yet).\n"
	      "\n",
	    out);
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].act != OPTION_UNSUPPORTED)
			print_row(out, &option_rows[i]);
	fputs("\nDurations are 30, 30s, 500ms, 2m or 1h; sizes 512, 16k or "
	      "1m.\nOptions win over the file. See tricorn(8) and "
	      "tricorn.conf(5).\n",
	    out);
}
