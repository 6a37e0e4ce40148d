"""A hidden field walks every exit and never shows: pages, parts, lists, search, files, API, audit (A1)."""

import io
import json
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from core.base import hiding
from core.base.context import make_context, system
from core.base.policy import permissions
from core.consent import queries as consents
from core.consent import recording
from core.custom_fields import actions as defining
from core.discussions import actions as talk
from core.identity import queries as people
from core.identity import roles
from core.mailings import audience
from core.mailings.models import Mailing, MailingRecipient
from core.notifications import digesting, telling
from core.parties import actions, queries
from core.parties.models import Contact
from core.post.models import OutgoingMail
from core.transfer import checking, preparing
from tenants import entry
from tests.house.test_cast_walks import filled, routes, token_for
from tests.support.hidden_values import ACCOUNT, ALL, CONTACT, SPELLED, C, make, told_in, unseen
from tests.support.world import Browser, House
from web.api import shell


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
        _, contact, found = make(ctx)
        recording.add_usual(ctx)
        recording.record_consent(ctx, contact, consents.purposes(ctx)[0].id, given=True, source="form")
    owner = Browser(app, house)
    owner.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, 'owner')}"
    found["/activities/"] = owner.json("POST", "/api/v1/activities", {"kind": "call", "body": "x", "contact_id": str(found["/contacts/"]), "next_contact_on": (entry.utcnow() + timedelta(days=1)).date().isoformat()}).json["id"]
    csv = f"name,city,phone,Own\nSudlicht,{C} town,+49 431 7771237,{C} own\n".encode()
    found["/imports/"] = owner.client.post("/api/v1/imports?dry_run=true", base_url=f"http://{house.host}", data=csv, content_type="text/csv").json["id"]
    found["/mailings/"] = owner.json("POST", "/api/v1/mailings", {"subject": "News", "body": "Dear {{ contact.greeting }}", "audience": "everyone"}).json["id"]
    bulk = {"kind": "contacts", "ids": [str(found["/contacts/"])], "changes": {"notes": f"{C} bulk", "custom": {"hush": f"{C} bulk"}}}
    found["/bulk-edits/"] = owner.json("POST", "/api/v1/bulk-edits", bulk).json["id"]
    checking.check_file(door_of(house, "owner"), UUID(found["/imports/"]), 1)
    with house.ctx() as ctx:
        audience.freeze(ctx, ctx.session.get(Mailing, found["/mailings/"]))
    return {start: str(key) for start, key in found.items()}


def door_of(house, who):
    """Short transactions of that person, as a worker opens them."""

    @contextmanager
    def door():
        with house.ctx(who) as ctx:
            yield ctx

    return door


def clients_of(app, house, who):
    """(pages, API) of one person."""
    token = Browser(app, house)
    token.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, who)}"
    return Browser(app, house, who), token


@pytest.fixture(scope="module")
def clients(house, app):
    patch = pytest.MonkeyPatch()
    patch.setattr(shell, "BURST", 1_000_000)
    patch.setattr(preparing, "PER_HOUR", 1_000)
    yield clients_of(app, house, "blind")
    patch.undo()


@pytest.fixture(scope="module")
def owners(house, app, clients):
    return clients_of(app, house, "owner")


# Pages and answers that say something only to a question; the key of a thing stands for itself.
ASKED = {
    "/merges/new": [f"kind={kind}&id={{{kind}}}&id={{{kind} twin}}" for kind in ("account", "contact")] + [f"kind={kind}&id={{{kind}}}" for kind in ("account", "contact")],
    "/duplicates": ["kind=account", "kind=contact"], "/api/v1/duplicates/pairs": ["kind=account", "kind=contact"],
    "/api/v1/duplicates": ["kind=contact&name=Ada", f"kind=contact&name=Ada&mail=ada2@{C}.example", "kind=account&name=Nordlicht", "kind=account&name=Nordlicht&vat_id=DE136695976"],
    "/contacts/duplicates": [f"name=Ada&mail=ada2@{C}.example&phone=%2B494317771235", "name=Adda"], "/accounts/duplicates": ["name=Nordlicht", "name=Nordlicht&phone=%2B494317771239"],
    "/accounts/options": ["q=Nord"], "/contacts/options": ["q=Ad"], "/search": [f"q={asked}" for asked in (C, "ada2", "Ada", "777123", "Nordlicht")],
    **{f"/{room}": [f"q={C}", "q=777123", "sort=changed", "rows=1", "columns=custom.hush&view=all", f"filter[custom.hush][eq]={C} own"] for room in ("accounts", "contacts")},
    **{f"/api/v1/{room}": [f"q={C}", "q=ada2", "fields=id,mail,phone", "sort=name"] for room in ("accounts", "contacts")},
}


# They say nothing before something is asked: a question of each stands above.
BARE = {path for path in ASKED if path.startswith(("/merges", "/api/v1/duplicates"))}


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
    texts = [(page if kind == "needs" else api).get(path, headers=given).get_data(as_text=True) for given in ({}, headers)[: 1 + bool(headers)]]
    return [telling for text in texts for telling in told_in(text, path.partition("?")[2])]  # a search form says again what was typed


def test_no_page_part_or_answer_tells_a_hidden_field(app, house, things, clients):
    told, asked = {}, 0
    for kind, path in exits(app, things):
        asked += 1
        found = shown_to(clients, kind, path)
        if found:
            told[path] = found
    assert told == {} and asked > 100


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


def test_whoever_sees_the_fields_sees_them_there(app, things, owners):
    """Negative control: the walk finds the canaries where nothing is hidden."""
    told = set()
    found_at = [path for kind, path in exits(app, things) if (found := shown_to(owners, kind, path)) and not told.update(found)]
    assert unseen(told) == [] and set(ALL) <= SPELLED.keys()
    assert len(found_at) > 40 and [start for start in ("/settings/audit", "/merges/new?kind=account", "/merges/new?kind=contact") if not any(path.startswith(start) for path in found_at)] == []


def test_every_question_is_answered(app, things, owners):
    """Negative control: a page that is empty because nothing was asked, or wrongly, tells nothing to anybody."""
    page, api = owners
    wrong = {path: status for kind, path in exits(app, things) if (status := (page if kind == "needs" else api).get(path).status_code) not in (200, 204) and path.partition("?")[0] not in BARE}
    assert wrong == {}
    assert len(page.get(f"/merges/new?kind=contact&id={things['contact']}&id={things['contact twin']}").text.split('name="choice.')) > 5
    assert api.get("/api/v1/duplicates?kind=contact&name=Ada").json["data"] != []


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


# ---- files ----

LISTS = ("accounts", "contacts")
FILES = [(f"/{room}/exports", {"format": shape}) for room in LISTS for shape in ("csv", "xlsx", "vcard") if (room, shape) != ("accounts", "vcard")]
FILES += [(f"/{room}/selection/exports", {"everything": "1", "format": shape}) for room in LISTS for shape in ("csv", "xlsx")]
FILES += [(path, {}) for path in ("/mailings/{/mailings/}/exports", "/activities/exports", "/settings/consents/exports")]


def text_of(answer):
    """What a file says: of a workbook each part of it."""
    data = answer.get_data()
    if not data.startswith(b"PK"):
        return data.decode()
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def file_of(house, page, who, path, given):
    """The file that a form of an export leads to, by the background where that is its way."""
    answer = page.post(path, given)
    if answer.status_code == 303:
        place = answer.headers["Location"]
        preparing.write_file(door_of(house, who), UUID(place.rsplit("/", 1)[1]), 1)
        said = told_in(page.get(place).text)
        assert who == "owner" or said == []
        answer = page.post(f"{place}/downloads")
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
    return text_of(answer)


@pytest.mark.parametrize("background", [False, True], ids=["at once", "prepared"])
@pytest.mark.parametrize(("path", "given"), FILES, ids=lambda one: one if isinstance(one, str) else "-".join(one.values()))
def test_no_file_tells_it(house, things, clients, monkeypatch, path, given, background):
    if background:
        monkeypatch.setattr(preparing, "SMALL", -1)
    text = file_of(house, clients[0], "blind", path.format(**things), given)
    assert len(text.splitlines()) > 1 and told_in(text) == []


@pytest.mark.parametrize("room", LISTS)
@pytest.mark.parametrize("shape", ["csv", "xlsx"])
def test_a_file_of_whoever_sees_the_fields_tells_each_of_them(house, things, owners, room, shape):
    """Negative control: whatever a file leaves out of its own accord would be found by nobody."""
    told = set(told_in(file_of(house, owners[0], "owner", f"/{room}/exports", {"format": shape})))
    assert [name for name in ALL if name.startswith(room) and not told.intersection(SPELLED[name])] == []


# ---- answers to what is sent ----


def answers(house, clients, things, who, field, value):
    """What the doors say that look first: a merge, a bulk edit, an import. field: what the import and the edit are about."""
    page, api = clients
    for kind in ("account", "contact"):
        yield api.json("POST", "/api/v1/merges", {"kind": kind, "survivor_id": things[f"{kind} twin"], "ids": [things[kind]], "dry_run": True})
        yield page.get(page.post(f"/{kind}s/selection/merges", {"id": [things[kind], things[f"{kind} twin"]]}).headers["Location"])
    body = {"custom": {field.removeprefix("custom."): value}} if field.startswith("custom.") else {field: value}
    edit = api.json("POST", "/api/v1/bulk-edits", {"kind": "contacts", "ids": [things["contact"]], "changes": body, "dry_run": True})
    yield from (edit, api.get(f"/api/v1/bulk-edits/{edit.json['id']}/rows"), page.get(f"/bulk-edits/{edit.json['id']}"))
    place = page.post("/contacts/selection", {"id": [things["contact"]]}).headers["Location"]
    yield page.get(place)
    yield page.post(f"{place}/preview", {"operation": "change", "field": field, field: value})
    yield page.get(place)
    yield from imported(house, clients, who, f"name,mail,notes,Shown to all\nAda,ada2@{C}.example,typed,typed\nAdda,,typed,typed\nAda Lace,ada2@{C}.example,,\n")


def imported(house, clients, who, content):
    """The pages of an import that was checked and waits for its yes."""
    page, api = clients
    chosen = '&mapping={"notes":"notes"}' if who == "owner" else ""  # how others matched such columns is remembered
    path = f"/api/v1/imports?kind=contacts&mode=both&key_field=name&dry_run=true{chosen}"
    made = api.client.post(path, base_url=f"http://{house.host}", data=content.encode(), content_type="text/csv")
    checking.check_file(door_of(house, who), UUID(made.json["id"]), 1)
    start = made.json["id"]
    yield made
    yield from (page.get(f"/imports/{start}{end}") for end in ("", "?step=columns", "/problems", "/progress"))
    yield from (api.get(f"/api/v1/imports/{start}{end}") for end in ("", "/problems"))


def test_nothing_that_is_looked_at_first_tells_it(house, things, clients):
    wrong = {}
    typed = f"ada2@{C}.example"  # stands in the file that he sends
    for number, answer in enumerate(answers(house, clients, things, "blind", "custom.shown", "otherwise")):
        found = told_in(answer.text.replace(typed, ""))
        if answer.status_code not in (200, 201, 303) or found:
            wrong[number] = (answer.status_code, found)
    assert wrong == {}


def test_whoever_sees_the_fields_is_shown_them_first(house, things, owners):
    """Negative control."""
    told = [set(told_in(answer.text)) for answer in answers(house, owners, things, "owner", "notes", "otherwise")]
    merges, edit, import_ = told[:4], told[4:10], told[11:]
    assert all(merges) and any(edit) and f"{C} bulk" in set().union(*import_)


# ---- letters ----


def letters_to(house, mail):
    with house.ctx() as ctx:
        rows = ctx.session.execute(select(OutgoingMail).where(OutgoingMail.to_mail == mail)).scalars()
        return [json.dumps([row.subject, row.body_text, row.body_html, row.params], default=str) for row in rows]


def test_no_letter_tells_it(house, things, clients):
    """Becoming an owner, a mention, a comment, a share at once; the rest in the morning's letter."""
    blind = house.users["blind"]
    with house.ctx() as ctx:
        contact, account = queries.one_contact(ctx, things["contact"]), queries.one_account(ctx, things["account"])
        actions.change_owner(ctx, contact, blind.id)
        actions.change_owner(ctx, account, blind.id)
        talk.add_comment(ctx, contact, "@Blind have a look")
        talk.add_comment(ctx, account, "Nobody is mentioned here")
    with house.ctx(now=entry.utcnow() + timedelta(days=2)) as ctx:
        morning = ctx.now.replace(hour=9)
    with entry.enter(house.tenant) as session:
        ctx = make_context(session, system("test"), house.tenant.ref(f"http://{house.host}"), morning)
        assert digesting.write_digest(ctx, blind.id)
    letters = letters_to(house, blind.mail)
    assert len(letters) >= 2 and any("Nordlicht" in one for one in letters) and [found for one in letters if (found := told_in(one))] == []


def test_a_letter_that_told_it_would_be_found(house, things, clients):
    """Negative control: the notes of a record as the excerpt of a notification."""
    with house.ctx() as ctx:
        contact = queries.one_contact(ctx, things["contact"])
        telling.notify(ctx, "mentioned", [house.users["blind"].id], contact, excerpt=contact.notes)
    assert any(f"{C} bulk" in told_in(one) for one in letters_to(house, house.users["blind"].mail))
