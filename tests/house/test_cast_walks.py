"""The fixed cast walks every route, with keys and without, reading and writing (HOUSE 28): the stranger and the other
tenant stay outside, the colleague without sight and the reader too, and whoever has the right comes in.

A new route with a key fails here until THINGS says what the key names, a new page for strangers until STRANGERS does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
from sqlalchemy import delete

from core.base import policy
from core.identity.models import ApiToken
from core.transfer.models import PreparedExport
from infra.crypto import token_hash
from infra.db import database
from tests.support.pictures import picture
from tests.support.world import Browser
from tests.web.api.test_idor import filled, send
from tests.web.subscription.test_pages import FORM, begin_trial
from web.api import shell
from workers.jobs import files as jobs

OUT = (401, 403, 404)
# Pages of a tenant that nobody signs in for, with the reason.
STRANGERS = {
    "session.new": "the way in", "session.create": "the way in", "session.enter": "the way in after sign-up, by a token of one minute",
    "joining.new": "by the link of an invitation, from a mail", "joining.create": "by the link of an invitation, from a mail",
    "session.code": "the second step, by what the first one left", "session.check_code": "the second step, by what the first one left",
    "single_sign_on.create": "the way in, through the company's own", "single_sign_on.callback": "the way back, by what the browser holds",
    "passkey_sign_in.challenge": "the way in", "passkey_sign_in.create": "the way in, by a key of the device",
    "resetting.new": "for who forgot his password", "resetting.create": "for who forgot his password",
    "resetting.edit": "by the link of a letter", "resetting.update": "by the link of a letter",
    "mail_kept.show": "by the link of a letter", "mail_kept.create": "by the link of a letter",
    "install.manifest": "browsers ask for it without a cookie", "install.worker": "a script without a word of anybody",
    "public.unsubscribe": "by a token, from a mail", "public.leave": "by a token, from a mail",
}
CSV = b"name,city\nNordlicht,Kiel\n"


@dataclass(frozen=True)
class Thing:
    """What a key in an address names. owner: who of the cast has it. seen: by others of his role ("role"), by those
    alone who see everything ("all"), by nobody else ("self")."""

    owner: str
    make: Callable
    seen: str = "all"


def account(world):
    return world.api("rep").json("POST", "/api/v1/accounts", {"name": "Walked"}).json["id"]


def contact(world):
    return world.api("rep").json("POST", "/api/v1/contacts", {"name": "Walked"}).json["id"]


def activity(world):
    body = {"kind": "call", "body": "x", "account_id": account(world), "next_contact_on": "2099-01-01"}
    return world.api("rep").json("POST", "/api/v1/activities", body).json["id"]


def merge(world):
    body = {"kind": "account", "survivor_id": account(world), "ids": [account(world)]}
    return world.api("rep").json("POST", "/api/v1/merges", body).json["id"]


def pair(world):
    from core.parties.beside_models import DuplicatePair

    a, b = sorted((account(world), account(world)))
    with world.acme.ctx("rep") as ctx:
        row = DuplicatePair(kind="account", a_id=a, b_id=b, score=0.9, reasons=["name"])
        ctx.session.add(row)
        ctx.session.flush()
        return row.id


def scan(world):
    from core.merging import scanning

    with world.acme.ctx("rep") as ctx:
        return scanning.start(ctx).id


def run(world):
    return world.api("rep").client.post("/api/v1/imports?dry_run=true", base_url=f"http://{world.acme.host}", data=CSV, content_type="text/csv").json["id"]


def bulk_edit(world):
    body = {"kind": "accounts", "ids": [account(world)], "changes": {"city": "Ulm"}, "dry_run": True}
    return world.api("rep").json("POST", "/api/v1/bulk-edits", body).json["id"]


def mailing(world):
    return world.api("manager").json("POST", "/api/v1/mailings", {"subject": "News", "body": "x", "tags": ["a"]}).json["id"]


def newest(world, table):
    with database().owner() as connection:
        return connection.execute(f"SELECT id FROM {world.acme.tenant.schema_name}.{table} ORDER BY created_at DESC, id DESC LIMIT 1").fetchone()[0]  # noqa: S608


def token(world):
    world.api("rep")
    return newest(world, "api_token")


def session(world):
    world.browser("rep")
    return newest(world, "session")


def takeout(world):
    world.browser("owner").post("/settings/data/")
    with database().owner() as connection:
        return connection.execute("SELECT id FROM control.run WHERE tenant_id = %s ORDER BY id DESC LIMIT 1", (world.acme.tenant.id,)).fetchone()[0]


def invoice(world):
    with database().owner() as connection:
        return connection.execute("SELECT id FROM control.invoice WHERE tenant_id = %s LIMIT 1", (world.acme.tenant.id,)).fetchone()[0]


def mail_change(world):
    from core.identity import readdressing

    with world.acme.ctx("rep") as ctx:
        row = readdressing.ask(ctx, f"walked-{uuid4().hex[:8]}@people.example")
        ctx.session.flush()
        return readdressing.link_of(ctx.tenant, row, "confirm").rsplit("/", 1)[1]


def role(world):
    return world.acme.users["rep"].role_id


def team(world):
    from core.identity import teams

    with world.acme.ctx("owner") as ctx:
        return teams.create_team(ctx, name=f"Walked {uuid4().hex[:8]}").id


def absence(world):
    from datetime import timedelta

    from sqlalchemy import delete

    from core.identity import absence as absences
    from core.identity.models import Absence

    with world.acme.ctx("rep") as ctx:
        ctx.session.execute(delete(Absence))
        day = ctx.today + timedelta(days=9)
        return absences.plan_absence(ctx, world.acme.users["rep"], deputy_id=world.acme.users["manager"].id, starts_on=day, ends_on=day).id


def invitation(world):
    from sqlalchemy import delete

    from core.identity import inviting
    from core.identity.models import Invitation

    with world.acme.ctx("owner") as ctx:
        ctx.session.execute(delete(Invitation))
        found = inviting.invite(ctx, mail=f"walked-{uuid4().hex[:6]}@people.example", role="sales")
        return found.id


def passkey(world):
    from core.identity.models import Passkey

    with world.acme.ctx("rep") as ctx:
        row = Passkey(user_id=ctx.actor.id, name="Walked", rp_id="walked.example", credential_id=uuid4().bytes, public_key=b"x", sign_count=0)
        ctx.session.add(row)
        ctx.session.flush()
        return row.id
def prepared(world):
    from core.transfer import preparing
    from core.transfer.wanted import Wanted

    with world.acme.ctx("rep") as ctx:
        ctx.session.execute(delete(PreparedExport))  # five an hour
        return preparing.ask(ctx, Wanted("accounts"), "accounts.csv").id


def notification(world):
    from core.notifications import telling
    from core.parties.models import Account

    with world.acme.ctx("owner") as ctx:
        telling.notify(ctx, "commented", [world.acme.users["rep"].id], ctx.session.get_one(Account, account(world)))
    return newest(world, "notification")


def comment(world):
    return world.api("rep").json("POST", "/api/v1/comments", {"record_kind": "account", "record_id": account(world), "body": "Walked"}).json["id"]


def share(world):
    body = {"record_kind": "account", "record_id": account(world), "user_id": str(world.acme.users["manager"].id)}
    return world.api("rep").json("POST", "/api/v1/shares", body).json["id"]


def file(world):
    path = f"/api/v1/files?record_kind=account&record_id={account(world)}&name=walked.png"
    key = world.api("rep").client.post(path, base_url=f"http://{world.acme.host}", data=picture(), content_type="application/octet-stream").json["id"]
    jobs.draw(lambda: world.acme.ctx("rep"), file_id=key)
    return key


def below(room, path, body):
    """Something of a record of that room."""
    return lambda world: world.api("rep").json("POST", f"/api/v1/{room}/{(account if room == 'accounts' else contact)(world)}/{path}", body).json["id"]


POINT = {"kind": "mail", "value": "walked@further.example"}


def affiliation(world):
    return world.api("rep").json("POST", f"/api/v1/contacts/{contact(world)}/affiliations", {"account_id": account(world)}).json["id"]


def personal_fact(world):
    return world.api("rep").json("POST", "/api/v1/personal-facts", {"contact_id": contact(world), "body": "Walked"}).json["id"]


def person(world):
    return world.acme.users["ex"].id


def view(world):
    """One of his own; brought back by the walk where it was deleted before."""
    from core.views import actions

    with world.acme.ctx("rep") as ctx:
        return actions.save_view(ctx, room="accounts", name=f"Walked {uuid4().hex[:8]}", query={}).id


def binned(kind):
    """One in the recycle bin of everybody who may."""

    def make(world):
        from core.parties import actions

        with world.acme.ctx("owner") as ctx:
            found = getattr(actions, f"create_{kind}")(ctx, name="Walked", owner_id=None)
            ctx.session.flush()
            getattr(actions, f"delete_{kind}")(ctx, found)
            return found.id

    return make


def subject_request(world):
    """Found and to be decided."""
    from core.privacy import requests

    with world.acme.ctx("owner") as ctx:
        found = requests.receive(ctx, kind="correct", who="Walked")
        found.state = "open"
        return found.id


def purpose(world):
    from core.consent import recording

    with world.acme.ctx("owner") as ctx:
        found = recording.add_purpose(ctx, name=f"Walked {uuid4().hex[:8]}")
        ctx.session.flush()
        return found.id


def lawful_basis(world):
    return world.api("rep").json("POST", f"/api/v1/contacts/{contact(world)}/lawful-bases", {"basis": "contract", "source": "paper"}).json["id"]


def tag(world):
    from core.tags import actions

    with world.acme.ctx("owner") as ctx:
        return actions.create_tag(ctx, name=f"Walked {uuid4().hex[:8]}").id


def tag_change(world):
    from core.tags import actions

    with world.acme.ctx("owner") as ctx:
        return actions.delete_tag(ctx, actions.create_tag(ctx, name=f"Walked {uuid4().hex[:8]}")).id


def own_field(world):
    """One of its own for each walk: an archived one could not be changed."""
    from core.custom_fields import actions

    with world.acme.ctx("owner") as ctx:
        return actions.create_field(ctx, room="accounts", kind="text", label=f"Walked {uuid4().hex[:8]}").id


# The beginning of an address -> what its key names.
THINGS = {
    "/accounts/contact-points/": Thing("rep", below("accounts", "contact-points", POINT)), "/contacts/contact-points/": Thing("rep", below("contacts", "contact-points", POINT)),
    "/accounts/addresses/": Thing("rep", below("accounts", "addresses", {"city": "Kiel"})), "/contacts/addresses/": Thing("rep", below("contacts", "addresses", {"city": "Kiel"})),
    "/accounts/": Thing("rep", account), "/contacts/": Thing("rep", contact), "/activities/": Thing("rep", activity), "/imports/": Thing("rep", run),
    "/affiliations/": Thing("rep", affiliation), "/bulk-edits/": Thing("rep", bulk_edit), "/merges/": Thing("rep", merge), "/duplicates/pairs/": Thing("rep", pair), "/duplicates/scans/": Thing("rep", scan, seen="role"), "/duplicates/": Thing("rep", pair),
    "/mailings/": Thing("manager", mailing, seen="role"), "/users/": Thing("owner", person, seen="role"),
    "/settings/members/": Thing("owner", person, seen="role"), "/settings/fields/": Thing("owner", own_field, seen="role"), "/custom-fields/": Thing("owner", own_field, seen="role"), "/settings/roles/": Thing("owner", role, seen="role"), "/settings/teams/": Thing("owner", team, seen="role"), "/roles/": Thing("owner", role, seen="role"), "/teams/": Thing("owner", team, seen="role"),
    "/settings/invitations/": Thing("owner", invitation, seen="role"), "/invitations/": Thing("owner", invitation, seen="role"),
    "/settings/absences/": Thing("rep", absence, seen="self"), "/settings/sessions/": Thing("rep", session, seen="self"), "/settings/tokens/": Thing("rep", token, seen="self"), "/settings/passkeys/": Thing("rep", passkey, seen="self"), "/settings/mail-address/": Thing("rep", mail_change, seen="self"),
    "/lists/views/": Thing("rep", view, seen="self"), "/settings/data/": Thing("owner", takeout, seen="role"), "/subscription/invoices/": Thing("owner", invoice, seen="role"),
    "/recycle-bin/contacts/": Thing("owner", binned("contact"), seen="role"), "/recycle-bin/accounts/": Thing("owner", binned("account"), seen="role"), "/settings/privacy/requests/": Thing("owner", subject_request, seen="role"), "/settings/consents/": Thing("owner", purpose, seen="role"),
    "/lawful-bases/": Thing("rep", lawful_basis), "/subject-requests/": Thing("owner", subject_request, seen="role"),
    "/settings/tags/changes/": Thing("owner", tag_change, seen="role"), "/settings/tags/": Thing("owner", tag, seen="role"), "/tags/": Thing("owner", tag, seen="role"), "/tag-changes/": Thing("owner", tag_change, seen="role"),
    "/files/": Thing("rep", file), "/personal-facts/": Thing("rep", personal_fact), "/comments/": Thing("rep", comment), "/shares/": Thing("rep", share), "/notifications/": Thing("rep", notification, seen="self"), "/exports/": Thing("rep", prepared, seen="self"),
}
# Whoever may, yet hears 404: the thing is there and what is asked of it is not.
NOT_YET = {"privacy.fetch": "nothing was taken out", "privacy_api.fetch_subject_archive": "nothing was taken out", "privacy.stop": "nothing is under way", "people_api.remove_member": "a new team has nobody", "accounts.put_back": "nothing was changed of a new one", "contacts.put_back": "nothing was changed of a new one", "takeout.create_download": "no archive before a worker has made it"}
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


def thing_of(rule) -> Thing | None:
    path = rule.rule.removeprefix(shell.PREFIX)
    return next((thing for start, thing in THINGS.items() if path.startswith(start) and "<" in path[len(start) - 1 :]), None)


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

    assert thing_of(Rule("/quotes/<uuid:id>/sending")) is None and thing_of(Rule("/accounts/<uuid:id>/x")) is THINGS["/accounts/"]


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
    """(who, route, status) of every answer that is wrong; and how many were asked."""
    wrong, asked = [], 0
    for rule, method, guard in routes(app):
        thing = thing_of(rule) if rule.arguments else None
        key = made(world, rule)
        for who in people:
            if rule.endpoint in ENDING and who not in ("stranger", "ex"):
                continue
            right = expected(world, who, guard, thing, method)
            status, asked = cast.status(who, rule, method, guard.kind, key), asked + 1
            if status not in right if right is not None else status in OUT:
                wrong.append((who, told(rule, method), status))
    return wrong, asked


def test_nobody_comes_in_who_should_not(app, world, cast):
    wrong, asked = walk(app, world, cast, PEOPLE)
    assert wrong == []
    assert asked > 350, asked


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
    assert any(who == "reader" for who, _, _ in walk(app, world, cast, ("reader",))[0])
    monkeypatch.undo()
    monkeypatch.setattr(policy, "sees", lambda ctx, model: policy.true())
    monkeypatch.setattr(policy, "is_visible", lambda ctx, record: True)
    monkeypatch.setattr(shell, "BURST", 1_000_000)
    assert any(who == "colleague" for who, _, _ in walk(app, world, cast, ("colleague",))[0])


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
