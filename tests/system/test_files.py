# SPDX-License-Identifier: MIT
"""Static files: which one is served, which part of it, and which never."""

import email.parser
import email.policy
import gzip
import json
import os
import pathlib
import re
import tempfile
import time

import pytest

import harness

CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
workers = 1
[route static]
match = /static/
files = @DIR@/www
cache_control = max-age=60
[route open]
match = /open/
files = @DIR@/www
dot_files = on
listing = on
precompressed = off
[route one]
match = /favicon.ico
files = @DIR@/www/a.css
"""
LARGE = bytes(range(256)) * 4000


@pytest.fixture
def site(tricorn):
    server = tricorn(CONFIG, start=False)
    www = server.directory / "www"
    www.mkdir()
    (server.directory / "secret").write_text("top secret")
    (www / "a.css").write_text("hello world")
    (www / "large.bin").write_bytes(LARGE)
    (www / "sub").mkdir()
    (www / "sub" / "index.html").write_text("the index")
    (www / "empty").mkdir()
    (www / ".env").write_text("top secret")
    (www / ".git").mkdir()
    (www / ".git" / "config").write_text("top secret")
    (www / ".well-known").mkdir()
    (www / ".well-known" / "token").write_text("token")
    server.www = www
    return server.start()


# --- which file ------------------------------------------------------------


def test_small_and_large_files_are_served_whole(site):
    response = site.get("/static/a.css")
    assert (response.status, response.body) == (200, b"hello world")
    assert response.field("Content-Type") == "text/css; charset=utf-8"
    assert response.field("Content-Length") == "11"
    assert response.field("Cache-Control") == "max-age=60"
    assert response.field("Accept-Ranges") == "bytes"
    assert site.get("/static/large.bin").body == LARGE
    assert site.get("/favicon.ico").body == b"hello world"
    assert site.get("/favicon.ico/x").status == 404
    (site.www / "ä ö%.txt").write_text("umlauts")
    assert site.get("/static/%C3%A4%20%C3%B6%25.txt").body == b"umlauts"


@pytest.mark.parametrize("size", [
    0, 1, 4095, 4096, 4097, 65535, 65536, 65537, 1 << 20])
def test_every_size_arrives_on_one_connection(site, size):
    data = os.urandom(size)
    (site.www / "data").write_bytes(data)
    with site.connect() as connection:
        for _ in range(3):
            connection.request(target="/static/data")
            assert connection.response().body == data


def test_pipelined_requests_are_answered_in_order(site):
    with site.connect() as connection:
        for _ in range(10):
            connection.request(target="/static/a.css")
            connection.request(target="/static/large.bin")
            connection.request(target="/static/none")
        for _ in range(10):
            assert connection.response().body == b"hello world"
            assert connection.response().body == LARGE
            assert connection.response().status == 404


ATTACKS = [
    "/static/../secret",
    "/static/../../secret",
    "/static/%2e%2e/secret",
    "/static/%2e%2e%2fsecret",
    "/static/..%2fsecret",
    "/static/..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
    "/static/%252e%252e/secret",
    "/static/%252e%252e%252fsecret",
    "/static/....//secret",
    "/static/..//secret",
    "/static//../secret",
    "/static/..\\secret",
    "/static/..%5csecret",
    "/static/sub/..%2f..%2fsecret",
    "/static/sub/%2e%2e/%2e%2e/secret",
    "/static/%c0%ae%c0%ae/secret",
    "/static/.%00./secret",
    "/static/..%00/secret",
    "/static/a.css%00.txt",
    "/static/a.css/../../secret",
    "/static//etc/passwd",
    "/static/%2fetc/passwd",
    "/static/escape",
    "/static/parent/secret",
    "/static/absolute",
    "/static/proc/environ",
    "/open/escape",
    "/open/../secret",
    "/open/%2e%2e/secret",
    "/open/.../secret",
]


@pytest.mark.parametrize("target", ATTACKS)
def test_nothing_outside_is_served(site, target):
    (site.www / "escape").symlink_to("../secret")
    (site.www / "parent").symlink_to("..")
    (site.www / "absolute").symlink_to("/etc/passwd")
    (site.www / "proc").symlink_to("/proc/self")
    answer = site.raw(f"GET {target} HTTP/1.1\r\nHost: x\r\n"
                      "Connection: close\r\n\r\n")
    status = int(answer.split()[1])
    assert status in (400, 404), answer
    assert b"secret" not in answer and b"root:" not in answer
    assert site.get("/static/a.css").status == 200


def test_links_that_stay_inside_are_followed(site):
    (site.www / "link.css").symlink_to("a.css")
    (site.www / "dir").symlink_to("sub")
    assert site.get("/static/link.css").body == b"hello world"
    assert site.get("/static/dir/").body == b"the index"


def test_dot_files_are_hidden_unless_asked_for(site):
    for target in (".env", "%2eenv", "/.env", ".git/config", ".git/",
                   "sub/../.env", ".well-known/.x"):
        assert site.get(f"/static/{target}").status == 404, target
    assert site.get("/static/.well-known/token").body == b"token"
    assert site.get("/open/.env").body == b"top secret"


def test_special_files_never_block_the_server(site):
    os.mkfifo(site.www / "fifo")
    for _ in range(3):
        assert site.get("/static/fifo").status == 404
    # A writer has not been woken: nobody opened it to read.
    with pytest.raises(OSError):
        os.open(site.www / "fifo", os.O_WRONLY | os.O_NONBLOCK)
    assert site.get("/static/a.css").status == 200


def test_names_that_are_too_long_are_absent(site):
    assert site.get("/static/" + "x" * 300).status == 404
    assert site.get("/static/" + "x/" * 2500).status == 404
    assert site.get("/static/" + "x" * 9000).status == 414


def test_files_without_permission_are_refused(tricorn):
    # The directories of other tests are closed to other users.
    with tempfile.TemporaryDirectory() as name:
        www = pathlib.Path(name)
        www.chmod(0o755)
        for mode in (0o644, 0o600, 0o000):
            path = www / f"{mode:o}"
            path.write_text("text")
            path.chmod(mode)
        (www / "closed").mkdir()
        (www / "closed" / "file").write_text("text")
        (www / "closed").chmod(0)
        root = os.geteuid() == 0
        server = tricorn("[listen public]\naddress = 127.0.0.1:@PORT@\n"
                         f"[route all]\nmatch = /\nfiles = {www}\n",
                         server={"user": "nobody"} if root else None)
        assert server.get("/644").body == b"text"
        assert server.get("/0").status == 403
        assert server.get("/closed/file").status == 403
        assert server.get("/600").status == (403 if root else 200)
        server.log_contains("/0 cannot be read: Permission denied")
        server.stop()
        (www / "closed").chmod(0o755)


# --- directories -----------------------------------------------------------


def test_directories_get_their_slash(site):
    for target, location in (
            ("/static/sub", "/static/sub/"),
            ("/static/sub?a=b&c", "/static/sub/?a=b&c"),
            ("/static/./sub", "/static/sub/"),
            ("/static", "/static/")):
        response = site.get(target)
        assert (response.status, response.field("Location")) == \
            (301, location), target
    assert site.get("/static/sub/").body == b"the index"
    assert site.get("/static/sub/").field("Content-Type") == \
        "text/html; charset=utf-8"
    assert site.get("/static/empty/").status == 403


def test_no_redirect_leads_to_another_host(tricorn):
    server = tricorn("[listen public]\naddress = 127.0.0.1:@PORT@\n"
                     "[route all]\nmatch = /\nfiles = @DIR@\n")
    (server.directory / "evil.example").mkdir()
    for target in ("//evil.example", "///evil.example", "/%2fevil.example",
                   "/./%2f/evil.example", "//evil.example?x"):
        response = server.get(target)
        if response.status != 404:
            assert response.status == 301
            assert re.match(r"/[^/\\]", response.field("Location")), target


def test_listing_for_people_and_programs(site):
    name = "<i>&\"'?#% é"
    (site.www / "empty" / name).write_text("12345")
    (site.www / "empty" / "dir").mkdir()
    page = site.get("/open/empty/")
    assert page.field("Content-Type") == "text/html; charset=utf-8"
    assert "<i>" not in page.text
    assert page.text.index("dir/") < page.text.index("&lt;i&gt;&amp;")
    link = re.search(r'href="(%3Ci[^"]*)"', page.text)[1]
    assert site.get(f"/open/empty/{link}").body == b"12345"
    rows = json.loads(site.get("/open/empty/", {
        "Accept": "application/json"}).body)
    assert [(row["name"], row["type"]) for row in rows] == \
        [("dir", "directory"), (name, "file")]
    assert rows[1]["size"] == 5
    assert time.strptime(rows[1]["mtime"], "%Y-%m-%dT%H:%M:%SZ")


# --- methods and fields ----------------------------------------------------


def head_fields(response):
    return sorted(field for field in response.fields
                  if field[0] not in ("Date", "Connection"))


@pytest.mark.parametrize("target", [
    "/static/a.css", "/static/large.bin", "/static/sub/", "/static/sub",
    "/static/none", "/static/empty/", "/open/", "/favicon.ico"])
def test_head_answers_as_get_without_body(site, target):
    get, head = site.ask("GET", target), site.ask("HEAD", target)
    assert (head.status, head.body) == (get.status, b"")
    assert head_fields(head) == head_fields(get)


def test_other_methods_are_refused(site):
    for method in ("POST", "PUT", "DELETE", "PATCH", "BREW"):
        response = site.ask(method, "/static/a.css", body=b"some body")
        assert response.status == 405
        assert response.field("Allow") == "GET, HEAD, OPTIONS"
    response = site.ask("OPTIONS", "/static/a.css")
    assert response.status == 204
    assert response.field("Allow") == "GET, HEAD, OPTIONS"


def test_conditions(site):
    first = site.get("/static/a.css")
    etag, modified = first.field("ETag"), first.field("Last-Modified")
    assert re.fullmatch(r'"[0-9a-f]+-b"', etag)
    for fields, status in (
            ({"If-None-Match": etag}, 304),
            ({"If-None-Match": f'"x", W/{etag}'}, 304),
            ({"If-None-Match": '"x"'}, 200),
            ({"If-None-Match": '"x"', "If-Modified-Since": modified}, 200),
            ({"If-Modified-Since": modified}, 304),
            ({"If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 200),
            ({"If-Modified-Since": "nonsense"}, 200),
            ({"If-Match": etag}, 200),
            ({"If-Match": '"x"'}, 412),
            ({"If-Unmodified-Since": modified}, 200),
            ({"If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 412)):
        response = site.get("/static/a.css", fields)
        assert response.status == status, fields
        if status == 304:
            assert response.field("ETag") == etag
            assert response.field("Cache-Control") == "max-age=60"
            assert not response.field("Content-Length")


# --- ranges ----------------------------------------------------------------


@pytest.mark.parametrize("target", ["/static/a.css", "/static/large.bin"])
def test_single_ranges(site, target):
    data = LARGE if target.endswith(".bin") else b"hello world"
    size = len(data)
    for value, first, last in (
            ("0-0", 0, 0), ("0-4", 0, 4), ("6-", 6, size - 1),
            ("-3", size - 3, size - 1), (f"-{size * 2}", 0, size - 1),
            (f"5-{size * 2}", 5, size - 1), ("0-4,2-6", 0, 6)):
        response = site.get(target, {"Range": f"bytes={value}"})
        assert response.status == 206, value
        assert response.body == data[first:last + 1]
        assert response.field("Content-Range") == \
            f"bytes {first}-{last}/{size}"
    for value in (f"{size}-", "-0", f"{size + 5}-{size + 6}"):
        response = site.get(target, {"Range": f"bytes={value}"})
        assert response.status == 416, value
        assert response.field("Content-Range") == f"bytes */{size}"
    for value in ("bytes=4-2", "bytes=", "bytes=a-b", "lines=0-1", "0-4"):
        response = site.get(target, {"Range": value})
        assert (response.status, response.body) == (200, data), value


def multipart(response):
    """The parts of a multipart body as (Content-Range, bytes)."""
    kind = response.field("Content-Type")
    assert kind.startswith("multipart/byteranges; boundary=")
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        f"Content-Type: {kind}\r\n\r\n".encode() + response.body)
    boundary = kind.partition("boundary=")[2]
    assert response.body.endswith(f"\r\n--{boundary}--\r\n".encode())
    return [(part["Content-Range"], part.get_payload(decode=True))
            for part in message.get_payload()]


@pytest.mark.parametrize("target", ["/static/a.css", "/static/large.txt"])
def test_several_ranges(site, target):
    data = b"hello world"
    if target.endswith(".txt"):
        data = b"".join(b"%07d " % number for number in range(50000))
        (site.www / "large.txt").write_bytes(data)
    size = len(data)
    response = site.get(target, {"Range": "bytes=0-1,4-5,-2"})
    assert response.status == 206
    assert response.field("Content-Range") is None
    assert int(response.field("Content-Length")) == len(response.body)
    assert multipart(response) == [
        (f"bytes 0-1/{size}", data[:2]), (f"bytes 4-5/{size}", data[4:6]),
        (f"bytes {size - 2}-{size - 1}/{size}", data[-2:])]


def test_large_ranges_to_a_slow_client(site):
    data = os.urandom(6 << 20)
    (site.www / "huge").write_bytes(data)
    with site.connect() as connection:
        connection.request(target="/static/huge", fields={
            "Range": "bytes=0-2000000,2000010-4000000,4000010-"})
        head = connection.take_head()
        body = b""
        length = int(head.field("Content-Length"))
        while len(body) < length:
            body += connection.take(min(100000, length - len(body)))
        for first, last in ((0, 2000000), (2000010, 4000000),
                            (4000010, len(data) - 1)):
            assert data[first:last + 1] in body
        # The connection is in order afterwards.
        connection.request(target="/static/a.css")
        assert connection.response().body == b"hello world"


def test_overlapping_ranges_send_no_byte_twice(site):
    response = site.get("/static/large.bin", {
        "Range": "bytes=" + ",".join(["0-"] * 16)})
    assert response.status == 206 and response.body == LARGE
    response = site.get("/static/large.bin", {
        "Range": "bytes=" + ",".join(f"{n * 3}-{n * 3}"
                                     for n in range(500))})
    assert response.status == 200 and response.body == LARGE


def test_if_range(site):
    first = site.get("/static/a.css")
    for value, status in ((first.field("ETag"), 206),
                          (first.field("Last-Modified"), 206),
                          ('"other"', 200),
                          ("W/" + first.field("ETag"), 200),
                          ("Sun, 06 Nov 1994 08:49:37 GMT", 200)):
        # A date is a strong validator only for what is a minute old.
        if value == first.field("Last-Modified"):
            os.utime(site.www / "a.css", (1e9, 1e9))
            value = "Sun, 09 Sep 2001 01:46:40 GMT"
        response = site.get("/static/a.css", {
            "Range": "bytes=0-4", "If-Range": value})
        assert response.status == status, value


# --- precompressed ---------------------------------------------------------


def test_precompressed_siblings(site):
    text = b"body{}" * 100
    (site.www / "z.css").write_bytes(text)
    assert site.get("/static/z.css", {
        "Accept-Encoding": "gzip"}).field("Vary") is None
    (site.www / "z.css.gz").write_bytes(gzip.compress(text))
    zipped = site.get("/static/z.css", {"Accept-Encoding": "gzip, br"})
    assert zipped.field("Content-Encoding") == "gzip"
    assert zipped.field("Content-Type") == "text/css; charset=utf-8"
    assert zipped.field("Vary") == "Accept-Encoding"
    assert gzip.decompress(zipped.body) == text
    plain = site.get("/static/z.css")
    assert plain.body == text and plain.field("Vary") == "Accept-Encoding"
    assert plain.field("ETag") != zipped.field("ETag")
    assert site.get("/static/z.css", {
        "Accept-Encoding": "gzip;q=0"}).body == text
    assert site.get("/static/z.css", {
        "Accept-Encoding": "gzip",
        "If-None-Match": zipped.field("ETag")}).status == 304
    part = site.get("/static/z.css", {"Accept-Encoding": "gzip",
                                      "Range": "bytes=2-5"})
    assert part.status == 206 and part.body == zipped.body[2:6]
    # An older one is of another text.
    os.utime(site.www / "z.css.gz", (1e9, 1e9))
    assert site.get("/static/z.css", {
        "Accept-Encoding": "gzip"}).body == text
    assert site.get("/open/z.css", {
        "Accept-Encoding": "gzip"}).field("Vary") is None


# --- files that change -----------------------------------------------------


def test_changes_show_with_the_next_request(site):
    path = site.www / "page"
    with site.connect() as connection:
        def get():
            connection.request(target="/static/page")
            return connection.response()

        assert get().status == 404
        seen = set()
        for number in range(50):
            text = f"version {number:3}".encode()
            path.write_bytes(text)
            response = get()
            assert response.body == text
            seen.add(response.field("ETag"))
        assert len(seen) > 1
        (site.www / "new").write_bytes(b"renamed")
        (site.www / "new").rename(path)
        assert get().body == b"renamed"
        path.write_bytes(LARGE)
        assert get().body == LARGE
        path.unlink()
        assert get().status == 404


def test_changes_show_under_load(site):
    with harness.Load(site.port, "/static/a.css", clients=4) as load:
        load.wait_for_more(200)
        (site.www / "next").write_bytes(b"changed")
        (site.www / "next").rename(site.www / "a.css")
        harness.wait_until(lambda: b"changed" in load.bodies)
        load.wait_for_more(200)
    assert load.failures == []
    assert load.bodies == {b"hello world", b"changed"}
    assert site.get("/static/a.css").body == b"changed"


def test_another_directory_in_its_place(tricorn):
    server = tricorn("[listen public]\naddress = 127.0.0.1:@PORT@\n"
                     "[route all]\nmatch = /\nfiles = @DIR@/current\n",
                     start=False)
    for name in ("one", "two"):
        (server.directory / name).mkdir()
        (server.directory / name / "page").write_text(name)
    (server.directory / "current").symlink_to("one")
    server.start()
    assert server.get("/page").body == b"one"
    (server.directory / "fresh").symlink_to("two")
    (server.directory / "fresh").rename(server.directory / "current")
    assert server.get("/page").body == b"two"


def test_a_file_truncated_while_it_is_sent_cuts_the_connection(site):
    path = site.www / "shrinking"
    size = 64 << 20
    with open(path, "wb") as file:
        file.truncate(size)
    with site.connect() as connection:
        connection.request(target="/static/shrinking")
        head = connection.take_head()
        assert int(head.field("Content-Length")) == size
        os.truncate(path, 1000)
        assert len(connection.take_to_end()) < size
    assert site.get("/static/shrinking").body == bytes(1000)


def test_a_file_that_grows_is_sent_as_announced(site):
    path = site.www / "growing"
    size = 32 << 20
    with open(path, "wb") as file:
        file.truncate(size)
    with site.connect() as connection:
        connection.request(target="/static/growing")
        head = connection.take_head()
        with open(path, "ab") as file:
            file.write(b"more")
        assert int(head.field("Content-Length")) == size
        for _ in range(32):
            assert len(connection.take(size // 32)) == size // 32
        connection.request(target="/static/a.css")
        assert connection.response().body == b"hello world"


def test_clients_that_leave_cost_no_descriptor(site):
    with open(site.www / "huge", "wb") as file:
        file.truncate(64 << 20)
    worker, = site.workers()
    site.get("/static/huge", {"Range": "bytes=0-1"})
    before = harness.process_fd_count(worker)
    for number in range(30):
        connection = site.connect()
        connection.request(target="/static/huge", fields={} if number % 2
                           else {"Range": "bytes=0-9000000,9000002-"})
        connection.take_head()
        connection.reset()
    harness.wait_until(
        lambda: harness.process_fd_count(worker) <= before,
        what="descriptors closed")


def test_a_directory_that_is_missing_refuses_the_start(tricorn):
    server = tricorn("[listen public]\naddress = 127.0.0.1:@PORT@\n"
                     "[route all]\nmatch = /\nfiles = @DIR@/none\n",
                     start=False)
    assert server.run_to_end() != 0
    assert "/none" in server.log()
