"""A hidden field in what leaves the workspace or is looked at first: files, prepared lists, previews of merges, edits and imports, letters (A1)."""

import io
import json
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.base.context import make_context, system
from core.discussions import actions as talk
from core.notifications import digesting, telling
from core.parties import actions, queries
from core.post.models import OutgoingMail
from core.transfer import checking, preparing
from tenants import entry
from tests.support.hidden_values import ALL, COMMON, SPELLED, C, told_in
from tests.web.hidden.conftest import door_of

# ---- files ----

LISTS = ("accounts", "contacts")
FILES = [(f"/{room}/exports", {"format": shape}) for room in LISTS for shape in ("csv", "xlsx", "vcard") if (room, shape) != ("accounts", "vcard")]
FILES += [(f"/{room}/selection/exports", {"everything": "1", "format": shape}) for room in LISTS for shape in ("csv", "xlsx")]
FILES += [(f"/{room}{part}/exports", {"everything": "1", "format": shape}) for room in ("deals", "leads", "quotes") for part in ("", "/selection") for shape in ("csv", "xlsx") if (room, part) != ("quotes", "/selection")]
FILES += [("/performance/exports", {"format": shape} | given) for shape in ("csv", "xlsx") for given in ({}, {"measure": "won"})]
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


# In a file only where a view shows them.
BEHIND_A_VIEW = {"deals.campaign", "leads.score"}


@pytest.mark.parametrize("room", (*LISTS, "deals", "leads", "quotes"))
@pytest.mark.parametrize("shape", ["csv", "xlsx"])
def test_a_file_of_whoever_sees_the_fields_tells_each_of_them(house, things, owners, room, shape):
    """Negative control: whatever a file leaves out of its own accord would be found by nobody."""
    text = file_of(house, owners[0], "owner", f"/{room}/exports", {"format": shape})
    told = {*told_in(text), *(one for one in COMMON if one in text)}
    assert [name for name in ALL if name.startswith(f"{room}.") and name not in BEHIND_A_VIEW and not told.intersection(SPELLED[name])] == []


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


def letters_to(ctx, mail):
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
    with house.ctx() as ctx:
        letters = letters_to(ctx, blind.mail)
    assert len(letters) >= 2 and any("Nordlicht" in one for one in letters) and [found for one in letters if (found := told_in(one))] == []


class Undone(Exception):
    """Nothing of it is kept."""


def test_a_letter_that_told_it_would_be_found(house, things, clients):
    """Negative control: the notes of a record as the excerpt of a notification. Nobody keeps it."""
    with pytest.raises(Undone), house.ctx() as ctx:
        contact = queries.one_contact(ctx, things["contact"])
        telling.notify(ctx, "mentioned", [house.users["blind"].id], contact, excerpt=contact.notes)
        ctx.session.flush()
        assert any(f"{C} bulk" in told_in(one) for one in letters_to(ctx, house.users["blind"].mail))
        raise Undone
