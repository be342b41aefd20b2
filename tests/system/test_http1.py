# SPDX-License-Identifier: MIT
"""HTTP/1 through the real server: connections, order, framing, endings."""

import contextlib
import os
import signal
import threading

import pytest

from harness import ConnectionEnded, Load, process_fd_count, wait_until

# Every kind of handler under one roof: on the loop, on threads, files, fixed.
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

[app hello]
module = @APPS@/hello.so

[app hello_blocking]
module = @APPS@/hello_blocking.so

[app sleepy]
module = @APPS@/sleepy.so

[app sleepy_blocking]
module = @APPS@/sleepy_blocking.so

[app early]
module = @TEST_APPS@/early.so

[app trailers]
module = @APPS@/trailers_and_hints.so

[app events]
module = @APPS@/events.so

[route evented]
match = /evented
app = evented
[route blocking]
match = /blocking
app = blocking
[route hello]
match = /hello
app = hello
[route hello_blocking]
match = /hello-blocking
app = hello_blocking
[route sleepy]
match = /sleepy
app = sleepy
[route sleepy_blocking]
match = /sleepy-blocking
app = sleepy_blocking
[route early]
match = /early
app = early
[route trailers]
match = /trailers
app = trailers
[route events]
match = /events
app = events
[route files]
match = /files/
files = @DIR@/files
[route fixed]
match = /fixed
respond = 200 fixed
[route small]
match = /small
app = blocking
max_body = 1000
"""
LARGE = bytes(range(251)) * 40000       # 10 MB, prime period
ANSWERS = {"/hello": b"Hello from tricorn.\n",
           "/hello-blocking": b"Hello from a thread of tricorn.\n",
           "/fixed": b"fixed", "/files/small": b"a small file"}
ALL_KINDS = pytest.mark.parametrize("target", ANSWERS)
ECHOES = pytest.mark.parametrize("target", ["/evented", "/blocking"])


@pytest.fixture
def site(tricorn):
    """site(pool="keys of [pool web]") starts a server with every handler."""
    def start(pool=""):
        server = tricorn(CONFIG.format(pool=pool), start=False)
        (server.files / "small").write_bytes(ANSWERS["/files/small"])
        (server.files / "large").write_bytes(LARGE)
        server.start()
        return server
    return start


def get(target, version="1.1", fields=""):
    return f"GET {target} HTTP/{version}\r\nHost: a\r\n{fields}\r\n"


def ends_cleanly(connection):
    """The server has ended its side, and not with a reset."""
    assert connection.buffer == b""
    with pytest.raises(ConnectionEnded, match="^closed"):
        connection.fill()
    return True


class Sender(threading.Thread):
    """Sends in the background; .error is what stopped it, if anything."""

    def __init__(self, connection, *pieces):
        super().__init__(daemon=True)
        self.connection, self.pieces = connection, pieces
        self.error = None
        self.start()

    def run(self):
        try:
            for piece in self.pieces:
                self.connection.send(piece)
        except OSError as error:
            self.error = error


# --- keep-alive ------------------------------------------------------------


@ALL_KINDS
def test_a_connection_serves_one_request_after_the_other(site, target):
    with site().connect() as connection:
        for _ in range(20):
            response = connection.request("GET", target).response()
            assert (response.status, response.body) == (200, ANSWERS[target])
            assert response.keeps_alive
            assert response.field("Connection") is None


@ALL_KINDS
def test_keep_alive_requests_ends_a_connection(site, target):
    with site("keep_alive_requests = 3").connect() as connection:
        kept = [connection.request("GET", target).response().keeps_alive
                for _ in range(3)]
        assert kept == [True, True, False]
        assert ends_cleanly(connection)


@ALL_KINDS
def test_keep_alive_0_closes_after_each(site, target):
    server = site("keep_alive = 0")
    with server.connect() as connection:
        response = connection.request("GET", target).response()
        assert response.body == ANSWERS[target]
        assert response.field("Connection") == "close"
        assert ends_cleanly(connection)


@ALL_KINDS
def test_the_client_may_close(site, target):
    with site().connect() as connection:
        connection.send(get(target, fields="Connection: close\r\n")
                        + get(target))
        response = connection.response()
        assert response.body == ANSWERS[target]
        assert response.field("Connection") == "close"
        assert connection.at_end()      # the second one is not answered


def test_close_is_found_among_other_tokens(site):
    server = site()
    for fields in ("Connection: foo, CLOSE\r\n",
                   "Connection: foo\r\nConnection: close\r\n"):
        with server.connect() as connection:
            connection.send(get("/hello", fields=fields))
            assert not connection.response().keeps_alive
            assert connection.at_end()


@ALL_KINDS
def test_http_1_0(site, target):
    server = site()
    with server.connect() as connection:
        connection.send(f"GET {target} HTTP/1.0\r\n\r\n")
        response = connection.response()
        assert response.body == ANSWERS[target]
        assert not response.keeps_alive
        assert ends_cleanly(connection)
    with server.connect() as connection:
        for _ in range(3):
            connection.send(get(target, "1.0", "Connection: Keep-Alive\r\n"))
            response = connection.response()
            assert response.body == ANSWERS[target]
            assert response.field("Connection").lower() == "keep-alive"
        connection.send(get(target, "1.0"))
        assert connection.response().field("Connection") == "close"
        assert connection.at_end()


def test_http_1_0_gets_no_chunks(site):
    """A body of unknown length ends with the connection."""
    with site().connect() as connection:
        connection.send(get("/events?ms=5&count=3", "1.0",
                            "Connection: keep-alive\r\n"))
        response = connection.response()
        assert response.field("Transfer-Encoding") is None
        assert response.field("Connection") == "close"
        assert response.body.count(b"data: tick") == 3


# --- pipelining ------------------------------------------------------------


def test_different_handlers_answer_in_the_order_of_the_requests(site):
    targets = ["/sleepy?ms=60", "/hello", "/sleepy-blocking?ms=40", "/fixed",
               "/hello-blocking", "/files/small", "/sleepy?ms=1", "/hello"]
    begins = [b"Slept 60", b"Hello from tricorn", b"Slept 40", b"fixed",
              b"Hello from a thread", b"a small file", b"Slept 1",
              b"Hello from tricorn"]
    with site().connect() as connection:
        connection.send("".join(map(get, targets)) * 5)
        for number in range(5 * len(targets)):
            body = connection.response().body
            assert body.startswith(begins[number % len(begins)])


@ECHOES
def test_pipelined_bodies_are_told_apart(site, target):
    bodies = [b"x" * size for size in (0, 1, 5, 0, 70000, 3)]
    data = b""
    for body in bodies:
        head = f"POST {target} HTTP/1.1\r\nHost: a\r\n"
        data += f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        data += f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
        data += b"%x\r\n%s\r\n" % (len(body), body) if body else b""
        data += b"0\r\n\r\n"
    with site().connect() as connection:
        sender = Sender(connection, data)
        for body in bodies:
            assert connection.response().body == body
            assert connection.response().body == body
        sender.join(20)
        assert sender.error is None


@ALL_KINDS
def test_requests_in_single_bytes(site, target):
    with site().connect() as connection:
        for byte in get(target) * 2:
            connection.send(byte)
        assert connection.response().body == ANSWERS[target]
        assert connection.response().body == ANSWERS[target]


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


@pytest.mark.parametrize("target", [
    "/hello", "/hello-blocking", "/files/large"])
def test_answers_that_nobody_reads_are_not_piled_up(site, target):
    """A client pipelines without end and never reads: it is left alone once
    the socket and output_buffer are full."""
    server = site("output_buffer = 64k\nkeep_alive_requests = 0")
    worker = server.workers()[0]
    assert server.get(target).status == 200
    before = memory(worker)
    block = get(target).encode() * 2000
    with server.connect() as connection:
        connection.sock.settimeout(1)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 100_000_000:
                sent += connection.sock.send(block[sent % len(block):])
        assert sent < 100_000_000
        assert memory(worker) - before < 30_000_000
        # And what was sent is answered once it reads.
        connection.sock.settimeout(20)
        if target == "/files/large":
            for _ in range(5):
                assert connection.response().body == LARGE
        else:
            connection.shutdown()
            assert connection.take_to_end().count(ANSWERS[target]) \
                == sent // len(get(target))


# --- methods and targets ---------------------------------------------------


@ALL_KINDS
def test_head_is_get_without_its_body(site, target):
    with site().connect() as connection:
        got = connection.request("GET", target).response()
        head = connection.request("HEAD", target).response("HEAD")
        for name in ("Content-Length", "Content-Type", "ETag"):
            assert head.field(name) == got.field(name)
        assert head.status == 200
        assert head.field("Content-Length") == str(len(ANSWERS[target]))
        # Nothing of a body stands before the next answer.
        assert connection.request("GET", target).response().body \
            == ANSWERS[target]


def test_head_of_a_body_of_unknown_length(site):
    with site().connect() as connection:
        head = connection.request("HEAD", "/events?ms=1&count=1") \
            .response("HEAD")
        assert head.status == 200
        assert connection.request("GET", "/hello").response().status == 200


def test_absolute_form(site):
    server = site()
    with server.connect() as connection:
        connection.send("GET http://other.example:81/hello?x HTTP/1.1\r\n"
                        "Host: a\r\n\r\n")
        assert connection.response().body == ANSWERS["/hello"]
        connection.send("GET http://other.example HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.response().status == 404


def test_the_host_of_an_absolute_target_wins(tricorn):
    server = tricorn("""
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
workers = 1
[route one]
match = one.example/
respond = 200 one
[route two]
match = two.example/
respond = 200 two
""")
    with server.connect() as connection:
        for target, host, body in (
                ("/", "one.example", b"one"), ("/", "TWO.example:8", b"two"),
                ("http://one.example/", "two.example", b"one"),
                ("HTTP://Two.Example:80/", "one.example", b"two")):
            connection.request("GET", target, host=host)
            assert connection.response().body == body


def test_options_of_the_whole_server(site):
    with site().connect() as connection:
        response = connection.request("OPTIONS", "*").response()
        assert response.status == 204
        assert "GET" in response.field("Allow")
        assert response.field("Content-Length") is None
        assert connection.request("GET", "/hello").response().status == 200
        connection.request("GET", "*")
        assert connection.response().status == 400
        assert connection.at_end()


def test_connect_is_refused(site):
    server = site()
    with server.connect() as connection:
        connection.send("CONNECT a.example:443 HTTP/1.1\r\n"
                        "Host: a.example:443\r\n\r\n")
        assert connection.response("CONNECT").status == 501
    with server.connect() as connection:
        connection.send("CONNECT /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.response("CONNECT").status == 400
        assert connection.at_end()


# --- Expect: 100-continue --------------------------------------------------


EXPECT = {"Expect": "100-continue"}


@ECHOES
@pytest.mark.parametrize("length", [4, 300000])
def test_100_is_sent_when_the_handler_asks(site, target, length):
    with site().connect() as connection:
        for _ in range(2):
            connection.request("POST", target,
                               {**EXPECT, "Content-Length": length})
            assert connection.take_head().status == 100
            sender = Sender(connection, b"b" * length)
            response = connection.response()
            assert response.status == 200 and response.interim == []
            assert response.body == b"b" * length
            sender.join(20)


@ECHOES
def test_no_100_when_the_body_is_here_already(site, target):
    with site().connect() as connection:
        connection.request("POST", target, EXPECT, b"body")
        response = connection.response()
        assert response.status == 200 and response.interim == []
        assert response.body == b"body"


@pytest.mark.parametrize("target, status, length", [
    ("/nothing", 404, 10), ("/small", 413, 1001), ("/early", 403, 10),
    ("/fixed", 200, 10), ("/files/absent", 405, 10)])
def test_no_100_for_a_body_that_is_not_wanted(site, target, status, length):
    with site().connect() as connection:
        connection.request("POST", target,
                           {**EXPECT, "Content-Length": length})
        response = connection.response()
        assert response.status == status
        assert response.interim == []
        # The client may or may not send it now, so the server must close.
        assert not response.keeps_alive
        assert ends_cleanly(connection)


def test_another_expectation_is_417(site):
    with site().connect() as connection:
        connection.request("POST", "/evented",
                           {"Expect": "a-miracle", "Content-Length": 3})
        assert connection.response().status == 417
        assert ends_cleanly(connection)


def test_http_1_0_gets_no_100(site):
    with site().connect() as connection:
        connection.send("POST /evented HTTP/1.0\r\nExpect: 100-continue\r\n"
                        "Content-Length: 4\r\n\r\n")
        connection.send("body")
        response = connection.response()
        assert response.status == 200 and response.interim == []


# --- answers while the body is still coming --------------------------------


@pytest.mark.parametrize("target, status", [
    ("/early", 403), ("/nothing", 404), ("/small", 413), ("/fixed", 200),
    ("/files/small", 405)])
@pytest.mark.parametrize("size", [2000, 200_000, 20_000_000])
def test_an_early_answer_arrives_whole(site, target, status, size):
    """The client sends all before it reads, and sees no reset."""
    body = b"z" * size
    with site().connect() as connection:
        sender = Sender(
            connection,
            f"POST {target} HTTP/1.1\r\nHost: a\r\n"
            f"Content-Length: {size}\r\n\r\n".encode(), body)
        sender.join(20)
        assert sender.error is None
        response = connection.response()
        assert response.status == status
        if response.keeps_alive:
            assert connection.request("GET", "/hello").response().status \
                == 200
        else:
            assert ends_cleanly(connection)


@pytest.mark.parametrize("target, status", [
    ("/early", 403), ("/nothing", 404), ("/small", 413), ("/fixed", 200)])
def test_an_early_answer_to_chunks_arrives_whole(site, target, status):
    with site().connect() as connection:
        sender = Sender(
            connection,
            f"POST {target} HTTP/1.1\r\nHost: a\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode(),
            b"10000\r\n%s\r\n" % (b"z" * 65536) * 100, b"0\r\n\r\n")
        sender.join(20)
        assert sender.error is None
        response = connection.response()
        assert response.status == status
        assert ends_cleanly(connection)


@pytest.mark.parametrize("first, status", [
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 17000, 431),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n", 400),
    (b"GET / HTTP/3.0\r\n", 505),
    (b"nonsense\r\n", 400)], ids=["long", "nul", "version", "nonsense"])
def test_a_refusal_arrives_whole_while_more_is_coming(site, first, status):
    with site().connect() as connection:
        connection.send(first)
        connection.fill()               # it has answered
        for _ in range(20):
            connection.send(b"y" * 50000)
        response = connection.response()
        assert response.status == status
        assert ends_cleanly(connection)


def test_an_early_answer_outlives_a_slow_upload(site):
    """The client sends for longer than an idle one is waited for."""
    pause = threading.Event()
    with site().connect() as connection:
        connection.send("POST /early HTTP/1.1\r\nHost: a\r\n"
                        "Content-Length: 100000000\r\n\r\n")
        for _ in range(10):
            pause.wait(0.5)
            connection.send(b"s" * 50000)
        assert connection.response().status == 403
        assert ends_cleanly(connection)


# --- bodies and trailers ---------------------------------------------------


def test_a_chunked_body_that_grows_over_max_body_is_413(site):
    with site().connect() as connection:
        head = "POST /small HTTP/1.1\r\nHost: a\r\n" \
            "Transfer-Encoding: chunked\r\n\r\n"
        connection.send(head + "3e8\r\n" + "a" * 1000 + "\r\n0\r\n\r\n")
        assert connection.response().body == b"a" * 1000
        connection.send(head.replace("/small", "/nothing"))
        connection.send("0\r\n\r\n")
        assert connection.response().status == 404


def test_more_than_max_body_in_chunks_is_413(tricorn):
    server = tricorn("""
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
mode = async
threads = 2
workers = 1
max_body = 1000
[app upload]
module = @APPS@/upload.so
[route upload]
match = /
app = upload
""")
    head = "POST / HTTP/1.1\r\nHost: a\r\n"
    with server.connect() as connection:
        connection.send(head + "Content-Length: 1001\r\n\r\n")
        response = connection.response()
        assert response.status == 413
    with server.connect() as connection:
        connection.send(head + "Transfer-Encoding: chunked\r\n\r\n"
                        "3e8\r\n" + "a" * 1000 + "\r\n0\r\n\r\n")
        assert connection.response().body.startswith(b"1000 bytes")
        connection.send(head + "Transfer-Encoding: chunked\r\n\r\n"
                        "3e8\r\n" + "a" * 1000 + "\r\n1\r\na\r\n")
        response = connection.response()
        assert response.status == 413
        assert not response.keeps_alive
        assert ends_cleanly(connection)


def test_trailers_reach_the_application(site):
    with site().connect() as connection:
        connection.send("POST /trailers HTTP/1.1\r\nHost: a\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n"
                        "9\r\ntwo words\r\n0\r\nX-Sum: 12\r\n\r\n")
        response = connection.response()
        assert ("Word-Count", "2") in response.trailers
        assert ("X-Sum", "12") in response.trailers
        assert [one.status for one in response.interim] == [103]
        assert connection.request("GET", "/hello").response().status == 200


@pytest.mark.parametrize("field", [
    "Content-Length: 4", "Transfer-Encoding: chunked", "Host: b",
    "Bad Name: x", " folded", "X: \1"])
def test_forbidden_trailers_are_400(site, field):
    with site().connect() as connection:
        connection.send("POST /hello-blocking HTTP/1.1\r\nHost: a\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n"
                        f"1\r\na\r\n0\r\n{field}\r\n\r\n")
        assert connection.response().status == 400
        assert connection.at_end()


# --- half-closed and broken clients ----------------------------------------


@pytest.mark.parametrize("target", [*ANSWERS, "/files/large",
                                    "/sleepy-blocking?ms=50"])
def test_a_half_closed_client_gets_its_answer(site, target):
    expected = {**ANSWERS, "/files/large": LARGE}.get(target)
    with site().connect() as connection:
        connection.send(get(target))
        connection.shutdown()
        response = connection.response()
        assert response.status == 200
        if expected:
            assert response.body == expected
        assert ends_cleanly(connection)


@ALL_KINDS
def test_a_half_closed_client_gets_all_its_answers(site, target):
    with site().connect() as connection:
        connection.send(get(target) * 30)
        connection.shutdown()
        for _ in range(30):
            assert connection.response().body == ANSWERS[target]
        assert ends_cleanly(connection)


def test_a_half_closed_upload_is_answered(site):
    with site().connect() as connection:
        sender = Sender(connection,
                        b"POST /blocking HTTP/1.1\r\nHost: a\r\n"
                        b"Content-Length: 3000000\r\n\r\n",
                        b"u" * 3000000)
        threading.Thread(
            target=lambda: (sender.join(20), connection.shutdown()),
            daemon=True).start()
        assert connection.response().body == b"u" * 3000000
        assert ends_cleanly(connection)


@pytest.mark.parametrize("data", [
    "", "G", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n",
    "POST /blocking HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
    "POST /fixed HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4"])
def test_clients_that_end_in_the_middle(site, data):
    server = site()
    for end in ("shutdown", "reset", "close"):
        with server.connect() as connection:
            connection.send(data)
            getattr(connection, end)()
            if end == "shutdown":
                rest = connection.take_to_end()
                assert rest.count(b"HTTP/1.1 ") <= 1
    assert server.get("/hello").status == 200
    assert len(server.workers()) == 1


def connections_at(port):
    """How many the server's side of that port has, not yet closed ones."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] in ("01", "08")
               for row in rows)


@pytest.mark.parametrize("data", [
    "G", "POST /fixed HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
    "POST /evented HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
    get("/sleepy?ms=60000"), get("/hello"), get("/fixed"),
    "POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\nab"],
    ids=["head", "rest", "body", "sleeping", "app", "fixed", "lingering"])
def test_a_reset_together_with_bytes_is_noticed(site, data):
    server = site("head_timeout = 60\nbody_timeout = 60")
    worker = server.workers()[0]
    wait_until(lambda: not connections_at(server.port))
    before = process_fd_count(worker)
    connections = [server.connect() for _ in range(10)]
    wait_until(lambda: process_fd_count(worker) == before + 10)
    os.kill(worker, signal.SIGSTOP)     # finds both at once, after this
    for connection in connections:
        connection.send(data)
        connection.reset()
    os.kill(worker, signal.SIGCONT)
    wait_until(lambda: process_fd_count(worker) == before, 2.5)


def test_a_slow_reader_of_a_large_file_is_not_taken_for_idle(site):
    """Sending takes longer than keep_alive: the answer is not cut."""
    server = site("keep_alive = 200ms")
    with server.connect() as connection:
        connection.send(get("/files/large"))
        head = connection.take_head()
        assert head.status == 200
        # Other connections come and go by keep_alive meanwhile.
        for _ in range(3):
            with server.connect() as other:
                other.request("GET", "/hello").response()
                assert ends_cleanly(other)
        assert connection.take(len(LARGE)) == LARGE
        assert ends_cleanly(connection)


# --- the same without a loop of their own ----------------------------------


SYNC = """
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
mode = sync
threads = {threads}
workers = 1
keep_alive_requests = 0
output_buffer = 64k
[app echo]
module = @APPS@/echo_blocking.so
[app hello]
module = @APPS@/hello_blocking.so
[app sleepy]
module = @APPS@/sleepy_blocking.so
[app early]
module = @TEST_APPS@/early.so
[route echo]
match = /echo
app = echo
[route hello]
match = /hello
app = hello
[route sleepy]
match = /sleepy
app = sleepy
[route early]
match = /early
app = early
"""
HELLO = ANSWERS["/hello-blocking"]


@pytest.fixture(params=[1, 4])
def sync(request, tricorn):
    return tricorn(SYNC.format(threads=request.param))


def test_sync_workers_keep_the_order_of_requests(sync):
    with sync.connect() as connection:
        connection.send((get("/sleepy?ms=20") + get("/hello")) * 10)
        connection.shutdown()
        for _ in range(10):
            assert connection.response().body.startswith(b"Slept 20")
            assert connection.response().body == HELLO
        assert ends_cleanly(connection)


def test_sync_workers_pile_nothing_up(sync):
    worker = sync.workers()[0]
    assert sync.get("/hello").status == 200
    before = memory(worker)
    block = get("/hello").encode() * 2000
    with sync.connect() as connection:
        connection.sock.settimeout(1)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 100_000_000:
                sent += connection.sock.send(block[sent % len(block):])
        assert sent < 100_000_000
        assert memory(worker) - before < 30_000_000
        # Somebody else is served meanwhile.
        assert sync.get("/hello").body == HELLO
        connection.sock.settimeout(20)
        connection.shutdown()
        assert connection.take_to_end().count(HELLO) \
            == sent // len(get("/hello"))


@pytest.mark.parametrize("size", [2000, 5_000_000])
def test_sync_workers_answer_early(sync, size):
    with sync.connect() as connection:
        sender = Sender(
            connection, f"POST /early HTTP/1.1\r\nHost: a\r\n"
            f"Content-Length: {size}\r\n\r\n".encode(), b"z" * size)
        sender.join(20)
        assert sender.error is None
        assert connection.response().status == 403


def test_sync_workers_echo_to_a_half_closed_client(sync):
    body = b"h" * 1_000_000
    with sync.connect() as connection:
        sender = Sender(connection, b"POST /echo HTTP/1.1\r\nHost: a\r\n"
                        b"Content-Length: 1000000\r\n\r\n", body)
        received = connection.response()
        assert received.body == body
        sender.join(20)
        connection.send(get("/hello"))
        connection.shutdown()
        assert connection.response().body == HELLO
        assert ends_cleanly(connection)


# --- all together ----------------------------------------------------------


def test_load_on_every_handler(site):
    server = site()
    for target in ANSWERS:
        with Load(server.port, target) as load:
            load.wait_for_more(300)
        assert not load.failures
        assert load.bodies == {ANSWERS[target]}

