/* SPDX-License-Identifier: MIT */
/*
 * The written form of addresses. Whether a host's name can be looked up and
 * an address can be bound is seen when the listener is opened.
 */
#include "config/check.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/memory.h"
#include "config/apply.h"

#define UNIX_PREFIX "unix:"

static bool
is_unix(const char *address)
{
	return strncmp(address, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0;
}

static int
check_unix(char **address, const char *directory, struct error *error)
{
	const char *written = *address + strlen(UNIX_PREFIX);
	struct sockaddr_un *name = NULL;
	char *path;

	if (*written == '\0')
		return error_set(error, "'%s' lacks the path of the socket",
		    *address);
	path = apply_path(directory, written);
	free(*address);
	*address = xasprintf(UNIX_PREFIX "%s", path);
	free(path);
	if (strlen(*address) - strlen(UNIX_PREFIX) >= sizeof(name->sun_path))
		return error_set(error,
		    "'%.200s' is too long; the path of a "
		    "Unix socket has at most %zu bytes",
		    *address, sizeof(name->sun_path) - 1);
	return 0;
}

static int
check_ipv6(const char *address, struct str host, struct error *error)
{
	struct in6_addr parsed;
	ptrdiff_t zone = str_find(host, '%');
	char *text = xstrndup(host.data, zone < 0 ? host.length : (size_t)zone);
	int good = inet_pton(AF_INET6, text, &parsed);

	free(text);
	if (good != 1)
		return error_set(error,
		    "'%.200s' has no IPv6 address between "
		    "its brackets",
		    address);
	return 0;
}

static int
check_host(const char *address, struct str host, struct error *error)
{
	if (host.length >= 2 && host.data[0] == '[' &&
	    host.data[host.length - 1] == ']')
		return check_ipv6(address,
		    str_make(host.data + 1, host.length - 2), error);
	if (str_find(host, ':') >= 0)
		return error_set(error,
		    "'%.200s': write an IPv6 address in "
		    "brackets, [::1]:8000",
		    address);
	for (size_t i = 0; i < host.length; i++) {
		unsigned char byte = ascii_lower((unsigned char)host.data[i]);

		if (!(byte >= 'a' && byte <= 'z') &&
		    !(byte >= '0' && byte <= '9') && byte != '.' &&
		    byte != '-' && byte != '_')
			return error_set(error,
			    "'%.200s' has '%c' in its "
			    "host; write host:port, [v6]:port, :port or "
			    "unix:/path",
			    address, host.data[i]);
	}
	return 0;
}

int
check_address(char **address, bool of_server, const char *directory,
    struct error *error)
{
	const char *text = *address, *colon = strrchr(text, ':');
	struct str host, port;
	uint64_t number;

	if (is_unix(text))
		return check_unix(address, directory, error);
	if (colon == NULL && !of_server && str_to_u64(str_of(text), &number))
		return error_set(error,
		    "'%.200s' has no host; write "
		    "127.0.0.1:%.200s, or :%.200s for all addresses",
		    text, text, text);
	if (colon == NULL)
		return error_set(error,
		    "'%.200s' has no port; write "
		    "%.200s:8000, or unix:/path for a Unix socket",
		    text, text);
	host = str_make(text, (size_t)(colon - text));
	port = str_of(colon + 1);
	if (!str_to_u64(port, &number) || number > 65535 ||
	    (of_server && number == 0))
		return error_set(error,
		    "'%.200s' has no port from %d to "
		    "65535 behind its last colon",
		    text, of_server);
	if (host.length == 0 || str_equal(host, STR("*"))) {
		if (!of_server)
			return 0;
		return error_set(error,
		    "'%.200s' has no host; write "
		    "127.0.0.1:%.*s",
		    text, STR_ARG(port));
	}
	return check_host(text, host, error);
}

bool
check_address_same(const char *a, const char *b)
{
	const char *a_port = strrchr(a, ':'), *b_port = strrchr(b, ':');
	struct str a_host, b_host;

	if (is_unix(a) || is_unix(b))
		return strcmp(a, b) == 0;
	/* Port 0 is a fresh one each time. */
	if (strtoul(a_port + 1, NULL, 10) != strtoul(b_port + 1, NULL, 10) ||
	    strtoul(a_port + 1, NULL, 10) == 0)
		return false;
	a_host = str_make(a, (size_t)(a_port - a));
	b_host = str_make(b, (size_t)(b_port - b));
	if (str_equal(a_host, STR("*")))
		a_host.length = 0;
	if (str_equal(b_host, STR("*")))
		b_host.length = 0;
	return str_equal_nocase(a_host, b_host);
}
