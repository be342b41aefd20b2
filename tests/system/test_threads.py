# SPDX-License-Identifier: MIT
"""Blocking handlers on threads: a slow one holds nobody else up."""

import contextlib
import time

import pytest

CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
mode = @MODE@
workers = 1
threads = 4
listen = public
[app sleepy]
module = @APPS@/sleepy_blocking.so
[route sleepy]
match = /
app = sleepy
[route quick]
match = /quick
respond = 200 quick
"""
LONG = "/?ms=30000"     # none of these tests waits for its end


@pytest.fixture(params=["sync", "async"])
def server(tricorn, request):
    server = tricorn(CONFIG.replace("@MODE@", request.param))
    yield server
    server.stop("QUIT")


def unanswered(connection):
    return not connection.is_closed() and not connection.buffer


@pytest.mark.parametrize("pause", [0, 0.3, 1.5])
def test_quick_requests_pass_slow_handlers(server, pause):
    """Also after a pause, when all threads have gone to sleep."""
    with contextlib.ExitStack() as stack:
        slow = []
        for _ in range(3):
            time.sleep(pause)
            connection = stack.enter_context(server.connect())
            slow.append(connection.request("GET", LONG))
            assert server.get("/quick").body == b"quick"
            assert server.get("/?ms=1").status == 200
        assert all(unanswered(connection) for connection in slow)


def test_the_loop_goes_on_when_all_threads_are_busy(server):
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(server.connect()).request("GET", LONG)
                for _ in range(6)]
        assert server.get("/quick").body == b"quick"
        assert all(unanswered(connection) for connection in slow)


def test_requests_beyond_the_threads_wait_for_one(server):
    with contextlib.ExitStack() as stack:
        waiting = [
            stack.enter_context(server.connect()).request("GET", "/?ms=20")
            for _ in range(40)]
        assert [c.response().status for c in waiting] == [200] * 40
