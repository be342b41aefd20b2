# SPDX-License-Identifier: MIT
"""Applications through the real server, in every mode they may run in."""

import os
import pathlib
import threading

import pytest

from harness import (APPS, ROOT, SLOW, ConnectionEnded, Load, alive,
                     unused_port, wait_until)

TEST_APPS = pathlib.Path(APPS).parent / "tests" / "apps"
MIB = 1 << 20

# What an application that waits may run in; one that does not, in async only.
BLOCKING = [("sync", 1), ("sync", 8), ("async", 1), ("async", 8)]
EVENTED = [("async", 1)]


def variants(*apps):
    """Parameters (app, mode, threads) for evented and blocking apps."""
    return pytest.mark.parametrize("app, mode, threads", [
        (app, *where) for app in apps
        for where in (BLOCKING if "blocking" in app or app in (
            "upload", "counter", "trailers_and_hints", "send_file", "late")
            else EVENTED)])


def config(app, mode="async", threads=1, pool="", options="", workers=1):
    """One pool with one application at /."""
    path = f"{TEST_APPS}/{app}.so"
    if not os.path.exists(path):
        path = f"{APPS}/{app}.so"
    return f"""
[listen public]
address = 127.0.0.1:@PORT@

[pool web]
mode = {mode}
workers = {workers}
threads = {threads}
listen = public
{pool}

[app {app}]
module = {path}
pool = web
{options}

[route {app}]
match = /
app = {app}
"""


def body_of(size):
    """Bytes in which a lost, doubled or swapped block shows."""
    words = b"".join(number.to_bytes(4, "big")
                     for number in range(min(size, MIB) // 4 + 1))
    blocks = [index.to_bytes(4, "big") + words[4:MIB]
              for index in range(size // MIB + 1)]
    return b"".join(blocks)[:size]


def chunked(body, size=30000):
    parts = [body[at:at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part)
                    for part in parts) + b"0\r\n\r\n"


class Sender(threading.Thread):
    """Sends in the background; .sent counts."""

    def __init__(self, connection, data):
        super().__init__(daemon=True)
        self.connection = connection
        self.data = memoryview(data)
        self.sent = 0
        self.error = None
        self.start()

    def run(self):
        try:
            while self.sent < len(self.data):
                self.sent += self.connection.sock.send(
                    self.data[self.sent:self.sent + 65536])
        except OSError as error:
            self.error = error


def memory(pid, key):
    """VmRSS or VmHWM of a process in bytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"no {key} of {pid}")


# --- plain requests --------------------------------------------------------


HELLO = {"hello": b"Hello from tricorn.\n",
         "hello_blocking": b"Hello from a thread of tricorn.\n"}


@variants("hello", "hello_blocking")
def test_hello(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads))
    with server.connect() as connection:
        for _ in range(3):      # keep-alive
            response = connection.request().response()
            assert response.status == 200
            assert response.body == HELLO[app]
            assert response.field("Content-Type") \
                == "text/plain; charset=utf-8"
            assert response.field("Content-Length") == str(len(HELLO[app]))
            assert response.keeps_alive
        head = connection.request("HEAD").response("HEAD")
        assert head.status == 200
        assert head.field("Content-Length") == str(len(HELLO[app]))
        assert connection.request().response().body == HELLO[app]
    assert server.get("/any/where?at=all").body == HELLO[app]


@variants("hello", "hello_blocking")
def test_pipelined_requests_are_answered_in_order(tricorn, app, mode,
                                                  threads):
    server = tricorn(config(app, mode, threads))
    with server.connect() as connection:
        connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 50
                        + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
                        + "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for method in ["GET"] * 50 + ["HEAD", "GET"]:
            response = connection.response(method)
            assert response.status == 200
            assert response.body == (b"" if method == "HEAD" else HELLO[app])


@variants("hello", "hello_blocking")
def test_http_1_0_and_connection_close(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads))
    with server.connect() as connection:
        connection.send("GET / HTTP/1.0\r\n\r\n")
        assert connection.response().body == HELLO[app]
        assert connection.at_end()
    with server.connect() as connection:
        connection.request(fields={"Connection": "close"})
        assert connection.response().body == HELLO[app]
        assert connection.at_end()


@variants("hello", "hello_blocking")
def test_many_clients(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads))
    with Load(server.port, clients=16) as load:
        load.wait_for_more(2000)
    assert not load.failures, load.failures
    assert load.bodies == {HELLO[app]}


def test_the_command_line_is_enough(tricorn):
    server = tricorn(args=[f"{APPS}/hello.so", "-b", "127.0.0.1:@PORT@"])
    assert server.get("/").body == HELLO["hello"]


def test_the_demo_site(tricorn):
    fast, threads = unused_port(), unused_port()
    server = tricorn(
        args=["-c", str(ROOT / "examples/demo/tricorn.conf")],
        command=["env", "-C", str(ROOT)], start=False,
        env={"PORT": str(fast), "SYNC_PORT": str(threads),
             "TRICORN_BUILD": str(pathlib.Path(APPS).parent)})
    server.ports = [fast, threads]
    server.start()
    pages = {"/": "text/html", "/hello": "text/plain",
             "/sleepy?ms=10": "text/plain", "/counter": "text/plain",
             "/style.css": "text/css", "/demo.js": "text/javascript"}
    for port, mode in ((fast, "async"), (threads, "sync")):
        for target, kind in pages.items():
            response = server.get(target, port=port)
            assert response.status == 200, target
            assert response.field("Content-Type").startswith(kind)
            assert response.field("X-Mode") == mode \
                or target in ("/style.css", "/demo.js")
        assert f"this port is {mode}" in server.get("/", port=port).text
        for target in ("/echo", "/upload"):
            response = server.ask("POST", target, body=b"four", port=port)
            assert response.text in ("four",
                                     "4 bytes, fnv1a dd33fe790c41dde5\n")
    for target in ("/events?ms=1&count=2", "/events.html", "/transfer.html",
                   "/primes?n=10"):
        assert server.get(target, port=fast).status == 200
    assert server.get("/events", port=threads).status == 404


# --- bodies ----------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 64 << 10, 20 * MIB])
@pytest.mark.parametrize("framing", ["length", "chunked"])
@variants("echo", "echo_blocking")
def test_echo(tricorn, app, mode, threads, framing, size):
    server = tricorn(config(app, mode, threads))
    body = body_of(size)
    worker, = server.wait_workers(1)
    server.get("/")
    before = memory(worker, "VmHWM")
    connection = server.connect(deadline=60)
    try:
        for _ in range(2):
            if framing == "length":
                connection.send("POST / HTTP/1.1\r\nHost: a\r\n"
                                f"Content-Length: {size}\r\n\r\n")
                sender = Sender(connection, body)
            else:
                connection.send("POST / HTTP/1.1\r\nHost: a\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n")
                sender = Sender(connection, chunked(body))
            response = connection.response()
            sender.join(60 * SLOW)
            assert sender.error is None
            assert response.status == 200
            assert len(response.body) == size
            assert response.body == body
            assert response.field("Content-Length") == (
                str(size) if framing == "length" else None)
            if not response.keeps_alive:
                assert connection.at_end()
                connection = server.connect(deadline=60)
    finally:
        connection.close()
    if SLOW == 1:               # sanitizers keep freed memory
        assert memory(worker, "VmHWM") - before < 8 * MIB


@variants("echo", "echo_blocking")
def test_echo_to_a_client_that_does_not_read(tricorn, app, mode, threads):
    """The server must stop reading: neither memory nor bytes pile up."""
    server = tricorn(config(app, mode, threads))
    body = body_of(40 * MIB)
    worker, = server.wait_workers(1)
    server.get("/")
    before = memory(worker, "VmHWM")
    with server.connect(deadline=90) as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n")
        sender = Sender(connection, body)
        seen = []

        def stands_still():
            seen.append(sender.sent)
            return len(seen) > 10 and seen[-10] == sender.sent
        wait_until(stands_still, 30)
        assert 0 < sender.sent < len(body)
        if threads > 1 or app == "echo":
            assert server.get("/").status == 200
        response = connection.response()
        assert response.body == body
    if SLOW == 1:
        assert memory(worker, "VmHWM") - before < 8 * MIB


@variants("echo", "echo_blocking")
def test_echo_answers_while_the_body_comes(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads))
    with server.connect() as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n4\r\none \r\n")
        assert connection.take_head().status == 200
        assert connection.take(9) == b"4\r\none \r\n"
        connection.send("3\r\ntwo\r\n")
        assert connection.take(8) == b"3\r\ntwo\r\n"
        connection.send("0\r\n\r\n")
        assert connection.take(5) == b"0\r\n\r\n"


@variants("echo", "echo_blocking")
def test_a_malformed_body_cuts_the_response(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads))
    with server.connect() as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n4\r\none \r\n")
        assert connection.take_head().status == 200
        connection.send("zz\r\n")
        rest = connection.take_to_end()
        assert not rest.endswith(b"0\r\n\r\n")
    assert server.get("/").status == 200


@variants("echo", "echo_blocking", "upload")
def test_a_client_that_leaves_in_its_body(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads))
    worker, = server.wait_workers(1)
    for reset in (False, True):
        connection = server.connect()
        connection.send("POST / HTTP/1.1\r\nHost: a\r\n"
                        "Content-Length: 100000\r\n\r\nabc")
        if app != "upload":
            connection.take_head()
        connection.reset() if reset else connection.close()
    assert server.ask("POST", "/", body=b"fine").status == 200
    assert server.workers() == [worker]


@variants("upload")
def test_upload(tricorn, app, mode, threads):
    def fnv1a(data):
        value = 14695981039346656037
        for byte in data:
            value = (value ^ byte) * 1099511628211 & (1 << 64) - 1
        return value

    server = tricorn(config(app, mode, threads))
    for size in (0, 1, 70000):
        body = body_of(size)
        text = f"{size} bytes, fnv1a {fnv1a(body):016x}\n"
        assert server.ask("PUT", "/", body=body).text == text
        with server.connect() as connection:
            connection.send(b"PUT / HTTP/1.1\r\nHost: a\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n"
                            + chunked(body, 999))
            assert connection.response().text == text


@variants("upload")
def test_a_large_body_waits_in_a_temporary_file(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads,
                            pool="body_buffer = 64k",
                            options="option.directory = @DIR@/kept"),
                     start=False, server={"temp_dir": "@DIR@/temp"})
    temporary = server.directory / "temp"
    temporary.mkdir()
    kept = server.directory / "kept"
    kept.mkdir()
    server.start()
    worker, = server.wait_workers(1)
    body = body_of(3 * MIB)

    def uses_a_file():
        return any(os.readlink(link).startswith(str(temporary))
                   for link in pathlib.Path(f"/proc/{worker}/fd").iterdir()
                   if link.is_symlink())

    assert not uses_a_file()
    with server.connect() as connection:
        connection.send("PUT / HTTP/1.1\r\nHost: a\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n")
        connection.send(body[:2 * MIB])
        wait_until(uses_a_file)
        connection.send(body[2 * MIB:])
        assert connection.response().text.startswith(f"{3 * MIB} bytes")
    file, = kept.iterdir()
    assert file.read_bytes() == body
    wait_until(lambda: not uses_a_file())
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("mode, threads", BLOCKING)
def test_an_early_answer_while_the_body_is_still_coming(tricorn, mode,
                                                        threads):
    server = tricorn(config("early", mode, threads))
    with server.connect() as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\n"
                        "Content-Length: 1000000\r\n\r\nabc")
        response = connection.response()
        assert response.status == 403
        assert response.body == b"no, thanks"
    # Whatever the server does with the rest, it never is a request.
    with server.connect() as connection:
        inner = b"GET /inner HTTP/1.1\r\nHost: a\r\n\r\n"
        connection.send(b"POST / HTTP/1.1\r\nHost: a\r\n"
                        b"Content-Length: %d\r\n\r\n" % len(inner) + inner)
        assert connection.response().status == 403
        connection.sock.settimeout(20 * SLOW)
        connection.shutdown()
        assert connection.at_end()


@pytest.mark.parametrize("app, mode, threads", [
    ("echo", "async", 1), ("echo_blocking", "sync", 1),
    ("echo_blocking", "async", 8), ("upload", "sync", 8),
    ("upload", "async", 1)])
def test_expect_100_continue(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads))
    with server.connect() as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                        "Expect: 100-continue\r\n\r\n")
        interim = connection.take_head()
        assert interim.status == 100
        connection.send("hello")
        response = connection.response()
        assert response.status == 200
        assert response.interim == []
        assert b"hello" in response.body or b"5 bytes" in response.body


@pytest.mark.parametrize("mode, threads", BLOCKING)
def test_no_100_for_who_does_not_want_the_body(tricorn, mode, threads):
    server = tricorn(config("early", mode, threads))
    with server.connect() as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                        "Expect: 100-continue\r\n\r\n")
        response = connection.response()
        assert response.status == 403
        assert response.interim == []


# --- streams, time and threads ---------------------------------------------


def take_chunk(connection):
    size = int(connection.take_line(), 16)
    data = connection.take(size)
    assert connection.take(2) == b"\r\n"
    return data


def test_events_arrive_one_by_one_until_the_client_leaves(tricorn):
    server = tricorn(config("events"), server={"log_level": "info"})
    with server.connect() as connection:
        connection.request("GET", "/?ms=50")
        head = connection.take_head()
        assert head.field("Content-Type") == "text/event-stream"
        for number in range(1, 5):
            assert take_chunk(connection) \
                == f"id: {number}\ndata: tick {number}\n\n".encode()
        assert connection.buffer == b""
    server.log_contains("events: a listener left")
    with server.connect() as connection:    # one that ends by itself
        response = connection.request("GET", "/?ms=1&count=3").response()
        assert response.body.count(b"data: tick") == 3
        assert len(response.chunk_sizes) == 3
        assert connection.request("GET", "/?ms=1&count=1").response() \
            .status == 200


def test_events_say_good_bye_when_the_worker_ends(tricorn):
    server = tricorn(config("events"))
    with server.connect() as connection:
        connection.request("GET", "/?ms=20")
        assert connection.take_head().status == 200
        assert b"tick 1" in take_chunk(connection)
        server.signal("TERM")
        rest = connection.take_to_end()
        assert b"event: bye" in rest
        assert rest.endswith(b"0\r\n\r\n")
    assert server.wait_exit() == 0


@pytest.mark.parametrize("app, mode, threads, sleepers", [
    ("sleepy", "async", 1, 200), ("sleepy_blocking", "sync", 8, 8),
    ("sleepy_blocking", "async", 8, 8)])
def test_sleepers_hold_nobody_up(tricorn, app, mode, threads, sleepers):
    server = tricorn(config(app, mode, threads))
    connections = [server.connect() for _ in range(sleepers)]
    for connection in connections:
        connection.request("GET", "/?ms=1500")
    if app == "sleepy":
        # Comes although 200 others wait.
        assert server.get("/?ms=0").text.startswith("Slept 0 ms on a timer")
        assert not any(connection.is_closed() for connection in connections)
    for connection in connections:
        assert connection.response().text.startswith("Slept 1500 ms")
        connection.close()


def test_a_sleeper_in_a_thread_leaves_the_others_free(tricorn):
    server = tricorn(config("sleepy_blocking", "sync", 4))
    with server.connect() as slow:
        slow.request("GET", "/?ms=3000")
        for _ in range(20):
            assert server.get("/?ms=1").status == 200
        slow.sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            slow.sock.recv(1)
        slow.sock.settimeout(20 * SLOW)
        assert slow.response().status == 200


def test_a_sleeper_whose_client_leaves(tricorn):
    server = tricorn(config("sleepy"))
    connection = server.connect()
    connection.request("GET", "/?ms=60000")
    assert server.get("/?ms=0").status == 200
    connection.close()
    # The fixture stops the server: it must not wait for the minute.


def test_offload(tricorn):
    server = tricorn(config("offload", threads=2))
    connections = [server.connect() for _ in range(8)]
    for connection in connections:
        connection.request("GET", "/?n=200000")
    assert server.get("/?n=100").text == "25 primes below 100\n"
    for connection in connections:
        assert connection.response().text == "17984 primes below 200000\n"
        connection.close()


@variants("late")
def test_another_thread_may_finish(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads))
    text = b"Served by a thread of the application.\n"
    connections = [server.connect() for _ in range(5)]
    for connection in connections:
        connection.request()
    connections.pop(2).close()      # one does not wait for it
    for connection in connections:
        assert connection.response().body == text
        assert connection.request().response().body == text
        connection.close()


@pytest.mark.parametrize("mode, threads", BLOCKING)
def test_counter_counts_per_worker_and_thread(tricorn, mode, threads):
    server = tricorn(config("counter", mode, threads, workers=2),
                     server={"log_level": "info"})
    workers = server.wait_workers(2)
    seen = {}
    asked = 0

    def ask():
        nonlocal asked
        asked += 1
        words = server.get("/").text.split("\n")
        answer = dict(line.rsplit(" ", 1) for line in words if line)
        worker = int(answer["worker"])
        seen[worker] = seen.get(worker, 0) + 1
        assert int(answer["requests"]) == seen[worker]
        assert 1 <= int(answer["thread"]) <= threads + 1
        assert int(answer["of this thread"]) <= seen[worker]
        assert answer["draining"] == "0"
        return set(seen) == set(workers)

    wait_until(ask, what="both workers to answer")
    server.stop()
    log = server.log()
    assert log.count("counter: the worker is about to end") == 2
    for count in seen.values():
        assert f"counter: served {count} requests" in log


# --- fields, trailers, files -----------------------------------------------


@variants("trailers_and_hints")
def test_hints_and_trailers(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads))
    with server.connect() as connection:
        connection.send("POST / HTTP/1.1\r\nHost: a\r\n"
                        "Transfer-Encoding: chunked\r\n"
                        "Trailer: X-Sum\r\n\r\n"
                        "11\r\nthree short words\r\n0\r\nX-Sum: 17\r\n\r\n")
        response = connection.response()
        hint, = response.interim
        assert hint.status == 103
        assert hint.field("Link") == "</style.css>; rel=preload; as=style"
        assert dict(response.trailers) == {"Word-Count": "3", "X-Sum": "17"}
        # And nothing of it is left for the next one.
        response = connection.request("POST", body=b"two words").response()
        assert dict(response.trailers) == {"Word-Count": "2"}
    with server.connect() as connection:    # knows neither hints nor chunks
        connection.send("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\none")
        response = connection.response()
        assert response.interim == []
        assert response.field("Transfer-Encoding") is None
        assert b"How many words" in response.body


@pytest.mark.parametrize("size", [0, 1, 5 * MIB])
@variants("send_file")
def test_send_file(tricorn, app, mode, threads, size):
    server = tricorn(config(app, mode, threads,
                            options="option.file = @DIR@/file"), start=False)
    body = body_of(size)
    (server.directory / "file").write_bytes(body)
    server.start()
    whole = b"--- begin ---\n" + body + b"--- end ---\n"
    with server.connect() as connection:
        head = connection.request("HEAD").response("HEAD")
        assert head.field("Content-Length") == str(len(whole))
        for _ in range(3):
            assert connection.request().response().body == whole
    (server.directory / "file").unlink()
    assert server.get("/").status == 404
    worker, = server.workers()
    wait_until(lambda: not any(
        os.readlink(link).endswith("/file (deleted)") for link in
        pathlib.Path(f"/proc/{worker}/fd").iterdir() if link.is_symlink()))


# --- what cannot be served -------------------------------------------------


def refuses_to_start(tricorn, text, *words, more=None):
    server = tricorn(text, start=False, server=more)
    assert server.run_to_end() == 1, server.log()
    for word in words:
        assert word in server.log()


def test_an_evented_app_in_a_sync_pool_is_refused(tricorn):
    refuses_to_start(tricorn, config("hello", "sync"), "app hello",
                     "evented", "sync")


@pytest.mark.parametrize("app, words", [
    ("missing", ["missing.so"]),
    ("no_symbol", ["tricorn_app_v1"]),
    ("wrong_abi", ["version 99"]),
    ("refuses_host", ["refuse"]),
    ("no_handle", ["handle()"]),
])
def test_an_app_that_is_none_is_refused(tricorn, app, words):
    refuses_to_start(tricorn, config(app), f"app {app}", *words)


def test_a_file_that_is_no_shared_object_is_refused(tricorn):
    text = config("hello").replace(f"{APPS}/hello.so", "@DIR@/tricorn.conf")
    refuses_to_start(tricorn, text, "app hello", "tricorn.conf")


@pytest.mark.parametrize("step, words", [
    ("load", ["load()", "the cellar is flooded"]),
    ("worker_start", ["worker_start()", "the stairs are missing"]),
    ("thread_start", ["thread_start()"]),
    ("health", ["health()"]),
])
@pytest.mark.parametrize("mode, threads", BLOCKING)
def test_an_app_that_fails_to_start(tricorn, mode, threads, step, words):
    refuses_to_start(
        tricorn, config("broken", mode, threads,
                        options=f"option.fail = {step}"),
        "app broken", *words)


def test_an_app_that_fails_without_a_reason(tricorn):
    refuses_to_start(
        tricorn, config("broken", options="option.fail = load\n"
                        "option.silent = yes"), "app broken", "load()")


# --- what misbehaves -------------------------------------------------------


@pytest.mark.parametrize("path, status, body", [
    ("/plain", 200, b"plain"),
    ("/respond-twice", 200, b"good"),
    ("/long", 200, b"good"),
    ("/write-before-respond", 200, b"good"),
    ("/bad-field", 200, b"good"),
    ("/bad-status", 200, b"good"),
    ("/error", 500, None),
    ("/nothing", 500, None),
    ("/declined", 404, None),
    ("/unknown", 404, None),
])
@pytest.mark.parametrize("app, mode, threads", [
    *(("misbehave", *where) for where in BLOCKING),
    ("misbehave_evented", "async", 1)])
def test_wrong_calls_are_refused(tricorn, app, mode, threads, path, status,
                                 body):
    server = tricorn(config(app, mode, threads))
    worker, = server.wait_workers(1)
    for _ in range(2):
        response = server.get(path)
        assert response.status == status
        assert response.field("X-Injected") is None
        assert body is None or response.body == body
    assert server.get("/plain").body == b"plain"
    assert server.workers() == [worker]


@pytest.mark.parametrize("path", ["/short", "/error-after-head"])
@pytest.mark.parametrize("app, mode, threads", [
    *(("misbehave", *where) for where in BLOCKING),
    ("misbehave_evented", "async", 1)])
def test_an_incomplete_answer_is_cut(tricorn, app, mode, threads, path):
    server = tricorn(config(app, mode, threads))
    worker, = server.wait_workers(1)
    with server.connect() as connection:
        with pytest.raises(ConnectionEnded):
            connection.request("GET", path).response()
    assert server.get("/plain").body == b"plain"
    assert server.workers() == [worker]


@pytest.mark.parametrize("path", ["/crash", "/abort", "/exit"])
@pytest.mark.parametrize("app, mode, threads", [
    ("misbehave", "sync", 1), ("misbehave", "sync", 8),
    ("misbehave_evented", "async", 1)])
def test_a_worker_that_dies_is_replaced(tricorn, app, mode, threads, path):
    server = tricorn(config(app, mode, threads))
    server.log_is_checked = False
    worker, = server.wait_workers(1)
    with server.connect() as connection:
        with pytest.raises(ConnectionEnded):
            connection.request("GET", path).response()
    wait_until(lambda: not alive(worker), 20)
    wait_until(lambda: server.workers() not in ([], [worker]))
    assert server.get("/plain").body == b"plain"
    assert str(worker) in server.log()


def test_a_hanging_thread_leaves_the_others_free(tricorn):
    server = tricorn(config("misbehave", "sync", 3,
                            pool="graceful_timeout = 1s"))
    with server.connect() as connection:
        connection.request("GET", "/hang")
        for _ in range(20):
            assert server.get("/plain").body == b"plain"
        server.stop()       # it does not wait for ever


def test_a_hanging_loop_is_replaced(tricorn):
    server = tricorn(config("misbehave_evented", pool="timeout = 2s"))
    server.log_is_checked = False
    worker, = server.wait_workers(1)
    with server.connect(deadline=40) as connection:
        with pytest.raises(ConnectionEnded):
            connection.request("GET", "/hang").response()
    wait_until(lambda: not alive(worker), 20)
    assert server.get("/plain").body == b"plain"


@pytest.mark.parametrize("app, mode, threads", [
    ("misbehave", "sync", 1), ("misbehave", "async", 8),
    ("misbehave_evented", "async", 1)])
def test_a_request_that_is_never_finished(tricorn, app, mode, threads):
    server = tricorn(config(app, mode, threads,
                            pool="graceful_timeout = 1s"))
    worker, = server.wait_workers(1)
    with server.connect() as left, server.connect() as stays:
        left.request("GET", "/never")
        stays.request("GET", "/never")
        assert server.get("/plain").body == b"plain"
        left.reset()
        assert server.get("/plain").body == b"plain"
        assert server.workers() == [worker]
        server.stop()


def test_a_full_thread_queue_answers_503(tricorn):
    server = tricorn(config("sleepy_blocking", "async", 2,
                            pool="thread_queue = 2"))
    connections = [server.connect() for _ in range(12)]
    for connection in connections:
        connection.request("GET", "/?ms=1000")
    answers = [connection.response() for connection in connections]
    for connection in connections:
        connection.close()
    served = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status == 503]
    assert len(served) + len(refused) == 12
    assert 2 <= len(served) <= 5
    for answer in refused:
        assert int(answer.field("Retry-After")) >= 1
    assert server.get("/?ms=1").status == 200


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("mode, threads", BLOCKING)
def test_a_blocking_write_to_a_client_that_is_gone(tricorn, mode, threads,
                                                   reset):
    server = tricorn(config("endless", mode, threads))
    worker, = server.wait_workers(1)
    connection = server.connect()
    connection.request()
    assert connection.take_head().status == 200
    connection.take(MIB)
    connection.reset() if reset else connection.close()
    # ECLOSED, because of CLIENT_GONE.
    server.log_contains("endless: write gave -2, cancelled 1")
    assert server.workers() == [worker]


@pytest.mark.parametrize("mode, threads", [("sync", 8), ("async", 8)])
def test_a_blocking_write_to_a_client_that_does_not_read(tricorn, mode,
                                                         threads):
    server = tricorn(config("endless", mode, threads,
                            pool="send_timeout = 1s"))
    with server.connect() as connection:
        connection.request()
        assert connection.take_head().status == 200
        # ETIMEOUT, because of TIMEOUT.
        server.log_contains("endless: write gave -3, cancelled 2", 30)
