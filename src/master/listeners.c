/* SPDX-License-Identifier: MIT */
/* References on listeners, found again by their address. */
#include "master/listeners.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"

static struct owned_listener *
find(struct list *set, const struct address *address)
{
	LIST_FOREACH (link, set) {
		struct owned_listener *owned =
		    container_of(link, struct owned_listener, link);

		if (address_equal(&owned->listener->requested, address))
			return owned;
	}
	return NULL;
}

static void
warn_of_fixed_option(const struct listener *listener,
    const struct address *address)
{
	if (listener->requested.ipv6_only != address->ipv6_only)
		log_warning("%s is open already: whether it takes IPv4 too "
			    "only changes with a restart",
		    listener->text);
}

/* 0: reference in *owned; 1: this machine has no such address; -1. */
static int
take_address(struct list *set, const struct address *address,
    const struct config_listen *listen, struct owned_listener **owned,
    struct error *error)
{
	struct listener *listener;
	int result;

	*owned = find(set, address);
	if (*owned != NULL) {
		warn_of_fixed_option((*owned)->listener, address);
		(*owned)->references++;
		return 0;
	}
	result = listener_open(address, listen, &listener, error);
	if (result != 0)
		return result;
	*owned = xcalloc(1, sizeof(**owned));
	(*owned)->listener = listener;
	(*owned)->references = 1;
	list_append(set, &(*owned)->link);
	return 0;
}

static bool
is_taken(const struct listeners_taken *taken, const struct address *address)
{
	for (size_t i = 0; i < taken->count; i++)
		if (address_equal(&taken->items[i]->listener->requested,
			address))
			return true;
	return false;
}

/* Opens what one line of the section stands for. */
static int
take_text(struct list *set, const char *text,
    const struct config_listen *listen, struct listeners_taken *taken,
    struct error *error)
{
	struct address *addresses;
	size_t count, opened = 0;
	int result = 0;

	if (address_resolve(text, &addresses, &count, error) != 0)
		return -1;
	for (size_t i = 0; i < count && result >= 0; i++) {
		struct owned_listener *owned;

		/* A wildcard's parts are what they are; others follow the
		   section. */
		addresses[i].ipv6_only |= listen->ipv6_only;
		if (is_taken(taken, &addresses[i])) {
			opened++;
			continue;
		}
		result =
		    take_address(set, &addresses[i], listen, &owned, error);
		if (result != 0)
			continue;
		taken->items = xreallocarray(taken->items, taken->count + 1,
		    sizeof(*taken->items));
		taken->items[taken->count++] = owned;
		opened++;
	}
	free(addresses);
	return result >= 0 && opened > 0 ? 0 : -1;
}

int
listeners_take(struct list *set, const struct config_listen *listen,
    struct listeners_taken *taken, struct error *error)
{
	const struct config_list *texts = &listen->addresses;

	*taken = (struct listeners_taken){ NULL, 0 };
	for (size_t i = 0; i < texts->count; i++) {
		const struct config_origin *origin = &texts->origins[i];

		if (take_text(set, texts->items[i], listen, taken, error) == 0)
			continue;
		if (origin->line > 0)
			error_prefix(error, "%s:%d: ", origin->file,
			    origin->line);
		for (size_t k = 0; k < taken->count; k++)
			listeners_release(taken->items[k]);
		free(taken->items);
		*taken = (struct listeners_taken){ NULL, 0 };
		return -1;
	}
	return 0;
}

void
listeners_release(struct owned_listener *owned)
{
	assert(owned->references > 0);
	if (--owned->references > 0)
		return;
	list_remove(&owned->link);
	listener_close(&owned->listener);
	free(owned);
}
