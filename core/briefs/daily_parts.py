"""What waits for somebody on his day, as lists in a letter: of each kind so many, and how many more there are."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Row, case, func, select

from core.activities.due import open_until
from core.activities.models import PROMISE, Activity
from core.base.context import Context
from core.base.policy import has
from core.base.records import path_of
from core.base.words import N_
from core.briefs import day
from core.notifications.telling import shortened
from core.notifications.words import MORE
from core.parties import birthdays
from core.post.rules import Line, Section
from infra import dates, i18n

EACH, BORN_SOON, MOST_BORN = 10, 1, 1000
# Part -> its heading, in their order.
TITLES = {
    "promise": N_("Promises"), "overdue": N_("Overdue"), "today": N_("Today"), "tomorrow": N_("Tomorrow"), "answer": N_("First answer due"), "lead": N_("Next step of a lead due"), "step": N_("Next step of a deal due"), "quote": N_("Quote runs out"),
    "silent": N_("Nothing heard since"), "never": N_("Never contacted, added on"), "birthday": N_("Birthdays"),
}
RECORDS = {"answer": "lead", "lead": "lead", "step": "deal", "quote": "quote", "silent": "account", "never": "account"}


def parts(ctx: Context) -> tuple[Section, ...]:
    """What the actor's day holds, in his language, as far as he may see it; three statements, however much it is."""
    found: dict[str, list[tuple[Line, int]]] = {}
    for part, line, of in (*_contacts(ctx), *_waiting(ctx), *_born(ctx)):
        found.setdefault(part, []).append((line, of))
    return tuple(_section(ctx, title, found[part]) for part, title in TITLES.items() if part in found)


def _section(ctx: Context, title: str, lines: list[tuple[Line, int]]) -> Section:
    left = lines[0][1] - len(lines)
    return Section(i18n.gettext(ctx.locale, title), tuple(line for line, _ in lines), i18n.gettext(ctx.locale, MORE, count=left) if left else "")


def _contacts(ctx: Context) -> Iterator[tuple[str, Line, int]]:
    """The next contacts up to tomorrow, promises by themselves."""
    if not has(ctx, "activities.read"):
        return
    on, in_order = Activity.next_contact_on, (Activity.next_contact_on, Activity.next_contact_at.nulls_last(), Activity.id)
    part = case((Activity.next_contact_kind == PROMISE, "promise"), (on < ctx.today, "overdue"), (on == ctx.today, "today"), else_="tomorrow")
    of = func.count().over(partition_by=part).label("of")
    rows = open_until(ctx, 1).add_columns(part.label("part"), of, func.row_number().over(partition_by=part, order_by=in_order).label("nth")).subquery()
    for row in ctx.session.execute(select(rows).where(rows.c.nth <= EACH).order_by(rows.c.nth)):
        yield row.part, _contact_line(ctx, row), row.of


def _contact_line(ctx: Context, row: Row) -> Line:
    """With whom, at which firm, when, and what about; of a record out of his sight nothing but what he wrote himself."""
    about = shortened(row.next_contact_note or row.body)
    path = path_of("contact", row.contact_id) if row.contact_name else path_of("account", row.account_id) if row.account_name else "/"
    name = row.contact_name or row.account_name
    said = (row.account_name if row.contact_name else "", _when(ctx, row), about if name else "")
    return Line(name or about or i18n.gettext(ctx.locale, TITLES[row.part]), f"{ctx.tenant.url}{path}", _joined(said))


def _when(ctx: Context, row: Row) -> str:
    """The day, where the heading does not say it, and the time, where one was agreed."""
    at = dates.say_clock(row.next_contact_at, ctx.zone, ctx.locale, ctx.formats.clock) if row.next_contact_at else ""
    return " ".join(filter(None, (_day(ctx, row.next_contact_on) if row.part in ("promise", "overdue") else "", at)))


def _waiting(ctx: Context) -> Iterator[tuple[str, Line, int]]:
    for row in day.counted(ctx, EACH):
        yield row.kind, Line(row.name, f"{ctx.tenant.url}{path_of(RECORDS[row.kind], row.id)}", _joined((shortened(row.note), _day(ctx, row.on)))), row.of


def _born(ctx: Context) -> Iterator[tuple[str, Line, int]]:
    """Birthdays of today and tomorrow."""
    found = birthdays.birthdays(ctx, BORN_SOON, mine=True, limit=MOST_BORN)
    for one in found[:EACH]:
        yield "birthday", Line(one.name, f"{ctx.tenant.url}{path_of('contact', one.id)}", _joined((one.account_name, _day(ctx, one.on)))), len(found)


def _day(ctx: Context, value: Any) -> str:
    return dates.say_day(value, "medium", ctx.locale, ctx.formats.date_format)


def _joined(said: Iterable[str | None]) -> str:
    return " \u00b7 ".join(one for one in said if one)
