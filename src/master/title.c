/* SPDX-License-Identifier: MIT */
/* Process titles by overwriting the arguments, as the kernel lets ps see. */
#include "master/title.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/memory.h"

static struct {
	char *start; /* of the strings that the kernel shows */
	size_t size;
	char **argv; /* our copies, kept here for leak checkers */
	char **environment;
} area;

/* Copies the strings; *end moves behind those that follow one another. */
static char **
copy_strings(char **strings, size_t count, char **end)
{
	char **copy = xcalloc(count + 1, sizeof(*copy));

	for (size_t i = 0; i < count; i++) {
		copy[i] = xstrdup(strings[i]);
		if (strings[i] == *end)
			*end = strings[i] + strlen(strings[i]) + 1;
	}
	return copy;
}

char **
title_init(int argc, char **argv)
{
	size_t variables = 0;
	char *end;

	if (argc < 1)
		return argv;
	while (environ[variables] != NULL)
		variables++;
	area.start = end = argv[0];
	area.argv = copy_strings(argv, (size_t)argc, &end);
	area.environment = copy_strings(environ, variables, &end);
	environ = area.environment;
	area.size = (size_t)(end - area.start);
	return area.argv;
}

void
title_set(const char *format, ...)
{
	char title[256] = "tricorn: ";
	size_t used = strlen(title);
	va_list args;

	va_start(args, format);
	vsnprintf(title + used, sizeof(title) - used, format, args);
	va_end(args);
	prctl(PR_SET_NAME, title, 0, 0, 0); /* the first 15 bytes */
	if (area.size == 0)
		return;
	memset(area.start, 0, area.size);
	snprintf(area.start, area.size, "%s", title);
}
