"""A part of a telephone number finds whose it is, however it is written and typed; never those from whom it is hidden."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text

from core.identity import queries as people
from core.identity import roles
from core.parties import actions, offering, queries, reach, reach_finding
from core.parties.models import Account, Contact
from core.search.queries import everything
from infra.db import database
from infra.phones import without_country
from tests.support.world import House


def listed(ctx, typed, room="contacts"):
    return [row.name for row in getattr(queries, room)(ctx, queries.Filters(search=typed)).rows]


@pytest.mark.parametrize(("kept", "typed"), [
    ("+49 431 777 1235", "4317771"), ("+49 431 777 1235", "0431 777"), ("+49 431 777 1235", "+49 431 777"), ("0431 7771235", "+49 (0)431 777-12"), ("+49 431 777 1235", "0049431777"), ("0431/777 12 35", "7712"),
    ("+7 916 555-01-77", "+7(916)555-01-77"), ("+36 20 555 7143", "20 555 71"), ("(0316) 90 80 70", "0316908070"), ("+82 10-9876-1234", "9876-1234"), ("+86 138 0013 8765", "00138765"), ("+49 431 777 1235", "1235"),
])
def test_a_part_of_a_number_finds_its_person_and_company(ctx, kept, typed):
    person, company = actions.create_contact(ctx, name="Ada Wolf", phone=kept), actions.create_account(ctx, name="Nordlicht", phone=kept)
    actions.create_contact(ctx, name="Somebody else", phone="+34 600 99 88 66")
    further = actions.create_contact(ctx, name="Bert Further", mobile="+34 600 99 88 66")
    ctx.session.flush()
    reach.add_point(ctx, further, "phone", kept)
    assert listed(ctx, typed) == ["Ada Wolf", "Bert Further"] and listed(ctx, typed, "accounts") == ["Nordlicht"]
    assert {row.id for row in everything(ctx, typed)} == {person.id, company.id, further.id}


def test_a_mobile_number_is_found_too_and_three_digits_are_a_name(ctx):
    actions.create_contact(ctx, name="Ada Wolf", mobile="+49 171 7771236")
    actions.create_contact(ctx, name="Agent 177")
    ctx.session.flush()
    assert listed(ctx, "0171 777") == ["Ada Wolf"] and listed(ctx, "177") == ["Agent 177"] and listed(ctx, "%%%%") == []


@pytest.fixture(scope="module")
def veiled(app):
    """A house whose salespeople see no phone of contacts and no mail of accounts; managers see everything."""
    house = House(f"fragments-{uuid4().hex[:6]}", {"owner": "admin", "manager": "manager", "rep": "sales"})
    with house.ctx("owner") as ctx:
        actions.create_account(ctx, name="Nordlicht", phone="+49 431 777 1235", owner_id=None)
        person = actions.create_contact(ctx, name="Ada Wolf", phone="+49 431 777 1236", mobile="+49 171 777 1237", owner_id=None)
        ctx.session.flush()
        reach.add_point(ctx, person, "phone", "+49 431 777 1238")
        reach.add_point(ctx, person, "messenger", "+49 431 777 1239", service="whatsapp")
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=["contacts.phone"])
    with house.ctx() as ctx:
        house.users["rep"] = next(user for user in people.users(ctx) if user.role.code == "sales")
    return house


@pytest.mark.parametrize(("who", "typed", "found"), [
    ("rep", "431777", {"Nordlicht"}), ("rep", "7771236", set()), ("rep", "171777", {"Ada Wolf"}), ("rep", "7771238", set()), ("rep", "7771239", set()), ("manager", "431777", {"Nordlicht", "Ada Wolf"}), ("manager", "7771239", {"Ada Wolf"}),
])
def test_a_hidden_number_finds_nobody(veiled, who, typed, found):
    with veiled.ctx(who) as ctx:
        assert {row.name for row in everything(ctx, typed)} == found
        assert {*listed(ctx, typed), *listed(ctx, typed, "accounts")} == found


@pytest.mark.parametrize(("model", "index"), [(Contact, "ix_contact_phone_find"), (Account, "ix_account_phone_find"), (Contact, "ix_contact_point_phone_find")])
def test_numbers_are_looked_up_by_an_index(world, model, index):
    with world.acme.ctx() as ctx:
        ctx.session.execute(text(f"INSERT INTO {model.__tablename__} (name, phone) SELECT 'Filler ' || i, '+49 30 ' || 1000000 + i FROM generate_series(1, 2000) i"))  # noqa: S608
        ctx.session.execute(text("INSERT INTO contact_point (contact_id, kind, value, key, label) SELECT id, 'phone', phone, 'none' || id, '' FROM contact WHERE name LIKE 'Filler%' ON CONFLICT DO NOTHING"))
    with database().owner() as owner:
        owner.execute(f"VACUUM ANALYZE {world.acme.tenant.schema_name}.{model.__tablename__}, {world.acme.tenant.schema_name}.contact_point")
    with world.acme.ctx() as ctx:
        ctx.session.execute(text("SET LOCAL enable_seqscan = off"))  # so few rows are read whole as quickly
        wanted = select(model.id).where(reach_finding.also_found(ctx, model, "431 777 1235")).compile(ctx.session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(ctx.session.connection().exec_driver_sql(f"EXPLAIN {wanted}".replace("%", "%%")).scalars())
        assert index in plan and "Seq Scan" not in plan, plan


@pytest.mark.parametrize(("digits", "home"), [("494317771", "4317771"), ("79165550177", "9165550177"), ("12125550100", "2125550100"), ("35569203141", "69203141"), ("8613800138765", "13800138765")])
def test_a_country_is_known_by_its_first_digits(digits, home):
    assert without_country(digits) == home


def test_a_number_is_offered_where_a_company_is_picked(ctx):
    actions.create_account(ctx, name="Nordlicht", phone="+49 431 777 1235")
    ctx.session.flush()
    assert [row.name for row in offering.quick_accounts(ctx, "0431 777")] == ["Nordlicht"]


def test_names_that_hold_the_digits_come_before_numbers(ctx):
    for name, phone in (("Aardvark", "+49 30 4317 999"), ("Bilby", "+49 30 4317 998"), ("Messe 4317", None), ("4317 Zebras", None)):
        actions.create_account(ctx, name=name, phone=phone)
    ctx.session.flush()
    assert [row.name for row in everything(ctx, "4317")] == ["4317 Zebras", "Messe 4317", "Aardvark", "Bilby"]
