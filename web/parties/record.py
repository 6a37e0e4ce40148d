"""What the pages of an account and of a person share: properties edited in place, conflicts, the composer's page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, request, url_for

from core.base.context import Context
from core.base.errors import Conflict, NotFound, Refused
from core.base.field_rights import hidden, protected
from core.base.policy import may, sees_only_named
from core.base.words import N_
from core.custom_fields.fields import fields_of
from core.custom_fields.rules import applies
from core.identity import queries as people
from core.identity import seeing
from core.merging.queries import survivor_of
from core.parties import queries
from core.parties.origins import ORIGINS
from core.parties.words import CHANNEL_LABELS, LABELS, RELIEF_LABELS
from infra import i18n
from infra.vat_numbers import fits
from web import editing
from web.custom_fields.saying import INPUTS, UNKNOWN, href_of, links_of, own_named
from web.custom_fields.saying import options as own_options
from web.custom_fields.saying import raw as own_raw
from web.custom_fields.saying import said as own_said
from web.discussions.section import section_values
from web.editing import WAS, shown, version_of_form
from web.files.section import section_values as files_section
from web.filters import country, day, language, number, web_address
from web.install.briefs import brief
from web.pages import page, say, see_other
from web.parties.cells import one_cell, plain_number
from web.parties.chips import chips
from web.parties.forms import NO_CHANNEL
from web.parties.known import said as known_from
from web.parties.personal import birthday, channel, hours, relief, zone_now
from web.sharing.section import share_values
from web.words import say_refusal

# Field -> how it is edited in place.
ACCOUNT_PROPS = {
    "owner_id": "select", "phone": "tel", "mail": "email", "website": "text", "street": "text", "postcode": "text", "city": "text", "country": "text",
    "industry": "text", "employees": "text", "founded_year": "text", "vat_id": "text", "tax_relief": "select", "tags": "text", "source": "text", "notes": "textarea",
}
CONTACT_PROPS = {
    "owner_id": "select", "job_title": "text", "mail": "email", "phone": "tel", "mobile": "tel", "how_to_address": "text", "language": "text",
    "birthday": "date", "preferred_channel": "select", "preferred_hours": "text", "timezone": "text", "tags": "text", "source": "text", "notes": "textarea",
}



@dataclass(frozen=True)
class Props:
    """How a room's records stand in "Details". fields: name -> how it is edited in place. said: (ctx, record, name, names) -> its value
    in words. choices: (ctx, name, names) -> what a select offers. names: of what its fields name by key. say: (ctx, names) -> field -> what a
    conflict says for a key."""

    fields: Mapping[str, str]
    labels: Mapping[str, str]
    said: Callable[[Context, Any, str, dict[UUID, str]], str]
    choices: Callable[[Context, str, dict[UUID, str]], list[tuple[str, str]]]
    names: Callable[[Context], dict[UUID, str]]
    say: Callable[[Context, dict[UUID, str]], dict[str, Callable[[Any], str]]]


PROPS: dict[str, Props] = {}
LIST_NAMES = {"accounts": N_("Accounts"), "contacts": N_("Contacts"), "deals": N_("Deals"), "leads": N_("Leads"), "quotes": N_("Quotes")}
# Of these the ones that stand among the ways to reach instead of in "Details".
MAIN_FIELDS = ("mail", "phone", "mobile")


def properties(ctx: Context, record: Any, names: dict[UUID, str], only: str | None = None, *, actors: dict[UUID, str] | None = None) -> list[dict]:
    """The lines of "Details": the arguments of ui.prop for each field, without a way to edit where the actor may not. names: of people;
    actors: of programs too, who may have entered something."""
    endpoint, props = record.ROOM, PROPS[record.ROOM]
    editable, away, beyond = may(ctx, f"{endpoint}.edit", record), hidden(ctx, endpoint), protected(ctx, endpoint)
    post, edit = url_for(f"{endpoint}.update_field", id=record.id), url_for(f"{endpoint}.edit", id=record.id)
    found = []
    for name, kind in props.fields.items():
        if name in away or only not in (None, name):
            continue
        line = {"label": _(ctx, props.labels[name]), "name": name, "value": props.said(ctx, record, name, names)}
        if name == "website" and record.website:
            line["href"] = web_address(record.website)
        if name == "tags" and record.tags:
            line["value"] = chips(ctx, record.tags)
        if editable and name not in beyond:
            line |= {"post": post, "edit_url": f"{edit}#{name}", "kind": kind, "raw": shown(plain_number(getattr(record, name))), "version": record.version}
        if name == "vat_id" and record.vat_id and not fits(record.vat_id):
            line["note"] = _(ctx, DOUBTED)
        if name in ORIGINS and endpoint == "contacts":
            line["note"] = known_from(ctx, record, name, actors or names)
        if "post" in line and kind == "select":
            line["options"] = props.choices(ctx, name, names)
        found.append(line)
    return found + _own_lines(ctx, record, names, only, {"post": post, "edit_url": edit, "version": record.version} if editable else {})


def _choices(ctx: Context, name: str, names: dict[UUID, str]) -> list[tuple[str, str]]:
    if name == "owner_id":
        return [("", _(ctx, FREE)), *((str(key), who) for key, who in names.items())]
    if name == "tax_relief":
        return [(code, _(ctx, text)) for code, text in RELIEF_LABELS.items()]
    return [("", _(ctx, NO_CHANNEL)), *((code, _(ctx, text)) for code, text in CHANNEL_LABELS.items())]


def _own_lines(ctx: Context, record: Any, names: dict[UUID, str], only: str | None, way: dict[str, Any]) -> list[dict]:
    """The own fields that apply to the record; those of kinds that need more room are edited on the form."""
    owns = [own for own in fields_of(ctx, record.ROOM) if only in (None, own.name) and (only or applies(own, lambda name: getattr(record, name, None)))]
    links, beyond = links_of(ctx, record.ROOM, [record], [own.name for own in owns]), protected(ctx, record.ROOM)
    found = []
    for own in owns:
        value = getattr(record, own.name)
        line: dict[str, Any] = {"label": own.called(ctx.locale), "name": own.name, "value": own_said(ctx, own, value, names if own.kind == "user" and names else links)}
        if way and own.name not in beyond:
            line |= {"edit_url": f"{way['edit_url']}#custom-{own.id}"}
            if own.kind in INPUTS:
                line |= {"post": way["post"], "version": way["version"], "kind": INPUTS[own.kind], "raw": own_raw(ctx, own, value)}
            if INPUTS.get(own.kind) == "select":
                line["options"] = own_options(ctx, own, value, names or None)
        if value and (own.kind not in ("account", "contact") or line["value"] != _(ctx, UNKNOWN)):
            line["href"] = href_of(ctx, own, value)
        found.append(line)
    return found


FREE, DOUBTED = N_("Everyone"), N_("The check digit does not fit: please compare it with their invoice.")
# Field -> how its value is said where it is not shown as it stands.
SAID: dict[str, Any] = {"closes_on": day, "next_step_on": day, "birthday": birthday, "employees": number, "country": country, "language": language, "preferred_channel": channel, "tax_relief": relief, "preferred_hours": hours, "timezone": zone_now}


def said(ctx: Context, record: Any, name: str, names: dict[UUID, str]) -> str:
    """A value as the page shows it."""
    value = getattr(record, name)
    if name == "owner_id":
        return names.get(value) or _(ctx, FREE)
    says = SAID.get(name)
    return says(value) if says else shown(value)


def _named(ctx: Context, record: Any, name: str, own: Any) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """(what a line names by key, the same with programs), as far as it names anything."""
    if name in ORIGINS:
        return people.all_names(ctx)
    return (PROPS[record.ROOM].names(ctx), {}) if _is_chosen(record, name) or (own and own.kind == "user") else ({}, {})


def answer_property(ctx: Context, record: Any, name: str, *, error: str = "", status: int = 200):
    """One line of "Details" again, with its new value and version."""
    own = own_named(ctx, record.ROOM, name)
    names, actors = _named(ctx, record, name, own)
    line = properties(ctx, record, names, only=name, actors=actors)[0] | ({"error": error} if error else {})
    return page("parties/property.html", line=line, status=status)


def _is_chosen(record: Any, name: str) -> bool:
    """Is it chosen from a list, so that its value is said by its name?"""
    return PROPS[record.ROOM].fields.get(name) == "select"


def edit_in_place(ctx: Context, record: Any, fields: Any, act: Any):
    """The one field of the request whose name is a field; answers its line again, or the choice between two values."""
    endpoint = f"{record.__tablename__}s"
    fields = {*fields, *(own.name for own in fields_of(ctx, record.ROOM))}
    name = next((name for name in request.form if name in fields), None)
    if name is None:
        raise Refused("unknown_field", name="")
    was = {name: request.form.get(WAS + name, "")} if WAS + name in request.form else None
    try:
        with ctx.session.begin_nested():
            act(ctx, record, version=version_of_form(), original=was, **{name: request.form[name]})
    except Conflict as conflict:
        if conflict.code != "conflict":
            raise
        return conflict_page(ctx, record, conflict, {name: request.form[name]}, was or {})
    except Refused as refusal:
        return _answer_refusal(ctx, record, name, refusal)
    if request.form.get("_cell"):
        return _answer_cell(ctx, record, name)
    if not request.headers.get("HX-Request") or name not in _props_of(ctx, record):
        return see_other(f"{endpoint}.show", id=record.id)
    return answer_property(ctx, record, name)


def _answer_refusal(ctx: Context, record: Any, name: str, refusal: Refused):
    """Why it was not saved, where the value stands; what can't be said there is raised again."""
    text = say_refusal(refusal, g.get("lang", "en"))
    if refusal.status == 422 and request.form.get("_cell"):
        return Response(text, status=422, mimetype="text/plain")
    if refusal.status != 422 or name not in _props_of(ctx, record) or name in hidden(ctx, record.ROOM):
        raise refusal
    return answer_property(ctx, record, name, error=text, status=422)


def _answer_cell(ctx: Context, record: Any, name: str):
    """The cell of a list again, with its new value; the row's new version beside it."""
    own = own_named(ctx, record.ROOM, name)
    names = PROPS[record.ROOM].names(ctx) if _is_chosen(record, name) or (own and own.kind == "user") else {}
    response = Response(one_cell(ctx, record, name, request.form.get("_columns", "").split(","), names), mimetype="text/html")
    response.headers["X-Version"] = str(record.version)
    return response


def _props_of(ctx: Context, record: Any) -> set[str]:
    """The fields that have a line in "Details"; the others (the name) are edited on their own page."""
    return {*PROPS[record.ROOM].fields, *(own.name for own in fields_of(ctx, record.ROOM))}


def conflict_page(ctx: Context, record: Any, conflict: Conflict, given: dict[str, Any], original: dict[str, Any]):
    """Mine, theirs and how it was, with 409, with names instead of keys: nobody can choose between two UUIDs."""
    props = PROPS[record.ROOM]
    say = props.say(ctx, props.names(ctx) if any(_is_chosen(record, name) for name in conflict.fields) else {})
    place = f"{record.__tablename__}s"
    owns = fields_of(ctx, record.ROOM)
    say |= {own.name: lambda value, own=own: own_said(ctx, own, value) for own in owns}
    return editing.conflict_page(
        ctx, conflict, given, original, title=record.name, action=url_for(f"{place}.update", id=record.id), back=url_for(f"{place}.show", id=record.id),
        labels={**props.labels} | {own.name: own.called(ctx.locale) for own in owns}, last=editing.last_change(ctx, record, conflict.fields), say=say,
    )


def _say(ctx: Context, names: dict[UUID, str]) -> dict[str, Callable[[Any], str]]:
    account = lambda key: queries.account_name(ctx, key) or ""  # noqa: E731
    return {"owner_id": lambda key: names.get(key) or _(ctx, FREE), "parent_id": account, "account_id": account} | dict.fromkeys(("referred_by_id", "contact_id"), lambda key: queries.contact_name(ctx, key) or "")


PARTY = Props(ACCOUNT_PROPS, LABELS, said, _choices, people.user_names, _say)
PROPS |= {"accounts": PARTY, "contacts": replace(PARTY, fields=CONTACT_PROPS)}

# Why somebody sees a record, as a sentence about him.
REASONS = {
    "nobodys": N_("It belongs to nobody"), "owner": N_("Owns it"), "deputy": N_("Stands in for %(by)s"), "team": N_("Through the team %(by)s"),
    "branch": N_("Through the branch %(by)s"), "shared": N_("It was shared by name"), "all": N_("Sees all records as %(by)s"),
}


def sight_page(ctx: Context, record: Any, form: Any = None, status: int = 200):
    """Everybody who sees the record, and why; with whom it is shared by name. A partner is told of those he knows."""
    found, place = seeing.who_sees(ctx, record), f"{record.__tablename__}s"
    if sees_only_named(ctx.actor):
        known = people.known_people(ctx)
        found = [one for one in found if one.user_id in known]
    words = [(one, _(ctx, REASONS[one.reason]) % {"by": _(ctx, one.by) if one.by else ""}) for one in found]
    list_name = _(ctx, LIST_NAMES[place])
    return page("parties/sight.html", status=status, **share_values(ctx, record, form), record=record, place=place, list_name=list_name, found=words, owner=people.user_names(ctx).get(record.owner_id, ""))


def is_for_drawer() -> bool:
    """Does the request want the record's parts for the drawer beside a list?"""
    return request.headers.get("HX-Target", "").endswith("peek")


def answer_record(room: str, name: str, **values: Any):
    """A record's page; for the drawer beside a list its parts without the frame. The whole page is kept for times without
    a network, under its name."""
    if is_for_drawer():
        return page(f"{room}/peek.html", **values)
    return brief(page(f"{room}/show.html", brief=True, **values), name)


def beside(ctx: Context, record: Any) -> dict[str, Any]:
    """What is said about the record and the files on it: parts of the page that the drawer goes without."""
    return {} if is_for_drawer() else section_values(ctx, record) | files_section(ctx, record)


def own_id(name: str) -> UUID | None:
    """A key in the address; None where there is none that can be read."""
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None


def merged_into(ctx: Context, kind: str, id: UUID):
    """The page of what a merged record became: links in letters go on working. Not for good, since a merge can be taken back."""
    key = survivor_of(ctx, kind, id)
    if key is None:
        raise NotFound()
    say(ctx, N_("The record that you looked for was merged into this one."))
    return see_other(f"{kind}s.show", id=key)


def import_url() -> str | None:
    """Where files are taken in, where that room exists."""
    return url_for("transfer.new") if "transfer.new" in current_app.view_functions else None


def _(ctx: Context, message: str) -> str:
    """Translated here, because values of a page are put together here; the messages are marked where they stand."""
    return i18n.gettext(ctx.locale, message)
