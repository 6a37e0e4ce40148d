"""Each protection switched off once, and the very test that watches it fails (RELIABILITY 6, last line; X11, X12, X15,
X18, X19, X20, X29): a test that has never failed proves nothing."""

import re
from uuid import uuid4

import pytest

from core.identity import actions
from tests.support.world import Browser, House
from tests.web import test_hostile_http as hostile
from tests.web import test_sessions as sessions
from tests.web.api import test_mass_assignment as mass
from tests.web.api.conftest import Caller
from web import door, redirects, telemetry_http
from web.api import bodies, shell
from web.session import views as session_views
from web.settings import views as settings_views


@pytest.fixture
def house(app):
    return House(f"c{uuid4().hex[:9]}")


@pytest.fixture(autouse=True)
def no_rate(monkeypatch):
    monkeypatch.setattr(shell, "BURST", 1_000_000)


def fails(test, *args, **values):
    """The test notices: an assertion does not hold, or the answer lacks what it looks at."""
    with pytest.raises((AssertionError, KeyError)):
        test(*args, **values)


# X11, X12
@pytest.mark.parametrize("end", ["password", "everywhere", "disable", "role"])
def test_sessions_that_live_on_are_seen(app, house, monkeypatch, end):
    monkeypatch.setattr(actions, "sign_out", lambda ctx, session_id=None: None)
    monkeypatch.setattr(actions, "end_sessions", lambda ctx, user, but=None: None)
    monkeypatch.setattr(sessions.queries, "session_of", asking_for_no_state(sessions.queries.session_of))
    fails(sessions.test_five_sessions_end_at_once, app, house, end)


def asking_for_no_state(session_of):
    """Sessions as if nobody looked whether the person still works here."""
    from sqlalchemy import select
    from sqlalchemy.orm import joinedload

    from core.identity.models import SignIn, User
    from infra.crypto import token_hash

    def found(session, token, now):
        query = select(SignIn).options(joinedload(SignIn.user).joinedload(User.role)).where(SignIn.token_hash == token_hash(token), SignIn.revoked_at.is_(None))
        return session.execute(query).scalar_one_or_none()

    return found


def test_a_cookie_that_lives_on_after_signing_out_is_seen(app, house, monkeypatch):
    monkeypatch.setattr(actions, "sign_out", lambda ctx, session_id=None: None)
    fails(sessions.test_signing_out_ends_the_session_for_a_copied_cookie_too, Browser(app, house), app)


def test_a_session_that_keeps_the_planted_cookie_is_seen(app, house, monkeypatch):
    monkeypatch.setattr(actions.crypto, "new_token", lambda: "planted-by-a-stranger")
    fails(sessions.test_the_right_password_opens_a_new_session, Browser(app, house))
    fails(sessions.test_the_planted_cookie_stays_worthless, Browser(app, house), app)


# X15
@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Tenant"])
def test_a_header_that_names_the_tenant_is_seen(world, monkeypatch, header):
    find = door.registry.by_host
    monkeypatch.setattr(door.registry, "by_host", lambda host: find(hostile_header(header) or host))
    fails(hostile.test_no_other_header_names_the_tenant, world, header)


def hostile_header(name):
    from flask import request

    return request.headers.get(name)


def test_a_host_that_is_nearly_a_tenants_is_seen(world, monkeypatch):
    """As if any label of the host were looked up."""
    find = door.registry.by_host
    monkeypatch.setattr(door, "HOST", re.compile(r".*"))
    monkeypatch.setattr(door.registry, "by_host", lambda host: next((found for label in re.split(r"[.@/,%]", host) if (found := find(f"{label}.localhost"))), None))
    seen = 0
    for host in ("x.{acme}.localhost", "{acme}.localhost.evil.example", "{globex}.localhost@{acme}.localhost"):
        try:
            hostile.test_a_host_that_is_not_quite_a_tenants_leads_nowhere(world, host)
        except AssertionError:
            seen += 1
    assert seen == 3


def test_a_session_that_opens_two_tenants_is_seen(world, monkeypatch):
    """As if sessions lay in one place for all tenants."""
    enter = door.entry.enter
    monkeypatch.setattr(door.entry, "enter", lambda tenant, **rest: enter(world.acme.tenant, **rest))
    fails(hostile.test_a_session_of_one_tenant_is_nobody_in_another, world)
    fails(hostile.test_a_token_of_one_tenant_is_nobody_in_another, world)


# X18
def test_a_personal_answer_that_may_be_shared_is_seen(app, world, monkeypatch):
    monkeypatch.setitem(app.after_request_funcs, None, [one for one in app.after_request_funcs[None] if one.__name__ != "protect"])
    fails(hostile.test_no_personal_answer_may_be_shared, app, world)


# X19
def test_a_body_that_takes_further_members_is_seen(app, world, monkeypatch):
    def lenient(model):
        raw = bodies.request.get_json(force=True)
        return model.model_validate({name: value for name, value in raw.items() if name in model.model_fields})

    monkeypatch.setattr(shell, "read_json", lenient)
    fails(mass.test_no_route_of_the_api_takes_a_further_member, app, Caller(world.api("owner")))
    fails(mass.test_a_row_keeps_what_a_refused_body_wanted_to_change, Caller(world.api("owner")))


def test_a_body_that_is_declared_lenient_is_seen(app, monkeypatch):
    from web.parties.api import AccountIn

    monkeypatch.setitem(AccountIn.model_config, "extra", "ignore")
    fails(mass.test_every_body_refuses_what_it_does_not_know, app)


def test_a_form_that_writes_whatever_it_is_sent_is_seen(app, house, monkeypatch):
    from flask import request

    def careless(ctx, **_):
        user = settings_views.queries.one_user(ctx, ctx.actor.id)
        for name in ("state", "is_owner"):
            setattr(user, name, request.form[name] if name == "state" else True)
        user.password_hash = request.form["password_hash"]
        return user

    class One:
        def __init__(self):
            self.acme, self.browser = house, lambda who: Browser(app, house, who)

    monkeypatch.setattr(settings_views.actions, "change_profile", careless)
    fails(mass.test_no_form_changes_who_one_is, app, One(), "rep")


# X20
def test_metrics_that_are_open_are_seen(app, world, monkeypatch):
    monkeypatch.setattr(telemetry_http, "_from_this_machine", lambda: True)
    fails(hostile.test_metrics_are_for_this_machine_alone, app, world)
    fails(hostile.test_no_door_of_the_machine_room_is_open_to_tenants, world, "/metrics")


def test_a_console_left_open_is_seen(app, world, monkeypatch):
    """As if the application ran with Werkzeug's debugger around it."""
    from werkzeug.debug import DebuggedApplication

    monkeypatch.setattr(app, "wsgi_app", DebuggedApplication(app.wsgi_app, evalex=True, pin_security=False))
    fails(hostile.test_no_door_of_the_machine_room_is_open_to_tenants, world, "/console")


# X29
def test_a_next_that_leaves_is_seen(monkeypatch):
    monkeypatch.setattr(redirects, "PLAIN", re.compile(r".*", re.DOTALL))
    fails(hostile.test_next_never_leaves_this_host, "evil.example")
    monkeypatch.undo()
    monkeypatch.setattr(redirects, "unquote", lambda text: text)
    fails(hostile.test_next_never_leaves_this_host, "/%5cevil.example")


OUTSIDE = ("//evil.example", "/\\evil.example", "https://evil.example")


def led_out(app, house):
    """Where a sign-in leads for each `next` that would leave."""
    found = []
    for value in OUTSIDE:
        visitor = Browser(app, house)
        answer = visitor.post("/sign-in", {"mail": f"owner@{house.tenant.slug}.example", "password": sessions.PASSWORD, "next": value})
        assert answer.status_code == 303
        found.append(answer.headers["Location"])
    return [target for target in found if target != "/"]


def test_signing_in_never_leads_out(app, house):
    assert led_out(app, house) == []


def test_a_sign_in_that_leads_out_is_seen(app, house, monkeypatch):
    monkeypatch.setattr(session_views, "safe_next", lambda value: value or "/")
    assert len(led_out(app, house)) == len(OUTSIDE)
