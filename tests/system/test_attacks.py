# SPDX-License-Identifier: MIT
"""Hostile clients, clumsy operators and nasty applications: none of them may
end the service for the others."""

import contextlib
import os

import pytest

from harness import wait_until

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
