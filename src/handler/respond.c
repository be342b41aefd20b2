/* SPDX-License-Identifier: MIT */
/* Answers with a fixed status and text. */
#include "handler/respond.h"

#include <stdlib.h>

#include "base/memory.h"
#include "http/response.h"
#include "serve/route.h"

struct respond {
	int status;
	struct str text; /* in the configuration */
	struct http_field fields[1];
	size_t field_count;
};

static void
respond_start(struct exchange *exchange)
{
	const struct respond *respond = exchange->route->handler_state;

	exchange_reply(exchange, respond->status, respond->fields,
	    respond->field_count, respond->text);
}

const struct handler_ops respond_handler = {
	.name = "respond",
	.start = respond_start,
};

int
respond_state_create(const struct config_route *config, void **state,
    struct error *error)
{
	struct str text = str_trim(str_of(config->respond)), digits;
	struct respond *respond;
	uint64_t status;
	size_t end = 0;

	while (end < text.length && text.data[end] != ' ' &&
	    text.data[end] != '\t')
		end++;
	digits = str_make(text.data, end);
	text = str_trim(str_make(text.data + end, text.length - end));
	if (!str_to_u64(digits, &status) || status < 200 || status > 599)
		return error_set(error,
		    "respond = %s: it must begin with a status from 200 to 599",
		    config->respond);
	if (text.length > 0 && !http_status_has_body((int)status))
		return error_set(error,
		    "respond = %s: a response with status %d has no text",
		    config->respond, (int)status);
	respond = xcalloc(1, sizeof(*respond));
	respond->status = (int)status;
	respond->text = text;
	if (text.length > 0 && config->content_type != NULL)
		respond->fields[respond->field_count++] = (struct http_field){
			.name = STR("Content-Type"),
			.value = str_of(config->content_type),
			.id = HTTP_FIELD_CONTENT_TYPE,
		};
	*state = respond;
	return 0;
}

void
respond_state_destroy(void **state)
{
	free(*state);
	*state = NULL;
}
