/* SPDX-License-Identifier: MIT */
/*
 * The shared memory of the scoreboard: made once by the master, inherited by
 * every worker at fork.
 */
#include "ipc/scoreboard.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"

struct scoreboard {
	struct scoreboard_worker *workers; /* shared by all processes */
	size_t places;
};

static size_t
shared_size(size_t places)
{
	return places * sizeof(struct scoreboard_worker);
}

struct scoreboard *
scoreboard_create(size_t places)
{
	struct scoreboard *scoreboard = xmalloc(sizeof(*scoreboard));

	assert(places > 0);
	scoreboard->places = places;
	scoreboard->workers =
	    mmap(NULL, shared_size(places), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (scoreboard->workers == MAP_FAILED) {
		free(scoreboard);
		return NULL;
	}
	return scoreboard;
}

void
scoreboard_destroy(struct scoreboard **scoreboard)
{
	if (*scoreboard == NULL)
		return;
	munmap((*scoreboard)->workers, shared_size((*scoreboard)->places));
	free(*scoreboard);
	*scoreboard = NULL;
}

struct scoreboard_worker *
scoreboard_take(struct scoreboard *scoreboard)
{
	for (size_t i = 0; i < scoreboard->places; i++) {
		struct scoreboard_worker *worker = &scoreboard->workers[i];

		if (atomic_load(&worker->pid) != 0)
			continue;
		memset(worker, 0, sizeof(*worker));
		atomic_store(&worker->pid, SCOREBOARD_TAKEN);
		return worker;
	}
	return NULL;
}

void
scoreboard_release(struct scoreboard *scoreboard,
    struct scoreboard_worker *worker)
{
	assert(worker >= scoreboard->workers &&
	    worker < scoreboard->workers + scoreboard->places);
	atomic_store(&worker->pid, 0);
}

void
scoreboard_read_now(const struct scoreboard_worker *worker, char *text)
{
	for (size_t i = 0; i < SCOREBOARD_NOW; i++) {
		char byte = ((const volatile char *)worker->now)[i];

		text[i] = byte;
		if (byte == '\0')
			return;
	}
	text[SCOREBOARD_NOW - 1] = '\0';
}
