/* SPDX-License-Identifier: MIT */
/* The patterns of routes: "[host]/path". */
#include "config/check.h"

#include <string.h>

#define LONGEST_HOST 253

static bool
is_host_byte(unsigned char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
	    byte == '-' || byte == '_' || byte == '.';
}

/* "[::1]": what a Host field can hold between brackets. */
static bool
is_ipv6_host(struct str host)
{
	if (host.length < 4 || host.data[0] != '[' ||
	    host.data[host.length - 1] != ']')
		return false;
	for (size_t i = 1; i < host.length - 1; i++)
		if (strchr("0123456789abcdef:.", host.data[i]) == NULL)
			return false;
	return true;
}

static int
check_match_host(const char *match, struct str host, struct error *error)
{
	if (is_ipv6_host(host))
		return 0;
	if (strncmp(host.data + host.length, "//", 2) == 0 &&
	    host.data[host.length - 1] == ':')
		return error_set(error,
		    "'%.200s' has a scheme; write [host]/path, as in "
		    "www.example.com/",
		    match);
	if (str_find(host, ':') >= 0)
		return error_set(error,
		    "'%.200s' has a port; a host matches "
		    "on every port, use listen = to tell ports apart",
		    match);
	if (str_starts(host, STR("*.")))
		host = str_make(host.data + 2, host.length - 2);
	if (str_find(host, '*') >= 0)
		return error_set(error,
		    "'%.200s': '*' can only stand for the "
		    "first labels, as in *.example.com/",
		    match);
	if (host.length == 0 || host.length > LONGEST_HOST ||
	    host.data[0] == '.' || host.data[host.length - 1] == '.')
		return error_set(error,
		    "'%.200s' has no host's name before "
		    "its path",
		    match);
	for (size_t i = 0; i < host.length; i++) {
		if (!is_host_byte((unsigned char)host.data[i]))
			return error_set(error,
			    "'%.200s' has '%c' in its "
			    "host; write [host]/path, names outside ASCII as "
			    "xn--",
			    match, host.data[i]);
		if (i > 0 && host.data[i] == '.' && host.data[i - 1] == '.')
			return error_set(error,
			    "'%.200s' has an empty label "
			    "in its host",
			    match);
	}
	return 0;
}

static int
check_match_path(const char *match, const char *path, struct error *error)
{
	if (strchr(path, '%') != NULL)
		return error_set(error,
		    "'%.200s' has a percent escape; write "
		    "the path decoded",
		    match);
	if (strpbrk(path, "?#") != NULL)
		return error_set(error,
		    "'%.200s' has a '%c'; only the path "
		    "is matched",
		    match, *strpbrk(path, "?#"));
	if (strchr(path, '*') != NULL)
		return error_set(error,
		    "'%.200s' has a '*' in its path; a "
		    "path that ends in / takes the tree below",
		    match);
	/* Paths of requests are normalised: these would never match. */
	for (const char *at = path; at != NULL; at = strchr(at + 1, '/')) {
		size_t length = strcspn(at + 1, "/");

		if ((length == 0 && at[1] == '/') ||
		    (length == 1 && at[1] == '.') ||
		    (length == 2 && at[1] == '.' && at[2] == '.'))
			return error_set(error,
			    "'%.200s' has an empty, '.' "
			    "or '..' part in its path and matches nothing",
			    match);
	}
	return 0;
}

int
check_match(char *match, struct error *error)
{
	char *path = strchr(match, '/');

	if (path == NULL && strpbrk(match, ".:*") == NULL)
		return error_set(error,
		    "'%.200s' has no path; write /%.200s, or %.200s/ when it "
		    "is a host",
		    match, match, match);
	if (path == NULL)
		return error_set(error,
		    "'%.200s' has no path; write "
		    "%.200s/",
		    match, match);
	for (char *at = match; at < path; at++)
		*at = (char)ascii_lower((unsigned char)*at);
	if (path > match &&
	    check_match_host(match, str_make(match, (size_t)(path - match)),
		error) < 0)
		return -1;
	return check_match_path(match, path, error);
}
