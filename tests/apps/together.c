/* SPDX-License-Identifier: MIT */
/*
 * A room whose guests leave together: requests wait without end, and when
 * one of them is cancelled, its on_cancel() aborts all the others. For system
 * tests. Both BLOCKING and EVENTED: the second in async pools, else the first.
 */
#include <pthread.h>
#include <tricorn/app.h>

#define GUESTS 64

static struct {
	pthread_mutex_t lock;
	tricorn_request *guests[GUESTS];
	size_t count;
} room = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
leave_together(void *arg)
{
	tricorn_request *guests[GUESTS];
	size_t count;

	pthread_mutex_lock(&room.lock);
	count = room.count;
	memcpy(guests, room.guests, count * sizeof(guests[0]));
	room.count = 0;
	pthread_mutex_unlock(&room.lock);
	for (size_t i = 0; i < count; i++)
		tricorn_abort(guests[i]);
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	int result = tricorn_respond(req, 200, NULL, 0, -1);

	if (result < 0)
		return result;
	tricorn_write(req, "welcome\n", 8, TRICORN_WRITE_FLUSH);
	pthread_mutex_lock(&room.lock);
	if (room.count == GUESTS) {
		pthread_mutex_unlock(&room.lock);
		return TRICORN_OK;
	}
	room.guests[room.count++] = req;
	result = tricorn_on_cancel(req, leave_together, NULL);
	if (result < 0)
		room.count--;
	pthread_mutex_unlock(&room.lock);
	return result < 0 ? result : TRICORN_PENDING;
}

static const tricorn_app together = {
	TRICORN_APP_HEAD(TRICORN_APP_BLOCKING | TRICORN_APP_EVENTED, "together",
	    "1.0"),
	.handle = handle,
};

TRICORN_APP(together)
