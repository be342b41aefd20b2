# SPDX-License-Identifier: MIT
"""A configuration that is wrong is refused with its place and a reason."""

import re

import pytest

BASE = """
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
workers = 1
[route hello]
match = /
respond = 200 hello
"""

# name: (what replaces what in BASE, the wrong line or None, the message)
CASES = {
    "unknown key": ("workers = 1", "worker = 1", "worker = 1",
                    r"unknown key 'worker'.*did you mean 'workers'"),
    "unknown section": ("[pool web]", "[pol web]", "[pol web]",
                        r"unknown section \[pol\].*did you mean \[pool"),
    "section without a name": ("[pool web]", "[pool]", "[pool]",
                               r"needs a name"),
    "server with a name": ("[pool web]", "[server web]\n[pool web]",
                           "[server web]", r"takes no name"),
    "section twice": ("[route hello]", "[pool web]\n[route hello]", None,
                      r"begun at .*tricorn\.conf:\d+"),
    "key twice": ("workers = 1", "workers = 1\nworkers = 2", "workers = 2",
                  r"workers"),
    "key without a value sign": ("workers = 1", "workers", "workers",
                                 r"key = value"),
    "unclosed section": ("[pool web]", "[pool web", "[pool web", r"']'"),
    "number out of range": ("workers = 1", "workers = 0", "workers = 0",
                            r"workers"),
    "no number": ("workers = 1", "threads = many", "threads = many",
                  r"threads"),
    "bad duration": ("workers = 1", "timeout = 3 weeks",
                     "timeout = 3 weeks", r"timeout"),
    "bad size": ("workers = 1", "max_body = 5 elephants",
                 "max_body = 5 elephants", r"max_body"),
    "bad switch": ("respond = 200 hello",
                   "respond = 200 hello\ncompress = perhaps",
                   "compress = perhaps", r"compress"),
    "bad word": ("workers = 1", "mode = asink", "mode = asink",
                 r"mode.*async"),
    "unknown listener": ("workers = 1", "listen = publik",
                         "listen = publik", r"publik.*public"),
    "unknown app": ("respond = 200 hello", "app = shop", "app = shop",
                    r"shop"),
    "bad address": ("127.0.0.1:@PORT@", "127.0.0.1:99999",
                    "address = 127.0.0.1:99999", r"99999"),
    "bad pattern": ("match = /", "match = nonsense", "match = nonsense",
                    r"nonsense"),
    "bad status": ("respond = 200 hello", "respond = 999 hello",
                   "respond = 999 hello", r"999"),
    "route without a target": ("respond = 200 hello", "", None, r"hello"),
    "route with two targets": ("respond = 200 hello",
                               "respond = 200 hello\nfiles = /srv", None,
                               r"hello"),
    "route without a match": ("match = /\n", "", None, r"match"),
    "two routes for one pattern": (
        "[route hello]", "[route other]\nmatch = /\nrespond = 200\n"
        "[route hello]", None, r"other"),
    "listener without an address": ("address = 127.0.0.1:@PORT@\n", "",
                                    None, r"address"),
    "control byte": ("200 hello", "200 hel\x01lo", "respond = 200 hel\x01lo",
                     r"control byte 0x01"),
    "unset variable": ("200 hello", "200 ${TRICORN_TEST_UNSET}",
                       "respond = 200 ${TRICORN_TEST_UNSET}",
                       r"TRICORN_TEST_UNSET"),
    "unclosed variable": ("200 hello", "200 ${HOME",
                          "respond = 200 ${HOME", r"'\}'"),
    "line over inih's limits": (
        "200 hello", "200 " + "x" * 300_000, None, r"longer than"),
    "continued line without a key": ("workers = 1", "  workers = 1",
                                     "  workers = 1", None),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("check", [True, False], ids=["check", "start"])
def test_refused(tricorn, name, check):
    good, wrong, wrong_line, message = CASES[name]
    assert good in BASE
    server = tricorn(BASE.replace(good, wrong, 1), start=False)
    code = server.run_to_end(*(["--check-config"] if check else []))
    log = server.log()
    assert code == 1, log
    if wrong_line is not None:
        lines = server.config_path.read_text().splitlines()
        number = lines.index(server.fill(wrong_line)) + 1
        assert re.search(rf"tricorn\.conf:{number}\b", log), log
    else:
        assert "tricorn.conf" in log
    if message:
        assert re.search(message, log, re.S), log
    assert not server.pid_path.exists()


def test_a_good_file_is_accepted(tricorn):
    server = tricorn(BASE, start=False)
    assert server.run_to_end("--check-config") == 0
    server.start()
    assert server.get("/").body == b"hello"


def test_a_nul_byte_is_refused(tricorn):
    server = tricorn(BASE, start=False)
    server.config_path.write_bytes(
        server.config_path.read_bytes().replace(b"hello", b"hel\0lo"))
    assert server.run_to_end() == 1
    server.log_contains(re.compile(r"tricorn\.conf:\d+.*control byte 0x00"))


def test_a_missing_file_is_said(tricorn):
    server = tricorn(start=False)
    assert server.run_to_end() == 1
    server.log_contains(str(server.config_path))


def test_an_included_file_is_named_in_its_errors(tricorn):
    server = tricorn(BASE, start=False, server={"include": "more/*.conf"})
    more = server.directory / "more"
    more.mkdir()
    (more / "10-good.conf").write_text(
        "[route about]\nmatch = /about\nrespond = 200 about\n")
    (more / "20-bad.conf").write_text(
        "[route bad]\nmatch = /bad\nrepond = 200 bad\n")
    assert server.run_to_end() == 1
    server.log_contains(re.compile(r"20-bad\.conf:3\b"))
    server.log_contains("did you mean 'respond'")
    (more / "20-bad.conf").unlink()
    server.start()
    assert server.get("/about").body == b"about"


def test_an_unknown_option_is_refused(tricorn):
    server = tricorn(BASE, start=False)
    assert server.run_to_end("--wurkers", "3") != 0
    server.log_contains("wurkers")


def test_an_unknown_user_is_refused(tricorn):
    server = tricorn(BASE, start=False, server={"user": "no-such-user"})
    assert server.run_to_end() == 1
    server.log_contains("no-such-user")
