"""Days, times and numbers as each person chose, else as the workspace did, else as the language does (PRODUCT W5)."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import g

from core.activities import actions as log
from core.audit.models import AuditEntry
from core.base.formats import Formats
from core.base.money import Money
from core.parties.actions import create_account
from tests.support.world import House
from web import filters
from web.activities import timeline

AT = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)  # 15:30 in Berlin


@pytest.fixture
def reader(app):
    """reader("en", clock="24"): what is said is said to that reader in Berlin."""
    with app.test_request_context():
        def read(language: str, **chosen: str):
            g.lang, g.ctx = language, SimpleNamespace(now=AT, zone=ZoneInfo("Europe/Berlin"), formats=Formats(**chosen))

        yield read


@pytest.mark.parametrize(("chosen", "said"), [("", "Nov 24, 2026"), ("iso", "2026-11-24"), ("dots", "24.11.2026"), ("slashes", "24/11/2026"), ("us", "11/24/2026")])
def test_a_day_is_written_as_chosen(reader, chosen, said):
    reader("en", date_format=chosen)
    assert filters.day(AT) == filters.day(AT.date()) == said


@pytest.mark.parametrize(("language", "chosen", "said"), [("en", "24", "15:30"), ("en", "12", "3:30 PM"), ("ko", "12", "3:30 오후"), ("ru", "12", "3:30 PM"), ("es", "", "15:30")])
def test_a_time_is_written_as_chosen(reader, language, chosen, said):
    reader(language, clock=chosen)
    assert filters.clock_time(AT).replace("\u202f", " ") == said


def test_a_moment_is_a_day_and_a_time(reader):
    reader("en", date_format="iso", clock="24")
    assert filters.moment(AT) == "2026-11-24 15:30" and 'title="2026-11-24 15:30"' in filters.ago(AT)
    assert filters.planned(date(2027, 1, 5), None) == "2027-01-05" and filters.planned(date(2026, 12, 9), AT) == "2026-12-09 15:30"
    assert filters.planned(date(2026, 11, 25), None) == "Tomorrow"


@pytest.mark.parametrize(("language", "chosen", "said"), [
    ("en", "", "1,234,567.5"), ("en", "comma", "1.234.567,5"), ("en", "space", "1\u202f234\u202f567,5"), ("es", "point", "1,234,567.5"),
    ("ru", "point", "1,234,567.5"), ("ru", "comma", "1.234.567,5"), ("zh", "space", "1\u202f234\u202f567,5"),
])
def test_a_number_has_the_marks_that_were_chosen(reader, language, chosen, said):
    reader(language, number_format=chosen)
    assert filters.number(Decimal("1234567.5")) == said


def test_money_keeps_the_sign_of_its_currency(reader):
    reader("en", number_format="comma")
    assert filters.money(Money(Decimal("1234.50"), "EUR")) == "€1.234,50"
    reader("ru", number_format="point")
    assert filters.money(Money(Decimal("1234.50"), "RUB")).replace("\u00a0", " ") == "1,234.50 ₽"


def test_ones_own_choice_goes_before_the_workspaces(app):
    own, workspace = Formats(clock="12"), Formats(clock="24", date_format="iso")
    assert own.over(workspace) == Formats(clock="12", date_format="iso")


def fields_of(page: str, form: str) -> dict[str, str]:
    """What a form was loaded with, as a browser sends it back."""
    part = page[page.index(f'id="{form}"'):]
    part = part[: part.index("</form>")]
    return {name: value for name, value in re.findall(r'<input type="hidden" name="(_was_\w+|_version)" value="([^"]*)"', part)}


@pytest.fixture
def house(app):
    return House(f"formats-{uuid4().hex[:6]}")


def test_the_workspace_chooses_for_all_and_a_person_for_himself(world, house):
    owner, rep = world.browser("owner", house), world.browser("rep", house)
    with house.ctx("rep") as ctx:
        account = create_account(ctx, name="Nordlicht", employees="1234")
        log.log_activity(ctx, kind="call", account=account, body="x", happened_at=datetime(2020, 2, 3, 9, 5, tzinfo=UTC))
    shown = rep.get(f"/accounts/{account.id}").text
    assert "Feb 3, 2020" in shown and "1,234" in shown
    settings = owner.get("/settings/workspace/").text
    assert owner.post("/settings/workspace/", {**fields_of(settings, "new-people"), "locale": "en", "timezone": "UTC", "date_format": "iso", "number_format": "comma"}).status_code == 303
    shown = rep.get(f"/accounts/{account.id}").text
    assert "2020-02-03" in shown and "1.234" in shown
    assert rep.post("/settings/profile", {"name": "Rep", "date_format": "slashes"}).status_code == 303
    shown = rep.get(f"/accounts/{account.id}").text
    assert "03/02/2020" in shown and "1.234" in shown
    assert "2020-02-03" in owner.get(f"/accounts/{account.id}").text
    with house.ctx() as ctx:
        told = [row.changes for row in ctx.session.query(AuditEntry).where(AuditEntry.table_name == "workspace")]
    assert told == [{"date_format": ["", "iso"], "number_format": ["", "comma"]}]


def test_what_cannot_be_chosen_is_refused_by_its_field(world, house):
    rep = world.browser("rep", house)
    answer = rep.post("/settings/profile", {"name": "Rep", "clock": "13"})
    assert answer.status_code == 422 and 'id="clock-err"' in answer.text


def test_this_week_begins_on_the_day_one_chose(world, house):
    """A Tuesday: what was said on Sunday belongs to this week for whoever begins it on Sunday."""
    for chosen, group in (("sun", "This week"), ("mon", "November 2026")):
        with house.ctx("rep", now=AT, formats=Formats(first_day=chosen)) as ctx:
            assert timeline._group(ctx, date(2026, 11, 22)) == group
