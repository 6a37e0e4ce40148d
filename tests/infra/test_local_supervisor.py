"""bin/up's engine with real processes. Web, workers and terminal are stand-ins: only their life matters here."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from infra.local import process
from infra.local.supervisor import healthy

WEB = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *a): pass
HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
# Ignores SIGTERM and has a child that does so too: the stop must still leave nothing.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
while True: time.sleep(1)
"""
TERMINAL = """
import json, os, sys
if sys.argv[1] == "prepare" and os.environ.get("STAND_IN_FAILS"):
    sys.exit("The stand-in was told to fail")
assert ("DATABASE_ADMIN_URL" in os.environ) == (sys.argv[1] == "prepare")
if sys.argv[1] == "demo":
    print(json.dumps({"tenant_url": "http://demo.localhost", "sign_ins": [
        {"who": "Admin", "url": "http://demo.localhost", "mail": "a@example.com", "password": "p"}]}))
"""
DRIVER = """
import sys
from pathlib import Path
from infra.local import service, supervisor
root = Path(sys.argv[1])
supervisor.ROOT = service.ROOT = root
service.END_SECONDS = 0.5
supervisor.Supervisor._rooms = lambda self: {
    "web": [str(root / "web.py"), str(self.web_port)], "workers": [str(root / "stubborn.py")]}
sys.exit(supervisor.main(Path(sys.argv[2])))
"""


@pytest.fixture
def place():
    """A root with stand-ins and a home; whatever a failed test leaves running is ended."""
    root = Path(tempfile.mkdtemp(prefix="tendero-up-"))
    root.chmod(0o711)
    (root / "workers").mkdir()
    for name, text in (("web.py", WEB), ("stubborn.py", STUBBORN), ("workers/cli.py", TERMINAL), ("driver.py", DRIVER)):
        (root / name).write_text(text)
    (root / "infra").symlink_to(process.ROOT / "infra")
    yield root
    process.end_all(mine(root), signal.SIGKILL, 5)
    shutil.rmtree(root, ignore_errors=True)


def mine(root):
    return process.with_environment(f"TENDERO_HOME={root / 'var'}")


def start(root, **env):
    """The supervisor in a session of its own, as a terminal's foreground group is."""
    return subprocess.Popen([sys.executable, root / "driver.py", root, root / "var"], stdout=subprocess.PIPE, text=True,
                            stderr=subprocess.PIPE, start_new_session=True, cwd=process.ROOT,
                            env={**os.environ, "PYTHONPATH": str(process.ROOT), "TENDERO_HOME": str(root / "var"), **env})


def ready(root, child):
    """The content of up.json once this child has written it; a killed run's file may still lie there."""
    until = time.monotonic() + 30
    while True:
        try:
            up = json.loads((root / "var" / "up.json").read_text())
        except FileNotFoundError:
            up = None
        if up and up["pids"]["supervisor"] == child.pid:
            return up
        assert child.poll() is None and time.monotonic() < until, child.communicate()
        time.sleep(0.02)


def port(up):
    return int(up["url"].rpartition(":")[2])


def test_ctrl_c_ends_every_child_and_grandchild(place):
    child = start(place)
    up = ready(place, child)
    assert list(up)[0] == "url" and up["sign_ins"][0]["password"] == "p" and healthy(port(up))
    assert (place / "var/up.json").stat().st_mode & 0o777 == 0o600 == (place / "var/secret").stat().st_mode & 0o777
    assert set(up["pids"]) == {"supervisor", "postgres", "valkey", "mail", "web", "workers"}
    children = set(mine(place)) | set(process.in_folder(place / "var/postgres/data"))
    assert len(children) >= 10
    os.killpg(child.pid, signal.SIGINT)
    assert child.wait(15) == 0
    assert [pid for pid in children if process.alive(pid)] == [] and mine(place) == []
    assert not (place / "var/up.json").exists()


def test_a_second_start_on_the_same_home_says_so_and_a_busy_port_takes_the_next(place):
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken = {8000} if busy.connect_ex(("127.0.0.1", 8000)) == 0 else set()
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not taken:
            busy.bind(("127.0.0.1", 8000))
            busy.listen()
        child = start(place)
        up = ready(place, child)
        assert 8000 < port(up) < 8200
        second = start(place)
        output, errors = second.communicate(timeout=10)
        assert second.returncode == 1 and output == ""
        assert errors == "Tendero already runs from here: bin/down stops it, var/up.json has its addresses.\n"
        child.terminate()
        assert child.wait(15) == 0


def test_after_kill_9_of_the_supervisor_the_next_start_finds_a_clean_house_and_all_data(place):
    child = start(place)
    up = ready(place, child)
    socket_folder = json.loads((place / "var/env.json").read_text())["DATABASE_ADMIN_URL"]
    run_sql(socket_folder, "CREATE TABLE kept AS SELECT generate_series(1, 100) AS n")
    old = mine(place)
    for pid in (child.pid, up["pids"]["postgres"], up["pids"]["valkey"]):
        os.kill(pid, signal.SIGKILL)
    child.wait()
    again = start(place)
    up = ready(place, again)
    assert run_sql(socket_folder, "SELECT count(*) FROM kept") == 100
    assert [pid for pid in old if process.alive(pid)] == []
    assert port(up) and up["pids"]["supervisor"] == again.pid
    again.terminate()
    assert again.wait(15) == 0


def test_down_stops_a_running_stack_and_is_content_where_nothing_runs(place):
    child = start(place)
    ready(place, child)
    assert command(place, "down") == (0, "Stopped.\n")
    assert child.wait(5) == 0 and mine(place) == []
    assert command(place, "down") == (0, "Nothing runs here.\n")


def test_keys_and_databases_of_the_shell_do_not_reach_the_stack(place):
    child = start(place, DATABASE_URL_EU="postgresql://a@b/c", SECRET_KEY_FILE="/x", MASTER_KEY="m" * 40)
    up = ready(place, child)
    given = Path(f"/proc/{up['pids']['web']}/environ").read_text()
    assert "DATABASE_URL_EU" not in given and "SECRET_KEY_FILE" not in given and "MASTER_KEY" not in given
    assert "DATABASE_ADMIN_URL" not in given and "SECRET_KEY=" in given and "TENDERO_ENV=development" in given
    child.terminate()
    assert child.wait(15) == 0


def command(root, *arguments):
    ended = subprocess.run([sys.executable, "-m", "infra.local.up", *arguments], cwd=process.ROOT, capture_output=True,
                           text=True, timeout=60, env={**os.environ, "TENDERO_HOME": str(root / "var")}, check=False)
    return ended.returncode, ended.stdout


def test_crashed_children_come_back(place):
    child = start(place)
    up = ready(place, child)
    for name in ("web", "postgres"):
        os.kill(up["pids"][name], signal.SIGKILL)
    url = json.loads((place / "var/env.json").read_text())["DATABASE_ADMIN_URL"]
    until = time.monotonic() + 15
    while not (healthy(port(up)) and answers(url)) and time.monotonic() < until:
        time.sleep(0.1)
    assert healthy(port(up)) and answers(url)
    child.terminate()
    assert child.wait(15) == 0


def test_a_failing_preparation_is_one_sentence_and_leaves_nothing_running(place):
    child = start(place, STAND_IN_FAILS="1")
    _, errors = child.communicate(timeout=30)
    assert child.returncode == 1
    assert errors == f"The step prepare failed (The stand-in was told to fail): see {place}/var/log/prepare.log.\n"
    assert mine(place) == [] and process.in_folder(place / "var/postgres/data") == []


def run_sql(url, statement):
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(statement)
        return found.fetchone()[0] if found.description else None


def answers(url):
    import psycopg

    try:
        return run_sql(url, "SELECT 1") == 1
    except psycopg.Error:
        return False
