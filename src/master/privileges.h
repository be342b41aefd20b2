/* SPDX-License-Identifier: MIT */
/*
 * What a process of the server may do and where it stands: user, groups,
 * umask, working directory, resource limits. The master keeps its user to be
 * able to bind and to switch its workers; a worker gives it up for good.
 */
#ifndef TRICORN_MASTER_PRIVILEGES_H
#define TRICORN_MASTER_PRIVILEGES_H

#include <sys/types.h>

#include "base/error.h"
#include "config/model.h"

/*
 * Sets umask and resource limits as [server] says. For master and workers.
 * Returns 0, or -1 with error filled.
 */
int privileges_limit(const struct config_server *server, struct error *error)
    __attribute__((warn_unused_result));
/*
 * Goes to the directory of [server]; a daemon without one goes to /. Returns
 * 0, or -1 with error filled.
 */
int privileges_enter(const struct config_server *server, struct error *error)
    __attribute__((warn_unused_result));
/*
 * Becomes the pool's user and group, or the server's, drops the supplementary
 * groups and forbids to gain new privileges. For workers; there is no way
 * back. Returns 0, or -1 with error filled: the process must end then.
 */
int privileges_drop(const struct config_server *server,
    const struct config_pool *pool, struct error *error)
    __attribute__((warn_unused_result));
/*
 * Gives the open error log to the server's user, whose workers open it anew
 * after a rotation. Does nothing unless this process is root.
 */
void privileges_share_log(const struct config_server *server);
/*
 * Makes the access log if need be and gives it to the server's user: where it
 * lies the workers may not make files. Else as privileges_share_log().
 */
void privileges_share_access_log(const struct config_server *server);

#endif
