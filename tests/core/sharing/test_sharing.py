"""One record shared beyond the role: who sees it how long, what is told, what a partner sees of the company, whose seat it takes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.entitlements import Entitlements
from core.base.errors import Forbidden, NotFound, Refused
from core.base.facts import Fact
from core.base.policy import require
from core.identity import actions as people
from core.identity import queries, seeing
from core.identity.models import RecordShare
from core.notifications.models import Notification
from core.parties import actions
from core.parties import queries as parties
from core.sharing import actions as sharing
from tests.support.statements import counted
from tests.support.world import Browser, House

CAST = {"owner": "admin", "rep": "sales", "colleague": "sales", "reader": "reader", "partner": "partner"}


@pytest.fixture(scope="module")
def house(app):
    return House(f"shares-{uuid4().hex[:6]}", CAST)


@pytest.fixture
def account(house):
    with house.ctx("rep") as ctx:
        return actions.create_account(ctx, name=f"Shared {uuid4().hex[:6]}", owner_id=ctx.actor.id).id


def as_now(house, who, days=0):
    """The context of that person with all that is shared with him now."""
    from contextlib import contextmanager

    from core.base.context import as_actor

    @contextmanager
    def run():
        with house.ctx(who) as ctx:
            yield as_actor(ctx, queries.load_actor(ctx.session, ctx.actor.id, ctx.now + timedelta(days=days))[1])

    return run()


def share(house, key, whom="partner", **rest):
    with house.ctx("rep") as ctx:
        return sharing.share(ctx, parties.one_account(ctx, key), user_id=house.users[whom].id, **rest).id


def sees(house, key, who="partner", days=0):
    with as_now(house, who, days) as ctx:
        try:
            return parties.one_account(ctx, key).id == key
        except NotFound:
            return False


def test_it_holds_from_the_next_page_to_the_day_and_until_it_is_ended(house, account):
    assert not sees(house, account)
    with house.ctx() as ctx:
        today = ctx.today
    key = share(house, account, until=today + timedelta(days=3))
    assert [sees(house, account, days=days) for days in (0, 3, 4)] == [True, True, False]
    with house.ctx("rep") as ctx:
        sharing.end_share(ctx, sharing.one_share(ctx, key))
    assert not sees(house, account)


def test_to_look_is_not_to_change(house, account):
    share(house, account)
    with as_now(house, "partner") as ctx, pytest.raises(Forbidden):
        require(ctx, "accounts.edit", parties.one_account(ctx, account))
    share(house, account, level="write")
    with as_now(house, "partner") as ctx:
        require(ctx, "accounts.edit", parties.one_account(ctx, account))
    with house.ctx() as ctx:
        assert len(ctx.session.execute(select(RecordShare).where(RecordShare.record_id == account)).scalars().all()) == 1


def test_it_stands_on_the_timeline_in_the_audit_and_among_those_who_see_it_and_he_is_told(app, house, account):
    share(house, account)
    with house.ctx() as ctx:
        assert "share.granted" in set(ctx.session.execute(select(Fact.kind).where(Fact.subject_id == account)).scalars())
        said = {one.name: one.reason for one in seeing.who_sees(ctx, parties.one_account(ctx, account))}
        assert said["Partner"] == "shared" and "Colleague" not in said
        told = ctx.session.execute(select(Notification.params).where(Notification.user_id == house.users["partner"].id, Notification.record_id == account)).scalar_one()
        assert told["say"] == "told.shared"
    assert "Shared record" in Browser(app, house, "owner").get("/settings/audit/?table=record_share").text


@pytest.mark.parametrize("who", ["reader", "colleague", "partner"])
def test_only_who_may_change_it_shares_it(house, account, who):
    share(house, account, "partner")
    with as_now(house, who) as ctx, pytest.raises((Forbidden, NotFound)):
        sharing.share(ctx, parties.one_account(ctx, account), user_id=house.users["colleague"].id, level="write")


def test_what_is_wrong_is_refused_by_field(house, account):
    with house.ctx("rep") as ctx:
        found, key = parties.one_account(ctx, account), house.users["reader"].id
        for wrong, field in (({}, "user_id"), ({"user_id": key, "team_id": key}, "user_id"), ({"user_id": uuid4()}, "user_id"), ({"team_id": uuid4()}, "team_id"),
                             ({"user_id": key, "level": "own"}, "level"), ({"user_id": key, "until": ctx.today - timedelta(days=1)}, "until")):
            with pytest.raises(Refused) as refusal:
                sharing.share(ctx, found, **wrong)
            assert refusal.value.field == field


def test_a_partner_sees_what_names_him_and_nothing_of_the_company(app, house, account):
    with house.ctx() as ctx:
        pool = actions.create_account(ctx, name="Nobodys secret").id
    share(house, account)
    browser = Browser(app, house, "partner")
    listed = browser.get("/accounts").text
    assert str(account) in listed and "Nobodys secret" not in listed and browser.get(f"/accounts/{pool}").status_code == 404
    for path in ("/accounts", f"/accounts/{account}", f"/accounts/{account}/sight", f"/accounts/{account}/colleagues?q=", "/contacts", "/"):
        page = browser.get(path)
        assert page.status_code == 200 and "Colleague" not in page.text and "Reader" not in page.text, path
    assert "Rep" in browser.get(f"/accounts/{account}/sight").text
    for path in ("/settings/members", "/settings/teams/", "/imports", "/mailings/", "/settings/tokens/", "/bulk-edits"):
        assert browser.get(path).status_code == 403, path
    for path in ("/accounts/exports", "/contacts/exports", "/activities/exports", f"/accounts/{account}/shares"):
        assert browser.post(path).status_code == 403, path


def test_the_page_shares_and_ends(app, house, account):
    browser = Browser(app, house, "rep")
    page = browser.get(f"/accounts/{account}/sight").text
    assert "With nobody yet." in page and "Share" in page
    assert browser.post(f"/accounts/{account}/shares", {"whom": "", "level": "read"}).status_code == 422
    assert browser.post(f"/accounts/{account}/shares", {"whom": f"user:{house.users['partner'].id}", "level": "write"}).status_code == 303
    assert sees(house, account)
    with house.ctx() as ctx:
        key = ctx.session.execute(select(RecordShare.id).where(RecordShare.record_id == account)).scalar_one()
    assert browser.post(f"/shares/{key}/revocation").status_code == 303 and not sees(house, account)


def limited(**limits):
    return {"entitlements": Entitlements(limits=limits)}


def test_a_partner_takes_a_seat_of_his_own_kind_where_the_plan_has_them(app):
    house = House(f"seats-{uuid4().hex[:6]}", {"owner": "admin", "partner": "partner"})

    def add(role, **limits):
        with house.ctx(**limited(**limits)) as ctx:
            return people.add_user(ctx, mail=f"{uuid4().hex[:6]}@new.example", name="New", password="correct horse battery", role=role).id

    for role, limits, code in (
        ("sales", {"seats": 1, "partner_seats": 9}, "seats_full"), ("partner", {"seats": 9, "partner_seats": 1}, "partner_seats_full"),
        ("partner", {"seats": 2}, "seats_full"), ("sales", {"seats": 2}, "seats_full"),
    ):
        with pytest.raises(Refused) as refusal:
            add(role, **limits)
        assert refusal.value.code == code, (role, limits)
    partner = add("partner", seats=1, partner_seats=2)
    with pytest.raises(Refused), house.ctx(**limited(seats=1, partner_seats=2)) as ctx:
        people.give_role(ctx, queries.one_user(ctx, partner), "sales")
    with house.ctx(**limited(seats=2, partner_seats=2)) as ctx:
        people.give_role(ctx, queries.one_user(ctx, partner), "sales")


def test_cells_of_a_list_are_edited_where_the_record_is_shared_for_writing(app, house):
    """Whatever the number of rows, with no further statement."""
    with house.ctx("rep") as ctx:
        keys = [actions.create_account(ctx, name=f"Cell {uuid4().hex[:6]}", city="Kiel", owner_id=ctx.actor.id).id for _ in range(8)]
    for key in keys[:5]:
        share(house, key, level="write")
    share(house, keys[5])
    browser = Browser(app, house, "partner")

    def row(key):
        return browser.get("/accounts?view=all&columns=city").text.split(f'<tr data-id="{key}"')[1].split("</tr>")[0]

    assert 'data-cell="city"' in row(keys[0]) and "data-cell" not in row(keys[5])
    browser.get("/accounts?view=all&columns=city&q=Cell")
    with counted() as few:
        browser.get("/accounts?view=all&columns=city&q=Cell")
    for key in keys[6:]:
        share(house, key, level="write")
    browser.get("/accounts?view=all&columns=city&q=Cell")
    with counted() as more:
        browser.get("/accounts?view=all&columns=city&q=Cell")
    assert len(more) == len(few)
    version = row(keys[0]).split('data-version="')[1].split('"')[0]
    given = {"city": "Ulm", "_was_city": "Kiel", "_version": version, "_cell": "1", "_columns": "city"}
    assert browser.post(f"/accounts/{keys[0]}/fields", given).status_code == 200 and "Ulm" in row(keys[0])
    assert browser.post(f"/accounts/{keys[5]}/fields", given).status_code == 403
