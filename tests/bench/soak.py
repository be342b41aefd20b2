# SPDX-License-Identifier: MIT
"""A mixed load of good, slow, odd and hostile clients, for minutes.

Nothing here measures speed: it looks for leaks, crashes and wrong answers.
"""

import pathlib
import random
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]
                       / "system"))
import duel         # noqa: E402
import harness      # noqa: E402

CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
workers = 2
threads = 8
listen = public
head_timeout = 5s
body_timeout = 5s
max_requests = 20000
max_requests_jitter = 5000
[app hello]
module = @APPS@/hello.so
[app blocking]
module = @APPS@/hello_blocking.so
[app echo]
module = @APPS@/echo.so
[app upload]
module = @APPS@/upload.so
[route hello]
match = /
app = hello
[route blocking]
match = /blocking
app = blocking
[route echo]
match = /echo
app = echo
[route upload]
match = /upload
app = upload
[route text]
match = /text
respond = 200 text
[route files]
match = /files/
files = @DIR@/files
"""


class Soak:
    def __init__(self, server):
        self.server = server
        self.random = random.Random(20260131)
        self.leave = threading.Event()
        self.lock = threading.Lock()
        self.counts = {}
        self.errors = []

    # Each kind of client is one method; it raises when the answer is wrong.

    def kept_connection(self):
        with self.server.connect() as connection:
            for target in ("/", "/blocking", "/text", "/files/small") * 5:
                response = connection.request("GET", target).response()
                assert response.status == 200, repr(response)
                if not response.keeps_alive:
                    return

    def pipelined(self):
        with self.server.connect() as connection:
            for _ in range(10):
                connection.request("GET", "/text")
            for _ in range(10):
                response = connection.response()
                assert response.body == b"text", repr(response)
                if not response.keeps_alive:
                    return

    def upload(self):
        body = self.random.randbytes(self.random.randrange(3_000_000))
        response = self.server.ask("POST", "/upload", body=body)
        assert response.status == 200, repr(response)
        assert str(len(body)).encode() in response.body, repr(response)

    def echo_chunked(self):
        body = self.random.randbytes(self.random.randrange(1, 200_000))
        with self.server.connect() as connection:
            connection.send("POST /echo HTTP/1.1\r\nHost: localhost\r\n"
                            "Transfer-Encoding: chunked\r\n"
                            "Connection: close\r\n\r\n")
            for at in range(0, len(body), 10_000):
                part = body[at:at + 10_000]
                connection.send(b"%x\r\n%s\r\n" % (len(part), part))
            connection.send(b"0\r\n\r\n")
            response = connection.response("POST")
            assert response.status == 200, repr(response)
            assert response.body == body, "echo differs"

    def ranges(self):
        response = self.server.get("/files/large",
                                   {"Range": "bytes=1000-2999"})
        assert response.status == 206 and len(response.body) == 2000, \
            repr(response)

    def not_found(self):
        assert self.server.get("/files/absent").status == 404

    def malformed(self):
        data = self.random.choice([
            b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01",
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n"])
        with self.server.connect() as connection:
            connection.send(data)
            connection.shutdown()
            answer = connection.take_to_end()
            assert answer[:10] in (b"HTTP/1.1 4", b"HTTP/1.1 5", b""), \
                repr(answer[:100])

    def gone_at_once(self):
        connection = self.server.connect()
        connection.request("GET", self.random.choice(["/files/large", "/"]))
        connection.reset()

    def gone_within_body(self):
        connection = self.server.connect()
        connection.send("POST /upload HTTP/1.1\r\nHost: localhost\r\n"
                        "Content-Length: 100000\r\n\r\nabc")
        connection.reset()

    def slow_reader(self):
        with self.server.connect() as connection:
            connection.request("GET", "/files/large",
                               {"Connection": "close"})
            while len(connection.buffer) < 500_000:
                connection.fill()
                time.sleep(0.005)
            assert len(connection.response().body) == 5_000_000

    KINDS = [kept_connection, pipelined, upload, echo_chunked, ranges,
             not_found, malformed, gone_at_once, gone_within_body,
             slow_reader]

    def client(self, number):
        choose = random.Random(number)
        while not self.leave.is_set():
            kind = choose.choice(self.KINDS)
            try:
                kind(self)
            except Exception as error:      # counted and shown at the end
                with self.lock:
                    self.errors.append(
                        f"{kind.__name__}: {type(error).__name__}: "
                        f"{str(error)[:200]}")
            with self.lock:
                self.counts[kind.__name__] = \
                    self.counts.get(kind.__name__, 0) + 1

    def watch(self, minutes):
        """Reloads now and then; prints how memory goes."""
        begun = time.monotonic()
        period = max(5, min(30, minutes * 60 / 10))
        while time.monotonic() - begun < minutes * 60:
            time.sleep(period)
            assert self.server.running, "the master ended"
            pids = duel.family(self.server.pid)
            print(f"{time.monotonic() - begun:6.0f} s  RSS "
                  f"{duel.memory_kib(pids, 'Rss') / 1024:8.1f} MiB  PSS "
                  f"{duel.memory_kib(pids) / 1024:8.1f} MiB  "
                  f"{len(pids) - 1} workers  "
                  f"{sum(self.counts.values())} client runs  "
                  f"{len(self.errors)} errors", flush=True)
            self.server.signal("HUP")


def soak(minutes, clients=8):
    """True when nothing went wrong."""
    harness.become_subreaper()
    with tempfile.TemporaryDirectory(prefix="tricorn-soak-") as directory:
        server = harness.Server(directory, CONFIG)
        (server.files / "small").write_bytes(b"small\n")
        (server.files / "large").write_bytes(b"0123456789" * 500_000)
        try:
            server.start()
            run = Soak(server)
            threads = [threading.Thread(target=run.client, args=(number,))
                       for number in range(clients)]
            for thread in threads:
                thread.start()
            try:
                run.watch(minutes)
            finally:
                run.leave.set()
                for thread in threads:
                    thread.join()
            for kind, count in sorted(run.counts.items()):
                print(f"{count:8} {kind}")
            for error in run.errors[:20]:
                print(f"ERROR {error}")
            server.stop()
        finally:
            server.kill()
        print(f"{len(run.errors)} errors; nothing left behind, clean log")
        return not run.errors and run.counts
