/* SPDX-License-Identifier: MIT */
/* What ps and top show of a process: "tricorn: worker web.1". */
#ifndef TRICORN_MASTER_TITLE_H
#define TRICORN_MASTER_TITLE_H

/*
 * Takes the memory of the arguments and of the environment for titles;
 * environ is moved elsewhere. Returns a copy of argv to be used from now on.
 * Once, first thing in main(); the copies live until the process ends.
 */
char **title_init(int argc, char **argv) __attribute__((returns_nonnull));
/* "tricorn: " goes before. Without title_init() only the short name is set. */
void title_set(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
