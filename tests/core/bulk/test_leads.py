"""Bulk edits of leads: what the use cases leave one by one, the score that follows, whoever waits for working hours, and the way back."""

from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.base.errors import NotFound, Refused
from core.bulk import queries
from core.custom_fields import actions as defining
from core.leads import actions, batched, scoring
from core.leads.models import Lead
from tenants import registry, rooms
from tests.core.bulk.conftest import Bulk
from tests.core.bulk.test_equality import named, one_by_one, same
from tests.support.world import House

ROWS = [
    {"name": "Ada Lace", "mail": "Ada@Lace.example", "company": "Lace", "city": "Kiel"}, {"name": "Zoë", "phone": "+49 40 1234", "source": "Fair"}, {"name": "王小明", "notes": "line\nline", "country": "CN"},
]
CHANGES = [{"source": "Fair"}, {"mail": "New@Example.com"}, {"mail": ""}, {"city": None, "country": "DE"}, {"language": "ko", "notes": "one\ntwo"}, {"company": "Lace"}]
BUT = ("state_since",)


@pytest.fixture
def lead(house):
    """lead("A", source="Fair"): leads of that person; their keys."""

    def made(*names, who="owner", **values):
        with house.ctx(who) as ctx:
            return [actions.create_lead(ctx, name=name, **values).id for name in names]

    return made


@pytest.fixture
def leads(bulk):
    return lambda who="owner", at=None: bulk(who, "leads", at)


@pytest.fixture
def two(app):
    """Two houses with the same leads."""
    houses = House(f"set{uuid4().hex[:6]}"), House(f"one{uuid4().hex[:6]}")
    for house in houses:
        with house.ctx() as ctx:
            for row in ROWS:
                actions.create_lead(ctx, **row)
    return houses


def test_changed_fields(leads, two):
    """One after the other, each as the use case for one leaves it."""
    by_set, alone = two
    for change in CHANGES:
        one = leads(at=by_set).select(named(by_set, Lead, ROWS)).preview("change", **change).run()
        one_by_one(alone, Lead, ROWS, lambda ctx, row, change=change: actions.edit_lead(ctx, row, **change))
        first, second = same(by_set, alone, Lead, but=BUT)
        assert first == second and one.counts["changed"], change


@pytest.mark.parametrize("owner", ["rep", None])
def test_a_new_owner(leads, two, owner):
    by_set, alone = two
    key = lambda house: house.users[owner].id if owner else None  # noqa: E731
    leads(at=by_set).select(named(by_set, Lead, ROWS)).preview("owner", owner_id=key(by_set) and str(key(by_set))).run()
    one_by_one(alone, Lead, ROWS, lambda ctx, row: actions.change_owner(ctx, row, key(alone)))
    first, second = same(by_set, alone, Lead, but=BUT)
    assert first[:3] == second[:3]


def test_deleted_and_brought_back(leads, two):
    by_set, alone = two
    one = leads(at=by_set).select(named(by_set, Lead, ROWS)).preview("delete").run()
    one_by_one(alone, Lead, ROWS, actions.delete_lead)
    one.undo()
    one_by_one(alone, Lead, ROWS, actions.restore_lead)
    first, second = same(by_set, alone, Lead, but=BUT)
    assert first[:3] == second[:3] and {row["deleted_at"] for row in first[0].values()} == {None}


def points(house, key):
    with house.ctx() as ctx:
        return scoring.score_of(ctx, ctx.session.get(Lead, key))[0]


def test_the_score_follows_the_change_and_its_undo(house, leads, lead):
    key, = lead("Scored")
    with house.ctx() as ctx:
        scoring.rescore(ctx, [key])
    before = points(house, key)
    one = leads().select([key]).preview("change", mail="buyer@lace.example", phone="+49 40 1234", company="Lace").run()
    assert points(house, key) > before
    one.undo()
    assert points(house, key) == before


def test_without_following_the_score_stays_behind(house, leads, lead, monkeypatch):
    """Negative control of the one above."""
    key, = lead("Not scored")
    with house.ctx() as ctx:
        scoring.rescore(ctx, [key])
    before = points(house, key)
    monkeypatch.setattr(batched, "rescore", lambda *args: None)
    leads().select([key]).preview("change", mail="buyer@lace.example", phone="+49 40 1234", company="Lace").run()
    assert points(house, key) == before


def test_who_is_given_to_somebody_waits_for_no_hours_until_it_is_taken_back(house, leads, lead, find):
    key, = lead("Waits", owner_id=None)
    with house.ctx() as ctx:
        ctx.session.execute(update(Lead).where(Lead.id == key).values(waits_for_hours=True))
    one = leads().select([key]).preview("owner", owner_id=str(house.users["rep"].id)).run()
    assert (find(key, Lead).owner_id, find(key, Lead).waits_for_hours) == (house.users["rep"].id, False)
    one.undo()
    assert (find(key, Lead).owner_id, find(key, Lead).waits_for_hours) == (None, True)


def test_nobody_changes_what_is_not_his_nor_what_is_a_leads_own(leads, lead, find):
    mine, = lead("Mine", who="rep")
    theirs, = lead("Theirs", who="colleague")
    one = leads("rep").select([mine, theirs])
    assert one.row.counts == {"selected": 1, "missing": 1}
    one.preview("change", source="Fair").run()
    assert (find(mine, Lead).source, find(theirs, Lead).source) == ("Fair", None)
    for given, code in (({"external_id": "A-1"}, "bulk_not_this_field"), ({"state": "accepted"}, "unknown_field"), ({"mail": "no"}, "not_a_mail")):
        with pytest.raises(Refused, match=code):
            leads().select([mine]).preview("change", **given)
    with pytest.raises(Refused, match="unknown_value"):
        leads().select([mine]).preview("price", percent="5")


def test_an_own_field_is_changed_and_put_back(house, leads, lead, find):
    keys = lead("Own A", "Own B")
    with house.ctx() as ctx:
        field = defining.create_field(ctx, room="leads", kind="text", label="Stand").key
    one = leads().select(keys).preview("change", **{f"custom.{field}": "7"}).run()
    assert [getattr(find(key, Lead), f"custom.{field}") for key in keys] == ["7", "7"]
    assert one.undo().counts == {"undone": 2} and [getattr(find(key, Lead), f"custom.{field}") for key in keys] == [None, None]


def test_a_workspace_without_leads_sees_nothing_of_it(app):
    house = House(f"off{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        actions.create_lead(ctx, name="Ada", source="Fair")
        key = ctx.session.execute(select(Lead.id)).scalar_one()
    one = Bulk(house, kind="leads").select([key]).preview("change", city="Kiel").run()
    with house.ctx() as ctx:
        assert [row.id for row in queries.runs(ctx)] == [one.id]
    with house.ctx() as ctx:
        rooms.switch_rooms(ctx, off=["leads"])
    house.tenant = registry.by_id(house.tenant.id, fresh=True)
    with house.ctx() as ctx, pytest.raises(NotFound):
        assert queries.runs(ctx) == []
        queries.one(ctx, one.id)


def test_no_lead_is_left_with_a_step_that_has_no_day(lead, leads):
    dated, bare = lead("Dated", next_step="Call", next_step_on="2030-01-01") + lead("Bare")
    assert leads().select([dated, bare]).preview("change", next_step="Write").counts == {"due": 1, "unfit": 1}
    assert leads().select([dated, bare]).preview("change", next_step_on=None).counts == {"same": 1, "unfit": 1}
    with pytest.raises(Refused, match="next_step_needs_day"):
        leads().select([bare]).preview("change", next_step="Write", next_step_on=None)
    assert leads().select([dated, bare]).preview("change", next_step="Write", next_step_on="2031-02-03").counts == {"due": 2}
