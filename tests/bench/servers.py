# SPDX-License-Identifier: MIT
"""The servers that are compared: tricorn and its peers, set up alike.

One worker each, no access log, keep-alive without a limit that matters.
"""

import os
import pathlib
import random
import shutil
import socket

from duel import Contestant

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRICORN = os.environ.get("TRICORN", str(ROOT / "build" / "tricorn"))
APPS = os.environ.get("APPS", str(pathlib.Path(TRICORN).parent / "examples"))
HELLO = "Hello from tricorn.\n"     # what examples/hello.so answers


def unused_port():
    """Free on 127.0.0.1, and below the ports of outgoing connections."""
    while True:
        port = random.SystemRandom().randrange(10240, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def have(program):
    found = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    if not found:
        print(f"without {program}, which is not installed")
    return found


def site(directory):
    """The files to serve; readable by the peers' unprivileged workers."""
    directory = pathlib.Path(directory)
    directory.chmod(0o755)
    www = directory / "www"
    www.mkdir(mode=0o755)
    www.chmod(0o755)
    (www / "hello.txt").write_text(HELLO)
    (www / "1k.txt").write_bytes(b"0123456789abcde\n" * 64)
    (www / "10m.txt").write_bytes(b"0123456789abcde\n" * 655360)
    for path in www.iterdir():
        path.chmod(0o644)
    return www


def tricorn(directory, name, routes, pool="", path="/", **more):
    """routes: text of [app] and [route] sections; @APPS@, @WWW@ in it."""
    port = unused_port()
    config = pathlib.Path(directory) / f"{name}.conf".replace(" ", "-")
    routes = routes.replace("@APPS@", APPS) \
        .replace("@WWW@", str(pathlib.Path(directory) / "www"))
    config.write_text(f"""\
[server]
error_log = stderr
log_level = warning
access_log = off

[listen public]
address = 127.0.0.1:{port}
backlog = 16384

[pool web]
workers = 1
listen = public
max_connections = 40000
keep_alive = 1h
keep_alive_requests = 0
{pool}
{routes}
""")
    return Contestant(name, [TRICORN, "-c", str(config)], port, path,
                      cwd=str(directory), **more)


def nginx(directory, path="/", name="nginx", **more):
    program = have("nginx")
    if not program:
        return None
    port = unused_port()
    config = pathlib.Path(directory) / "nginx.conf"
    config.write_text(f"""\
daemon off;
worker_processes 1;
worker_rlimit_nofile 40000;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log error;
events {{ worker_connections 20000; }}
http {{
	access_log off;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 1000000000;
	keepalive_timeout 1h;
	open_file_cache max=1000 inactive=1h;
	open_file_cache_valid 1h;
	types {{ text/plain txt; }}
	client_body_temp_path {directory}/nginx-body;
	proxy_temp_path {directory}/nginx-proxy;
	fastcgi_temp_path {directory}/nginx-fastcgi;
	uwsgi_temp_path {directory}/nginx-uwsgi;
	scgi_temp_path {directory}/nginx-scgi;
	server {{
		listen 127.0.0.1:{port} backlog=16384;
		location = /hello {{
			default_type text/plain;
			return 200 "{HELLO.rstrip()}\\n";
		}}
		location / {{ root {directory}/www; }}
	}}
}}
""")
    return Contestant(name, [program, "-c", str(config), "-e",
                             f"{directory}/nginx.log"],
                      port, path, cwd=str(directory), **more)


def h2o(directory, path="/", name="h2o", **more):
    program = have("h2o")
    if not program:
        return None
    port = unused_port()
    config = pathlib.Path(directory) / "h2o.conf"
    user = "user: nobody\n" if os.geteuid() == 0 else ""
    config.write_text(f"""\
{user}num-threads: 1
max-connections: 20000
http1-request-timeout: 3600
hosts:
  default:
    listen:
      host: 127.0.0.1
      port: {port}
    paths:
      "/":
        file.dir: {directory}/www
        file.send-gzip: OFF
""")
    return Contestant(name, [program, "-m", "worker", "-c", str(config)],
                      port, path, cwd=str(directory), **more)
