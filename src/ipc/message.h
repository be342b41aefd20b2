/* SPDX-License-Identifier: MIT */
/*
 * Messages between master and worker over a SOCK_SEQPACKET socketpair. End
 * of file on it tells a worker that its master died: it drains and leaves.
 */
#ifndef TRICORN_IPC_MESSAGE_H
#define TRICORN_IPC_MESSAGE_H

#include "base/error.h"

enum message_type {
	MESSAGE_READY,  /* worker → master: loaded, accepting */
	MESSAGE_FAILED, /* worker → master: cannot serve; text says why */
	MESSAGE_LEAVING,/* worker → master: draining by itself, text says why
	                   (max_requests); start my successor */
	MESSAGE_ADOPT,  /* master → worker: accept on this socket too (fd);
	                   text is "LISTEN-NAME ADDRESS" */
};

struct message {
	enum message_type type;
	int fd;          /* -1: none; on receipt the caller's to close */
	char text[1024]; /* NUL-terminated */
};

/* 0, or -1 with errno. Does not take ownership of message->fd. */
int message_send(int channel, const struct message *message)
    __attribute__((warn_unused_result));
/* 1: got one; 0: the peer is gone; -1: nothing there now (EAGAIN). */
int message_receive(int channel, struct message *message)
    __attribute__((warn_unused_result));

#endif
