/* SPDX-License-Identifier: MIT */
/* Reasons for failures. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
error_set(struct error *error, const char *format, ...)
{
	va_list args;

	if (error == NULL)
		return -1;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return -1;
}

int
error_prefix(struct error *error, const char *format, ...)
{
	char old[sizeof(error->text)];
	va_list args;
	int used;

	if (error == NULL)
		return -1;
	memcpy(old, error->text, sizeof(old));
	va_start(args, format);
	used = vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	if (used >= 0 && (size_t)used < sizeof(error->text))
		snprintf(error->text + used, sizeof(error->text) - (size_t)used,
		    "%s", old);
	return -1;
}
