"""What an export writes beside a record's own fields: a person's postal address, further mails and numbers, marks, names of linked
records. Asked for a thousand records at a time, and read again by an import (core.transfer.further, core.transfer.links)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.field_rights import hidden
from core.custom_fields.fields import Own
from core.custom_fields.values import linked
from core.parties import reach_many
from core.parties.columns import MODELS
from core.parties.reach_models import ADDRESS_FIELDS
from core.parties.reach_words import INVALID_WORDS, LABEL_WORDS
from core.transfer import consents, further, texts
from core.views.above import made_columns
from infra import i18n

More = Callable[[Any], dict[str, Any]]
Beside = Callable[[Sequence[Any]], More]


def columns(ctx: Context, kind: str) -> list[str]:
    """The columns that there are for this actor."""
    tells = {target: further.tells(kind, target) for target in further.labels(kind)}
    return [*(target for target, (room, fields) in tells.items() if not hidden(ctx, room).intersection(fields)), *consents.columns(ctx, kind)]


def reader(ctx: Context, kind: str, wanted: Sequence[str], owns: Sequence[Own]) -> Beside:
    """records -> (record -> what stands in those of the wanted columns that are no fields of its own)."""
    known = set(columns(ctx, kind)).intersection(wanted)
    links = [one for one in owns if one.kind in ("account", "contact")]
    made = {name: found for name, found in made_columns(ctx, kind).items() if name in wanted}
    return lambda records: _read(ctx, kind, records, known, links, made)


def _read(ctx: Context, kind: str, records: Sequence[Any], known: set[str], links: list[Own], made: dict[str, Any]) -> More:
    keys = [record.id for record in records]
    points = reach_many.further_of(ctx, kind, keys) if known.intersection(further.FURTHER) else {}
    places = reach_many.first_addresses(ctx, keys) if kind == "contacts" and known.intersection(ADDRESS_FIELDS) else {}
    marks = _marks(ctx, records, known)
    chats = reach_many.messengers_of(ctx, kind, keys) if further.MESSENGERS in known else {}
    roles = reach_many.roles_of(ctx, keys) if further.OTHER_ROLES in known else {}
    agreed = consents.out(ctx, records, known) if known.intersection(consents.columns(ctx, kind)) else None
    above = _made(ctx, kind, keys, made) if made else {}
    names = {one.name: linked(ctx, one.kind, [UUID(value) for record in records if (value := record.custom.get(one.key))]) for one in links}

    def more(record: Any) -> dict[str, Any]:
        place = {name: places.get(record.id, {}).get(name) for name in ADDRESS_FIELDS if name in known and kind == "contacts"}
        named = {one.name: names[one.name].get(UUID(value)) if (value := record.custom.get(one.key)) else None for one in links}
        lines = {further.MESSENGERS: texts.say_messengers(ctx.locale, chats.get(record.id, ())), further.OTHER_ROLES: texts.say_roles(ctx.locale, roles.get(record.id, ()))}
        return place | lines | (agreed(record) if agreed else {}) | _points(ctx, points.get(record.id, []), known) | _marked(ctx, record, marks, known) | named | above.get(record.id, {})

    return more


def _made(ctx: Context, kind: str, keys: Sequence[UUID], made: dict[str, Any]) -> dict[UUID, dict[str, Any]]:
    """What rooms above know of these records, in the reader's words."""
    model = MODELS[kind]
    rows = ctx.session.execute(select(model.id, *(named for _, named in made.values())).where(model.id.in_(keys)))
    return {key: {name: _said(ctx, one.words, value) for (name, (one, _)), value in zip(made.items(), values, strict=True)} for key, *values in rows}


def _said(ctx: Context, words: Mapping[str, str], value: Any) -> Any:
    return i18n.gettext(ctx.locale, words[value]) if words and value else value


def _points(ctx: Context, points: list[tuple[str, str, str]], known: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(known.intersection(further.FURTHER.keys() | further.KINDS_OUT))
    for kind in ("mail", "phone"):
        for target, (_, label, value) in zip((f"{kind}_2", f"{kind}_3"), [one for one in points if one[0] == kind], strict=False):
            if target in known:
                found |= {target: value, f"{target}_kind": i18n.gettext(ctx.locale, LABEL_WORDS[label]) if label in LABEL_WORDS else label}
    return found


def _marks(ctx: Context, records: Sequence[Any], known: set[str]) -> dict[tuple[str, str], tuple[bool, str | None]]:
    fields = {field for target, (field, *_) in further.MARKS.items() if target in known}
    values = {(_kind(field), value) for record in records for field in fields if (value := getattr(record, field))}
    return reach_many.marks_of(ctx, values) if values else {}


def _marked(ctx: Context, record: Any, marks: dict, known: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for target, (field, is_wish, _) in further.MARKS.items():
        if target in known:
            wish, reason = marks.get((_kind(field), getattr(record, field)), (False, None))
            found[target] = (True if wish else None) if is_wish else reason and i18n.gettext(ctx.locale, INVALID_WORDS[reason])
    return found


def _kind(field: str) -> str:
    return "mail" if field == "mail" else "phone"
