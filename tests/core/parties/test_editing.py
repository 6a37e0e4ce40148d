"""Create, edit, two people at once, hand over, delete and bring back."""

import threading
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from core.audit.models import AuditEntry
from core.audit.queries import last_change
from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.base.facts import timeline
from core.parties import actions, queries
from core.parties.models import Account

NOBODY = "7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11"


def test_only_a_name_is_needed_and_the_maker_owns_it(ctx):
    account = actions.create_account(ctx, name="  Nordlicht   Optik ")
    assert (account.name, account.owner_id, account.kind, account.version) == ("Nordlicht   Optik", ctx.actor.id, "company", 1)


def test_what_people_write_is_read(ctx):
    account = actions.create_account(
        ctx, name="X", annual_revenue="1.234.567,50", currency="eur", employees="1 200", founded_year="1998", tags="fair, VIP; fair\nnew", website="nordlicht.example/de",
        is_customer="1", mail="Office@Nordlicht.Example", vat_id="de 136.695-976",
    )
    assert (account.annual_revenue, account.vat_id) == (Decimal("1234567.50"), "DE136695976")
    assert (account.currency, account.employees, account.tags, account.is_customer, account.mail_norm) == ("EUR", 1200, ["fair", "VIP", "new"], True, "office@nordlicht.example")


@pytest.mark.parametrize(("field", "value", "code"), [
    ("name", "", "required"), ("name", "x" * 10_000, "too_long"), ("name", "a\x00b", "control_character"), ("name", "abc\u202ecod", "control_character"),
    ("mail", "not a mail", "not_a_mail"), ("website", "javascript:alert(1)", "not_a_website"), ("website", "http://a b", "not_a_website"), ("phone", "call me", "not_a_phone"),
    ("employees", "many", "not_whole"), ("employees", "-1", "not_whole"), ("founded_year", "99999", "not_whole"), ("vat_id", "DE12", "not_a_vat_number"), ("vat_id", "by phone", "not_a_vat_number"), ("tax_relief", "S", "unknown_value"), ("tax_relief", "ae", "unknown_value"), ("annual_revenue", "1e999", "not_an_amount"),
    ("annual_revenue", "NaN", "not_an_amount"), ("currency", "XXXX", "not_a_currency"), ("kind", "robot", "unknown_value"), ("tags", ",".join(f"t{i}" for i in range(31)), "too_many_tags"),
    ("tags", "x" * 51, "too_long"), ("parent_id", "no key", "unknown_value"), ("owner_id", NOBODY, "owner_unknown"), ("parent_id", NOBODY, "account_unknown"),
    ("notes", "x" * 20_001, "too_long"), ("role", "admin", "unknown_field"), ("deleted_at", "2020-01-01", "unknown_field"), ("id", NOBODY, "unknown_field"),
])
def test_a_bad_value_is_refused_and_named(ctx, field, value, code):
    with pytest.raises(Refused) as refused:
        actions.create_account(ctx, **({"name": "X"} | {field: value}))
    assert (refused.value.code, refused.value.field) == (code, None if code == "unknown_field" else field)


def test_no_tax_is_due_for_two_reasons_and_the_database_knows_no_third(ctx):
    account = actions.create_account(ctx, name="X", tax_relief="AE")
    actions.edit_account(ctx, account, tax_relief="")
    assert account.tax_relief is None and actions.edit_account(ctx, account, tax_relief="E").tax_relief == "E"
    with pytest.raises(IntegrityError, match="ck_account_tax_relief"), ctx.session.begin_nested():
        ctx.session.execute(update(Account).where(Account.id == account.id).values(tax_relief="Z"))


def test_a_disabled_person_owns_nothing_new(ctx, shared_house):
    with pytest.raises(Refused, match="owner_unknown"):
        actions.create_account(ctx, name="X", owner_id=shared_house.users["ex"].id)


def test_who_sees_only_his_own_keeps_what_he_makes(as_, shared_house):
    rep = as_("rep")
    with pytest.raises(Refused, match="owner_not_you"):
        actions.create_account(rep, name="X", owner_id=shared_house.users["owner"].id)
    assert actions.create_account(rep, name="Pool", owner_id=None).owner_id is None


def test_only_given_fields_change_and_the_timeline_says_which(ctx):
    account = actions.create_account(ctx, name="X", city="Kiel", phone="0431 55")
    actions.edit_account(ctx, account, city="Lübeck", phone="0431 55")
    assert (account.city, account.phone, account.version) == ("Lübeck", "0431 55", 2)
    fact = ctx.session.execute(timeline(account.id)).scalars().first()
    assert (fact.kind, fact.params["fields"]) == ("account.edited", ["city"])


def test_saving_without_a_change_changes_nothing(ctx):
    account = actions.create_account(ctx, name="X")
    actions.edit_account(ctx, account, name="X", tags="")
    assert account.version == 1


def test_two_who_edit_different_fields_never_meet(ctx):
    account = actions.create_account(ctx, name="X", city="Kiel", phone="111 222")
    actions.edit_account(ctx, account, version=1, original={"city": "Kiel"}, city="Lübeck")
    actions.edit_account(ctx, account, version=1, original={"phone": "111 222", "city": "Kiel"}, phone="333 444", city="Kiel")
    assert (account.city, account.phone) == ("Lübeck", "333 444")


def test_the_same_field_shows_mine_theirs_and_original(ctx):
    account = actions.create_account(ctx, name="X", city="Kiel", phone="111 222")
    actions.edit_account(ctx, account, version=1, original={"city": "Kiel"}, city="Lübeck")
    with pytest.raises(Conflict) as conflict:
        actions.edit_account(ctx, account, version=1, original={"city": "Kiel", "phone": "111 222"}, city="Plön", phone="999 000")
    assert conflict.value.fields == {"city": ("Plön", "Lübeck", "Kiel")}
    assert (account.city, account.phone) == ("Lübeck", "111 222")


def test_two_who_write_the_same_value_agree(ctx):
    account = actions.create_account(ctx, name="X", city="Kiel")
    actions.edit_account(ctx, account, version=1, original={"city": "Kiel"}, city="Lübeck")
    actions.edit_account(ctx, account, version=1, original={"city": "Kiel"}, city="Lübeck")
    assert account.version == 2


def test_an_old_version_without_originals_is_stale(ctx):
    account = actions.create_account(ctx, name="X")
    actions.edit_account(ctx, account, city="Kiel")
    with pytest.raises(Conflict, match="stale"):
        actions.edit_account(ctx, account, version=1, city="Plön")


def race(house, works):
    """Run each of `works` in a transaction and thread of its own; what came of each."""
    barrier, outcomes = threading.Barrier(len(works)), [None] * len(works)

    def run(index, work):
        try:
            with house.ctx("owner") as ctx:
                barrier.wait(10)
                outcomes[index] = work(ctx)
        except Refused as refused:
            outcomes[index] = refused

    threads = [threading.Thread(target=run, args=(i, work)) for i, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def test_of_two_at_once_on_one_field_one_is_asked(world):
    with world.acme.ctx() as ctx:
        account_id = actions.create_account(ctx, name="Raced", city="Kiel").id

    def write(city):
        return lambda ctx: actions.edit_account(ctx, queries.one_account(ctx, account_id), version=1, original={"city": "Kiel"}, city=city).city

    for _ in range(5):
        with world.acme.ctx() as ctx:
            ctx.session.execute(text("UPDATE account SET version = 1, city = 'Kiel' WHERE id = :id"), {"id": account_id})
        outcomes = race(world.acme, [write("Plön"), write("Lübeck")])
        refused = [o for o in outcomes if isinstance(o, Conflict)]
        with world.acme.ctx() as ctx:
            kept = queries.one_account(ctx, account_id).city
        assert len(refused) == 1 and kept in outcomes and refused[0].fields["city"][1] == kept


@pytest.mark.deep
def test_a_thousand_races_overwrite_nothing_silently(world):
    """RELIABILITY fault 33: whoever came second was told, and what was told to him is what stands there."""
    with world.acme.ctx() as ctx:
        account_id = actions.create_account(ctx, name="Raced", city="0").id

    def write(version, city, was):
        return lambda ctx: actions.edit_account(ctx, queries.one_account(ctx, account_id), version=version, original={"city": was}, city=city).city

    version, city = 1, "0"
    for turn in range(1000):
        outcomes = race(world.acme, [write(version, f"{turn}a", city), write(version, f"{turn}b", city)])
        with world.acme.ctx() as ctx:
            account = queries.one_account(ctx, account_id)
            version, city = account.version, account.city
        told = [o.fields["city"][1] for o in outcomes if isinstance(o, Conflict)]
        assert told == [city] and city in outcomes


def test_of_two_at_once_on_two_fields_both_are_kept(world):
    with world.acme.ctx() as ctx:
        account_id = actions.create_account(ctx, name="Raced", city="Kiel", industry="Retail").id
    race(world.acme, [
        lambda ctx: actions.edit_account(ctx, queries.one_account(ctx, account_id), version=1, original={"city": "Kiel"}, city="Plön") and None,
        lambda ctx: actions.edit_account(ctx, queries.one_account(ctx, account_id), version=1, original={"industry": "Retail"}, industry="Food") and None,
    ])
    with world.acme.ctx() as ctx:
        account = queries.one_account(ctx, account_id)
        assert (account.city, account.industry, account.version) == ("Plön", "Food", 3)


def test_no_account_stands_above_itself(ctx):
    top = actions.create_account(ctx, name="Top")
    middle = actions.create_account(ctx, name="Middle", parent_id=top.id)
    low = actions.create_account(ctx, name="Low", parent_id=middle.id)
    for below in (top, middle, low):
        with pytest.raises(Refused, match="parent_cycle"):
            actions.edit_account(ctx, top, parent_id=below.id)


def test_two_who_hang_each_under_the_other_make_no_circle(world):
    with world.acme.ctx() as ctx:
        a, b = actions.create_account(ctx, name="A").id, actions.create_account(ctx, name="B").id
    outcomes = race(world.acme, [
        lambda ctx: actions.edit_account(ctx, queries.one_account(ctx, a), parent_id=b) and None,
        lambda ctx: actions.edit_account(ctx, queries.one_account(ctx, b), parent_id=a) and None,
    ])
    assert [o.code for o in outcomes if isinstance(o, Refused)] == ["parent_cycle"]


def test_a_hidden_account_does_not_exist_for_a_contact(as_, world):
    with world.acme.ctx("colleague") as ctx:
        hidden = actions.create_account(ctx, name="Hidden").id
    with world.acme.ctx("rep") as rep:
        refusals = []
        for key in (hidden, uuid4()):
            with pytest.raises(Refused) as refused:
                actions.create_contact(rep, name="X", account_id=key)
            refusals.append((refused.value.code, refused.value.field, refused.value.params))
    assert refusals[0] == refusals[1] == ("account_unknown", "account_id", {})


def test_a_colleague_cannot_touch_what_he_does_not_see(world):
    with world.acme.ctx("rep") as ctx:
        account_id = actions.create_account(ctx, name="Of the rep").id
    with world.acme.ctx("colleague") as ctx:
        account = ctx.session.execute(select(Account).where(Account.id == account_id)).scalar_one()
        for act in (lambda: actions.edit_account(ctx, account, name="Stolen"), lambda: actions.delete_account(ctx, account), lambda: actions.change_owner(ctx, account, ctx.actor.id)):
            with pytest.raises(NotFound):
                act()
    with world.acme.ctx("reader") as ctx, pytest.raises(Forbidden):
        actions.edit_account(ctx, queries.one_account(ctx, account_id), name="Read")


def test_a_record_handed_over_is_the_others(world):
    with world.acme.ctx("rep") as ctx:
        account = actions.create_account(ctx, name="Given away")
        actions.edit_account(ctx, account, owner_id=world.acme.users["colleague"].id)
        key = account.id
        assert [f.kind for f in ctx.session.execute(timeline(key)).scalars()] == ["account.owner_changed", "account.created"]
    with world.acme.ctx("rep") as ctx, pytest.raises(NotFound):
        queries.one_account(ctx, key)
    with world.acme.ctx("colleague") as ctx:
        assert queries.one_account(ctx, key).name == "Given away"


def test_the_recycle_bin_hides_and_gives_back(ctx):
    account = actions.create_account(ctx, name="Gone soon")
    contact = actions.create_contact(ctx, name="Stays", account_id=account.id)
    actions.delete_account(ctx, account)
    with pytest.raises(NotFound):
        queries.one_account(ctx, account.id)
    assert "Gone soon" not in [r.name for r in queries.accounts(ctx).rows]
    assert queries.contact_page(ctx, contact.id).account_name is None
    with pytest.raises(NotFound):
        actions.edit_account(ctx, account, name="Too late")
    actions.restore_account(ctx, queries.one_account(ctx, account.id, deleted=True))
    assert queries.contact_page(ctx, contact.id).account_name == "Gone soon"


def test_the_database_keeps_who_changed_what(ctx):
    contact = actions.create_contact(ctx, name="X", job_title="Buyer")
    actions.edit_contact(ctx, contact, job_title="Head of buying")
    ctx.session.flush()
    entry = ctx.session.execute(select(AuditEntry).where(AuditEntry.row_id == contact.id, AuditEntry.action == "update")).scalars().one()
    assert entry.changes["job_title"] == ["Buyer", "Head of buying"]
    assert last_change(ctx, contact.id, ["job_title"]) == (ctx.actor.id, entry.at)
    assert last_change(ctx, contact.id, ["phone"]) is None
