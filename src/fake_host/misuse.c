/* SPDX-License-Identifier: MIT */
/*
 * What an application must not do, said clearly: the process ends with the
 * sentence, or the host keeps it for fake_host_misuse().
 */
#include "fake_host/fake_host_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Above 0: this thread plays one of the pool. */
static _Thread_local int in_pool;

int
fake_misuse(struct fake_host *host, const tricorn_request *req,
    const char *format, ...)
{
	char text[sizeof(host->misuse)];
	va_list args;
	int used = 0;

	if (req)
		used = snprintf(text, sizeof(text), "%s: ", req->label);
	va_start(args, format);
	vsnprintf(text + used, sizeof(text) - (size_t)used, format, args);
	va_end(args);
	if (!host->keep_misuse) {
		fprintf(stderr, "tricorn fake host: %s\n", text);
		abort();
	}
	pthread_mutex_lock(&host->mutex);
	if (host->misuse[0] == '\0')
		memcpy(host->misuse, text, sizeof(text));
	pthread_mutex_unlock(&host->mutex);
	return TRICORN_EINVAL;
}

void
fake_host_keep_misuse(struct fake_host *host)
{
	host->keep_misuse = true;
}

const char *
fake_host_misuse(struct fake_host *host)
{
	bool some;

	pthread_mutex_lock(&host->mutex);
	some = host->misuse[0] != '\0';
	memcpy(host->misuse_read, host->misuse, sizeof(host->misuse));
	host->misuse[0] = '\0';
	pthread_mutex_unlock(&host->mutex);
	return some ? host->misuse_read : NULL;
}

void
fake_enter_pool(int by)
{
	in_pool += by;
}

bool
fake_on_loop(struct fake_host *host, const tricorn_request *req,
    const char *call)
{
	if (pthread_equal(host->loop, pthread_self()) && in_pool == 0)
		return true;
	fake_misuse(host, req, "%s() outside of the loop's thread", call);
	return false;
}

bool
fake_usable(const tricorn_request *req, const char *call)
{
	if (!req->finished)
		return true;
	fake_misuse(req->host, req, "%s() after the request was finished",
	    call);
	return false;
}
