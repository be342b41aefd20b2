# SPDX-License-Identifier: MIT
"""What a client may take: time, bytes, fields, requests, connections.

Waits have no lower bound here: a time-out must come, and must not come while
the client does what it should.
"""

import contextlib
import os
import signal
import threading

import pytest

from harness import ConnectionEnded, Load, wait_until

CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@

[pool web]
mode = async
threads = 4
workers = 1
listen = public
{pool}

[app evented]
module = @APPS@/echo.so
[app blocking]
module = @APPS@/echo_blocking.so
[app upload]
module = @APPS@/upload.so
[app sleepy]
module = @APPS@/sleepy.so
[app sleepy_blocking]
module = @APPS@/sleepy_blocking.so
[app endless]
module = @TEST_APPS@/endless.so
[app counter]
module = @APPS@/counter.so

[route evented]
match = /evented
app = evented
[route blocking]
match = /blocking
app = blocking
[route upload]
match = /upload
app = upload
[route sleepy]
match = /sleepy
app = sleepy
[route sleepy_blocking]
match = /sleepy-blocking
app = sleepy_blocking
[route endless]
match = /endless
app = endless
[route counter]
match = /counter
app = counter
[route files]
match = /files/
files = @DIR@/files
[route fixed]
match = /
respond = 200 fixed
"""
HOST = "Host: a\r\n"


@pytest.fixture
def site(tricorn):
    def start(pool="", workers=1):
        server = tricorn(CONFIG.format(pool=pool)
                         .replace("workers = 1", f"workers = {workers}"),
                         start=False)
        (server.files / "large").write_bytes(bytes(50_000_000))
        server.start()
        return server
    return start


def sockets(pid):
    found = 0
    for link in os.scandir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            found += os.readlink(link.path).startswith("socket:")
    return found


def ended(connection):
    """The server has closed, with FIN or reset."""
    with pytest.raises(ConnectionEnded):
        connection.fill()
    return True


def post(target, length):
    return f"POST {target} HTTP/1.1\r\n{HOST}Content-Length: {length}\r\n\r\n"


# --- time ------------------------------------------------------------------


def test_an_idle_connection_is_closed_without_a_word(site):
    with site("keep_alive = 200ms").connect() as connection:
        assert connection.request().response().status == 200
        assert ended(connection) and connection.buffer == b""


def test_a_connection_that_never_asks_is_closed_without_a_word(site):
    with site("head_timeout = 200ms").connect() as connection:
        assert ended(connection) and connection.buffer == b""


@pytest.mark.parametrize("data", ["G", "GET / HTTP/1.1\r\nHost: a\r\n", "\r\n"])
def test_a_slow_head_is_408(site, data):
    with site("head_timeout = 200ms").connect() as connection:
        connection.send(data)
        response = connection.response()
        assert response.status == 408
        assert not response.keeps_alive
        assert ended(connection)


def test_a_head_in_drops_does_not_stretch_its_time(site):
    """head_timeout is for the whole head, not between bytes."""
    pause = threading.Event()
    with site("head_timeout = 500ms").connect() as connection:
        connection.sock.settimeout(0.02)
        with contextlib.suppress(TimeoutError, OSError):
            for _ in range(2000):
                connection.send("GET / HTTP/1.1\r\nX: "[0])
                pause.wait(0.02)
                try:
                    connection.fill()
                    break
                except AssertionError:
                    continue    # nothing yet
        connection.sock.settimeout(10)
        assert connection.response().status == 408


def test_a_second_slow_head_is_408(site):
    with site("head_timeout = 200ms").connect() as connection:
        assert connection.request().response().status == 200
        connection.send("GET /")
        assert connection.response().status == 408
        assert ended(connection)


@pytest.mark.parametrize("target", ["/upload", "/evented", "/blocking"])
def test_a_slow_body_is_408_or_cut(site, target):
    with site("body_timeout = 200ms\nbody_min_rate = 0").connect() \
            as connection:
        connection.send(post(target, 10) + "1234")
        try:
            # Only before the response has begun can it be 408.
            response = connection.response()
        except ConnectionEnded as end:
            assert target != "/upload"
            assert end.received.count(b"HTTP/1.1 200") <= 1
            return
        assert response.status == 408
        assert not response.keeps_alive
        assert ended(connection)


def test_a_slow_rest_that_nobody_reads_is_cut(site):
    with site("body_timeout = 200ms\nbody_min_rate = 0").connect() \
            as connection:
        connection.send(post("/fixed", 10) + "1234")
        assert connection.response().status == 200
        assert ended(connection)


def test_a_body_that_comes_steadily_is_not_slow(site):
    pause = threading.Event()
    with site("body_timeout = 1s\nbody_min_rate = 0").connect() as connection:
        connection.send(post("/upload", 30))
        for _ in range(30):
            pause.wait(0.05)
            connection.send("x")
        assert connection.response().body.startswith(b"30 bytes")


def test_a_body_below_the_least_rate_is_408(site):
    pause = threading.Event()
    with site("body_min_rate = 1000").connect() as connection:
        connection.send(post("/upload", 1_000_000))
        connection.sock.settimeout(0.1)
        for _ in range(1000):
            connection.send("x")
            pause.wait(0.1)
            try:
                connection.fill()
                break
            except AssertionError:
                continue        # nothing yet
        connection.sock.settimeout(10)
        assert connection.response().status == 408


@pytest.mark.parametrize("target", ["/files/large", "/endless"])
def test_a_client_that_never_reads_is_cut(site, target):
    server = site("send_timeout = 300ms")
    worker = server.workers()[0]
    before = sockets(worker)
    with server.connect() as connection:
        connection.request("GET", target)
        wait_until(lambda: sockets(worker) > before)
        wait_until(lambda: sockets(worker) == before)
        # What it got is a beginning, and ends with a reset.
        with pytest.raises(ConnectionEnded, match="reset"):
            while True:
                connection.fill()
                connection.buffer = b""
    assert server.get("/").status == 200


def test_a_client_that_reads_slowly_is_not_cut(site):
    pause = threading.Event()
    with site("send_timeout = 1s").connect() as connection:
        connection.request("GET", "/files/large")
        size = 0
        length = int(connection.take_head().field("Content-Length"))
        while size < length:
            size += len(connection.buffer)
            connection.buffer = b""
            if size < length:
                connection.fill()
            if size < 2_000_000:
                pause.wait(0.03)
        assert size == length


# --- bytes of a head -------------------------------------------------------


def head_of(size, target="/"):
    """A valid head of exactly so many bytes."""
    start = f"GET {target} HTTP/1.1\r\n{HOST}X: "
    return start + "x" * (size - len(start) - 4) + "\r\n\r\n"


@pytest.mark.parametrize("pool, limit", [
    ("", 16384), ("max_head = 64k", 65536), ("max_head = 200k", 204800),
    ("max_head = 1k", 1024)])
@pytest.mark.parametrize("piece", [1 << 20, 5000])
def test_heads_up_to_the_limit(site, pool, limit, piece):
    server = site(pool)
    with server.connect() as connection:
        for size in (limit - 1, limit):
            head = head_of(size)
            assert len(head) == size
            for at in range(0, size, piece):
                connection.send(head[at:at + piece])
            assert connection.response().status == 200
    with server.connect() as connection:
        head = head_of(limit + 1)
        for at in range(0, limit + 1, piece):
            connection.send(head[at:at + piece])
        response = connection.response()
        assert response.status == 431
        assert not response.keeps_alive
        assert ended(connection)


@pytest.mark.parametrize("pool, limit", [
    ("", 16384), ("max_head = 64k", 65536), ("max_head = 200k", 204800)])
def test_a_head_without_end_is_431(site, pool, limit):
    """Long before head_timeout, and without keeping what it sends."""
    with site(pool + "\nhead_timeout = 60").connect() as connection:
        connection.send(f"GET / HTTP/1.1\r\n{HOST}X: ")
        sent = 0
        with contextlib.suppress(OSError):
            while sent < 2 * limit:
                connection.send("x" * 1000)
                sent += 1000
        assert connection.response().status == 431


def test_empty_lines_without_end_are_refused(site):
    with site("head_timeout = 60").connect() as connection:
        with contextlib.suppress(OSError):
            for _ in range(100):
                connection.send("\r\n" * 1000)
        assert connection.response().status in (400, 431)


@pytest.mark.parametrize("pool, limit", [("", 8192), ("max_target = 200", 200)])
def test_targets_up_to_the_limit(site, pool, limit):
    server = site(pool)
    with server.connect() as connection:
        target = "/" + "t" * (limit - 1)
        assert connection.request("GET", target).response().status == 200
        response = connection.request("GET", target + "t").response()
        assert response.status == 414
        assert not response.keeps_alive
        assert ended(connection)


def test_fields_up_to_the_limit(site):
    with site("max_fields = 20").connect() as connection:
        fields = [(f"X-{number}", "v") for number in range(19)]
        assert connection.request(fields=fields).response().status == 200
        fields.append(("X", "one too many"))
        assert connection.request(fields=fields).response().status == 431
        assert ended(connection)


@pytest.mark.parametrize("pool", ["", "max_head = 1m",
                                  "max_head = 1m\nmax_fields = 1000"])
def test_a_flood_of_fields_is_431(site, pool):
    with site(pool).connect() as connection:
        with contextlib.suppress(OSError):
            connection.send(f"GET / HTTP/1.1\r\n{HOST}"
                            + "a: b\r\n" * 10000 + "\r\n")
        assert connection.response().status == 431


# --- names with _ ----------------------------------------------------------


UNDERSCORE = """
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
workers = 1
{pool}
[route all]
match = /
respond = 200 fine
"""


@pytest.mark.parametrize("mode, status, seen", [
    ("", 200, "-"), ("header_map = drop", 200, "-"),
    ("header_map = refuse", 400, None), ("header_map = dangerous", 200, "ab")])
def test_header_map(tricorn, mode, status, seen):
    server = tricorn(UNDERSCORE.format(pool=mode), server={
        "access_log": "@DIR@/access.log",
        "access_log_format": "%(s)s <%({x_forwarded_user}i)s> <%({x-other}i)s>"
    })
    with server.connect() as connection:
        connection.request(fields=[("X_Forwarded_User", "ab"),
                                   ("X-Other", "cd")])
        response = connection.response()
        assert response.status == status
        assert response.keeps_alive == (status == 200)
    path = server.directory / "access.log"
    line = wait_until(lambda: path.exists() and path.read_text())
    if status == 200:
        assert line == f"200 <{seen}> <cd>\n"
    else:
        assert line.startswith("400 ")


# --- connections and requests ----------------------------------------------


def test_max_connections_full_and_free_again(site):
    server = site("max_connections = 5")
    five = [server.connect() for _ in range(5)]
    for connection in five:
        assert connection.request().response().status == 200
    # The sixth is in the kernel's queue, and is not lost there.
    with server.connect() as sixth:
        sixth.request()
        assert five[0].request().response().status == 200
        assert not sixth.is_closed() and sixth.buffer == b""
        five.pop().close()
        assert sixth.response().status == 200
        for connection in five:
            assert connection.request().response().status == 200
            connection.close()
    with Load(server.port, clients=16) as load:
        load.wait_for_more(500)
    assert not load.failures


@pytest.mark.parametrize("target", ["/", "/counter"])
def test_max_requests_replaces_workers_without_a_failed_request(site, target):
    server = site("max_requests = 100\nmax_requests_jitter = 50", workers=2)
    first = set(server.workers())
    with Load(server.port, target) as load:
        load.wait_for_more(1000)
        wait_until(lambda: not first & set(server.workers()))
    assert not load.failures
    wait_until(lambda: len(server.workers()) == 2)
    server.log_contains("max_requests")


def test_a_burst_of_connections_is_accepted(site):
    server = site("max_connections = 10000")
    connections = [server.connect() for _ in range(2000)]
    for connection in connections:
        connection.request()
    for connection in connections:
        assert connection.response().status == 200
        connection.close()
    with Load(server.port) as load:
        load.wait_for_more(200)
    assert not load.failures


def test_a_burst_over_the_limit_is_served_in_turns(site):
    server = site("max_connections = 50")
    connections = [server.connect() for _ in range(1000)]
    for connection in connections:
        connection.request(fields={"Connection": "close"})
    for connection in connections:
        assert connection.response().status == 200
        connection.close()


# --- stopping and dying ----------------------------------------------------


@pytest.mark.parametrize("target", ["/sleepy?ms=500", "/sleepy-blocking?ms=500"])
def test_a_graceful_stop_answers_what_is_in_flight(site, target):
    server = site()
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(server.connect())
                       for _ in range(4)]
        for connection in connections:
            connection.request("GET", target)
        # All are at work once a later one is answered.
        assert server.get("/").status == 200
        server.signal("TERM")
        for connection in connections:
            response = connection.response()
            assert response.body.startswith(b"Slept 500")
            assert response.field("Connection") == "close"
            assert ended(connection)
    assert server.process.wait(20) == 0


def test_a_killed_worker_loses_only_its_own(site):
    server = site(workers=2)
    server.log_is_checked = False
    by_worker = {}
    connections = []
    while len(by_worker) < 2:
        connection = server.connect()
        connections.append(connection)
        text = connection.request("GET", "/counter").response().text
        worker = int(text.split()[1])
        by_worker.setdefault(worker, []).append(connection)
    (dying, cut), (living, kept) = by_worker.items()
    for connection in cut + kept:
        connection.request("GET", "/sleepy?ms=300")
    os.kill(dying, signal.SIGKILL)
    for connection in cut:
        assert ended(connection) and connection.buffer == b""
    for connection in kept:
        assert connection.response().status == 200
        text = connection.request("GET", "/counter").response().text
        assert int(text.split()[1]) == living
    wait_until(lambda: len(server.workers()) == 2)
    with Load(server.port) as load:
        load.wait_for_more(100)
    assert not load.failures
