/* SPDX-License-Identifier: MIT */
/*
 * Socket addresses and their text: what the configuration writes becomes one
 * or several addresses, and an address becomes text for logs and messages.
 */
#ifndef TRICORN_NET_ADDRESS_H
#define TRICORN_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/error.h"

/* The longest text address_format() makes, with its NUL. */
#define ADDRESS_TEXT 128

struct address {
	struct sockaddr_storage storage;
	socklen_t length;
	bool ipv6_only; /* another address serves IPv4 on that port */
	bool optional;  /* the name or wildcard stands for others too: it may
	                   be left out on a machine without this family */
};

/*
 * Reads "host:port", "a.b.c.d:port", "[v6]:port", ":port" and "*:port" (all
 * addresses of both families), "unix:/path" (a relative path is completed
 * with the working directory). A host name may give several addresses; it is
 * looked up, which can take time. *addresses is xmalloc'ed and the caller's;
 * at least one on success. Returns 0, or -1 with error filled.
 */
int address_resolve(const char *text, struct address **addresses, size_t *count,
    struct error *error) __attribute__((warn_unused_result));
/*
 * "127.0.0.1:80", "[::1]:80", "unix:/run/x.sock"; returns text, which has
 * room for ADDRESS_TEXT bytes. Any thread.
 */
char *address_format(const struct sockaddr *address, socklen_t length,
    char *text);
/* Same family, host, port or path. */
bool address_equal(const struct address *a, const struct address *b);
bool address_is_unix(const struct address *address);
/* The path of a Unix socket's address. */
const char *address_path(const struct address *address);
/* In host byte order; 0 for a Unix socket's. */
unsigned address_port(const struct address *address);
void address_set_port(struct address *address, unsigned port);

#endif
