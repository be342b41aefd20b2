# SPDX-License-Identifier: MIT
"""Clients that people have: curl, Python's http.client, requests."""

import concurrent.futures
import gzip
import http.client
import re
import shutil
import subprocess
import sys

import pytest

CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@
address = unix:@DIR@/web.sock

[pool web]
mode = {mode}
threads = 4
workers = 2
listen = public

[app echo]
module = @APPS@/{echo}.so
[app upload]
module = @APPS@/upload.so

[route echo]
match = /echo
app = echo
[route upload]
match = /upload
app = upload
max_body = 5m
[route files]
match = /
files = @DIR@/files
compress = on
[route old]
match = /old
redirect = /text.txt
"""
TEXT = "".join(f"line {number} of a text\n" for number in range(20000))
BODY = bytes(range(256)) * 8000         # 2 MB
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="no curl")


@pytest.fixture(params=["async", "sync"])
def site(request, tricorn):
    mode = request.param
    server = tricorn(CONFIG.format(
        mode=mode, echo="echo" if mode == "async" else "echo_blocking"),
        start=False)
    (server.files / "text.txt").write_text(TEXT)
    (server.files / "index.html").write_text("<p>home")
    (server.directory / "body").write_bytes(BODY)
    server.start()
    return server


def curl(server, *arguments, target="/", code=0, stdin=b""):
    """What curl wrote; it must end with that exit code."""
    result = subprocess.run(
        ["curl", "-q", "--silent", "--show-error", "--max-time", "60",
         "--noproxy", "*", *arguments,
         f"http://127.0.0.1:{server.port}{target}"],
        input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=90, check=False)
    assert result.returncode == code, (result.returncode, result.stderr)
    return result.stdout


# --- curl ------------------------------------------------------------------


@needs_curl
@pytest.mark.parametrize("version", ["--http1.1", "--http1.0", "--http2"])
def test_curl_gets(site, version):
    """With --http2 curl asks for an upgrade and must be content without."""
    assert curl(site, version, target="/text.txt") == TEXT.encode()
    assert curl(site, version) == b"<p>home"
    head = curl(site, version, "--head", target="/text.txt").decode()
    assert re.search(rf"^content-length: {len(TEXT)}\r$", head, re.I | re.M)


@needs_curl
@pytest.mark.parametrize("version", ["--http1.1", "--http1.0"])
def test_curl_posts_a_file(site, version):
    path = site.directory / "body"
    assert curl(site, version, "--data-binary", f"@{path}",
                target="/echo") == BODY
    if version == "--http1.1":      # 1.0 has no 100 Continue
        assert curl(site, "--data-binary", f"@{path}",
                    "--header", "Expect: 100-continue",
                    "--expect100-timeout", "30", target="/echo") == BODY
    answer = curl(site, version, "--form", f"file=@{path}", target="/upload")
    assert re.match(rb"204\d{4} bytes", answer)        # and the form's parts


@needs_curl
def test_curl_uploads_a_stream(site):
    assert curl(site, "--upload-file", "-", target="/echo", stdin=BODY) \
        == BODY
    assert curl(site, "--upload-file", ".", target="/echo", stdin=BODY) \
        == BODY
    answer = curl(site, "--upload-file", "-", target="/upload", stdin=BODY)
    assert answer.startswith(b"%d bytes" % len(BODY))


@needs_curl
def test_curl_is_told_of_a_body_too_large(site):
    for way in (("--upload-file", "-"), ("--data-binary", "@-")):
        answer = curl(site, *way, "--write-out", "%{http_code}",
                      target="/upload", stdin=BODY * 8)
        assert answer == b"413 Content Too Large\n413"


@needs_curl
def test_curl_takes_compressed_answers(site):
    assert curl(site, "--compressed", target="/text.txt") == TEXT.encode()
    packed = curl(site, "--header", "Accept-Encoding: gzip",
                  target="/text.txt")
    assert gzip.decompress(packed) == TEXT.encode()
    assert len(packed) < len(TEXT) / 4
    assert curl(site, "--http1.0", "--compressed", target="/text.txt") \
        == TEXT.encode()


@needs_curl
def test_curl_resumes_and_takes_ranges(site):
    assert curl(site, "--range", "10-19", target="/text.txt") \
        == TEXT.encode()[10:20]
    path = site.directory / "download"
    path.write_bytes(TEXT.encode()[:1234])
    curl(site, "--continue-at", "-", "--output", str(path),
         target="/text.txt")
    assert path.read_text() == TEXT
    etag = site.directory / "etag"
    curl(site, "--etag-save", str(etag), "--output", str(path),
         target="/text.txt")
    assert curl(site, "--etag-compare", str(etag), "--write-out",
                "%{http_code}", target="/text.txt") == b"304"


@needs_curl
def test_curl_follows_redirects_and_keeps_its_connection(site):
    assert curl(site, "--location", target="/old") == TEXT.encode()
    url = f"http://127.0.0.1:{site.port}"
    answer = curl(site, "--write-out", "%{num_connects} ", "--output",
                  "/dev/null", f"{url}/echo", "--output", "/dev/null",
                  f"{url}/text.txt", "--output", "/dev/null",
                  target="/text.txt")
    assert answer == b"1 0 0 "


@needs_curl
def test_curl_over_a_unix_socket(site):
    assert curl(site, "--unix-socket", str(site.directory / "web.sock"),
                target="/text.txt") == TEXT.encode()


# --- Python ----------------------------------------------------------------


def test_http_client(site):
    client = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    sock = None
    for _ in range(3):
        client.request("GET", "/text.txt")
        response = client.getresponse()
        assert response.read() == TEXT.encode()
        assert sock in (None, client.sock), "it had to connect again"
        sock = client.sock
        client.request("POST", "/echo", BODY)
        assert client.getresponse().read() == BODY
        blocks = (BODY[at:at + 10000] for at in range(0, len(BODY), 10000))
        client.request("PUT", "/echo", blocks, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})
        response = client.getresponse()
        assert response.read() == BODY
        assert response.getheader("Transfer-Encoding") == "chunked"
        client.request("HEAD", "/text.txt")
        response = client.getresponse()
        assert response.read() == b""
        assert response.getheader("Content-Length") == str(len(TEXT))
    # It sends the whole body before it reads.
    client.request("POST", "/upload", bytes(6_000_000))
    response = client.getresponse()
    assert response.status == 413
    assert response.read() == b"413 Content Too Large\n"
    client.close()


def test_requests(site):
    requests = pytest.importorskip("requests")
    with requests.Session() as session:
        session.trust_env = False
        url = f"http://127.0.0.1:{site.port}"
        got = session.get(f"{url}/text.txt", timeout=60)
        assert got.text == TEXT
        assert got.headers["Content-Encoding"] == "gzip"
        assert session.get(f"{url}/old", timeout=60).text == TEXT
        assert session.post(f"{url}/echo", BODY, timeout=60).content == BODY
        blocks = (BODY[at:at + 10000] for at in range(0, len(BODY), 10000))
        assert session.post(f"{url}/echo", blocks, timeout=60).content == BODY
        answer = session.post(f"{url}/upload", timeout=60,
                              files={"file": ("name", BODY)})
        assert re.match(r"204\d{4} bytes", answer.text)
        answer = session.post(f"{url}/upload", bytes(6_000_000), timeout=60)
        assert answer.status_code == 413


def test_many_sessions_of_requests(site):
    requests = pytest.importorskip("requests")

    def client(_):
        with requests.Session() as session:
            session.trust_env = False
            for _ in range(10):
                answer = session.post(f"http://127.0.0.1:{site.port}/echo",
                                      BODY[:50000], timeout=60)
                assert answer.content == BODY[:50000]
        return True

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert all(threads.map(client, range(8)))


def test_urllib(site):
    """urllib opens a connection for each request and closes it."""
    program = "import sys, urllib.request as r\n" \
        "r.install_opener(r.build_opener(r.ProxyHandler({})))\n" \
        "for _ in range(5):\n" \
        "    sys.stdout.write(r.urlopen(sys.argv[1], timeout=60)" \
        ".read().decode())\n"
    out = subprocess.run(
        [sys.executable, "-c", program,
         f"http://127.0.0.1:{site.port}/text.txt"],
        check=True, stdout=subprocess.PIPE, text=True, timeout=90).stdout
    assert out == TEXT * 5
