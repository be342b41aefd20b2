/* SPDX-License-Identifier: MIT */
/*
 * The file with the master's process id. A lock is held on it as long as the
 * master lives, so that a number left behind by a crash never looks like a
 * live server, not even when some other process has it by now.
 */
#ifndef TRICORN_MASTER_PIDFILE_H
#define TRICORN_MASTER_PIDFILE_H

#include "base/error.h"

struct pidfile;

/*
 * Makes the file, or takes over a stale one, and writes this process's id.
 * To be called by the process that stays. Returns NULL with error filled when a live server holds it or it cannot be
 * written.
 */
struct pidfile *pidfile_create(const char *path, struct error *error)
    __attribute__((warn_unused_result));
/* Removes the file if it is still this one, and gives the lock up. */
void pidfile_destroy(struct pidfile **pidfile);
/*
 * Frees it in a forked child; file and lock stay the parent's. A child that
 * does not call it keeps the lock alive when the parent dies.
 */
void pidfile_forget(struct pidfile **pidfile);

#endif
