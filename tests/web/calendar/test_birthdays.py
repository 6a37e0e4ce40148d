"""Birthdays of people in the calendar: on the day on which they are kept, of whom the reader sees, and only while he wants them."""

from datetime import UTC, date, datetime

import pytest

from core.base.planned import Asked, plan
from core.identity import roles
from core.parties import actions as parties

NOW = datetime(2027, 2, 20, 9, 0, tzinfo=UTC)
FEBRUARY = (date(2027, 2, 1), date(2027, 3, 8))


@pytest.fixture(scope="module")
def people(world):
    with world.acme.ctx("rep", now=NOW) as ctx:
        optik = parties.create_account(ctx, name="Optik Geburtstag")
        ctx.session.flush()
        for name, born in (("Leap", "1980-02-29"), ("Ada", "1990-02-25"), ("Yearless", "1604-02-26"), ("June", "1970-06-01")):
            parties.create_contact(ctx, name=name, account_id=optik.id, birthday=born)
        gone = parties.create_contact(ctx, name="Gone", birthday="1970-02-22")
        ctx.session.flush()
        parties.delete_contact(ctx, gone)
    with world.acme.ctx("manager", now=NOW) as ctx:
        parties.create_contact(ctx, name="Of the manager", birthday="1985-02-24")


def told(world, who, *span, people=None, **asked):
    with world.acme.ctx(who, now=NOW) as ctx:
        return [(entry.on, entry.about) for entry in plan(ctx, Asked(*span, people, birthdays=True, **asked)).entries if entry.kind == "birthday"]


def test_they_stand_on_their_day_with_the_age_where_the_year_is_known(world, people):
    rep = world.acme.users["rep"].id
    assert told(world, "rep", *FEBRUARY, people=[rep]) == [
        (date(2027, 2, 25), "Ada (37) · Optik Geburtstag"), (date(2027, 2, 26), "Yearless · Optik Geburtstag"), (date(2027, 2, 28), "Leap (47) · Optik Geburtstag"),
    ]
    assert (date(2027, 2, 24), "Of the manager (42)") in told(world, "manager", *FEBRUARY)
    assert told(world, "rep", date(2028, 2, 28), date(2028, 3, 2), people=[rep]) == [(date(2028, 2, 29), "Leap (48) · Optik Geburtstag")]


def test_over_the_turn_of_the_year_each_stands_in_its_own(world):
    with world.acme.ctx("rep", now=NOW) as ctx:
        for name, born in (("New Year", "1999-01-02"), ("Old Year", "1999-12-30")):
            parties.create_contact(ctx, name=name, birthday=born)
    found = told(world, "rep", date(2027, 12, 27), date(2028, 1, 9), people=[world.acme.users["rep"].id])
    assert found == [(date(2027, 12, 30), "Old Year (28)"), (date(2028, 1, 2), "New Year (29)")]


def test_the_page_shows_them_and_not_where_they_were_put_away(world, people):
    rep, path = world.browser("rep"), "/calendar/?view=month&day=2027-02-20"
    shown, away = rep.get(path).text, rep.get(f"{path}&birthdays=off").text
    assert "Ada (37) · Optik Geburtstag" in shown and "Hide birthdays" in shown and "birthdays=off" in shown
    assert "Ada (37)" not in away and "Show birthdays" in away and away.count("birthdays=off") > 6, "the other days keep them away"


def test_feeds_and_whoever_may_not_know_have_none(world, people):
    with world.acme.ctx("rep", now=NOW) as ctx:
        assert not [entry for entry in plan(ctx, Asked(*FEBRUARY, None, open_only=True)).entries if entry.kind == "birthday"]
    with world.acme.ctx("owner") as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=["contacts.birthday"])
    try:
        page = world.browser("rep").get("/calendar/?view=month&day=2027-02-20").text
        assert "Calendar" in page and "Ada" not in page and "birthdays" not in page
    finally:
        with world.acme.ctx("owner") as ctx:
            roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=[])
