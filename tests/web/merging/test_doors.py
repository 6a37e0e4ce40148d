"""Merges and duplicates through both doors: the list's selection, the page, the toast's undo, the queue, and the API."""

import re
from uuid import UUID

import pytest

from core.merging import scanning
from core.merging.models import DuplicateScan, Merge
from core.parties.beside_models import DuplicatePair
from web.merging import api as merging_api


def make(world, *names, who="owner", kind="accounts", **values):
    return [world.api(who).json("POST", f"/api/v1/{kind}", {"name": name, **values}).json["id"] for name in names]


def test_from_the_selection_to_the_survivor_and_back(world):
    a, b = make(world, "Doors A", "Doors B")
    world.api("owner").json("PATCH", f"/api/v1/accounts/{b}", {"city": "Bremen"}, headers={"If-Match": '"1"'})
    page = world.browser("owner")
    chosen = page.post("/accounts/selection/merges", {"id": [a, b]})
    assert chosen.status_code == 303 and f"id={a}" in chosen.location
    shown = page.get(chosen.location).text
    assert "Doors A" in shown and "choice.name" in shown and f"version.{b}" in shown
    done = page.post("/merges", {"kind": "account", "id": [a, b], "survivor": a, "choice.name": b})
    assert done.status_code == 303 and done.location.endswith(f"/accounts/{a}")
    after = page.get(f"/accounts/{a}").text
    undo = re.search(r"/merges/[0-9a-f-]{36}/undo", after)[0]
    assert "Doors B" in after and "Bremen" in after
    assert page.get(f"/accounts/{b}").location.endswith(f"/accounts/{a}")
    assert undo in page.get(f"/accounts/{a}/history").text and "Doors" in page.get("/merges").text
    assert page.post(undo).status_code == 303 and "Taken back" in page.get(undo.removesuffix("/undo")).text
    assert page.get(f"/accounts/{b}").status_code == 200 and page.post(undo).status_code == 422


def test_one_record_alone_is_shown_what_may_be_the_same(world):
    a, b = make(world, "Zweigstelle Lübeck GmbH", "Zweigstelle Luebeck")
    shown = world.browser("owner").get(f"/merges/new?kind=account&id={a}").text
    assert b in shown and "Compare" in shown
    assert world.browser("owner").get("/merges/new?kind=account").status_code == 404


def test_a_program_looks_first_merges_and_takes_back(world):
    a, b = make(world, "Api A", "Api B", kind="contacts")
    api = world.api("owner")
    body = {"kind": "contact", "survivor_id": a, "ids": [b], "choices": {"name": b}}
    seen = api.json("POST", "/api/v1/merges", body | {"dry_run": True}).json
    assert (seen["state"], seen["changes"]) == ("previewed", {"name": "Api B"}) and api.get(f"/api/v1/contacts/{b}").status_code == 200
    made = api.json("POST", "/api/v1/merges", body)
    assert made.status_code == 201 and made.json["state"] == "done"
    moved = api.get(f"/api/v1/contacts/{b}")
    assert moved.status_code == 308 and moved.location.endswith(a) and moved.headers["Cache-Control"] == "no-store"
    assert api.json("POST", "/api/v1/merges", body).json["code"] == "merge_gone"
    path = f"/api/v1/merges/{made.json['id']}"
    assert api.delete(path).status_code == 428 and api.delete(path, headers={"If-Match": '"77"'}).status_code == 412
    back = api.delete(path, headers={"If-Match": f'"{made.json["version"]}"'})
    assert back.status_code == 200 and back.json["state"] == "undone" and api.get(f"/api/v1/contacts/{b}").json["name"] == "Api B"


def test_a_program_is_not_told_what_a_hidden_field_is_called(world, monkeypatch):
    a, b = make(world, "Kept A", "Kept B")
    run = world.api("owner").json("POST", "/api/v1/merges", {"kind": "account", "survivor_id": a, "ids": [b]}).json["id"]
    with world.acme.ctx() as ctx:
        ctx.session.get(Merge, UUID(run)).kept = ["city", "custom.hush"]
    monkeypatch.setattr(merging_api, "hidden", lambda ctx, room: frozenset({"custom.hush"} if room == "accounts" else ()))
    for answer in (world.api("owner").get(f"/api/v1/merges/{run}").json, next(one for one in world.api("owner").get("/api/v1/merges?limit=100").json["data"] if one["id"] == run)):
        assert answer["kept"] == ["city"]


def test_a_program_is_told_of_what_is_there(world):
    (key,) = make(world, "Quittenbaum & Söhne KG", mail="info@quitte.example")
    api = world.api("owner")
    found = api.get("/api/v1/duplicates?kind=account&name=Quittenbaum%20und%20Soehne&mail=info@quitte.example").json["data"]
    assert found[0]["id"] == key and "mail" in found[0]["reasons"]
    refused = api.json("POST", "/api/v1/accounts?on_duplicate=refuse", {"name": "Quittenbaum & Söhne", "mail": "info@quitte.example"})
    assert refused.status_code == 409 and refused.json["code"] == "likely_duplicate" and refused.json["errors"][0]["field"] == key
    assert api.json("POST", "/api/v1/accounts?on_duplicate=refuse", {"name": "Nobody of that kind"}).status_code == 201


def test_a_record_out_of_sight_is_there_and_that_is_all(world):
    make(world, "Geheimrat Holding", who="colleague")
    found = world.api("rep").get("/api/v1/duplicates?kind=account&name=Geheimrat%20Holding").json["data"]
    assert [(one["id"], one["name"]) for one in found] == [(None, None)]
    refused = world.api("rep").json("POST", "/api/v1/accounts?on_duplicate=refuse", {"name": "Geheimrat Holding"})
    assert refused.status_code == 409 and "Geheimrat" not in refused.text.replace("Geheimrat Holding GmbH", "")


@pytest.fixture
def scanned(world):
    """A search among all, as a worker does it; gives what it found by keys."""

    def go():
        with world.acme.ctx() as ctx:
            scan = scanning.start(ctx, threshold=0.8)
            key, round = scan.id, scan.round
        scanning.scan_all(world.acme.ctx, key, round)
        with world.acme.ctx() as ctx:
            assert ctx.session.get(DuplicateScan, key).state == "done"
            return {(str(row.a_id), str(row.b_id)): row for row in ctx.session.query(DuplicatePair)}

    return go


def test_the_queue_is_filled_shown_and_decided(world, scanned):
    a, b = sorted(make(world, "Wanderfalke Reisen GmbH", "Wanderfalke Reisen"))
    pair = scanned()[a, b]
    page = world.browser("owner")
    assert str(pair.id) in page.get("/duplicates?kind=account").text
    page.post(f"/duplicates/{pair.id}/decision", {"state": "later"})
    assert str(pair.id) not in page.get("/duplicates?kind=account").text and str(pair.id) in page.get("/duplicates?kind=account&state=later").text
    page.post(f"/duplicates/{pair.id}/decision", {"state": "not_duplicates"})
    assert scanned()[a, b].state == "not_duplicates"
    with world.acme.ctx() as ctx:
        from core.parties import queries

        assert UUID(b) not in [match.id for match in queries.likely_duplicates(ctx, {"type": "account", "name": "Wanderfalke Reisen", "id": UUID(a)})]


def test_a_pair_of_which_one_is_not_seen_is_not_shown(world, scanned):
    (a,), (b,) = make(world, "Doppelgaenger Eins", who="rep"), make(world, "Doppelgaenger Eins", who="colleague")
    pair = scanned()[tuple(sorted((a, b)))]
    assert str(pair.id) not in world.browser("rep").get("/duplicates?kind=account").text
    assert world.browser("rep").post(f"/duplicates/{pair.id}/decision", {"state": "later"}).status_code == 404


def test_a_search_goes_on_where_it_was_killed_and_can_be_stopped(world):
    make(world, "Scan one", "Scan two", kind="contacts")
    with world.acme.ctx() as ctx:
        scan = scanning.start(ctx)
        key, round = scan.id, scan.round
    with pytest.raises(RuntimeError), world.acme.ctx() as ctx:
        scanning.step(ctx, scanning.one(ctx, key))
        raise RuntimeError("killed")
    with world.acme.ctx() as ctx:
        assert scanning.one(ctx, key).rows_done == 0
        assert scanning.start(ctx).id == key
    page = world.browser("owner")
    assert str(key) in page.get("/duplicates").text
    assert page.post(f"/duplicates/scans/{key}/cancellation").status_code == 303
    scanning.scan_all(world.acme.ctx, key, round)
    with world.acme.ctx() as ctx:
        assert scanning.one(ctx, key).state == "cancelled" and scanning.one(ctx, key).rows_done == 0


def test_whoever_may_not_merge_is_not_asked(world):
    (a,) = make(world, "Reader sees")
    assert world.browser("reader").get(f"/merges/new?kind=account&id={a}").status_code == 403
    assert "merges/new" not in world.browser("reader").get(f"/accounts/{a}").text
