"""Pairs that somebody found who knows more than their reader."""

import pytest

from core.identity import queries as people
from core.identity import roles
from core.merging import grouping, pairs
from core.parties.beside_models import DuplicatePair
from core.parties.likeness import AGREES


@pytest.fixture
def hiding(house):
    """hiding("contacts.phone"): salespeople do not know these fields, for the length of a test."""
    def hide(*fields):
        with house.ctx() as ctx:
            roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=list(fields))
        with house.ctx() as ctx:
            house.users["rep"] = next(user for user in people.users(ctx) if user.id == house.users["rep"].id)

    yield hide
    hide()


@pytest.mark.parametrize("kind,away,left", [
    ("contact", (), ["mail", "phone", "birthday", "address", "name"]), ("contact", ("contacts.mobile",), ["mail", "birthday", "address", "name"]),
    ("contact", ("contacts.birthday", "contacts.mail", "accounts.street"), ["phone", "name"]), ("account", ("accounts.vat_id", "contacts.phone"), ["phone", "website", "name"]),
], ids=str)
def test_no_reason_tells_of_a_field_that_is_hidden(house, merging, hiding, kind, away, left):
    me = merging("rep")
    a, b = sorted(me.make(kind, "Alike twice") for _ in range(2))
    reasons = ["mail", "phone", "birthday", "address", "name"] if kind == "contact" else ["phone", "website", "vat_id", "name"]
    with house.ctx() as ctx:
        ctx.session.add(DuplicatePair(kind=kind, a_id=a, b_id=b, score=0.9, reasons=reasons))
    hiding(*away)
    with house.ctx("rep") as ctx:
        assert next(one.reasons for one in pairs.pairs(ctx, kind, limit=200) if one.a_id == a) == left
        assert next(group.reasons for group in grouping.groups(ctx, kind) if a in group.members) == left


def test_of_every_reason_it_is_known_in_which_field_it_lies():
    """One that a name gives is for all: names are never hidden."""
    assert set(AGREES) - {"name", "postcode", "city"} == set(pairs.LIES_IN)
