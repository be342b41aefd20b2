/* SPDX-License-Identifier: MIT */
/*
 * The configuration as the rest of the server reads it: one struct a section
 * kind. Made by config_load() and never changed afterwards. Every value has
 * passed check.c; names between sections are resolved to pointers.
 */
#ifndef TRICORN_CONFIG_MODEL_H
#define TRICORN_CONFIG_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/str.h"

/* A text with where it stands, for messages: "tricorn.conf:12". */
struct config_origin {
	const char *file; /* path; "command line", "environment", "default" */
	int line;         /* 0 when file is no file */
};

struct config_list { /* a repeatable key */
	char **items;
	struct config_origin *origins;
	size_t count;
};

struct config_pair { /* option.NAME = value, env.NAME, header.NAME */
	char *name, *value;
};

struct config_pairs {
	struct config_pair *items;
	size_t count;
};

enum config_mode { CONFIG_MODE_AUTO, CONFIG_MODE_SYNC, CONFIG_MODE_ASYNC };
enum config_reuse_port {
	CONFIG_REUSE_PORT_AUTO,
	CONFIG_REUSE_PORT_OFF,
	CONFIG_REUSE_PORT_ON
};
enum config_header_map {
	CONFIG_HEADER_MAP_DROP,
	CONFIG_HEADER_MAP_REFUSE,
	CONFIG_HEADER_MAP_DANGEROUS
};

struct config_server {
	char *pid_file;     /* NULL: none */
	char *user, *group; /* NULL: stay */
	char *chdir;        /* NULL: stay (daemon: /) */
	unsigned umask;     /* 0027 */
	bool daemon;
	char *error_log; /* "stderr", "stdout", "syslog", "off", path */
	enum log_level log_level;
	char *access_log;        /* as error_log; default "off" */
	char *access_log_format; /* "common", "combined", "json", or atoms */
	char *temp_dir;          /* request bodies on disk; default /tmp */
	uint64_t limit_nofile;   /* RLIMIT_NOFILE; 0: raise soft to hard */
	uint64_t limit_core;     /* RLIMIT_CORE bytes; UINT64_MAX: leave */
	char *server_header;     /* value of Server; "" sends none */
};

struct config_listen {
	char *name;
	struct config_list addresses; /* host:port, [v6]:port, :port, *:port,
	                                 unix:/path */
	int backlog;                  /* 2048 */
	enum config_reuse_port reuse_port;
	bool ipv6_only;
	unsigned unix_mode; /* of Unix sockets: 0666 */
	bool tcp_defer_accept;
	struct config_origin origin;
};

struct config_pool {
	char *name;
	enum config_mode mode;
	unsigned workers;      /* "auto" is resolved to the CPUs */
	unsigned threads;      /* 1 */
	unsigned thread_queue; /* exchanges waiting for a thread: 1024 */
	struct config_listen **listeners;
	size_t listener_count;
	char *user, *group;       /* NULL: the server's */
	unsigned max_connections; /* a worker: 10000 */
	/* Times in milliseconds. */
	uint64_t timeout;             /* heartbeat: 30 s; 0 off */
	uint64_t graceful_timeout;    /* 30 s */
	uint64_t boot_timeout;        /* 60 s */
	uint64_t head_timeout;        /* 10 s */
	uint64_t body_timeout;        /* idle: 60 s */
	uint64_t body_min_rate;       /* bytes/s after 5 s; 0 off: 100 */
	uint64_t send_timeout;        /* no progress: 60 s */
	uint64_t keep_alive;          /* idle: 75 s; 0: no keep-alive */
	uint64_t keep_alive_requests; /* 10000; 0: no limit */
	uint64_t max_requests;        /* a worker; 0: no limit */
	uint64_t max_requests_jitter;
	/* Sizes in bytes. */
	uint64_t max_head, max_target; /* 16k, 8k */
	unsigned max_fields;           /* 100 */
	uint64_t max_body;             /* 100m */
	uint64_t body_buffer;          /* of a body in memory: 1m, then file */
	uint64_t output_buffer;        /* of a response: 256k */
	enum config_header_map header_map;
	struct config_pairs env;
	struct config_origin origin;
};

struct config_app {
	char *name;
	char *module; /* path of a shared object, or a bare name that
	                           is looked for as TRICORN_LIBDIR/NAME.so */
	struct config_pool *pool;
	struct config_pairs options; /* option.NAME */
	struct config_pairs env;
	size_t index; /* in config.apps */
	struct config_origin origin;
};

struct config_upstream {
	char *name;
	struct config_list servers;
	char *balance;
	struct config_origin origin;
};

enum config_target {
	CONFIG_TARGET_APP,
	CONFIG_TARGET_UPSTREAM,
	CONFIG_TARGET_FILES,
	CONFIG_TARGET_REDIRECT,
	CONFIG_TARGET_RESPOND
};

struct config_route {
	char *name;
	struct config_list match;         /* [host]/path */
	struct config_listen **listeners; /* where it holds; count 0: all.
	                                  A route to an app defaults to the
	                                  listeners of the app's pool. */
	size_t listener_count;
	enum config_target target; /* exactly one of the following is set */
	struct config_app *app;
	struct config_upstream *upstream;
	char *files;    /* directory (or one file) */
	char *redirect; /* URL; $path $query $host $scheme $uri */
	char *respond;  /* "STATUS [text]" */
	/* of files */
	struct config_list index; /* "index.html" */
	bool listing;             /* directory listing: off */
	bool dot_files;           /* off */
	bool precompressed;       /* .gz siblings: on */
	char *cache_control;      /* NULL: none */
	/* of redirect and respond */
	unsigned redirect_status; /* 301 302 303 307 308; 302 */
	char *content_type;       /* of respond; text/plain; charset=utf-8 */
	/* of all */
	struct config_pairs headers; /* header.NAME = added to responses */
	bool compress;               /* off */
	unsigned compress_level;     /* 1-9: 5 */
	uint64_t compress_min;       /* bytes: 1k */
	struct config_list compress_types; /* text/html text/css … */
	uint64_t max_body;                 /* UINT64_MAX: the pool's */
	bool access_log;                   /* on */
	struct config_origin origin;
	size_t index_in_config;
};

struct config {
	char *path; /* of the main file; NULL: command line */
	struct config_server server;
	struct config_listen **listens;
	size_t listen_count;
	struct config_pool **pools;
	size_t pool_count;
	struct config_app **apps;
	size_t app_count;
	struct config_upstream **upstreams;
	size_t upstream_count;
	struct config_route **routes;
	size_t route_count;
	void *origins; /* per value, for print.c */
};

#endif
