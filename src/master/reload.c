/* SPDX-License-Identifier: MIT */
/*
 * How a generation comes into power, the first one too: trial, rollout, and
 * only then the end of the one before. Whatever fails on the way leaves
 * things as they were.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/master_priv.h"
#include "master/notify.h"
#include "master/privileges.h"

/* --- the end of a reload ------------------------------------------------ */

/* Done or failed: what had to wait for it comes now. */
static void
reload_ended(struct master *master)
{
	int resize = master->pending_resize;

	master->pending_resize = 0;
	if (resize != 0)
		reload_resize(master, resize);
	notify_send("READY=1\nSTATUS=Generation %u serves",
	    master->current->number);
	if (!master->reload_again)
		return;
	master->reload_again = false;
	reload_start(master);
}

static void
reload_failed(struct master *master, const char *reason)
{
	log_error("reload failed: %s; generation %u goes on serving", reason,
	    master->current->number);
	reload_ended(master);
}

/* --- the beginning ------------------------------------------------------ */

static struct generation *
make_generation(struct master *master, struct error *error)
{
	struct error difference;
	struct config *config;

	if (config_load(master->options, &config, error) != 0)
		return NULL;
	if (config_needs_restart(master->current->config, config, &difference))
		log_warning("reload: %s", difference.text);
	return generation_create(master, &config, error);
}

void
reload_start(struct master *master)
{
	struct generation *generation;
	struct error error;

	if (master->state == MASTER_STOPPING)
		return;
	if (master->trial != NULL || master->current == NULL ||
	    master->current->state == GENERATION_ROLLOUT) {
		log_info("reload: another one is under way; this one follows");
		master->reload_again = true;
		return;
	}
	log_info("reload: trying the new configuration");
	notify_send("RELOADING=1\nMONOTONIC_USEC=%llu",
	    (unsigned long long)(clock_monotonic_ns() / 1000));
	generation = make_generation(master, &error);
	if (generation == NULL)
		reload_failed(master, error.text);
	else
		reload_try(generation);
}

/* --- trial -------------------------------------------------------------- */

static void
trial_failed(struct generation *generation, const char *reason)
{
	struct master *master = generation->master;

	master->trial = NULL;
	generation_retire(generation);
	if (master->state == MASTER_STARTING)
		master_start_failed(master, reason);
	else
		reload_failed(master, reason);
}

void
reload_try(struct generation *generation)
{
	struct error error;

	generation->master->trial = generation;
	privileges_share_access_log(&generation->config->server);
	for (size_t i = 0; i < generation->pool_count; i++) {
		struct pool *pool = &generation->pools[i];

		if (spawn(pool, 0, &error) != NULL)
			continue;
		error_prefix(&error, "pool %s: ", pool->config->name);
		trial_failed(generation, error.text);
		return;
	}
}

static bool
is_proven(const struct generation *generation)
{
	for (size_t i = 0; i < generation->pool_count; i++) {
		const struct child *child =
		    pool_child(&generation->pools[i], 0);

		if (child == NULL || child->state != CHILD_READY)
			return false;
	}
	return true;
}

/* --- rollout ------------------------------------------------------------ */

static void
log_serving(const struct generation *generation)
{
	const struct seating *seating = &generation->seating;
	bool first = generation->master->state == MASTER_STARTING;
	char addresses[1024] = "";
	size_t used = 0;

	for (size_t i = 0; i < seating->table_count; i++) {
		int length = snprintf(addresses + used,
		    sizeof(addresses) - used, "%s%s", i > 0 ? ", " : "",
		    seating->tables[i].owned->listener->text);

		if (length < 0 || used + (size_t)length >= sizeof(addresses))
			break;
		used += (size_t)length;
	}
	log_info("%s: generation %u serves on %s",
	    first ? "ready" : "reload done", generation->number,
	    addresses[0] != '\0' ? addresses : "no address");
}

static void
retire_older(const struct generation *newest)
{
	LIST_FOREACH (link, &newest->master->generations) {
		struct generation *generation =
		    container_of(link, struct generation, link);

		if (generation != newest &&
		    generation->state == GENERATION_SERVING)
			generation_retire(generation);
	}
	generation_sweep(newest->master);
}

static void
end_rollout_if_complete(struct generation *generation)
{
	struct master *master = generation->master;

	if (generation->state != GENERATION_ROLLOUT ||
	    generation_count_children(generation, 1u << CHILD_STARTING) > 0)
		return;
	generation_set_state(generation, GENERATION_SERVING);
	log_serving(generation);
	if (master->state == MASTER_STARTING)
		master_set_state(master, MASTER_SERVING);
	retire_older(generation);
	for (size_t i = 0; i < generation->pool_count; i++)
		pool_fill(&generation->pools[i]);
	reload_ended(master);
}

/* Lines go where the new configuration wants them. */
static void
take_over_log(const struct config_server *server)
{
	struct error error;

	if (log_open(server->error_log, server->log_level, &error) != 0)
		log_error("%s", error.text);
	privileges_share_log(server);
}

static void
start_rollout(struct generation *generation)
{
	struct master *master = generation->master;
	struct seat_changes changes;

	master->trial = NULL;
	master->current = generation;
	master->paused = false;
	generation_set_state(generation, GENERATION_ROLLOUT);
	if (master->state != MASTER_STARTING)
		take_over_log(&generation->config->server);
	generation_take_over(generation);
	watch_start(master);
	for (size_t i = 0; i < generation->pool_count; i++) {
		seating_settle(&generation->seating,
		    generation->pools[i].config, 0, &changes);
		generation_send_changes(generation, &changes);
		pool_fill(&generation->pools[i]);
	}
}

/* --- what its workers do ------------------------------------------------ */

void
reload_child_ready(struct child *child)
{
	struct generation *generation = child->pool->generation;

	if (generation->state == GENERATION_ROLLOUT)
		pool_child_ready(child);
	else if (is_proven(generation))
		start_rollout(generation);
	end_rollout_if_complete(generation);
}

void
reload_child_failed(struct child *child)
{
	struct generation *generation = child->pool->generation;
	struct master *master = generation->master;
	struct error error;

	error_set(&error, "worker of pool %s: %s", child->pool->config->name,
	    child->reason.text);
	if (generation->state == GENERATION_TRIAL) {
		trial_failed(generation, error.text);
		return;
	}
	if (master->state == MASTER_STARTING) {
		master_start_failed(master, error.text);
		return;
	}
	pool_retry(child->pool, child);
	end_rollout_if_complete(generation);
}

void
reload_child_left(struct child *child)
{
	pool_fill(child->pool);
	end_rollout_if_complete(child->pool->generation);
}

void
reload_resize(struct master *master, int change)
{
	struct generation *current = master->current;

	if (master->state == MASTER_STOPPING)
		return;
	if (master->trial != NULL || current == NULL ||
	    current->state == GENERATION_ROLLOUT) {
		master->pending_resize += change;
		return;
	}
	for (size_t i = 0; i < current->pool_count; i++)
		pool_resize(&current->pools[i], change);
}
