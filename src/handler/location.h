/* SPDX-License-Identifier: MIT */
/*
 * Location fields and the answers that carry them. What comes from a client
 * is percent-encoded here so that it can neither end the field nor name
 * another server.
 */
#ifndef TRICORN_HANDLER_LOCATION_H
#define TRICORN_HANDLER_LOCATION_H

#include "base/buffer.h"
#include "base/str.h"
#include "serve/exchange.h"

/* Appends a part of a URL as received: escapes what no URL may hold. */
void location_append_raw(struct buffer *url, struct str text);
/* Appends a host name or bracketed address: escapes all that would end it. */
void location_append_host(struct buffer *url, struct str host);
/* Leaves one of several leading slashes: "//name" would be another host. */
void location_keep_local(struct buffer *url);

/* Answers with a redirect to url and a small page, and ends the exchange. */
void location_reply(struct exchange *exchange, int status, struct str url);

#endif
