/* SPDX-License-Identifier: MIT */
/* Who accepts on which socket, over starts, reloads, growing, shrinking. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "master/seats.h"

static struct list set;
static struct config *loaded[8];
static size_t loaded_count;
static unsigned port;

static void
set_up(void)
{
	list_init(&set);
	loaded_count = 0;
	port = 0;
}

static void
tear_down(void)
{
	ck_assert(list_empty(&set)); /* every listener was released */
	while (loaded_count > 0)
		config_destroy(&loaded[--loaded_count]);
}

/* A configuration with listeners on the port that the first one was given;
   extra are keys of [listen public], pools the [pool …] sections. */
static const struct config *
load(const char *extra, const char *pools)
{
	struct error error = { "" };
	char text[2048];
	int length;

	length = snprintf(text, sizeof(text),
	    "[listen public]\naddress = 127.0.0.1:%u\n%s\n%s\n"
	    "[route r]\nmatch = /\nrespond = 200\n",
	    port, extra, pools);
	ck_assert_int_lt(length, (int)sizeof(text));
	ck_assert_msg(config_load_string(text, (size_t)length, "test.conf",
			  &loaded[loaded_count], &error) == 0,
	    "%s", error.text);
	return loaded[loaded_count++];
}

static void
seat(struct seating *seating, const struct config *config,
    const unsigned *workers)
{
	struct error error = { "" };

	ck_assert_msg(seating_init(seating, &set, config, workers, &error) == 0,
	    "%s", error.text);
	port = address_port(&seating->tables[0].owned->listener->bound);
	/* So that the same text names it from now on. */
	seating->tables[0].owned->listener->requested =
	    seating->tables[0].owned->listener->bound;
}

/* The slots of pool that accept on each socket of the first listener, as
   text: "0 1 2", "0,1" for one socket of two, "-" for nobody. */
static const char *
slots(const struct seating *seating, const struct config_pool *pool,
    unsigned workers)
{
	static char text[256];
	const struct table *table = &seating->tables[0];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < table->owned->listener->socket_count; i++) {
		const char *before = i > 0 ? " " : "";
		bool any = false;

		for (unsigned slot = 0; slot < workers; slot++) {
			if (!seat_accepts(table, i, pool, slot))
				continue;
			used +=
			    (size_t)snprintf(text + used, sizeof(text) - used,
				"%s%u", any ? "," : before, slot);
			any = true;
		}
		if (!any)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s-", before);
	}
	return text;
}

#define ASYNC "[pool web]\nmode = async\n"
#define SYNC "[pool django]\nmode = sync\n"

START_TEST(each_slot_of_an_async_pool_has_a_socket)
{
	const struct config *config = load("", ASYNC);
	struct heritage_socket *sockets;
	struct seating seating;

	seat(&seating, config, (unsigned[]){ 3 });
	ck_assert_str_eq(slots(&seating, config->pools[0], 3), "0 1 2");
	ck_assert_uint_eq(seating_sockets(&seating, config->pools[0], 1,
			      &sockets),
	    1);
	ck_assert_int_eq(sockets[0].fd,
	    seating.tables[0].owned->listener->sockets[1]);
	ck_assert_ptr_eq(sockets[0].listen, config->listens[0]);
	ck_assert_str_eq(sockets[0].address,
	    seating.tables[0].owned->listener->text);
	free(sockets);
	seating_finish(&seating);
}
END_TEST

START_TEST(a_sync_pool_shares_one_socket)
{
	const struct config *config = load("", SYNC);
	struct seating seating;

	seat(&seating, config, (unsigned[]){ 3 });
	ck_assert_str_eq(slots(&seating, config->pools[0], 3), "0,1,2");
	seating_finish(&seating);
}
END_TEST

START_TEST(reuse_port_forces_either_way)
{
	const struct config *off = load("reuse_port = off", ASYNC);
	const struct config *on = load("reuse_port = on", SYNC);
	struct seating seating;

	seat(&seating, off, (unsigned[]){ 2 });
	ck_assert_str_eq(slots(&seating, off->pools[0], 2), "0,1");
	seating_finish(&seating);
	seat(&seating, on, (unsigned[]){ 2 });
	ck_assert_str_eq(slots(&seating, on->pools[0], 2), "0 1");
	seating_finish(&seating);
}
END_TEST

START_TEST(two_pools_sit_side_by_side)
{
	const struct config *config =
	    load("", ASYNC "listen = public\n" SYNC "listen = public\n");
	struct seating seating;

	seat(&seating, config, (unsigned[]){ 2, 3 });
	ck_assert_str_eq(slots(&seating, config->pools[0], 2), "0 1 -");
	ck_assert_str_eq(slots(&seating, config->pools[1], 3), "- - 0,1,2");
	seating_finish(&seating);
}
END_TEST

START_TEST(a_unix_socket_is_shared_by_all)
{
	char directory[] = "/tmp/tricorn-seats-XXXXXX", text[200];
	const struct config *config;
	const struct table *table;
	struct seating seating;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(text, sizeof(text), "address = unix:%s/s", directory);
	config = load(text, ASYNC "listen = public\n" SYNC "listen = public\n");
	seat(&seating, config, (unsigned[]){ 2, 2 });
	ck_assert_uint_eq(seating.table_count, 2);
	table = &seating.tables[1];
	ck_assert_uint_eq(table->owned->listener->socket_count, 1);
	for (unsigned slot = 0; slot < 2; slot++) {
		ck_assert(seat_accepts(table, 0, config->pools[0], slot));
		ck_assert(seat_accepts(table, 0, config->pools[1], slot));
	}
	seating_finish(&seating);
	ck_assert_int_eq(rmdir(directory), 0);
}
END_TEST

START_TEST(fewer_workers_after_a_reload_own_all_sockets)
{
	struct seating old, new;
	const struct config *before, *after;
	struct seat_changes changes;

	before = load("", ASYNC);
	seat(&old, before, (unsigned[]){ 5 });
	after = load("", ASYNC);
	seat(&new, after, (unsigned[]){ 2 });
	ck_assert_str_eq(slots(&new, after->pools[0], 2), "0 1 0 1 0");
	ck_assert_str_eq(slots(&old, before->pools[0], 5), "0 1 2 3 4");
	seating_finish(&old);
	seating_catch_up(&new, after, (unsigned[]){ 2 }, &changes);
	ck_assert_uint_eq(changes.count, 0);
	ck_assert_str_eq(slots(&new, after->pools[0], 2), "0 1 0 1 0");
	seating_finish(&new);
}
END_TEST

START_TEST(more_workers_after_a_reload_get_sockets_when_they_are_ready)
{
	struct seating old, new;
	const struct config *after;
	struct seat_changes changes;

	seat(&old, load("", ASYNC), (unsigned[]){ 1 });
	after = load("", ASYNC);
	seat(&new, after, (unsigned[]){ 3 });
	ck_assert_str_eq(slots(&new, after->pools[0], 3), "0");
	for (unsigned slot = 0; slot < 3; slot++) {
		seating_settle(&new, after->pools[0], slot, &changes);
		ck_assert_uint_eq(changes.count, slot > 0);
		if (slot > 0) {
			ck_assert_uint_eq(changes.items[0].socket, slot);
			for (unsigned k = 0; k < 3; k++)
				ck_assert_int_eq(
				    seat_change_concerns(&changes.items[0],
					after->pools[0], k),
				    k == slot);
		}
		free(changes.items);
	}
	ck_assert_str_eq(slots(&new, after->pools[0], 3), "0 1 2");
	seating_finish(&old);
	seating_finish(&new);
}
END_TEST

START_TEST(sockets_added_during_a_trial_find_an_owner)
{
	struct seating old, trial;
	const struct config *before, *after;
	struct seat_changes changes;

	before = load("", ASYNC);
	seat(&old, before, (unsigned[]){ 1 });
	after = load("", ASYNC);
	seat(&trial, after, (unsigned[]){ 2 });
	for (unsigned slot = 1; slot < 3; slot++) {
		seating_settle(&old, before->pools[0], slot, &changes);
		free(changes.items);
	}
	ck_assert_str_eq(slots(&trial, after->pools[0], 2), "0 - -");
	seating_catch_up(&trial, after, (unsigned[]){ 2 }, &changes);
	ck_assert_uint_eq(changes.count, 2);
	ck_assert(seat_change_concerns(&changes.items[0], after->pools[0], 1));
	ck_assert(seat_change_concerns(&changes.items[1], after->pools[0], 0));
	free(changes.items);
	ck_assert_str_eq(slots(&trial, after->pools[0], 2), "0 1 0");
	seating_finish(&old);
	seating_finish(&trial);
}
END_TEST

START_TEST(a_slot_that_leaves_hands_its_sockets_over_and_a_new_one_takes_back)
{
	const struct config *config = load("", ASYNC);
	const struct config_pool *pool = config->pools[0];
	struct seat_changes changes;
	struct seating seating;

	seat(&seating, config, (unsigned[]){ 3 });
	seating_hand_over(&seating, pool, 2, 0, &changes);
	ck_assert_uint_eq(changes.count, 1);
	ck_assert_uint_eq(changes.items[0].socket, 2);
	ck_assert(seat_change_concerns(&changes.items[0], pool, 0));
	ck_assert(!seat_change_concerns(&changes.items[0], pool, 1));
	free(changes.items);
	ck_assert_str_eq(slots(&seating, pool, 3), "0 1 0");
	/* No socket is made while another slot has one to spare. */
	seating_settle(&seating, pool, 2, &changes);
	ck_assert_uint_eq(changes.count, 1);
	free(changes.items);
	ck_assert_uint_eq(seating.tables[0].owned->listener->socket_count, 3);
	ck_assert_str_eq(slots(&seating, pool, 3), "2 1 0");
	seating_finish(&seating);
}
END_TEST

START_TEST(an_added_sync_pool_gets_its_socket_when_it_is_ready)
{
	struct seating old, new;
	const struct config *after;
	struct seat_changes changes;

	seat(&old, load("", SYNC), (unsigned[]){ 2 });
	after = load("",
	    SYNC "listen = public\n[pool more]\nmode = sync\n"
		 "listen = public\n");
	seat(&new, after, (unsigned[]){ 2, 2 });
	ck_assert_str_eq(slots(&new, after->pools[1], 2), "-");
	seating_settle(&new, after->pools[1], 0, &changes);
	ck_assert_uint_eq(changes.count, 1);
	ck_assert(seat_change_concerns(&changes.items[0], after->pools[1], 0));
	ck_assert(seat_change_concerns(&changes.items[0], after->pools[1], 1));
	ck_assert(!seat_change_concerns(&changes.items[0], after->pools[0], 0));
	free(changes.items);
	ck_assert_str_eq(slots(&new, after->pools[0], 2), "0,1 -");
	ck_assert_str_eq(slots(&new, after->pools[1], 2), "- 0,1");
	seating_finish(&old);
	seating_finish(&new);
}
END_TEST

START_TEST(a_listener_lives_as_long_as_a_generation_uses_it)
{
	struct seating first, second;
	int socket;

	seat(&first, load("", ASYNC), (unsigned[]){ 2 });
	socket = first.tables[0].owned->listener->sockets[1];
	seat(&second, load("", ASYNC), (unsigned[]){ 2 });
	ck_assert_ptr_eq(first.tables[0].owned, second.tables[0].owned);
	seating_finish(&first);
	ck_assert_int_eq(second.tables[0].owned->listener->sockets[1], socket);
	ck_assert(!list_empty(&set));
	seating_finish(&second);
	ck_assert(list_empty(&set));
}
END_TEST

START_TEST(what_cannot_be_opened_leaves_nothing_new_open)
{
	struct seating first, second;
	struct error error = { "" };
	const struct config *bad;

	seat(&first, load("", ASYNC), (unsigned[]){ 2 });
	bad = load("[listen other]\naddress = 127.0.0.1:0\n"
		   "address = unix:/no/such/directory/s\n",
	    ASYNC "listen = public\nlisten = other\n");
	ck_assert_int_eq(seating_init(&second, &set, bad, (unsigned[]){ 4 },
			     &error),
	    -1);
	ck_assert_ptr_nonnull(strstr(error.text, "unix:/no/such/directory/s"));
	ck_assert_ptr_nonnull(strstr(error.text, "test.conf:"));
	ck_assert_ptr_eq(set.next, &first.tables[0].owned->link);
	ck_assert_ptr_eq(set.next->next, &set);
	ck_assert_uint_eq(first.tables[0].owned->references, 1);
	ck_assert_uint_eq(first.tables[0].owned->listener->socket_count, 2);
	seating_finish(&first);
}
END_TEST

START_TEST(two_sections_may_not_name_one_address)
{
	struct seating seating;
	struct error error = { "" };
	const struct config *config;

	/* The second is known to be the same only when it is looked up. */
	config = load("[listen other]\naddress = 127.0.0.001:0\n",
	    ASYNC "listen = public\nlisten = other\n");
	if (seating_init(&seating, &set, config, (unsigned[]){ 1 }, &error) ==
	    0) {
		seating_finish(&seating);
		ck_abort_msg("both were opened");
	}
	ck_assert_ptr_nonnull(strstr(error.text, "[listen other]"));
	ck_assert(list_empty(&set));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("seats");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_add_test(all, each_slot_of_an_async_pool_has_a_socket);
	tcase_add_test(all, a_sync_pool_shares_one_socket);
	tcase_add_test(all, reuse_port_forces_either_way);
	tcase_add_test(all, two_pools_sit_side_by_side);
	tcase_add_test(all, a_unix_socket_is_shared_by_all);
	tcase_add_test(all, fewer_workers_after_a_reload_own_all_sockets);
	tcase_add_test(all,
	    more_workers_after_a_reload_get_sockets_when_they_are_ready);
	tcase_add_test(all, sockets_added_during_a_trial_find_an_owner);
	tcase_add_test(all,
	    a_slot_that_leaves_hands_its_sockets_over_and_a_new_one_takes_back);
	tcase_add_test(all,
	    an_added_sync_pool_gets_its_socket_when_it_is_ready);
	tcase_add_test(all, a_listener_lives_as_long_as_a_generation_uses_it);
	tcase_add_test(all, what_cannot_be_opened_leaves_nothing_new_open);
	tcase_add_test(all, two_sections_may_not_name_one_address);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
