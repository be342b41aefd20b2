/* SPDX-License-Identifier: MIT */
/*
 * Every section and key with type, default, limits and a sentence of help.
 * A new key is a line here, a member in model.h, a line in conf/tricorn.conf
 * and a paragraph in man/tricorn.conf.5; tests/lint/keys_documented looks.
 */
#include "config/keys.h"

#include <string.h>

#include "config/model.h"
#include "config/suggest.h"

#define DAY_MS (24u * 60 * 60 * 1000)
#define TEBI (UINT64_C(1) << 40)
#define MANY 1000000000
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* Word lists of enums stand in the order of the enum in model.h or log.h. */
static const char *const log_level_words[] = { "debug", "info", "warning",
	"error", "critical", NULL };
static const char *const reuse_port_words[] = { "auto", "off", "on", NULL };
static const char *const mode_words[] = { "auto", "sync", "async", NULL };
static const char *const header_map_words[] = { "drop", "refuse", "dangerous",
	NULL };
static const char *const balance_words[] = { "round_robin", "least_connections",
	NULL };

#define AT(member) .offset = offsetof(struct config_server, member)
static const struct config_key server_keys[] = {
	{ .name = "access_log",
	    .type = CONFIG_TYPE_LOG,
	    AT(access_log),
	    .fallback = "off",
	    .reloadable = true,
	    .help = "Where a line for each request goes." },
	{ .name = "access_log_format",
	    .type = CONFIG_TYPE_TEXT,
	    AT(access_log_format),
	    .fallback = "combined",
	    .reloadable = true,
	    .help = "common, combined, json, or atoms such as %(h)s." },
	{ .name = "chdir",
	    .type = CONFIG_TYPE_PATH,
	    AT(chdir),
	    .unset = "stay; / with daemon",
	    .help = "Directory to change to; relative paths start there." },
	{ .name = "daemon",
	    .type = CONFIG_TYPE_BOOL,
	    AT(daemon),
	    .fallback = "off",
	    .help = "Go to the background." },
	{ .name = "error_log",
	    .type = CONFIG_TYPE_LOG,
	    AT(error_log),
	    .fallback = "stderr",
	    .reloadable = true,
	    .help = "Where the server's own messages go." },
	{ .name = "group",
	    .type = CONFIG_TYPE_NAME,
	    AT(group),
	    .unset = "the user's, or stay",
	    .reloadable = true,
	    .help = "Group that the workers run as." },
	{ .name = "include",
	    .type = CONFIG_TYPE_INCLUDE,
	    .unset = "nothing",
	    .reloadable = true,
	    .repeatable = true,
	    .help = "More files, as a pattern relative to this file." },
	{ .name = "limit_core",
	    .type = CONFIG_TYPE_SIZE,
	    AT(limit_core),
	    .unset = "leave as it is",
	    .max = TEBI,
	    .help = "Largest core file of a process (RLIMIT_CORE)." },
	{ .name = "limit_nofile",
	    .type = CONFIG_TYPE_COUNT,
	    AT(limit_nofile),
	    .fallback = "0",
	    .max = 1u << 30,
	    .help = "Open files of a process (RLIMIT_NOFILE); 0 takes all "
		    "that is allowed." },
	{ .name = "log_level",
	    .type = CONFIG_TYPE_ENUM,
	    AT(log_level),
	    .fallback = "info",
	    .words = log_level_words,
	    .reloadable = true,
	    .help = "Least level of messages in error_log." },
	{ .name = "pid_file",
	    .type = CONFIG_TYPE_PATH,
	    AT(pid_file),
	    .unset = "none",
	    .help = "File to write the master's process id to." },
	{ .name = "server_header",
	    .type = CONFIG_TYPE_TEXT,
	    AT(server_header),
	    .fallback = "tricorn",
	    .reloadable = true,
	    .help = "Value of the Server header; empty sends none." },
	{ .name = "temp_dir",
	    .type = CONFIG_TYPE_PATH,
	    AT(temp_dir),
	    .fallback = "/tmp",
	    .reloadable = true,
	    .help = "Directory for request bodies too large for memory." },
	{ .name = "umask",
	    .type = CONFIG_TYPE_OCTAL,
	    AT(umask),
	    .fallback = "0027",
	    .max = 0777,
	    .help = "File mode creation mask." },
	{ .name = "user",
	    .type = CONFIG_TYPE_NAME,
	    AT(user),
	    .unset = "stay",
	    .reloadable = true,
	    .help = "User that the workers run as; needs root." },
};
#undef AT

#define AT(member) .offset = offsetof(struct config_listen, member)
static const struct config_key listen_keys[] = {
	{ .name = "address",
	    .type = CONFIG_TYPE_WORDS,
	    AT(addresses),
	    .unset = "required",
	    .reloadable = true,
	    .repeatable = true,
	    .help = "host:port, [v6]:port, :port, *:port or unix:/path." },
	{ .name = "backlog",
	    .type = CONFIG_TYPE_INT,
	    AT(backlog),
	    .fallback = "2048",
	    .min = 1,
	    .max = 65535,
	    .reloadable = true,
	    .help = "Connections that may wait to be accepted." },
	{ .name = "ipv6_only",
	    .type = CONFIG_TYPE_BOOL,
	    AT(ipv6_only),
	    .fallback = "off",
	    .reloadable = true,
	    .help = "Take no IPv4 on IPv6 sockets." },
	{ .name = "reuse_port",
	    .type = CONFIG_TYPE_ENUM,
	    AT(reuse_port),
	    .fallback = "auto",
	    .words = reuse_port_words,
	    .reloadable = true,
	    .help = "A socket for each worker (SO_REUSEPORT); auto: in "
		    "async pools." },
	{ .name = "tcp_defer_accept",
	    .type = CONFIG_TYPE_BOOL,
	    AT(tcp_defer_accept),
	    .fallback = "off",
	    .reloadable = true,
	    .help = "Accept a connection only once its data has come." },
	{ .name = "unix_mode",
	    .type = CONFIG_TYPE_OCTAL,
	    AT(unix_mode),
	    .fallback = "0666",
	    .max = 0777,
	    .reloadable = true,
	    .help = "Mode of Unix sockets." },
};
#undef AT

#define AT(member) .offset = offsetof(struct config_pool, member)
static const struct config_key pool_keys[] = {
	{ .name = "body_buffer",
	    .type = CONFIG_TYPE_SIZE,
	    AT(body_buffer),
	    .fallback = "1m",
	    .min = 1024,
	    .max = 1u << 30,
	    .reloadable = true,
	    .help = "Bytes of a request body in memory; more goes to "
		    "temp_dir." },
	{ .name = "body_min_rate",
	    .type = CONFIG_TYPE_SIZE,
	    AT(body_min_rate),
	    .fallback = "100",
	    .max = 1u << 30,
	    .reloadable = true,
	    .help = "Least bytes a second of a request body after 5 s; 0 "
		    "is off." },
	{ .name = "body_timeout",
	    .type = CONFIG_TYPE_DURATION,
	    AT(body_timeout),
	    .fallback = "60s",
	    .min = 1,
	    .max = DAY_MS,
	    .reloadable = true,
	    .help = "Longest pause in a request body." },
	{ .name = "boot_timeout",
	    .type = CONFIG_TYPE_DURATION,
	    AT(boot_timeout),
	    .fallback = "60s",
	    .min = 1,
	    .max = DAY_MS,
	    .reloadable = true,
	    .help = "Time for a worker to load its apps and be ready." },
	{ .name = "env",
	    .type = CONFIG_TYPE_PAIRS,
	    AT(env),
	    .unset = "none",
	    .reloadable = true,
	    .help = "env.NAME: an environment variable of the workers." },
	{ .name = "graceful_timeout",
	    .type = CONFIG_TYPE_DURATION,
	    AT(graceful_timeout),
	    .fallback = "30s",
	    .max = DAY_MS,
	    .reloadable = true,
	    .help = "Time for a worker that leaves to finish its work." },
	{ .name = "group",
	    .type = CONFIG_TYPE_NAME,
	    AT(group),
	    .unset = "the server's",
	    .reloadable = true,
	    .help = "Group that the pool's workers run as." },
	{ .name = "head_timeout",
	    .type = CONFIG_TYPE_DURATION,
	    AT(head_timeout),
	    .fallback = "10s",
	    .min = 1,
	    .max = DAY_MS,
	    .reloadable = true,
	    .help = "Time for a whole request head to come." },
	{ .name = "header_map",
	    .type = CONFIG_TYPE_ENUM,
	    AT(header_map),
	    .fallback = "drop",
	    .words = header_map_words,
	    .reloadable = true,
	    .help = "What happens to request fields with _ in their "
		    "name." },
	{ .name = "keep_alive",
	    .type = CONFIG_TYPE_DURATION,
	    AT(keep_alive),
	    .fallback = "75s",
	    .max = DAY_MS,
	    .reloadable = true,
	    .help = "Longest pause between requests of a connection; 0 "
		    "closes after each." },
	{ .name = "keep_alive_requests",
	    .type = CONFIG_TYPE_COUNT,
	    AT(keep_alive_requests),
	    .fallback = "10000",
	    .max = MANY,
	    .reloadable = true,
	    .help = "Requests of a connection; 0 is no limit." },
	{ .name = "listen",
	    .type = CONFIG_TYPE_REFERENCES,
	    .offset = offsetof(struct config_pool, listeners),
	    .unset = "all listeners when there is one pool",
	    .reloadable = true,
	    .repeatable = true,
	    .help = "Listeners that the pool accepts on." },
	{ .name = "max_body",
	    .type = CONFIG_TYPE_SIZE,
	    AT(max_body),
	    .fallback = "100m",
	    .max = TEBI,
	    .reloadable = true,
	    .help = "Largest request body; more is answered with 413." },
	{ .name = "max_connections",
	    .type = CONFIG_TYPE_UNSIGNED,
	    AT(max_connections),
	    .fallback = "10000",
	    .min = 1,
	    .max = 1000000,
	    .reloadable = true,
	    .help = "Connections of one worker; beyond it stops "
		    "accepting." },
	{ .name = "max_fields",
	    .type = CONFIG_TYPE_UNSIGNED,
	    AT(max_fields),
	    .fallback = "100",
	    .min = 1,
	    .max = 10000,
	    .reloadable = true,
	    .help = "Header fields of a request; more is answered with "
		    "431." },
	{ .name = "max_head",
	    .type = CONFIG_TYPE_SIZE,
	    AT(max_head),
	    .fallback = "16k",
	    .min = 1024,
	    .max = 1u << 20,
	    .reloadable = true,
	    .help = "Bytes of a whole request head; more is answered with "
		    "431." },
	{ .name = "max_requests",
	    .type = CONFIG_TYPE_COUNT,
	    AT(max_requests),
	    .fallback = "0",
	    .max = MANY,
	    .reloadable = true,
	    .help = "Requests after which a worker is replaced; 0 is "
		    "never." },
	{ .name = "max_requests_jitter",
	    .type = CONFIG_TYPE_COUNT,
	    AT(max_requests_jitter),
	    .fallback = "0",
	    .max = MANY,
	    .reloadable = true,
	    .help = "Random addition to max_requests, up to this." },
	{ .name = "max_target",
	    .type = CONFIG_TYPE_SIZE,
	    AT(max_target),
	    .fallback = "8k",
	    .min = 128,
	    .max = 1u << 20,
	    .reloadable = true,
	    .help = "Bytes of a request target; more is answered with "
		    "414." },
	{ .name = "mode",
	    .type = CONFIG_TYPE_ENUM,
	    AT(mode),
	    .fallback = "auto",
	    .words = mode_words,
	    .reloadable = true,
	    .help = "sync: apps on threads; async: on the loop; auto: as "
		    "each app says." },
	{ .name = "output_buffer",
	    .type = CONFIG_TYPE_SIZE,
	    AT(output_buffer),
	    .fallback = "256k",
	    .min = 4096,
	    .max = 1u << 30,
	    .reloadable = true,
	    .help = "Bytes of a response that wait for the client." },
	{ .name = "send_timeout",
	    .type = CONFIG_TYPE_DURATION,
	    AT(send_timeout),
	    .fallback = "60s",
	    .min = 1,
	    .max = DAY_MS,
	    .reloadable = true,
	    .help = "Longest time in which a client takes no byte." },
	{ .name = "thread_queue",
	    .type = CONFIG_TYPE_UNSIGNED,
	    AT(thread_queue),
	    .fallback = "1024",
	    .min = 1,
	    .max = 1000000,
	    .reloadable = true,
	    .help = "Requests of a worker that wait for a thread." },
	{ .name = "threads",
	    .type = CONFIG_TYPE_UNSIGNED,
	    AT(threads),
	    .fallback = "1",
	    .min = 1,
	    .max = 1024,
	    .reloadable = true,
	    .help = "Threads of a worker that run handlers." },
	{ .name = "timeout",
	    .type = CONFIG_TYPE_DURATION,
	    AT(timeout),
	    .fallback = "30s",
	    .max = DAY_MS,
	    .reloadable = true,
	    .help = "A worker silent for so long is replaced; 0 is "
		    "never." },
	{ .name = "user",
	    .type = CONFIG_TYPE_NAME,
	    AT(user),
	    .unset = "the server's",
	    .reloadable = true,
	    .help = "User that the pool's workers run as; needs root." },
	{ .name = "workers",
	    .type = CONFIG_TYPE_WORKERS,
	    AT(workers),
	    .fallback = "auto",
	    .min = 1,
	    .max = 1024,
	    .reloadable = true,
	    .help = "Processes of the pool; auto: one for each CPU." },
};
#undef AT

#define AT(member) .offset = offsetof(struct config_app, member)
static const struct config_key app_keys[] = {
	{ .name = "env",
	    .type = CONFIG_TYPE_PAIRS,
	    AT(env),
	    .unset = "none",
	    .reloadable = true,
	    .help = "env.NAME: an environment variable for the app." },
	{ .name = "module",
	    .type = CONFIG_TYPE_MODULE,
	    AT(module),
	    .unset = "required",
	    .reloadable = true,
	    .help = "A path such as ./hello.so, or the name of a bundled "
		    "module such as python." },
	{ .name = "option",
	    .type = CONFIG_TYPE_PAIRS,
	    AT(options),
	    .unset = "none",
	    .reloadable = true,
	    .help = "option.NAME: an option that the module reads." },
	{ .name = "pool",
	    .type = CONFIG_TYPE_REFERENCE,
	    AT(pool),
	    .unset = "the pool when there is one",
	    .reloadable = true,
	    .help = "Pool whose workers serve the app." },
};
#undef AT

#define AT(member) .offset = offsetof(struct config_upstream, member)
static const struct config_key upstream_keys[] = {
	{ .name = "balance",
	    .type = CONFIG_TYPE_CHOICE,
	    AT(balance),
	    .fallback = "round_robin",
	    .words = balance_words,
	    .reloadable = true,
	    .help = "How a server is chosen." },
	{ .name = "server",
	    .type = CONFIG_TYPE_LINES,
	    AT(servers),
	    .unset = "required",
	    .reloadable = true,
	    .repeatable = true,
	    .help = "host:port or unix:/path, and weight=NUMBER." },
};
#undef AT

#define AT(member) .offset = offsetof(struct config_route, member)
static const struct config_key route_keys[] = {
	{ .name = "access_log",
	    .type = CONFIG_TYPE_BOOL,
	    AT(access_log),
	    .fallback = "on",
	    .reloadable = true,
	    .help = "Log the requests of this route." },
	{ .name = "app",
	    .type = CONFIG_TYPE_REFERENCE,
	    AT(app),
	    .unset = "none",
	    .reloadable = true,
	    .help = "Leads to this app." },
	{ .name = "cache_control",
	    .type = CONFIG_TYPE_TEXT,
	    AT(cache_control),
	    .unset = "none",
	    .reloadable = true,
	    .help = "Value of the Cache-Control header of files." },
	{ .name = "compress",
	    .type = CONFIG_TYPE_BOOL,
	    AT(compress),
	    .fallback = "off",
	    .reloadable = true,
	    .help = "Compress responses for clients that ask for it." },
	{ .name = "compress_level",
	    .type = CONFIG_TYPE_UNSIGNED,
	    AT(compress_level),
	    .fallback = "5",
	    .min = 1,
	    .max = 9,
	    .reloadable = true,
	    .help = "1 is fast, 9 is small." },
	{ .name = "compress_min",
	    .type = CONFIG_TYPE_SIZE,
	    AT(compress_min),
	    .fallback = "1k",
	    .max = 1u << 30,
	    .reloadable = true,
	    .help = "Smallest response that is compressed." },
	{ .name = "compress_types",
	    .type = CONFIG_TYPE_WORDS,
	    AT(compress_types),
	    .fallback = "text/html text/css text/plain text/xml "
			"text/javascript application/javascript "
			"application/json application/xml image/svg+xml",
	    .reloadable = true,
	    .repeatable = true,
	    .help = "Media types that are compressed." },
	{ .name = "content_type",
	    .type = CONFIG_TYPE_TEXT,
	    AT(content_type),
	    .fallback = "text/plain; charset=utf-8",
	    .reloadable = true,
	    .help = "Content-Type of respond." },
	{ .name = "dot_files",
	    .type = CONFIG_TYPE_BOOL,
	    AT(dot_files),
	    .fallback = "off",
	    .reloadable = true,
	    .help = "Serve files whose name begins with a dot." },
	{ .name = "files",
	    .type = CONFIG_TYPE_PATH,
	    AT(files),
	    .unset = "none",
	    .reloadable = true,
	    .help = "Leads to this directory, or to this one file." },
	{ .name = "header",
	    .type = CONFIG_TYPE_PAIRS,
	    AT(headers),
	    .unset = "none",
	    .reloadable = true,
	    .repeatable = true,
	    .help = "header.NAME: a field added to responses." },
	{ .name = "index",
	    .type = CONFIG_TYPE_WORDS,
	    AT(index),
	    .fallback = "index.html",
	    .reloadable = true,
	    .repeatable = true,
	    .help = "Files served for a directory; empty is none." },
	{ .name = "listen",
	    .type = CONFIG_TYPE_REFERENCES,
	    .offset = offsetof(struct config_route, listeners),
	    .unset = "those of the app's pool, or all",
	    .reloadable = true,
	    .repeatable = true,
	    .help = "Listeners on which the route holds." },
	{ .name = "listing",
	    .type = CONFIG_TYPE_BOOL,
	    AT(listing),
	    .fallback = "off",
	    .reloadable = true,
	    .help = "Answer a directory without an index with a list." },
	{ .name = "match",
	    .type = CONFIG_TYPE_WORDS,
	    AT(match),
	    .unset = "required",
	    .reloadable = true,
	    .repeatable = true,
	    .help = "[host]/path; a path with / at its end takes the tree "
		    "below." },
	{ .name = "max_body",
	    .type = CONFIG_TYPE_SIZE,
	    AT(max_body),
	    .unset = "the pool's",
	    .max = TEBI,
	    .reloadable = true,
	    .help = "Largest request body; more is answered with 413." },
	{ .name = "precompressed",
	    .type = CONFIG_TYPE_BOOL,
	    AT(precompressed),
	    .fallback = "on",
	    .reloadable = true,
	    .help = "Send FILE.gz beside FILE to clients that take it." },
	{ .name = "redirect",
	    .type = CONFIG_TYPE_TEXT,
	    AT(redirect),
	    .unset = "none",
	    .reloadable = true,
	    .help = "Leads to this URL; $path $query $host $scheme $uri "
		    "are the request's." },
	{ .name = "redirect_status",
	    .type = CONFIG_TYPE_UNSIGNED,
	    AT(redirect_status),
	    .fallback = "302",
	    .min = 301,
	    .max = 308,
	    .reloadable = true,
	    .help = "301, 302, 303, 307 or 308." },
	{ .name = "respond",
	    .type = CONFIG_TYPE_TEXT,
	    AT(respond),
	    .unset = "none",
	    .reloadable = true,
	    .help = "Answers with a status and a text: 503 Back soon." },
	{ .name = "upstream",
	    .type = CONFIG_TYPE_REFERENCE,
	    AT(upstream),
	    .unset = "none",
	    .reloadable = true,
	    .help = "Leads to this upstream." },
};
#undef AT

#define OBJECT(type, array, count) \
	.named = true, .size = sizeof(struct type), \
	.name_offset = offsetof(struct type, name), \
	.origin_offset = offsetof(struct type, origin), \
	.array_offset = offsetof(struct config, array), \
	.count_offset = offsetof(struct config, count)
#define KEYS(table) .keys = table, .key_count = COUNT_OF(table)

static const struct config_section_type section_types[CONFIG_KIND_COUNT] = {
	[CONFIG_KIND_SERVER] = { .word = "server",
	    KEYS(server_keys),
	    .help = "The whole server; written once." },
	[CONFIG_KIND_LISTEN] = { .word = "listen",
	    KEYS(listen_keys),
	    OBJECT(config_listen, listens, listen_count),
	    .help = "An address with its listening sockets." },
	[CONFIG_KIND_POOL] = { .word = "pool",
	    KEYS(pool_keys),
	    OBJECT(config_pool, pools, pool_count),
	    .help = "A group of identical workers." },
	[CONFIG_KIND_APP] = { .word = "app",
	    KEYS(app_keys),
	    OBJECT(config_app, apps, app_count),
	    .help = "A loaded application with its options." },
	[CONFIG_KIND_UPSTREAM] = { .word = "upstream",
	    KEYS(upstream_keys),
	    OBJECT(config_upstream, upstreams, upstream_count),
	    .help = "A named set of servers." },
	[CONFIG_KIND_ROUTE] = { .word = "route",
	    KEYS(route_keys),
	    OBJECT(config_route, routes, route_count),
	    .help = "Which requests lead where; the longest match wins." },
};

const struct config_section_type *
config_section_type(enum config_kind kind)
{
	return &section_types[kind];
}

enum config_kind
config_kind_find(const char *word)
{
	enum config_kind kind = 0;

	while (kind < CONFIG_KIND_COUNT &&
	    strcmp(section_types[kind].word, word) != 0)
		kind++;
	return kind;
}

static bool
key_matches(const struct config_key *key, const char *name)
{
	size_t length = strlen(key->name);

	if (key->type != CONFIG_TYPE_PAIRS)
		return strcmp(key->name, name) == 0;
	return strncmp(key->name, name, length) == 0 && name[length] == '.' &&
	    name[length + 1] != '\0';
}

const struct config_key *
config_key_find(enum config_kind kind, const char *name, const char **suffix)
{
	const struct config_section_type *type = &section_types[kind];

	for (size_t i = 0; i < type->key_count; i++) {
		const struct config_key *key = &type->keys[i];

		if (!key_matches(key, name))
			continue;
		*suffix = key->type == CONFIG_TYPE_PAIRS
		    ? name + strlen(key->name) + 1
		    : NULL;
		return key;
	}
	return NULL;
}

size_t
config_key_index(enum config_kind kind, const struct config_key *key)
{
	return (size_t)(key - section_types[kind].keys);
}

const char *
config_key_suggest(enum config_kind kind, const char *name)
{
	const struct config_section_type *type = &section_types[kind];
	struct suggest suggest;

	suggest_init(&suggest, name);
	for (size_t i = 0; i < type->key_count; i++)
		suggest_offer(&suggest, type->keys[i].name);
	return suggest.best;
}

enum config_kind
config_key_home(const char *name)
{
	enum config_kind kind = 0;
	const char *suffix;

	while (kind < CONFIG_KIND_COUNT &&
	    config_key_find(kind, name, &suffix) == NULL)
		kind++;
	return kind;
}

const char *
config_type_word(enum config_type type)
{
	static const char *const words[] = {
		[CONFIG_TYPE_BOOL] = "on/off",
		[CONFIG_TYPE_INT] = "number",
		[CONFIG_TYPE_UNSIGNED] = "number",
		[CONFIG_TYPE_COUNT] = "number",
		[CONFIG_TYPE_WORKERS] = "number or auto",
		[CONFIG_TYPE_DURATION] = "duration",
		[CONFIG_TYPE_SIZE] = "size",
		[CONFIG_TYPE_OCTAL] = "octal mode",
		[CONFIG_TYPE_ENUM] = "choice",
		[CONFIG_TYPE_CHOICE] = "choice",
		[CONFIG_TYPE_NAME] = "name",
		[CONFIG_TYPE_TEXT] = "text",
		[CONFIG_TYPE_PATH] = "path",
		[CONFIG_TYPE_MODULE] = "module",
		[CONFIG_TYPE_LOG] = "log target",
		[CONFIG_TYPE_WORDS] = "list",
		[CONFIG_TYPE_LINES] = "list of lines",
		[CONFIG_TYPE_PAIRS] = "text",
		[CONFIG_TYPE_REFERENCE] = "section name",
		[CONFIG_TYPE_REFERENCES] = "list of section names",
		[CONFIG_TYPE_INCLUDE] = "pattern",
	};

	return words[type];
}
