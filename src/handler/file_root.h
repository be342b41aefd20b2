/* SPDX-License-Identifier: MIT */
/*
 * The directory below which a route's files lie, and the only way to open
 * one of them: no path, whatever its "..", symbolic links or absolute names,
 * leads out of it.
 */
#ifndef TRICORN_HANDLER_FILE_ROOT_H
#define TRICORN_HANDLER_FILE_ROOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "handler/freshness.h"

struct file_root {
	char *path;          /* as configured */
	char *file;          /* the one file to serve; NULL: a directory */
	char *directory;     /* what fd was opened from */
	int fd;              /* O_PATH of the directory */
	dev_t device;        /* of fd: tells when a deployment put another */
	ino_t inode;         /*   directory (or link) in its place */
	unsigned generation; /* counts those changes */
	bool walk;           /* no openat2(): component by component */
	struct freshness freshness;
};

/* Opens path, a directory or a regular file. 0, or -1 with the reason. */
int file_root_init(struct file_root *root, const char *path,
    struct error *error) __attribute__((warn_unused_result));
/* Closes and frees; root may be zeroed memory with fd -1. */
void file_root_finish(struct file_root *root);

/*
 * Looks whether another directory stands where the root was (now and then,
 * see freshness.h) and takes it if so. One that is gone or cannot be opened
 * leaves the old one in place.
 */
void file_root_refresh(struct file_root *root, uint64_t now_ms);

/*
 * Opens a file beneath the root; relative is "" for the root itself. flags as
 * for open(); O_CLOEXEC and O_NOCTTY are added. Returns the descriptor, the
 * caller's, or a negative errno: -EXDEV and -ELOOP for what would lead out.
 */
int file_root_open(const struct file_root *root, const char *relative,
    int flags) __attribute__((warn_unused_result));

/*
 * The status of a path without the guard of file_root_open(): only good for
 * comparing it with what was seen through an opened descriptor. 0 or a
 * negative errno.
 */
int file_root_stat(const struct file_root *root, const char *relative,
    struct stat *status) __attribute__((warn_unused_result));

#endif
