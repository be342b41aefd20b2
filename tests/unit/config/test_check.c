/* SPDX-License-Identifier: MIT */
/* The checks of server, listeners, pools and upstreams. */
#include "config/check.h"

#include <unistd.h>

#include "loading.h"

#define LISTEN(name, port) "[listen " name "]\naddress = 127.0.0.1:" port "\n"

START_TEST(users_and_groups_exist)
{
	struct config *config;

	check_refused("[server]\nuser = nobody-of-that-name\n" ROUTE,
	    "user in [server] at t.conf:2: this machine has no user "
	    "'nobody-of-that-name'");
	check_refused("[pool p]\n\ngroup = no-such-group\n" ROUTE,
	    "group in [pool p] at t.conf:3: this machine has no group "
	    "'no-such-group'");
	config = load_good("[server]\nuser = root\ngroup = 0\n" ROUTE);
	ck_assert_str_eq(config->server.user, "root");
	config_destroy(&config);
}
END_TEST

START_TEST(directories_exist)
{
	check_refused("[server]\nchdir = /nonexistent/x\n" ROUTE,
	    "chdir in [server] at t.conf:2: /nonexistent/x: no such "
	    "directory");
	check_refused("[server]\ntemp_dir = /dev/null\n" ROUTE,
	    "temp_dir in [server] at t.conf:2: /dev/null: Not a directory");
}
END_TEST

START_TEST(addresses_have_a_form)
{
	check_refused("[listen l]\naddress = localhost\n" ROUTE,
	    "address in [listen l] at t.conf:2: 'localhost' has no port; "
	    "write localhost:8000, or unix:/path for a Unix socket");
	check_refused("[listen l]\naddress = 8000\n" ROUTE,
	    "address in [listen l] at t.conf:2: '8000' has no host; write "
	    "127.0.0.1:8000, or :8000 for all addresses");
	check_refused("[listen l]\naddress = :0\n  :65536\n" ROUTE,
	    "address in [listen l] at t.conf:3: ':65536' has no port from 0 "
	    "to 65535 behind its last colon");
	check_refused("[listen l]\naddress = ::1:80\n" ROUTE,
	    "address in [listen l] at t.conf:2: '::1:80': write an IPv6 "
	    "address in brackets, [::1]:8000");
	check_refused("[listen l]\naddress = [::g]:80\n" ROUTE,
	    "address in [listen l] at t.conf:2: '[::g]:80' has no IPv6 "
	    "address between its brackets");
	check_refused("[listen l]\naddress = http//x:80\n" ROUTE,
	    "address in [listen l] at t.conf:2: 'http//x:80' has '/' in its "
	    "host; write host:port, [v6]:port, :port or unix:/path");
	check_refused("[listen l]\naddress = unix:\n" ROUTE,
	    "address in [listen l] at t.conf:2: 'unix:' lacks the path of "
	    "the socket");
	check_refused("[listen l]\naddress = unix:/12345678901234567890123456"
		      "78901234567890123456789012345678901234567890123456789"
		      "01234567890123456789012345678\n" ROUTE,
	    "address in [listen l] at t.conf:2: 'unix:/123456789012345678901"
	    "23456789012345678901234567890123456789012345678901234567890123"
	    "4567890123456789012345678' is too long; the path of a Unix "
	    "socket has at most 107 bytes");
	check_refused("[listen l]\n" ROUTE,
	    "[listen l] at t.conf:1: the listener has no address; add "
	    "address = 127.0.0.1:8000");
}
END_TEST

START_TEST(addresses_of_every_form_are_taken)
{
	struct config *config = load_good(
	    "[listen l]\n"
	    "address = 0.0.0.0:80 [::]:80 :81 *:82 unix:/x\n"
	    "address = localhost:83 a-b.example:84 [fe80::1%eth0]:85 :0 "
	    ":0\n" ROUTE);

	ck_assert_uint_eq(config->listens[0]->addresses.count, 10);
	config_destroy(&config);
}
END_TEST

START_TEST(an_address_belongs_to_one_listener)
{
	check_refused(LISTEN("a", "80") LISTEN("b", "80") ROUTE,
	    "address in [listen b] at t.conf:4: '127.0.0.1:80' belongs to "
	    "[listen a] at t.conf:2 already");
	check_refused("[listen a]\naddress = :80 x:81\n  *:080\n" ROUTE,
	    "address in [listen a] at t.conf:3: '*:080' belongs to [listen "
	    "a] at t.conf:2 already");
	check_refused("[listen a]\naddress = *:80 :80\n" ROUTE,
	    "address in [listen a] at t.conf:2: ':80' belongs to [listen a] "
	    "at t.conf:2 already");
	check_refused("[listen a]\naddress = X:80 x:80\n" ROUTE,
	    "address in [listen a] at t.conf:2: 'x:80' belongs to [listen a] "
	    "at t.conf:2 already");
	check_refused("[listen a]\naddress = unix:/a unix:///a\n"
		      "  unix:/a\n" ROUTE,
	    "address in [listen a] at t.conf:3: 'unix:/a' belongs to [listen "
	    "a] at t.conf:2 already");
}
END_TEST

START_TEST(every_listener_has_a_pool)
{
	check_refused(LISTEN("a", "1")
			  LISTEN("b", "2") "[pool p]\nlisten = a\n" ROUTE,
	    "[listen b] at t.conf:3: no pool accepts on this listener; add "
	    "listen = b to a [pool NAME]");
	check_refused(LISTEN("a", "1") "[pool p]\n[pool q]\n" ROUTE,
	    "[listen a] at t.conf:1: no pool accepts on this listener; add "
	    "listen = a to a [pool NAME]");
}
END_TEST

START_TEST(names_are_resolved_or_told)
{
	struct config *config = load_good(LISTEN("a", "1") LISTEN("b", "2")
		LISTEN("c", "3") "[pool p]\nlisten = a b\nlisten = c\n" ROUTE);

	ck_assert_uint_eq(config->pools[0]->listener_count, 3);
	ck_assert_ptr_eq(config->pools[0]->listeners[2], config->listens[2]);
	config_destroy(&config);
	check_refused(LISTEN("public", "1") "[pool p]\nlisten = publik\n" ROUTE,
	    "listen in [pool p] at t.conf:4: there is no [listen publik]; "
	    "did you mean 'public'?");
	check_refused("[pool p]\nlisten = default\n  x\n" ROUTE,
	    "listen in [pool p] at t.conf:3: there is no [listen x]; add it, "
	    "or correct the name");
	check_refused(LISTEN("a", "1") "[pool p]\nlisten = a a\n" ROUTE,
	    "listen in [pool p] at t.conf:4: 'a' is listed twice");
	check_refused("[app a]\nmodule = python\npool = web\n" ROUTE,
	    "pool in [app a] at t.conf:3: there is no [pool web]; add it, or "
	    "correct the name");
	check_refused("[route r]\nmatch = /\napp = a\n",
	    "app in [route r] at t.conf:3: there is no [app a]; add it, or "
	    "correct the name");
	check_refused("[route r]\nmatch = /\nupstream = a\n",
	    "upstream in [route r] at t.conf:3: there is no [upstream a]; "
	    "add it, or correct the name");
}
END_TEST

START_TEST(apps_have_a_module_and_a_pool)
{
	struct config *config = load_good("[app a]\nmodule = python\n" ROUTE);

	ck_assert_ptr_eq(config->apps[0]->pool, config->pools[0]);
	ck_assert_str_eq(config->apps[0]->module, "python");
	config_destroy(&config);
	check_refused("[app a]\n" ROUTE,
	    "module in [app a] at t.conf:1: the app has no module; write "
	    "module = python or module = ./name.so");
	check_refused("[app a]\nmodule = nonexistent/hello.so\n" ROUTE,
	    "module in [app a] at t.conf:2: /nonexistent/hello.so: no such "
	    "file");
	check_refused("[app a]\nmodule = nonexistent.so\n" ROUTE,
	    "module in [app a] at t.conf:2: /nonexistent.so: no such file");
	check_refused("[pool p]\n[pool q]\n[app a]\nmodule = python\n" ROUTE,
	    "pool in [app a] at t.conf:3: there are several pools; write "
	    "pool = NAME, such as pool = p");
}
END_TEST

START_TEST(limits_of_a_pool_fit_together)
{
	struct config *config;

	check_refused("[pool p]\nmax_target = 16k\n" ROUTE,
	    "max_target in [pool p] at t.conf:2: 16384 bytes of target do "
	    "not fit into a head of 16384; raise max_head");
	check_refused("[pool p]\nmax_requests_jitter = 5\n" ROUTE,
	    "max_requests_jitter in [pool p] at t.conf:2: without "
	    "max_requests it has no effect; set both");
	config = load_good("[pool p]\nmax_head = 4k\nmax_requests = 9\n"
			   "max_requests_jitter = 5\n" ROUTE);
	ck_assert_uint_eq(config->pools[0]->max_head, 4096);
	config_destroy(&config);
}
END_TEST

START_TEST(upstreams_are_checked)
{
	struct config *config = load_good(
	    "[upstream u]\n"
	    "server = 10.0.0.5:9000 weight=3\nserver = unix:/x\n"
	    "  [::1]:80\t weight=1000\nbalance = least_connections\n" ROUTE);

	ck_assert_uint_eq(config->upstreams[0]->servers.count, 3);
	ck_assert_str_eq(config->upstreams[0]->balance, "least_connections");
	config_destroy(&config);
	check_refused("[upstream u]\n" ROUTE,
	    "[upstream u] at t.conf:1: the upstream has no server; add "
	    "server = host:port");
	check_refused("[upstream u]\nserver = :80\n" ROUTE,
	    "server in [upstream u] at t.conf:2: ':80' has no host; write "
	    "127.0.0.1:80");
	check_refused("[upstream u]\nserver = a:0\n" ROUTE,
	    "server in [upstream u] at t.conf:2: 'a:0' has no port from 1 to "
	    "65535 behind its last colon");
	check_refused("[upstream u]\nserver = a:1 wait=1\n" ROUTE,
	    "server in [upstream u] at t.conf:2: 'wait=1' is no option of a "
	    "server; write weight=1 to weight=1000");
	check_refused("[upstream u]\nserver = a:1 weight=0\n" ROUTE,
	    "server in [upstream u] at t.conf:2: 'weight=0' is no option of "
	    "a server; write weight=1 to weight=1000");
	check_refused("[upstream u]\nserver = a:1\nbalance = random\n" ROUTE,
	    "balance in [upstream u] at t.conf:3: 'random' is none of "
	    "round_robin or least_connections");
	check_refused("[upstream u]\nserver =\n" ROUTE,
	    "server in [upstream u] at t.conf:2: the value is empty");
}
END_TEST

/* What is logged while the text is loaded, as the user nobody. */
static char *
warnings_of(const char *text)
{
	char path[] = "/tmp/tricorn-warnings-XXXXXX";
	int fd = mkstemp(path);
	struct config *config;
	struct error error;
	char *logged = calloc(1, 4096);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(log_open(path, LOG_LEVEL_INFO, &error), 0);
	if (geteuid() == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	config = load_good(text);
	config_destroy(&config);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_ge(read(fd, logged, 4095), 0);
	close(fd);
	unlink(path);
	return logged;
}

static void
check_warned(const char *text, const char *warning)
{
	char *logged = warnings_of(text);

	if (warning == NULL)
		ck_assert_str_eq(logged, "");
	else
		ck_assert_msg(strstr(logged, warning) != NULL, "%s", logged);
	free(logged);
}

START_TEST(what_is_surely_a_mistake_is_warned_of)
{
	check_warned(ROUTE, NULL);
	check_warned("[server]\nuser = root\n" ROUTE,
	    "warning: user = root in [server] at t.conf:2 has no effect: only "
	    "root can change it, and tricorn was not started as root\n");
	check_warned("[pool p]\ngroup = 0\n" ROUTE,
	    "warning: group = 0 in [pool p] at t.conf:2 has no effect");
	check_warned("[pool p]\n\ntimeout = 999ms\n" ROUTE,
	    "warning: timeout in [pool p] at t.conf:3 is below a second: busy "
	    "workers will be replaced\n");
	check_warned(LISTEN("a", "1") "[pool p]\nlisten = a\n[pool q]\n" ROUTE,
	    "warning: [pool q] at t.conf:5 accepts on no listener: its "
	    "workers will have nothing to do; add listen = NAME\n");
	check_warned("[app a]\nmodule = python\n" ROUTE,
	    "warning: [app a] at t.conf:1 is served by no route; add app = a "
	    "to a [route NAME]\n");
}
END_TEST

RUN_SUITE("config/check", users_and_groups_exist, directories_exist,
    addresses_have_a_form, addresses_of_every_form_are_taken,
    an_address_belongs_to_one_listener, every_listener_has_a_pool,
    names_are_resolved_or_told, apps_have_a_module_and_a_pool,
    limits_of_a_pool_fit_together, what_is_surely_a_mistake_is_warned_of,
    upstreams_are_checked)
