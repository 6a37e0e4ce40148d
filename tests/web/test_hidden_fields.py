"""A hidden field walks every exit and never shows: pages, parts, lists, search, files, API, audit (A1)."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.base import hiding
from core.base.policy import permissions
from core.consent import queries as consents
from core.consent import recording
from core.custom_fields import actions as defining
from core.identity import queries as people
from core.identity import roles
from core.identity.models import Role
from core.mailings import audience
from core.mailings.models import Mailing, MailingRecipient
from core.parties import actions, affiliations, marks, queries, reach
from core.parties.models import Contact
from tenants import entry
from tests.house.test_cast_walks import filled, routes, token_for
from tests.support.world import Browser, House
from web.api import shell

# One field of the workspace's own on each; its values are keys of one column (core.base.hiding).
OWN = {f"{room}.custom.hush" for room in hiding.GUARDED}
ALL = sorted({f"{room}.{name}" for room, one in hiding.GUARDED.items() for name in one.hideable} | OWN)
C = "canary"
ACCOUNT = {
    "phone": "+49 431 7771234", "mail": f"office@{C}.example", "website": f"{C}-site.example", "industry": f"{C} industry", "employees": "4217", "annual_revenue": "8675309",
    "currency": "XPF", "founded_year": "1873", "vat_id": "DE136695976", "street": f"{C} street 1", "postcode": "CN4RY", "city": f"{C} town", "region": f"{C} region", "country": f"{C} land",
    "tags": [f"{C}tag"], "source": f"{C} source", "external_id": "CNR-1", "notes": f"{C} notes", "custom.hush": f"{C} own",
}
CONTACT = {
    "phone": "+49 431 7771235", "mobile": "+49 171 7771236", "mail": f"ada@{C}.example", "how_to_address": f"{C} greeting", "job_title": f"{C} title", "language": "fi",
    "birthday": "1961-07-19", "preferred_channel": "visit", "preferred_hours": "Mon-Tue 03:07-04:09", "timezone": "Etc/GMT-14", "tags": [f"{C}tag"], "source": f"{C} source", "external_id": "CNR-2", "notes": f"{C} notes", "custom.hush": f"{C} own",
}
# What of these is found in a page: the texts, and the numbers as they may be written.
TELLING = (C, "4217", "4,217", "8675309", "8,675,309", "XPF", "1873", "136695976", "CN4RY", "CNR-1", "CNR-2", "1961-07-19", "Jul 19, 1961", "Finnish", "777123", "03:07", "GMT-14")


@pytest.fixture(scope="module")
def house(app):
    """A house with somebody who may do everything that a role can give, and to whom every field that can be is hidden."""
    found = House(f"blind-{uuid4().hex[:6]}", {"owner": "admin", "blind": "sales"})
    with found.ctx() as ctx:
        for room in hiding.GUARDED:
            defining.create_field(ctx, room=room, kind="text", key="hush", label="Own", is_searched=True, in_list=True)
        defining.create_field(ctx, room="contacts", kind="text", key="shown", label="Shown to all", is_searched=True)
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), permissions=list(permissions()), visibility="all", changing="all", hidden=ALL)
    with found.ctx() as ctx:
        found.users["blind"] = next(user for user in people.users(ctx) if user.role.code == "sales")
    return found


@pytest.fixture(scope="module")
def things(house, app):
    """Records with a canary in every field, edited, written about, imported, written to."""
    with house.ctx() as ctx:
        account = actions.create_account(ctx, name="Nordlicht", **ACCOUNT)
        contact = actions.create_contact(ctx, name="Ada", account_id=account.id, **CONTACT)
        ctx.session.flush()
        actions.edit_contact(ctx, contact, **{"custom.hush": f"{C} own again", "custom.shown": "plain"})
        actions.edit_contact(ctx, contact, notes=f"{C} again", mail=f"ada2@{C}.example")
        actions.edit_account(ctx, account, phone="+49 431 7771239")
        gone = actions.create_contact(ctx, name="Gone", **CONTACT | {"external_id": "CNR-3", "mail": f"gone@{C}.example"})
        ctx.session.flush()
        actions.delete_contact(ctx, gone)
        recording.add_usual(ctx)
        recording.record_consent(ctx, contact, consents.purposes(ctx)[0].id, given=True, source="form")
        found = {**reached(ctx, account, contact), "/accounts/": account.id, "/contacts/": contact.id}
    owner = Browser(app, house)
    owner.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, 'owner')}"
    found["/activities/"] = owner.json("POST", "/api/v1/activities", {"kind": "call", "body": "x", "contact_id": str(found["/contacts/"]), "next_contact_on": (entry.utcnow() + timedelta(days=1)).date().isoformat()}).json["id"]
    csv = f"name,city,phone,Own\nSudlicht,{C} town,+49 431 7771237,{C} own\n".encode()
    found["/imports/"] = owner.client.post("/api/v1/imports?dry_run=true", base_url=f"http://{house.host}", data=csv, content_type="text/csv").json["id"]
    found["/mailings/"] = owner.json("POST", "/api/v1/mailings", {"subject": "News", "body": "Dear {{ contact.greeting }}", "audience": "everyone"}).json["id"]
    bulk = {"kind": "contacts", "ids": [str(found["/contacts/"])], "changes": {"notes": f"{C} bulk", "custom": {"hush": f"{C} bulk"}}}
    found["/bulk-edits/"] = owner.json("POST", "/api/v1/bulk-edits", bulk).json["id"]
    with house.ctx() as ctx:
        audience.freeze(ctx, ctx.session.get(Mailing, found["/mailings/"]))
    return {start: str(key) for start, key in found.items()}


def reached(ctx, account, contact):
    """Further values, addresses, a role and marks with a canary in each; their keys."""
    found = {}
    for room, party in (("accounts", account), ("contacts", contact)):
        for kind, value in (("phone", "+49 431 7771238"), ("messenger", f"{C}msg"), ("mail", f"third@{C}.example")):
            found[f"/{room}/contact-points/"] = reach.add_point(ctx, party, kind, value).id
        address = {"recipient": f"{C} hall", "street": f"{C} lane", "postcode": "CN4RY", "city": f"{C} village", "region": f"{C} county", "country": f"{C} kingdom"}
        found[f"/{room}/addresses/"] = reach.add_address(ctx, party, **address).id
        marks.mark_invalid(ctx, party, "mail", f"third@{C}.example", "left", note=f"{C} note")
    other = actions.create_account(ctx, name="Sudstern")
    ctx.session.flush()
    found["/affiliations/"] = affiliations.affiliate(ctx, contact, other.id, title=f"{C} adviser", department=f"{C} board").id
    return found


@pytest.fixture(scope="module")
def clients(house, app):
    patch = pytest.MonkeyPatch()
    patch.setattr(shell, "BURST", 1_000_000)
    token = Browser(app, house)
    token.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, 'blind')}"
    yield Browser(app, house, "blind"), token
    patch.undo()


def exits(app, things):
    """(kind, path) of everything that can be read, with keys of things that are there; searches and filters too."""
    for rule, method, guard in routes(app):
        path = rule.rule.removeprefix(shell.PREFIX)
        start = next((start for start in things if path.startswith(start) and "<" in path), None)
        if method == "GET" and (start or not rule.arguments):
            yield guard.kind, filled(rule, things[start]) if start else rule.rule
    for room in ("accounts", "contacts"):
        yield from (("needs", f"/{room}?{asked}") for asked in (f"q={C}", "q=777123", "sort=changed", "rows=1", "columns=custom.hush&view=all", f"filter[custom.hush][eq]={C} own"))
        yield from (("token", f"/api/v1/{room}?{asked}") for asked in (f"q={C}", "q=ada2", "fields=id,mail,phone", "sort=name"))
    yield from (("needs", f"/search?q={asked}") for asked in (C, "ada2", "Ada", "777123"))
    yield "needs", f"/contacts/duplicates?name=Ada&mail=ada2@{C}.example&phone=%2B494317771235"


def shown_to(clients, kind, path):
    page, api = clients
    headers = {"HX-Request": "true", "HX-Target": "peek"} if path.count("/") == 2 else {}
    texts = [(page if kind == "needs" else api).get(path, headers=given).get_data(as_text=True) for given in ({}, headers)[: 1 + bool(headers)]]
    typed = path.partition("?")[2]  # a search form says again what was typed
    return [telling for text in texts for telling in TELLING if tells(text, telling) and telling not in typed]


def tells(text, telling):
    """Whether a page says it: the digits of a key or a token that happen to be the same do not."""
    return re.search(rf"(?<![0-9a-f-]){re.escape(telling)}(?![0-9a-f-])", text) if telling.isdigit() and len(telling) < 6 else telling in text


def test_no_page_part_or_answer_tells_a_hidden_field(app, house, things, clients):
    told, asked = {}, 0
    for kind, path in exits(app, things):
        asked += 1
        found = shown_to(clients, kind, path)
        if found:
            told[path] = found
    assert told == {} and asked > 60


def test_everything_that_can_be_read_without_the_fields_is_read(app, house, things, clients):
    """Hiding costs the field, not the page: refused are only pages that are the field itself."""
    own = {f"{start}/{things['/imports/']}{end}" for start in ("/imports", "/api/v1/imports") for end in ("", "/problems", "/progress", "/left-out.csv")} | {"/settings/tags/", "/api/v1/tags", "/api/v1/tag-changes"}
    page, api = clients
    wrong = {}
    for kind, path in exits(app, things):
        status = (page if kind == "needs" else api).get(path).status_code
        if status >= 500 or (status == 403 and path not in own):
            wrong[path] = status
    assert wrong == {}


def test_whoever_sees_the_fields_sees_them_there(app, house, things):
    """Negative control: the walk finds the canaries where nothing is hidden."""
    token = Browser(app, house)
    token.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, 'owner')}"
    clients, told = (Browser(app, house, "owner"), token), set()
    found_at = [path for kind, path in exits(app, things) if (found := shown_to(clients, kind, path)) and not told.update(found)]
    assert {telling for telling in TELLING if telling not in told} <= {"8675309", "8,675,309", "4217", "4,217", "1961-07-19", "Jul 19, 1961", "CNR-1", "CNR-2"}, told
    assert len(found_at) > 25 and any(path.startswith("/settings/audit") for path in found_at)


@pytest.mark.parametrize("path", ["/accounts/exports", "/contacts/exports", "/mailings/{/mailings/}/exports", "/activities/exports", "/settings/consents/exports"])
def test_no_file_tells_it(house, things, clients, path):
    answer = clients[0].post(path.format(**things))
    if answer.status_code in (404, 405):
        pytest.fail(f"{path}: {answer.status_code}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200 and len(text.splitlines()) > 1 and not [telling for telling in TELLING if tells(text, telling)]


@pytest.mark.parametrize("name", [name.partition(".")[2] for name in ALL if name.startswith("contacts.")])
def test_no_filter_or_order_of_the_api_probes_it(things, clients, name):
    value = CONTACT[name][0] if isinstance(CONTACT[name], list) else CONTACT[name]
    for asked in (f"filter[{name}][eq]={value}", f"filter[{name}][null]=false", f"sort={name}", f"filter[{name}][in]={value}"):
        answer = clients[1].get(f"/api/v1/contacts?{asked}")
        assert answer.status_code in (403, 422), (asked, answer.json)


def test_an_answer_of_the_api_leaves_the_members_out(things, clients):
    found = clients[1].get(f"/api/v1/contacts/{things['/contacts/']}").json
    assert set(found) == {"id", "version", "name", "owner_id", "created_at", "updated_at", "account_id", "referred_by_id", "custom"} and found["custom"] == {"shown": "plain"}


def body_of(name, value):
    """As the API takes it: an own field is a member of `custom`."""
    return {"custom": {name.removeprefix("custom."): value}} if name.startswith("custom.") else {name: value}


@pytest.mark.parametrize("name", [name.partition(".")[2] for name in ALL if name.startswith("contacts.")])
def test_no_door_writes_it(house, things, clients, name):
    page, api = clients
    key, value = things["/contacts/"], CONTACT[name]
    typed = ", ".join(value) if isinstance(value, list) else value
    with house.ctx() as ctx:
        before = (found := queries.one_contact(ctx, key)).version, getattr(found, name)
    assert api.json("PATCH", f"/api/v1/contacts/{key}", body_of(name, value), headers={"If-Match": f'"{before[0]}"'}).status_code == 422
    assert api.json("POST", "/api/v1/contacts", {"name": "New"} | body_of(name, value)).status_code == 422
    assert page.post(f"/contacts/{key}/fields", {name: typed + "1"}).status_code == 422
    assert page.post(f"/contacts/{key}", {"name": "Ada", "_version": str(before[0]), "_was_name": "Ada", name: typed + "1", f"_was_{name}": ""}).status_code in (303, 422)
    with house.ctx() as ctx:
        found = queries.one_contact(ctx, key)
        assert getattr(found, name) == before[1] and ctx.session.execute(select(Contact).where(Contact.name == "New")).first() is None


def test_an_import_offers_and_takes_no_hidden_column(house, clients):
    api = clients[1]
    data = f"name,city,mail\nImported,{C} town,x@{C}.example\n".encode()
    made = api.client.post("/api/v1/imports?dry_run=true", base_url=f"http://{house.host}", data=data, content_type="text/csv")
    assert made.status_code in (201, 202) and made.json["mapping"] == ["name", "", ""], made.json
    wanted = json.dumps({"city": "city"})
    refused = api.client.post(f"/api/v1/imports?dry_run=true&mapping={wanted}", base_url=f"http://{house.host}", data=data, content_type="text/csv")
    assert refused.status_code == 422


def test_everything_in_one_archive_is_not_for_whom_something_is_hidden_from(clients):
    assert clients[0].post("/settings/data/").status_code == 403


def test_who_sees_no_addresses_can_send_a_mailing_all_the_same(house, things, clients):
    api = clients[1]
    mailing = api.json("POST", "/api/v1/mailings", {"subject": "Hello", "body": "x", "audience": "everyone"}).json
    with house.ctx("blind") as ctx:
        assert audience.count(ctx, "everyone", []) == 1
        assert audience.freeze(ctx, ctx.session.get(Mailing, mailing["id"])) == 1
        assert [one.address for one in ctx.session.execute(select(MailingRecipient)).scalars()] == [None, None]
    with house.ctx() as ctx:
        assert {one.address for one in ctx.session.execute(select(MailingRecipient)).scalars()} == {f"ada2@{C}.example"}


def test_the_forms_of_whom_nothing_is_shown_have_no_such_fields(things, clients):
    for path in (f"/contacts/{things['/contacts/']}/edit", "/contacts/new", f"/accounts/{things['/accounts/']}/edit"):
        text = clients[0].get(path).text
        assert 'name="name"' in text and not [name for name in CONTACT | ACCOUNT if f'name="{name}"' in text]


def test_a_field_to_read_only_stands_in_the_form_as_text(app, house, things):
    with house.ctx() as ctx:
        role = roles.one_role(ctx, "sales")
        before = list(role.hidden)
        roles.edit_role(ctx, role, hidden=[], protected=["contacts.job_title", "contacts.mail"])
    try:
        page = Browser(app, house, "blind")
        text = page.get(f"/contacts/{things['/contacts/']}/edit").text
        assert 'name="job_title"' not in text and f'<p class="locked">{C} title</p>' in text and 'name="phone"' in text
        shown = page.get(f"/contacts/{things['/contacts/']}").text
        assert f"ada2@{C}.example" in shown and 'data-name="mail"' not in shown and 'data-name="phone"' in shown
        saved = page.post(f"/contacts/{things['/contacts/']}", {"name": "Ada", "_was_name": "Ada", "source": "met", "_was_source": f"{C} source"})
        assert saved.status_code == 303
        refused = page.post(f"/contacts/{things['/contacts/']}/fields", {"job_title": "Boss"})
        assert refused.status_code == 422
    finally:
        with house.ctx() as ctx:
            ctx.session.execute(update(Role).where(Role.code == "sales").values(hidden=before, protected=[]))
    with house.ctx() as ctx:
        contact = queries.one_contact(ctx, things["/contacts/"])
        assert (contact.job_title, contact.source, contact.mail) == (f"{C} title", "met", f"ada2@{C}.example")
