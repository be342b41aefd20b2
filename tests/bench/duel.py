#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compares HTTP servers on one machine, in turns, round by round.

    duel.py [options] SPEC.json

Every server is started once and pinned to one CPU, the load generator (wrk)
to another. In each round every server gets one run, in an order that rotates,
so that whatever else happens on the machine hits all of them alike; ratios
are taken within a round and the median of the rounds is shown.

SPEC: {"rounds": 5, "seconds": 3, "base": "name of a server",
       "servers": [{"name": ..., "argv": [...], "port": ..., "path": "/",
                    "body": "what it must answer", "length": 1024,
                    "connections": 64, "cwd": ..., "env": {...}}]}
"""

import argparse
import contextlib
import fcntl
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

TICK = os.sysconf("SC_CLK_TCK")
COLUMNS = [
    # title, key, width, decimals
    ("req/s", "rate", 9, 0), ("x", "x_rate", 6, 2),
    ("MB/s", "megabytes", 8, 1),
    ("us/req", "cpu", 9, 2), ("x", "x_cpu", 6, 2),
    ("user", "user", 8, 2), ("system", "system", 9, 2),
    ("us/MB", "cpu_megabyte", 8, 1),
    ("p50 ms", "p50", 8, 2), ("p99 ms", "p99", 8, 2),
    ("PSS MiB", "pss", 8, 1), ("spread", "spread", 7, 2),
]


# --- processes -------------------------------------------------------------


def family(pid):
    """The process and all its descendants that live now."""
    found = [pid]
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in path.read_text().split():
                found += family(int(child))
    return found


def cpu_seconds(pids):
    """(user, system) of whole processes and their reaped children.

    A child that ends between two readings moves into its parent's figure,
    so nothing is lost.
    """
    user = system = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text() \
                .rpartition(")")[2].split()
            user += int(fields[11]) + int(fields[13])
            system += int(fields[12]) + int(fields[14])
    return user / TICK, system / TICK


def memory_kib(pids, what="Pss"):
    """Memory of the processes; shared pages count once (Pss)."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int(re.search(rf"^{what}:\s+(\d+)", text, re.M)[1])
    return total


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Contestant:
    """One server: how to start it, what it must answer."""

    def __init__(self, name, argv, port, path="/", body=None, length=None,
                 connections=64, cwd=None, env=None):
        self.name = name
        self.argv = argv
        self.port = port
        self.path = path
        self.body = body
        self.length = length
        self.connections = connections
        self.cwd = cwd
        self.env = env
        self.process = None
        self.rounds = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"

    def start(self, cpu, deadline=20):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ["taskset", "-c", str(cpu), *self.argv], cwd=self.cwd,
            env={**os.environ, **(self.env or {})},
            stdin=subprocess.DEVNULL, stdout=self.errors,
            stderr=self.errors, start_new_session=True)
        end = time.monotonic() + deadline
        while not accepts(self.port):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} did not start: "
                                   f"{self.said()}")
            time.sleep(0.05)

    def said(self):
        self.errors.seek(0)
        return self.errors.read()[-2000:].decode(errors="replace")

    def check(self):
        """Asks once and compares: a wrong answer is quick, too."""
        with urllib.request.urlopen(self.url, timeout=20) as response:
            data = response.read()
        if self.body is not None and data != self.body.encode():
            raise RuntimeError(f"{self.name} answers {data[:80]!r}, "
                               f"not {self.body!r}")
        if self.length is not None and len(data) != self.length:
            raise RuntimeError(f"{self.name} answers {len(data)} bytes, "
                               f"not {self.length}")

    def family(self):
        return family(self.process.pid)

    def stop(self):
        """Ends the processes that start() began, and only those."""
        if self.process is None or self.process.poll() is not None:
            return
        pids = self.family()
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
            return
        for pid in pids:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


# --- load ------------------------------------------------------------------


def wrk(contestant, cpu, seconds):
    """One run of the load generator; its figures as a dictionary."""
    done = subprocess.run(
        ["taskset", "-c", str(cpu), "wrk", "-t1",
         f"-c{contestant.connections}", f"-d{seconds}s", "--latency",
         "--timeout", "10s", contestant.url],
        capture_output=True, text=True, timeout=seconds + 60, check=False)
    text = done.stdout
    count = re.search(r"(\d+) requests in", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if not count or not rate or int(count[1]) == 0:
        raise RuntimeError(f"wrk against {contestant.name}: "
                           f"{text}{done.stderr}")
    to_ms = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}
    latency = {percent: float(value) * to_ms[unit] for percent, value, unit
               in re.findall(r"\n\s+(50|99)%\s+([\d.]+)(us|ms|s|m)", text)}
    size = re.search(r"Transfer/sec:\s+([\d.]+)([KMGT]?)B", text)
    factor = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
    return {"count": int(count[1]), "rate": float(rate[1]),
            "p50": latency["50"], "p99": latency["99"],
            "megabytes": float(size[1]) * factor[size[2]] / 1e6,
            "errors": "; ".join(re.findall(
                r"Socket errors:.*|Non-2xx.*", text))}


def measure(contestant, cpu, seconds):
    before = cpu_seconds(contestant.family())
    figures = wrk(contestant, cpu, seconds)
    after = cpu_seconds(contestant.family())
    count = figures["count"]
    figures["user"] = (after[0] - before[0]) * 1e6 / count
    figures["system"] = (after[1] - before[1]) * 1e6 / count
    figures["cpu"] = figures["user"] + figures["system"]
    figures["cpu_megabyte"] = figures["cpu"] * figures["rate"] \
        / max(figures["megabytes"], 1e-9)
    figures["pss"] = memory_kib(contestant.family()) / 1024
    return figures


@contextlib.contextmanager
def machine():
    """Measurements on one machine wait for each other."""
    path = os.path.join(tempfile.gettempdir(), "bench.lock")
    with open(path, "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fight(contestants, rounds, seconds, server_cpu=0, load_cpu=1):
    """Starts all, measures in turns, ends all; fills .rounds of each."""
    try:
        for contestant in contestants:
            contestant.start(server_cpu)
            contestant.check()
        with machine():
            for contestant in contestants:
                wrk(contestant, load_cpu, 1)
        for number in range(rounds):
            turn = number % len(contestants)
            with machine():
                for contestant in contestants[turn:] + contestants[:turn]:
                    contestant.rounds.append(
                        measure(contestant, load_cpu, seconds))
        for contestant in contestants:
            contestant.check()
    finally:
        for contestant in contestants:
            contestant.stop()


# --- figures ---------------------------------------------------------------


def summary(contestants, base):
    """Medians, and the medians of the ratios to base within a round.

    Both ratios say how many times better than base: more requests a second,
    less CPU a request. Spread is (largest - smallest) / median of the rate.
    """
    median = statistics.median
    against = next(c for c in contestants if c.name == base).rounds
    table = {}
    for contestant in contestants:
        rows = contestant.rounds
        row = {key: median(r[key] for r in rows)
               for key in rows[0] if key != "errors"}
        row["x_rate"] = median(r["rate"] / b["rate"]
                               for r, b in zip(rows, against))
        row["x_cpu"] = median(b["cpu"] / max(r["cpu"], 1e-9)
                              for r, b in zip(rows, against))
        rates = [r["rate"] for r in rows]
        row["spread"] = (max(rates) - min(rates)) / median(rates)
        row["errors"] = "; ".join(r["errors"] for r in rows if r["errors"])
        table[contestant.name] = row
    return table


def show(table, base):
    print(f"{'against ' + base:28}"
          + "".join(f"{title:>{width}}" for title, _, width, _ in COLUMNS))
    for name, row in table.items():
        print(f"{name:28}" + "".join(
            f"{row[key]:{width}.{decimals}f}"
            for _, key, width, decimals in COLUMNS))
        if row["errors"]:
            print(f"    ERRORS: {row['errors']}")


def judge(table, rules, key):
    """Rules like "tricorn>=1.2" for a ratio; False when one falls short."""
    good = True
    for rule in rules:
        name, _, wanted = rule.rpartition(">=")
        got = table[name][key]
        if got < float(wanted):
            good = False
        print(f"{'ok' if got >= float(wanted) else 'SHORT'}: {name} {key} "
              f"is {got:.2f}, wanted {wanted}")
    return good


def add_options(parser):
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3,
                        help="of each run; two or more")
    parser.add_argument("--server-cpu", type=int, default=0)
    parser.add_argument("--load-cpu", type=int, default=1)
    parser.add_argument("--json", help="also write the figures here")
    parser.add_argument("--expect-cpu", action="append", default=[],
                        metavar="NAME>=RATIO",
                        help="fail when the CPU ratio is lower")
    parser.add_argument("--expect-rate", action="append", default=[],
                        metavar="NAME>=RATIO",
                        help="fail when the rate ratio is lower")


def duel(contestants, base, options):
    """The whole comparison; True when it went well and met the rules."""
    fight(contestants, options.rounds, options.seconds, options.server_cpu,
          options.load_cpu)
    table = summary(contestants, base)
    show(table, base)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(table, indent=1))
    good = not any(row["errors"] for row in table.values())
    good &= judge(table, options.expect_cpu, "x_cpu")
    good &= judge(table, options.expect_rate, "x_rate")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("spec")
    add_options(parser)
    options = parser.parse_args()
    spec = json.loads(pathlib.Path(options.spec).read_text())
    options.rounds = spec.get("rounds", options.rounds)
    options.seconds = spec.get("seconds", options.seconds)
    contestants = [Contestant(**server) for server in spec["servers"]]
    base = spec.get("base", contestants[0].name)
    sys.exit(0 if duel(contestants, base, options) else 1)


if __name__ == "__main__":
    main()
