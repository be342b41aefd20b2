# SPDX-License-Identifier: MIT
"""Thousands of connections at once from one thread, on epoll."""

import collections
import contextlib
import resource
import select
import socket
import struct
import time

IP_BIND_ADDRESS_NO_PORT = 24    # linux/in.h; Python does not name it


def allow_files(count):
    """Raises the limit of open files; servers started later inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count
    if hard != resource.RLIM_INFINITY and wanted > hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return
        except (ValueError, OSError):
            raise SystemExit(
                f"{wanted} open files are needed and {hard} allowed: "
                f"ulimit -Hn {wanted}") from None
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, soft), hard))


class Crowd:
    """Connections that each send one request at a time."""

    def __init__(self, port, count):
        self.port = port
        self.sockets = {}
        self.epoll = select.epoll()
        # One source address has some 28,000 ports; the port is chosen at
        # connect(), and closing by reset leaves none waiting.
        for number in range(count):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
            sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            sock.bind((f"127.0.1.{1 + number // 10000}", 0))
            sock.connect(("127.0.0.1", port))
            sock.setblocking(False)
            self.sockets[sock.fileno()] = sock
            self.epoll.register(sock, select.EPOLLIN)

    def close(self):
        self.epoll.close()
        for sock in self.sockets.values():
            sock.close()

    def ask(self, path, deadline):
        """One request on every connection, all at once.

        Returns the seconds each answer took and a Counter of what came:
        status codes, "closed", or "none" for those not answered in time.
        """
        request = (f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").encode()
        begun = {}
        received = dict.fromkeys(self.sockets, b"")
        took, seen = [], collections.Counter()
        for number, sock in self.sockets.items():
            begun[number] = time.monotonic()
            with contextlib.suppress(OSError):
                sock.send(request)
        waiting = set(self.sockets)
        end = time.monotonic() + deadline
        while waiting and time.monotonic() < end:
            for number, _ in self.epoll.poll(0.1, 4096):
                if number not in waiting:
                    continue
                status = self._receive(number, received)
                if status is None:
                    continue
                waiting.discard(number)
                seen[status] += 1
                if status == "closed":
                    self.epoll.unregister(number)
                else:
                    took.append(time.monotonic() - begun[number])
        seen["none"] += len(waiting)
        return took, +seen

    def _receive(self, number, received):
        """The status once an answer is whole, "closed", or None."""
        try:
            data = self.sockets[number].recv(65536)
        except BlockingIOError:
            return None
        except OSError:
            return "closed"
        if not data:
            return "closed"
        received[number] += data
        head, separator, body = received[number].partition(b"\r\n\r\n")
        if not separator:
            return None
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                if len(body) < int(line.split(b":")[1]):
                    return None
                return int(head.split()[1])
        return int(head.split()[1]) if body.endswith(b"0\r\n\r\n") else None
