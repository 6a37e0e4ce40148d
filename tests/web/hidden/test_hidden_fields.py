"""A hidden field walks every exit and never shows: pages, parts, lists, search, files, API, audit (A1)."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from core.mailings import audience
from core.mailings.models import Mailing, MailingRecipient
from core.parties import queries
from core.parties.models import Contact
from tests.house.test_cast_walks import filled, routes
from tests.support.hidden_values import ACCOUNT, ALL, CONTACT, SPELLED, C, told_in, unseen
from web.api import shell

# Pages and answers that say something only to a question; the key of a thing stands for itself.
ASKED = {
    "/merges/new": [f"kind={kind}&id={{{kind}}}&id={{{kind} twin}}" for kind in ("account", "contact")] + [f"kind={kind}&id={{{kind}}}" for kind in ("account", "contact")],
    "/duplicates": ["kind=account", "kind=contact"], "/api/v1/duplicates/pairs": ["kind=account", "kind=contact"],
    "/api/v1/duplicates": ["kind=contact&name=Ada", f"kind=contact&name=Ada&mail=ada2@{C}.example", "kind=account&name=Nordlicht", "kind=account&name=Nordlicht&vat_id=DE136695976"],
    "/contacts/duplicates": [f"name=Ada&mail=ada2@{C}.example&phone=%2B494317771235", "name=Adda"], "/accounts/duplicates": ["name=Nordlicht", "name=Nordlicht&phone=%2B494317771239"],
    "/api/v1/reports/composed": [f"period={datetime.now(UTC):%G-W%V}", f"period={datetime.now(UTC):%Y-%m-%d}"],
    "/api/v1/forecast": ["period=2026-12"], "/api/v1/performance": ["period=2026-12"], "/api/v1/performance/records": ["period=2026-12&measure=won"], "/performance/records": ["measure=won", "measure=contacts"], "/deals/forecast/lane": ["lane=none"], "/deals/forecast/past/deals": ["day=2026-11-01"],
    "/settings/audit/": [f"table={table}" for table in ("account", "contact", "contact_point", "postal_address", "affiliation", "deal", "deal_line", "lead", "quote")], "/accounts/options": ["q=Nord"], "/contacts/options": ["q=Ad"], "/search": [f"q={asked}" for asked in (C, "ada2", "Ada", "777123", "Nordlicht")],
    **{f"/{room}": [f"q={C}", "q=777123", "sort=changed", "rows=1", "columns=custom.hush&view=all", f"filter[custom.hush][eq]={C} own", f"filter[1][custom.hush][eq]={C} own&filter[2][source][eq]=x", "filter[1][custom.hush][null]=false&filter[2][source][eq]=x"] for room in ("accounts", "contacts")},
    "/deals": [f"q={C}", "sort=changed", "columns=amount,probability,closes_on,source,campaign,loss_reason,external_id,my_share,custom.hush&view=all", "columns=amount&group=state", f"filter[1][custom.hush][eq]={C} bargain&filter[2][state][eq]=won"],
    "/quotes": [f"q={C}", "sort=changed", "columns=total,custom.hush&view=all", f"filter[1][custom.hush][eq]={C} tender&filter[2][state][eq]=draft"], "/api/v1/quotes": [f"q={C}", "fields=id,notes", "sort=name"],
    "/leads": [f"q={C}", "q=Nord", "sort=changed", "columns=score,chance,mail,phone,job_title,source,campaign,interest,language,city,country,external_id&view=all", "columns=postcode,custom.hush", f"filter[1][custom.hush][eq]={C} chance&filter[2][state][eq]=new"],
    "/api/v1/leads": [f"q={C}", "q=Nord", "fields=id,mail,phone", "sort=name"],
    "/deals/board": ["owner=me", "q=Nord"], "/api/v1/deals": [f"q={C}", "fields=id,amount,closes_on", "sort=name"], "/deals/stages/deals": ["stage={deal stage}&count=entered"],
    **{f"/api/v1/{room}": [f"q={C}", "q=ada2", "fields=id,mail,phone", "sort=name"] for room in ("accounts", "contacts")},
}


# They say nothing before something is asked: a question of each stands above.
BARE = {path for path in ASKED if path.startswith(("/merges", "/api/v1/duplicates", "/api/v1/forecast", "/api/v1/performance", "/api/v1/reports/composed", "/performance/records", "/deals/forecast/"))}
# A page for those alone of whom a passkey is demanded and who have none; it tells of no record. Deals of one stage, which have no such fields.
ON_DEMAND = {"/settings/passkeys/first", "/deals/stages/deals"}


def exits(app, things):
    """(kind, path) of everything that can be read, with keys of things that are there; searches, filters and questions too."""
    kinds = {}
    for rule, method, guard in routes(app):
        path = rule.rule.removeprefix(shell.PREFIX)
        start = next((start for start in things if start.startswith("/") and path.startswith(start) and "<" in path), None)
        if method == "GET" and (start or not rule.arguments):
            kinds[rule.rule] = guard.kind
            yield guard.kind, filled(rule, things[start]) if start else rule.rule
    for path, questions in ASKED.items():
        yield from ((kinds[path], f"{path}?{asked.format(**things)}") for asked in questions)


def shown_to(clients, kind, path):
    page, api = clients
    headers = {"HX-Request": "true", "HX-Target": "peek"} if path.count("/") == 2 else {}
    texts = [(page if kind == "needs" else api).get(path, headers=given).get_data().decode(errors="replace") for given in ({}, headers)[: 1 + bool(headers)]]
    return [telling for text in texts for telling in told_in(text, path.partition("?")[2])]  # a search form says again what was typed


def test_no_page_part_or_answer_tells_a_hidden_field(app, house, things, clients):
    told, asked = {}, 0
    for kind, path in exits(app, things):
        asked += 1
        found = shown_to(clients, kind, path)
        if found:
            told[path] = found
    # Where the workspace's currency is chosen every currency there is can be read, of no record.
    assert told == {"/settings/workspace/": ["XPF"]} and asked > 100


def test_everything_that_can_be_read_without_the_fields_is_read(app, house, things, clients):
    """Hiding costs the field, not the page: refused are only pages that are the field itself, as a forecast is amounts, likelihoods and days."""
    own = {path for _, path in exits(app, things) if path.startswith(("/deals/forecast", "/api/v1/forecast")) or path == f"/deals/{things['/deals/']}/lines"} | {f"{start}/{things['/imports/']}{end}" for start in ("/imports", "/api/v1/imports") for end in ("", "/problems", "/progress", "/left-out.csv", "/rows")} | {"/settings/tags/", "/api/v1/tags", "/api/v1/tag-changes"}
    page, api = clients
    wrong = {}
    for kind, path in exits(app, things):
        status = (page if kind == "needs" else api).get(path).status_code
        if status >= 500 or (status == 403 and path not in own):
            wrong[path] = status
    assert wrong == {}


def test_whoever_sees_the_fields_sees_them_there(app, things, owners):
    """Negative control: the walk finds the canaries where nothing is hidden."""
    told = set()
    found_at = [path for kind, path in exits(app, things) if (found := shown_to(owners, kind, path)) and not told.update(found)]
    assert unseen(told) == [] and set(ALL) <= SPELLED.keys()
    assert len(found_at) > 40 and [start for start in ("/settings/audit", "/merges/new?kind=account", "/merges/new?kind=contact") if not any(path.startswith(start) for path in found_at)] == []


def test_every_question_is_answered(app, things, owners):
    """Negative control: a page that is empty because nothing was asked, or wrongly, tells nothing to anybody."""
    page, api = owners
    wrong = {path: status for kind, path in exits(app, things) if (status := (page if kind == "needs" else api).get(path).status_code) not in (200, 204) and path.partition("?")[0] not in BARE | ON_DEMAND}
    assert wrong == {}
    assert len(page.get(f"/merges/new?kind=contact&id={things['contact']}&id={things['contact twin']}").text.split('name="choice.')) > 5
    assert api.get("/api/v1/duplicates?kind=contact&name=Ada").json["data"] != []


@pytest.mark.parametrize("name", [name.partition(".")[2] for name in ALL if name.startswith("contacts.")])
def test_no_filter_or_order_of_the_api_probes_it(things, clients, name):
    value = CONTACT[name][0] if isinstance(CONTACT[name], list) else CONTACT[name]
    for asked in (f"filter[{name}][eq]={value}", f"filter[{name}][null]=false", f"sort={name}", f"filter[{name}][in]={value}", f"filter[1][{name}][eq]={value}&filter[2][name][eq]=x", f"filter[1][name][eq]=x&filter[2][{name}][null]=false"):
        answer = clients[1].get(f"/api/v1/contacts?{asked}")
        assert answer.status_code in (403, 422), (asked, answer.json)


def test_an_answer_of_the_api_leaves_the_members_out(things, clients):
    found = clients[1].get(f"/api/v1/contacts/{things['/contacts/']}").json
    log = {"last_contact", "last_contact_kind", "next_contact", "next_contact_kind"}  # of the contact log, no fields of his
    assert set(found) == {"id", "version", "name", "owner_id", "created_at", "updated_at", "account_id", "custom", *log} and found["custom"] == {"shown": "plain"}


def test_who_referred_somebody_is_on_no_page_of_his(things, clients, owners):
    key = things["/contacts/"]
    for (page, _), told in ((clients, False), (owners, True)):
        for path, headers in ((f"/contacts/{key}", {}), (f"/contacts/{key}", {"HX-Request": "true", "HX-Target": "peek"}), (f"/contacts/{key}/edit", {}), (f"/contacts/{key}/history", {})):
            assert ("Patron" in page.get(path, headers=headers).text) is (told and "history" not in path), path


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
