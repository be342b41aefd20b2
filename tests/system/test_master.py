# SPDX-License-Identifier: MIT
"""The master: start, signals, reload, supervision, end."""

import os
import re
import signal
import socket

import pytest

import harness
from harness import wait_until

CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@

[pool web]
workers = 2
threads = 2
listen = public
graceful_timeout = 60s

[app upload]
module = @APPS@/upload.so

[app sleepy]
module = @APPS@/sleepy.so

[route hello]
match = /
respond = 200 hello
[route upload]
match = /upload
app = upload
[route sleepy]
match = /sleepy
app = sleepy
[route files]
match = /files/
files = @DIR@/files
"""

LARGE = b"".join(b"%09d\n" % number for number in range(2_000_000))


def one_worker(config):
    return config.replace("workers = 2", "workers = 1")


def begin_upload(server, size=1000):
    """A request in flight: its head and half of its body are sent."""
    connection = server.connect()
    connection.send(f"POST /upload HTTP/1.1\r\nHost: localhost\r\n"
                    f"Content-Length: {size}\r\n\r\n")
    connection.send(b"x" * (size // 2))
    return connection


def end_upload(connection, size=1000):
    connection.send(b"x" * (size - size // 2))
    return connection.response("POST")


def begin_download(server):
    """A response in flight: only its head and a little more are read."""
    (server.files / "large").write_bytes(LARGE)
    connection = server.connect()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    connection.request("GET", "/files/large")
    wait_until(lambda: connection.fill() or len(connection.buffer) > 1000)
    return connection


# --- start -----------------------------------------------------------------


def test_starts_serves_and_leaves(tricorn):
    server = tricorn(CONFIG)
    assert len(server.workers()) == 2
    response = server.get("/")
    assert response.status == 200
    assert response.body == b"hello"
    assert int(server.pid_path.read_text()) == server.pid
    server.stop()
    assert not server.pid_path.exists()
    assert not harness.accepts(server.port)


def test_refuses_to_start_over_a_live_pid_file(tricorn):
    first = tricorn(CONFIG)
    second = tricorn(CONFIG, start=False,
                     server={"pid_file": str(first.pid_path)})
    assert second.run_to_end() == 1
    second.log_contains(f"already running as process {first.pid}")
    assert int(first.pid_path.read_text()) == first.pid
    assert first.get("/").body == b"hello"


@pytest.mark.parametrize("left", ["999999999\n", "no number", "",
                                  f"{os.getpid()}\n"])
def test_takes_over_a_stale_pid_file(tricorn, left):
    server = tricorn(CONFIG, start=False)
    server.pid_path.write_text(left)
    server.start()
    assert int(server.pid_path.read_text()) == server.pid


def test_port_in_use_is_said_and_ends_with_1(tricorn):
    first = tricorn(CONFIG)
    second = tricorn(CONFIG.replace("@PORT@", str(first.port)), start=False)
    assert second.run_to_end() == 1
    second.log_contains(re.compile(
        rf"cannot listen on 127\.0\.0\.1:{first.port}: .*in use"))
    assert not second.pid_path.exists()
    assert first.get("/").body == b"hello"


def test_a_module_that_cannot_be_loaded_ends_the_start(tricorn):
    server = tricorn(
        CONFIG.replace("@APPS@/upload.so", "@APPS@/missing.so"), start=False)
    assert server.run_to_end() == 1
    server.log_contains("missing.so")


def test_daemon_serves_in_the_background(tricorn):
    server = tricorn(CONFIG, start=False)
    server.start_daemon()
    assert server.get("/").body == b"hello"
    assert os.getsid(server.pid) != os.getsid(0)
    # No terminal or pipe of the starter is kept open.
    for number in (0, 1, 2):
        assert os.readlink(f"/proc/{server.pid}/fd/{number}") == "/dev/null"
    server.stop()
    assert not server.pid_path.exists()


def test_daemon_that_cannot_start_tells_its_starter(tricorn):
    first = tricorn(CONFIG)
    second = tricorn(CONFIG.replace("@PORT@", str(first.port)), start=False)
    assert second.run_to_end("-D") == 1
    assert "cannot listen on" in second.log()


# --- end -------------------------------------------------------------------


def test_term_lets_an_upload_finish(tricorn):
    server = tricorn(CONFIG)
    with begin_upload(server) as connection:
        server.signal("TERM")
        wait_until(lambda: not harness.accepts(server.port),
                   what="listener closed")
        assert server.running
        response = end_upload(connection)
        assert response.status == 200
        assert b"1000" in response.body
        assert not response.keeps_alive
        assert connection.at_end()
    assert server.wait_exit() == 0
    server.assert_nothing_left()


def test_term_lets_a_download_finish(tricorn):
    server = tricorn(CONFIG)
    with begin_download(server) as connection:
        server.signal("TERM")
        wait_until(lambda: not harness.accepts(server.port),
                   what="listener closed")
        assert connection.response().body == LARGE
    assert server.wait_exit() == 0


def test_term_closes_idle_connections(tricorn):
    server = tricorn(CONFIG)
    with server.connect() as connection:
        assert connection.request("GET", "/").response().keeps_alive
        server.signal("TERM")
        assert connection.at_end()
    assert server.wait_exit() == 0


def test_graceful_timeout_ends_what_does_not_finish(tricorn):
    server = tricorn(CONFIG.replace("graceful_timeout = 60s",
                                    "graceful_timeout = 500ms"))
    with begin_upload(server) as connection:
        server.signal("TERM")
        assert server.wait_exit() == 0
        connection.take_to_end()
        assert connection.is_closed()
    server.assert_nothing_left()


@pytest.mark.parametrize("name", ["INT", "QUIT"])
def test_int_and_quit_do_not_wait_for_requests(tricorn, name):
    server = tricorn(CONFIG)
    with begin_upload(server):
        server.stop(name, deadline=20)


# --- reload ----------------------------------------------------------------


def test_reload_swaps_generations_without_a_failed_request(tricorn):
    server = tricorn(CONFIG)
    before = server.workers()
    with harness.Load(server.port) as load:
        load.wait_for_more(100)
        server.write_config(CONFIG.replace("200 hello", "200 changed"))
        server.signal("HUP")
        wait_until(lambda: b"changed" in load.bodies, 20)
        wait_until(lambda: not any(map(harness.alive, before)), 20,
                   "old generation gone")
        load.wait_for_more(100)
    assert load.failures == []
    assert load.bodies == {b"hello", b"changed"}
    assert len(server.wait_workers(2)) == 2
    assert server.get("/").body == b"changed"


def test_many_reloads_under_load_lose_nothing(tricorn):
    server = tricorn(CONFIG)
    with harness.Load(server.port, clients=16) as load:
        for round in range(5):
            text = f"round {round}"
            server.write_config(CONFIG.replace("200 hello", f"200 {text}"))
            server.signal("HUP")
            wait_until(lambda: text.encode() in load.bodies, 20, text)
            load.wait_for_more(50)
    assert load.failures == []
    server.wait_workers(2)


def test_reload_lets_requests_of_the_old_generation_finish(tricorn):
    server = tricorn(CONFIG)
    before = server.workers()
    with begin_upload(server) as upload, begin_download(server) as download:
        server.write_config(CONFIG.replace("200 hello", "200 changed"))
        server.signal("HUP")
        wait_until(lambda: server.get("/").body == b"changed")
        assert any(map(harness.alive, before))
        assert end_upload(upload).status == 200
        assert download.response().body == LARGE
    wait_until(lambda: not any(map(harness.alive, before)), 20,
               "old generation gone")


def test_reload_keeps_serving_when_the_new_config_is_broken(tricorn):
    server = tricorn(CONFIG)
    before = server.workers()
    server.write_config(CONFIG.replace("workers = 2", "worker = 2"))
    lines = server.config_path.read_text().splitlines()
    number = lines.index("worker = 2") + 1
    server.signal("HUP")
    server.log_contains(re.compile(
        rf"tricorn\.conf:{number}\b.*|worker'.*tricorn\.conf:{number}\b"))
    server.log_contains("did you mean 'workers'")
    assert server.get("/").body == b"hello"
    assert server.workers() == before
    # And the next good one is taken.
    server.write_config(CONFIG.replace("200 hello", "200 mended"))
    server.signal("HUP")
    wait_until(lambda: server.get("/").body == b"mended")


def test_reload_keeps_serving_when_a_worker_cannot_boot(tricorn):
    server = tricorn(CONFIG)
    before = server.workers()
    server.write_config(
        CONFIG.replace("@APPS@/upload.so", "@APPS@/missing.so"))
    server.signal("HUP")
    server.log_contains("missing.so")
    assert server.get("/").body == b"hello"
    wait_until(lambda: server.workers() == before, 20,
               "only the old workers again")


def test_reload_keeps_serving_when_a_port_is_taken(tricorn):
    server = tricorn(CONFIG)
    before = server.workers()
    with socket.create_server((harness.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        server.write_config(CONFIG.replace(
            "address = 127.0.0.1:@PORT@",
            f"address = 127.0.0.1:@PORT@\naddress = 127.0.0.1:{port}"))
        server.signal("HUP")
        server.log_contains(f"cannot listen on 127.0.0.1:{port}")
        assert server.get("/").body == b"hello"
        assert server.workers() == before


def test_reload_opens_and_closes_listeners(tricorn):
    server = tricorn(CONFIG)
    assert harness.accepts(server.port)
    server.write_config(CONFIG.replace(
        "address = 127.0.0.1:@PORT@",
        "address = 127.0.0.1:@PORT@\naddress = 127.0.0.1:@PORT2@"))
    server.signal("HUP")
    wait_until(lambda: harness.accepts(server.ports[1]))
    assert server.get("/", port=server.ports[1]).body == b"hello"
    assert server.get("/").body == b"hello"
    server.write_config(CONFIG.replace("@PORT@", "@PORT2@"))
    server.signal("HUP")
    wait_until(lambda: not harness.accepts(server.ports[0]))
    assert server.get("/", port=server.ports[1]).body == b"hello"


def test_reload_changes_the_number_of_workers(tricorn):
    server = tricorn(CONFIG)
    server.write_config(CONFIG.replace("workers = 2", "workers = 4"))
    server.signal("HUP")
    before = set(server.seen)
    wait_until(lambda: len(server.workers()) == 4
               and not before & set(server.workers()), 20)
    server.write_config(one_worker(CONFIG))
    server.signal("HUP")
    server.wait_workers(1, 20)
    assert server.get("/").body == b"hello"


# --- more signals ----------------------------------------------------------


def test_ttin_and_ttou_change_the_number_of_workers(tricorn):
    server = tricorn(CONFIG)
    before = server.workers()
    server.signal("TTIN")
    now = server.wait_workers(3)
    assert set(before) < set(now)
    server.signal("TTOU")
    server.wait_workers(2)
    server.signal("TTOU")
    server.wait_workers(1)
    assert server.get("/").body == b"hello"


def wait_signals_taken(server):
    """Returns once the master has acted on every signal sent before.

    Signals that are pending together are taken in the order of their
    numbers, so one that is answered may still overtake the one before it;
    the second one can't.
    """
    for _ in range(2):
        count = server.log().count("logs reopened")
        server.signal("USR1")
        wait_until(lambda: server.log().count("logs reopened") > count)


def test_the_last_worker_is_not_taken_away(tricorn):
    server = tricorn(one_worker(CONFIG))
    before = server.workers()
    server.signal("TTOU")
    wait_signals_taken(server)
    assert server.workers() == before
    assert server.get("/").body == b"hello"
    server.signal("TTIN")
    assert before[0] in server.wait_workers(2)


def test_ttin_is_kept_across_a_reload(tricorn):
    server = tricorn(CONFIG)
    server.signal("TTIN")
    before = server.wait_workers(3)
    server.signal("HUP")
    wait_until(lambda: len(server.workers()) == 3
               and not set(before) & set(server.workers()), 20,
               "three new workers")


def test_winch_retires_the_workers_only(tricorn):
    server = tricorn(CONFIG)
    server.signal("WINCH")
    wait_until(lambda: server.workers() == [], what="no workers")
    assert server.running
    # The listener stays: who comes now waits for the next generation.
    with server.connect() as connection:
        connection.request("GET", "/")
        server.signal("HUP")
        assert connection.response().body == b"hello"
    server.wait_workers(2)


def test_usr1_opens_the_logs_anew(tricorn):
    server = tricorn(CONFIG, server={"access_log": "@DIR@/access.log"})
    access_path = server.directory / "access.log"
    server.get("/before")
    wait_until(lambda: "/before" in access_path.read_text())
    old_log = server.log_path.rename(server.directory / "error.log.1")
    old_access = access_path.rename(server.directory / "access.log.1")
    server.signal("USR1")
    wait_until(lambda: server.log_path.exists() and access_path.exists())

    def written_anew():
        server.get("/after")
        return "/after" in access_path.read_text()
    wait_until(written_anew)
    # The workers too have left the old files, for the error log as well.
    size = old_access.stat().st_size
    for _ in range(20):
        server.get("/after")
    wait_until(lambda: access_path.read_text().count("/after") > 20)
    assert old_access.stat().st_size == size
    victim = server.workers()[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: str(victim) in server.log_path.read_text())
    assert f"{victim}" not in old_log.read_text().splitlines()[-1]


# --- supervision -----------------------------------------------------------


def test_a_killed_worker_is_replaced_and_the_others_go_on(tricorn):
    server = tricorn(CONFIG)
    victim, other = server.workers()
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(server.workers()) == 2
               and victim not in server.workers())
    assert other in server.workers()
    assert server.get("/").body == b"hello"
    server.log_contains(re.compile(rf"\b{victim}\b.*(signal 9|KILL)", re.I))


def test_the_requests_of_other_workers_survive_a_kill(tricorn):
    server = tricorn(one_worker(CONFIG))
    first = server.workers()[0]
    with begin_upload(server) as connection:
        server.signal("TTIN")
        wait_until(lambda: len(server.workers()) == 2)
        second = next(pid for pid in server.workers() if pid != first)
        os.kill(second, signal.SIGKILL)
        wait_until(lambda: second not in server.workers())
        assert end_upload(connection).status == 200


def test_workers_finish_and_leave_when_the_master_is_killed(tricorn):
    server = tricorn(CONFIG)
    workers = server.workers()
    with begin_upload(server) as upload, begin_download(server) as download:
        server.signal("KILL")
        assert server.wait_exit() == -signal.SIGKILL
        wait_until(lambda: not harness.accepts(server.port),
                   what="listener closed")
        assert end_upload(upload).status == 200
        assert download.response().body == LARGE
    wait_until(lambda: not any(map(harness.alive, workers)), 20,
               "workers gone")


def test_starts_again_after_the_master_was_killed(tricorn):
    server = tricorn(CONFIG)
    workers = server.workers()
    server.signal("KILL")
    server.wait_exit()
    wait_until(lambda: not any(map(harness.alive, workers)))
    assert server.pid_path.exists()
    server.process = None
    server.start()
    assert server.get("/").body == b"hello"


def test_a_crash_loop_backs_off_and_never_ends_the_master(tricorn):
    server = tricorn(one_worker(CONFIG))
    for _ in range(4):
        victim = wait_until(server.workers, 20)[0]
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: victim not in server.workers())
    # After the first ones it says how long it waits.
    server.log_contains(re.compile(r"\bin [0-9.]+ ?(s|ms|seconds)\b"))
    assert server.running
    server.wait_workers(1, 30)
    wait_until(lambda: server.get("/").body == b"hello")


def test_a_stopped_worker_is_replaced_after_its_timeout(tricorn):
    config = CONFIG.replace("graceful_timeout = 60s", "timeout = 1s")
    server = tricorn(config)
    server.log_is_checked = False       # it is ended with ABRT first
    victim, other = server.workers()
    os.kill(victim, signal.SIGSTOP)
    wait_until(lambda: not harness.alive(victim), 30, "stuck worker ended")
    wait_until(lambda: len(server.workers()) == 2)
    assert other in server.workers()
    assert server.get("/").body == b"hello"


# --- service manager -------------------------------------------------------


@pytest.fixture
def notices(tmp_path):
    """The path of a socket as systemd has it, and what came there."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))
        sock.setblocking(False)
        texts = []

        def has(text):
            try:
                while True:
                    texts.append(sock.recv(4096).decode())
            except BlockingIOError:
                pass
            return any(text in line for line in texts)
        yield path, has, texts


def test_tells_the_service_manager_how_it_is(tricorn, notices):
    path, has, texts = notices
    server = tricorn(CONFIG, env={"NOTIFY_SOCKET": str(path)})
    wait_until(lambda: has("READY=1"))
    assert "RELOADING=1" not in "".join(texts)
    texts.clear()
    server.signal("HUP")
    wait_until(lambda: has("RELOADING=1"))
    wait_until(lambda: has("READY=1"))
    assert any("MONOTONIC_USEC=" in text for text in texts)
    server.stop()
    assert has("STOPPING=1")


def test_is_not_ready_before_its_workers_are(tricorn, notices):
    path, has, _ = notices
    server = tricorn(
        CONFIG.replace("@APPS@/upload.so", "@APPS@/missing.so"), start=False,
        env={"NOTIFY_SOCKET": str(path)})
    assert server.run_to_end() == 1
    assert not has("READY=1")


def test_is_ready_again_after_a_reload_that_failed(tricorn, notices):
    path, has, texts = notices
    server = tricorn(CONFIG, env={"NOTIFY_SOCKET": str(path)})
    wait_until(lambda: has("READY=1"))
    texts.clear()
    server.write_config("nonsense")
    server.signal("HUP")
    server.log_contains("reload failed")
    wait_until(lambda: not has("RELOADING=1") or has("READY=1"))
    assert server.get("/").body == b"hello"
