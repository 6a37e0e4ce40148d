"""Sign-up: whole or not at all, in under a second (PRODUCT P1)."""

import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from billing import access, plans, signup
from billing.models import AccessEvent, BillingAccount, Price, Subscription
from core.base.errors import Refused
from core.base.outbox import Order
from core.documents.models import PrintTemplate
from core.identity.models import Role, User
from core.post.models import OutgoingMail
from tenants import entry, provisioning, registry
from tenants.models import ControlOrder, LoginToken, Tenant

GIVEN = {"company": "Müller & Söhne", "mail": "eva@mueller.example", "password": "Zaunkoenig-7788", "name": "Eva Müller"}


def new_slug():
    return f"s{uuid4().hex[:10]}"


def sign_up(slug=None, **changes):
    return signup.sign_up(**{**GIVEN, "slug": slug or new_slug(), "now": entry.utcnow(), **changes})


@pytest.fixture(autouse=True)
def pool(app):
    """Room for what a test signs up."""
    provisioning.fill_pool(2)


def rows_of(slug):
    with entry.control() as session:
        return session.execute(select(Tenant.state).where(Tenant.slug == slug)).scalars().all()


def test_a_company_gets_a_workspace_on_trial_with_its_owner():
    now = entry.utcnow()
    tenant, _ = sign_up(locale="ru", timezone="Europe/Moscow", currency="RUB", sample_data=True)
    assert (tenant.state, tenant.access, tenant.locale, tenant.timezone, tenant.currency) == ("active", "trialing", "ru", "Europe/Moscow", "RUB")
    assert abs(tenant.access_until - now - timedelta(days=14)) < timedelta(seconds=5)
    with entry.enter(tenant) as session:
        owner = session.execute(select(User).join(Role).where(Role.code == "admin")).scalar_one()
        assert (owner.mail, owner.is_owner, owner.locale, owner.mail_confirmed_at) == ("eva@mueller.example", True, "ru", None)
        assert {order.name for order in session.execute(select(Order)).scalars()} == {"post.deliver", "identity.index_mail", "samples.fill"}
        assert session.execute(select(OutgoingMail.template, OutgoingMail.to_mail)).one() == ("welcome", "eva@mueller.example")
    with entry.control() as session:
        assert access.subscription_of(session, tenant.id).state == "trialing"
        assert session.query(AccessEvent).filter_by(tenant_id=tenant.id).count() == 1


def test_a_new_workspace_can_print_its_quotes_in_every_language():
    tenant, _ = sign_up()
    with entry.enter(tenant) as session:
        found = session.execute(select(PrintTemplate.language).where(PrintTemplate.kind == "quote", PrintTemplate.is_default)).scalars().all()
    assert sorted(found) == ["en", "es", "ko", "ru", "zh"]


def test_it_takes_less_than_a_second():
    sign_up()
    started = time.perf_counter()
    sign_up()
    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize(("changes", "code", "field"), [
    ({"company": " "}, "required", "company"), ({"company": "x" * 200}, "too_long", "company"), ({"company": "a\u202eb"}, "control_character", "company"),
    ({"name": ""}, "required", "name"), ({"mail": "nobody"}, "not_a_mail", "mail"), ({"password": "short"}, "password_short", "password"),
    ({"password": "x" * 200}, "password_long", "password"), ({"slug": "www"}, "slug_reserved", "slug"), ({"slug": "ops"}, "slug_reserved", "slug"),
    ({"slug": "a"}, "slug_invalid", "slug"), ({"slug": "-abc"}, "slug_invalid", "slug"), ({"slug": "a.b"}, "slug_invalid", "slug"),
    ({"slug": "xn--80ak6aa92e"}, "slug_invalid", "slug"), ({"slug": "ромашка"}, "slug_invalid", "slug"), ({"slug": "a'; DROP"}, "slug_invalid", "slug"),
])
def test_bad_input_is_refused_by_field_before_anything_is_claimed(changes, code, field):
    with entry.control() as session:
        free = session.query(Tenant).filter_by(state="free").count()
    with pytest.raises(Refused) as refusal:
        sign_up(**changes)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    with entry.control() as session:
        assert session.query(Tenant).filter_by(state="free").count() == free


def test_odd_zones_and_currencies_fall_back_to_something_that_works():
    tenant, _ = sign_up(timezone="Mars/Olympus", currency="shells", locale="xx")
    assert (tenant.timezone, tenant.currency, tenant.locale) == ("UTC", "EUR", "en")


def test_a_double_click_is_refused_as_taken_and_makes_one_workspace():
    slug = new_slug()
    sign_up(slug)
    with pytest.raises(Refused, match="slug_taken"):
        sign_up(slug.upper())
    assert rows_of(slug) == ["active"]


def test_two_at_once_for_one_address_make_one_workspace():
    slug, barrier, outcomes = new_slug(), threading.Barrier(2), []

    def run():
        barrier.wait(5)
        try:
            outcomes.append(sign_up(slug)[0].state)
        except Refused as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["active", "slug_taken"]
    assert rows_of(slug) == ["active"]


@pytest.mark.parametrize("where", ["_furnish", "_open"])
def test_a_failure_half_way_leaves_no_half_workspace_and_frees_the_address(monkeypatch, where):
    slug, whole = new_slug(), getattr(signup, where)

    def breaks(*args, **values):
        whole(*args, **values)
        raise RuntimeError("the power went")

    monkeypatch.setattr(signup, where, breaks)
    if where == "_open":
        monkeypatch.setattr(signup, "start_trial", lambda *args, **values: (_ for _ in ()).throw(RuntimeError("the power went")))
    with pytest.raises(RuntimeError):
        sign_up(slug)
    assert rows_of(slug) == []
    monkeypatch.undo()
    assert sign_up(slug)[0].state == "active"


def test_a_process_killed_half_way_leaves_a_row_that_no_host_reaches_and_the_sweep_removes(app, monkeypatch):
    slug = new_slug()
    monkeypatch.setattr(signup, "_furnish", lambda *args, **values: (_ for _ in ()).throw(KeyboardInterrupt))
    monkeypatch.setattr(signup, "_let_go", lambda tenant: None)  # a killed process cleans nothing
    with pytest.raises(KeyboardInterrupt):
        sign_up(slug)
    assert rows_of(slug) == ["provisioning"]
    registry.forget()
    assert app.test_client().get("/sign-in", base_url=f"http://{slug}.localhost").status_code == 404
    with entry.control() as session:
        row = session.execute(select(Tenant).where(Tenant.slug == slug)).scalar_one()
        row.claimed_at = row.created_at = entry.utcnow() - timedelta(minutes=11)
    provisioning.clear_leftovers()
    assert rows_of(slug) == []


def test_the_sweep_leaves_a_sign_up_alone_that_runs_now(monkeypatch):
    seen, whole = [], signup._furnish

    def slow(tenant, **values):
        with entry.control() as session:
            session.get_one(Tenant, tenant.id).created_at = entry.utcnow() - timedelta(days=3)  # it lay in the pool for days
        provisioning.clear_leftovers()
        seen.append(True)
        return whole(tenant, **values)

    monkeypatch.setattr(signup, "_furnish", slow)
    assert sign_up()[0].state == "active" and seen


def test_an_empty_pool_that_stays_empty_says_so(monkeypatch):
    monkeypatch.setattr(provisioning, "claim", lambda *args, **values: None)
    monkeypatch.setattr(signup, "ROOM_SECONDS", 0.3)
    with pytest.raises(Refused) as refusal:
        sign_up()
    assert (refusal.value.code, refusal.value.status) == ("no_room_yet", 503)


def test_whoever_meets_an_empty_pool_asks_for_a_schema_and_waits_for_it(monkeypatch):
    claim, tries = provisioning.claim, []

    def empty_at_first(session, **values):
        tries.append(time.monotonic())
        return claim(session, **values) if len(tries) > 3 else None

    provisioning.fill_pool(1)
    with entry.control() as session:
        session.execute(delete(ControlOrder).where(ControlOrder.name == "pool.fill"))
    monkeypatch.setattr(provisioning, "claim", empty_at_first)
    assert sign_up()[0].state == "active" and len(tries) == 4
    with entry.control() as session:
        assert session.execute(select(ControlOrder.state).where(ControlOrder.name == "pool.fill")).scalars().all() == ["waiting"]


def test_the_way_in_works_once_and_for_a_minute():
    tenant, token = sign_up()
    found = signup.spend_login_token(token)
    assert found[0] == tenant.id
    assert signup.spend_login_token(token) is None
    _, late = sign_up()
    assert signup.spend_login_token(late, now=entry.utcnow() + timedelta(seconds=61)) is None
    assert signup.spend_login_token("invented") is None
    with entry.control() as session:
        assert late.encode() not in b"".join(session.execute(select(LoginToken.token_hash)).scalars())


@pytest.mark.parametrize(("company", "slug"), [
    ("Müller & Söhne", "muller-and-sohne"), ("ООО «Ромашка»", "ooo-romashka"), ("Łódź Æther ß", "lodz-aether-ss"), ("7 Eleven", "company-7-eleven"),
    ("北京公司", "beijinggongsi"), ("华为 Tech", "huawei-tech"), ("☃", "company"), ("한결 무역", "hangyeol-muyeok"), ("꽃값", "kkotgap"), ("", "company"), ("---", "company"), ("www", "www-2"), ("Щука", "shchuka"), ("a" * 200, "a" * 36),
])
def test_a_suggested_address_resembles_the_name_and_can_be_taken(company, slug):
    found = signup.suggest_slug(company)
    assert found.startswith(slug)
    assert signup.check_slug(found) == found


def test_a_suggested_address_avoids_those_that_are_taken():
    name = f"Firma {uuid4().hex[:6]}"
    first = signup.suggest_slug(name)
    sign_up(first)
    assert signup.suggest_slug(name) == f"{first}-2"


def test_the_catalogue_loads_once_however_often():
    with entry.control() as session:
        plans.load(session)
        before = session.query(Price).count()
        plans.load(session)
        assert session.query(Price).count() == before
        assert [offer.code for offer in plans.offered(session)] == ["starter", "team"]
        assert plans.offered(session, "XXX") == []


def test_an_edited_version_is_refused(monkeypatch):
    from dataclasses import replace

    changed = replace(plans.CATALOGUE[0], per_seat={("EUR", "month"): 1})
    monkeypatch.setattr(plans, "CATALOGUE", (changed,))
    with pytest.raises(ValueError, match="add a version"), entry.control() as session:
        plans.load(session)


def test_nothing_of_a_refused_sign_up_is_left_in_billing():
    with entry.control() as session:
        before = session.query(Subscription).count(), session.query(BillingAccount).count()
    with pytest.raises(Refused):
        sign_up("www")
    with entry.control() as session:
        assert (session.query(Subscription).count(), session.query(BillingAccount).count()) == before


@pytest.mark.parametrize(("zone", "currency"), [("Europe/Berlin", "EUR"), ("America/New_York", "USD"), ("Asia/Shanghai", "CNY"), ("Asia/Seoul", "KRW"), ("Europe/Moscow", "RUB"), ("Europe/Stockholm", "SEK"), ("UTC", None), ("Nowhere", None)])
def test_a_time_zone_tells_its_money(zone, currency):
    from infra.places import currencies, currency_of_zone

    assert currency_of_zone(zone) == currency and (currency is None or currency in currencies())
