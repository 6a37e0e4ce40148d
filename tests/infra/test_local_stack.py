"""The servers of a run leave nothing behind, whether somebody waits for that or not."""

import time

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
