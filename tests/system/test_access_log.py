# SPDX-License-Identifier: MIT
"""The access log of the real server: formats, rotation, hostile bytes, and
readers that are stuck."""

import base64
import fcntl
import json
import os
import pathlib
import pwd
import re
import select
import subprocess
import tempfile

import pytest

from harness import Load, wait_until

CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@

[pool web]
mode = async
workers = 2
listen = public

[route hello]
match = /
respond = 200 hello

[route quiet]
match = /quiet
respond = 200 quiet
access_log = off
"""
SLEEPY = """
[listen public]
address = 127.0.0.1:@PORT@

[pool web]
mode = async
workers = 1
listen = public

[app sleepy]
module = @APPS@/sleepy.so
pool = web

[route sleepy]
match = /
app = sleepy
"""
DATE = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]"


def logged(server):
    path = server.directory / "access.log"
    return path.read_bytes().decode("ascii") if path.exists() else ""


def lines(server, count):
    """Waits until that many whole lines are in the log."""
    wait_until(lambda: logged(server).count("\n") >= count, 15,
               f"{count} lines in the access log")
    text = logged(server)
    assert text.endswith("\n")
    assert text.count("\n") == count, text
    return text.splitlines()


@pytest.fixture
def start(tricorn):
    def begin(log_format="combined", config=CONFIG, **keys):
        return tricorn(config, server={
            "access_log": "@DIR@/access.log",
            "access_log_format": log_format, **keys})
    return begin


def test_common_format(start):
    server = start("common")
    server.get("/a?b=c")
    assert re.fullmatch(
        rf'127\.0\.0\.1 - - {DATE} "GET /a\?b=c HTTP/1\.1" 200 5',
        lines(server, 1)[0])


def test_combined_format(start):
    server = start("combined")
    credentials = base64.b64encode(b"Aladdin:open sesame").decode()
    server.get("/", [("Referer", "http://x/y"), ("User-Agent", "test/1"),
                     ("Authorization", f"Basic {credentials}")])
    line = lines(server, 1)[0]
    assert re.fullmatch(
        rf'127\.0\.0\.1 - Aladdin {DATE} "GET / HTTP/1\.1" 200 5 '
        r'"http://x/y" "test/1"', line), line


def test_json_format(start):
    server = start("json")
    server.get("/é".encode().decode("latin-1").replace("Ã", "%C3")
               .replace("©", "%A9") + "?q",
               [("User-Agent", "a\"b\\c\tdé".encode().decode("latin-1")),
                ("Referer", "\xff")])
    entry = json.loads(lines(server, 1)[0])
    assert list(entry) == [
        "time", "client", "user", "method", "target", "protocol", "scheme",
        "host", "status", "bytes", "duration", "referer", "user_agent",
        "pool", "route", "app", "upstream", "note", "pid"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
                        entry["time"])
    assert entry["pid"] in server.workers()
    assert 0 <= entry["duration"] < 60
    del entry["time"], entry["pid"], entry["duration"]
    assert entry == {
        "client": "127.0.0.1", "user": None, "method": "GET",
        "target": "/%C3%A9?q", "protocol": "HTTP/1.1", "scheme": "http",
        "host": "localhost", "status": 200, "bytes": 5,
        "referer": "\\xFF", "user_agent": "a\"b\\c\tdé",
        "pool": "web", "route": "hello", "app": None, "upstream": None,
        "note": None}


def test_custom_format(start):
    server = start(
        "%(h)s|%(l)s|%(u)s|%(r)s|%(m)s|%(U)s|%(q)s|%(H)s|%(s)s|%(b)s|%(B)s|"
        "%(T)s|%(p)s|%({x-test}i)s|%({content-type}o)s|%({X_NONE}e)s|"
        "%(route)s|%(pool)s|%%")
    server.get("/x?y", [("X-Test", "z")])
    fields = lines(server, 1)[0].split("|")
    assert int(fields[12].strip("<>")) in server.workers()
    del fields[12]
    assert fields == [
        "127.0.0.1", "-", "-", "GET /x?y HTTP/1.1", "GET", "/x", "y",
        "HTTP/1.1", "200", "5", "5", "0", "z", "text/plain; charset=utf-8",
        "-", "hello", "web", "%"]


def test_head_and_not_found_and_silence(start):
    server = start("%(m)s %(U)s %(s)s %(B)s %(route)s",
                   CONFIG.replace("match = /\n", "match = /hello\n"))
    server.ask("HEAD", "/hello")
    server.get("/quiet")
    server.get("/none")
    # Two workers write, each its own batches.
    missing, head = sorted(lines(server, 2))
    assert head == "HEAD /hello 200 0 hello"
    assert re.fullmatch(r"GET /none 404 \d+ -", missing)


def test_refused_requests_are_logged(start):
    server = start("%(s)s %(h)s")
    assert server.raw_response(b"GET / HTTP/1.1\nHost: x\n\n").status == 400
    assert lines(server, 1) == ["400 127.0.0.1"]


def test_a_client_that_leaves_before_the_answer(start):
    server = start("%(U)s %(s)s %(B)s %(app)s", SLEEPY)
    server.get("/?ms=1")
    with server.connect() as connection:
        connection.request("GET", "/gone?ms=60000")
        # One loop serves both connections in the order they came: when the
        # second one has its answer, the first request is with the app.
        server.get("/?ms=1")
        connection.reset()
    assert re.fullmatch(r"/ 200 \d+ sleepy", lines(server, 3)[0])
    assert lines(server, 3)[2] == "/gone 499 0 sleepy"


def test_hostile_bytes_cannot_forge_a_line(start):
    server = start("combined")
    fake = b'" 200 1 "-" "-"\\ 1.2.3.4 - - [01/Jan/2026:00:00:00 +0000] "'
    server.raw(b"GET /%0a%0d%22%1b HTTP/1.1\r\nHost: x\r\nConnection: close"
               b"\r\nUser-Agent: \x80\xff\xc2\x85\xe2\x80\xa8" + fake
               + b"\r\nReferer: a\t\"\\\"\r\nAuthorization: Basic "
               + base64.b64encode(b"a b\n\"]\x00:x") + b"\r\n\r\n")
    line = lines(server, 1)[0]
    match = re.fullmatch(
        rf'127\.0\.0\.1 - (\S+) {DATE} "([^"]*)" 200 5 "([^"]*)" "([^"]*)"',
        line)
    assert match, line
    assert re.fullmatch(r"[\x20-\x7e]*", line), line
    assert match[1] == r"a\x20b\x0A\x22]\x00"
    assert match[2] == "GET /%0a%0d%22%1b HTTP/1.1"
    assert match[3] == r"a\x09\x22\x5C\x22"
    assert match[4].startswith(r"\x80\xFF\xC2\x85\xE2\x80\xA8\x22 200 1")


@pytest.mark.parametrize("request_line", [
    b"GET /\" HTTP/1.1", b"GET /\n HTTP/1.1", b"GET /\x80 HTTP/1.1",
    b"G\"T / HTTP/1.1", b"GET / HTTP/9.9", b"\x16\x03\x01\x02\x00\x01"])
def test_hostile_request_lines_leave_one_whole_line(start, request_line):
    server = start("combined")
    answer = server.raw(request_line + b"\r\nHost: x\r\n"
                        b"Connection: close\r\n\r\n")
    assert re.match(rb"HTTP/1\.1 [2-5]\d\d ", answer)
    line = lines(server, 1)[0]
    assert re.fullmatch(
        rf'127\.0\.0\.1 - - {DATE} "[^"]*" \d{{3}} (\d+|-) "-" "-"', line)
    assert re.fullmatch(r"[\x20-\x7e]*", line)
    assert f'" {answer[9:12].decode()} ' in line


def test_every_field_byte_keeps_json_whole(start):
    server = start("json")
    # All that a field value may hold (RFC 9110 5.5).
    value = bytes([9, *range(0x20, 0x7f), *range(0x80, 0x100)]).strip()
    server.raw(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
               b"User-Agent: x" + value + b"x\r\n\r\n")
    line = lines(server, 1)[0]
    assert re.fullmatch(r"[\x20-\x7e]*", line)
    agent = json.loads(line)["user_agent"]
    assert agent.startswith('x !"#$%') or agent.startswith('x!"#$%')
    assert agent.endswith("\\xFE\\xFFx")


def test_long_lines_do_not_break(start):
    server = start("combined")
    server.get("/" + "a" * 8000, [("User-Agent", "b" * 6000)])
    line = lines(server, 1)[0]
    assert "/" + "a" * 8000 + " HTTP/1.1" in line
    assert line.endswith('"' + "b" * 6000 + '"')


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_workers_of_another_user_log_into_a_folder_of_root(start):
    nobody = pwd.getpwnam("nobody").pw_uid
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        log, old = folder / "access.log", folder / "access.log.1"
        server = start("%(U)s", access_log=log, user="nobody")
        assert log.stat().st_uid == nobody
        server.get("/before")
        wait_until(lambda: log.read_text() == "/before\n", what="a line")
        log.rename(old)
        server.signal("USR1")
        wait_until(lambda: log.exists() and all(
            any(os.path.realpath(f"/proc/{pid}/fd/{fd}") == str(log)
                for fd in os.listdir(f"/proc/{pid}/fd"))
            for pid in server.workers()), what="workers at the new log")
        server.get("/after")
        wait_until(lambda: log.read_text() == "/after\n", what="a line")

        # Through a link nothing of root's is given away.
        secret = folder / "secret"
        secret.write_text("")
        log.unlink()
        log.symlink_to(secret)
        server.signal("USR1")
        server.log_contains("still writing to the old file")
        assert secret.stat().st_uid == 0
        server.stop()


def test_rotation_loses_no_line(start):
    server = start("%(p)s %(U)s")
    log = server.directory / "access.log"
    old = [server.directory / f"access.log.{number}" for number in range(3)]
    with Load(server.port, "/load", clients=6) as load:
        for name in old:
            load.wait_for_more(300)
            log.rename(name)
            server.signal("USR1")
            wait_until(log.exists, what="the new access log")
            # A worker lets go of the old file when it gets its signal.
            wait_until(lambda name=name: not any(
                os.path.realpath(f"/proc/{pid}/fd/{fd}") == str(name)
                for pid in server.workers()
                for fd in os.listdir(f"/proc/{pid}/fd")),
                what="workers that closed the old log")
        load.wait_for_more(300)
    assert load.failures == []
    server.stop()
    texts = [path.read_text() for path in [*old, log]]
    assert all(text.endswith("\n") for text in texts)
    written = [line for text in texts for line in text.splitlines()]
    assert all(re.fullmatch(r"<\d+> /load", line) for line in written)
    # A retried request may have been logged without having been answered.
    assert load.answered <= len(written) <= load.answered + load.retried


def test_lines_of_workers_do_not_mix_in_a_pipe(tricorn, tmp_path):
    server = tricorn(CONFIG, start=False, server={
        "access_log": "stdout", "access_log_format": "%(U)s %(a)s."})
    reader, writer = os.pipe()
    process = run_with_stdout(server, writer)
    os.close(writer)
    agents = ["a" * 3000, "b" * 9000, "c" * 10]
    try:
        for _ in range(20):
            for agent in agents:
                server.get("/x", [("User-Agent", agent)])
        os.set_blocking(reader, False)
        text = b""

        def enough():
            nonlocal text
            text += read_available(reader)
            return text.count(b"\n") >= 60
        wait_until(enough, what="60 lines from the pipe")
    finally:
        os.close(reader)
    found = text.decode().splitlines()
    assert len(found) == 60
    for line in found:
        assert len(line) < 4096
        assert re.fullmatch(r"/x (a{3000}|b{2000,}\.\.\.|c{10})\.", line)
    assert process.poll() is None


def run_with_stdout(server, stdout):
    """As server.start(), with a standard output of the test's."""
    with open(server.stderr_path, "ab") as stderr:
        server.process = subprocess.Popen(
            server.argv(), cwd=server.directory, env=server.env,
            stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
            start_new_session=True)
    server.note(server.process.pid)
    server.wait_ready()
    return server.process


def read_available(fd):
    data = b""
    while select.select([fd], [], [], 0)[0]:
        try:
            piece = os.read(fd, 1 << 16)
        except BlockingIOError:
            break
        if not piece:
            break
        data += piece
    return data


def test_a_stuck_reader_of_stdout_does_not_stop_the_server(tricorn):
    server = tricorn(CONFIG, start=False, server={
        "access_log": "stdout",
        "access_log_format": "%(U)s " + "%({x-filler}i)s " * 3})
    reader, writer = os.pipe()
    run_with_stdout(server, writer)
    # The description is shared: it must stay a blocking one.
    assert not fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_NONBLOCK
    os.close(writer)
    filler = "x" * 1000
    total = 0
    with server.connect() as connection:
        # Far more than the pipe and the backlogs of both workers take.
        for _ in range(1500):
            connection.request("GET", "/stuck", {"X-Filler": filler})
            assert connection.response().status == 200
            total += 1
    server.log_contains("lines are being lost", 20)
    assert server.get("/still").status == 200
    assert server.running
    # The reader comes back: what waited arrives in whole lines, the server
    # says how many did not.
    text = b""

    def flows():
        nonlocal text
        text += read_available(reader)
        return re.search(r"access log stdout: (\d+) lines were lost",
                         server.log())
    wait_until(flows, 60, "report of lost lines")
    server.stop()
    text += read_available(reader)
    os.close(reader)
    found = text.decode().splitlines()
    assert text.endswith(b"\n")
    assert all(re.fullmatch(rf"/(stuck|still) .*", line) for line in found)
    lost = sum(int(number) for number in re.findall(
        r"access log stdout: (\d+) lines were lost", server.log()))
    assert len(found) + lost == total + 1


@pytest.mark.parametrize("key, value, part", [
    ("access_log_format", "%(x)s", "unknown atom %(x)s"),
    ("access_log_format", "combine", "neither common, combined nor json"),
    ("access_log", "/nonexistent/access.log", "/nonexistent/access.log"),
])
def test_mistakes_keep_it_from_starting(tricorn, key, value, part):
    server = tricorn(CONFIG, start=False, server={
        "access_log": "@DIR@/access.log", key: value})
    assert server.run_to_end() != 0
    assert part in server.log()


def test_check_config_knows_formats(tricorn):
    server = tricorn(CONFIG, start=False, server={
        "access_log": "@DIR@/access.log", "access_log_format": "%(x)s"})
    assert server.run_to_end("--check-config") != 0
    assert "unknown atom %(x)s" in server.log()
    assert not (server.directory / "access.log").exists()
