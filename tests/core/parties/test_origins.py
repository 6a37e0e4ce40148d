"""Where birthday, language, channel, hours and referrer are known from: it comes by itself, goes with the value and comes back with it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.base.errors import Refused
from core.base.policy import permissions
from core.identity import queries as people
from core.identity import roles
from core.parties import actions
from core.parties.models import Contact
from core.parties.origins import ORIGINS
from tests.core.bulk.conftest import Bulk
from tests.core.merging.conftest import Merging
from tests.core.transfer.conftest import Import
from tests.support.world import House

MARCH = date(2026, 3, 12)


@pytest.fixture(scope="module")
def house(app):
    """The marketing person may change contacts, and knows nothing of what is personal."""
    found = House(f"from-{uuid4().hex[:6]}", {"owner": "admin", "marketing": "marketing"})
    granted(found, hidden=[])
    return found


def granted(house, hidden):
    held = [name for name in permissions() if not name.startswith("personal_facts.")]
    with house.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "marketing"), permissions=held, visibility="all", changing="all", hidden=hidden, protected=[])
    with house.ctx() as ctx:
        house.users["marketing"] = next(user for user in people.users(ctx) if user.role.code == "marketing")


def made(house, who="owner", **values):
    with house.ctx(who) as ctx:
        return actions.create_contact(ctx, **{"name": f"Ada {uuid4().hex[:6]}"} | values).id


def edit(house, key, who="owner", **values):
    with house.ctx(who) as ctx:
        actions.edit_contact(ctx, ctx.session.get_one(Contact, key), **values)


def known(house, key, name="birthday"):
    """(value, source, since, who entered it), as it stands."""
    with house.ctx() as ctx:
        found = ctx.session.get_one(Contact, key)
        source, noted_on, noted_by = (getattr(found, column) for column in ORIGINS[name])
        who = {user.id: who for who, user in house.users.items()}
        return getattr(found, name), source, noted_on, who.get(noted_by)


def today(house):
    with house.ctx() as ctx:
        return ctx.today


BORN = date(1990, 2, 28)


def test_a_value_without_a_word_was_entered_by_its_maker_today(house):
    key = made(house, birthday="1990-02-28", language="es", language_source="Anna Gil, call", language_noted_on="2026-03-12", preferred_channel_source="nobody asks")
    assert known(house, key) == (BORN, None, today(house), "owner")
    assert known(house, key, "language") == ("es", "Anna Gil, call", MARCH, "owner")
    assert known(house, key, "preferred_channel") == (None, None, None, None), "nothing is said of what has no value"


def test_it_is_corrected_alone_and_overwritten_by_another_value(house):
    key = made(house, birthday="1990-02-28")
    edit(house, key, who="marketing", birthday="1990-03-01")
    assert known(house, key) == (date(1990, 3, 1), None, today(house), "marketing")
    edit(house, key, birthday_source="Her brother")
    assert known(house, key)[1:] == ("Her brother", today(house), "owner")
    edit(house, key, birthday_noted_on="2026-03-12")
    assert known(house, key)[1:] == ("Her brother", MARCH, "owner")
    edit(house, key, birthday="1990-03-01")
    assert known(house, key)[1:] == ("Her brother", MARCH, "owner"), "the same value again says nothing new"
    edit(house, key, birthday="1991-01-01", birthday_source="Her brother")
    assert known(house, key)[1:] == ("Her brother", today(house), "owner")
    edit(house, key, birthday="")
    assert known(house, key) == (None, None, None, None)


def test_a_day_to_come_is_refused(house):
    key = made(house, birthday="1990-02-28")
    with pytest.raises(Refused) as refused:
        edit(house, key, birthday_noted_on=str(today(house) + timedelta(days=2)))
    assert refused.value.code == "noted_in_future"


def test_whoever_may_not_know_it_overwrites_it_and_never_reads_it(house):
    key = made(house, birthday="1990-02-28", birthday_source="Her brother", birthday_noted_on="2026-03-12")
    with house.ctx("marketing") as ctx:
        found = ctx.session.get_one(Contact, key)
        assert (found.birthday, found.birthday_source, found.birthday_noted_on) == (BORN, None, None)
    with pytest.raises(Refused) as refused:
        edit(house, key, who="marketing", birthday_source="Me")
    assert refused.value.code == "unknown_field"
    edit(house, key, who="marketing", birthday="1990-03-01")
    assert known(house, key) == (date(1990, 3, 1), None, today(house), "marketing"), "the brother did not say that"


@pytest.mark.parametrize("who", ["owner", "marketing"])
def test_a_bulk_edit_says_who_entered_it_and_its_undo_brings_the_source_back(house, who):
    told = made(house, language="de", language_source="Her brother", language_noted_on="2026-03-12")
    same, empty = made(house, language="es", language_source="A card", language_noted_on="2026-03-12"), made(house)
    one = Bulk(house, who, "contacts").select([told, same, empty]).preview("change", language="es").run()
    assert known(house, told, "language") == ("es", None, today(house), who) == known(house, empty, "language")
    assert known(house, same, "language") == ("es", "A card", MARCH, "owner")
    one.undo()
    assert known(house, told, "language") == ("de", "Her brother", MARCH, "owner") and known(house, empty, "language") == (None, None, None, None)
    Bulk(house, who, "contacts").select([told]).preview("change", language="").run()
    assert known(house, told, "language") == (None, None, None, None)


def test_a_file_brings_its_own_sources_and_its_undo_takes_them_back(house):
    tag = uuid4().hex[:6]
    mails = [f"{name}-{tag}@from.example" for name in ("old", "same", "told", "new")]
    old, same, told = (made(house, mail=mail, birthday="1990-02-28", birthday_source="A card", birthday_noted_on="2026-03-12") for mail in mails[:3])
    head = "Name,Mail address,Birthday,Birthday: known from,Birthday: known since\n"
    rows = [f"A,{mails[0]},1991-01-01,,", f"B,{mails[1]},1990-02-28,,", f"C,{mails[2]},,Her sister,2026-04-01", f"D,{mails[3]},1992-02-02,Her uncle,"]
    one = Import(house).upload(head + "\n".join(rows), kind="contacts")
    assert one.row.mapping == ["name", "mail", "birthday", "birthday_source", "birthday_noted_on"]
    one.choose(mode="both", key_field="mail").check().run()
    assert known(house, old) == (date(1991, 1, 1), None, today(house), "owner")
    assert known(house, same) == (BORN, "A card", MARCH, "owner") and known(house, told) == (BORN, "Her sister", date(2026, 4, 1), "owner")
    with house.ctx() as ctx:
        new = ctx.session.execute(text("SELECT id FROM contact WHERE mail = :mail"), {"mail": mails[3]}).scalar_one()
    assert known(house, new) == (date(1992, 2, 2), "Her uncle", today(house), "owner")
    one.undo()
    assert known(house, old) == (BORN, "A card", MARCH, "owner") == known(house, told)


def test_an_import_of_somebody_who_may_not_know_it_overwrites_and_goes_back(house):
    mail = f"{uuid4().hex[:6]}@from.example"
    key = made(house, mail=mail, birthday="1990-02-28", birthday_source="A card", birthday_noted_on="2026-03-12")
    one = Import(house, "marketing").upload(f"Mail address,Birthday,Birthday: known from\n{mail},1991-01-01,Me\n", kind="contacts")
    assert one.row.mapping[2] != "birthday_source"
    one.choose(mapping=["mail", "birthday", ""], mode="update", key_field="mail").check().run()
    assert known(house, key) == (date(1991, 1, 1), None, today(house), "marketing")
    one.undo()
    assert known(house, key) == (BORN, "A card", MARCH, "owner")


def test_a_file_with_a_day_to_come_names_its_cell(house):
    one = Import(house).upload("Name,Birthday,Birthday: known since\nA,1990-02-28,2099-01-01\n", kind="contacts").check()
    assert [(line, code) for line, _, code in one.said()] == [(2, "noted_in_future")]


@pytest.mark.parametrize("who", ["owner", "marketing"])
def test_a_merge_carries_it_and_its_undo_brings_it_back(house, who):
    one = made(house, language="de", language_source="Mine", language_noted_on="2026-03-12")
    other = made(house, birthday="1990-02-28", birthday_source="A card", birthday_noted_on="2026-03-12", language="es", language_source="Theirs", language_noted_on="2026-04-01")
    run = Merging(house, who).merge("contact", one, other, choices={"language": str(other)})
    assert known(house, one) == (BORN, "A card", MARCH, "owner") and known(house, one, "language") == ("es", "Theirs", date(2026, 4, 1), "owner")
    edit(house, one, birthday="1995-05-05")
    run.undo()
    assert known(house, one, "language") == ("de", "Mine", MARCH, "owner")
    assert known(house, one) == (date(1995, 5, 5), None, today(house), "owner"), "changed since: it stays, with what was said of it"
    with run.door() as ctx:
        assert run.row.kept == ["birthday"], ctx


def test_nobody_is_brought_by_himself_whoever_merges(house):
    """A role that does not know who referred somebody merges him with his referrer."""
    by = made(house)
    key = made(house, referred_by_id=by, referred_by_source="He said so")
    granted(house, hidden=["contacts.referred_by_id"])
    try:
        run = Merging(house, "marketing").merge("contact", key, by)
        assert known(house, key, "referred_by_id")[0] is None
        run.undo()
        assert known(house, key, "referred_by_id") == (by, "He said so", today(house), "owner")
    finally:
        granted(house, hidden=[])
