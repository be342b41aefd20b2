/* SPDX-License-Identifier: MIT */
/*
 * Keeps a pool of a generation at its number of workers: fills empty slots,
 * gives those that want to leave a successor, grows and shrinks, and waits
 * between the attempts of a crash loop.
 */
#include "base/clock.h"
#include "base/log.h"
#include "master/master_priv.h"

/* A worker that served this long (ms) did not die of how it was started. */
#define LONG_LIFE 5000

struct child *
pool_child(const struct pool *pool, unsigned slot)
{
	struct child *newest = NULL;

	LIST_FOREACH (link, &pool->generation->master->children) {
		struct child *child = container_of(link, struct child, link);

		if (child->pool == pool && child->slot == slot &&
		    !child->told_to_go && child->state != CHILD_KILLED)
			newest = child;
	}
	return newest;
}

static bool
is_in_charge(const struct pool *pool)
{
	const struct generation *generation = pool->generation;

	return generation->master->state != MASTER_STOPPING &&
	    !generation->master->paused &&
	    (generation->state == GENERATION_ROLLOUT ||
		generation->state == GENERATION_SERVING);
}

/* --- sockets of empty slots --------------------------------------------- */

/* Who can take the sockets of a slot that is empty now; NULL: nobody. */
static struct child *
find_heir(const struct pool *pool, unsigned leaving)
{
	for (unsigned slot = 0; slot < pool->wanted; slot++) {
		struct child *child = pool_child(pool, slot);

		if (slot != leaving && child != NULL &&
		    child->state == CHILD_READY)
			return child;
	}
	return NULL;
}

static void
hand_over(struct pool *pool, unsigned slot, const struct child *heir)
{
	struct seat_changes changes;

	seating_hand_over(&pool->generation->seating, pool->config, slot,
	    heir->slot, &changes);
	generation_send_changes(pool->generation, &changes);
}

/* While a slot stays empty nobody would accept on its sockets. Its next
   worker gets one back by seating_settle(). */
static void
lend_sockets(struct pool *pool)
{
	for (unsigned slot = 0; slot < pool->wanted; slot++) {
		struct child *heir;

		if (pool_child(pool, slot) != NULL)
			continue;
		heir = find_heir(pool, slot);
		if (heir != NULL)
			hand_over(pool, slot, heir);
	}
}

/* --- filling ------------------------------------------------------------ */

/* False when no more attempts are to be made now. */
static bool
start_worker(struct pool *pool, unsigned slot)
{
	struct error error;

	if (spawn(pool, slot, &error) != NULL)
		return true;
	log_error("pool %s: %s", pool->config->name, error.text);
	pool_retry(pool, NULL);
	return false;
}

/* One at a time, so that the pool is never short of more than it must. */
static void
start_successor(struct pool *pool)
{
	struct child *leaver = NULL;

	LIST_FOREACH (link, &pool->generation->master->children) {
		struct child *child = container_of(link, struct child, link);

		if (child->pool != pool)
			continue;
		if (child->state == CHILD_STARTING)
			return;
		if (leaver == NULL && child->state == CHILD_READY &&
		    child->wants_leave && child->slot < pool->wanted)
			leaver = child;
	}
	if (leaver != NULL)
		start_worker(pool, leaver->slot);
}

void
pool_fill(struct pool *pool)
{
	if (!is_in_charge(pool) || event_pending(pool->retry, EV_TIMEOUT, NULL))
		return;
	for (unsigned slot = 0; slot < pool->wanted; slot++)
		if (pool_child(pool, slot) == NULL && !start_worker(pool, slot))
			return;
	start_successor(pool);
}

static void
wait_to_retry(struct pool *pool, uint64_t wait)
{
	struct timeval delay = { (time_t)(wait / 1000),
		(suseconds_t)(wait % 1000 * 1000) };

	log_warning("pool %s: its workers keep dying, %u in a row; trying "
		    "again in %.3g s",
	    pool->config->name, pool->backoff.steps, (double)wait / 1000);
	event_add(pool->retry, &delay);
}

void
pool_retry(struct pool *pool, const struct child *dead)
{
	uint64_t now = clock_monotonic_ms(), wait = 0;

	if (!is_in_charge(pool))
		return;
	if (!event_pending(pool->retry, EV_TIMEOUT, NULL)) {
		if (dead == NULL || !dead->was_ready ||
		    now - dead->started < LONG_LIFE)
			wait = backoff_failed(&pool->backoff, now);
		if (wait == 0) {
			pool_fill(pool);
			return;
		}
		wait_to_retry(pool, wait);
	}
	lend_sockets(pool);
}

/* --- a worker is ready -------------------------------------------------- */

static void
relieve_predecessor(const struct child *successor)
{
	LIST_FOREACH (link, &successor->master->children) {
		struct child *child = container_of(link, struct child, link);

		if (child != successor && child->pool == successor->pool &&
		    child->slot == successor->slot && child->wants_leave)
			child_retire(child);
	}
}

void
pool_child_ready(struct child *child)
{
	struct pool *pool = child->pool;
	struct seat_changes changes;

	seating_settle(&pool->generation->seating, pool->config, child->slot,
	    &changes);
	generation_send_changes(pool->generation, &changes);
	relieve_predecessor(child);
	pool_fill(pool);
}

/* --- growing and shrinking ---------------------------------------------- */

static void
retire_slot(struct pool *pool, unsigned slot)
{
	LIST_FOREACH (link, &pool->generation->master->children) {
		struct child *child = container_of(link, struct child, link);

		if (child->pool == pool && child->slot == slot)
			child_retire(child);
	}
}

static void
shrink(struct pool *pool)
{
	unsigned slot = pool->wanted - 1;
	struct child *heir = find_heir(pool, slot);

	if (heir == NULL) {
		log_warning("pool %s keeps %u workers: none of the others can "
			    "take the place of one that leaves now",
		    pool->config->name, pool->wanted);
		return;
	}
	pool->wanted--;
	pool->adjust--;
	log_info("pool %s: workers go down to %u", pool->config->name,
	    pool->wanted);
	hand_over(pool, slot, heir);
	retire_slot(pool, slot);
}

void
pool_resize(struct pool *pool, int change)
{
	for (; change < 0 && pool->wanted > 1; change++)
		shrink(pool);
	for (; change > 0; change--) {
		pool->wanted++;
		pool->adjust++;
		log_info("pool %s: workers go up to %u", pool->config->name,
		    pool->wanted);
	}
	pool_fill(pool);
}
