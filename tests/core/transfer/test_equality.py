"""The import's set-based statements leave what the use case leaves, one by one: values, facts, audit."""

import csv
import io
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.base.facts import Fact, FactSubject
from core.parties.actions import create_account, create_contact, edit_account
from core.parties.models import Account, Contact
from tests.support.world import House

ACCOUNTS = [
    {"name": "Acme"},
    {"name": "  Zoë  &  Söhne\tGmbH ", "kind": "company", "is_customer": "yes", "website": "example.com", "industry": "Optics", "employees": "2,822"},
    {"name": "北京明视科技有限公司", "city": "北京", "country": "中国", "phone": "+86 10 1234 5678", "tags": "vip, 展会, VIP"},
    {"name": "ООО «Ясный взгляд»", "annual_revenue": "1,234,567.891", "currency": "rub", "founded_year": "1998", "notes": "строка\nвторая"},
    {"name": "=HYPERLINK(\"x\")", "mail": "Info@Example.COM", "source": "fair", "external_id": "A-17", "street": "Calle 1", "postcode": "08001", "region": "B"},
    {"name": "Jane Doe", "kind": "person", "is_supplier": "1", "annual_revenue": "0"},
]
CONTACTS = [
    {"name": "Ana Ruiz", "mail": "Ana.Ruiz@example.com", "mobile": "+34 600 11 22 33", "birthday": "1990-02-28", "tags": "a;b", "language": "es", "language_source": "her brother", "language_noted_on": "2026-03-12"},
    {"name": "김철수", "job_title": "대표", "phone": "02-123-4567", "how_to_address": "김 대표님", "external_id": "C-1"},
    {"name": "Иван Петров", "notes": "первая\r\nвторая", "source": "выставка"},
]
OWN = {"id", "created_at", "updated_at"}


def file_of(rows):
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def left_by(house, model):
    """What stands in the tenant: values by name, facts, audit, without keys and times of day."""
    with house.ctx() as ctx:
        rows = {row.id: row for row in ctx.session.execute(select(model)).scalars()}
        values = {row.name: {c.name: getattr(row, c.name) == ctx.actor.id if c.name.endswith("_noted_by") else getattr(row, c.name) for c in model.__table__.c if c.name not in OWN | {"owner_id", "created_by"}} for row in rows.values()}
        mine = {row.name: (getattr(row, "owner_id", None) == ctx.actor.id, row.created_by == ctx.actor.id, row.created_at == row.updated_at) for row in rows.values()}
        facts = ctx.session.execute(select(Fact, FactSubject.subject_id, FactSubject.at).join(FactSubject, FactSubject.fact_id == Fact.id).where(Fact.subject_id.in_(rows))).all()
        told = sorted(
            (f.kind, f.subject_type, rows[f.subject_id].name, f.actor_id == ctx.actor.id, f.actor_name, str(f.params), subject == f.subject_id, f.at == at)
            for f, subject, at in facts
        )
        audit = sorted(
            (rows[entry.row_id].name, entry.table_name, entry.action, entry.actor_id == ctx.actor.id, str(entry.changes).replace(str(ctx.actor.id), "me"))
            for entry in ctx.session.execute(select(AuditEntry).where(AuditEntry.row_id.in_(rows))).scalars()
        )
    return values, mine, told, audit


@pytest.fixture
def two_houses(app):
    return House(f"set{uuid4().hex[:6]}"), House(f"one{uuid4().hex[:6]}")


@pytest.mark.parametrize("kind,rows,model,create", [("accounts", ACCOUNTS, Account, create_account), ("contacts", CONTACTS, Contact, create_contact)])
def test_imported_and_typed_records_are_the_same(bring, two_houses, kind, rows, model, create):
    by_set, one_by_one = two_houses
    one = bring(at=by_set).upload(file_of(rows), kind=kind).choose(mapping=list(dict.fromkeys(n for row in rows for n in row)), key_field="").check()
    assert one.said() == []
    one.run()
    with one_by_one.ctx() as ctx:
        for row in rows:
            create(ctx, **({**row, "employees": "2822"} if "employees" in row else {**row, "annual_revenue": "1234567.891"} if "annual_revenue" in row and row["annual_revenue"] != "0" else row))
    assert left_by(by_set, model) == left_by(one_by_one, model)


def test_an_imported_change_is_the_same_as_a_typed_one(bring, two_houses):
    by_set, one_by_one = two_houses
    change = {"external_id": "A-17", "city": "Ulm", "tags": "x, y", "mail": "New@Example.com", "employees": "12"}
    for house in two_houses:
        with house.ctx() as ctx:
            create_account(ctx, name="Acme", external_id="A-17", mail="old@example.com", employees="12")
            create_account(ctx, name="Other")
    one = bring(at=by_set).upload(file_of([change])).choose(mapping=list(change), mode="update", key_field="external_id").check().run()
    assert one.counts == {"updated": 1}
    with one_by_one.ctx() as ctx:
        edit_account(ctx, ctx.session.execute(select(Account).where(Account.name == "Acme")).scalar_one(), **change)
    assert [part if i != 1 else None for i, part in enumerate(left_by(by_set, Account))] == [part if i != 1 else None for i, part in enumerate(left_by(one_by_one, Account))]
