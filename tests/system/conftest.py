# SPDX-License-Identifier: MIT
"""Fixtures: a tricorn for a test, ended and looked through after it."""

import os

import pytest

import harness


def pytest_sessionstart(session):
    if not os.access(harness.TRICORN, os.X_OK):
        pytest.exit(f"no tricorn at {harness.TRICORN}: build it, or name it "
                    "with TRICORN=", 2)
    harness.become_subreaper()


@pytest.fixture
def tricorn(tmp_path):
    """tricorn(config, ...) starts a server and returns it, ready.

    Arguments are those of harness.Server; start=False only makes it. A
    server that still runs after the test is stopped with TERM, and must
    leave with 0, nothing left behind and nothing broken in its log.
    """
    made = []

    def make(config=None, start=True, **more):
        server = harness.Server(tmp_path / f"server{len(made) + 1}", config,
                                **more)
        made.append(server)
        if start:
            server.start()
        return server

    try:
        yield make
        for server in made:
            if server.running:
                server.stop()
            server.assert_nothing_left()
            server.assert_clean_log()
    finally:
        for server in made:
            server.kill()
            # Shown by pytest when the test failed.
            print(f"--- log of {server.directory.name}\n{server.log()}")


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """No process outlives its test, whatever the test forgot."""
    yield
    left = [pid for pid in harness.children(os.getpid())
            if harness.alive(pid)]
    for pid in harness.children(os.getpid()):
        for child in harness.descendants(pid):
            harness.end_process(child)
        harness.end_process(pid)
    assert not left, f"processes left behind by the test: {left}"
