/* SPDX-License-Identifier: MIT */
/* A temporary folder with files, for tests of this room. */
#ifndef TRICORN_TESTS_HANDLER_FOLDER_H
#define TRICORN_TESTS_HANDLER_FOLDER_H

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct folder {
	char path[64];
	char text[PATH_MAX]; /* of folder_path() */
};

static inline const char *
folder_path(struct folder *folder, const char *name)
{
	snprintf(folder->text, sizeof(folder->text), "%s/%s", folder->path,
	    name);
	return folder->text;
}

static inline void
folder_create(struct folder *folder)
{
	strcpy(folder->path, "/tmp/tricorn-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder->path));
}

static inline int
folder_remove_one(const char *path, const struct stat *status, int type,
    struct FTW *ftw)
{
	return remove(path);
}

static inline void
folder_remove(struct folder *folder)
{
	nftw(folder->path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void
folder_make(struct folder *folder, const char *name)
{
	ck_assert_int_eq(mkdir(folder_path(folder, name), 0755), 0);
}

/* Sets the time of the last change, in seconds since 1970. */
static inline void
folder_touch(struct folder *folder, const char *name, time_t seconds)
{
	struct timespec times[2] = { { .tv_sec = seconds },
		{ .tv_sec = seconds } };

	ck_assert_int_eq(utimensat(AT_FDCWD, folder_path(folder, name), times,
			     AT_SYMLINK_NOFOLLOW),
	    0);
}

/* Writes the file anew, in place if it exists, changed in November 1994. */
static inline void
folder_write(struct folder *folder, const char *name, const char *data,
    size_t size)
{
	FILE *file = fopen(folder_path(folder, name), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(data, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
	folder_touch(folder, name, 784111777);
}

static inline void
folder_write_text(struct folder *folder, const char *name, const char *text)
{
	folder_write(folder, name, text, strlen(text));
}

static inline void
folder_link(struct folder *folder, const char *target, const char *name)
{
	ck_assert_int_eq(symlink(target, folder_path(folder, name)), 0);
}

#endif
