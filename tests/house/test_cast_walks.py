"""The fixed cast walks every route, with keys and without, reading and writing (HOUSE 28): the stranger and the other
tenant stay outside, the colleague without sight and the reader too, and whoever has the right comes in.

A new route with a key fails here until THINGS (tests/support/things.py) says what the key names, a new page for strangers until STRANGERS does.
"""

import re
from uuid import uuid4

import pytest

from core.base import policy
from core.identity.models import ApiToken
from infra.crypto import token_hash
from tests.support.things import THINGS, thing_of
from tests.support.world import Browser
from tests.web.api.test_idor import filled, send
from tests.web.subscription.test_pages import FORM, begin_trial
from web.api import shell

OUT = (401, 403, 404)
# Pages of a tenant that nobody signs in for, with the reason.
STRANGERS = {
    "session.new": "the way in", "session.create": "the way in", "session.enter": "the way in after sign-up, by a token of one minute",
    "joining.new": "by the link of an invitation, from a mail", "joining.create": "by the link of an invitation, from a mail",
    "session.code": "the second step, by what the first one left", "session.check_code": "the second step, by what the first one left",
    "single_sign_on.create": "the way in, through the company's own", "single_sign_on.callback": "the way back, by what the browser holds", "single_sign_on.sign_out": "the company's own server says that somebody signed out there: by its signature",
    "passkey_sign_in.challenge": "the way in", "passkey_sign_in.create": "the way in, by a key of the device",
    "resetting.new": "for who forgot his password", "resetting.create": "for who forgot his password",
    "resetting.edit": "by the link of a letter", "resetting.update": "by the link of a letter",
    "mail_kept.show": "by the link of a letter", "mail_kept.create": "by the link of a letter",
    "install.manifest": "browsers ask for it without a cookie", "install.worker": "a script without a word of anybody",
    "quote_papers.show_to_customer": "by the link of a quote",
    **{f"quote_page.{name}": "by the link of a quote" for name in ("show", "check", "create_acceptance", "create_refusal", "create_comment")},
    **{f"guest_page.{name}": "by the link of a mail to whoever is asked to a meeting" for name in ("show", "create_answer")},
    "inbound.create": "a program posts a mail, with the secret of the mailbox",
    **{f"public_forms.{name}": "a form for strangers, by its own address" for name in ("show", "create", "thanks", "show_embedded", "create_embedded", "thanks_embedded")},
    **{f"enquiry_page.{name}": "by the link of a letter to whoever wrote by a form" for name in ("show", "ask", "confirm")},
    "public.unsubscribe": "by a token, from a mail", "public.leave": "by a token, from a mail",
}
# Whoever may, yet hears 404: the thing is there and what is asked of it is not.
NOT_YET = {"relations.delete": "a product has nothing to do with itself", "privacy.fetch": "nothing was taken out", "privacy_api.fetch_subject_archive": "nothing was taken out", "privacy.stop": "nothing is under way", "people_api.remove_member": "a new team has nobody", "accounts.put_back": "nothing was changed of a new one", "contacts.put_back": "nothing was changed of a new one", "deals.put_back": "nothing was changed of a new one", "leads.put_back": "nothing was changed of a new one", "quotes.put_back": "nothing was changed of a new one", "products.put_back": "nothing was changed of a new one", "takeout.create_download": "no archive before a worker has made it"}
# They end the session that walks, or change what it may.
ENDING = {"session.destroy", "settings.end_sessions", "settings.update_password", "mail_address.confirm"}


@pytest.fixture(scope="module", autouse=True)
def rented(world):
    """Both tenants have ordered and owe an invoice, and no rate that a walk would meet."""
    for house in (world.acme, world.globex):
        begin_trial(house)
        world.browser("owner", house).post("/subscription/orders", FORM)
    patch = pytest.MonkeyPatch()
    patch.setattr(shell, "BURST", 1_000_000)
    yield
    patch.undo()


def routes(app):
    """(rule, method, guard) of every route on tenants' hosts that asks for a person."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        if guard and guard.kind in ("needs", "token"):
            yield from ((rule, method, guard) for method in sorted(rule.methods - {"HEAD", "OPTIONS"}))


def made(world, rule):
    """The key of a fresh thing that the route is about; None for a route without one."""
    thing = thing_of(rule) if rule.arguments else None
    if thing is None:
        return None
    key = thing.make(world)
    if rule.rule.endswith("/restoration"):
        world.browser(thing.owner).post(filled(rule, key).replace("/restoration", "/deletion"))
    return key


def told(rule, method):
    return f"{method} {rule.rule} ({rule.endpoint})"


def token_for(house, who):
    """A token of anybody, of those too who may not make one."""
    secret, user = uuid4().hex, house.users[who]
    with house.ctx("owner") as ctx:
        ctx.session.add(ApiToken(user_id=user.id, name="walk", token_hash=token_hash(secret), hint=secret[:8]))
    return secret


class Cast:
    """Clients of everybody, for pages and for the API, made once."""

    def __init__(self, world):
        self.world, self.made = world, {}

    def client(self, who, kind):
        if (who, kind) not in self.made:
            house, name = (self.world.globex, "owner") if who == "globex" else (self.world.acme, None if who == "stranger" else who)
            self.made[who, kind] = Browser(self.world.app, house, name if kind == "needs" else None)
            if kind == "token" and name:
                self.made[who, kind].client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, name)}"
        return self.made[who, kind]

    def status(self, who, rule, method, kind, key=None):
        answer = send(self.client(who, kind), method, filled(rule, key) if key else rule.rule, kind)
        if answer.status_code == 303 and "/sign-in" in answer.headers["Location"]:
            return 401
        return answer.status_code


@pytest.fixture(scope="module")
def cast(world):
    return Cast(world)


def test_every_route_with_a_key_says_what_the_key_names(app):
    assert [told(rule, method) for rule, method, _ in routes(app) if rule.arguments and thing_of(rule) is None] == []
    assert {thing_of(rule) for rule, _, _ in routes(app) if rule.arguments} == set(THINGS.values()), "a thing that no route names any more"


def test_every_page_for_strangers_is_declared(app):
    found = {rule.endpoint for rule in app.url_map.iter_rules() if getattr(app.view_functions[rule.endpoint], "guard", None) and app.view_functions[rule.endpoint].guard.kind == "stranger"}
    assert found == set(STRANGERS)


def test_a_route_that_nobody_declared_is_found(app):
    """Negative control."""
    from werkzeug.routing import Rule

    assert thing_of(Rule("/kennels/<uuid:id>/sending")) is None and thing_of(Rule("/accounts/<uuid:id>/x")) is THINGS["/accounts/"]


def expected(world, who, guard, thing, method):
    """The statuses that are right for this person; None where anything but a refusal of the person is."""
    if who in ("stranger", "ex"):
        return {401}
    if who == "globex":
        return {404} if thing else None
    user = world.acme.users[who]
    holds = "*" in user.role.permissions or guard.permission in user.role.permissions
    if not holds:
        return {403, 404} if thing else {403}
    if thing and who != thing.owner and (thing.seen == "self" or (thing.seen == "all" and user.role.visibility == "own")):
        return {404}
    return None


PEOPLE = ("stranger", "globex", "colleague", "reader")


def walk(app, world, cast, people):
    """(who, route, status, whether it is wrong) of every answer, one after the other."""
    for rule, method, guard in routes(app):
        thing = thing_of(rule) if rule.arguments else None
        key = made(world, rule)
        for who in people:
            if rule.endpoint in ENDING and who not in ("stranger", "ex"):
                continue
            right = expected(world, who, guard, thing, method)
            status = cast.status(who, rule, method, guard.kind, key)
            yield who, told(rule, method), status, status not in right if right is not None else status in OUT


def test_nobody_comes_in_who_should_not(app, world, cast):
    answers = list(walk(app, world, cast, PEOPLE))
    assert [answer for answer in answers if answer[-1]] == []
    assert len(answers) > 350


def test_whoever_has_the_right_is_let_in(app, world, cast):
    """By the owner of the thing where there is one, by the owner of the workspace elsewhere."""
    wrong = []
    for rule, method, guard in routes(app):
        if rule.endpoint in ENDING or rule.endpoint in NOT_YET:
            continue
        thing = thing_of(rule) if rule.arguments else None
        status = cast.status(thing.owner if thing else "owner", rule, method, guard.kind, made(world, rule))
        if status in OUT or status >= 500:
            wrong.append((told(rule, method), status))
    assert wrong == []


def test_the_reader_changes_nothing(app, world):
    """Stated apart, because it is what the role is for: with every method that changes something, 403 or (unseen) 404."""
    reader = world.acme.users["reader"].role.permissions
    changing = {guard.permission for rule, method, guard in routes(app) if method != "GET"}
    assert {name for name in changing & set(reader) if policy.permissions()[name].effect != policy.ALWAYS} == set()


def test_the_walk_can_see_a_door_without_a_check(app, world, cast, monkeypatch):
    """Negative control: with the guard's question switched off, and with everybody seeing everything, the walk finds it."""
    from web import guard

    monkeypatch.setattr(guard, "check", lambda ctx, permission: None)
    assert any(wrong for *_, wrong in walk(app, world, cast, ("reader",)))
    monkeypatch.undo()
    monkeypatch.setattr(policy, "sees", lambda ctx, model: policy.true())
    monkeypatch.setattr(policy, "is_visible", lambda ctx, record: True)
    monkeypatch.setattr(shell, "BURST", 1_000_000)
    assert any(wrong for *_, wrong in walk(app, world, cast, ("colleague",)))


def test_an_ex_employee_stays_outside_of_everything(app, world, cast):
    wrong = [told(rule, method) for rule, method, guard in routes(app) if guard.kind == "needs"
             and cast.status("ex", rule, method, guard.kind, uuid4() if rule.arguments else None) != 401]
    assert wrong == []


def test_nobody_of_a_tenant_is_somebody_in_the_console(app, world):
    """Routes of the operators: on their own host without their session, and on a tenant's host not at all."""
    client = world.app.test_client()
    client.set_cookie("tendero", world.browser("owner").client.get_cookie("tendero", domain=world.acme.host).value, domain="ops.localhost")
    wrong = []
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        if guard is None or guard.kind != "operator":
            continue
        path = re.sub(r"<[^<>]+>", lambda _: str(uuid4()), re.sub(r"<place>", "control", rule.rule))
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            answer = client.open(path, method=method, base_url="http://ops.localhost")
            if answer.status_code != 401 and "/sign-in" not in answer.headers.get("Location", ""):
                wrong.append((told(rule, method), answer.status_code))
    assert wrong == []
