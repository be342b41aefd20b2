/* SPDX-License-Identifier: MIT */
/* Which route a request gets. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "serve/router.h"

#define ROUTES_MAX 400

/* A configuration built route by route; one pool with two listeners. */
struct world {
	struct config config;
	struct config_pool pool, other_pool;
	struct config_listen front, back, elsewhere;
	struct config_listen *listens[2];
	struct config_app app, other_app;
	struct config_route routes[ROUTES_MAX];
	struct config_route *pointers[ROUTES_MAX];
	struct router *router;
};

static struct world world;

static void
setup(void)
{
	memset(&world, 0, sizeof(world));
	world.listens[0] = &world.front;
	world.listens[1] = &world.back;
	world.pool.listeners = world.listens;
	world.pool.listener_count = 2;
	world.app.pool = &world.pool;
	world.other_app.pool = &world.other_pool;
	world.config.routes = world.pointers;
}

static void
teardown(void)
{
	router_destroy(&world.router);
	ck_assert_ptr_null(world.router);
	for (size_t i = 0; i < world.config.route_count; i++) {
		for (size_t j = 0; j < world.routes[i].match.count; j++)
			free(world.routes[i].match.items[j]);
		free(world.routes[i].match.items);
		free(world.routes[i].listeners);
		free(world.routes[i].name);
	}
}

/* A route with the space-separated patterns. */
static struct config_route *
route(const char *name, const char *patterns)
{
	size_t index = world.config.route_count++;
	struct config_route *added = &world.routes[index];
	struct str rest = str_of(patterns), pattern;

	ck_assert_uint_lt(index, ROUTES_MAX);
	world.pointers[index] = added;
	added->name = xstrdup(name);
	added->target = CONFIG_TARGET_RESPOND;
	added->index_in_config = index;
	while (str_next(&rest, ' ', &pattern)) {
		added->match.items = xreallocarray(added->match.items,
		    added->match.count + 1, sizeof(char *));
		added->match.items[added->match.count++] =
		    xstrndup(pattern.data, pattern.length);
	}
	return added;
}

static void
only_on(struct config_route *restricted, struct config_listen *listen)
{
	restricted->listeners = xreallocarray(restricted->listeners,
	    restricted->listener_count + 1, sizeof(listen));
	restricted->listeners[restricted->listener_count++] = listen;
}

static void
compile(void)
{
	world.router = router_create(&world.config, &world.pool);
}

static const char *
name_of(const struct route *found)
{
	return found != NULL ? found->config->name : "none";
}

static void
expect_on(const struct config_listen *listen, const char *host,
    const char *path, const char *name)
{
	const struct route *found =
	    router_find(world.router, listen, str_of(host), str_of(path), NULL);

	ck_assert_msg(strcmp(name_of(found), name) == 0,
	    "%s%s: route %s instead of %s", host, path, name_of(found), name);
}

static void
expect(const char *host, const char *path, const char *name)
{
	expect_on(&world.front, host, path, name);
}

static void
expect_slash(const char *host, const char *path, const char *name)
{
	const struct route *found = router_find_with_slash(world.router,
	    &world.front, str_of(host), str_of(path));

	ck_assert_str_eq(name_of(found), name);
}

static void
expect_mount(const char *path, const char *mount)
{
	struct str got = STR_NULL;

	ck_assert_ptr_nonnull(router_find(world.router, &world.front, STR(""),
	    str_of(path), &got));
	ck_assert_msg(str_equal(got, str_of(mount)), "%s: mount '%.*s'", path,
	    STR_ARG(got));
	ck_assert_ptr_nonnull(got.data);
}

START_TEST(without_routes_nothing_matches)
{
	size_t count = 1;

	compile();
	router_routes(world.router, &count);
	ck_assert_uint_eq(count, 0);
	expect("", "/", "none");
	expect("example.com", "/a", "none");
	expect_slash("", "/a", "none");
}
END_TEST

START_TEST(a_final_slash_takes_the_tree_below)
{
	route("static", "/static/");
	route("health", "/health");
	compile();
	expect("", "/static/", "static");
	expect("", "/static/x", "static");
	expect("", "/static/x/y/", "static");
	expect("", "/static", "none");
	expect("", "/staticx", "none");
	expect("", "/health", "health");
	expect("", "/health/", "none");
	expect("", "/healthy", "none");
	expect("", "/heal", "none");
	expect("", "/", "none");
	expect("", "", "none");
	expect("", "*", "none");
}
END_TEST

START_TEST(the_longest_path_wins)
{
	route("root", "/");
	route("a", "/a/");
	route("ab", "/a/b/");
	route("abc", "/a/b/c");
	route("a-", "/a-b/");
	route("abz", "/a/b/z/");
	compile();
	expect("", "/", "root");
	expect("", "/b", "root");
	expect("", "/a", "root");
	expect("", "/a/", "a");
	expect("", "/a/x", "a");
	expect("", "/a/b", "a");
	expect("", "/a/b/", "ab");
	expect("", "/a/b/c", "abc");
	expect("", "/a/b/c/", "ab");
	expect("", "/a/b/cc", "ab");
	expect("", "/a/b/y", "ab");
	expect("", "/a/b/z/q", "abz");
	expect("", "/a/b/zz", "ab");
	expect("", "/a/zz", "a");
	expect("", "/a-b/c", "a-");
	expect("", "/a-", "root");
	expect("", "/zzz", "root");
}
END_TEST

START_TEST(paths_compare_byte_by_byte)
{
	route("lower", "/shop/");
	route("utf8", "/caf\xc3\xa9/");
	compile();
	expect("", "/Shop/", "none");
	expect("", "/caf\xc3\xa9/x", "utf8");
	expect("", "/caf\xc3/x", "none");
	expect("", "/caf\xff", "none");
}
END_TEST

START_TEST(mount_is_the_pattern_without_its_final_slash)
{
	route("root", "/");
	route("shop", "/shop/ /exact");
	compile();
	expect_mount("/x", "");
	expect_mount("/shop/x", "/shop");
	expect_mount("/shop/", "/shop");
	expect_mount("/exact", "/exact");
}
END_TEST

START_TEST(a_host_comes_before_none)
{
	route("any", "/ /any/long/path/");
	route("host", "example.com/");
	compile();
	expect("example.com", "/any/long/path/x", "host");
	expect("example.org", "/any/long/path/x", "any");
	expect("", "/", "any");
	expect("www.example.com", "/", "any");
	expect("xexample.com", "/", "any");
	expect("example.co", "/", "any");
	expect("example.com.x", "/", "any");
}
END_TEST

START_TEST(hosts_compare_without_case_port_and_final_dot)
{
	route("host", "example.com/");
	route("upper", "UPPER.example.COM/");
	route("six", "[::1]/");
	route("four", "127.0.0.1/");
	compile();
	expect("example.com", "/", "host");
	expect("EXAMPLE.Com", "/", "host");
	expect("example.com:8080", "/", "host");
	expect("example.com:", "/", "host");
	expect("example.com.", "/", "host");
	expect("example.com.:80", "/", "host");
	expect("example.com..", "/", "none");
	expect("upper.example.com", "/", "upper");
	expect("[::1]", "/", "six");
	expect("[::1]:443", "/", "six");
	expect("[::2]", "/", "none");
	expect("[::1", "/", "none");
	expect("127.0.0.1:80", "/", "four");
	expect(".", "/", "none");
	expect(":80", "/", "none");
}
END_TEST

START_TEST(an_exact_host_comes_before_a_suffix_the_longest_first)
{
	route("com", "*.com/");
	route("example", "*.example.com/");
	route("deep", "*.a.example.com/");
	route("exact", "www.example.com/ x.a.example.com/");
	compile();
	expect("www.example.com", "/", "exact");
	expect("x.a.example.com", "/", "exact");
	expect("y.a.example.com", "/", "deep");
	expect("y.z.a.example.com", "/", "deep");
	expect("a.example.com", "/", "example");
	expect("b.example.com", "/", "example");
	expect("xa.example.com", "/", "example");
	expect("example.com", "/", "com");
	expect("com", "/", "none");
	expect(".example.com", "/", "none");
	expect("B.EXAMPLE.COM.:1", "/", "example");
	expect("example.org", "/", "none");
}
END_TEST

START_TEST(what_a_host_has_no_path_for_goes_to_the_next_one)
{
	route("exact", "www.example.com/exact/");
	route("suffix", "*.example.com/suffix/");
	route("wide", "*.com/wide/");
	route("any", "/any/ /suffix");
	compile();
	expect("www.example.com", "/exact/x", "exact");
	expect("www.example.com", "/suffix/x", "suffix");
	expect("www.example.com", "/wide/x", "wide");
	expect("www.example.com", "/any/x", "any");
	expect("www.example.com", "/suffix", "any");
	expect("www.example.com", "/none", "none");
	expect("example.com", "/suffix/x", "none");
}
END_TEST

START_TEST(hosts_that_no_name_can_be_go_to_patterns_without_host)
{
	char host[2000];

	memset(host, 'a', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	route("any", "/");
	route("host", "*.aaa/ aaa/");
	compile();
	expect(host, "/", "any");
	memcpy(host + sizeof(host) - 5, ".aaa", 5);
	expect(host, "/", "any");
	expect(host + sizeof(host) - 1 - 255, "/", "host");
	expect(host + sizeof(host) - 1 - 256, "/", "any");
}
END_TEST

START_TEST(routes_hold_only_on_their_listeners)
{
	struct config_route *front = route("front", "/ /a/");
	struct config_route *back = route("back", "/ example.com/b/");
	struct config_route *both = route("both", "/both/");
	struct config_route *gone = route("elsewhere", "/elsewhere/");

	route("all", "/all/");
	only_on(front, &world.front);
	only_on(back, &world.back);
	only_on(both, &world.front);
	only_on(both, &world.back);
	only_on(gone, &world.elsewhere);
	compile();
	expect_on(&world.front, "", "/x", "front");
	expect_on(&world.back, "", "/x", "back");
	expect_on(&world.back, "", "/a/x", "back");
	expect_on(&world.front, "example.com", "/b/x", "front");
	expect_on(&world.back, "example.com", "/b/x", "back");
	expect_on(&world.front, "", "/both/x", "both");
	expect_on(&world.back, "", "/both/x", "both");
	expect_on(&world.front, "", "/elsewhere/x", "front");
	expect_on(&world.back, "", "/all/x", "all");
	expect_on(&world.elsewhere, "", "/all/x", "all");
	expect_on(NULL, "", "/all/x", "all");
	expect_on(NULL, "", "/x", "none");
}
END_TEST

START_TEST(routes_to_apps_of_other_pools_are_left_out)
{
	struct config_route *ours = route("ours", "/ours/");
	struct config_route *theirs = route("theirs", "/theirs/");
	struct route *routes;
	size_t count;

	ours->target = theirs->target = CONFIG_TARGET_APP;
	ours->app = &world.app;
	theirs->app = &world.other_app;
	route("files", "/")->target = CONFIG_TARGET_FILES;
	compile();
	expect("", "/ours/x", "ours");
	expect("", "/theirs/x", "files");
	routes = router_routes(world.router, &count);
	ck_assert_uint_eq(count, 2);
	ck_assert_ptr_eq(routes[0].config, ours);
	ck_assert_str_eq(routes[1].config->name, "files");
	ck_assert_ptr_null(routes[0].handler);
}
END_TEST

START_TEST(a_found_route_is_the_one_the_worker_prepared)
{
	struct route *routes;
	size_t count;

	route("a", "/a/");
	route("b", "/b/ example.com/b/");
	compile();
	routes = router_routes(world.router, &count);
	ck_assert_uint_eq(count, 2);
	routes[1].handler_state = &world;
	ck_assert_ptr_eq(router_find(world.router, &world.front, STR(""),
			     STR("/b/x"), NULL),
	    &routes[1]);
	ck_assert_ptr_eq(router_find(world.router, NULL, STR("example.com"),
			     STR("/b/x"), NULL),
	    &routes[1]);
}
END_TEST

START_TEST(of_equal_patterns_the_first_wins)
{
	route("first", "/same/ example.com/same");
	route("second", "/same/ EXAMPLE.com./same");
	compile();
	expect("", "/same/x", "first");
	expect("example.com", "/same", "first");
}
END_TEST

START_TEST(a_missing_final_slash_is_found)
{
	route("static", "/static/");
	route("deep", "/static/deep/");
	route("exact", "/exact");
	route("host", "example.com/host/ *.example.com/tree/");
	route("near", "/static!/ /static-x/ /static0/");
	compile();
	expect_slash("", "/static", "static");
	expect_slash("", "/static!", "near");
	expect_slash("", "/static-x", "near");
	expect_slash("", "/static0", "near");
	expect_slash("", "/static1", "none");
	expect_slash("", "/static/deep", "deep");
	expect_slash("", "/static/other", "none");
	expect_slash("", "/exact", "none");
	expect_slash("", "/stati", "none");
	expect_slash("", "/", "none");
	expect_slash("", "", "none");
	expect_slash("", "/host", "none");
	expect_slash("example.com:80", "/host", "host");
	expect_slash("a.example.com", "/tree", "host");
	expect_slash("a.example.com", "/static", "static");
}
END_TEST

START_TEST(many_routes_are_told_apart)
{
	char pattern[64], path[64];

	for (int i = 0; i < ROUTES_MAX - 2; i++) {
		snprintf(pattern, sizeof(pattern), "h%d.example.com/p%d/ /r%d/",
		    i % 20, i, i);
		route(pattern, pattern);
	}
	route("root", "/");
	compile();
	for (int i = 0; i < ROUTES_MAX - 2; i++) {
		char host[32];

		snprintf(pattern, sizeof(pattern), "h%d.example.com/p%d/ /r%d/",
		    i % 20, i, i);
		snprintf(path, sizeof(path), "/p%d/x", i);
		snprintf(host, sizeof(host), "h%d.example.com", i % 20);
		expect(host, path, pattern);
		expect("", path, "root");
		snprintf(path, sizeof(path), "/r%d/", i);
		expect(host, path, pattern);
	}
}
END_TEST

static Suite *
router_suite(void)
{
	Suite *suite = suite_create("router");
	TCase *rules = tcase_create("rules");

	tcase_add_checked_fixture(rules, setup, teardown);
	tcase_add_test(rules, without_routes_nothing_matches);
	tcase_add_test(rules, a_final_slash_takes_the_tree_below);
	tcase_add_test(rules, the_longest_path_wins);
	tcase_add_test(rules, paths_compare_byte_by_byte);
	tcase_add_test(rules, mount_is_the_pattern_without_its_final_slash);
	tcase_add_test(rules, a_host_comes_before_none);
	tcase_add_test(rules, hosts_compare_without_case_port_and_final_dot);
	tcase_add_test(rules,
	    an_exact_host_comes_before_a_suffix_the_longest_first);
	tcase_add_test(rules, what_a_host_has_no_path_for_goes_to_the_next_one);
	tcase_add_test(rules,
	    hosts_that_no_name_can_be_go_to_patterns_without_host);
	tcase_add_test(rules, routes_hold_only_on_their_listeners);
	tcase_add_test(rules, routes_to_apps_of_other_pools_are_left_out);
	tcase_add_test(rules, a_found_route_is_the_one_the_worker_prepared);
	tcase_add_test(rules, of_equal_patterns_the_first_wins);
	tcase_add_test(rules, a_missing_final_slash_is_found);
	tcase_add_test(rules, many_routes_are_told_apart);
	suite_add_tcase(suite, rules);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(router_suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
