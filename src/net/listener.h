/* SPDX-License-Identifier: MIT */
/*
 * A listener: one address with its listening sockets. There is one socket, or
 * several that share the port (SO_REUSEPORT), between which the kernel
 * spreads the connections. A socket is never closed while its listener lives:
 * the connections that wait in it would be lost.
 */
#ifndef TRICORN_NET_LISTENER_H
#define TRICORN_NET_LISTENER_H

#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"
#include "config/model.h"
#include "net/address.h"

struct listener {
	struct address requested; /* as configured; port 0: any */
	struct address bound;
	char text[ADDRESS_TEXT]; /* of bound */
	int *sockets;            /* non-blocking, close-on-exec */
	size_t socket_count;     /* at least 1 until listener_stop() */
	dev_t device;            /* of a Unix socket's file, to tell whether */
	ino_t inode;             /* it is still ours when it is unlinked */
};

/*
 * Binds address with one socket that listens, set up as listen says. The
 * address must be free: another server on the same port is an error even
 * when both would share it. A Unix socket's file that nobody listens on is
 * replaced. Returns 0 with *listener set; 1 when address->optional and this
 * machine has no such address; -1 with error filled and nothing left behind.
 */
int listener_open(const struct address *address,
    const struct config_listen *listen, struct listener **listener,
    struct error *error) __attribute__((warn_unused_result));
/*
 * Adds one more socket on the same port; not for Unix sockets. Returns 0, or
 * -1 with error filled.
 */
int listener_add_socket(struct listener *listener,
    const struct config_listen *listen, struct error *error)
    __attribute__((warn_unused_result));
/*
 * Makes the open sockets follow a changed section: backlog, deferred accept
 * and the mode of a Unix socket's file. What fails is logged as a warning.
 */
void listener_apply(struct listener *listener,
    const struct config_listen *listen);
/*
 * Closes this process's sockets and removes a Unix socket's file if it is
 * still ours: when the last worker has closed its own, after it has emptied
 * them, nobody can connect any more. For a master that ends.
 */
void listener_stop(struct listener *listener);
/*
 * listener_stop(), and frees it. What waits in sockets that no worker has is
 * lost. Sets *listener NULL; accepts NULL.
 */
void listener_close(struct listener **listener);

#endif
