# SPDX-License-Identifier: MIT
"""The harness itself: it must notice what a broken server would do."""

import os
import signal
import socket
import sys
import textwrap

import pytest

import harness

FAKE = textwrap.dedent("""\
    import os, signal, socket, sys, time
    config = open(sys.argv[2]).read()
    port = int(config.split("address = 127.0.0.1:")[1].split()[0])
    open(config.split("pid_file = ")[1].split()[0], "w").write(
        str(os.getpid()))
    code = 3 if "leaves badly" in config else 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(code))
    if "leaves a child" in config and os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    if "is broken" in config:
        print("x.c:1:2: runtime error: load of null pointer",
              file=sys.stderr, flush=True)
    sock = socket.create_server(("127.0.0.1", port))
    print("all workers ready", file=sys.stderr, flush=True)
    while True:
        client, _ = sock.accept()
        if client.recv(65536):
            client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n"
                           b"Connection: close\\r\\n\\r\\nhi")
        client.close()
""")
CONFIG = "[listen public]\naddress = 127.0.0.1:@PORT@\n# "


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A stand-in for the server that misbehaves as its config asks."""
    script = tmp_path / "fake"
    script.write_text(f"#!{sys.executable}\n{FAKE}")
    script.chmod(0o755)
    monkeypatch.setattr(harness, "TRICORN", str(script))
    made = []

    def make(behaviour):
        server = harness.Server(tmp_path / "fake.d", CONFIG + behaviour)
        made.append(server)
        return server.start()

    yield make
    for server in made:
        server.kill()


def reader(data):
    ours, theirs = socket.socketpair()
    theirs.sendall(data)
    theirs.close()
    return harness.Connection(ours)


def test_a_server_that_behaves_passes(fake):
    server = fake("behaves")
    assert server.get("/").body == b"hi"
    with harness.Load(server.port, clients=2) as load:
        load.wait_for_more(20)
    assert load.failures == [] and load.bodies == {b"hi"}
    server.stop()
    assert not server.running


def test_a_wrong_exit_code_fails(fake):
    server = fake("leaves badly")
    with pytest.raises(AssertionError, match="exit code 3"):
        server.stop()


def test_a_process_left_behind_fails(fake):
    server = fake("leaves a child")
    with pytest.raises(AssertionError, match="left behind"):
        server.stop()
    server.kill()
    assert all(not harness.alive(pid) for pid in server.seen)


def test_a_sanitizer_report_fails(fake):
    server = fake("is broken")
    with pytest.raises(AssertionError, match="runtime error"):
        server.stop()


def test_wrong_answers_under_load_are_counted(fake):
    server = fake("behaves")
    with harness.Load(server.port, clients=2, expect=204) as load:
        harness.wait_until(lambda: load.failures)
    assert "200" in load.failures[0]


def test_ports_differ_and_are_free():
    ports = {harness.unused_port() for _ in range(20)}
    assert len(ports) == 20
    for port in ports:
        socket.create_server((harness.HOST, port)).close()


def test_children_are_seen():
    pid = os.fork()
    if pid == 0:
        signal.pause()
        os._exit(0)
    assert pid in harness.children(os.getpid())
    harness.end_process(pid)
    assert pid not in harness.children(os.getpid())


def test_reader_takes_pipelined_responses_apart():
    connection = reader(
        b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nDigest: q\r\n\r\n"
        b"HTTP/1.1 204 No Content\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxyz"
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end")
    first = connection.response()
    assert [r.status for r in first.interim] == [103]
    assert first.body == b"abcde" and first.chunk_sizes == [3, 2]
    assert first.trailers == [("Digest", "q")]
    assert connection.response().status == 204
    assert connection.response().body == b"xyz"
    assert connection.response().body == b"to the end"
    assert connection.at_end()


@pytest.mark.parametrize("data", [
    b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    b"HTTP/1.1 20 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab0\r\n\r\n",
])
def test_reader_refuses_malformed_responses(data):
    with pytest.raises(AssertionError):
        reader(data).response()


def test_reader_tells_an_early_end():
    with pytest.raises(harness.ConnectionEnded):
        reader(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab").response()
