/* SPDX-License-Identifier: MIT */
/* Durations, sizes, switches, modes, words. */
#include "config/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

struct unit {
	const char *word;
	uint64_t factor;
};

/* Largest first, for the writers. */
static const struct unit duration_units[] = { { "d", 24 * 60 * 60 * 1000 },
	{ "h", 60 * 60 * 1000 }, { "m", 60 * 1000 }, { "s", 1000 }, { "ms", 1 },
	{ NULL, 0 } };
static const struct unit size_units[] = { { "g", 1u << 30 }, { "m", 1u << 20 },
	{ "k", 1u << 10 }, { "", 1 }, { NULL, 0 } };

bool
value_parse_bool(const char *text, bool *value)
{
	static const char *const words[] = { "off", "no", "false", "on", "yes",
		"true" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_equal_nocase(str_of(text), str_of(words[i])))
			continue;
		*value = i >= 3;
		return true;
	}
	return false;
}

bool
value_parse_number(const char *text, uint64_t *value)
{
	return str_to_u64(str_of(text), value);
}

/* A number and one of the units; without a unit its factor is bare. */
static bool
parse_with_unit(const char *text, const struct unit *units, uint64_t bare,
    uint64_t *value)
{
	size_t digits = strspn(text, "0123456789");
	uint64_t number, factor = 0;

	if (!str_to_u64(str_make(text, digits), &number))
		return false;
	text += digits;
	if (*text == '\0')
		factor = bare;
	for (; factor == 0 && units->word != NULL; units++)
		if (str_equal_nocase(str_of(text), str_of(units->word)))
			factor = units->factor;
	if (factor == 0 || number > UINT64_MAX / factor)
		return false;
	*value = number * factor;
	return true;
}

bool
value_parse_duration(const char *text, uint64_t *milliseconds)
{
	return parse_with_unit(text, duration_units, 1000, milliseconds);
}

bool
value_parse_size(const char *text, uint64_t *bytes)
{
	return parse_with_unit(text, size_units, 1, bytes);
}

bool
value_parse_octal(const char *text, uint64_t *value)
{
	size_t length = strlen(text);

	if (length == 0 || length > 4 || strspn(text, "01234567") != length)
		return false;
	*value = 0;
	for (; *text != '\0'; text++)
		*value = *value * 8 + (uint64_t)(*text - '0');
	return true;
}

bool
value_parse_word(const char *text, const char *const *words, unsigned *index)
{
	for (unsigned i = 0; words[i] != NULL; i++) {
		if (strcmp(text, words[i]) != 0)
			continue;
		*index = i;
		return true;
	}
	return false;
}

static void
print_with_unit(char text[VALUE_TEXT_SIZE], uint64_t value,
    const struct unit *units)
{
	while (value % units->factor != 0)
		units++;
	snprintf(text, VALUE_TEXT_SIZE, "%" PRIu64 "%s", value / units->factor,
	    units->word);
}

void
value_print_duration(char text[VALUE_TEXT_SIZE], uint64_t milliseconds)
{
	/* Seconds up to two minutes, as people write them. */
	if (milliseconds == 0)
		snprintf(text, VALUE_TEXT_SIZE, "0");
	else if (milliseconds <= 120000 && milliseconds % 1000 == 0)
		snprintf(text, VALUE_TEXT_SIZE, "%" PRIu64 "s",
		    milliseconds / 1000);
	else
		print_with_unit(text, milliseconds, duration_units);
}

void
value_print_size(char text[VALUE_TEXT_SIZE], uint64_t bytes)
{
	if (bytes == 0)
		snprintf(text, VALUE_TEXT_SIZE, "0");
	else
		print_with_unit(text, bytes, size_units);
}
