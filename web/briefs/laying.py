"""A brief in words: parts of lines, the same for the page, for paper and for the phone. A part about which nothing is known is not there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import url_for

from core.activities.words import KIND_LABELS, PLAN_LABELS
from core.base.context import Context
from core.base.words import N_
from core.briefs.found import Bought, Brief, Log, Offered, Person, Plan, Sale, Stands
from core.briefs.words import NOBODY, PARTS, SAY
from core.credit.words import GRADE_LABELS
from core.parties.words import CHANNEL_LABELS, STAGE_LABELS
from core.quotes.words import VERSION_STATE_LABELS
from infra import i18n
from web.filters import amount, country, day, number
from web.terms import saying as terms

LONGEST = 160  # signs of one text: what is longer ends in three dots, on paper and on the page


@dataclass(frozen=True)
class Row:
    """One line. tone: bad or good; href: where it leads on the page."""

    text: str
    note: str = ""
    side: str = ""
    tone: str = ""
    href: str = ""


@dataclass(frozen=True)
class Part:
    """A titled list. keep: so many of its lines are the last to leave a page that is full."""

    code: str
    title: str
    rows: list[Row] = field(default_factory=list)
    keep: int = 1


def facts_of(ctx: Context, brief: Brief) -> list[tuple[str, str]]:
    """(label, value) of what he is, beside his name."""
    stands, log = brief.stands or Stands(), brief.log
    where = ", ".join(part for part in (brief.place.rpartition(", ")[0], country(brief.place.rpartition(", ")[2])) if part) if brief.place else ""
    found = [
        (N_("Owner"), brief.owner or ""), (N_("Part of") if brief.kind == "account" else N_("Works at"), brief.above or ""), (N_("Job title") if brief.kind == "contact" else N_("Industry"), brief.title or ""),
        (N_("Where"), where), (N_("Stage"), _(ctx, STAGE_LABELS[brief.stage]) if brief.stage else ""), (N_("Credit grade"), _grade(ctx, stands)), (N_("Loyalty tier"), stands.tier or ""),
        (N_("Tags"), ", ".join(brief.tags)), *((N_("Email") if kind == "mail" else N_("Phone"), shown) for kind, shown in brief.ways[:2] if kind in ("mail", "phone")),
        (N_("Contacts in a year"), _often(ctx, log) if log and log.talks else ""),
    ]
    return [(_(ctx, label), cut(value)) for label, value in found if value]


def parts_of(ctx: Context, brief: Brief) -> tuple[list[Part], list[Part]]:
    """(the wide column, the narrow one), each the most pressing part first."""
    log = brief.log or Log()
    wide = [
        _part(ctx, "words", (_say(ctx, one) for one in brief.words), keep=4), _part(ctx, "promises", (_plan(ctx, one) for one in log.promises), keep=2),
        _part(ctx, "deals", (_deal(ctx, one) for one in brief.deals or ()), keep=2), _part(ctx, "quotes", (_quote(ctx, one) for one in brief.quotes or ()), keep=2),
        _part(ctx, "won", _bought(ctx, brief.won or Bought()), keep=2),
        _part(ctx, "terms", (Row(cut(terms.said(ctx, one)), terms.by(ctx, one)) for one in brief.terms), keep=2),
        _part(ctx, "talks", (_talk(ctx, one) for one in log.talks), keep=2), _part(ctx, "lost", (_lost(ctx, one) for one in brief.lost or ()), keep=1),
    ]
    narrow = [
        _part(ctx, "people", (_person(ctx, one) for one in brief.people or ()), keep=3), _part(ctx, "next", (_plan(ctx, one) for one in log.next), keep=1),
        _part(ctx, "knows", (_knows(ctx, one) for one in log.knows), keep=2), _part(ctx, "files", (_file(ctx, one) for one in brief.files), keep=1),
    ]
    return [part for part in wide if part.rows], [part for part in narrow if part.rows]


def say_word(ctx: Context, one: Any) -> tuple[str, str]:
    """(what to say, why) in the reader's words."""
    said = {name: day(value) if name == "day" else number(value) if isinstance(value, int) else cut(str(value)) for name, value in one.params.items() if value is not None}
    said.setdefault("who", _(ctx, NOBODY))
    return _(ctx, SAY[one.code][0], **said), _(ctx, SAY[one.code][1], **said)


def cut(text: str | None) -> str:
    """In one line, as long as a page bears."""
    whole = " ".join((text or "").split())
    return whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1].rstrip()}…"


def _part(ctx: Context, code: str, rows: Iterable[Row], *, keep: int) -> Part:
    return Part(code, _(ctx, PARTS[code]), list(rows), keep)


def _say(ctx: Context, one: Any) -> Row:
    text, why = say_word(ctx, one)
    return Row(text, why, tone="bad" if one.code in ("broken", "late_kept") else "")


def _plan(ctx: Context, one: Plan) -> Row:
    late = N_("kept late") if one.done else N_("not kept") if one.broken else None
    kind = "" if one.is_promise else _(ctx, PLAN_LABELS.get(one.kind) or KIND_LABELS.get(one.kind, KIND_LABELS["note"]))
    return Row(cut(one.what) or kind, _listed(kind if one.what else "", one.who, _(ctx, late) if late else ""), day(one.on), "bad" if one.broken else "")


def _deal(ctx: Context, one: Sale) -> Row:
    stage = _(ctx, one.stage) if one.stage_code else one.stage
    step = _listed(cut(one.step), day(one.step_on)) if one.step_on else ""
    said = _(ctx, N_("Next: %(step)s"), step=step) if step else _(ctx, N_("No next step"))
    closes = _(ctx, N_("closes %(day)s"), day=day(one.closes_on)) if one.closes_on else ""
    return Row(cut(one.name), _listed(stage, said, closes, one.owner), amount(one.amount, one.currency), "bad" if one.step_on and one.step_on < ctx.today else "", _to("deals", one.id))


def _quote(ctx: Context, one: Offered) -> Row:
    state = _(ctx, VERSION_STATE_LABELS[one.state])
    until = _(ctx, N_("valid until %(day)s"), day=day(one.valid_until)) if one.state == "sent" else day(one.sent_at)
    tone = {"sent": "", "accepted": "good", "declined": "bad"}.get(one.state, "")
    return Row(cut(f"{one.number or ''} {one.name}".strip()), _listed(state, until, cut(", ".join(one.lines)), cut(one.note), one.owner), amount(one.total, one.currency), tone, _to("quotes", one.id))


def _talk(ctx: Context, one: Any) -> Row:
    kind = _(ctx, KIND_LABELS.get(one.kind) or PLAN_LABELS.get(one.kind, KIND_LABELS["note"]))
    return Row(cut(one.text) or kind, _listed(kind if one.text else "", one.who, cut(one.whom)), day(one.at))


def _lost(ctx: Context, one: Sale) -> Row:
    return Row(cut(one.name), _listed(cut(one.why), day(one.closed_at)), amount(one.amount, one.currency), "", _to("deals", one.id))


def _bought(ctx: Context, won: Bought) -> Iterator[Row]:
    """All of it in one line, then the newest."""
    if won.number:
        yield Row(_(ctx, N_("Deals won: %(count)s"), count=number(won.number)), "", amount(won.amount, won.currency), "good")
    for one in won.newest:
        yield Row(cut(one.name), _listed(day(one.closed_at), one.owner), amount(one.amount, one.currency), "", _to("deals", one.id))


def _person(ctx: Context, one: Person) -> Row:
    prefers = _(ctx, N_("best by %(channel)s"), channel=_(ctx, CHANNEL_LABELS[one.channel])) if one.channel in CHANNEL_LABELS else ""
    return Row(cut(one.name), _listed(cut(one.title), one.phone, one.mail, prefers, _(ctx, N_("not to be worked with")) if one.restricted else ""), href=_to("contacts", one.id))


def _knows(ctx: Context, one: Any) -> Row:
    last = _(ctx, N_("last on %(day)s"), day=day(one.last))
    return Row(one.name, _listed(last, _(ctx, N_("works here no more")) if one.gone else ""), f"{number(one.count)} ×")


def _file(ctx: Context, one: Any) -> Row:
    return Row(cut(one.name), _listed(day(one.at), one.by), href=url_for("files.content", id=one.id))


def _grade(ctx: Context, stands: Stands) -> str:
    """The grade and what follows from it."""
    if not stands.grade:
        return ""
    pays = _(ctx, N_("pays beforehand")) if stands.prepaid else _(ctx, N_("%(days)s days to pay"), days=number(stands.payment_days))
    off = _(ctx, N_("%(percent)s %% off"), percent=number(stands.discount.normalize())) if stands.discount else ""
    return _listed(_(ctx, GRADE_LABELS[stands.grade]), pays, off, _(ctx, N_("only with the owner's release")) if stands.needs_release else "")


def _often(ctx: Context, log: Log) -> str:
    return _listed(number(log.a_year), _(ctx, N_("%(count)s in the last 90 days"), count=number(log.a_season)))


def _to(room: str, key: UUID) -> str:
    return url_for(f"{room}.show", id=key)


def _listed(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def _(ctx: Context, message: str, **params: Any) -> str:
    return i18n.gettext(ctx.locale, message, **params)
