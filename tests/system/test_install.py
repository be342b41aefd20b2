# SPDX-License-Identifier: MIT
"""make install: what lands where, and that an application builds from it."""

import ctypes
import os
import pathlib
import shlex
import subprocess

import pytest

import harness

BUILD = pathlib.Path(os.environ.get(
    "BUILD", pathlib.Path(harness.TRICORN).parent))


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120,
                          **more)
    assert done.returncode == 0, f"{command}:\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The prefix of an installation below a DESTDIR, and that DESTDIR."""
    destination = tmp_path_factory.mktemp("destination")
    # Without the flags of a make that runs this test.
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    run("make", "-C", str(BUILD), "install", f"DESTDIR={destination}",
        env=env)
    binary = next(destination.rglob("sbin/tricorn"))
    return binary.parent.parent, destination


def test_everything_is_in_its_place(installed):
    prefix, _ = installed
    assert os.access(prefix / "sbin/tricorn", os.X_OK)
    assert (prefix / "include/tricorn/app.h").is_file()
    assert (prefix / "share/doc/tricorn/README.md").is_file()
    unit = (prefix / "share/doc/tricorn/contrib/tricorn.service").read_text()
    assert "@" not in unit.replace("@system-service", "")
    assert "/sbin/tricorn -c /" in unit
    for page in ("man8/tricorn.8", "man5/tricorn.conf.5"):
        assert (prefix / "share/man" / page).is_file()


def test_an_application_builds_with_pkg_config_alone(installed, tmp_path):
    prefix, destination = installed
    found = next(destination.rglob("pkgconfig/tricorn.pc"))
    env = {**os.environ, "PKG_CONFIG_PATH": str(found.parent),
           "PKG_CONFIG_SYSROOT_DIR": str(destination)}
    flags = shlex.split(run("pkg-config", "--cflags", "tricorn", env=env))
    assert flags
    hello = tmp_path / "hello.so"
    run(os.environ.get("CC", "gcc").split()[0], *flags, "-shared", "-fPIC",
        "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-o",
        str(hello), str(harness.ROOT / "examples/hello.c"), cwd=tmp_path)
    assert ctypes.CDLL(str(hello)).tricorn_app_v1
    # It needs nothing of the host to be loaded: that was done just now.


def test_the_installed_server_serves_that_application(
        installed, tmp_path, tricorn, monkeypatch):
    prefix, destination = installed
    monkeypatch.setattr(harness, "TRICORN", str(prefix / "sbin/tricorn"))
    server = tricorn("""
[listen public]
address = 127.0.0.1:@PORT@
[pool web]
workers = 1
[app hello]
module = @APPS@/hello.so
[route hello]
match = /
app = hello
""")
    assert server.get("/").status == 200
