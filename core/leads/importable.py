"""Leads from a file (core.transfer finds this by its name). Whoever imports tells nobody and no clock starts to run: they are scored, and go to
somebody by the rules where the file names no owner, afterwards in jobs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, literal, select

from core.base.cleaning import line, one_of, whole_number
from core.base.context import Context
from core.base.importing import Importable, Incoming, Rows, Target
from core.base.outbox import defer
from core.base.policy import has, sees, sees_only_named
from core.base.steps import check_step_of_row
from core.base.words import N_
from core.identity.rules import plain_mail
from core.leads import assigning, clock, scoring
from core.leads.models import ENDED, OPEN, REASONS, STATES, Lead
from core.leads.rules import FIELDS
from core.leads.words import LABELS, REASON_LABELS, SOURCE_LABELS, STATE_LABELS
from core.parties.duplicates import Match, likely_for_many

FOLLOW = "leads.follow_import"
AT_ONCE = 200
JUDGED = ("state", "reason", "reason_note")
SURE, TELLING = 0.75, {"mail", "phone"}
# What files call them, beside what they call the same of a contact (LIKE: where that is another field, or none).
NAMES = {
    "name": "lead|lead name|名称", "external_id": "lead id", "interest": "interested in|interest|product interest|interés|interesado en|感兴趣|关注|관심|관심 제품|интерес",
    "next_step": "next step|siguiente paso|下一步|다음 단계|следующий шаг", "message": "message|inquiry|enquiry|mensaje|留言|메시지|сообщение", "campaign": "campaign|campaña|活动|캠페인|кампания",
}
LIKE = {"company": ("account",), "phone": ("phone", "mobile"), "interest": (), "message": (), "campaign": (), "next_step": ()}


def _mail(value: Any, field: str) -> str | None:
    return plain_mail(value) or FIELDS["mail"](value, field)


TARGETS: dict[str, Target] = {
    name: Target(LABELS[name], cleaner, names=NAMES.get(name, ""), like=LIKE.get(name, (name,))) for name, cleaner in FIELDS.items() if name not in ("mail", "owner_id", "source", "next_step_on", "tags")
}
TARGETS |= {
    "mail": Target(LABELS["mail"], _mail, like=("mail",)),
    "first_name": Target(N_("First name"), line, like=("first_name",), column=False, of=("name",)), "last_name": Target(N_("Last name"), line, like=("last_name",), column=False, of=("name",)),
    "next_step_on": Target(LABELS["next_step_on"], FIELDS["next_step_on"], "day", "next step due|next step date|下一步日期|다음 단계 기한|срок следующего шага"),
    "source": Target(LABELS["source"], line, "word", like=("source",), words=SOURCE_LABELS),
    "owner_id": Target(LABELS["owner_id"], line, names="lead owner", like=("owner_id",), column=False),
    "tags": Target(LABELS["tags"], FIELDS["tags"], "tags", like=("tags",)),
    "state": Target(LABELS["state"], one_of(STATES), "word", "status|lead status|state|lead state|estado|状态|상태|статус|состояние", words=STATE_LABELS, column=False),
    "reason": Target(LABELS["reason"], one_of(REASONS), "word", "reason|return reason|motivo|原因|사유|причина", words=REASON_LABELS, column=False),
    "reason_note": Target(LABELS["reason_note"], line, names="reason in words", column=False),
    "touches": Target(LABELS["touches"], whole_number(1, 1_000_000), "whole", "times he came", column=False),
}


def _presets(ctx: Context, values: Any) -> dict[str, Any]:
    """Called as the company or the mail address where no person is named; nobody's, so that the rules may give it to somebody, but for whoever
    sees only what is his."""
    nobody = ctx.actor.owner_id if sees_only_named(ctx.actor) else None
    return {"name": func.coalesce(values["company"].astext, values["mail"].astext), "owner_id": literal(nobody, Uuid()), "state_since": literal(ctx.now)}


def _check(ctx: Context, rows: Rows) -> None:
    """A new lead is in no state that something else brings about, and ends with a reason. What becomes of one that is there is said on its page,
    with what follows from it: a file does not change it."""
    keys = [row.record_id for row in rows if not row.creates]
    names = [name for name in (*JUDGED, "next_step") if any(name in row.values for row in rows)]
    query = select(Lead.id, *(getattr(Lead, name) for name in names), Lead.next_step_on).where(Lead.id.in_(keys))
    known = {one.id: one for one in ctx.session.execute(query)} if keys and names else {}
    for row in rows:
        before = known.get(row.record_id)
        check_step_of_row(row, before)
        if row.creates:
            _judge(row)
        elif before is not None:
            wrong = next((name for name in JUDGED if row.values.get(name) not in (None, getattr(before, name, None))), None)
            if wrong:
                row.refuse(wrong, "lead_state_kept", cell=row.values[wrong])


def _judge(row: Incoming) -> None:
    state, reason = row.values.get("state"), row.values.get("reason")
    if state == "converted":
        row.refuse("state", "lead_not_converted_so", cell=state)
    elif state in ENDED and not reason:
        row.refuse("state", "lead_reason_needed", cell=state)
    elif reason == "other" and not row.values.get("reason_note"):
        row.refuse("reason", "lead_note_needed", cell=reason)


def _met(key: str) -> tuple[Any, ...]:
    """By his mail address somebody is found while his lead is open; who came and went comes anew, as by a form."""
    return (Lead.state.in_(OPEN),) if key == "mail" else ()


def _known(ctx: Context, rows: Rows) -> None:
    """Who may be known already, by the one duplicate call: as a contact, as a company, or as a lead that is open."""
    people = [(row, _candidate(row)) for row in rows]
    _note(ctx, "contact", people, "lead_known")
    _note(ctx, "account", [(row, {"name": row.values["company"], "postcode": row.values.get("postcode"), "city": row.values.get("city")}) for row in rows if row.values.get("company")], "lead_company_known")
    mails = {row.values["mail_norm"] for row in rows if row.values.get("mail_norm")}
    there = select(Lead.mail_norm, Lead.id, Lead.name).where(Lead.mail_norm.in_(mails), Lead.state.in_(OPEN), Lead.deleted_at.is_(None), sees(ctx, Lead))
    open_now = {mail: (key, name) for mail, key, name in ctx.session.execute(there)} if mails else {}
    for row in rows:
        if (lead := open_now.get(row.values.get("mail_norm", ""))) is not None:
            row.note("mail", "lead_open_already", name=lead[1], id=str(lead[0]))


def _candidate(row: Incoming) -> dict[str, Any]:
    return {name: row.values.get(name) for name in ("name", "mail", "phone", "postcode", "city")}


def _note(ctx: Context, kind: str, given: Sequence[tuple[Incoming, dict[str, Any]]], code: str) -> None:
    if not given or not has(ctx, f"{kind}s.read"):
        return
    for (row, _), found in zip(given, likely_for_many(ctx, kind, [one for _, one in given]), strict=True):
        match = _surest(found)
        if match is not None and match.hidden:
            row.note("", f"{code}_hidden")
        elif match is not None:
            row.note("", code, name=match.name, id=str(match.id))


def _surest(found: Sequence[Match]) -> Match | None:
    sure = [one for one in found if one.score >= SURE or TELLING.intersection(one.reasons)]
    return next((one for one in sure if not one.hidden), sure[0] if sure else None)


def _follow(ctx: Context, rows: Rows) -> None:
    """They are scored, and the new ones go to somebody, by jobs (`followed`)."""
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        defer(ctx, FOLLOW, lead_ids=[row.record_id for row in some], made=[row.record_id for row in some if row.creates])


def followed(ctx: Context, keys: Sequence[UUID], made: Sequence[UUID]) -> tuple[int, list[UUID]]:
    """(how many of these have another score, keys of those that went to somebody): what is new (`made`) goes to somebody where the file named
    no owner, where the workspace says so once somebody works again. A second time changes nothing."""
    at = clock.opens_at(ctx) if made else None
    if at is not None and at > ctx.now:
        defer(ctx, FOLLOW, due_at=at, lead_ids=[], made=list(made))
    given = assigning.assign_all(ctx, made) if made and at == ctx.now else []
    return scoring.rescore(ctx, keys) if keys else 0, given


IMPORTS = (
    Importable(
        "leads", "lead", N_("Leads"), Lead, TARGETS, {"external_id": "external_id", "mail": "mail_norm"},
        needed=((("name", "company", "mail"), "import_needs_lead"),), also={"owner_id": ("owner_id",), "name": ("first_name", "last_name")},
        aside={name: LABELS[name] for name in ("created_at", "converted_at")}, made=("state", "state_since", "reason", "reason_note", "touches"), alone=frozenset({"lead_score"}), presets=_presets, met=_met, check=_check, known=_known, may_be={"lead_known": "contacts", "lead_company_known": "accounts", "lead_open_already": "leads"}, made_step=_follow,
    ),
)
