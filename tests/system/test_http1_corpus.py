# SPDX-License-Identifier: MIT
"""Every request of tests/corpus/request against the running server: whole,
and cut into many pieces. What the unit test of the parser knows as right is
answered, what it knows as wrong is refused with that status and the
connection closed. The format of the files is in tests/corpus/README."""

import contextlib
import re

import pytest

from harness import ROOT, ConnectionEnded

CORPUS = sorted((ROOT / "tests" / "corpus" / "request").glob("*.txt"))
CONFIG = """
[listen public]
address = 127.0.0.1:@PORT@

[pool web]
mode = async
workers = 1
listen = public

[route hello]
match = /
respond = 200 hello
"""
MAX_BODY = 100 << 20    # the default
PIECES = 3000           # a case is cut into this many at most
FACTS = {"rule", "expect", "method", "target", "path", "query", "host",
         "form", "version", "fields", "field", "body", "keep-alive",
         "expect-continue", "upgrade", "rest"}
ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|.)")


def unescape(text):
    def byte(match):
        code = match[1]
        if code.startswith(b"x"):
            return bytes([int(code[1:], 16)])
        return {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"\\": b"\\"}[code]
    return ESCAPE.sub(byte, text)


class Case:
    def __init__(self, lines):
        assert lines[0].startswith(b"case "), lines[0]
        self.name = lines[0][5:].decode()
        self.facts = {}
        self.data = b""
        for line in lines[1:]:
            keyword, _, rest = line.partition(b" ")
            if keyword == b"|":
                self.data += unescape(rest)
            elif keyword == b"*":
                count, _, text = rest.partition(b" ")
                self.data += int(count) * unescape(text)
            else:
                assert keyword.decode() in FACTS, line
                self.facts[keyword.decode()] = rest.decode()
        self.expect = self.facts["expect"]
        assert re.fullmatch(r"accept|more|status [45]\d\d", self.expect)


def read_cases(path):
    cases = []
    for block in re.split(rb"\n(?:[ \t]*\n)+", path.read_bytes()):
        lines = [line for line in block.split(b"\n")
                 if line and not line.startswith(b"#")]
        if lines:
            cases.append(Case(lines))
    assert len(cases) > 5
    return cases


def pieces_of(data):
    size = max(1, -(-len(data) // PIECES))
    return [data[at:at + size] for at in range(0, len(data), size)]


def send(connection, pieces):
    # The server may refuse, and close, before it has all of it.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for piece in pieces:
            connection.send(piece)


def expect_refusal(case, connection, cut):
    if cut and not case.data.endswith(b"\n"):
        # A head that comes in pieces may be looked at line by line; what is
        # wrong already is not made right by more bytes.
        send(connection, [b"\r\n"])
    response = connection.response()
    assert f"status {response.status}" == case.expect, response
    assert not response.keeps_alive, response
    assert connection.at_end()


def expect_nothing(connection):
    """An incomplete head is not answered as if it were whole."""
    connection.shutdown()
    data = connection.take_to_end()
    assert data == b"" or re.match(rb"HTTP/1\.1 40[08] ", data), data


def method_of(case):
    line = case.data.lstrip(b"\r\n").partition(b"\r\n")[0]
    return line.partition(b" ")[0].decode("latin-1")


def expected_status(case):
    body = case.facts.get("body", "none")
    if body.isdigit() and int(body) > MAX_BODY:
        return 413
    if method_of(case) == "CONNECT":
        return 501
    if case.facts.get("path") == "*":
        return 204
    return 200


def expect_answer(case, connection):
    response = connection.response(method_of(case))
    assert response.status == expected_status(case), response
    keep = case.facts.get("keep-alive")
    if keep == "no":
        assert not response.keeps_alive, response
        assert connection.at_end()
    elif keep == "yes":
        assert response.keeps_alive, response
    if response.keeps_alive and case.facts.get("rest", "0") == "0" and \
            case.facts.get("body", "none") in ("none", "0"):
        connection.request("GET", "/after", {"Connection": "close"})
        after = connection.response()
        assert after.status == 200 and after.body == b"hello"
        assert connection.at_end()


def try_case(server, case, cut):
    with server.connect(deadline=10) as connection:
        send(connection, pieces_of(case.data) if cut else [case.data])
        if case.expect == "more":
            expect_nothing(connection)
        elif case.expect == "accept":
            expect_answer(case, connection)
        else:
            expect_refusal(case, connection, cut)


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
@pytest.mark.parametrize("path", CORPUS, ids=[path.stem for path in CORPUS])
def test_corpus(tricorn, path, cut):
    server = tricorn(CONFIG)
    workers = server.workers()
    failures = []
    for case in read_cases(path):
        try:
            try_case(server, case, cut)
        except (AssertionError, ConnectionEnded, OSError) as error:
            failures.append(f"{case.name}: {error}")
    assert not failures, "\n".join(failures)
    assert server.workers() == workers
    assert server.get("/").status == 200


def test_the_corpus_is_there():
    assert {path.stem for path in CORPUS} >= {
        "connection", "fields", "framing", "host", "limits", "request_line",
        "target"}
