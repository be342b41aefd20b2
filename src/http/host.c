/* SPDX-License-Identifier: MIT */
/* Authorities: validate, split, normalise. */
#include "http/host.h"

#include <arpa/inet.h>

#include "http/character.h"

#define MAX_PORT 65535

static bool
parse_port(struct str text, int *port)
{
	uint64_t number;

	*port = -1;
	if (text.length == 0)
		return true;
	if (!str_to_u64(text, &number) || number > MAX_PORT)
		return false;
	*port = (int)number;
	return true;
}

/* The length of "[address]", or 0 when it is no IPv6 literal. */
static size_t
ipv6_length(struct str authority)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[16];
	ptrdiff_t close = str_find(authority, ']');
	size_t length;

	if (close < 0)
		return 0;
	length = (size_t)close - 1; /* without the brackets */
	if (length >= sizeof(text) ||
	    memchr(authority.data, '\0', (size_t)close) != NULL)
		return 0;
	memcpy(text, authority.data + 1, length);
	text[length] = '\0';
	if (inet_pton(AF_INET6, text, address) != 1)
		return 0;
	return (size_t)close + 1;
}

/* The length of the registered name at the front, 0 when it is wrong. */
static size_t
name_length(struct str authority)
{
	size_t i = 0;

	while (i < authority.length) {
		char byte = authority.data[i];

		if (http_character_is(byte, HTTP_CHARACTER_HOST)) {
			i++;
		} else if (byte == '%') {
			if (authority.length - i < 3 ||
			    http_hex_value(authority.data[i + 1]) < 0 ||
			    http_hex_value(authority.data[i + 2]) < 0)
				return 0;
			i += 3;
		} else {
			break;
		}
	}
	return i;
}

bool
http_host_parse(struct str authority, struct http_host *host)
{
	size_t length;

	if (authority.length == 0)
		return false;
	length = authority.data[0] == '[' ? ipv6_length(authority)
					  : name_length(authority);
	if (length == 0)
		return false;
	host->name = str_make(authority.data, length);
	host->port = -1;
	if (length == authority.length)
		return true;
	if (authority.data[length] != ':')
		return false;
	return parse_port(str_make(authority.data + length + 1,
			      authority.length - length - 1),
	    &host->port);
}

struct str
http_host_normalise(struct arena *arena, struct str authority)
{
	struct str name = authority;
	char *copy;
	size_t i;

	if (name.length == 0)
		return str_make("", 0);
	if (name.data[0] == '[')
		name.length = (size_t)str_find(name, ']') + 1;
	else if (memchr(name.data, ':', name.length) != NULL)
		name.length = (size_t)str_find(name, ':');
	if (name.length > 1 && name.data[name.length - 1] == '.')
		name.length--;
	for (i = 0; i < name.length; i++)
		if (name.data[i] >= 'A' && name.data[i] <= 'Z')
			break;
	if (i == name.length)
		return name;
	copy = arena_strndup(arena, name.data, name.length);
	for (; i < name.length; i++)
		copy[i] = (char)ascii_lower((unsigned char)copy[i]);
	return str_make(copy, name.length);
}
