# SPDX-License-Identifier: MIT
"""Starts the real tricorn and talks to it over plain sockets.

Standard library only. A test says what the server must do; this file knows
how to start one, wait for it, look at its processes and read HTTP/1 without
being lenient. Nothing here waits a fixed time: every wait has a condition and
a deadline.
"""

import contextlib
import ctypes
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRICORN = os.environ.get("TRICORN", str(ROOT / "build" / "tricorn"))
APPS = os.environ.get("APPS", str(pathlib.Path(TRICORN).parent / "examples"))
# Applications that only tests want (tests/apps).
TEST_APPS = str(pathlib.Path(APPS).parent / "tests" / "apps")
# Deadlines are multiplied by this: sanitizer builds are slower.
SLOW = float(os.environ.get("TRICORN_SLOW", "1"))
HOST = "127.0.0.1"

# What the master logs once all its workers serve.
READY = re.compile(r"\bready\b", re.IGNORECASE)
# What must never be in a log or on stderr.
BROKEN = re.compile(
    r"ERROR: (?:Address|Leak|Memory|Thread)Sanitizer|WARNING: ThreadSan"
    r"|runtime error:|Sanitizer:DEADLYSIGNAL|SUMMARY: \w+Sanitizer"
    r"|[Aa]ssert(?:ion)?\b.*\bfailed|stack smashing detected"
    r"|double free or corruption|free\(\): invalid|malloc\(\): "
    r"|was killed by signal (?:4|6|7|8|11|31)\b|Segmentation fault",
)

PR_SET_CHILD_SUBREAPER = 36


def become_subreaper():
    """Orphans of a server come to this process, so none can hide."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


# --- waiting ---------------------------------------------------------------


def wait_until(predicate, deadline=10.0, what=None):
    """Calls predicate until it is true and returns what it returned.

    what says what was waited for: a text, or a function that makes it.
    """
    end = time.monotonic() + deadline * SLOW
    pause = 0.005
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            name = what() if callable(what) else what or \
                getattr(predicate, "__name__", "condition")
            raise AssertionError(f"not within {deadline * SLOW:g} s: {name}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def stays_true(predicate, seconds):
    """Asserts that predicate is true now and for that long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert predicate()
        time.sleep(0.02)


_ports_given = set()


def unused_port():
    """A TCP port that is free on 127.0.0.1 and ::1.

    Below the range the kernel takes for outgoing connections, so that no
    client can sit on it before the server does; never the same one twice.
    """
    for _ in range(500):
        port = random.SystemRandom().randrange(10240, 32000)
        if port in _ports_given:
            continue
        try:
            for family, host in ((socket.AF_INET, HOST),
                                 (socket.AF_INET6, "::1")):
                with socket.socket(family, socket.SOCK_STREAM) as probe:
                    try:
                        probe.bind((host, port))
                    except OSError as error:
                        # A machine without IPv6 is all right.
                        if family == socket.AF_INET or error.errno == 98:
                            raise
        except OSError:
            continue
        _ports_given.add(port)
        return port
    raise AssertionError("no free port found")


# --- processes -------------------------------------------------------------


def children(pid):
    """Direct children, those of all threads of the process included."""
    found = []
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in path.read_text().split()]
    return found


def descendants(pid):
    found = []
    for child in children(pid):
        found += [child, *descendants(child)]
    return found


def process_state(pid):
    """One letter as in ps ("Z": ended but not waited for), or None."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text() \
            .rpartition(")")[2].split()[0]
    except OSError:
        return None


def alive(pid):
    return process_state(pid) not in (None, "Z", "X")


def start_time(pid):
    """When it began, in ticks: with its number, what tells it from all
    other processes that had or will have that number."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text() \
            .rpartition(")")[2].split()[19]
    except OSError:
        return None


def process_fd_count(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def reap(pid):
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def end_process(pid):
    """Kills one process that a test of ours started, and waits for it."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.005)
    reap(pid)


# --- HTTP/1 ----------------------------------------------------------------


class ConnectionEnded(Exception):
    """The peer closed or reset; .received holds the incomplete bytes."""

    def __init__(self, why, received=b""):
        super().__init__(f"{why} after {received[:200]!r}")
        self.received = received


class Response:
    """One final response; the interim ones before it are in .interim."""

    def __init__(self, version, status, reason, fields):
        self.version = version
        self.status = status
        self.reason = reason
        self.fields = fields        # [(name, value)] as sent
        self.body = b""
        self.trailers = []
        self.interim = []
        self.chunk_sizes = []

    def all(self, name):
        return [value for key, value in self.fields
                if key.lower() == name.lower()]

    def field(self, name):
        """The value, or None; a repeated field fails the test."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} repeated: {values}"
        return values[0] if values else None

    @property
    def text(self):
        return self.body.decode()

    @property
    def keeps_alive(self):
        tokens = {token.strip().lower()
                  for value in self.all("Connection")
                  for token in value.split(",")}
        if self.version == "HTTP/1.0":
            return "keep-alive" in tokens
        return "close" not in tokens

    def __repr__(self):
        return (f"<Response {self.status} {self.reason} {self.fields} "
                f"{len(self.body)} bytes {self.body[:100]!r}>")


def parse_fields(lines):
    fields = []
    for line in lines:
        match = re.fullmatch(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*"
                             rb"([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*", line)
        assert match, f"malformed field line {line!r}"
        fields.append((match[1].decode("latin-1"),
                       match[2].decode("latin-1")))
    return fields


class Connection:
    """A client's side of one connection, with a strict HTTP/1 reader."""

    def __init__(self, sock, deadline=20.0):
        self.sock = sock
        self.sock.settimeout(deadline * SLOW)
        self.buffer = b""
        self.used = False           # a response was read from it

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def reset(self):
        """Closes with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             b"\1\0\0\0\0\0\0\0")
        self.sock.close()

    def shutdown(self):
        self.sock.shutdown(socket.SHUT_WR)

    def send(self, data):
        if isinstance(data, str):
            data = data.encode("latin-1")
        self.sock.sendall(data)

    def request(self, method="GET", target="/", fields=(), body=None,
                host="localhost", version="HTTP/1.1"):
        """Sends one request; returns self, so that .response() may follow."""
        lines = [f"{method} {target} {version}"]
        if host is not None:
            lines.append(f"Host: {host}")
        if isinstance(fields, dict):
            fields = fields.items()
        lines += [f"{name}: {value}" for name, value in fields]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines) + "\r\n\r\n"
        self.send(head.encode("latin-1") + (body or b""))
        return self

    def fill(self):
        """Reads once; raises ConnectionEnded at the end."""
        try:
            data = self.sock.recv(1 << 16)
        except (ConnectionResetError, BrokenPipeError) as error:
            raise ConnectionEnded(str(error), self.buffer) from error
        except TimeoutError:
            raise AssertionError(
                f"no answer in time; got {self.buffer[:300]!r}") from None
        if not data:
            raise ConnectionEnded("closed", self.buffer)
        self.buffer += data

    def take(self, size):
        while len(self.buffer) < size:
            self.fill()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def take_line(self):
        while b"\n" not in self.buffer:
            self.fill()
        line, _, self.buffer = self.buffer.partition(b"\n")
        assert line.endswith(b"\r"), f"bare line feed after {line!r}"
        assert b"\r" not in line[:-1], f"bare carriage return in {line!r}"
        return line[:-1]

    def take_fields(self):
        lines = []
        while line := self.take_line():
            lines.append(line)
        return parse_fields(lines)

    def take_head(self):
        line = self.take_line()
        match = re.fullmatch(
            rb"(HTTP/1\.[01]) ([1-5][0-9][0-9]) ([\t\x20-\x7e]*)", line)
        assert match, f"malformed status line {line!r}"
        return Response(match[1].decode(), int(match[2]), match[3].decode(),
                        self.take_fields())

    def take_chunks(self, response):
        while True:
            line = self.take_line()
            match = re.fullmatch(rb"([0-9A-Fa-f]{1,16})(?:;.*)?", line)
            assert match, f"malformed chunk size {line!r}"
            size = int(match[1], 16)
            if size == 0:
                response.trailers = self.take_fields()
                return
            response.chunk_sizes.append(size)
            response.body += self.take(size)
            assert self.take(2) == b"\r\n", "chunk data not closed by CRLF"

    def take_to_end(self):
        with contextlib.suppress(ConnectionEnded):
            while True:
                self.fill()
        data, self.buffer = self.buffer, b""
        return data

    def response(self, method="GET"):
        """Reads one final response, with the interim ones before it."""
        interim = []
        while True:
            response = self.take_head()
            if response.status >= 200 or response.status == 101:
                break
            interim.append(response)
        response.interim = interim
        self.used = True
        length = response.field("Content-Length")
        coding = response.field("Transfer-Encoding")
        assert not (length and coding), f"both framings: {response}"
        if (method == "HEAD" or response.status in (101, 204, 304)
                or (method == "CONNECT" and response.status < 300)):
            return response
        if coding:
            assert coding.lower() == "chunked", f"coding {coding!r}"
            self.take_chunks(response)
        elif length is not None:
            assert re.fullmatch(r"[0-9]+", length), f"length {length!r}"
            response.body = self.take(int(length))
        else:
            response.body = self.take_to_end()
        return response

    def at_end(self):
        """Asserts that the peer sends nothing more and closes."""
        rest = self.take_to_end()
        assert rest == b"", f"unexpected bytes at the end: {rest[:200]!r}"
        return True

    def is_closed(self):
        """True once the peer has closed and nothing is left to read."""
        if self.buffer:
            return False
        self.sock.setblocking(False)
        try:
            data = self.sock.recv(1 << 16)
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self.sock.settimeout(20 * SLOW)
        self.buffer += data
        return data == b""


def connect(address, deadline=20.0):
    """To a port number, a (host, port) pair or the path of a Unix socket."""
    if isinstance(address, int):
        address = (HOST, address)
    if isinstance(address, tuple):
        sock = socket.create_connection(address, timeout=deadline * SLOW)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    else:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(deadline * SLOW)
        sock.connect(str(address))
    return Connection(sock, deadline)


def accepts(address):
    try:
        connect(address, 1).close()
        return True
    except OSError:
        return False


# --- load ------------------------------------------------------------------


class Load:
    """Clients in threads that ask for one target over and over.

    Half of them keep their connection, half make a new one each time. A
    request on a fresh connection must be answered, always. A kept
    connection may be closed by the server between two requests (RFC 9112
    9.3.1: the client then tries anew), which counts as .retried.
    """

    def __init__(self, address, target="/", clients=8, expect=200):
        self.address = address
        self.target = target
        self.expect = expect
        self.failures = []
        self.answered = 0
        self.retried = 0
        self.bodies = set()
        self._lock = threading.Lock()
        self._leave = threading.Event()
        self._threads = [
            threading.Thread(target=self._client, args=(number % 2 == 0,),
                             daemon=True)
            for number in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        wait_until(lambda: self.answered or self.failures,
                   what="first answer under load")
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._leave.set()
        for thread in self._threads:
            thread.join(30 * SLOW)
            assert not thread.is_alive(), "a client of the load hangs"

    def wait_for_more(self, count, deadline=20.0):
        goal = self.answered + count
        wait_until(lambda: self.answered >= goal or self.failures, deadline,
                   f"{count} more answers under load")

    def _client(self, keep):
        connection = None
        while not self._leave.is_set():
            try:
                connection = self._ask(connection, keep)
            except Exception as error:      # noqa: every failure counts
                with self._lock:
                    self.failures.append(f"{type(error).__name__}: {error}")
                if len(self.failures) > 20:
                    return
                connection = None
        if connection:
            connection.close()

    def _ask(self, connection, keep):
        if connection is None:
            connection = connect(self.address)
        fields = {} if keep else {"Connection": "close"}
        try:
            connection.request("GET", self.target, fields)
            response = connection.response()
        except (ConnectionEnded, BrokenPipeError,
                ConnectionResetError) as error:
            received = getattr(error, "received", b"")
            was_used = connection.used
            connection.close()
            if not was_used or received:
                raise
            with self._lock:
                self.retried += 1
            return self._ask(None, keep)
        assert response.status == self.expect, repr(response)
        with self._lock:
            self.answered += 1
            self.bodies.add(response.body)
        if keep and response.keeps_alive:
            return connection
        connection.close()
        return None


# --- the server ------------------------------------------------------------


class Server:
    """One tricorn, in a directory of its own.

    config is the text of the file without its [server] section, which this
    class writes (pid_file, error_log and what server= adds; a value of None
    leaves a key out). In the text @PORT@, @PORT2@ … stand for free ports,
    @DIR@ for the directory, @APPS@ for the built example applications and
    @TEST_APPS@ for those that only tests want.
    With args= the command line is built from that alone and no file is read
    (the same places are filled in).
    """

    def __init__(self, directory, config=None, server=None, args=None,
                 env=None, command=()):
        self.directory = pathlib.Path(directory)
        self.files = self.directory / "files"   # for routes to files
        self.files.mkdir(parents=True, exist_ok=True)
        self.config_path = self.directory / "tricorn.conf"
        self.pid_path = self.directory / "tricorn.pid"
        self.log_path = self.directory / "error.log"
        self.stderr_path = self.directory / "stderr"
        self.ports = []
        self.keys = {"pid_file": "@DIR@/tricorn.pid",
                     "error_log": "@DIR@/error.log",
                     **(server or {})}
        self.args = args
        self.env = {**os.environ, **(env or {})}
        for name in ("PORT", "WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS",
                     "LISTEN_FDS", "LISTEN_PID", "NOTIFY_SOCKET"):
            if not env or name not in env:
                self.env.pop(name, None)
        self.command = list(command)    # put before tricorn's own path
        self.pass_fds = ()
        self.process = None
        self.daemon_pid = None
        self.seen = {}          # every process ever known of it: start_time
        self.log_is_checked = True
        if config is not None:
            self.write_config(config)

    # before the start

    def fill(self, text):
        """Puts ports and paths into the text."""
        def number(match):
            wanted = int(match[1] or 1)
            while len(self.ports) < wanted:
                self.ports.append(unused_port())
            return str(self.ports[wanted - 1])

        text = re.sub(r"@PORT(\d*)@", number, text)
        return text.replace("@DIR@", str(self.directory)) \
            .replace("@APPS@", APPS).replace("@TEST_APPS@", TEST_APPS)

    def write_config(self, config, server=None):
        assert "[server]" not in config, "give [server] keys with server="
        self.keys.update(server or {})
        keys = "".join(f"{key} = {value}\n"
                       for key, value in self.keys.items()
                       if value is not None)
        self.config_path.write_text(
            self.fill(f"[server]\n{keys}\n{config}"))

    def argv(self, *more):
        argv = [*self.command, TRICORN]
        if self.args is None:
            argv += ["-c", str(self.config_path)]
        else:
            argv += [self.fill(argument) for argument in self.args]
        return argv + [str(argument) for argument in more]

    # life

    def start(self, *more, ready=True, deadline=30.0):
        """Starts it in the foreground and waits until it serves."""
        assert self.process is None, "already started"
        with open(self.stderr_path, "ab") as stderr:
            self.process = subprocess.Popen(
                self.argv(*more), cwd=self.directory, env=self.env,
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr,
                start_new_session=True, pass_fds=self.pass_fds)
        self.note(self.process.pid)
        if ready:
            self.wait_ready(deadline)
        return self

    def wait_ready(self, deadline=30.0):
        def serves():
            code = self.process.poll() if self.process else None
            assert code is None, \
                f"left with {code} instead of serving:\n{self.log()}"
            return READY.search(self.log()) and (
                not self.ports or accepts(self.port))
        wait_until(serves, deadline,
                   lambda: f"server ready; log:\n{self.log()}")
        self.note_processes()

    def run_to_end(self, *more, deadline=30.0):
        """Runs it where it must end by itself; returns its exit code.

        What it wrote is in .log().
        """
        self.start(*more, ready=False)
        try:
            code = self.process.wait(deadline * SLOW)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"still runs after {deadline} s:\n{self.log()}") from None
        self.process = None
        return code

    def start_daemon(self, *more, deadline=30.0):
        """Starts it with -D; the first process must end with 0."""
        code = self.run_to_end("-D", *more, deadline=deadline)
        assert code == 0, f"exit code {code}:\n{self.log()}"
        wait_until(self.pid_path.exists, deadline, "pid file of the daemon")
        self.daemon_pid = int(self.pid_path.read_text())
        self.note(self.daemon_pid)
        self.wait_ready(deadline)
        return self

    def note_processes(self):
        if self.running:
            self.note(*descendants(self.pid))

    def note(self, *pids):
        for pid in pids:
            began = start_time(pid)
            if began is not None:
                self.seen[pid] = began

    def left(self):
        return [pid for pid, began in self.seen.items()
                if alive(pid) and start_time(pid) == began]

    @property
    def running(self):
        if self.daemon_pid:
            return alive(self.daemon_pid)
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self):
        return self.daemon_pid or self.process.pid

    @property
    def port(self):
        return self.ports[0]

    def workers(self):
        """Process ids of the worker processes now alive."""
        found = [pid for pid in children(self.pid) if alive(pid)]
        self.note(*found)
        return sorted(found)

    def wait_workers(self, count, deadline=15.0):
        return wait_until(
            lambda: len(self.workers()) == count and self.workers(),
            deadline, f"{count} workers")

    def signal(self, name):
        """name is "HUP" or a signal number."""
        number = getattr(signal, f"SIG{name}") if isinstance(name, str) \
            else name
        self.note_processes()
        os.kill(self.pid, number)

    def wait_exit(self, deadline=40.0):
        """Waits for the master; returns the exit code (None: a daemon's)."""
        if self.daemon_pid:
            wait_until(lambda: not alive(self.daemon_pid), deadline,
                       "end of the daemon")
            reap(self.daemon_pid)
            return None
        try:
            return self.process.wait(deadline * SLOW)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"master still runs:\n{self.log()}") from None

    def stop(self, name="TERM", deadline=40.0, code=0):
        """Ends it and asserts that it left well, with all it started."""
        assert self.running, f"ended before its stop:\n{self.log()}"
        self.signal(name)
        got = self.wait_exit(deadline)
        assert got in (code, None), f"exit code {got}:\n{self.log()}"
        self.assert_nothing_left()
        self.assert_clean_log()

    def assert_nothing_left(self):
        left = self.left()
        assert not left, f"processes left behind: {left}\n{self.log()}"

    def kill(self):
        """Ends everything it ever started, hard. For fixtures."""
        with contextlib.suppress(OSError):
            self.note_processes()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in self.left():
            end_process(pid)

    # what it says

    def log(self):
        text = ""
        for path in (self.stderr_path, self.log_path):
            with contextlib.suppress(OSError):
                text += path.read_text(errors="replace")
        return text

    def log_contains(self, text, deadline=10.0):
        """Waits for a plain text or a compiled pattern in the log."""
        def found():
            if isinstance(text, str):
                return text in self.log()
            return text.search(self.log())
        try:
            return wait_until(found, deadline)
        except AssertionError:
            raise AssertionError(
                f"{text!r} not in the log:\n{self.log()}") from None

    def assert_clean_log(self):
        if not self.log_is_checked:
            return
        found = BROKEN.search(self.log())
        assert not found, f"{found[0]!r} in the log:\n{self.log()}"

    # talking to it

    def connect(self, port=None, deadline=20.0):
        return connect(port or self.port, deadline)

    def get(self, target="/", fields=(), port=None, **more):
        """One GET on a connection of its own."""
        return self.ask("GET", target, fields, port=port, **more)

    def ask(self, method, target="/", fields=(), body=None, port=None,
            **more):
        with self.connect(port) as connection:
            connection.request(method, target,
                               [*dict(fields).items(),
                                ("Connection", "close")], body, **more)
            return connection.response(method)

    def raw(self, data, shutdown=False, port=None, deadline=20.0):
        """Sends bytes as they are; returns all that comes back until the
        server closes."""
        with self.connect(port, deadline) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send(data)
                if shutdown:
                    connection.shutdown()
            return connection.take_to_end()

    def raw_response(self, data, shutdown=False, port=None):
        """As raw(), with the first response parsed."""
        with self.connect(port) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.send(data)
                if shutdown:
                    connection.shutdown()
            return connection.response()
