/* SPDX-License-Identifier: MIT */
/*
 * Addresses from text and back. Opens no socket; looks names up with
 * getaddrinfo().
 */
#include "net/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/str.h"

#define UNIX_PREFIX "unix:"
#define PATH_ROOM sizeof(((struct sockaddr_un *)NULL)->sun_path)

static int
bad_form(const char *text, struct error *error)
{
	return error_set(error,
	    "'%s' is no address; write host:port, [v6]:port, :port or "
	    "unix:/path",
	    text);
}

static struct sockaddr_in *
ipv4_of(struct address *address)
{
	return (struct sockaddr_in *)&address->storage;
}

static struct sockaddr_in6 *
ipv6_of(struct address *address)
{
	return (struct sockaddr_in6 *)&address->storage;
}

static struct sockaddr_un *
unix_of(struct address *address)
{
	return (struct sockaddr_un *)&address->storage;
}

/* Makes an absolute path, so that a later chdir does not change it. */
static int
resolve_unix(const char *text, const char *path, struct address *address,
    struct error *error)
{
	char directory[PATH_ROOM] = "";
	struct sockaddr_un *name = unix_of(address);
	int used;

	if (path[0] == '\0')
		return error_set(error, "'%s' lacks the socket's path", text);
	if (path[0] != '/' && getcwd(directory, sizeof(directory)) == NULL)
		return error_set(error,
		    "'%s' is relative to a working directory that cannot be "
		    "told (%s); write an absolute path",
		    text, strerror(errno));
	memset(address, 0, sizeof(*address));
	name->sun_family = AF_UNIX;
	used = snprintf(name->sun_path, sizeof(name->sun_path), "%s%s%s",
	    directory, directory[0] != '\0' ? "/" : "", path);
	if (used < 0 || (size_t)used >= sizeof(name->sun_path))
		return error_set(error,
		    "the path of '%s' is too long for a Unix socket; it may "
		    "have %zu bytes",
		    text, sizeof(name->sun_path) - 1);
	address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    (size_t)used + 1);
	return 0;
}

static int
split_host_port(const char *text, struct str *host, unsigned *port,
    struct error *error)
{
	struct str whole = str_of(text);
	const char *colon = strrchr(text, ':');
	uint64_t number;

	if (colon == NULL)
		return bad_form(text, error);
	*host = str_make(text, (size_t)(colon - text));
	if (!str_to_u64(str_make(colon + 1, whole.length - host->length - 1),
		&number))
		return bad_form(text, error);
	if (number > 65535)
		return error_set(error,
		    "port %s of '%s' is too large; ports end at 65535",
		    colon + 1, text);
	*port = (unsigned)number;
	if (host->length >= 2 && host->data[0] == '[') {
		if (host->data[host->length - 1] != ']')
			return bad_form(text, error);
		*host = str_make(host->data + 1, host->length - 2);
		if (str_find(*host, ':') < 0)
			return error_set(error,
			    "'%s' has no IPv6 address in its brackets", text);
	} else if (str_find(*host, ':') >= 0)
		return error_set(error,
		    "'%s': write an IPv6 address in brackets, [%.*s]:%u", text,
		    STR_ARG(*host), *port);
	return 0;
}

/* 0.0.0.0 and [::], which a machine without IPv6 may leave out. */
static void
resolve_wildcard(unsigned port, struct address **addresses, size_t *count)
{
	struct address *both = xcalloc(2, sizeof(*both));

	ipv4_of(&both[0])->sin_family = AF_INET;
	both[0].length = sizeof(struct sockaddr_in);
	ipv6_of(&both[1])->sin6_family = AF_INET6;
	both[1].length = sizeof(struct sockaddr_in6);
	both[1].ipv6_only = both[1].optional = true;
	address_set_port(&both[0], port);
	address_set_port(&both[1], port);
	*addresses = both;
	*count = 2;
}

static int
resolve_host(const char *text, struct str host, unsigned port,
    struct address **addresses, size_t *count, struct error *error)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE };
	struct addrinfo *found = NULL;
	char *name = xstrndup(host.data, host.length);
	int failure = getaddrinfo(name, NULL, &hints, &found);

	free(name);
	if (failure != 0)
		return error_set(error, "cannot look up the host of '%s': %s",
		    text,
		    failure == EAI_SYSTEM ? strerror(errno)
					  : gai_strerror(failure));
	*addresses = NULL;
	*count = 0;
	for (struct addrinfo *info = found; info != NULL;
	     info = info->ai_next) {
		struct address *address;

		if (info->ai_family != AF_INET && info->ai_family != AF_INET6)
			continue;
		*addresses =
		    xreallocarray(*addresses, *count + 1, sizeof(**addresses));
		address = &(*addresses)[(*count)++];
		memset(address, 0, sizeof(*address));
		memcpy(&address->storage, info->ai_addr, info->ai_addrlen);
		address->length = info->ai_addrlen;
		address_set_port(address, port);
	}
	freeaddrinfo(found);
	if (*count == 0)
		return error_set(error, "the host of '%s' has no address",
		    text);
	for (size_t i = 0; i < *count; i++)
		(*addresses)[i].optional = *count > 1;
	return 0;
}

int
address_resolve(const char *text, struct address **addresses, size_t *count,
    struct error *error)
{
	struct str host = STR_NULL;
	unsigned port = 0;

	if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0) {
		*addresses = xcalloc(1, sizeof(**addresses));
		*count = 1;
		if (resolve_unix(text, text + strlen(UNIX_PREFIX), *addresses,
			error) == 0)
			return 0;
		free(*addresses);
		return -1;
	}
	if (split_host_port(text, &host, &port, error) != 0)
		return -1;
	if (host.length == 0 || str_equal(host, STR("*"))) {
		resolve_wildcard(port, addresses, count);
		return 0;
	}
	return resolve_host(text, host, port, addresses, count, error);
}

static char *
format_unix(const struct sockaddr_un *address, socklen_t length, char *text)
{
	size_t room = length - offsetof(struct sockaddr_un, sun_path);

	if (length <= offsetof(struct sockaddr_un, sun_path))
		snprintf(text, ADDRESS_TEXT, "unix:"); /* has no name */
	else if (address->sun_path[0] == '\0')
		snprintf(text, ADDRESS_TEXT, "unix:@%.*s", (int)room - 1,
		    address->sun_path + 1);
	else
		snprintf(text, ADDRESS_TEXT, "unix:%.*s", (int)room,
		    address->sun_path);
	return text;
}

char *
address_format(const struct sockaddr *address, socklen_t length, char *text)
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *ipv4 = (const void *)address;

		inet_ntop(AF_INET, &ipv4->sin_addr, host, sizeof(host));
		snprintf(text, ADDRESS_TEXT, "%s:%u", host,
		    ntohs(ipv4->sin_port));
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *ipv6 = (const void *)address;

		inet_ntop(AF_INET6, &ipv6->sin6_addr, host, sizeof(host));
		snprintf(text, ADDRESS_TEXT, "[%s]:%u", host,
		    ntohs(ipv6->sin6_port));
	} else if (address->sa_family == AF_UNIX)
		format_unix((const void *)address, length, text);
	else
		snprintf(text, ADDRESS_TEXT, "address of family %d",
		    address->sa_family);
	return text;
}

bool
address_equal(const struct address *a, const struct address *b)
{
	const struct sockaddr_in6 *a6 = (const void *)&a->storage;
	const struct sockaddr_in6 *b6 = (const void *)&b->storage;

	if (a->storage.ss_family != b->storage.ss_family ||
	    address_port(a) != address_port(b))
		return false;
	switch (a->storage.ss_family) {
	case AF_INET:
		return memcmp(&((const struct sockaddr_in *)a6)->sin_addr,
			   &((const struct sockaddr_in *)b6)->sin_addr,
			   sizeof(struct in_addr)) == 0;
	case AF_INET6:
		return memcmp(&a6->sin6_addr, &b6->sin6_addr,
			   sizeof(a6->sin6_addr)) == 0 &&
		    a6->sin6_scope_id == b6->sin6_scope_id;
	default:
		return strcmp(address_path(a), address_path(b)) == 0;
	}
}

bool
address_is_unix(const struct address *address)
{
	return address->storage.ss_family == AF_UNIX;
}

const char *
address_path(const struct address *address)
{
	assert(address_is_unix(address));
	return ((const struct sockaddr_un *)&address->storage)->sun_path;
}

unsigned
address_port(const struct address *address)
{
	if (address->storage.ss_family == AF_INET)
		return ntohs(
		    ((const struct sockaddr_in *)&address->storage)->sin_port);
	if (address->storage.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)&address->storage)
				 ->sin6_port);
	return 0;
}

void
address_set_port(struct address *address, unsigned port)
{
	assert(port <= 65535);
	if (address->storage.ss_family == AF_INET)
		ipv4_of(address)->sin_port = htons((uint16_t)port);
	else if (address->storage.ss_family == AF_INET6)
		ipv6_of(address)->sin6_port = htons((uint16_t)port);
}
