"""How many workspaces and addresses one network may ask for."""

import pytest


def statuses(app, method, path, addresses, **rest):
    return [app.test_client().open(path, method=method, base_url="http://localhost", environ_base={"REMOTE_ADDR": address}, **rest).status_code for address in addresses]


@pytest.mark.parametrize(("method", "path", "limit", "passes"), [("POST", "/sign-up", 20, 422), ("GET", "/sign-up/address?company=", 60, 200)])
def test_a_network_of_many_addresses_is_one_visitor(app, method, path, limit, passes):
    """Whoever has an IPv6 line has 2^64 addresses; the network next to his is somebody else."""
    neighbours = [f"2001:db8:1:{len(path)}::{n:x}" for n in range(1, limit + 3)]
    assert statuses(app, method, path, neighbours) == [passes] * limit + [429] * 2
    assert statuses(app, method, path, [f"2001:db8:2:{len(path)}::1", "192.0.2.9"]) == [passes] * 2
