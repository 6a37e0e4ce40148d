"""What is hostile goes to every route that there is: headers that name another host (X13, X15, fault 53), fields that nobody
offered (X19), searches made to hurt (X28). New routes and forms are walked without being told."""

import os
import re
import time
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from core.parties.actions import create_account
from infra import limits
from infra.db import database
from tenants import rooms
from tests.house.test_cast_walks import ENDING, STRANGERS, filled, made, rented, routes, token_for  # noqa: F401 (rented is a fixture of the module)
from tests.support.world import Browser, House
from web.api import shell

DEEP = os.environ.get("TENDERO_DEEP") == "1"
EVIL = "evil.example"
FORGED = {
    "X-Forwarded-Host": EVIL, "X-Forwarded-Server": EVIL, "X-Host": EVIL, "X-Original-Host": EVIL, "X-HTTP-Host-Override": EVIL, "Forwarded": f"host={EVIL};proto=https", "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Port": "6666", "X-Original-URL": f"//{EVIL}/", "X-Rewrite-URL": f"//{EVIL}/", "X-Forwarded-Prefix": f"//{EVIL}", "Referer": f"http://{EVIL}/", "HX-Current-URL": f"http://{EVIL}/a",
}
HOSTS = (EVIL, "{slug}.localhost.evil.example", "{slug}.localhost@evil.example", "evil.example:80", "")
# Words of these columns are what people wrote, never where a link leads.
LINK = re.compile(r"""(?:href|src|action|hx-get|hx-post|content)=["']?([a-z]+:)?//([^/"'\s>]+)""", re.IGNORECASE)


@pytest.fixture(scope="module", autouse=True)
def unhurried():
    """The walks make more things than a program may in a second."""
    patch = pytest.MonkeyPatch()
    patch.setattr(shell, "BURST", 1_000_000)
    patch.setattr(limits, "hit", lambda *_, **__: None)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def clients(world):
    """The owner at both doors, and nobody."""
    token = Browser(world.app, world.acme)
    token.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(world.acme, 'owner')}"
    return {"needs": world.browser("owner"), "token": token, "stranger": world.browser(None)}


def addresses(app, world):
    """(kind, path) of every page and answer, those of strangers too."""
    for rule, method, guard in routes(app):
        if method == "GET" and rule.endpoint not in ENDING:
            yield guard.kind, filled(rule, made(world, rule)) if rule.arguments else rule.rule
    for rule in app.url_map.iter_rules():
        if rule.endpoint in STRANGERS and "GET" in rule.methods:
            yield "stranger", filled(rule, "made-up")


def foreign(answer, host) -> list[str]:
    """Where the answer leads that is not this host, and every word of the forged headers in it."""
    text = answer.get_data(as_text=True) if answer.mimetype.startswith(("text/", "application/json", "application/problem")) else ""
    found = [place for _, place in LINK.findall(text) if place.split(":")[0] != host and "{" not in place]
    to = urlsplit(answer.headers.get("Location", ""))
    found += [to.netloc] if to.netloc and to.hostname != host else []
    return found + [word for word in (EVIL, "gopher", ":6666") if word in text or word in str(answer.headers)]


def test_no_header_but_host_moves_a_link(app, world, clients):
    wrong, asked = {}, 0
    for kind, path in addresses(app, world):
        answer, asked = clients[kind].get(path, headers=dict(FORGED)), asked + 1
        bare = clients[kind].get(path) if foreign(answer, world.acme.host) else None
        if bare is not None and (extra := [one for one in foreign(answer, world.acme.host) if one not in foreign(bare, world.acme.host)]):
            wrong[path] = extra
    assert wrong == {} and asked > 100


def test_no_answer_to_a_form_leads_where_the_headers_say(app, world, clients):
    wrong, asked = {}, 0
    for rule, method, guard in routes(app):
        if method == "GET" or guard.kind != "needs" or rule.endpoint in ENDING:
            continue
        path = filled(rule, made(world, rule)) if rule.arguments else rule.rule
        browser, asked = clients["needs"], asked + 1
        answer = browser._open(method, path, data={"_csrf": browser.csrf, "next": f"//{EVIL}/"}, headers={**FORGED, "X-CSRF-Token": browser.csrf})
        to = urlsplit(answer.headers.get("Location", answer.headers.get("HX-Redirect", "")))
        if to.netloc and to.hostname != world.acme.host or EVIL in str(answer.headers):
            wrong[path] = str(answer.headers)
    assert wrong == {} and asked > 40
    with database().owner() as connection:
        letters = connection.execute(f"SELECT count(*) FROM {world.acme.tenant.schema_name}.outgoing_mail t WHERE t::text LIKE %s", (f"%{EVIL}%",)).fetchone()[0]  # noqa: S608
    assert letters == 0


def test_a_host_that_is_not_ours_opens_no_route(app, world, clients):
    opened, slug = [], world.acme.tenant.slug
    for kind, path in addresses(app, world):
        for host in HOSTS:
            answer = clients[kind].client.get(path, base_url=f"http://{world.acme.host}", headers={"Host": host.format(slug=slug)})
            if answer.status_code not in (400, 404) and path != "/api/v1/openapi.json":
                opened.append((path, host, answer.status_code))
    assert opened == []


def test_a_link_by_a_header_would_be_seen(app, world):
    """Negative control: a page that believes X-Forwarded-Host."""
    from flask import Response

    html = Response(f'<a href="https://{EVIL}/x">x</a>', mimetype="text/html")
    assert foreign(html, world.acme.host) == [EVIL, EVIL]
    assert foreign(Response("", status=303, headers={"Location": f"//{EVIL}/"}), world.acme.host) == [EVIL, EVIL]
    assert foreign(Response("", status=303, headers={"Location": f"//{world.acme.host}:6666/"}), world.acme.host) == [":6666"]


# X19
KEY, WORD, NUMBER, DAY = str(uuid4()), f"planted{uuid4().hex[:8]}", "98765432", "2001-02-03"
PLANTED = {
    "tenant_id": KEY, "id": KEY, "created_by": KEY, "created_by_id": KEY, "actor_id": KEY, "user_id": KEY, "account_ids": KEY, "uploaded_by_id": KEY, "merged_into_id": KEY,
    "created_at": f"{DAY}T00:00:00Z", "updated_at": f"{DAY}T00:00:00Z", "deleted_at": f"{DAY}T00:00:00Z", "done_at": f"{DAY}T00:00:00Z", "reminded_at": f"{DAY}T00:00:00Z", "sent_at": f"{DAY}T00:00:00Z",
    "expires_at": f"{DAY}T00:00:00Z", "version": NUMBER, "seats": NUMBER, "price": NUMBER, "amount": NUMBER, "size": NUMBER, "rows": NUMBER, "storage_key": WORD, "state": WORD, "access": WORD,
    "password_hash": WORD, "token_hash": WORD, "name_fold": WORD, "mail_norm": WORD, "key_hash": WORD, "schema_name": WORD, "totp_secret": WORD, "secret": WORD, "kind_of_file": WORD, "custom": WORD,
    "external_system": WORD, "is_owner": "true", "is_admin": "true", "role": WORD, "role_id": KEY, "permissions": "*",
}
# What is written down of a request as a whole, on purpose: a refused one too.
KEPT_AS_SENT = {"idempotency_key"}


class Forms(HTMLParser):
    """The forms of a page that change something, each with the values that it was given."""

    def __init__(self, text):
        super().__init__()
        self.found, self.form, self.choice = [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        at = dict(attributes)
        if tag == "form":
            self.form = {"action": at.get("action", ""), "fields": {}} if (at.get("method") or "").lower() == "post" else None
            self.found += [self.form] if self.form else []
        if self.form is None:
            return
        if tag == "input" and at.get("name") and (at.get("type") not in ("checkbox", "radio", "file", "submit") or "checked" in at):
            self.take(at["name"], at.get("value") or "", several=at.get("type") == "checkbox")
        if tag in ("select", "textarea") and at.get("name"):
            self.choice = at["name"]
            self.form["fields"].setdefault(self.choice, "")
        if tag == "option" and self.choice and "selected" in at:
            self.form["fields"][self.choice] = at.get("value") or ""

    def take(self, name, value, *, several):
        """Boxes of one name are sent together, as a browser does: a room left out would be switched off."""
        if several:
            self.form["fields"].setdefault(name, []).append(value)
        else:
            self.form["fields"][name] = value

    def handle_data(self, data):
        if self.form and self.choice and self.get_starttag_text().startswith("<textarea"):
            self.form["fields"][self.choice] += data

    def handle_endtag(self, tag):
        if tag in ("select", "textarea"):
            self.choice = None
        if tag == "form":
            self.form = None


def planted_in(house) -> list[tuple]:
    """(table, row) of every row that holds something that no form offered."""
    schema, found = house.tenant.schema_name, []
    with database().owner() as connection:
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", (schema,)).fetchall():
            if table not in KEPT_AS_SENT:
                rows = connection.execute(f"SELECT t::text FROM {schema}.{table} t WHERE t::text ~ %s LIMIT 3", (f"{KEY}|{WORD}|{NUMBER}|{DAY}",)).fetchall()  # noqa: S608
                found += [(table, row[0][:300]) for row in rows]
    return found


def powers(house):
    """What everybody is, may and can sign in with, and how far roles reach."""
    schema = house.tenant.schema_name
    with database().owner() as connection:
        return [connection.execute(f"SELECT id, role_id, is_owner, state, password_hash, created_at FROM {schema}.app_user ORDER BY id").fetchall(),  # noqa: S608
                connection.execute(f"SELECT id, permissions, visibility FROM {schema}.role ORDER BY id").fetchall()]  # noqa: S608


def unoffered(form):
    return {name: value for name, value in PLANTED.items() if name not in form["fields"]}


@pytest.fixture
def rooms_as_they_were(world):
    """A starter set that a walk takes may switch rooms off."""
    yield
    with world.acme.ctx("owner") as ctx:
        rooms.switch_rooms(ctx, on=world.acme.fresh().rooms_off)


@pytest.mark.usefixtures("rooms_as_they_were")
@pytest.mark.parametrize("who", ["owner", "rep"])
def test_no_form_takes_a_field_that_it_does_not_offer(app, world, who):
    browser, seen, before = world.browser(who), set(), powers(world.acme)
    for rule, method, guard in list(routes(app)):
        if method != "GET" or guard.kind != "needs":
            continue
        page = browser.get(filled(rule, made(world, rule)) if rule.arguments else rule.rule)
        for form in Forms(page.get_data(as_text=True)).found if page.mimetype == "text/html" else ():
            path = form["action"].partition("?")[0] or page.request.path
            shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "KEY", path)
            if (shape, *sorted(form["fields"])) in seen or not path.startswith("/") or any(end in path for end in ("/sign-out", "/settings/sessions", "/revocation", "/subscription")):
                continue
            seen.add((shape, *sorted(form["fields"])))
            browser.post(path, {**form["fields"], "_csrf": browser.csrf, **unoffered(form)})
    assert planted_in(world.acme) == []
    after = powers(world.acme)
    assert [row for row in after[0] if row[0] in {one[0] for one in before[0]}] == before[0]
    assert [row for row in after[1] if row[0] in {one[0] for one in before[1]}] == before[1]
    assert len(seen) > (35 if who == "owner" else 20), len(seen)


def test_no_call_of_the_api_takes_a_member_that_it_does_not_know(app, world, clients):
    from tests.web.api.test_idor import smallest

    taken = []
    for rule, method, guard in routes(app):
        operation = getattr(app.view_functions[rule.endpoint], "operation", None)
        if guard.kind != "token" or operation is None or operation.body is None:
            continue
        path = filled(rule, made(world, rule)) if rule.arguments else rule.rule
        unknown = {name: value for name, value in PLANTED.items() if name not in operation.body.model_fields}
        answer = clients["token"]._open(method, path, json={**smallest(operation.body), **unknown}, headers={"If-Match": '"1"'})
        told = {error["field"] for error in answer.json.get("errors", ())} if answer.status_code == 422 else set()
        if not unknown.keys() <= told:
            taken.append((method, rule.rule, answer.status_code, sorted(unknown.keys() - told)))
    assert taken == [] and planted_in(world.acme) == []


def test_a_field_that_was_taken_would_be_seen():
    """Negative control: a row that holds one of the planted values. In a house of its own: what it writes down stays."""
    house = House(f"planted-{uuid4().hex[:6]}", {"owner": "admin"})
    with house.ctx("owner") as ctx:
        create_account(ctx, name=WORD)
    assert {"account", "fact"} <= {table for table, _ in planted_in(house)}


# X28
HURTING = ["%_%_%_%_%" * 20, "(a+)+$" * 30, "a" * 10_000, "\\" * 199, "_" * 199, "%", "'" * 100, "[[:alnum:]]*" * 15, "| & ! <-> :* " * 10, "(" * 150, "ſ" * 150, "\u0301" * 150, "🙂" * 150, "-- /* */", "\x00", "\udfff"]


def test_no_search_takes_long_or_fails(app, world, clients):
    wrong, asked = [], 0
    for rule, method, guard in routes(app):
        if method != "GET" or guard.kind != "needs" or rule.arguments:
            continue
        path = filled(rule, made(world, rule)) if rule.arguments else rule.rule
        # Everything to what searches; to every other page one after the other in turn, so that none is left out.
        for value in HURTING if DEEP or any(word in path for word in ("search", "palette", "options", "duplicates", "accounts", "contacts", "mailings")) else HURTING[asked % len(HURTING) :][:1]:
            began, asked = time.monotonic(), asked + 1
            answer = clients["needs"].get(path, query_string={"q": value.encode("utf-8", "surrogatepass"), "name": value.encode("utf-8", "surrogatepass"), "tag": value[:50].encode("utf-8", "surrogatepass")})
            took = time.monotonic() - began
            if answer.status_code >= 500 or took > 5:
                wrong.append((path, value[:20], answer.status_code, round(took, 1)))
    assert wrong == [] and asked > 150
