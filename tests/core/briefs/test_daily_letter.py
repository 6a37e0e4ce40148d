"""The list of the day by mail: what it holds, for whom, in his language and as far as he sees, once, and none where nothing waits."""

import json
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, text, update

from core.activities import actions as log
from core.activities.models import Activity
from core.base.context import make_context, system
from core.briefs import daily, daily_parts, holding
from core.briefs.models import DailyLetter
from core.deals import actions as deals
from core.deals.models import Deal
from core.identity import absence, roles
from core.identity.models import Absence
from core.leads.clock import change_clock
from core.leads.clock_models import LeadClock
from core.notifications import choosing
from core.notifications.models import NotificationSetting
from core.parties import actions as parties
from core.parties.models import Account, Contact
from core.post.models import OutgoingMail
from core.quotes import drafting, lining, sending
from tenants import entry
from tests.support.statements import counted
from tests.support.world import House

# A Tuesday.
EIGHT = datetime(2026, 3, 24, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def shared(app):
    return House(f"daily-{uuid4().hex[:6]}")


@pytest.fixture
def house(shared):
    """Nobody wants it, nobody got any, nothing waits."""
    with shared.ctx() as ctx:
        for table in (DailyLetter, OutgoingMail, NotificationSetting, Absence, LeadClock):
            ctx.session.execute(delete(table))
        for table in (Activity, Deal, Account, Contact):
            ctx.session.execute(update(table).values(deleted_at=EIGHT))
        ctx.session.execute(text("UPDATE quote SET owner_id = NULL"))
        ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC', locale = 'en', state = CASE WHEN name = 'Ex' THEN 'disabled' ELSE 'active' END"))
    return shared


def wants(house, who="rep", since=EIGHT - DAY, **values):
    with house.ctx(who, now=since) as ctx:
        choosing.choose(ctx, **{"daily_hour": "8"} | values)


def person(house, who="rep", **values):
    with house.ctx(now=EIGHT) as ctx:
        ctx.session.execute(update(type(house.users[who])).where(type(house.users[who]).id == house.users[who].id).values(**values))


def planned(house, name="Nordlicht", on="2026-03-24", who="rep", **values):
    """A next contact with somebody there; returns the keys of account and person."""
    with house.ctx(who, now=EIGHT - 20 * DAY) as ctx:
        account = parties.create_account(ctx, name=name)
        contact = parties.create_contact(ctx, name=f"Sofie {name}", account_id=account.id)
        ctx.session.flush()
        log.log_activity(ctx, kind="call", account=account, contact=contact, body="Talked", next_contact=on, **values)
        return account.id, contact.id


def morning(house, now=EIGHT, **ref):
    """What the job does; returns how many letters were written."""
    def inside(call):
        with entry.enter(house.tenant) as session:
            return call(make_context(session, system("test"), house.fresh().ref(f"http://{house.host}"), now))
    return sum(inside(lambda ctx: daily.write_letter(ctx, user_id)) for user_id in inside(daily.waiting))  # noqa: B023


def letters(house, who="rep"):
    with house.ctx() as ctx:
        return list(ctx.session.execute(select(OutgoingMail).where(OutgoingMail.to_mail == house.users[who].mail, OutgoingMail.template == "daily").order_by(OutgoingMail.id)).scalars())


def full_day(house, name="Nordlicht"):
    """One of everything that may wait."""
    account, contact = planned(house, name, "2026-03-20", next_contact_note="Overdue call")
    planned(house, f"{name} today", "2026-03-24 15:30", next_contact_note="Call today")
    planned(house, f"{name} tomorrow", "2026-03-25")
    planned(house, f"{name} promised", "2026-03-24", next_contact_note="Send the samples", next_contact_kind="promise")
    with house.ctx("rep", now=EIGHT) as ctx:
        silent = parties.create_account(ctx, name=f"{name} silent", is_customer=True)
        parties.create_account(ctx, name=f"{name} never", is_customer=True).created_at = EIGHT - 62 * DAY
        parties.create_contact(ctx, name="Born today", birthday="1990-03-24")
        deals.create_deal(ctx, name="Forty trays", next_step="Call about the drawing", next_step_on="2026-03-23")
        quote = drafting.create_quote(ctx, name="Trays", account_id=account)
        lining.save_lines(ctx, quote, [{"name": "Tray", "unit_price": "5"}])
        sending.send_quote(ctx, quote, valid_until="2026-03-27")
        ctx.session.flush()
        spoke = log.log_activity(ctx, kind="call", account=silent, body="x")
        ctx.session.flush()
        ctx.session.execute(update(Activity).where(Activity.id == spoke.id).values(happened_at=EIGHT - 61 * DAY))
    return account, contact


def test_everything_that_waits_stands_in_it_with_a_link(house):
    wants(house)
    account, contact = full_day(house)
    assert morning(house) == 1
    (letter,) = letters(house)
    plain, html = letter.body_text, letter.body_html
    order = [plain.index(said) for said in ("Promises", "Send the samples", "Overdue", "Overdue call", "Today\n", "Call today", "Tomorrow", "Next step of a deal due", "Forty trays", "Quote runs out", "Nothing heard since", "Nordlicht silent", "Never contacted, added on", "Nordlicht never", "Birthdays", "Born today")]
    assert order == sorted(order) and "Sofie Nordlicht \u00b7 Nordlicht \u00b7 Mar 20, 2026 \u00b7 Overdue call" in plain and "3:30" in plain
    assert f"http://{house.host}/contacts/{contact}\n" in plain and f'<li><a href="http://{house.host}/contacts/{contact}">Sofie Nordlicht</a> \u00b7 Nordlicht' in html
    assert plain.count(f"http://{house.host}/deals/") == plain.count(f"http://{house.host}/quotes/") == 1 == html.count("/deals/")
    assert html.count("<h2") == 9 and html.count("<li>") == plain.count("\u2022") == 9 and account
    assert letter.subject == "What waits for you: Tuesday, March 24, 2026" and letter.headers == {"List-Unsubscribe": f"<http://{house.host}/settings/notifications/#daily>"}


def test_it_comes_once_a_day_and_again_the_next(house):
    wants(house)
    planned(house)
    assert [morning(house, EIGHT - timedelta(minutes=1)), morning(house), morning(house), morning(house, EIGHT + timedelta(hours=15)), morning(house, EIGHT + DAY)] == [0, 1, 0, 0, 1]
    assert len(letters(house)) == 2


def test_nothing_is_no_letter_and_nothing_that_comes_later_makes_one(house):
    wants(house)
    planned(house, on="2026-03-30")
    assert morning(house) == 0
    planned(house, "Later")
    assert morning(house, EIGHT + timedelta(hours=1)) == 0 and letters(house) == []


def test_without_the_look_at_what_waits_an_empty_letter_would_go_out(house, monkeypatch):
    """Negative control."""
    wants(house)
    monkeypatch.setattr(daily, "parts", lambda ctx: (daily_parts.Section("Today", ()),))
    assert morning(house) == 1


def test_nobody_gets_it_who_did_not_ask(house):
    planned(house)
    assert morning(house) == 0 and letters(house) == []
    wants(house)
    wants(house, daily_hour="")
    assert morning(house) == 0
    wants(house, since=EIGHT)  # asked at eight: from the next morning on
    assert [morning(house), morning(house, EIGHT + DAY)] == [0, 1]


def test_whoever_left_or_is_away_gets_none(house):
    wants(house)
    planned(house)
    person(house, state="disabled")
    assert morning(house) == 0
    person(house, state="active")
    with house.ctx("rep", now=EIGHT - DAY) as ctx:
        absence.plan_absence(ctx, house.users["rep"], deputy_id=house.users["colleague"].id, starts_on=EIGHT.date(), ends_on=EIGHT.date())
    assert [morning(house), morning(house, EIGHT + timedelta(hours=1)), morning(house, EIGHT + DAY)] == [0, 0, 1]


def test_on_days_off_it_waits_for_the_next_working_day_unless_he_wants_it_every_day(house):
    saturday = EIGHT + 4 * DAY
    planned(house)
    wants(house)
    assert [morning(house, saturday), morning(house, saturday + DAY), morning(house, saturday + 2 * DAY)] == [0, 0, 1]
    wants(house, daily_days="every", since=saturday + 2 * DAY)
    assert morning(house, saturday + 7 * DAY) == 1
    with house.ctx() as ctx:
        ctx.session.execute(delete(DailyLetter))
        change_clock(ctx, days=[5, 6], opens="9:00", closes="17:00", holidays=[(saturday + DAY).date().isoformat()])
    wants(house, daily_days="working", since=saturday)
    assert [morning(house, saturday), morning(house, saturday + DAY), morning(house, saturday + 2 * DAY)] == [1, 0, 0], "the days on which reports are owed, too"


def test_it_is_morning_where_he_is_and_its_day_is_his(house):
    wants(house)
    planned(house, "Of the 25th", "2026-03-25", next_contact_note="note of the 25th")
    person(house, timezone="Pacific/Kiritimati")  # +14: it is the 25th, eight o'clock, at 18:00 UTC
    assert [morning(house, EIGHT), morning(house, EIGHT + timedelta(hours=9, minutes=59))] == [1, 0]  # yesterday's, made up for; then not yet
    assert morning(house, EIGHT + timedelta(hours=10)) == 1
    first, second = letters(house)
    assert "Tomorrow\n" in first.body_text and "Today\n" in second.body_text and "March 25" in second.subject
    person(house, timezone="Pacific/Pago_Pago")  # -11: the 25th begins there once more
    assert [morning(house, EIGHT + timedelta(hours=hours)) for hours in (11, 24, 35)] == [0, 0, 0] and morning(house, EIGHT + timedelta(hours=59)) == 1


def test_it_speaks_his_language_and_writes_days_as_he_does(house):
    planned(house, on="2026-03-20", next_contact_note="x")
    wants(house)
    said = {"es": "Hola", "zh": "2026\u5e743\u670824\u65e5", "ko": "2026\ub144 3\uc6d4 24\uc77c", "ru": "24 \u043c\u0430\u0440\u0442\u0430 2026"}
    for number, (lang, words) in enumerate(said.items()):
        person(house, locale=lang)
        with house.ctx() as ctx:
            ctx.session.execute(delete(DailyLetter))
            ctx.session.execute(delete(OutgoingMail))
        assert morning(house) == 1, number
        (letter,) = letters(house)
        text_of = letter.subject + letter.body_text
        assert words in text_of and "What waits" not in text_of and "Overdue" not in text_of and "Choose what" not in text_of and letter.lang == lang
    person(house, locale="en", date_format="iso")
    with house.ctx() as ctx:
        ctx.session.execute(delete(DailyLetter))
        ctx.session.execute(delete(OutgoingMail))
    assert morning(house) == 1 and "2026-03-20" in letters(house)[0].body_text
    person(house, date_format="")


def test_of_each_kind_so_many_and_how_many_more(house):
    wants(house)
    with house.ctx("rep", now=EIGHT - DAY) as ctx:
        account = parties.create_account(ctx, name="Busy")
        ctx.session.flush()
        for n in range(daily_parts.EACH + 63):
            log.log_activity(ctx, kind="call", account=account, next_contact="2026-03-24", next_contact_note=f"point {n}")
        for n in range(daily_parts.EACH + 4):
            deals.create_deal(ctx, name=f"Deal {n}", next_step="Call", next_step_on="2026-03-24")
        for n in range(daily_parts.EACH + 2):
            parties.create_contact(ctx, name=f"Child {n}", birthday="1990-03-25")
    assert morning(house) == 1
    (letter,) = letters(house)
    assert letter.body_html.count("<li>") == 3 * daily_parts.EACH == letter.body_text.count("\u2022")
    assert all(f"and {count} more" in letter.body_text and f"<p>and {count} more</p>" in letter.body_html for count in (63, 4, 2))


def test_as_many_statements_whatever_it_holds(house):
    wants(house)
    planned(house)

    def one(now):
        with entry.enter(house.tenant) as session:
            ctx = make_context(session, system("test"), house.fresh().ref(f"http://{house.host}"), now)
            with counted() as sent:
                assert daily.write_letter(ctx, house.users["rep"].id)
        return len(sent)

    few = one(EIGHT)
    for n in range(12):
        full_day(house, f"House {n}")
    assert one(EIGHT + DAY) == few <= 9
    with entry.enter(house.tenant) as session:
        ctx = make_context(session, system("test"), house.fresh().ref(f"http://{house.host}"), EIGHT + DAY)
        with counted() as sent:
            assert daily.waiting(ctx) == []
        assert len(sent) == 1


def test_names_are_text_in_it_and_break_nothing(house):
    wants(house)
    planned(house, "<img src=x onerror=alert(1)>", next_contact_note="%(name)s {x} </li><script>")
    assert morning(house) == 1
    (letter,) = letters(house)
    assert "<img" not in letter.body_html and "<script" not in letter.body_html and "&lt;img src=x" in letter.body_html and "%(name)s {x}" in letter.body_text


def test_what_he_may_not_see_at_that_moment_is_not_in_it(house):
    wants(house)
    account, contact = full_day(house)
    with house.ctx() as ctx:
        for model, key in ((Account, account), (Contact, contact)):
            parties.change_owner(ctx, ctx.session.get_one(model, key), house.users["colleague"].id)
    assert morning(house) == 1
    (letter,) = letters(house)
    told = letter.subject + letter.body_text + letter.body_html
    assert "Sofie Nordlicht<" not in told and str(contact) not in told and str(account) not in told and "Overdue call" in told
    assert f'<a href="http://{house.host}/">Overdue call</a>' in letter.body_html, "his own plan, of somebody whom he does not see any more, leads to Today"


def test_without_his_eyes_it_would_be_in_it(house, monkeypatch):
    """Negative control: composed by the job's own rights."""
    wants(house)
    account, contact = planned(house)
    with house.ctx() as ctx:
        for model, key in ((Account, account), (Contact, contact)):
            parties.change_owner(ctx, ctx.session.get_one(model, key), house.users["colleague"].id)
    real = daily.as_actor
    monkeypatch.setattr(daily, "as_actor", lambda ctx, actor: real(ctx, actor if actor.kind == "system" else type(actor)(id=actor.id, name="", permissions=frozenset({"*"}), visibility="all")))
    assert morning(house) == 1 and "Sofie Nordlicht" in letters(house)[0].body_text


def test_permissions_hidden_fields_and_rooms_off_decide(house):
    wants(house)
    full_day(house)
    with house.ctx() as ctx:
        role = roles.one_role(ctx, "sales")
        before = (list(role.permissions), list(role.hidden))
        roles.edit_role(ctx, role, permissions=[one for one in before[0] if not one.startswith(("deals.", "leads.", "quotes."))], visibility="own", changing="own", hidden=["contacts.birthday", "contacts.phone", "contacts.mobile"], protected=[])
    try:
        assert morning(house) == 1
    finally:
        with house.ctx() as ctx:
            roles.edit_role(ctx, roles.one_role(ctx, "sales"), permissions=before[0], visibility="own", changing="own", hidden=before[1], protected=[])
    told = letters(house)[0].body_text
    assert "Overdue call" in told and not any(one in told for one in ("Forty trays", "Quote runs out", "Born today", "Birthdays"))


def test_killed_before_the_commit_nothing_is_there_and_the_next_one_writes_it(house, monkeypatch):
    wants(house)
    planned(house)
    real = daily.hand_in

    def dies(*args, **values):
        real(*args, **values)
        raise KeyboardInterrupt

    monkeypatch.setattr(daily, "hand_in", dies)
    with pytest.raises(KeyboardInterrupt):
        morning(house)
    assert letters(house) == []
    monkeypatch.setattr(daily, "hand_in", real)
    assert [morning(house), morning(house)] == [1, 0] and len(letters(house)) == 1


def test_two_at_once_write_one(house):
    wants(house)
    planned(house)
    done = []
    with entry.enter(house.tenant) as session:
        first = make_context(session, system("test"), house.fresh().ref(f"http://{house.host}"), EIGHT)
        assert daily.write_letter(first, house.users["rep"].id)
        other = Thread(target=lambda: done.append(morning(house)))
        other.start()
        other.join(0.5)
        assert other.is_alive() and done == [], "it waits for the one that was first"
    other.join(10)
    assert done == [0] and len(letters(house)) == 1


def test_the_key_of_the_letter_holds_where_the_mark_was_lost(house):
    wants(house)
    planned(house)
    assert morning(house) == 1
    with house.ctx() as ctx:
        ctx.session.execute(delete(DailyLetter))
    assert morning(house) == 0 and len(letters(house)) == 1


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=5), timedelta(hours=15, minutes=59)], ids=["morning", "afternoon", "midnight"])
def test_after_a_restore_the_day_counts_as_written_and_the_next_one_comes(house, later):
    wants(house)
    planned(house)
    with house.ctx(now=EIGHT + later) as ctx:
        holding.hold(ctx)
    assert [morning(house), morning(house, EIGHT + DAY), morning(house, EIGHT + 2 * DAY)] == [0, 1, 1]


def test_its_content_is_wiped_once_it_is_out(house):
    from core.post import actions as post
    from infra.mail import Sent

    wants(house)
    planned(house)
    assert morning(house) == 1
    token, key = uuid4(), letters(house)[0].id
    with house.ctx() as ctx:
        assert post.claim(ctx, key, token) is not None and post.mark_sending(ctx, key, token)
        ctx.session.expire_all()
        post.mark(ctx, key, token, Sent("ok"))
    (letter,) = letters(house)
    assert (letter.state, letter.body_text, letter.body_html, letter.params) == ("sent", "", None, {}) and "Sofie" not in json.dumps([letter.subject, letter.headers])


def test_a_day_is_a_date():
    assert daily.day_due(NotificationSetting(daily_hour=8, daily_since=EIGHT - DAY), "UTC", EIGHT) == date(2026, 3, 24)
