# SPDX-License-Identifier: MIT
"""Compressed responses: bit-exact, said in the right fields, and prompt."""

import gzip
import os
import zlib

import pytest

import harness

CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
workers = 1
mode = async
[app echo]
module = @APPS@/echo.so
[app events]
module = @APPS@/events.so
[route files]
match = /files/
files = @DIR@/www
compress = on
compress_min = 1000
[route echo]
match = /echo
app = echo
compress = on
compress_min = 1000
[route events]
match = /events
app = events
compress = on
compress_types = text/event-stream
[route plain]
match = /plain/
files = @DIR@/www
[route fixed]
match = /fixed
respond = 200 too short
compress = on
"""
GZIP = {"Accept-Encoding": "gzip"}


def sample(size):
    """Text that compresses, and is different everywhere."""
    text = b"".join(b"line %d\n" % number for number in range(size // 6 + 1))
    return text[:size]


@pytest.fixture
def site(tricorn):
    server = tricorn(CONFIG, start=False)
    server.www = server.directory / "www"
    server.www.mkdir()
    (server.www / "a.txt").write_bytes(sample(5000))
    return server.start()


def decoded(response):
    coding = response.field("Content-Encoding")
    if coding == "gzip":
        return gzip.decompress(response.body)
    if coding == "deflate":
        return zlib.decompress(response.body)
    assert coding is None
    return response.body


@pytest.mark.parametrize("size", [
    0, 1, 999, 1000, 1001, 16384, 65536, 65537, 1 << 20, 5000001])
def test_files_of_every_size_come_back(site, size):
    data = sample(size)
    (site.www / "b.txt").write_bytes(data)
    with site.connect() as connection:
        for fields in (GZIP, {}, {"Accept-Encoding": "deflate"}):
            connection.request(target="/files/b.txt", fields=fields)
            response = connection.response()
            assert decoded(response) == data
            assert bool(response.field("Content-Encoding")) == \
                (bool(fields) and size >= 1000)
            assert response.field("Vary") == \
                ("Accept-Encoding" if size >= 1000 else None)
            if response.field("Content-Encoding"):
                assert len(response.body) < size


@pytest.mark.parametrize("size", [0, 999, 1000, 100000, 1 << 20])
@pytest.mark.parametrize("chunked", [False, True])
def test_what_an_app_writes_comes_back(site, size, chunked):
    data = sample(size)
    fields = {**GZIP, "Content-Type": "text/plain; charset=utf-8"}
    with site.connect() as connection:
        if chunked:
            connection.request("POST", "/echo", {
                **fields, "Transfer-Encoding": "chunked"})
            for at in range(0, size, 7000):
                piece = data[at:at + 7000]
                connection.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            connection.send(b"0\r\n\r\n")
        else:
            connection.request("POST", "/echo", fields, data)
        response = connection.response()
        assert response.status == 200
        assert decoded(response) == data
        # Of an unknown length, any response may be worth it.
        assert bool(response.field("Content-Encoding")) == \
            (chunked or size >= 1000)
        connection.request(target="/fixed")
        assert connection.response().body == b"too short"


def test_random_bytes_come_back(site):
    data = os.urandom(300000)
    response = site.ask("POST", "/echo", {
        **GZIP, "Content-Type": "application/json"}, data)
    assert response.field("Content-Encoding") == "gzip"
    assert decoded(response) == data


@pytest.mark.parametrize("accept, coding", [
    ("gzip", "gzip"), ("GZIP", "gzip"), ("br, gzip;q=0.1", "gzip"),
    ("*", "gzip"), ("gzip;q=0", None), ("*;q=0", None), ("identity", None),
    ("br", None), ("gzip;q=0, *", "deflate"), ("deflate, gzip;q=0.5",
                                               "deflate"), ("", None)])
def test_the_client_decides(site, accept, coding):
    response = site.get("/files/a.txt", {"Accept-Encoding": accept})
    assert response.field("Content-Encoding") == coding
    assert response.field("Vary") == "Accept-Encoding"
    assert decoded(response) == sample(5000)


def test_other_types_and_routes_stay(site):
    data = sample(5000)
    response = site.ask("POST", "/echo", {
        **GZIP, "Content-Type": "image/png"}, data)
    assert response.field("Content-Encoding") is None
    assert response.field("Vary") is None and response.body == data
    response = site.get("/plain/a.txt", GZIP)
    assert response.field("Content-Encoding") is None
    assert response.field("Vary") is None
    response = site.get("/fixed", GZIP)
    assert response.body == b"too short" and not response.field("Vary")


def test_fields_of_a_compressed_response(site):
    plain = site.get("/files/a.txt")
    zipped = site.get("/files/a.txt", GZIP)
    assert zipped.field("ETag") == "W/" + plain.field("ETag")
    assert zipped.field("Accept-Ranges") is None
    assert zipped.field("Content-Length") is None
    assert zipped.field("Last-Modified") == plain.field("Last-Modified")
    assert zipped.field("Content-Type") == plain.field("Content-Type")
    head = site.ask("HEAD", "/files/a.txt", GZIP)
    ignored = ("Date", "Connection")
    assert [field for field in head.fields if field[0] not in ignored] == \
        [field for field in zipped.fields if field[0] not in ignored]
    again = site.get("/files/a.txt", {
        **GZIP, "If-None-Match": zipped.field("ETag")})
    assert again.status == 304 and again.body == b""
    assert again.field("ETag") == zipped.field("ETag")
    assert again.field("Vary") == "Accept-Encoding"


def test_ranges_are_of_the_plain_file(site):
    response = site.get("/files/a.txt", {**GZIP, "Range": "bytes=10-2009"})
    assert response.status == 206
    assert response.field("Content-Encoding") is None
    assert response.body == sample(5000)[10:2010]
    zipped = site.get("/files/a.txt", GZIP)
    response = site.get("/files/a.txt", {
        **GZIP, "Range": "bytes=10-2009", "If-Range": zipped.field("ETag")})
    assert response.status == 200


def test_old_clients_get_it_to_the_end_of_the_connection(site):
    answer = site.raw("GET /files/a.txt HTTP/1.0\r\n"
                      "Accept-Encoding: gzip\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\nContent-Encoding: gzip" in head
    assert b"chunked" not in head and b"Content-Length" not in head
    assert gzip.decompress(body) == sample(5000)


def test_every_event_arrives_before_the_next(site):
    with site.connect() as connection:
        connection.request(target="/events?ms=50&count=5", fields=GZIP)
        head = connection.take_head()
        assert head.field("Content-Encoding") == "gzip"
        inflate = zlib.decompressobj(31)
        text, chunks = b"", 0
        while size := int(connection.take_line(), 16):
            text += inflate.decompress(connection.take(size))
            assert connection.take(2) == b"\r\n"
            chunks += 1
            # What is there ends with a whole event.
            assert text == b"" or text.endswith(b"\n\n")
        assert chunks >= 5
        assert text.count(b"data: tick") == 5 and inflate.eof


def test_a_large_file_to_a_slow_client_takes_little_memory(site):
    size = 48 << 20
    worker, = site.workers()
    with open(site.www / "big.txt", "wb") as file:
        for _ in range(48):
            file.write(os.urandom(1 << 19).hex().encode())

    def memory():
        with open(f"/proc/{worker}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    site.get("/files/a.txt", GZIP)
    before = memory()
    with site.connect() as connection:
        connection.request(target="/files/big.txt", fields=GZIP)
        connection.take_head()
        # Others are served meanwhile.
        for _ in range(20):
            assert site.get("/files/a.txt", GZIP).status == 200
        assert memory() - before < 16 << 20
        inflate = zlib.decompressobj(31)
        total = 0
        while length := int(connection.take_line(), 16):
            total += len(inflate.decompress(connection.take(length)))
            connection.take(2)
        assert total == size and inflate.eof


def test_a_file_truncated_meanwhile_cuts_the_response(site):
    with open(site.www / "big.txt", "wb") as file:
        for _ in range(32):
            file.write(os.urandom(1 << 19).hex().encode())
    with site.connect() as connection:
        connection.request(target="/files/big.txt", fields=GZIP)
        connection.take_head()
        os.truncate(site.www / "big.txt", 1000)
        rest = connection.take_to_end()
        assert not rest.endswith(b"0\r\n\r\n")
    assert site.get("/files/a.txt", GZIP).status == 200


def test_clients_that_leave_in_the_middle(site):
    with open(site.www / "big.txt", "wb") as file:
        for _ in range(8):
            file.write(os.urandom(1 << 19).hex().encode())
    worker, = site.workers()
    site.get("/files/big.txt", {**GZIP, "Range": "bytes=0-1"})
    before = harness.process_fd_count(worker)
    for _ in range(40):
        connection = site.connect()
        connection.request(target="/files/big.txt", fields=GZIP)
        connection.take_head()
        connection.reset()
    harness.wait_until(
        lambda: harness.process_fd_count(worker) <= before,
        what="descriptors closed")
    assert decoded(site.get("/files/a.txt", GZIP)) == sample(5000)


def test_compressed_under_load(site):
    with harness.Load(site.port, "/files/a.txt", clients=4) as load:
        for _ in range(200):
            assert decoded(site.get("/files/a.txt", GZIP)) == sample(5000)
    assert load.failures == []
    assert load.bodies == {sample(5000)}
