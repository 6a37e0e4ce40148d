"""The embedded Valkey with a real server."""

import pytest
from redis.exceptions import ResponseError

from infra.local.valkey import Valkey
from infra.redis import connect


@pytest.fixture
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("v")
    found = Valkey(folder / "data", folder, folder / "log")
    found.start()
    yield found
    found.stop()


def test_all_keys_are_there_after_kill_9(server):
    with connect(server.url) as client:
        client.mset({f"key{number}": number for number in range(2000)})
    server.kill()
    server.start()
    with connect(server.url) as client:
        assert client.dbsize() == 2000


def test_a_full_server_refuses_instead_of_dropping_work(server):
    with connect(server.url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        client.set("work", "x")
        client.config_set("maxmemory", "1mb")
        with pytest.raises(ResponseError, match="maxmemory"):
            client.mset({f"key{number}": "y" * 10_000 for number in range(1000)})
            client.set("more", "z")
        assert client.get("work") == b"x"


def test_a_start_after_a_killed_starter_takes_the_socket_over(server):
    again = Valkey(server.folder, server.sockets, server.log)
    again.start()
    with connect(again.url) as client:
        assert client.ping()
    assert server.child.poll() is not None
    again.stop()
