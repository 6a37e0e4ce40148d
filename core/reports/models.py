"""A report of a day or a week, what it told when it was handed in, and when reports are asked for.

A draft has no lines: they are composed anew from the log whenever it is looked at. With the handing in they are written down, as keys, words of
lists and figures; names are looked up for each reader. The database keeps what was told.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    and_,
    event,
    or_,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from core.base.context import Context
from core.base.hiding import in_table
from core.base.model import Keyed, Record, TenantBase
from core.base.personal import Personal
from core.base.policy import has
from core.base.records import RecordKind
from core.base.registry import Child
from core.identity.viewing import VIEWING
from core.reports.rules import Span

KINDS, LONGEST = ("day", "week"), 4000
SECTIONS = ("contacts", "promises", "deals", "quotes", "leads", "next")
# What a line tells: of the section's things which kind, or what became of one.
TOLD = ("call", "mail", "message", "visit", "meeting", "task", "promise", "made", "kept", "broken", "new", "moved", "won", "lost", "sent", "accepted", "converted", "step")
FIXED = ("report_id", "section", "what", "at", "due_on", "amount", "currency", "position")
_old, _new = (", ".join(f"{side}.{name}" for name in FIXED) for side in ("OLD", "NEW"))
KEPT = f"CREATE TRIGGER fixed BEFORE UPDATE ON work_report_line FOR EACH ROW WHEN (({_old}) IS DISTINCT FROM ({_new})) EXECUTE FUNCTION ext.refuse_fixed()"


class WorkReport(Record, TenantBase):
    """One report. name: whose it is and of when, as lists and notifications call it. first_on: its day, or the Monday of its week. words: what he
    says himself. handed_at: from then on it is read by others and changed by nobody."""

    __tablename__, ROOM = "work_report", "reports"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"), CheckConstraint("kind <> 'week' OR extract(isodow FROM first_on) = 1", name="first_on"),
        CheckConstraint(f"char_length(words) <= {LONGEST}", name="words"), Index("uq_work_report_whose", "owner_id", "kind", "first_on", unique=True),
        Index("ix_work_report_period", "kind", text("first_on DESC"), "owner_id"), {"info": {"audit": True, "secret": ["words"]}},
    )
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    name: Mapped[str]
    kind: Mapped[str]
    first_on: Mapped[date]
    words: Mapped[str] = mapped_column(server_default=text("''"), default="")
    handed_at: Mapped[datetime | None]

    @property
    def span(self) -> Span:
        """Its day or week."""
        return Span(self.first_on, self.kind)

    @classmethod
    def narrowed(cls, ctx: Context) -> ColumnElement[bool]:
        """Within his reach, the actor sees his own, and those of others once they are handed in, if he reads others' at all. Nobody's drafts are read
        through his eyes."""
        handed = cls.handed_at.is_not(None)
        own = and_(cls.owner_id == ctx.actor.id, handed if ctx.actor.reason == VIEWING else true())
        return or_(own, and_(handed, has(ctx, "reports.read_others")))

    def is_narrowed(self, ctx: Context) -> bool:
        """The same of this one."""
        if self.handed_at is None:
            return self.owner_id == ctx.actor.id and ctx.actor.reason != VIEWING
        return self.owner_id == ctx.actor.id or has(ctx, "reports.read_others")


class WorkReportLine(Keyed, TenantBase):
    """One thing that a report told when it was handed in. at: when it happened; due_on: until when it is to be done. words: what was noted of it.
    amount, currency: as they stood then."""

    __tablename__ = "work_report_line"
    __table_args__ = (
        CheckConstraint(f"section IN {SECTIONS}", name="section"), CheckConstraint(f"what IN {TOLD}", name="what"), CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        Index("ix_work_report_line_report_id", "report_id", "position"),
        *(Index(f"ix_work_report_line_{name}", name, postgresql_where=text(f"{name} IS NOT NULL")) for name in ("account_id", "contact_id", "deal_id", "quote_id", "lead_id", "stage_id")),  # noqa: S608 (constants)
        {"info": {"ddl": (KEPT,)}},
    )
    report_id: Mapped[UUID] = mapped_column(ForeignKey("work_report.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    section: Mapped[str]
    what: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    deal_id: Mapped[UUID | None] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    quote_id: Mapped[UUID | None] = mapped_column(ForeignKey("quote.id", ondelete="CASCADE"))
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    stage_id: Mapped[UUID | None] = mapped_column(ForeignKey("deal_stage.id", ondelete="SET NULL"))
    at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    words: Mapped[str | None]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    currency: Mapped[str | None]


@event.listens_for(WorkReportLine, "load")
def _without_hidden(line: WorkReportLine, context: Any, *_: Any) -> None:
    """What a deal came to is hidden with the deal's amount, also from whoever reads another's report."""
    if line.deal_id is not None and "amount" in in_table(context.session, "deal"):
        set_committed_value(line, "amount", None)


class ReportRules(Record, TenantBase):
    """When reports are asked for; without a row, never. days: on which days of the week one of the day is, 1 is Monday; day_hour: until when. week_day,
    week_hour: until when one of the week is, the present one from Thursday on, else the one before. since: what was due before nobody is reminded of."""

    __tablename__ = "report_rules"
    __table_args__ = (
        CheckConstraint("days <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]", name="days"), CheckConstraint("week_day BETWEEN 1 AND 7", name="week_day"),
        CheckConstraint("day_hour BETWEEN 0 AND 23 AND week_hour BETWEEN 0 AND 23", name="hours"), Index("uq_report_rules_one", text("(true)"), unique=True), {"info": {"audit": True}},
    )
    days: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default=text("'{}'"), default=list)
    day_hour: Mapped[int] = mapped_column(SmallInteger, server_default=text("18"), default=18)
    week_day: Mapped[int | None] = mapped_column(SmallInteger)
    week_hour: Mapped[int] = mapped_column(SmallInteger, server_default=text("16"), default=16)
    since: Mapped[datetime]


CHILDREN = tuple(Child("work_report_line", f"{parent}_id", parent, personal=("words",), grows=False) for parent in ("account", "contact"))
PERSONAL = (Personal("work_report", told=("words",)), Personal("work_report_line", by=("contact_id", "account_id"), cleared=("words",), told=("words",), purged="null", beside=("deal_id", "quote_id", "lead_id")))
HARMLESS = {
    "work_report.kind": "a word of a list", "work_report.name": "a colleague's name and a day", "report_rules.days": "numbers of days",
    **{f"work_report_line.{name}": "a word of a list" for name in ("section", "what")}, "work_report_line.currency": "a currency",
}
RECORD_KINDS = (RecordKind(WorkReport, "reports.read", "/reports/{id}", discussed=True, shared=False, waited=True),)
