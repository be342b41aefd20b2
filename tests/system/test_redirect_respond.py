# SPDX-License-Identifier: MIT
"""Routes that redirect, and routes with a fixed answer."""

import pytest

CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@
[route secure]
match = /secure/
redirect = https://$host$uri
redirect_status = 308
[route moved]
match = /moved/
redirect = /new$path?from=$scheme&$query
[route bare]
match = /bare/
redirect = $path
[route hello]
match = /hello
respond = 200 hello world
[route json]
match = /json
respond = 200 {"ok": true}
content_type = application/json
header.X-Frame-Options = DENY
[route gone]
match = /gone/
respond = 410
[route nothing]
match = /nothing
respond = 204
"""


def test_redirects(tricorn):
    server = tricorn(CONFIG)
    for target, status, location in (
            ("/secure/a%20b?x=1", 308, "https://localhost/secure/a%20b?x=1"),
            ("/moved/a/../b?x=1", 302, "/new/moved/b?from=http&x=1"),
            ("/moved/", 302, "/new/moved/?from=http&")):
        response = server.get(target)
        assert (response.status, response.field("Location")) == \
            (status, location)
        assert response.field("Content-Type") == "text/html; charset=utf-8"
        assert b"<a href=" in response.body
    response = server.get("/secure/", host="shop.example:8080")
    assert response.field("Location") == "https://shop.example/secure/"
    response = server.ask("POST", "/secure/", body=b"some body")
    assert response.status == 308
    assert server.ask("HEAD", "/secure/").body == b""


def test_no_client_writes_fields_or_hosts_into_a_redirect(tricorn):
    server = tricorn(CONFIG)
    for target in ("/secure/%0d%0aX-Evil:%20yes", "/moved/%0d%0aX-Evil:%20y",
                   "/bare/%0d%0aX-Evil:%20yes", "/moved/?%0d%0aX-Evil:%20y"):
        response = server.get(target)
        assert response.status in (302, 308)
        assert response.all("X-Evil") == []
        assert "\r" not in response.field("Location")
    for target in ("/./bare/x", "//bare/x", "/bare//evil.example"):
        response = server.get(target)
        if response.status != 404:
            assert response.field("Location").startswith("/bare/")
    page = server.get("/moved/?'><script>alert(1)</script>", host="x")
    assert b"<script>" not in page.body


def test_fixed_answers(tricorn):
    server = tricorn(CONFIG)
    response = server.get("/hello?any")
    assert (response.status, response.body) == (200, b"hello world")
    assert response.field("Content-Type") == "text/plain; charset=utf-8"
    assert response.field("Content-Length") == "11"
    response = server.get("/json")
    assert response.body == b'{"ok": true}'
    assert response.field("Content-Type") == "application/json"
    assert response.field("X-Frame-Options") == "DENY"
    response = server.get("/gone/anything/at/all")
    assert (response.status, response.body) == (410, b"")
    assert response.field("Content-Length") == "0"
    response = server.get("/nothing")
    assert response.status == 204
    assert response.field("Content-Length") is None


def test_any_method_gets_the_fixed_answer(tricorn):
    server = tricorn(CONFIG)
    with server.connect() as connection:
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "BREW"):
            connection.request(method, "/hello",
                               body=None if method == "GET" else b"x" * 5000)
            assert connection.response(method).body == b"hello world"
        connection.request("HEAD", "/hello")
        head = connection.response("HEAD")
        assert head.field("Content-Length") == "11"
        connection.request("GET", "/nothing").response()
        connection.request("GET", "/hello")
        assert connection.response().body == b"hello world"


@pytest.mark.parametrize("line", [
    "respond = 99", "respond = 600 x", "respond = hello",
    "respond = 204 text", "redirect = /$unknown", "redirect = /a$"])
def test_what_is_wrong_is_refused_at_the_start(tricorn, line):
    server = tricorn("[listen public]\naddress = 127.0.0.1:@PORT@\n"
                     f"[route r]\nmatch = /\n{line}\n", start=False)
    assert server.run_to_end() != 0
    assert line.split()[0] in server.log()
