/* SPDX-License-Identifier: MIT */
/*
 * The wire form of messages: one packet of a four-byte type and the text
 * without its NUL, a descriptor as SCM_RIGHTS beside it.
 */
#include "ipc/message.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Room for one descriptor, aligned as the macros want it. */
union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

int
message_channel(int *master_end, int *worker_end)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, ends) != 0)
		return -1;
	*master_end = ends[0];
	*worker_end = ends[1];
	return 0;
}

int
message_send(int channel, const struct message *message)
{
	uint32_t type = (uint32_t)message->type;
	struct iovec parts[2] = {
		{ &type, sizeof(type) },
		{ (void *)message->text,
		    strnlen(message->text, sizeof(message->text)) },
	};
	union control control;
	struct msghdr packet = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t sent;

	if (message->fd >= 0) {
		memset(&control, 0, sizeof(control));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &message->fd, sizeof(int));
		packet.msg_control = &control;
		packet.msg_controllen = sizeof(control.space);
	}
	do
		sent = sendmsg(channel, &packet, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

int
message_send_text(int channel, enum message_type type, const char *text)
{
	struct message message = { .type = type, .fd = -1 };

	snprintf(message.text, sizeof(message.text), "%s", text ? text : "");
	return message_send(channel, &message);
}

/* The descriptor that came with a packet, or -1. */
static int
received_fd(struct msghdr *packet)
{
	int fd = -1;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(packet); part != NULL;
	     part = CMSG_NXTHDR(packet, part))
		if (part->cmsg_level == SOL_SOCKET &&
		    part->cmsg_type == SCM_RIGHTS &&
		    part->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(&fd, CMSG_DATA(part), sizeof(int));
	return fd;
}

int
message_receive(int channel, struct message *message)
{
	uint32_t type = 0;
	struct iovec parts[2] = {
		{ &type, sizeof(type) },
		{ message->text, sizeof(message->text) - 1 },
	};
	union control control;
	struct msghdr packet = { .msg_iov = parts,
		.msg_iovlen = 2,
		.msg_control = &control,
		.msg_controllen = sizeof(control.space) };
	ssize_t got;

	do
		got = recvmsg(channel, &packet, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	/* A peer that died with unread messages resets the channel. */
	if (got == 0 || (got < 0 && errno == ECONNRESET))
		return 0;
	if (got < 0)
		return -1;
	message->fd = received_fd(&packet);
	if ((size_t)got < sizeof(type) || type > MESSAGE_ADOPT) {
		if (message->fd >= 0)
			close(message->fd);
		message->fd = -1;
		errno = EBADMSG;
		return -1;
	}
	message->type = (enum message_type)type;
	message->text[(size_t)got - sizeof(type)] = '\0';
	return 1;
}
