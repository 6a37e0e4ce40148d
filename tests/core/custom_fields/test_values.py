"""Own values: cleaned by kind, required, conditional, unique, merged key by key, never read by whom they are hidden from."""


import pytest
from sqlalchemy import func, select

from core.base import hiding
from core.base.errors import Conflict, Forbidden, Refused
from core.custom_fields import actions as defining
from core.custom_fields import fields, unique
from core.custom_fields.models import CustomUnique
from core.identity import queries as people
from core.identity import roles
from core.parties import actions, queries
from core.parties.models import Account
from core.parties.queries import Filters
from tests.support.races import at_once, somebody_waits

TAKEN = [
    ("text", " a  b ", "a  b"), ("long_text", "a\r\nb", "a\nb"), ("whole", "1 200", 1200), ("whole", 7, 7), ("decimal", "12.50", "12.5"), ("decimal", 3, "3"), ("decimal", "-0.0", "0"),
    ("amount", "12.5", {"amount": "12.50", "currency": "EUR"}), ("amount", "usd 1000", {"amount": "1000.00", "currency": "USD"}), ("amount", {"amount": "3", "currency": "CHF"}, {"amount": "3.00", "currency": "CHF"}),
    ("date", "2026-05-31", "2026-05-31"), ("moment", "2026-05-31T10:00:30+02:00", "2026-05-31T08:00:00Z"), ("yes_no", "yes", True), ("yes_no", "no", False), ("yes_no", "", None), ("choice", "green", "green"), ("choice", "GREEN", "green"),
    ("choices", "blue, red", ["red", "blue"]), ("choices", [], None), ("mail", "A@Example.com", "A@example.com"), ("phone", "+49 431 77", "+49 431 77"), ("link", "example.com/x", "example.com/x"), ("text", "", None),
]
REFUSED = [
    ("whole", "1.5"), ("whole", "9" * 30), ("decimal", "x"), ("decimal", "0.00001"), ("decimal", "NaN"), ("amount", "12 QQQ"), ("amount", "abc"), ("amount", {"amount": "1", "x": 1}), ("date", "2026-02-30"), ("moment", "soon"),
    ("yes_no", "perhaps"), ("choice", "pink"), ("choices", ["red", "pink"]), ("mail", "nobody"), ("phone", "12"), ("link", "javascript:alert(1)"), ("text", "a\x00b"), ("text", {"a": 1}), ("user", "x"), ("user", "7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11"), ("account", "7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11"),
]


@pytest.mark.parametrize(("kind", "typed", "kept"), TAKEN, ids=str)
def test_a_value_is_kept_as_its_kind_says(house, kind, typed, kept):
    with house.ctx() as ctx:
        made = actions.create_account(ctx, name="Acme", **{f"custom.my_{kind}": typed})
        ctx.session.flush()
        assert getattr(made, f"custom.my_{kind}") == kept


@pytest.mark.parametrize(("kind", "typed"), REFUSED, ids=str)
def test_what_does_not_fit_is_refused_by_its_name(house, kind, typed):
    with house.ctx() as ctx, pytest.raises(Refused) as refusal:
        actions.create_account(ctx, name="Acme", **{f"custom.my_{kind}": typed})
    assert refusal.value.field == f"custom.my_{kind}"


def test_a_key_that_is_no_field_is_refused(house):
    with house.ctx() as ctx, pytest.raises(Refused, match="unknown_field"):
        actions.create_account(ctx, name="Acme", **{"custom.nothing": "x"})


def account(house, **given):
    with house.ctx() as ctx:
        made = actions.create_account(ctx, name="Acme", **given)
        ctx.session.flush()
        return made.id


def test_two_who_edit_different_keys_never_meet_and_the_same_key_is_asked_about(house):
    key = account(house, **{"custom.my_text": "old", "custom.my_whole": 1})
    was = {"custom.my_text": "old", "custom.my_whole": "1"}
    with house.ctx() as ctx:
        actions.edit_account(ctx, queries.one_account(ctx, key), version=1, original=was, **{"custom.my_text": "theirs"})
    with house.ctx() as ctx:
        actions.edit_account(ctx, queries.one_account(ctx, key), version=1, original=was, **{"custom.my_whole": "2"})
    with house.ctx() as ctx:
        assert queries.one_account(ctx, key).custom == {"my_text": "theirs", "my_whole": 2}
        with pytest.raises(Conflict) as met:
            actions.edit_account(ctx, queries.one_account(ctx, key), version=1, original=was, **{"custom.my_text": "mine"})
        assert met.value.fields == {"custom.my_text": ("mine", "theirs", "old")}


def test_an_empty_value_leaves_no_key(house):
    key = account(house, **{"custom.my_text": "x", "custom.my_whole": 1})
    with house.ctx() as ctx:
        found = actions.edit_account(ctx, queries.one_account(ctx, key), **{"custom.my_text": ""})
        assert found.custom == {"my_whole": 1} and found.version == 2


def test_a_required_field_is_asked_for_when_it_is_at_stake_and_only_then(house, make):
    old = account(house)
    made = make(is_required=True, shown_when={"field": "is_customer", "op": "eq", "value": True})
    name = f"custom.{made.key}"
    try:
        with house.ctx() as ctx:
            actions.create_account(ctx, name="Supplier")
            with pytest.raises(Refused) as refusal:
                actions.create_account(ctx, name="Customer", is_customer=True)
            assert (refusal.value.code, refusal.value.field) == ("required", name)
            actions.create_account(ctx, name="Customer", is_customer=True, **{name: "x"})
            with pytest.raises(Refused, match="custom_not_now"):
                actions.create_account(ctx, name="Supplier", **{name: "x"})
        with house.ctx() as ctx:
            found = queries.one_account(ctx, old)
            actions.edit_account(ctx, found, city="Kiel")
            with pytest.raises(Refused, match="required"):
                actions.edit_account(ctx, found, is_customer=True)
    finally:
        with house.ctx() as ctx:
            defining.archive_field(ctx, ctx.session.get(type(made), made.id))


def test_a_preset_stands_where_nothing_was_given(house, make):
    made = make(kind="choice", options=[{"label": "Low"}, {"label": "High"}], preset="high")
    with house.ctx() as ctx:
        assert actions.create_account(ctx, name="A").custom == {made.key: "high"}
        assert made.key not in actions.create_account(ctx, name="A", **{f"custom.{made.key}": None}).custom
        defining.archive_field(ctx, ctx.session.get(type(made), made.id))


def person(house, badge, **given):
    with house.ctx() as ctx:
        made = actions.create_contact(ctx, name="Ada", **{"custom.badge": badge, "custom.badge_until": "2027-01-01"} | given)
        ctx.session.flush()
        return made.id


def test_a_unique_value_is_one_records_whatever_its_case_and_in_the_recycle_bin_too(house):
    key = person(house, "B-1")
    with pytest.raises(Refused) as refusal:
        person(house, "b-1")
    assert (refusal.value.code, refusal.value.field) == ("custom_taken", "custom.badge")
    with house.ctx() as ctx:
        actions.delete_contact(ctx, queries.one_contact(ctx, key))
    with pytest.raises(Refused, match="custom_taken"):
        person(house, "B-1")
    with house.ctx() as ctx:
        found = queries.one_contact(ctx, key, deleted=True)
        actions.restore_contact(ctx, found)
        actions.edit_contact(ctx, found, **{"custom.badge": "B-2"})
    person(house, "B-1")


def test_two_who_bring_the_same_value_at_once_one_gets_it(house):
    assert at_once(lambda: person(house, "R-1"), lambda: person(house, "R-1")) == ["custom_taken", "done"]


def test_without_the_reservation_both_would_get_it(house, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(unique, "reserve", lambda *_: None)
    assert at_once(lambda: person(house, "R-2"), lambda: person(house, "R-2")) == ["done", "done"]


def test_the_second_waits_for_the_first(house):
    import threading

    said = []
    with house.ctx() as ctx:
        actions.create_contact(ctx, name="First", **{"custom.badge": "W-1", "custom.badge_until": "2027-01-01"})
        ctx.session.flush()
        def second():
            try:
                person(house, "W-1")
            except Refused as refusal:
                said.append(refusal.code)
        thread = threading.Thread(target=second)
        thread.start()
        somebody_waits()
    thread.join()
    assert said == ["custom_taken"]


def test_a_merge_or_a_set_based_write_settles_what_is_taken(house):
    key = person(house, "S-1")
    with house.ctx() as ctx:
        found = queries.one_contact(ctx, key)
        found.custom = found.custom | {"badge": "S-2"}
        ctx.session.flush()
        unique.settle(ctx, "contacts", [key])
        held = ctx.session.execute(select(CustomUnique.value_hash).where(CustomUnique.record_id == key)).scalars().all()
        assert held == [ctx.session.execute(select(func.sha256(func.convert_to("s-2", "UTF8")))).scalar_one()]


# ---- hidden ----


@pytest.fixture
def blind(house):
    with house.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "service"), hidden=["accounts.custom.my_text"], visibility="all", changing="all")
    with house.ctx() as ctx:
        house.users["blind"] = next(user for user in people.users(ctx) if user.role.code == "service")
    return lambda: house.ctx("blind")


def test_a_hidden_key_is_never_read_and_never_lost(house, blind):
    key = account(house, **{"custom.my_text": "secret", "custom.my_whole": 1})
    with blind() as ctx:
        found = queries.one_account(ctx, key)
        assert found.custom == {"my_whole": 1}
        actions.edit_account(ctx, found, **{"custom.my_whole": 2})
        assert found.custom == {"my_whole": 2}
        with pytest.raises(Refused, match="unknown_field"):
            actions.edit_account(ctx, found, **{"custom.my_text": "x"})
    with house.ctx() as ctx:
        assert queries.one_account(ctx, key).custom == {"my_text": "secret", "my_whole": 2}


def test_a_statement_that_could_tell_a_hidden_key_is_refused(house, blind):
    whole = hiding.part(Account, "my_whole")
    with blind() as ctx:
        for asked in (
            select(Account.custom), select(Account.custom["my_text"].astext), select(Account.id).where(Account.custom.has_key("my_text")), select(Account.custom_find), select(hiding.searched(Account)).where(Account.custom_find == "x"),
            select(hiding.part(Account, "my_text")), select(Account.id).order_by(Account.custom["my_whole"]), select(func.count()).select_from(Account).where(hiding.part(Account, "my_text").contains({"my_text": "x"})),
        ):
            with pytest.raises(Forbidden):
                ctx.session.execute(asked)
        ctx.session.execute(select(whole.op("->>")("my_whole")).select_from(Account))
        rows = ctx.session.execute(select(hiding.rest(ctx.session, Account)).select_from(Account)).scalars().all()
        assert rows and all("my_text" not in row for row in rows)


def test_no_list_search_filter_or_order_tells_it(house, blind):
    account(house, **{"custom.my_text": "zzcanary"})
    with house.ctx() as ctx:
        assert queries.accounts(ctx, Filters(search="zzcanary")).rows and queries.accounts(ctx, Filters(where=(("custom.my_text", "eq", "zzcanary"),))).rows
    with blind() as ctx:
        assert not queries.accounts(ctx, Filters(search="zzcanary")).rows
        assert "custom.my_text" not in {one.name for one in fields.fields_of(ctx, "accounts")}
        for ask in ({"sort": "custom.my_text"}, {"filters": Filters(where=(("custom.my_text", "eq", "zzcanary"),))}, {"chosen": ["custom.my_text"]}):
            with pytest.raises(Refused):
                queries.accounts(ctx, **ask)
