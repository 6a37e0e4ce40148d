"""The web door: which host leads where, and what a wrong one learns."""

import pytest


@pytest.mark.parametrize("host", ["nobody.localhost", "evil.example", "a.b.localhost"])
def test_an_unknown_host_is_not_there(world, host):
    assert world.app.test_client().get("/", headers={"Host": host}).status_code == 404


@pytest.mark.parametrize("host", ["a b", "acme.localhost@evil", "", "x/../y", "[::1"])
def test_a_malformed_host_is_refused(world, host):
    assert world.app.test_client().get("/", headers={"Host": host}).status_code in (400, 404)
