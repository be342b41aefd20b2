/* SPDX-License-Identifier: MIT */
/*
 * The master: one process, one thread, that owns the listeners, forks the
 * workers of every pool, replaces the dead, and takes the signals of the
 * operator. It never loads application code.
 */
#ifndef TRICORN_MASTER_MASTER_H
#define TRICORN_MASTER_MASTER_H

struct config_options;

/*
 * Loads the configuration and serves until it is told to stop. Returns the
 * exit code of the program: 0 after a stop, 1 when the server could not
 * start, for which the reason is on stderr and in the log. With daemon = on
 * it returns in the background process only. options stays the caller's.
 */
int master_run(const struct config_options *options);

#endif
