"""The sample company: in five languages, once, removable."""

import pytest
from sqlalchemy import func, select

from core.activities.models import Activity
from core.parties.models import Account, Contact
from infra import i18n
from tenants import samples


def fill(ctx, locale):
    spoken = samples.in_language(ctx, locale)
    return [samples.fill_one(spoken, locale, index) for index in range(len(samples.scene(locale)["accounts"]))]


def count(ctx, model):
    return ctx.session.execute(select(func.count()).select_from(model).where(model.deleted_at.is_(None))).scalar_one()


@pytest.mark.parametrize("locale", list(i18n.LANGUAGES))
def test_each_language_has_its_company(ctx, locale):
    before = count(ctx, Account), count(ctx, Contact), count(ctx, Activity)
    assert all(fill(ctx, locale))
    after = count(ctx, Account), count(ctx, Contact), count(ctx, Activity)
    assert [a - b for a, b in zip(after, before, strict=True)] == [6, 8, 10]
    names = ctx.session.execute(select(Account.name).where(Account.external_id.startswith("sample:"))).scalars().all()
    assert set(names) == {one["name"] for one in samples.scene(locale)["accounts"]}


def test_filling_twice_makes_nothing_twice(ctx):
    fill(ctx, "en")
    assert not any(fill(ctx, "en"))
    assert samples.progress(ctx)[:2] == (6, 6)


def test_removing_takes_the_samples_and_nothing_else(ctx):
    from core.parties.actions import create_account

    own = create_account(ctx, name="My own customer")
    fill(ctx, "ko")
    assert samples.remove_all(ctx) == 14
    assert samples.remove_all(ctx) == 0
    assert samples.progress(ctx).done == 0 and own.deleted_at is None


def test_what_was_removed_comes_back_whole(ctx):
    fill(ctx, "ru")
    samples.remove_all(ctx)
    fill(ctx, "ru")
    assert samples.progress(ctx).done == 6 and len(samples._alive(ctx, Contact)) == 8


@pytest.mark.parametrize("locale", list(i18n.LANGUAGES))
def test_no_sample_address_can_reach_a_real_person(locale):
    mails = [person["mail"] for account in samples.scene(locale)["accounts"] for person in account["people"]]
    assert mails and all(mail.endswith(".example") for mail in mails)


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("manager", 403), ("rep", 403), ("reader", 403), (None, 303)])
def test_only_administrators_see_the_buttons(world, who, status):
    assert world.browser(who).get("/settings/samples").status_code == status


def test_one_button_orders_the_removal(world):
    browser = world.browser("owner")
    assert browser.post("/settings/samples").status_code == 303
    assert "0 of 6 companies" in browser.get("/settings/samples").text
    assert browser.post("/settings/samples/removal").status_code == 303
