/* SPDX-License-Identifier: MIT */
/*
 * Opens, multiplies and closes listening sockets. Who accepts on which of
 * them is decided in the master's seats.
 */
#include "net/listener.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

/* Seconds the kernel may hold back a connection that sends nothing. */
#define DEFER_ACCEPT_SECONDS 5

/* --- messages ----------------------------------------------------------- */

static int
cannot_listen(const struct address *address, int number, struct error *error)
{
	char text[ADDRESS_TEXT];
	const char *hint = "";
	bool is_unix = address_is_unix(address);

	switch (number) {
	case EACCES:
	case EPERM:
		hint = is_unix ? "; this user must be able to write to the "
				 "socket's directory"
			       : "; start as root, give the program "
				 "CAP_NET_BIND_SERVICE or choose a port over "
				 "1023";
		break;
	case EADDRINUSE:
		hint = "; another program listens there (ss -lp shows which): "
		       "stop it or choose another address";
		break;
	case EADDRNOTAVAIL:
		hint = "; this machine has no such address (ip address shows "
		       "those it has)";
		break;
	case ENOENT:
		hint = is_unix ? "; create the socket's directory first" : "";
		break;
	case EMFILE:
		hint = "; raise limit_nofile in [server]";
		break;
	}
	address_format((const struct sockaddr *)&address->storage,
	    address->length, text);
	error_set(error, "cannot listen on %s: %s%s", text, strerror(number),
	    hint);
	errno = number; /* listener_open() looks at it */
	return -1;
}

/* The kernel has no such family or the interface no such address. */
static bool
is_unavailable(int number)
{
	return number == EAFNOSUPPORT || number == EADDRNOTAVAIL;
}

/* --- one socket --------------------------------------------------------- */

static void
set_flag(int fd, int level, int option, int value)
{
	/* Only ever fails for a descriptor that is no socket. */
	if (setsockopt(fd, level, option, &value, sizeof(value)) != 0)
		assert(errno != EBADF && errno != ENOTSOCK);
}

static int
open_socket(const struct address *address, const struct config_listen *listen)
{
	int fd = socket(address->storage.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || address_is_unix(address))
		return fd;
	set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (address->storage.ss_family == AF_INET6)
		set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY,
		    address->ipv6_only || listen->ipv6_only);
	if (listen->tcp_defer_accept)
		set_flag(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT,
		    DEFER_ACCEPT_SECONDS);
	return fd;
}

static int
start_listening(int fd, const struct config_listen *section)
{
	return listen(fd, section->backlog);
}

static void
keep_socket(struct listener *listener, int fd)
{
	listener->sockets = xreallocarray(listener->sockets,
	    listener->socket_count + 1, sizeof(*listener->sockets));
	listener->sockets[listener->socket_count++] = fd;
}

/* --- Unix sockets ------------------------------------------------------- */

/*
 * Makes way for a new socket file: removes one that nobody listens on, and
 * refuses to touch anything else.
 */
static int
clear_path(const struct address *address, struct error *error)
{
	const char *path = address_path(address);
	struct stat status;
	int fd, refused;

	if (lstat(path, &status) != 0)
		return 0; /* nothing there, or bind() will say what is wrong */
	if (!S_ISSOCK(status.st_mode))
		return error_set(error,
		    "cannot listen on unix:%s: there is a file that is no "
		    "socket; remove it or choose another path",
		    path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return cannot_listen(address, errno, error);
	refused = connect(fd, (const struct sockaddr *)&address->storage,
		      address->length) != 0 &&
	    errno == ECONNREFUSED;
	close(fd);
	if (!refused)
		return cannot_listen(address, EADDRINUSE, error);
	if (unlink(path) != 0)
		return error_set(error, "cannot remove the stale socket %s: %s",
		    path, strerror(errno));
	return 0;
}

/* Nobody may connect before the mode is what the configuration wants. */
static int
bind_unix(int fd, const struct address *address)
{
	mode_t mask = umask(0777);
	int result = bind(fd, (const struct sockaddr *)&address->storage,
	    address->length);
	int number = errno;

	umask(mask);
	errno = number;
	return result;
}

static int
own_path(struct listener *listener, const struct config_listen *listen,
    struct error *error)
{
	const char *path = address_path(&listener->bound);
	struct stat status;

	if (lstat(path, &status) == 0) {
		listener->device = status.st_dev;
		listener->inode = status.st_ino;
		if (chmod(path, listen->unix_mode) == 0)
			return 0;
	}
	return error_set(error, "cannot set the mode of socket %s: %s", path,
	    strerror(errno));
}

/* --- listeners ---------------------------------------------------------- */

static int
bind_first(struct listener *listener, const struct config_listen *listen,
    struct error *error)
{
	const struct address *address = &listener->requested;
	int fd = open_socket(address, listen);
	int result;

	if (fd < 0)
		return cannot_listen(address, errno, error);
	keep_socket(listener, fd);
	if (address_is_unix(address))
		result = bind_unix(fd, address);
	else
		result = bind(fd, (const struct sockaddr *)&address->storage,
		    address->length);
	if (result != 0)
		return cannot_listen(address, errno, error);
	listener->bound = *address;
	if (address_is_unix(address)) {
		if (own_path(listener, listen, error) != 0)
			return -1;
	} else
		getsockname(fd, (struct sockaddr *)&listener->bound.storage,
		    &listener->bound.length);
	address_format((const struct sockaddr *)&listener->bound.storage,
	    listener->bound.length, listener->text);
	if (start_listening(fd, listen) != 0)
		return cannot_listen(address, errno, error);
	return 0;
}

int
listener_open(const struct address *address, const struct config_listen *listen,
    struct listener **listener, struct error *error)
{
	struct listener *opened;
	int number;

	if (address_is_unix(address) && clear_path(address, error) != 0)
		return -1;
	opened = xcalloc(1, sizeof(*opened));
	opened->requested = *address;
	errno = 0;
	if (bind_first(opened, listen, error) == 0) {
		*listener = opened;
		return 0;
	}
	number = errno;
	listener_close(&opened);
	return address->optional && is_unavailable(number) ? 1 : -1;
}

int
listener_add_socket(struct listener *listener,
    const struct config_listen *listen, struct error *error)
{
	int fd;

	assert(!address_is_unix(&listener->bound));
	/* Marked only now: the first bind has made sure that the port was
	   free, which it does not when it is willing to share. */
	if (listener->socket_count == 1)
		set_flag(listener->sockets[0], SOL_SOCKET, SO_REUSEPORT, 1);
	fd = open_socket(&listener->bound, listen);
	if (fd < 0)
		return cannot_listen(&listener->bound, errno, error);
	set_flag(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (bind(fd, (const struct sockaddr *)&listener->bound.storage,
		listener->bound.length) != 0 ||
	    start_listening(fd, listen) != 0) {
		cannot_listen(&listener->bound, errno, error);
		close(fd);
		return -1;
	}
	keep_socket(listener, fd);
	return 0;
}

void
listener_apply(struct listener *listener, const struct config_listen *listen)
{
	bool is_unix = address_is_unix(&listener->bound);

	for (size_t i = 0; i < listener->socket_count; i++) {
		int fd = listener->sockets[i];

		/* On a listening socket this changes the backlog alone. */
		if (start_listening(fd, listen) != 0)
			log_warning("cannot change the backlog of %s: %s",
			    listener->text, strerror(errno));
		if (!is_unix)
			set_flag(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT,
			    listen->tcp_defer_accept ? DEFER_ACCEPT_SECONDS
						     : 0);
	}
	if (is_unix &&
	    chmod(address_path(&listener->bound), listen->unix_mode) != 0)
		log_warning("cannot change the mode of %s: %s", listener->text,
		    strerror(errno));
}

static void
remove_path(const struct listener *listener)
{
	struct stat status;
	const char *path;

	if (listener->inode == 0 || !address_is_unix(&listener->bound))
		return;
	path = address_path(&listener->bound);
	if (lstat(path, &status) == 0 && status.st_dev == listener->device &&
	    status.st_ino == listener->inode)
		unlink(path);
}

void
listener_stop(struct listener *listener)
{
	remove_path(listener);
	for (size_t i = 0; i < listener->socket_count; i++)
		close(listener->sockets[i]);
	listener->socket_count = 0;
}

void
listener_close(struct listener **listener)
{
	if (*listener == NULL)
		return;
	listener_stop(*listener);
	free((*listener)->sockets);
	free(*listener);
	*listener = NULL;
}
