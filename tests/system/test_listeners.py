# SPDX-License-Identifier: MIT
"""Where a server can be reached: addresses of every kind, and by whom."""

import pathlib
import socket
import stat

import pytest

from harness import Load, accepts, connect, wait_until

EVERY = """
[listen first]
address = 127.0.0.1:@PORT@
address = 127.0.0.1:@PORT2@
[listen six]
address = [::1]:@PORT3@
[listen path]
address = unix:@DIR@/web.sock
unix_mode = 0600
[pool web]
workers = {workers}
mode = {mode}
threads = {threads}
listen = first six path
[app hello]
module = @APPS@/hello_blocking.so
[route hello]
match = /hello
app = hello
[route fixed]
match = /
respond = 200 fixed
"""

needs_ipv6 = pytest.mark.skipif(
    not pathlib.Path("/proc/net/if_inet6").exists(), reason="no IPv6 here")


def addresses(server):
    return [server.ports[0], server.ports[1], ("::1", server.ports[2]),
            server.directory / "web.sock"]


@needs_ipv6
@pytest.mark.parametrize("mode, threads, workers", [
    ("async", 1, 1), ("async", 1, 3), ("sync", 1, 2), ("sync", 4, 2)])
def test_one_pool_serves_every_kind_of_listener(tricorn, mode, threads,
                                                workers):
    server = tricorn(EVERY.format(mode=mode, threads=threads,
                                  workers=workers))
    for address in addresses(server):
        for target, body in (("/", b"fixed"),
                             ("/hello", b"Hello from a thread of tricorn.\n")):
            with connect(address) as connection:
                for _ in range(3):
                    response = connection.request("GET", target).response()
                    assert (response.status, response.body) == (200, body)
    for address in addresses(server):
        with Load(address, clients=4) as load:
            load.wait_for_more(100)
        assert not load.failures


@needs_ipv6
def test_every_listener_survives_a_reload_and_ends_with_the_server(tricorn):
    server = tricorn(EVERY.format(mode="auto", threads=1, workers=2))
    loads = [Load(address, clients=2) for address in addresses(server)]
    for load in loads:
        load.__enter__()
    server.signal("HUP")
    server.log_contains("reload done")
    for load in loads:
        load.wait_for_more(50)
        load.stop()
        assert not load.failures
    server.stop()
    for address in addresses(server):
        assert not accepts(address)
    assert not (server.directory / "web.sock").exists()


def test_unix_mode(tricorn):
    server = tricorn(EVERY.replace("[listen six]\naddress = [::1]:@PORT3@\n",
                                   "").replace("first six path", "first path")
                     .format(mode="auto", threads=1, workers=1))
    path = server.directory / "web.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_ISSOCK(path.stat().st_mode)


def test_a_stale_socket_file_is_replaced(tricorn):
    config = """
[listen path]
address = unix:@DIR@/web.sock
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
workers = 1
listen = path public
[route fixed]
match = /
respond = 200 fixed
"""
    server = tricorn(config, start=False)
    path = server.directory / "web.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    server.start()
    with connect(path) as connection:
        assert connection.request().response().status == 200
    # Another file of that name is not taken away.
    server.stop()
    path.write_text("mine")
    again = tricorn(config.replace("@DIR@", str(server.directory)),
                    start=False)
    assert again.run_to_end() == 1
    assert "web.sock" in again.log()
    assert path.read_text() == "mine"


def test_a_wildcard_serves_both_families(tricorn):
    server = tricorn("""
[listen public]
address = :@PORT@
[pool web]
workers = 1
[route fixed]
match = /
respond = 200 fixed
""")
    hosts = ["127.0.0.1"]
    if pathlib.Path("/proc/net/if_inet6").exists():
        hosts.append("::1")
    for host in hosts:
        with connect((host, server.port)) as connection:
            assert connection.request().response().body == b"fixed"


# --- routes of some listeners only -----------------------------------------


INNER = """
[listen outer]
address = 127.0.0.1:@PORT@
[listen inner]
address = 127.0.0.1:@PORT2@
[listen path]
address = unix:@DIR@/admin.sock
[pool web]
workers = 2
listen = outer inner path

[route all]
match = /
respond = 200 all
[route admin]
match = /admin/
listen = inner path
respond = 200 admin
[route host]
match = inner.example/
listen = inner
respond = 200 inner host
[route outside]
match = /outside
listen = outer
respond = 200 outside
"""


def test_a_route_holds_on_its_listeners_only(tricorn):
    server = tricorn(INNER)
    outer, inner = server.ports[:2]
    path = server.directory / "admin.sock"
    for address, target, host, body in (
            (outer, "/", "a", b"all"), (inner, "/", "a", b"all"),
            (outer, "/admin/x", "a", b"all"),
            (inner, "/admin/x", "a", b"admin"),
            (path, "/admin/x", "a", b"admin"),
            (outer, "/", "inner.example", b"all"),
            (inner, "/", "inner.example", b"inner host"),
            (path, "/", "inner.example", b"all"),
            (outer, "/outside", "a", b"outside"),
            (inner, "/outside", "a", b"all")):
        with connect(address) as connection:
            response = connection.request("GET", target, host=host).response()
            assert (response.status, response.body) == (200, body), \
                (address, target, host)


def test_without_a_route_on_this_listener_it_is_404(tricorn):
    server = tricorn(INNER.replace("[route all]\nmatch = /\n",
                                   "[route all]\nmatch = /all\n"))
    outer, inner = server.ports[:2]
    assert server.get("/admin/", port=inner).status == 200
    assert server.get("/admin/", port=outer).status == 404
    # Nor does it say that there were something with a slash.
    assert server.get("/admin", port=inner).status == 301
    assert server.get("/admin", port=outer).status == 404


def test_pools_with_listeners_of_their_own(tricorn):
    server = tricorn("""
[listen one]
address = 127.0.0.1:@PORT@
[listen two]
address = 127.0.0.1:@PORT2@
[pool one]
mode = async
workers = 1
listen = one
[pool two]
mode = sync
threads = 2
workers = 2
listen = two
[app evented]
module = @APPS@/hello.so
pool = one
[app blocking]
module = @APPS@/hello_blocking.so
pool = two
[route one]
match = /
app = evented
[route two]
match = /
app = blocking
""")
    one, two = server.ports[:2]
    for _ in range(5):
        assert server.get(port=one).body == b"Hello from tricorn.\n"
        assert server.get(port=two).body \
            == b"Hello from a thread of tricorn.\n"
    server.signal("HUP")
    server.log_contains("reload done")
    assert server.get(port=one).body == b"Hello from tricorn.\n"
    assert server.get(port=two).body == b"Hello from a thread of tricorn.\n"


def test_two_pools_on_one_listener_share_its_connections(tricorn):
    server = tricorn("""
[listen public]
address = 127.0.0.1:@PORT@
[pool one]
workers = 1
listen = public
[pool two]
workers = 1
listen = public
[route fixed]
match = /
respond = 200 fixed
""", server={"access_log": "@DIR@/access.log",
             "access_log_format": "json"})
    with Load(server.port, clients=8) as load:
        load.wait_for_more(400)
    assert not load.failures
    log = server.directory / "access.log"
    wait_until(lambda: '"pool":"one"' in log.read_text()
               and '"pool":"two"' in log.read_text())
