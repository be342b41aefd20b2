/* SPDX-License-Identifier: MIT */
/*
 * A generation: one loaded configuration with its pools and its seating at
 * the listeners. When it comes and goes is decided in reload.c.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "master/master_priv.h"

static const unsigned legal_moves[] = {
	[GENERATION_TRIAL] =
	    1u << GENERATION_ROLLOUT | 1u << GENERATION_RETIRED,
	[GENERATION_ROLLOUT] =
	    1u << GENERATION_SERVING | 1u << GENERATION_RETIRED,
	[GENERATION_SERVING] = 1u << GENERATION_RETIRED,
	[GENERATION_RETIRED] = 0,
};

void
generation_set_state(struct generation *generation, enum generation_state state)
{
	assert(legal_moves[generation->state] & 1u << state);
	generation->state = state;
}

/* --- making one --------------------------------------------------------- */

/* What TTIN and TTOU have made of the pool of that name. */
static int
inherited_adjust(const struct master *master, const char *name)
{
	const struct generation *current = master->current;

	for (size_t i = 0; current != NULL && i < current->pool_count; i++)
		if (strcmp(current->pools[i].config->name, name) == 0)
			return current->pools[i].adjust;
	return 0;
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	pool_fill(arg);
}

static void
init_pool(struct pool *pool, struct generation *generation,
    const struct config_pool *config)
{
	int wanted;

	pool->config = config;
	pool->generation = generation;
	pool->adjust = inherited_adjust(generation->master, config->name);
	wanted = (int)config->workers + pool->adjust;
	if (wanted < 1) {
		pool->adjust += 1 - wanted;
		wanted = 1;
	}
	pool->wanted = (unsigned)wanted;
	pool->retry = evtimer_new(generation->master->base, retry_cb, pool);
}

/* The number of slots of every pool, to be freed. */
static unsigned *
count_slots(const struct generation *generation)
{
	unsigned *slots = xcalloc(generation->pool_count, sizeof(*slots));

	for (size_t i = 0; i < generation->pool_count; i++)
		slots[i] = generation->pools[i].wanted;
	return slots;
}

struct generation *
generation_create(struct master *master, struct config **config,
    struct error *error)
{
	struct generation *generation = xcalloc(1, sizeof(*generation));
	unsigned *slots;
	int result;

	generation->master = master;
	generation->number = ++master->generation_count;
	generation->config = *config;
	*config = NULL;
	generation->pool_count = generation->config->pool_count;
	generation->pools =
	    xcalloc(generation->pool_count, sizeof(*generation->pools));
	for (size_t i = 0; i < generation->pool_count; i++)
		init_pool(&generation->pools[i], generation,
		    generation->config->pools[i]);
	list_append(&master->generations, &generation->link);
	slots = count_slots(generation);
	result = seating_init(&generation->seating, &master->listeners,
	    generation->config, slots, error);
	free(slots);
	if (result != 0)
		generation_destroy(&generation);
	return generation;
}

void
generation_destroy(struct generation **generation)
{
	struct master *master = (*generation)->master;

	assert(generation_count_children(*generation, ~0u) == 0);
	if (master->current == *generation)
		master->current = NULL;
	if (master->trial == *generation)
		master->trial = NULL;
	seating_finish(&(*generation)->seating);
	for (size_t i = 0; i < (*generation)->pool_count; i++)
		event_free((*generation)->pools[i].retry);
	free((*generation)->pools);
	config_destroy(&(*generation)->config);
	list_remove(&(*generation)->link);
	free(*generation);
	*generation = NULL;
}

/* --- its end ------------------------------------------------------------ */

void
generation_retire(struct generation *generation)
{
	generation_set_state(generation, GENERATION_RETIRED);
	for (size_t i = 0; i < generation->pool_count; i++)
		event_del(generation->pools[i].retry);
	LIST_FOREACH (link, &generation->master->children) {
		struct child *child = container_of(link, struct child, link);

		if (child->pool->generation == generation)
			child_retire(child);
	}
}

void
generation_sweep(struct master *master)
{
	LIST_FOREACH_SAFE (link, after, &master->generations) {
		struct generation *generation =
		    container_of(link, struct generation, link);

		if (generation->state != GENERATION_RETIRED ||
		    generation_count_children(generation, ~0u) > 0)
			continue;
		log_debug("generation %u is gone", generation->number);
		generation_destroy(&generation);
	}
}

/* --- its workers and sockets -------------------------------------------- */

size_t
generation_count_children(const struct generation *generation, unsigned states)
{
	size_t count = 0;

	LIST_FOREACH (link, &generation->master->children) {
		const struct child *child =
		    container_of(link, struct child, link);

		if (child->pool->generation == generation &&
		    states & 1u << child->state)
			count++;
	}
	return count;
}

void
generation_send_changes(struct generation *generation,
    struct seat_changes *changes)
{
	LIST_FOREACH (link, &generation->master->children) {
		struct child *child = container_of(link, struct child, link);

		if (child->pool->generation != generation ||
		    child->state != CHILD_READY)
			continue;
		for (size_t i = 0; i < changes->count; i++)
			if (seat_change_concerns(&changes->items[i],
				child->pool->config, child->slot))
				child_give_socket(child,
				    changes->items[i].table,
				    changes->items[i].socket);
	}
	free(changes->items);
	*changes = (struct seat_changes){ NULL, 0 };
}

void
generation_take_over(struct generation *generation)
{
	unsigned *slots = count_slots(generation);
	struct seat_changes changes;

	for (size_t i = 0; i < generation->seating.table_count; i++)
		listener_apply(generation->seating.tables[i].owned->listener,
		    generation->seating.tables[i].listen);
	seating_catch_up(&generation->seating, generation->config, slots,
	    &changes);
	generation_send_changes(generation, &changes);
	free(slots);
}
