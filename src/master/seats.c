/* SPDX-License-Identifier: MIT */
/*
 * Seats at listeners: pure bookkeeping, apart from the sockets that are added
 * to listeners. Processes and messages are left to the caller.
 */
#include "master/seats.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"

/* --- which seats there are ---------------------------------------------- */

static bool
uses(const struct config_pool *pool, const struct config_listen *listen)
{
	for (size_t i = 0; i < pool->listener_count; i++)
		if (pool->listeners[i] == listen)
			return true;
	return false;
}

/* All workers of all pools share what there is. */
static bool
is_common(const struct table *table)
{
	return table->listen->reuse_port == CONFIG_REUSE_PORT_OFF ||
	    address_is_unix(&table->owned->listener->bound);
}

static bool
has_seat_per_slot(const struct config_pool *pool,
    const struct config_listen *listen)
{
	if (listen->reuse_port == CONFIG_REUSE_PORT_ON)
		return true;
	return pool->mode != CONFIG_MODE_SYNC;
}

/* The seats in order; an xmalloc'ed array, at least one. */
static size_t
list_seats(const struct table *table, const struct config *config,
    const unsigned *workers, struct seat **seats)
{
	size_t count = 0;

	*seats = NULL;
	for (size_t i = 0; i < config->pool_count; i++) {
		const struct config_pool *pool = config->pools[i];
		bool per_slot = has_seat_per_slot(pool, table->listen);
		size_t more = per_slot ? workers[i] : 1;

		if (!uses(pool, table->listen) || is_common(table))
			continue;
		*seats = xreallocarray(*seats, count + more, sizeof(**seats));
		for (size_t slot = 0; slot < more; slot++)
			(*seats)[count++] = (struct seat){ pool,
				per_slot ? (unsigned)slot : SEAT_ALL_SLOTS };
	}
	if (count == 0) {
		*seats = xmalloc(sizeof(**seats));
		(*seats)[count++] = (struct seat){ NULL, SEAT_ALL_SLOTS };
	}
	return count;
}

/* --- who owns what ------------------------------------------------------ */

static void
set_owner(struct table *table, size_t socket, struct seat owner)
{
	if (socket >= table->owner_count) {
		assert(socket == table->owner_count);
		table->owners = xreallocarray(table->owners, socket + 1,
		    sizeof(*table->owners));
		table->owner_count = socket + 1;
	}
	table->owners[socket] = owner;
}

static void
assign_rest(struct table *table, const struct config *config,
    const unsigned *workers)
{
	struct seat *seats;
	size_t count = list_seats(table, config, workers, &seats);

	for (size_t i = table->owner_count;
	     i < table->owned->listener->socket_count; i++)
		set_owner(table, i, seats[i % count]);
	free(seats);
}

static bool
is_seat_of(const struct seat *seat, const struct config_pool *pool,
    unsigned slot)
{
	return (seat->pool == NULL || seat->pool == pool) &&
	    (seat->slot == SEAT_ALL_SLOTS || seat->slot == slot);
}

bool
seat_accepts(const struct table *table, size_t socket,
    const struct config_pool *pool, unsigned slot)
{
	/* Without an owner it is another generation's, which sees to it. */
	return socket < table->owner_count && uses(pool, table->listen) &&
	    is_seat_of(&table->owners[socket], pool, slot);
}

static size_t
owned_count(const struct table *table, const struct config_pool *pool,
    unsigned slot)
{
	size_t count = 0;

	for (size_t i = 0; i < table->owner_count; i++)
		count += seat_accepts(table, i, pool, slot);
	return count;
}

/* --- making a seating --------------------------------------------------- */

/* A listener that nobody used before can have all its sockets at once. */
static int
open_all(struct table *table, const struct config *config,
    const unsigned *workers, struct error *error)
{
	struct listener *listener = table->owned->listener;
	struct seat *seats;
	size_t count;

	if (table->owned->references > 1 || is_common(table))
		return 0;
	count = list_seats(table, config, workers, &seats);
	free(seats);
	while (listener->socket_count < count)
		if (listener_add_socket(listener, table->listen, error) != 0)
			return -1;
	return 0;
}

/* Whether this section's address is some other section's too. */
static int
refuse_double(const struct seating *seating, const struct table *table,
    struct error *error)
{
	for (size_t i = 0; i < seating->table_count; i++) {
		const struct table *other = &seating->tables[i];

		if (other != table && other->owned == table->owned)
			return error_set(error,
			    "[listen %s] and [listen %s] both name %s; leave "
			    "it in one of them",
			    other->listen->name, table->listen->name,
			    table->owned->listener->text);
	}
	return 0;
}

static int
seat_section(struct seating *seating, struct list *set,
    const struct config *config, const struct config_listen *listen,
    const unsigned *workers, struct error *error)
{
	struct listeners_taken taken;
	size_t first = seating->table_count;

	if (listeners_take(set, listen, &taken, error) != 0)
		return -1;
	seating->tables = xreallocarray(seating->tables, first + taken.count,
	    sizeof(*seating->tables));
	for (size_t i = 0; i < taken.count; i++)
		seating->tables[seating->table_count++] =
		    (struct table){ taken.items[i], listen, NULL, 0 };
	free(taken.items);
	for (size_t i = first; i < seating->table_count; i++) {
		struct table *table = &seating->tables[i];

		if (refuse_double(seating, table, error) != 0 ||
		    open_all(table, config, workers, error) != 0)
			return -1;
		assign_rest(table, config, workers);
	}
	return 0;
}

static bool
is_used(const struct config *config, const struct config_listen *listen)
{
	for (size_t i = 0; i < config->pool_count; i++)
		if (uses(config->pools[i], listen))
			return true;
	return false;
}

int
seating_init(struct seating *seating, struct list *set,
    const struct config *config, const unsigned *workers, struct error *error)
{
	*seating = (struct seating){ NULL, 0 };
	for (size_t i = 0; i < config->listen_count; i++) {
		const struct config_listen *listen = config->listens[i];

		if (!is_used(config, listen) ||
		    seat_section(seating, set, config, listen, workers,
			error) == 0)
			continue;
		seating_finish(seating);
		return -1;
	}
	return 0;
}

void
seating_finish(struct seating *seating)
{
	for (size_t i = 0; i < seating->table_count; i++) {
		listeners_release(seating->tables[i].owned);
		free(seating->tables[i].owners);
	}
	free(seating->tables);
	*seating = (struct seating){ NULL, 0 };
}

/* --- using it ----------------------------------------------------------- */

size_t
seating_sockets(const struct seating *seating, const struct config_pool *pool,
    unsigned slot, struct heritage_socket **sockets)
{
	size_t count = 0;

	*sockets = xmalloc(sizeof(**sockets));
	for (size_t i = 0; i < seating->table_count; i++) {
		const struct table *table = &seating->tables[i];
		const struct listener *listener = table->owned->listener;

		for (size_t k = 0; k < table->owner_count; k++) {
			if (!seat_accepts(table, k, pool, slot))
				continue;
			*sockets = xreallocarray(*sockets, count + 1,
			    sizeof(**sockets));
			(*sockets)[count++] =
			    (struct heritage_socket){ listener->sockets[k],
				    table->listen, listener->text };
		}
	}
	return count;
}

static void
add_change(struct seat_changes *changes, const struct table *table,
    size_t socket)
{
	const struct seat *owner = &table->owners[socket];

	changes->items = xreallocarray(changes->items, changes->count + 1,
	    sizeof(*changes->items));
	changes->items[changes->count++] =
	    (struct seat_change){ table, socket, *owner };
}

bool
seat_change_concerns(const struct seat_change *change,
    const struct config_pool *pool, unsigned slot)
{
	return uses(pool, change->table->listen) &&
	    is_seat_of(&change->seat, pool, slot);
}

void
seating_catch_up(struct seating *seating, const struct config *config,
    const unsigned *workers, struct seat_changes *changes)
{
	*changes = (struct seat_changes){ NULL, 0 };
	for (size_t i = 0; i < seating->table_count; i++) {
		struct table *table = &seating->tables[i];
		size_t before = table->owner_count;

		assign_rest(table, config, workers);
		for (size_t k = before; k < table->owner_count; k++)
			add_change(changes, table, k);
	}
}

/* Takes one from a slot of the pool that has several; false: none has. */
static bool
take_spare(struct table *table, const struct config_pool *pool, unsigned slot,
    size_t *socket)
{
	for (size_t i = 0; i < table->owner_count; i++) {
		const struct seat *owner = &table->owners[i];

		if (owner->pool != pool || owner->slot == SEAT_ALL_SLOTS ||
		    owned_count(table, pool, owner->slot) < 2)
			continue;
		set_owner(table, i, (struct seat){ pool, slot });
		*socket = i;
		return true;
	}
	return false;
}

/* Any socket of the pool, to be shared with its owner. */
static size_t
find_shared(const struct table *table, const struct config_pool *pool)
{
	for (size_t i = 0; i < table->owner_count; i++)
		if (table->owners[i].pool == pool)
			return i;
	return 0;
}

/* A socket for a seat that has none. */
static void
settle_at(struct table *table, struct seat seat, struct seat_changes *changes)
{
	struct listener *listener = table->owned->listener;
	struct error error;
	size_t socket;

	if (seat.slot == SEAT_ALL_SLOTS ||
	    !take_spare(table, seat.pool, seat.slot, &socket)) {
		socket = table->owner_count;
		if (socket == listener->socket_count &&
		    listener_add_socket(listener, table->listen, &error) != 0) {
			log_warning("pool %s: a worker shares the socket of "
				    "another one: %s",
			    seat.pool->name, error.text);
			add_change(changes, table,
			    find_shared(table, seat.pool));
			changes->items[changes->count - 1].seat = seat;
			return;
		}
		set_owner(table, socket, seat);
	}
	add_change(changes, table, socket);
}

void
seating_settle(struct seating *seating, const struct config_pool *pool,
    unsigned slot, struct seat_changes *changes)
{
	*changes = (struct seat_changes){ NULL, 0 };
	for (size_t i = 0; i < seating->table_count; i++) {
		struct table *table = &seating->tables[i];
		bool per_slot = has_seat_per_slot(pool, table->listen);

		if (!uses(pool, table->listen) || is_common(table) ||
		    owned_count(table, pool, slot) > 0)
			continue;
		settle_at(table,
		    (struct seat){ pool, per_slot ? slot : SEAT_ALL_SLOTS },
		    changes);
	}
}

void
seating_hand_over(struct seating *seating, const struct config_pool *pool,
    unsigned from, unsigned to, struct seat_changes *changes)
{
	*changes = (struct seat_changes){ NULL, 0 };
	for (size_t i = 0; i < seating->table_count; i++) {
		struct table *table = &seating->tables[i];

		for (size_t k = 0; k < table->owner_count; k++) {
			struct seat *owner = &table->owners[k];

			if (owner->pool != pool || owner->slot != from)
				continue;
			owner->slot = to;
			add_change(changes, table, k);
		}
	}
}
