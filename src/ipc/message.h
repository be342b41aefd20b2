/* SPDX-License-Identifier: MIT */
/*
 * Messages between master and worker over a SOCK_SEQPACKET socketpair, both
 * ends non-blocking. End of file on it tells a worker that its master died:
 * it drains and leaves.
 */
#ifndef TRICORN_IPC_MESSAGE_H
#define TRICORN_IPC_MESSAGE_H

#include "base/error.h"

enum message_type {
	MESSAGE_READY,   /* worker → master: loaded, accepting */
	MESSAGE_FAILED,  /* worker → master: cannot serve; text says why */
	MESSAGE_LEAVING, /* worker → master: wants to be replaced, text says
	                    why (max_requests). It goes on serving until the
	                    master, once the successor is ready, sends TERM */
	MESSAGE_ADOPT,   /* master → worker: accept on this socket too (fd);
	                    text is "LISTEN-NAME ADDRESS" */
};

struct message {
	enum message_type type;
	int fd;          /* -1: none; on receipt the caller's to close */
	char text[1024]; /* NUL-terminated */
};

/*
 * Makes the two ends of a channel, close-on-exec and non-blocking. Returns 0,
 * or -1 with errno.
 */
int message_channel(int *master_end, int *worker_end)
    __attribute__((warn_unused_result));
/*
 * Returns 0, or -1 with errno (EAGAIN: the peer does not read; EPIPE: it is
 * gone). Does not take ownership of message->fd. Any thread; SIGPIPE is never
 * raised.
 */
int message_send(int channel, const struct message *message)
    __attribute__((warn_unused_result));
/* message_send() of a message without descriptor; text may be NULL. */
int message_send_text(int channel, enum message_type type, const char *text)
    __attribute__((warn_unused_result));
/*
 * 1: got one; 0: the peer is gone; -1: nothing there now (EAGAIN), or one
 * that makes no sense was thrown away (EBADMSG).
 */
int message_receive(int channel, struct message *message)
    __attribute__((warn_unused_result));

#endif
