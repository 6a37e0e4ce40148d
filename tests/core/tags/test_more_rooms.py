"""Deals, leads and products have tags as accounts and contacts do: spelled, found, changed in every record, taken along."""

from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from core.audit.models import AuditEntry
from core.base.errors import Refused
from core.base.facts import Fact
from core.deals import actions as deals
from core.deals import board, pipelines
from core.deals import queries as dealt
from core.deals.models import Deal
from core.identity import roles
from core.leads import actions as leads
from core.leads import converting
from core.leads import queries as led
from core.leads.models import Lead
from core.parties import actions as parties
from core.parties import queries as lists
from core.parties.models import Account, Contact
from core.parties.queries import Filters
from core.products import actions as products
from core.products import queries as sold
from core.products.models import Product
from core.tagging.models import Tag
from core.tagging.rules import together
from core.tags import actions, queries, undoing
from core.views import actions as views
from core.views.models import SavedView
from infra.db import database
from tests.core.tags.test_changing import reread
from tests.support.world import House

MAKE = {
    "deals": (deals.create_deal, deals.edit_deal, dealt.one_deal, Deal, dealt.deals), "leads": (leads.create_lead, leads.edit_lead, led.one_lead, Lead, led.leads),
    "products": (lambda ctx, **given: products.create_product(ctx, code=uuid4().hex[:8], **given), products.edit_product, sold.one_product, Product, sold.products),
}


@pytest.fixture(scope="module")
def house(app):
    return House(f"m{uuid4().hex[:8]}")


@pytest.fixture
def word():
    return f"Fair {uuid4().hex[:6]}"


def made(house, room, *tags, name="Nordlicht"):
    with house.ctx() as ctx:
        one = MAKE[room][0](ctx, name=name, tags=list(tags))
        ctx.session.flush()
        return one.id


def tags_of(house, room, key):
    model = MAKE[room][3] if room in MAKE else {"accounts": Account, "contacts": Contact}[room]
    with house.ctx() as ctx:
        return ctx.session.execute(select(model.tags).where(model.id == key)).scalar_one()


@pytest.mark.parametrize("room", MAKE)
def test_a_tag_has_one_spelling_whoever_writes_the_record(house, room, word):
    first = made(house, room, word)
    with house.ctx() as ctx:
        one = MAKE[room][2](ctx, first)
        MAKE[room][1](ctx, one, tags=f"{word.upper()}, other {word}")
        assert one.tags == [word, f"other {word}"]
    model = MAKE[room][3]
    with house.ctx() as ctx:
        values = {name: getattr(ctx.session.get(model, first), name) for name in ("pipeline_id", "stage_id", "state", "stage_since", "currency") if hasattr(model, name) and room != "leads"}
        values |= {"state_since": ctx.now} if room == "leads" else {"code": uuid4().hex[:8]} if room == "products" else {}
        values.pop("stage_since" if room == "products" else "", None)
        raw = ctx.session.execute(insert(model.__table__).values(name="Raw", tags=[word.lower(), f"new {word}"], **values).returning(model.__table__.c.tags)).scalar_one()
        assert raw == [word, f"new {word}"], "a statement is spelled by the database"
        assert ctx.session.execute(select(Tag.name).where(Tag.name == f"new {word}")).scalar_one()


def test_without_the_database_a_statement_would_spell_as_it_likes(house, word):
    """Negative control of the one above."""
    key = made(house, "deals", word)
    schema, raw = house.tenant.schema_name, "UPDATE {}.deal SET tags = %s WHERE id = %s RETURNING tags"
    with database().owner() as connection:
        assert connection.execute(raw.format(schema), ([word.upper()], key)).fetchone()[0] == [word]
        connection.execute(f"ALTER TABLE {schema}.deal DISABLE TRIGGER a_tags_update")
        try:
            assert connection.execute(raw.format(schema), ([word.upper()], key)).fetchone()[0] == [word.upper()]
        finally:
            connection.execute(f"ALTER TABLE {schema}.deal ENABLE TRIGGER a_tags_update")


@pytest.mark.parametrize("room", MAKE)
def test_lists_are_narrowed_by_tags_in_every_way(house, room, word):
    both, one, none = made(house, room, word, f"b {word}", name=f"{word} 1"), made(house, room, word, name=f"{word} 2"), made(house, room, name=f"{word} 3")

    def found(*where, **filters):
        with house.ctx() as ctx:
            return [row.id for row in MAKE[room][4](ctx, Filters(search=word, where=tuple(where), **filters)).rows]

    assert found(tag=word.upper()) == [both, one] and found(("tags", "has", f"B {word}")) == [both] and found(("tags", "lacks", word)) == [none]
    assert found(("tags", "any", f"b {word},{word}")) == [both, one] and found(("tags", "all", f"{word}, b {word}")) == [both] and found(("tags", "none", f"b {word},{word}")) == [none]
    assert found(("tags", "null", "true")) == [none]
    for wrong in ("", ",", "x" * 201, "\x00", ",".join(map(str, range(101)))):
        with pytest.raises(Refused):
            found(("tags", "any", wrong))


@pytest.mark.parametrize("room", [*MAKE, "accounts"])
def test_rows_of_the_same_tags_stand_together_whatever_their_order(house, room, word):
    with house.ctx() as ctx:
        make = MAKE[room][0] if room in MAKE else parties.create_account
        for n, tags in enumerate(([], ["b", "A"], ["z"], ["a", "B"])):
            make(ctx, name=f"{word} {n}", tags=tags)
        read = MAKE[room][4] if room in MAKE else lists.accounts
        rows = read(ctx, Filters(search=word), group="tags").rows
        assert [row.name[-1] for row in rows] == ["1", "3", "2", "0"]
        assert rows[0].group_key == rows[1].group_key != rows[2].group_key


def test_a_change_of_a_tag_reaches_every_room_is_told_and_taken_back(house, word):
    keys = {room: made(house, room, "first", word) for room in MAKE}
    with house.ctx() as ctx:
        keys["accounts"], keys["contacts"] = parties.create_account(ctx, name="A", tags=["first", word]).id, parties.create_contact(ctx, name="C", tags=["first", word]).id
        assert vars(queries.used(ctx, [word])[word]) == dict.fromkeys(("accounts", "contacts", "deals", "leads", "products"), 1)
        tag = ctx.session.execute(select(Tag).where(Tag.name == word)).scalar_one()
        run = actions.edit_tag(ctx, tag, name=f"New {word}")
        assert run.state == "done" and run.changed == 5
    assert {room: tags_of(house, room, key) for room, key in keys.items()} == dict.fromkeys(keys, ["first", f"New {word}"])
    with house.ctx() as ctx:
        for room, key in keys.items():
            kind = {"accounts": "account", "contacts": "contact", "deals": "deal", "leads": "lead", "products": "product"}[room]
            assert ctx.session.execute(select(Fact.params["fields"].as_string()).where(Fact.subject_id == key, Fact.kind == f"{kind}.edited")).scalars().all() == ['["tags"]'], room
            assert ctx.session.execute(select(AuditEntry.changes["tags"][1]).where(AuditEntry.row_id == key, AuditEntry.action == "update")).scalars().all() == [["first", f"New {word}"]], room
        undoing.start_undo(ctx, ctx.session.get(type(run), run.id))
    assert {room: tags_of(house, room, key) for room, key in keys.items()} == dict.fromkeys(keys, ["first", word])


def test_a_tag_that_only_a_deal_has_does_not_go(house, word):
    made(house, "deals", word)
    with house.ctx() as ctx:
        tag = ctx.session.execute(select(Tag).where(Tag.name == word)).scalar_one()
        other = actions.create_tag(ctx, name=f"into {word}")
        run = actions.merge_tag(ctx, tag, other.id)
        assert run.changed == 1
        undoing.start_undo(ctx, run)
        assert ctx.session.execute(select(Tag.leaving).where(Tag.name == word)).scalar_one() is False


def test_views_that_name_several_tags_follow_and_come_back(house, word):
    made(house, "leads", word)
    made(house, "leads", f"b {word}")
    with house.ctx() as ctx:
        view = views.save_view(ctx, room="leads", name=f"V {word}", query={"where": [["tags", "any", f"b {word}, {word.upper()}"], ["tags", "has", word]]}).id
        tag = ctx.session.execute(select(Tag).where(Tag.name == word)).scalar_one()
        into = ctx.session.execute(select(Tag).where(Tag.name == f"b {word}")).scalar_one()
        run = actions.merge_tag(ctx, tag, into.id)
        ctx.session.expire_all()
        assert ctx.session.get(SavedView, view).query["where"] == [["tags", "any", f"b {word},b {word}"], ["tags", "has", f"b {word}"]]
        undoing.start_undo(ctx, run)
        ctx.session.expire_all()
        assert ctx.session.get(SavedView, view).query["where"] == [["tags", "any", f"b {word},{word}"], ["tags", "has", word]]


def test_what_a_lead_becomes_has_its_tags(house, word):
    with house.ctx() as ctx:
        lead = leads.create_lead(ctx, name="Ann", company="North", tags=[word, "hot"])
        converting.convert(ctx, lead, deal={})
        got = [ctx.session.get(model, key).tags for model, key in ((Account, lead.account_id), (Contact, lead.contact_id), (Deal, lead.deal_id))]
        assert got == [[word, "hot"]] * 3
        there = parties.create_account(ctx, name="South", tags=["kept"])
        second = leads.create_lead(ctx, name="Bo", tags=[word])
        converting.convert(ctx, second, account=there.id, contact="none", deal={"tags": ["said"]})
        assert there.tags == ["kept"] and ctx.session.get(Deal, second.deal_id).tags == ["said"], "what is there keeps its own, what is said counts"


def test_whoever_must_not_tag_accounts_converts_without(house, word):
    with house.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), protected=["accounts.tags"])
    try:
        house.users["rep"] = reread(house, "rep")
        with house.ctx("rep") as ctx:
            lead = leads.create_lead(ctx, name="Cy", company="West", tags=[word])
            converting.convert(ctx, lead, deal={})
            assert [ctx.session.get(model, key).tags for model, key in ((Account, lead.account_id), (Contact, lead.contact_id), (Deal, lead.deal_id))] == [[], [word], [word]]
    finally:
        with house.ctx() as ctx:
            roles.edit_role(ctx, roles.one_role(ctx, "sales"), protected=[])
        house.users["rep"] = reread(house, "rep")


def test_somebody_who_comes_again_brings_tags_where_there_are_none(house, word):
    with house.ctx() as ctx:
        first = leads.capture(ctx, name="Di", mail=f"{uuid4().hex[:8]}@example.org")
        assert leads.capture(ctx, mail=first.mail, tags=[word]).tags == [word]
        assert leads.capture(ctx, mail=first.mail, tags=["later"]).tags == [word], "what it says stays"


def test_a_card_of_the_board_shows_tags_with_their_colours(house, word):
    made(house, "deals", word)
    with house.ctx() as ctx:
        ctx.session.execute(select(Tag).where(Tag.name == word)).scalar_one().colour = "red"
        lanes = board.lanes(ctx, pipelines.working(ctx)[0], Filters(tag=word))
        assert [(card.tags, card.tag_colours) for lane in lanes for card in lane.cards] == [([word], {word: "red"})]


def test_tags_of_several_are_each_there_once():
    assert together(["VIP", "a"], None, ["vip", "B"]) == ["VIP", "a", "B"] and len(together(map(str, range(40)))) == 30
