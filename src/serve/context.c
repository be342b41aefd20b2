/* SPDX-License-Identifier: MIT */
/* What the sessions of a worker share. */
#include "serve/context.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "serve/exchange.h"
#include "serve/filter_gzip.h"
#include "serve/http1.h"

void
server_context_init(struct server_context *context, struct loop *loop,
    const struct config *config, const struct config_pool *pool,
    struct scoreboard_worker *score)
{
	const char *server = config->server.server_header;

	memset(context, 0, sizeof(*context));
	context->loop = loop;
	context->config = config;
	context->pool = pool;
	context->score = score;
	context->limits.max_head = pool->max_head;
	context->limits.max_target = pool->max_target;
	context->limits.max_fields = pool->max_fields;
	context->field_space =
	    xcalloc(pool->max_fields, sizeof(struct http_field));
	if (server != NULL && server[0] != '\0')
		context->server_field =
		    str_of(xasprintf("Server: %s\r\n", server));
	list_init(&context->connections);
	stream_pool_init(&context->streams, loop);
	http1_init_timeouts(context);
}

void
server_context_finish(struct server_context *context)
{
	struct exchange *exchange;

	while ((exchange = context->free_exchanges) != NULL) {
		context->free_exchanges = exchange->next_free;
		free(exchange);
	}
	timeout_list_finish(&context->head_timeouts);
	timeout_list_finish(&context->body_timeouts);
	timeout_list_finish(&context->idle_timeouts);
	timeout_list_finish(&context->send_timeouts);
	timeout_list_finish(&context->linger_timeouts);
	filter_gzip_release_idle();
	stream_pool_finish(&context->streams);
	free(context->field_space);
	free((char *)context->server_field.data);
}

void
server_context_drain(struct server_context *context)
{
	context->draining = true;
}

void
server_context_close_idle(struct server_context *context)
{
	LIST_FOREACH_SAFE (link, after, &context->connections) {
		struct connection *connection =
		    container_of(link, struct connection, link);

		connection->ops->close_idle(connection);
	}
}

void
server_context_kill(struct server_context *context)
{
	/* One connection's end may bring about that of others. */
	while (!list_empty(&context->connections)) {
		struct connection *connection =
		    container_of(context->connections.next, struct connection,
			link);

		connection->ops->kill(connection);
	}
}
