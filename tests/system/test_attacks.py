# SPDX-License-Identifier: MIT
"""Hostile clients, clumsy operators and nasty applications: none of them may
end the service for the others."""

import contextlib
import os

import pytest

from harness import process_fd_count, wait_until

MODES = [("sync", 1), ("sync", 4), ("async", 1)]

CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
mode = @MODE@
threads = @THREADS@
workers = 1
listen = public
graceful_timeout = 1s
[app nasty]
module = @TEST_APPS@/@APP@.so
[route nasty]
match = /
app = nasty
[route quick]
match = /quick
respond = 200 quick
"""


def nasty(tricorn, app, mode, threads):
    return tricorn(CONFIG.replace("@APP@", app).replace("@MODE@", mode)
                   .replace("@THREADS@", str(threads)))


@pytest.mark.parametrize("mode, threads", MODES)
def test_a_cancelled_request_may_end_others_when_a_worker_ends(
        tricorn, mode, threads):
    """The worker cuts what is left at its deadline, and that cuts more."""
    server = nasty(tricorn, "together", mode, threads)
    with contextlib.ExitStack() as stack:
        guests = [stack.enter_context(server.connect()).request()
                  for _ in range(6)]
        for guest in guests:
            guest.take_head()
        server.stop()
    assert "killing it" not in server.log()


# --- hostile clients ---------------------------------------------------------


def test_nothing_behind_a_refused_connect_is_a_request(tricorn):
    """It may be the bytes of the tunnel, which anybody can have written."""
    server = nasty(tricorn, "early", "async", 1)
    answer = server.raw(b"CONNECT a.example:80 HTTP/1.1\r\n"
                        b"Host: a.example:80\r\n\r\n"
                        b"GET /quick HTTP/1.1\r\nHost: a.example\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.count(b"HTTP/1.1") == 1


MANY = """
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
mode = @MODE@
threads = 3
workers = 1
listen = public
[app echo]
module = @APPS@/@ECHO@.so
[app endless]
module = @TEST_APPS@/endless.so
[app sleepy]
module = @APPS@/sleepy_blocking.so
[route echo]
match = /echo
app = echo
[route endless]
match = /endless
app = endless
[route sleepy]
match = /sleepy
app = sleepy
[route packed]
match = /packed
app = endless
compress = on
compress_min = 1
compress_types = */*
[route files]
match = /files/
files = @DIR@/files
[route quick]
match = /quick
respond = 200 quick
"""
TARGETS = ["/echo", "/endless", "/packed", "/sleepy?ms=5", "/files/large",
           "/quick", "/nowhere"]


def reset_in_head(connection, target):
    connection.send(f"GET {target} HTTP/1.1\r\nHo")


def reset_behind_head(connection, target):
    connection.request("GET", target, {"Accept-Encoding": "gzip"})


def reset_in_body(connection, target):
    connection.send(f"POST {target} HTTP/1.1\r\nHost: a\r\n"
                    "Content-Length: 100000\r\n\r\n" + "x" * 5000)


def reset_in_chunk(connection, target):
    connection.send(f"POST {target} HTTP/1.1\r\nHost: a\r\n"
                    "Transfer-Encoding: chunked\r\n\r\nffff\r\nxxx")


def reset_in_response(connection, target):
    connection.request("GET", target, {"Accept-Encoding": "gzip"})
    connection.take(20)


def reset_among_pipelined(connection, target):
    for other in [target, *TARGETS]:
        connection.request("GET", other)
    connection.take(20)


def reset_in_linger(connection, target):
    connection.request("POST", target, {"Connection": "close",
                                        "Expect": "100-continue",
                                        "Content-Length": "1000000"})
    connection.take(9)
    connection.send("x" * 100)


RESETS = [reset_in_head, reset_behind_head, reset_in_body, reset_in_chunk,
          reset_in_response, reset_among_pipelined, reset_in_linger]


@pytest.mark.parametrize("mode, echo", [("sync", "echo_blocking"),
                                        ("async", "echo")])
def test_resets_at_every_stage_leave_nothing_behind(tricorn, mode, echo):
    server = tricorn(MANY.replace("@MODE@", mode).replace("@ECHO@", echo))
    (server.files / "large").write_bytes(bytes(3_000_000))
    worker, = server.workers()
    assert server.get("/files/large").status == 200
    before = process_fd_count(worker)
    for _ in range(3):
        for target in TARGETS:
            for act in RESETS:
                connection = server.connect()
                with contextlib.suppress(ConnectionError):
                    act(connection, target)
                connection.reset()
        assert server.get("/quick").body == b"quick"
    wait_until(lambda: process_fd_count(worker) <= before,
               what=lambda: f"{before} descriptors again, now "
               f"{process_fd_count(worker)}")
    assert server.workers() == [worker]


# --- clumsy operators --------------------------------------------------------

HELD = """
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
workers = 2
listen = public
[app held]
module = @TEST_APPS@/held.so
option.counts = @DIR@/files
option.hold = 4
[route held]
match = /
app = held
"""


def test_winch_in_the_middle_of_a_reload_leaves_it_no_loose_end(tricorn):
    """1 and 2 start first, 3 is the reload's trial, 4 never gets ready."""
    server = tricorn(HELD)
    server.signal("HUP")
    wait_until((server.files / "4").exists)
    server.signal("WINCH")
    wait_until(lambda: not server.workers(), what="the end of all workers")
    server.signal("HUP")
    server.wait_workers(2)
    assert server.get().body == b"here"


def test_a_pipe_in_place_of_the_configuration_does_not_hold_the_master(
        tricorn):
    """Nobody writes to it, so the reload fails and all goes on."""
    server = nasty(tricorn, "early", "async", 1)
    server.config_path.unlink()
    os.mkfifo(server.config_path)
    server.signal("HUP")
    server.log_contains("nobody writes to this pipe")
    assert server.get("/quick").body == b"quick"
