/* SPDX-License-Identifier: MIT */
/*
 * Texts of values to numbers and back. Pure; all texts end in NUL. The
 * parsers return false, with nothing written, for what they can't take.
 */
#ifndef TRICORN_CONFIG_VALUE_H
#define TRICORN_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "on" "yes" "true", "off" "no" "false", in any case. */
bool value_parse_bool(const char *text, bool *value);
/* Decimal digits only. */
bool value_parse_number(const char *text, uint64_t *value);
/* "500ms" "30s" "2m" "1h" "1d", to milliseconds; bare numbers: seconds. */
bool value_parse_duration(const char *text, uint64_t *milliseconds);
/* "512" "16k" "1m" "1g", either case, powers of 1024. */
bool value_parse_size(const char *text, uint64_t *bytes);
/* One to four octal digits. */
bool value_parse_octal(const char *text, uint64_t *value);
/* The index of the word in the list that ends in NULL. */
bool value_parse_word(const char *text, const char *const *words,
    unsigned *index);

/* The longest text of the writers below, with its NUL. */
#define VALUE_TEXT_SIZE 32
/* The shortest text that value_parse_duration() reads back. */
void value_print_duration(char text[VALUE_TEXT_SIZE], uint64_t milliseconds);
void value_print_size(char text[VALUE_TEXT_SIZE], uint64_t bytes);

#endif
