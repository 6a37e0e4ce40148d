"""The sample company: in five languages, once, removable."""

import pytest
from sqlalchemy import func, select

from core.activities.due import due
from core.activities.models import Activity, Guest
from core.activities.reminding import remind
from core.activities.together import told_as
from core.base.outbox import Order
from core.mailings import drafting
from core.mailings.models import Mailing, MailingRecipient
from core.parties.models import Account, Contact
from core.parties.reach_queries import ways
from core.post.models import OutgoingMail
from core.tagging.models import Tag
from infra import i18n
from tenants import samples


def fill(ctx, locale):
    spoken = samples.in_language(ctx, locale)
    made = [samples.fill_one(spoken, locale, index) for index in range(len(samples.scene(locale)["accounts"]))]
    return [*made, samples.draft_mailing(spoken, locale) is not None]


def mailings(ctx):
    return {mailing.name: mailing for mailing in ctx.session.execute(select(Mailing)).scalars()}


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


@pytest.mark.parametrize("locale", list(i18n.LANGUAGES))
def test_each_scene_has_next_contacts_around_today_and_a_draft(ctx, locale):
    fill(ctx, locale)
    days = [(row.next_contact_on - ctx.today).days for row in due(ctx)]
    assert days == [-2, -1, 0, 0, 1]
    draft = mailings(ctx)[samples.scene(locale)["draft"]["name"]]
    assert (draft.state, draft.tags) == ("draft", [samples.scene(locale)["tag"]])


@pytest.mark.parametrize("locale", list(i18n.LANGUAGES))
def test_each_scene_has_somebody_with_many_ways_to_be_reached(ctx, locale):
    fill(ctx, locale)
    first = ctx.session.execute(select(Account).where(Account.external_id == "sample:0")).scalar_one()
    person = ctx.session.execute(select(Contact).where(Contact.external_id == "sample:0.0")).scalar_one()
    found = ways(ctx, person)
    assert {way.kind for way in found.ways if way.id} == {"mail", "phone", "messenger"}
    assert all(way.value.endswith(".example") for way in found.of("mail"))
    assert [place.label for place in ways(ctx, first).places if place.id] == ["delivery", "billing"] and len(ways(ctx, first).roles) == 1


def test_nobody_is_reminded_of_a_sample_that_is_overdue(ctx):
    fill(ctx, "en")
    late = ctx.session.execute(select(Activity).where(Activity.next_contact_on < ctx.today)).scalars().all()
    assert len(late) == 2 and not any(remind(ctx, entry.id) for entry in late)


@pytest.mark.parametrize("locale", list(i18n.LANGUAGES))
def test_a_real_trial_sends_nothing(ctx, locale):
    fill(ctx, locale)
    assert {mailing.state for mailing in mailings(ctx).values()} == {"draft"}
    assert ctx.session.execute(select(Order.id).where(Order.name == "mailings.send")).first() is None


@pytest.mark.parametrize("locale", list(i18n.LANGUAGES))
def test_the_demo_sends_one_whose_first_recipient_has_left(ctx, locale):
    spoken = samples.in_language(ctx, locale)
    fill(ctx, locale)
    assert samples.send_mailing(spoken, locale) and not samples.send_mailing(spoken, locale)
    sent = mailings(ctx)[samples.scene(locale)["sent"]["name"]]
    assert (sent.state, sent.total) == ("sending", 8)
    left = ctx.session.execute(select(MailingRecipient).where(MailingRecipient.unsubscribed_at.is_not(None))).scalars().all()
    assert len(left) == 1 and left[0].address.endswith(".example")


def test_nothing_is_sent_where_somebody_real_wears_the_tag(ctx):
    from core.parties.actions import create_contact

    fill(ctx, "en")
    create_contact(ctx, name="Real", mail="real@company.test", tags=[samples.scene("en")["tag"]])
    ctx.session.flush()
    assert not samples.send_mailing(ctx, "en") and {mailing.state for mailing in mailings(ctx).values()} == {"draft"}


def test_the_button_takes_sample_mailings_and_leaves_ones_own(ctx):
    fill(ctx, "es")
    samples.send_mailing(samples.in_language(ctx, "es"), "es")
    given = samples.scene("es")
    drafting.draft_mailing(ctx, name="Mine", subject="x", body="x", tags=[given["tag"]])
    drafting.draft_mailing(ctx, **given["draft"], tags=["clients"])
    drafting.draft_mailing(ctx, **(given["draft"] | {"name": "Renamed"}), tags=[given["tag"]])
    ctx.session.flush()
    samples.remove_all(ctx)
    ctx.session.flush()
    assert sorted((mailing.name, mailing.tags) for mailing in mailings(ctx).values()) == sorted([("Mine", [given["tag"]]), (given["draft"]["name"], ["clients"]), ("Renamed", [given["tag"]])])


def test_filling_twice_makes_nothing_twice(ctx):
    fill(ctx, "en")
    assert not any(fill(ctx, "en"))
    assert samples.progress(ctx)[:2] == (6, 6)


def test_removing_takes_the_samples_and_nothing_else(ctx):
    from core.parties.actions import create_account

    own = create_account(ctx, name="My own customer")
    fill(ctx, "ko")
    tag = select(Tag.colour).where(Tag.name == samples.scene("ko")["tag"])
    assert ctx.session.execute(tag).scalar_one() == "violet"
    assert samples.remove_all(ctx) == 15
    assert ctx.session.execute(tag).first() is None
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


@pytest.mark.parametrize("locale", list(i18n.LANGUAGES))
def test_in_each_scene_somebody_was_asked_to_a_call_and_said_yes_and_no_mail_goes(ctx, locale):
    fill(ctx, locale)
    guest, entry = ctx.session.execute(select(Guest, Activity).join(Activity, Activity.id == Guest.activity_id)).one()
    assert (guest.answer, guest.told, entry.next_contact_at.astimezone(ctx.zone).hour) == ("accepted", told_as(entry), 10) and guest.mail.endswith(".example")
    assert ctx.session.execute(select(func.count()).select_from(OutgoingMail).where(OutgoingMail.calendar.is_not(None))).scalar_one() == 0
