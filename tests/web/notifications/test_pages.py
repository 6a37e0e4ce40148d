"""The page of notifications, its settings, and what an open page asks by itself."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from core.activities import actions as log
from core.identity.models import SignIn
from core.notifications import choosing, queries, telling
from core.notifications.models import KINDS, Notification, NotificationSetting
from core.parties import actions as parties
from core.parties.models import Account
from tenants import entry
from tests.support.forms import hidden_of
from tests.support.statements import counted


@pytest.fixture
def told(world):
    """The rep was told of one comment on his account; returns (account, notification)."""
    with world.acme.ctx("owner") as ctx:
        ctx.session.execute(delete(Notification))
        ctx.session.execute(delete(NotificationSetting))
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht & Söhne <b>")
        ctx.session.flush()
        ctx.session.expunge(account)
    with world.acme.ctx("manager") as ctx:
        telling.notify(ctx, "commented", [world.acme.users["rep"].id], account, excerpt="Please <i>call</i>")
    with world.acme.ctx("rep") as ctx:
        return account.id, queries.notifications(ctx).rows[0].Notification.id


def test_the_page_says_what_happened_and_leads_there(world, told):
    account, key = told
    rep = world.browser("rep")
    page = rep.get("/notifications").text
    assert "<b>Manager</b> commented on <b>Nordlicht &amp; Söhne &lt;b&gt;</b>" in page and "Please &lt;i&gt;call&lt;/i&gt;" in page
    answer = rep.post(f"/notifications/{key}/opening")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/accounts/{account}")
    assert "You have read everything" in rep.get("/notifications").text
    assert "Nordlicht" in rep.get("/notifications?show=all").text


def test_reading_never_happens_by_looking(world, told):
    rep = world.browser("rep")
    for path in ("/notifications", "/notifications?show=all", "/_live", f"/accounts/{told[0]}"):
        rep.get(path)
    with world.acme.ctx("rep") as ctx:
        assert queries.unread_of(ctx)[0] == 1


def test_one_is_marked_read_and_unread_in_place(world, told):
    rep, path = world.browser("rep"), f"/notifications/{told[1]}"
    part = rep.post(f"{path}/reading", headers={"HX-Request": "true"})
    assert part.status_code == 200 and "Mark as unread" in part.text and "<html" not in part.text and part.headers["HX-Trigger"] == "told"
    assert rep.post(f"{path}/unreading", {"next": "/notifications?show=all"}).headers["Location"] == "/notifications?show=all"
    assert rep.post(f"{path}/reading", {"next": "https://evil.example/"}).headers["Location"] == "/"


def test_all_are_marked_read_at_once(world, told):
    rep = world.browser("rep")
    assert rep.post("/notifications/reading", {"kind": "mentioned"}).status_code == 303 and "commented on" in rep.get("/notifications").text
    assert rep.post("/notifications/reading").status_code == 303 and "commented on" not in rep.get("/notifications").text


@pytest.mark.parametrize("who", ["owner", "manager", "colleague", "reader"])
def test_nobody_opens_what_another_was_told(world, told, who):
    for verb in ("opening", "reading", "unreading"):
        assert world.browser(who).post(f"/notifications/{told[1]}/{verb}").status_code == 404


@pytest.mark.parametrize("query", ["kind=gossip", "before=x", "before=2026-01-01~x"])
def test_an_odd_address_is_refused(world, query):
    assert world.browser("rep").get(f"/notifications?{query}").status_code == 422


def live(browser, **query):
    return browser.get(f"/_live?{urlencode(query)}")


def test_an_open_page_hears_how_much_is_unread_and_then_nothing_new(world, told):
    rep = world.browser("rep")
    first = live(rep)
    assert (first.status_code, first.json["unread"], first.json["changed"]) == (200, "1", None)
    again = live(rep, since=first.json["mark"])
    assert (again.status_code, again.data) == (204, b"")
    rep.post("/notifications/reading")
    assert live(rep, since=first.json["mark"]).json["unread"] == ""


def shown(account, at):
    return {"kind": "account", "id": str(account), "at": at.isoformat()}


def test_it_hears_that_somebody_else_changed_the_record(world, told):
    account, opened = told[0], entry.utcnow()
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        parties.edit_account(ctx, ctx.session.get_one(parties.Account, account), city="Kiel")
    assert live(rep, **shown(account, opened)).json["changed"] is None, "his own change is no news"
    with world.acme.ctx("manager") as ctx:
        parties.edit_account(ctx, ctx.session.get_one(parties.Account, account), city="Bonn")
    assert live(rep, **shown(account, opened)).json["changed"] == {"text": "Changed by Manager just now", "reload": "Reload"}
    assert live(rep, **shown(account, entry.utcnow())).json["changed"] is None, "the page was opened after it"


def test_it_hears_nothing_of_a_record_that_it_may_not_see(world, told):
    account, opened = told[0], entry.utcnow()
    with world.acme.ctx("manager") as ctx:
        parties.edit_account(ctx, ctx.session.get_one(parties.Account, account), city="Ulm")
    assert live(world.browser("colleague"), **shown(account, opened)).json["changed"] is None
    for wrong in ({"kind": "app_user"}, {"kind": "x"}, {"id": "x"}, {"id": str(uuid4())}, {"at": "x"}, {"at": "2026-01-01T00:00:00"}):
        assert live(world.browser("manager"), **(shown(account, opened) | wrong)).json["changed"] is None


def test_asking_keeps_no_session_alive(world):
    """A page that lies open all night is signed out as if it were closed."""
    rep = world.browser("rep")
    since = entry.utcnow() - timedelta(hours=2)
    seen = age(world, since)
    live(rep)
    assert seen() == since
    rep.get("/notifications")
    assert seen() > since


def age(world, since):
    """Every session of the rep was used last at `since`; returns how to ask when the newest was."""
    mine = SignIn.user_id == world.acme.users["rep"].id
    with world.acme.ctx("owner") as ctx:
        ctx.session.execute(update(SignIn).where(mine).values(seen_at=since))

    def seen():
        with world.acme.ctx("owner") as ctx:
            return ctx.session.query(SignIn.seen_at).where(mine).order_by(SignIn.seen_at.desc()).first()[0]

    return seen


def test_if_asking_counted_as_use_the_session_would_live_on(world, monkeypatch):
    """Negative control."""
    from web import door

    monkeypatch.setattr(door, "ASKED_BY_ITSELF", frozenset())
    rep, since = world.browser("rep"), entry.utcnow() - timedelta(hours=2)
    seen = age(world, since)
    live(rep)
    assert seen() > since


def test_pages_and_questions_send_few_statements(world, told):
    rep = world.browser("rep")
    rep.get("/notifications")
    for path, most in (("/notifications", 2), ("/_live", 2), (f"/_live?{urlencode(shown(told[0], entry.utcnow()))}", 4)):
        with counted() as sent:
            assert rep.get(path).status_code == 200
        assert len(sent) <= most, (path, sent)


def test_every_page_has_a_way_to_the_notifications(world):
    page = world.browser("reader").get("/").text
    assert page.count('href="/notifications"') >= 2, "side bar and phone bar"


CHOICES = {kind: "app" for kind in KINDS} | {"quiet_from": "", "quiet_until": "", "daily_hour": "", "daily_days": "working"}


def test_settings_are_kept_and_come_back(world, told):
    rep, path = world.browser("rep"), "/settings/notifications/"
    assert rep.post(path, hidden_of(rep.get(path).text, path) | CHOICES | {"mentioned": "digest", "quiet_from": "20", "quiet_until": "7"}).status_code == 303
    page = rep.get(path).text
    assert '<option selected value="digest">' in page and '<option selected value="20">' in page
    again = rep.post(path, hidden_of(page, path) | CHOICES | {"mentioned": "mail", "quiet_from": "20", "quiet_until": "20"})
    assert again.status_code == 422 and "Quiet hours begin and end at different hours." in again.text
    assert rep.post(path, hidden_of(page, path) | CHOICES | {"mentioned": "pigeon"}).status_code == 422


def test_two_windows_of_the_settings_meet(world, told):
    rep, path = world.browser("rep"), "/settings/notifications/"
    rep.post(path, CHOICES)
    old = hidden_of(rep.get(path).text, path)
    assert rep.post(path, old | CHOICES | {"mentioned": "none"}).status_code == 303
    met = rep.post(path, old | CHOICES | {"mentioned": "mail"})
    assert met.status_code == 409 and "Not at all" in met.text and "By mail at once" in met.text


def test_the_list_of_the_day_is_offered_on_today_and_comes_by_one_click(world, told):
    """And no more once it comes; taken back where it was taken, and in the settings."""
    rep, offer = world.browser("rep"), 'action="/settings/notifications/daily"'
    with world.acme.ctx("rep") as ctx:
        log.log_activity(ctx, kind="call", account=ctx.session.get_one(Account, told[0]), body="x")
    assert offer in rep.get("/").text
    assert rep.post("/settings/notifications/daily").location.endswith("/")
    page = rep.get("/").text
    assert offer not in page and "This list comes to you by mail on working days at 8:00" in page and 'action="/settings/notifications/daily/undo"' in page
    setting = setting_of(world)
    assert (setting.daily_hour, setting.daily_days) == (8, "working") and setting.daily_since is not None
    assert '<option selected value="8">' in rep.get("/settings/notifications/").text
    assert rep.post("/settings/notifications/daily/undo").status_code == 303 and offer in rep.get("/").text
    setting = setting_of(world)
    assert setting.daily_hour is None and setting.daily_since is None
    assert world.browser("manager").get("/settings/?q=day").text.count("#daily") == 1


def test_the_hour_and_the_days_of_the_list_are_chosen_and_nonsense_is_refused(world, told):
    rep, path = world.browser("rep"), "/settings/notifications/"
    page = rep.get(path).text
    assert rep.post(path, hidden_of(page, path) | CHOICES | {"daily_hour": "0", "daily_days": "every"}).status_code == 303
    setting = setting_of(world)
    assert (setting.daily_hour, setting.daily_days) == (0, "every")
    since, page = setting.daily_since, rep.get(path).text
    assert rep.post(path, hidden_of(page, path) | CHOICES | {"daily_hour": "7", "daily_days": "every"}).status_code == 303
    assert setting_of(world).daily_since == since, "another hour begins nothing anew"
    for wrong in ({"daily_hour": "24"}, {"daily_hour": "x"}, {"daily_days": "never"}):
        page = rep.get(path).text
        assert rep.post(path, hidden_of(page, path) | CHOICES | {"daily_hour": "7", "daily_days": "every"} | wrong).status_code == 422, wrong
    old = hidden_of(rep.get(path).text, path)
    assert rep.post(path, old | CHOICES | {"daily_hour": "7", "daily_days": "working"}).status_code == 303
    met = rep.post(path, old | CHOICES | {"daily_hour": "9", "daily_days": "every"})
    assert met.status_code == 303, "the other field was changed elsewhere: both stand"
    assert (setting_of(world).daily_hour, setting_of(world).daily_days) == (9, "working")


def test_nobody_is_asked_through_his_eyes(world, told):
    with world.acme.ctx("rep") as ctx:
        log.log_activity(ctx, kind="call", account=ctx.session.get_one(Account, told[0]), body="x")
    owner, offer = world.browser("owner"), 'action="/settings/notifications/daily"'
    assert offer in owner.get("/").text
    assert owner.post(f"/settings/members/{world.acme.users['rep'].id}/eyes").status_code == 303
    page = owner.get("/").text
    assert "Nothing can be changed" in page and offer not in page


def setting_of(world, who="rep"):
    with world.acme.ctx(who) as ctx:
        return choosing.own_setting(ctx)


def test_the_section_is_found_among_the_settings(world):
    assert 'href="/settings/notifications/"' in world.browser("rep").get("/settings/?q=quiet").text


def test_programs_read_their_own_and_mark_them(world, told):
    api = world.api("rep")
    (one,) = api.get("/api/v1/notifications?filter[read_at][null]=true").json["data"]
    assert (one["kind"], one["record_kind"], one["record_id"], one["actor_name"], one["params"]["excerpt"]) == ("commented", "account", str(told[0]), "Manager", "Please <i>call</i>")
    assert world.api("manager").get("/api/v1/notifications").json["data"] == []
    assert world.api("manager").get(f"/api/v1/notifications/{told[1]}").status_code == 404
    assert api.json("POST", f"/api/v1/notifications/{told[1]}/reading").status_code == 204
    assert api.get(f"/api/v1/notifications/{told[1]}").json["read_at"] is not None
    assert api.json("POST", "/api/v1/notifications/reading").status_code == 204
