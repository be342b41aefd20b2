# SPDX-License-Identifier: MIT
"""The error log of the real server: targets, levels, rotation, and what
cannot be done to it from outside."""

import os
import re
import subprocess

import pytest

from harness import accepts, wait_until

# The app logs a warning for every request to /…/bad-field.
CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@

[pool web]
mode = async
workers = 2
listen = public

[app misbehave]
module = @TEST_APPS@/misbehave.so
pool = web

[route all]
match = /
app = misbehave
"""
LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[(\d+)\] "
    r"(master|worker web\.[01]) (debug|info|warning|error|critical): \S.*")


def run(server, **streams):
    """As server.start(), with streams of the test's, and not waited for."""
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
               **streams}
    server.process = subprocess.Popen(
        server.argv(), cwd=server.directory, env=server.env,
        stdin=subprocess.DEVNULL, start_new_session=True, **streams)
    server.note(server.process.pid)
    wait_until(lambda: accepts(server.port), what="an open port")
    wait_until(lambda: server.get("/plain").status == 200)
    server.note_processes()


def test_lines_tell_when_who_and_how_bad(tricorn):
    server = tricorn(CONFIG)
    assert server.get("/x/bad-field").status == 200
    server.log_contains("GET /x/bad-field")
    workers = server.workers()
    server.stop()
    lines = server.log_path.read_text().splitlines()
    matches = [LINE.fullmatch(line) for line in lines]
    assert all(matches), lines
    warned = [match for match in matches if "bad-field" in match[0]]
    assert len(warned) == 1
    assert int(warned[0][1]) in workers
    assert warned[0][2].startswith("worker web.")
    assert warned[0][3] == "warning"
    assert {match[2] for match in matches} > {"master"}
    assert server.stderr_path.read_text() == ""


@pytest.mark.parametrize("level, warns, informs", [
    ("debug", True, True), ("info", True, True), ("warning", True, False),
    ("error", False, False), ("critical", False, False)])
def test_a_level_hides_what_is_below(tricorn, level, warns, informs):
    server = tricorn(CONFIG, start=False, server={"log_level": level})
    run(server)
    assert server.get("/bad-field").status == 200
    server.stop()
    assert ("bad-field" in server.log()) == warns
    assert (" info: " in server.log()) == informs


@pytest.mark.parametrize("target", ["stderr", "stdout", "off"])
def test_standard_streams_and_none(tricorn, target):
    server = tricorn(CONFIG, start=False, server={"error_log": target})
    paths = {name: server.directory / name for name in ("stdout", "stderr")}
    with open(paths["stdout"], "ab") as stdout, \
            open(paths["stderr"], "ab") as stderr:
        run(server, stdout=stdout, stderr=stderr)
    assert server.get("/bad-field").status == 200
    server.stop()
    for name, path in paths.items():
        assert ("bad-field" in path.read_text()) == (name == target)
        assert (path.read_text() != "") == (name == target)
    assert not server.log_path.exists()


def test_rotation_moves_master_and_workers_to_the_new_file(tricorn):
    server = tricorn(CONFIG)
    old = server.directory / "error.log.1"
    server.log_path.rename(old)
    assert server.get("/before/bad-field").status == 200
    server.signal("USR1")
    wait_until(lambda: not [
        pid for pid in [server.pid, *server.workers()]
        for fd in os.listdir(f"/proc/{pid}/fd")
        if os.path.realpath(f"/proc/{pid}/fd/{fd}") == str(old)],
        what="processes that closed the old log")
    for number in range(20):
        assert server.get(f"/after{number}/bad-field").status == 200
    server.stop()
    before, after = old.read_text(), server.log_path.read_text()
    assert "/before/bad-field" in before and "/after" not in before
    assert "/before" not in after
    for number in range(20):
        assert f"/after{number}/bad-field" in after
    # The master's last words as well.
    assert " master info: stopp" in after


def test_a_log_that_cannot_be_opened_is_told_on_stderr(tricorn):
    server = tricorn(CONFIG, start=False,
                     server={"error_log": "/nonexistent/error.log"})
    assert server.run_to_end() != 0
    assert "/nonexistent/error.log" in server.stderr_path.read_text()


def test_a_request_cannot_forge_a_line(tricorn):
    server = tricorn(CONFIG)
    forged = "2026-01-01T00:00:00.000Z [1] master critical: forged"
    escaped = forged.replace(" ", "%20").replace("[", "%5B")
    target = f"/%0a{escaped}%0d%1b[2J%7f%0A/bad-field"
    assert server.get(target).status == 200
    server.log_contains("forged")
    server.stop()
    lines = server.log_path.read_text().splitlines()
    for line in lines:
        # What follows the first line of a message is indented.
        assert LINE.fullmatch(line) or line.startswith("\t"), lines
    assert not [line for line in lines if line.startswith("2026-01-01T")]
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]",
                         server.log_path.read_bytes())


def test_a_long_message_stays_one_line(tricorn):
    server = tricorn(CONFIG)
    assert server.get("/" + "a" * 7000 + "/bad-field").status == 200
    server.log_contains("aaaa")
    assert server.get("/next/bad-field").status == 200
    server.log_contains("/next/bad-field")
    server.stop()
    lines = server.log_path.read_text().splitlines()
    assert all(LINE.fullmatch(line) for line in lines), lines
    assert max(len(line) for line in lines) < 4096


def test_a_stuck_reader_of_stderr_does_not_stop_the_server(tricorn):
    server = tricorn(CONFIG, start=False, server={"error_log": "stderr"})
    reader, writer = os.pipe()
    run(server, stderr=writer)
    os.close(writer)
    os.set_blocking(reader, False)
    filler = "x" * 500
    # More than the pipe takes.
    for number in range(400):
        assert server.get(f"/{filler}/{number}/bad-field").status == 200
    text = b""

    def told():
        nonlocal text
        try:
            text += os.read(reader, 1 << 20)
        except BlockingIOError:
            pass
        assert server.get("/found/bad-field").status == 200
        return re.search(rb"\((\d+) lines before this one were lost", text)
    wait_until(told, 20, "line about lost lines")
    server.stop()
    while True:
        try:
            piece = os.read(reader, 1 << 20)
        except BlockingIOError:
            break
        if not piece:
            break
        text += piece
    os.close(reader)
    lines = text.decode().splitlines()
    assert all(LINE.fullmatch(line) for line in lines), lines
    seen = sum(f"/{filler}/" in line for line in lines)
    assert 50 < seen < 400
