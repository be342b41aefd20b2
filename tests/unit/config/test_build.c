/* SPDX-License-Identifier: MIT */
/* Values in the model: defaults, types, mistakes in keys and values. */
#include "config/build.h"

#include <sched.h>

#include "loading.h"

START_TEST(defaults_are_those_of_the_design)
{
	struct config *config = load_good(ROUTE);
	struct config_pool *pool = config->pools[0];
	struct config_listen *listen = config->listens[0];
	struct config_route *route = config->routes[0];
	cpu_set_t cpus;

	ck_assert_uint_eq(config->server.umask, 027);
	ck_assert_str_eq(config->server.error_log, "stderr");
	ck_assert_str_eq(config->server.access_log, "off");
	ck_assert_str_eq(config->server.temp_dir, "/tmp");
	ck_assert_ptr_null(config->server.user);
	ck_assert_ptr_null(config->server.pid_file);
	ck_assert_int_eq(config->server.log_level, LOG_LEVEL_INFO);
	ck_assert_uint_eq(config->server.limit_core, UINT64_MAX);
	ck_assert_str_eq(listen->addresses.items[0], "127.0.0.1:8000");
	ck_assert_int_eq(listen->backlog, 2048);
	ck_assert_uint_eq(listen->unix_mode, 0666);
	ck_assert_str_eq(pool->name, "default");
	ck_assert_int_eq(pool->mode, CONFIG_MODE_AUTO);
	ck_assert_uint_eq(pool->threads, 1);
	ck_assert_uint_eq(pool->timeout, 30000);
	ck_assert_uint_eq(pool->keep_alive, 75000);
	ck_assert_uint_eq(pool->keep_alive_requests, 10000);
	ck_assert_uint_eq(pool->max_head, 16384);
	ck_assert_uint_eq(pool->max_target, 8192);
	ck_assert_uint_eq(pool->max_fields, 100);
	ck_assert_uint_eq(pool->max_body, 100 << 20);
	ck_assert_uint_eq(pool->max_connections, 10000);
	ck_assert_int_eq(pool->header_map, CONFIG_HEADER_MAP_DROP);
	ck_assert_ptr_eq(pool->listeners[0], listen);
	ck_assert_uint_eq(pool->listener_count, 1);
	ck_assert_uint_eq(route->max_body, UINT64_MAX);
	ck_assert_uint_eq(route->listener_count, 0);
	ck_assert_str_eq(route->index.items[0], "index.html");
	ck_assert_uint_eq(route->compress_types.count, 9);
	ck_assert(route->precompressed && !route->compress);
	CPU_ZERO(&cpus);
	ck_assert_int_eq(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	ck_assert_uint_eq(pool->workers, (unsigned)CPU_COUNT(&cpus));
	config_destroy(&config);
}
END_TEST

START_TEST(workers_follow_the_affinity)
{
	struct config *config;
	cpu_set_t cpus, one;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	CPU_ZERO(&one);
	for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &cpus))
			CPU_SET(i, &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
	config = load_good("[pool p]\nworkers = auto\n" ROUTE);
	ck_assert_uint_eq(config->pools[0]->workers, 1);
	config_destroy(&config);
}
END_TEST

START_TEST(values_of_every_type_arrive)
{
	struct config *config = load_good(
	    "[server]\nlog_level = warning\nlimit_core = 1m\n"
	    "limit_nofile = 4096\ndaemon = yes\npid_file = run/t.pid\n"
	    "access_log = ./a.log\nerror_log = syslog\n"
	    "[listen a]\naddress = 127.0.0.1:1 [::1]:1\naddress = unix:s\n"
	    "  unix:/t\nbacklog = 5\nreuse_port = on\n"
	    "[pool p]\nmode = async\nheader_map = refuse\nkeep_alive = 0\n"
	    "env.A = 1\nenv.B = two words\n"
	    "[route r]\nmatch = /\nfiles = /tmp\nindex =\n"
	    "header.X-A = 1\nheader.X-A = 2\n");
	struct config_server *server = &config->server;

	ck_assert_int_eq(server->log_level, LOG_LEVEL_WARNING);
	ck_assert_uint_eq(server->limit_core, 1 << 20);
	ck_assert_uint_eq(server->limit_nofile, 4096);
	ck_assert(server->daemon);
	ck_assert_str_eq(server->pid_file, "/run/t.pid");
	ck_assert_str_eq(server->access_log, "/a.log");
	ck_assert_str_eq(server->error_log, "syslog");
	ck_assert_uint_eq(config->listens[0]->addresses.count, 4);
	ck_assert_str_eq(config->listens[0]->addresses.items[1], "[::1]:1");
	ck_assert_str_eq(config->listens[0]->addresses.items[2], "unix:/s");
	ck_assert_str_eq(config->listens[0]->addresses.items[3], "unix:/t");
	ck_assert_int_eq(config->listens[0]->addresses.origins[3].line, 12);
	ck_assert_int_eq(config->listens[0]->backlog, 5);
	ck_assert_int_eq(config->listens[0]->reuse_port, CONFIG_REUSE_PORT_ON);
	ck_assert_int_eq(config->pools[0]->mode, CONFIG_MODE_ASYNC);
	ck_assert_int_eq(config->pools[0]->header_map,
	    CONFIG_HEADER_MAP_REFUSE);
	ck_assert_uint_eq(config->pools[0]->keep_alive, 0);
	ck_assert_uint_eq(config->pools[0]->env.count, 2);
	ck_assert_str_eq(config->pools[0]->env.items[1].name, "B");
	ck_assert_str_eq(config->pools[0]->env.items[1].value, "two words");
	ck_assert_uint_eq(config->routes[0]->index.count, 0);
	ck_assert_uint_eq(config->routes[0]->headers.count, 2);
	ck_assert_int_eq(config->routes[0]->target, CONFIG_TARGET_FILES);
	config_destroy(&config);
}
END_TEST

START_TEST(unknown_keys_get_a_suggestion)
{
	check_refused("[pool web]\n\nworker = 2\n",
	    "unknown key 'worker' in [pool web] at t.conf:3; did you mean "
	    "'workers'?");
	check_refused("[pool web]\nkeep-alive = 2\n",
	    "unknown key 'keep-alive' in [pool web] at t.conf:2; did you mean "
	    "'keep_alive'?");
	check_refused("[server]\nthreads = 2\n",
	    "unknown key 'threads' in [server] at t.conf:2; it belongs in "
	    "[pool NAME]");
	check_refused("[app a]\noptions.app = 2\n",
	    "unknown key 'options.app' in [app a] at t.conf:2; did you mean "
	    "'option.app'?");
	check_refused("[server]\nzebra = 2\n",
	    "unknown key 'zebra' in [server] at t.conf:2; see "
	    "tricorn.conf(5) for the keys of this section");
	check_refused("[server]\nenv = 2\n",
	    "unknown key 'env' in [server] at t.conf:2; see tricorn.conf(5) "
	    "for the keys of this section");
}
END_TEST

START_TEST(values_of_the_wrong_type_are_told)
{
	check_refused("[pool p]\nworkers = many\n",
	    "workers in [pool p] at t.conf:2: 'many' is no number; write a "
	    "number such as 4, or auto");
	check_refused("[pool p]\nthreads = 2.5\n",
	    "threads in [pool p] at t.conf:2: '2.5' is no whole number");
	check_refused("[pool p]\ntimeout = 30sec\n",
	    "timeout in [pool p] at t.conf:2: '30sec' is no duration; write "
	    "30s, 500ms, 2m, 1h or 1d");
	check_refused("[pool p]\nmax_body = 1tb\n",
	    "max_body in [pool p] at t.conf:2: '1tb' is no size; write bytes, "
	    "or 16k, 1m, 1g");
	check_refused("[server]\numask = 888\n",
	    "umask in [server] at t.conf:2: '888' is no mode; write octal "
	    "digits such as 0022");
	check_refused("[server]\ndaemon = 1\n",
	    "daemon in [server] at t.conf:2: '1' is neither on nor off");
	check_refused("[pool p]\nmode = asinc\n",
	    "mode in [pool p] at t.conf:2: 'asinc' is none of auto, sync or "
	    "async; did you mean 'async'?");
	check_refused("[pool p]\nmode = fast\n",
	    "mode in [pool p] at t.conf:2: 'fast' is none of auto, sync or "
	    "async");
	check_refused("[server]\nerror_log = sdterr\n",
	    "error_log in [server] at t.conf:2: 'sdterr' is none of stderr, "
	    "stdout, syslog, off or a path; did you mean 'stderr'?");
	check_refused("[server]\ntemp_dir =\n",
	    "temp_dir in [server] at t.conf:2: the value is empty");
	check_refused("[app a]\nmodule =\n",
	    "module in [app a] at t.conf:2: the value is empty");
	check_refused("[app a]\nmodule = a:b\n",
	    "module in [app a] at t.conf:2: 'a:b' is neither a module's name "
	    "nor a path with a /");
}
END_TEST

START_TEST(values_out_of_range_are_told)
{
	check_refused("[pool p]\nworkers = 0\n",
	    "workers in [pool p] at t.conf:2: '0' is out of range; write 1 to "
	    "1024");
	check_refused("[pool p]\nthreads = 1025\n",
	    "threads in [pool p] at t.conf:2: '1025' is out of range; write 1 "
	    "to 1024");
	check_refused("[pool p]\nboot_timeout = 0\n",
	    "boot_timeout in [pool p] at t.conf:2: '0' is out of range; write "
	    "1ms to 1d");
	check_refused("[pool p]\nmax_head = 1\n",
	    "max_head in [pool p] at t.conf:2: '1' is out of range; write 1k "
	    "to 1m");
	check_refused("[listen l]\nunix_mode = 1777\n",
	    "unix_mode in [listen l] at t.conf:2: '1777' is out of range; "
	    "write 0000 to 0777");
	check_refused("[listen l]\nbacklog = 4294967297\n",
	    "backlog in [listen l] at t.conf:2: '4294967297' is out of range; "
	    "write 1 to 65535");
}
END_TEST

START_TEST(keys_with_one_value_come_once)
{
	check_refused("[pool p]\nworkers = 1\nthreads = 1\nworkers = 2\n",
	    "'workers' stands twice in [pool p], at t.conf:2 and at "
	    "t.conf:4; write it once");
	check_refused("[pool p]\nenv.A = 1\nenv.B = 1\nenv.A = 2\n",
	    "'env.A' stands twice in [pool p], at t.conf:2 and at t.conf:4; "
	    "write it once");
	check_refused("[server]\nchdir = /\nchdir = /tmp\n",
	    "'chdir' stands twice in [server], at t.conf:2 and at t.conf:3; "
	    "write it once");
	check_refused("[route r]\nheader.A = 1\n  2\n",
	    "t.conf:3: the indented line goes on with 'header.A', which takes "
	    "one line; begin it in the first column");
}
END_TEST

START_TEST(names_of_pairs_are_checked)
{
	check_refused("[pool p]\nenv.A-B = 1\n",
	    "env.A-B in [pool p] at t.conf:2: 'A-B' can't stand behind "
	    "'env.'; write letters, digits and _");
	check_refused("[pool p]\nenv.1A = 1\n",
	    "env.1A in [pool p] at t.conf:2: '1A' is no variable's name; it "
	    "begins with a digit");
	check_refused("[app a]\noption.a b = 1\n",
	    "option.a b in [app a] at t.conf:2: 'a b' can't stand behind "
	    "'option.'; write letters, digits and _.-");
	check_refused("[route r]\nheader.X(Y) = 1\n",
	    "header.X(Y) in [route r] at t.conf:2: 'X(Y)' can't stand behind "
	    "'header.'; write letters, digits and !#$%&'*+-.^_`|~");
}
END_TEST

START_TEST(paths_and_names_have_limits)
{
	char name[300], path[4200], text[5000], reason[1200];

	memset(name, 'N', sizeof(name));
	name[256] = '\0';
	snprintf(text, sizeof(text), "[pool p]\nenv.%s = 1\n", name);
	snprintf(reason, sizeof(reason),
	    "env.%s in [pool p] at t.conf:2: the "
	    "name is longer than 255 bytes",
	    name);
	check_refused(text, reason);
	memset(path, 'p', sizeof(path));
	path[4095] = '\0'; /* and a slash before it */
	snprintf(text, sizeof(text), "[server]\npid_file = %s\n", path);
	check_refused(text,
	    "pid_file in [server] at t.conf:2: the path is "
	    "longer than 4095 bytes");
}
END_TEST

START_TEST(relative_paths_start_in_chdir)
{
	struct config *config =
	    load_good("[listen l]\naddress = unix:s\n"
		      "[server]\npid_file = ././p\nchdir = ./tmp\n" ROUTE);

	ck_assert_str_eq(config->server.chdir, "/tmp");
	ck_assert_str_eq(config->server.pid_file, "/tmp/p");
	ck_assert_str_eq(config->listens[0]->addresses.items[0], "unix:/tmp/s");
	config_destroy(&config);
}
END_TEST

START_TEST(platforms_variables_are_defaults)
{
	struct config *config;

	setenv("PORT", "9001", 1);
	setenv("WEB_CONCURRENCY", "7", 1);
	config = load_good(ROUTE);
	ck_assert_str_eq(config->listens[0]->addresses.items[0],
	    "0.0.0.0:9001");
	ck_assert_uint_eq(config->pools[0]->workers, 7);
	config_destroy(&config);
	config = load_good("[pool p]\nworkers = 2\n[listen l]\n"
			   "address = :80\n" ROUTE);
	ck_assert_str_eq(config->listens[0]->addresses.items[0], ":80");
	ck_assert_uint_eq(config->pools[0]->workers, 2);
	config_destroy(&config);
	setenv("WEB_CONCURRENCY", "lots", 1);
	check_refused(ROUTE,
	    "environment variable WEB_CONCURRENCY: 'lots' is no number; write "
	    "a number such as 4, or auto");
	unsetenv("WEB_CONCURRENCY");
	setenv("PORT", "x", 1);
	check_refused(ROUTE,
	    "address in [listen default] at environment: '0.0.0.0:x' has no "
	    "port from 0 to 65535 behind its last colon");
}
END_TEST

RUN_SUITE("config/build", defaults_are_those_of_the_design,
    workers_follow_the_affinity, values_of_every_type_arrive,
    unknown_keys_get_a_suggestion, values_of_the_wrong_type_are_told,
    values_out_of_range_are_told, keys_with_one_value_come_once,
    names_of_pairs_are_checked, paths_and_names_have_limits,
    relative_paths_start_in_chdir, platforms_variables_are_defaults)
