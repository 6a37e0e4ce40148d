"""Set-based statements leave what the use cases leave, one by one: values, versions, facts, audit."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.parties import actions, rules
from core.parties.models import Account, Contact
from tests.core.transfer.test_equality import left_by
from tests.support.world import House

ACCOUNTS = [
    {"name": "Acme", "city": "Kiel", "tags": ["fair", "Priority"]}, {"name": "Zoë & Söhne", "mail": "A@Example.com", "employees": 7, "is_customer": True},
    {"name": "北京明视", "annual_revenue": "12.5", "currency": "CNY", "notes": "line\nline", "tags": ["展会"]}, {"name": "Same", "city": "Ulm", "mail": "New@Example.com", "employees": 12},
]
CONTACTS = [{"name": "Ana", "tags": ["a"], "birthday": "1990-02-28"}, {"name": "Иван", "mobile": "+7 900 111 22 33"}, {"name": "김철수", "language": "ko", "tags": ["b"]}]
CHANGES = {
    "accounts": [
        {"city": "Ulm"}, {"mail": "New@Example.com", "employees": "12"}, {"is_customer": "1"}, {"kind": "person"}, {"annual_revenue": "1234.567", "currency": "eur"},
        {"tags": "x, y, X"}, {"notes": ""}, {"website": "example.com", "founded_year": "1998", "street": None}, {"name": "All the same"},
    ],
    "contacts": [{"birthday": "2000-01-31"}, {"language": ""}, {"mobile": "600 11 22 33", "job_title": "Boss"}],
}


@pytest.fixture
def two(app):
    """Two houses with the same records."""

    def filled(kind):
        houses = House(f"set{uuid4().hex[:6]}"), House(f"one{uuid4().hex[:6]}")
        for house in houses:
            with house.ctx() as ctx:
                others = [actions.create_account(ctx, name=name) for name in ("North", "South")]
                ctx.session.flush()
                for row in ACCOUNTS if kind == "accounts" else CONTACTS:
                    given = row if kind == "accounts" else row | {"account_id": others[0].id}
                    (actions.create_account if kind == "accounts" else actions.create_contact)(ctx, **given)
        return houses

    return filled


def named(house, model, rows):
    with house.ctx() as ctx:
        return list(ctx.session.execute(select(model.id).where(model.name.in_([row["name"] for row in rows]))).scalars())


def one_by_one(house, model, rows, act):
    with house.ctx() as ctx:
        for record in ctx.session.execute(select(model).where(model.name.in_([row["name"] for row in rows]))).scalars().all():
            act(ctx, record)


def same(by_set, alone, model, but=()):
    """Everything that stands there, keys of other records aside."""
    first, second = left_by(by_set, model), left_by(alone, model)
    for values, *_ in (first, second):
        for row in values.values():
            for name in but:
                row[name] = row[name] is not None
    return first, second


@pytest.mark.parametrize("kind,change", [(kind, change) for kind, changes in CHANGES.items() for change in changes], ids=str)
def test_a_changed_field(bulk, two, kind, change):
    by_set, alone = two(kind)
    model, rows, edit = (Account, ACCOUNTS, actions.edit_account) if kind == "accounts" else (Contact, CONTACTS, actions.edit_contact)
    bulk(kind=kind, at=by_set).select(named(by_set, model, rows)).preview("change", **change).run()
    one_by_one(alone, model, rows, lambda ctx, record: edit(ctx, record, **change))
    first, second = same(by_set, alone, model, but=("account_id",) if kind == "contacts" else ())
    if change == {"name": "All the same"}:
        first, second = first[2:], second[2:]
    assert first == second


def test_a_person_at_another_account(bulk, two):
    by_set, alone = two("contacts")

    def south(house):
        with house.ctx() as ctx:
            return ctx.session.execute(select(Account.id).where(Account.name == "South")).scalar_one()

    bulk(kind="contacts", at=by_set).select(named(by_set, Contact, CONTACTS)).preview("change", account_id=str(south(by_set))).run()
    one_by_one(alone, Contact, CONTACTS, lambda ctx, record: actions.edit_contact(ctx, record, account_id=south(alone)))
    (values, mine, told, audit), (values_2, mine_2, told_2, audit_2) = same(by_set, alone, Contact, but=("account_id",))
    assert (values, mine, told) == (values_2, mine_2, told_2) and len(audit) == len(audit_2)
    assert sum(kind == "contact.edited" for kind, *_ in told) == 3 * len(CONTACTS), "on his own timeline, the new account's, the old one's"


@pytest.mark.parametrize("owner", ["rep", None])
def test_a_new_owner(bulk, two, owner):
    by_set, alone = two("accounts")
    key = lambda house: house.users[owner].id if owner else None  # noqa: E731
    bulk(at=by_set).select(named(by_set, Account, ACCOUNTS)).preview("owner", owner_id=key(by_set) and str(key(by_set))).run()
    one_by_one(alone, Account, ACCOUNTS, lambda ctx, record: actions.change_owner(ctx, record, key(alone)))
    first, second = same(by_set, alone, Account)
    assert first[:3] == second[:3] and [entry[:4] for entry in first[3]] == [entry[:4] for entry in second[3]]


@pytest.mark.parametrize("add,remove", [(["Fair", "new"], []), ([], ["FAIR", "x"]), (["one"], ["priority"])])
def test_tags(bulk, two, add, remove):
    by_set, alone = two("accounts")
    bulk(at=by_set).select(named(by_set, Account, ACCOUNTS)).preview("tags", add=add, remove=remove).run()
    gone = [tag.casefold() for tag in remove]
    one_by_one(alone, Account, ACCOUNTS, lambda ctx, record: actions.edit_account(ctx, record, tags=rules.tags([*(t for t in record.tags if t.casefold() not in gone), *add], "tags")))
    first, second = same(by_set, alone, Account)
    assert first == second


@pytest.mark.parametrize("kind", ["accounts", "contacts"])
def test_deleted_and_brought_back(bulk, two, kind):
    by_set, alone = two(kind)
    model, rows = (Account, ACCOUNTS) if kind == "accounts" else (Contact, CONTACTS)
    delete, restore = (actions.delete_account, actions.restore_account) if kind == "accounts" else (actions.delete_contact, actions.restore_contact)
    one = bulk(kind=kind, at=by_set).select(named(by_set, model, rows)).preview("delete").run()
    one_by_one(alone, model, rows, delete)
    gone = lambda left: [sorted(left[0]), [(row["version"], row["deleted_at"] is None) for row in left[0].values()], left[2]]  # noqa: E731
    assert gone(left_by(by_set, model)) == gone(left_by(alone, model))
    one.undo()
    one_by_one(alone, model, rows, restore)
    first, second = same(by_set, alone, model, but=("account_id",) if kind == "contacts" else ())
    assert first[:3] == second[:3] and {row["deleted_at"] for row in first[0].values()} == {None}


def test_an_undo_is_the_change_back(bulk, two):
    by_set, alone = two("accounts")
    change = {"city": "Ulm", "employees": "12", "mail": "New@Example.com"}
    bulk(at=by_set).select(named(by_set, Account, ACCOUNTS)).preview("change", **change).run().undo()
    one_by_one(alone, Account, ACCOUNTS, lambda ctx, record: actions.edit_account(ctx, record, **change))
    was = {row["name"]: row for row in ACCOUNTS}
    one_by_one(alone, Account, ACCOUNTS, lambda ctx, record: actions.edit_account(ctx, record, **{name: was[record.name].get(name) for name in change}))
    first, second = same(by_set, alone, Account)
    assert first == second


def test_the_equality_would_see_a_fact_and_an_audit_entry_less(bulk, two, monkeypatch):
    """Negative control."""
    from core.bulk import writing

    by_set, alone = two("accounts")
    monkeypatch.setattr(writing, "tell", lambda *args, **rest: None)
    bulk(at=by_set).select(named(by_set, Account, ACCOUNTS)).preview("change", city="Ulm").run()
    one_by_one(alone, Account, ACCOUNTS, lambda ctx, record: actions.edit_account(ctx, record, city="Ulm"))
    first, second = same(by_set, alone, Account)
    assert first[2] != second[2] and first[3] == second[3]
    with by_set.ctx() as ctx:
        assert ctx.session.execute(select(AuditEntry).where(AuditEntry.table_name == "account", AuditEntry.action == "update")).first()
