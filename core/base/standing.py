"""Where an account stands on a scale of the workspace (its credit grade, its loyalty tier): by hand until a day, or computed.

What a person set, with his reason, holds until its end and goes before what was computed (DECISIONS.md 6). One row of each
source is open at most; the earlier ones stay as its history. Days are those of the workspace, so that everybody has one price.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Select, case, or_, select, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.base.cleaning import day
from core.base.context import Context
from core.base.errors import Conflict, Gathered, NotFound, Refused
from core.base.text import clean

HAND, COMPUTED = "hand", "computed"
OPEN = "ended_at IS NULL"
LONGEST = 400


class Standing:
    """Columns of a table of standings. until_on: the last day on which a hand-set one holds. ended_at: it was replaced or taken back."""

    reason: Mapped[str | None]
    source: Mapped[str] = mapped_column(server_default=text("'hand'"), default=HAND)
    until_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]

    @declared_attr
    def account_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("account.id"))

    @declared_attr
    def set_by(cls) -> Mapped[UUID | None]:
        return mapped_column(ForeignKey("app_user.id"))


def constraints(table: str) -> tuple[Any, ...]:
    """What the database keeps of such a table."""
    return (
        CheckConstraint(f"source IN ('{HAND}', '{COMPUTED}')", name="source"),
        CheckConstraint(f"source <> '{HAND}' OR (until_on IS NOT NULL AND reason IS NOT NULL AND char_length(reason) BETWEEN 1 AND {LONGEST})", name="hand"),
        Index(f"uq_{table}_open", "account_id", "source", unique=True, postgresql_where=text(OPEN)),
        Index(f"ix_{table}_account_id", "account_id", text("created_at DESC"), text("id DESC")),
        Index(f"ix_{table}_set_by", "set_by", postgresql_where=text("set_by IS NOT NULL")),
    )


def holds(ctx: Context, model: Any) -> ColumnElement[bool]:
    """Is the row open, and has its end not passed?"""
    return (model.ended_at.is_(None)) & or_(model.until_on.is_(None), model.until_on >= ctx.tenant_today)


def in_force(ctx: Context, model: Any, what: Iterable[Any], account: Any) -> Select:
    """The one that holds for an account: a person's before what was computed. account: a key or a column that names it."""
    query = select(*what).select_from(model).where(model.account_id == account, holds(ctx, model))
    return query.order_by(case((model.source == HAND, 0), else_=1)).limit(1)


def checked(ctx: Context, *, reason: Any, until_on: Any) -> dict[str, Any]:
    """What every hand-set one needs: why, and until when. Refuses an end that has passed; both are told at once."""
    wrong, found = Gathered(), {}
    with wrong.taking():
        found["reason"] = _reason(reason)
    with wrong.taking():
        found["until_on"] = _until(ctx, until_on)
    wrong.settle()
    return found


def _reason(value: Any) -> str:
    why = clean(None if value is None else str(value), field="reason", max_length=LONGEST)
    if why is None:
        raise Refused("standing_reason", field="reason")
    return why


def _until(ctx: Context, value: Any) -> date:
    until = day(value, "until_on")
    if until is None:
        raise Refused("standing_until", field="until_on")
    if until < ctx.tenant_today:
        raise Refused("standing_past", field="until_on")
    return until


def replace(ctx: Context, made: Any) -> Any:
    """Put a new one in the place of the open one of its source; the caller holds the account."""
    model = type(made)
    for old in ctx.session.execute(select(model).where(model.account_id == made.account_id, model.source == made.source, model.ended_at.is_(None))).scalars():
        old.ended_at = ctx.now
    ctx.session.flush()  # the old one is ended before the new one begins
    ctx.session.add(made)
    ctx.session.flush()
    return made


def by_hand(ctx: Context, model: Any, row_id: UUID, *, ended: bool = False, held: bool = False) -> Any:
    """One that a person set, locked where it is to be held (after its account, never before); NotFound where there is none, or it is ended (or is not). Whether the actor sees its account is asked by the room."""
    side = model.ended_at.is_not(None) if ended else model.ended_at.is_(None)
    query = select(model).where(model.id == row_id, model.source == HAND, side)
    found = ctx.session.execute(query.with_for_update() if held else query).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def take_back(ctx: Context, found: Any) -> None:
    """End it before its day."""
    found.ended_at = ctx.now
    ctx.session.flush()


def bring_back(ctx: Context, found: Any) -> None:
    """Undo that. Refuses where another was set meanwhile or the end has passed; the caller holds the account."""
    model = type(found)
    other = ctx.session.execute(select(model.id).where(model.account_id == found.account_id, model.source == HAND, model.ended_at.is_(None))).first()
    if other is not None or found.until_on < ctx.tenant_today:
        raise Conflict("standing_replaced")
    found.ended_at = None
    ctx.session.flush()


def history(ctx: Context, model: Any, account_id: UUID, most: int = 50) -> list[Any]:
    """All rows of an account, the newest first; the caller has checked that the actor sees it."""
    query = select(model).where(model.account_id == account_id).order_by(model.created_at.desc(), model.id.desc())
    return list(ctx.session.execute(query.limit(most)).scalars())
