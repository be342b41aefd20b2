/* SPDX-License-Identifier: MIT */
/*
 * An EVENTED application with something heavy to compute: it counts the prime
 * numbers below ?n= (default 100000) on a thread of the pool through
 * offload(), and answers on the loop when the number is there. The loop never
 * waits.
 *
 *	tricorn --threads 2 ./offload.so
 *	curl 'http://127.0.0.1:8000/?n=1000000'
 */
#include <stdio.h>
#include <tricorn/app.h>

struct job {
	tricorn_request *req;
	unsigned long limit, primes;
};

/* On a thread of the pool: compute only, the request is the loop's. */
static void
work(void *arg)
{
	struct job *job = arg;
	unsigned long number, divisor;

	for (number = 2; number < job->limit; number++) {
		for (divisor = 2; divisor * divisor <= number; divisor++)
			if (number % divisor == 0)
				break;
		if (divisor * divisor > number)
			job->primes++;
	}
}

/* On the loop again. A cancelled request is still ours to let go. */
static void
done(void *arg)
{
	struct job *job = arg;
	char text[80];
	int length;

	length = snprintf(text, sizeof(text), "%lu primes below %lu\n",
	    job->primes, job->limit);
	if (tricorn_reply(job->req, 200, "text/plain; charset=utf-8", text,
		(size_t)length) < 0)
		tricorn_abort(job->req);
}

static unsigned long
wanted_limit(const tricorn_request *req)
{
	tricorn_string query = tricorn_query(req);
	unsigned long limit = 0;
	size_t at;

	if (query.length < 3 || memcmp(query.data, "n=", 2) != 0)
		return 100000;
	for (at = 2; at < query.length; at++) {
		if (query.data[at] < '0' || query.data[at] > '9')
			return 100000;
		limit = limit * 10 + (unsigned long)(query.data[at] - '0');
		if (limit > 10000000)
			return 10000000;
	}
	return limit;
}

static int
handle(tricorn_request *req, void *state, void *thread)
{
	static const char busy[] = "Too much to compute, try again soon.\n";
	struct job *job = tricorn_alloc(req, sizeof(*job));
	int result;

	job->req = req;
	job->limit = wanted_limit(req);
	job->primes = 0;
	result = tricorn_offload(tricorn_worker_of(req), work, done, job);
	if (result == TRICORN_EAGAIN) /* the pool has enough to do */
		return tricorn_reply(req, 503, "text/plain; charset=utf-8",
		    busy, sizeof(busy) - 1);
	return result < 0 ? result : TRICORN_PENDING;
}

static const tricorn_app offload = {
	TRICORN_APP_HEAD(TRICORN_APP_EVENTED, "offload", "1.0"),
	.handle = handle,
};

TRICORN_APP(offload)
