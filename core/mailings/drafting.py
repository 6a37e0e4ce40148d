"""Use cases about a mailing before it is sent: draft, change, copy, throw away."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require
from core.base.text import clean
from core.consent.models import ConsentPurpose
from core.identity.rules import normal_mail
from core.mailings import rules
from core.mailings.models import AUDIENCES, Mailing
from core.post.rules import one_line
from core.tagging.queries import spelled

NAME_MAX, SUBJECT_MAX, BODY_MAX, TAGS_MAX = 120, 200, 50_000, 50


def draft_mailing(ctx: Context, **values) -> Mailing:
    """A new draft. values: name, subject, body, from_name, reply_to, audience, tags; see `change_mailing`."""
    require(ctx, "mailings.edit")
    mailing = Mailing(**_checked(ctx, values))
    ctx.session.add(mailing)
    record(ctx, "mailing.created", mailing, name=mailing.name)
    return mailing


def change_mailing(ctx: Context, mailing: Mailing, *, version: int | None = None, original: Mapping[str, Any] | None = None, **values) -> Mailing:
    """Change the given values of a draft. version and original: what the form was loaded with; two people at once are
    merged, the same field raises Conflict with the three values. Refuses a started one (`mailing_not_draft`), line
    breaks in what becomes a header (`header_injection`), unknown merge fields (`merge_field_unknown`)."""
    require(ctx, "mailings.edit", mailing)
    editing.hold(ctx, mailing)
    _refuse_started(mailing)
    checked = _checked(ctx, {**_values(mailing), **values})
    mine, before = {name: checked[name] for name in values}, None if original is None else {name: _as_was(name, value) for name, value in original.items()}
    for name, value in editing.settle(mine, _values(mailing), stands=mailing.version, version=version, original=before).items():
        setattr(mailing, name, value)
    ctx.session.flush()  # the answer shows the new version
    return mailing


def copy_mailing(ctx: Context, mailing: Mailing, name: str) -> Mailing:
    """A new draft with the same text and audience; nobody is copied along."""
    require(ctx, "mailings.edit", mailing)
    return draft_mailing(ctx, **{**_values(mailing), "name": name})


def delete_mailing(ctx: Context, mailing: Mailing) -> None:
    """Throw a draft away. What was sent stays: people ask later what they got."""
    require(ctx, "mailings.edit", mailing)
    _refuse_started(mailing)
    ctx.session.delete(mailing)


def ask_for_test(ctx: Context, mailing: Mailing) -> None:
    """Have the mailing, as it is now, sent to oneself with sample values."""
    require(ctx, "mailings.send", mailing)
    if not ctx.actor.mail:
        raise Refused("mailing_no_mail")
    defer(ctx, "mailings.test", mailing_id=mailing.id, user_id=ctx.actor.id)


def _refuse_started(mailing: Mailing) -> None:
    if mailing.state != "draft":
        raise Refused("mailing_not_draft")


def _values(mailing: Mailing) -> dict:
    return {key: getattr(mailing, key) for key in ("name", "subject", "body", "from_name", "reply_to", "audience", "tags", "needs_consent_id")}


def _checked(ctx: Context, values: dict) -> dict:
    """The values as they are stored; each refusal names its field."""
    subject = _line(values, "subject", SUBJECT_MAX)
    body = clean(values.get("body"), field="body", max_length=BODY_MAX, multiline=True)
    found = {
        "name": clean(values.get("name"), field="name", max_length=NAME_MAX) or subject,
        "subject": rules.MERGE.check(_filled(subject, "subject"), field="subject"),
        "body": rules.MERGE.check(_filled(body, "body"), field="body"),
        "from_name": _line(values, "from_name", 80) or ctx.tenant.name,
        "reply_to": _line(values, "reply_to", 254),
        "audience": values.get("audience") or "any",
        "tags": spelled(ctx, _tags(values.get("tags") or [])),
        "needs_consent_id": _purpose(ctx, values.get("needs_consent_id")),
    }
    if found["audience"] not in AUDIENCES:
        raise Refused("unknown_value", field="audience")
    if found["reply_to"]:
        found["reply_to"] = normal_mail(found["reply_to"], field="reply_to")[0]
    return found


def _purpose(ctx: Context, key: Any) -> UUID | None:
    """The purpose that people must have agreed to; None for none."""
    try:
        wanted = UUID(str(key)) if key else None
    except ValueError:
        raise Refused("unknown_value", field="needs_consent_id") from None
    if wanted and ctx.session.get(ConsentPurpose, wanted) is None:
        raise Refused("unknown_value", field="needs_consent_id")
    return wanted


def _line(values: dict, field: str, longest: int) -> str | None:
    return clean(one_line(values.get(field) or "", field=field, max_length=longest), field=field, max_length=longest)


def _filled(value: str | None, field: str) -> str:
    if not value:
        raise Refused("required", field=field)
    return value


def _as_was(name: str, value: Any) -> Any:
    """A value as the form was loaded with it, as the record had it."""
    if name == "needs_consent_id":
        return UUID(str(value)) if value else None
    return _tags(value or []) if name == "tags" else value or None


def _tags(tags: list[str] | str) -> list[str]:
    """Each tag once, in the order given; a text has commas between them."""
    tags = tags.split(",") if isinstance(tags, str) else tags
    found = [clean(tag, field="tags", max_length=60) for tag in tags]
    if len(found) > TAGS_MAX:
        raise Refused("too_large", field="tags", max=TAGS_MAX)
    return list(dict.fromkeys(tag for tag in found if tag))
