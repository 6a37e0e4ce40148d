"""The web door: which host leads where, and what a wrong one learns."""

import pytest


@pytest.mark.parametrize("host", ["nobody.localhost", "evil.example", "a.b.localhost"])
def test_an_unknown_host_is_not_there(world, host):
    assert world.app.test_client().get("/", headers={"Host": host}).status_code == 404


@pytest.mark.parametrize("host", ["a b", "acme.localhost@evil", "", "x/../y", "[::1"])
def test_a_malformed_host_is_refused(world, host):
    assert world.app.test_client().get("/", headers={"Host": host}).status_code in (400, 404)


def test_an_address_is_found_with_and_without_a_slash_at_its_end(world):
    rep = world.browser("rep")
    for path in ("/reports", "/mail", "/accounts"):
        assert rep.get(path).status_code == rep.get(f"{path}/").status_code == 200, path
    assert world.api("rep").get("/api/v1/accounts/").status_code == 200
    merged = rep.get("/reports//")
    assert merged.status_code == 308 and merged.headers["Location"].startswith(f"http://{world.acme.host}/reports")
