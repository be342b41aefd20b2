/* SPDX-License-Identifier: MIT */
/* Routes: targets, patterns, and whether a pool can serve them. */
#include "config/check.h"

#include "loading.h"

#define TWO_PORTS \
	"[listen a]\naddress = 127.0.0.1:1\n" \
	"[listen b]\naddress = 127.0.0.1:2\n"
#define APP "[app x]\nmodule = python\n"

START_TEST(a_route_leads_to_one_place)
{
	check_refused("[route r]\nmatch = /\n",
	    "[route r] at t.conf:1: the route leads nowhere; add app, files, "
	    "redirect, respond or upstream");
	check_refused("[route r]\nmatch = /\nfiles = /\nrespond = 200\n",
	    "respond in [route r] at t.conf:4: the route leads to 'files' at "
	    "t.conf:3 already; keep one of the two");
	check_refused("[route r]\nrespond = 200\n",
	    "[route r] at t.conf:1: the route matches nothing; add match = "
	    "/");
	check_refused("[upstream u]\nserver = a:1\n"
		      "[route r]\nmatch = /\nupstream = u\n",
	    "upstream in [route r] at t.conf:5: upstream routes are not "
	    "supported yet in this version");
}
END_TEST

START_TEST(files_exist)
{
	check_refused("[route r]\nmatch = /\nfiles = /nonexistent/x\n",
	    "files in [route r] at t.conf:3: /nonexistent/x: no such "
	    "directory or file");
	check_refused("[route r]\nmatch = /\nfiles = /dev/null\n",
	    "files in [route r] at t.conf:3: /dev/null is neither a "
	    "directory nor a file");
	check_refused("[route r]\nmatch = /\nfiles =\n",
	    "files in [route r] at t.conf:3: the value is empty");
}
END_TEST

START_TEST(answers_have_a_status)
{
	static const char *const bad[] = { "", "ok", "20", "2000", "199 x",
		"600 x", "100", "200x" };
	char text[200], reason[300];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text),
		    "[route r]\nmatch = /\nrespond = %s\n", bad[i]);
		snprintf(reason, sizeof(reason),
		    "respond in [route r] at t.conf:3: '%s' does not begin "
		    "with a status from 200 to 599; write respond = 503 Back "
		    "soon",
		    bad[i]);
		check_refused(text, reason);
	}
}
END_TEST

START_TEST(redirects_are_checked)
{
	struct config *config = load_good(
	    "[route r]\nmatch = /\n"
	    "redirect = https://$host$uri?$$$$x\nredirect_status = 308\n");

	ck_assert_int_eq(config->routes[0]->target, CONFIG_TARGET_REDIRECT);
	ck_assert_str_eq(config->routes[0]->redirect, "https://$host$uri?$$x");
	config_destroy(&config);
	check_refused("[route r]\nmatch = /\nredirect = /$pth\n",
	    "redirect in [route r] at t.conf:3: '$pth' begins with no "
	    "variable; write $path, $query, $host, $scheme or $uri, and "
	    "$$$$ for a dollar");
	check_refused("[route r]\nmatch = /\nredirect =\n",
	    "redirect in [route r] at t.conf:3: '' is no URL");
	check_refused("[route r]\nmatch = /\nredirect = /\n"
		      "redirect_status = 304\n",
	    "redirect_status in [route r] at t.conf:4: 304 is no redirect; "
	    "write 301, 302, 303, 307 or 308");
}
END_TEST

START_TEST(the_servers_own_fields_can_not_be_set)
{
	check_refused(ROUTE "header.X-A = 1\nheader.content-length = 1\n",
	    "header in [route r] at t.conf:5: Content-Length is the server's "
	    "own; it can't be set");
}
END_TEST

static void
check_match_refused(const char *match, const char *reason)
{
	char text[600], full[1200];

	snprintf(text, sizeof(text), "[route r]\nrespond = 200\nmatch = %s\n",
	    match);
	snprintf(full, sizeof(full), "match in [route r] at t.conf:3: '%s' %s",
	    match, reason);
	check_refused(text, full);
}

START_TEST(patterns_that_can_not_match_are_told)
{
	check_match_refused("example.com", "has no path; write example.com/");
	check_match_refused("static",
	    "has no path; write /static, or static/ when it is a host");
	check_match_refused("/a%20b",
	    "has a percent escape; write the path "
	    "decoded");
	check_match_refused("/a?b", "has a '?'; only the path is matched");
	check_match_refused("/a#b", "has a '#'; only the path is matched");
	check_match_refused("/a/*",
	    "has a '*' in its path; a path that ends "
	    "in / takes the tree below");
	check_match_refused("/a//b",
	    "has an empty, '.' or '..' part in its "
	    "path and matches nothing");
	check_match_refused("/..",
	    "has an empty, '.' or '..' part in its "
	    "path and matches nothing");
	check_match_refused("/a/./b",
	    "has an empty, '.' or '..' part in its "
	    "path and matches nothing");
	check_match_refused("a:80/",
	    "has a port; a host matches on every "
	    "port, use listen = to tell ports "
	    "apart");
	check_match_refused("http://a/",
	    "has a scheme; write [host]/path, as in www.example.com/");
}
END_TEST

START_TEST(hosts_are_checked)
{
	check_refused("[route r]\nrespond = 200\nmatch = a.*.b/\n",
	    "match in [route r] at t.conf:3: 'a.*.b/': '*' can only stand "
	    "for the first labels, as in *.example.com/");
	check_match_refused("*./", "has no host's name before its path");
	check_match_refused(".a/", "has no host's name before its path");
	check_match_refused("a./", "has no host's name before its path");
	check_match_refused("a..b/", "has an empty label in its host");
	check_match_refused("a_$/",
	    "has '$' in its host; write [host]/path, "
	    "names outside ASCII as xn--");
}
END_TEST

START_TEST(good_patterns_are_taken)
{
	struct config *config =
	    load_good("[route r]\nrespond = 200\n"
		      "match = / /a /a/ /a.b/..c/ /ä\n  EXAMPLE.com/A\n"
		      "  *.Example.com/ [::1]/ 10.0.0.1/\n");
	struct config_list *match = &config->routes[0]->match;

	ck_assert_uint_eq(match->count, 9);
	ck_assert_str_eq(match->items[5], "example.com/A");
	ck_assert_str_eq(match->items[6], "*.example.com/");
	config_destroy(&config);
}
END_TEST

START_TEST(a_pattern_has_one_route)
{
	struct config *config;

	check_refused("[route a]\nrespond = 200\nmatch = /x\n"
		      "[route b]\nrespond = 200\nmatch = / /x\n",
	    "match in [route b] at t.conf:6: '/x' is matched by [route a] at "
	    "t.conf:3 already");
	check_refused("[route a]\nrespond = 200\nmatch = A/ a/\n",
	    "match in [route a] at t.conf:3: 'a/' is matched by [route a] at "
	    "t.conf:3 already");
	check_refused(TWO_PORTS
	    "[route a]\nrespond = 200\nmatch = /\nlisten = a\n"
	    "[route b]\nrespond = 200\nmatch = /\n",
	    "match in [route b] at t.conf:11: '/' is matched by [route a] at "
	    "t.conf:7 already");
	config = load_good(TWO_PORTS
	    "[route a]\nrespond = 200\nmatch = /\nlisten = a\n"
	    "[route b]\nrespond = 200\nmatch = /\nlisten = b\n");
	ck_assert_ptr_eq(config->routes[1]->listeners[0], config->listens[1]);
	ck_assert_uint_eq(config->routes[1]->index_in_config, 1);
	config_destroy(&config);
}
END_TEST

START_TEST(routes_to_apps_take_their_pools_listeners)
{
	struct config *config =
	    load_good(TWO_PORTS "[pool p]\nlisten = a\n[pool q]\nlisten = b\n"
				"[app x]\nmodule = python\npool = q\n"
				"[route r]\nmatch = /\napp = x\n"
				"[route s]\nmatch = /s/\nrespond = 200\n");

	ck_assert_ptr_eq(config->routes[0]->app, config->apps[0]);
	ck_assert_ptr_eq(config->apps[0]->pool, config->pools[1]);
	ck_assert_uint_eq(config->routes[0]->listener_count, 1);
	ck_assert_ptr_eq(config->routes[0]->listeners[0], config->listens[1]);
	ck_assert_uint_eq(config->routes[1]->listener_count, 0);
	config_destroy(&config);
}
END_TEST

START_TEST(routes_out_of_reach_are_told)
{
	check_refused(TWO_PORTS "[pool p]\nlisten = a b\n[pool q]\n"
				"[app x]\nmodule = python\npool = q\n"
				"[route r]\nmatch = /\napp = x\n",
	    "app in [route r] at t.conf:13: [app x] runs in [pool q], which "
	    "accepts on no listener; add listen = a to that pool");
	check_refused(TWO_PORTS
	    "[pool p]\nlisten = a\n[pool q]\n"
	    "listen = b\n[app x]\nmodule = python\npool = q\n"
	    "[route r]\nmatch = /\napp = x\nlisten = b a\n",
	    "listen in [route r] at t.conf:15: [app x] runs in [pool q], "
	    "which does not accept on 'a'; add listen = a to that pool");
	check_refused(TWO_PORTS
	    "[pool p]\nlisten = a b\n[pool q]\n"
	    "listen = b\n[app x]\nmodule = python\npool = q\n"
	    "[route r]\nmatch = /\napp = x\n",
	    "listen in [route r] at t.conf:12: [pool p] accepts on 'b' too, "
	    "but [app x] runs in [pool q] only; give the two pools listen = "
	    "of their own");
}
END_TEST

RUN_SUITE("config/check_routes", a_route_leads_to_one_place, files_exist,
    answers_have_a_status, redirects_are_checked,
    the_servers_own_fields_can_not_be_set, patterns_that_can_not_match_are_told,
    hosts_are_checked, good_patterns_are_taken, a_pattern_has_one_route,
    routes_to_apps_take_their_pools_listeners, routes_out_of_reach_are_told)
