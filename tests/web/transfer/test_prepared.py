"""The pages of exports in the background: asked for on the list, looked at, fetched after a fresh confirmation, by one person."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from core.identity.models import SignIn
from core.parties.actions import create_account
from core.transfer import preparing
from core.transfer.models import PreparedExport


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(preparing, "SMALL", 1)


@pytest.fixture
def tag(world):
    tag = f"z{uuid4().hex[:8]}"
    with world.acme.ctx("rep") as ctx:
        ctx.session.execute(update(PreparedExport).values(created_at=ctx.now - timedelta(hours=2)))
        for n in range(2):
            create_account(ctx, name=f"{tag} {n}")
    return tag


def written(world, place, who="rep"):
    @contextmanager
    def door():
        with world.acme.ctx(who) as ctx:
            yield ctx

    preparing.write_file(door, UUID(place.rsplit("/", 1)[1]), 1)


def test_a_long_list_goes_through_the_background(world, few, tag):
    rep = world.browser("rep")
    answer = rep.post("/accounts/exports", {"q": tag})
    place = answer.headers["Location"]
    assert answer.status_code == 303 and "/exports/" in place
    assert "<progress" in rep.get(place).text and "<progress" in rep.get(f"{place}/progress").text
    written(world, place)
    assert rep.get(f"{place}/progress").headers["HX-Redirect"].endswith(place)
    assert "2 rows" in rep.get(place).text and tag not in rep.get(place).text
    file = rep.post(f"{place}/downloads")
    assert file.status_code == 200 and file.mimetype == "text/csv" and "attachment" in file.headers["Content-Disposition"] and file.data.count(tag.encode()) == 2
    assert file.headers["Cache-Control"] == "no-store"
    again = rep.post(f"{place}/downloads")
    assert again.status_code == 422 and "given out once" in again.text and "Downloaded on" in rep.get(place).text
    assert place in rep.get("/exports").text


def test_a_short_list_is_sent_at_once(world, tag):
    answer = world.browser("rep").post("/accounts/exports", {"q": tag})
    assert answer.status_code == 200 and answer.data.count(tag.encode()) == 2


def test_others_find_nothing_there(world, few, tag):
    place = world.browser("rep").post("/accounts/exports", {"q": tag}).headers["Location"]
    written(world, place)
    for who, house in (("owner", None), ("colleague", None), ("owner", world.globex)):
        browser = world.browser(who, house)
        assert {browser.get(place).status_code, browser.get(f"{place}/progress").status_code, browser.post(f"{place}/downloads").status_code, browser.post(f"{place}/cancellation").status_code} == {404}
        assert place not in browser.get("/exports").text
    assert world.browser(None).get(place).status_code == 303


def test_the_file_asks_first_who_sits_there(world, few, tag):
    rep = world.browser("rep")
    place = rep.post("/accounts/exports", {"q": tag}).headers["Location"]
    written(world, place)
    with world.acme.ctx() as ctx:
        ctx.session.execute(update(SignIn).values(confirmed_at=ctx.now - timedelta(minutes=11)))
    answer = rep.post(f"{place}/downloads")
    assert answer.status_code == 403 and 'name="secret"' in answer.text
    assert rep.get(place).text.count("Download") and rep.post(f"{place}/downloads", {"_confirm": "1", "secret": "correct horse battery"}).data.count(tag.encode()) == 2


def test_stopping_brings_to_the_exports(world, few, tag):
    rep = world.browser("rep")
    place = rep.post("/accounts/exports", {"q": tag, "format": "xlsx"}).headers["Location"]
    assert rep.post(f"{place}/cancellation").headers["Location"].endswith("/exports")
    written(world, place)
    assert "no file any more" in rep.get(place).text


def test_all_doors_of_lists_lead_there(world, few, tag, monkeypatch):
    rep = world.browser("rep")
    ticked = rep.post(f"/accounts/selection/exports?q={tag}", {"everything": "1"})
    assert ticked.status_code == 303 and "/exports/" in ticked.headers["Location"]
    monkeypatch.setattr(preparing, "SMALL", -1)
    assert "/exports/" in rep.post("/activities/exports", {}).headers["Location"]
