"""The servers of a run leave nothing behind, whether somebody waits for that or not."""

import os
import subprocess
import sys
import time

import pytest

from infra.local import leftovers
from infra.local.process import ROOT
from infra.local.stack import Stack


def test_a_temporary_home_is_gone_when_the_servers_have_stopped():
    servers = Stack()
    servers.start(pg=False)
    servers.stop()
    assert not servers.home.exists()


def test_a_home_that_nobody_waits_for_goes_by_itself():
    """Its files are removed by a process of their own, however many they are; nobody waits for the last."""
    servers = Stack()
    servers.start(pg=False)
    for n in range(2000):
        (servers.home / f"{n}.txt").write_text("x")
    began = time.monotonic()
    servers.stop(wait=False)
    stopped = time.monotonic() - began
    while servers.home.exists() and time.monotonic() < began + 20:
        time.sleep(0.05)
    assert not servers.home.exists() and stopped < 5


@pytest.fixture
def killed_home(monkeypatch, tmp_path):
    """The home of a process that was killed while it held it, older than a minute."""
    monkeypatch.setattr(leftovers.tempfile, "tempdir", str(tmp_path))
    script = "import sys, time; from infra.local import leftovers; print(leftovers.make_home()[0], flush=True); time.sleep(60)"
    maker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)})
    home = tmp_path / maker.stdout.readline().strip()
    old = time.time() - 120
    os.utime(home / leftovers.HELD, (old, old))
    assert leftovers.abandoned() == [], "it is held while its maker lives"
    maker.kill()
    maker.wait()
    maker.stdout.close()
    return home


def test_what_a_killed_process_left_is_removed_by_the_next(killed_home):
    (killed_home / "large.txt").write_text("x")
    servers = Stack()
    servers.start(pg=False)
    until = time.monotonic() + 20
    while killed_home.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not killed_home.exists() and servers.home.exists()
    servers.stop()


def test_a_home_without_a_lock_or_a_young_one_is_left_alone(killed_home, tmp_path):
    (tmp_path / f"{leftovers.PREFIX}strange").mkdir()
    assert leftovers.abandoned() == [killed_home]
    os.utime(killed_home / leftovers.HELD)
    assert leftovers.abandoned() == []
