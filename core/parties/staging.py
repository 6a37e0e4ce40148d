"""Use cases of an account's stage: what the rule says is written, a person sets it until a day, and leaves it to the rule again."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, Uuid, column, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.field_rights import check_writes
from core.base.policy import require
from core.base.registry import modules
from core.base.sets import among
from core.base.text import clean
from core.identity.models import User
from core.parties.beside_models import STAGES, StageChange
from core.parties.lifecycle import stage_of
from core.parties.models import Account
from core.parties.rules import day

CHUNK = 1000
LONGEST_BY_HAND = timedelta(days=731)
SHOWN = 50


def set_stage(ctx: Context, account: Account, *, stage: Any, note: Any, until: Any) -> None:
    """Set the stage by hand: it stays so until that day, whatever the rule says. Refuses an unknown stage, no reason, a
    day that is over or more than two years ahead, and whom the field is protected from."""
    require(ctx, "accounts.edit", account)
    check_writes(ctx, "accounts", ("stage",))
    if stage not in STAGES:
        raise Refused("unknown_value", field="stage")
    why, end = clean(note, field="note"), day(until, "until")
    if why is None:
        raise Refused("stage_needs_reason", field="note")
    if end is None or not ctx.today <= end <= ctx.today + LONGEST_BY_HAND:
        raise Refused("stage_until_past", field="until")
    editing.hold(ctx, account)
    _write(ctx, account, stage, {"note": why}, end)
    record(ctx, "account.stage_set", account, stage=stage, note=why, until=end)


def release_stage(ctx: Context, account: Account) -> None:
    """Leave it to the rule again, from now on."""
    require(ctx, "accounts.edit", account)
    check_writes(ctx, "accounts", ("stage",))
    editing.hold(ctx, account)
    if account.stage_until is None:
        return
    found = stage_of(signs_of(ctx, [account.id]).get(account.id, {}))
    _write(ctx, account, found.name, found.why, None)
    record(ctx, "account.stage_released", account)


def follow(ctx: Context, account_id: UUID | None) -> None:
    """What the rule goes by has changed for one account: rooms above call it in the transaction of what happened."""
    if account_id is not None:
        ctx.session.flush()  # the signs are read from the tables
        apply_rule(ctx, [account_id])


def recompute_after(ctx: Context, after: UUID | None) -> tuple[UUID | None, int]:
    """The next thousand accounts by their keys get the stage that the rule says; (the last key, None at the end; how many
    changed). The nightly walk calls it until the end."""
    query = select(Account.id).where(Account.deleted_at.is_(None)).order_by(Account.id).limit(CHUNK)
    keys = list(ctx.session.execute(query.where(Account.id > after) if after else query).scalars())
    return (keys[-1] if len(keys) == CHUNK else None), apply_rule(ctx, keys) if keys else 0


def apply_rule(ctx: Context, keys: Collection[UUID]) -> int:
    """Write the rule's stage where it is another one, and no hand's is in force; returns how many. Neither version nor
    the date of the last change is touched: nobody edits it in a form, and lists by change are for what people did."""
    now = select(Account.id, Account.stage, Account.stage_why).where(among(Account.id, keys), _by_rule(ctx))
    signs, due = signs_of(ctx, keys), []
    for row in ctx.session.execute(now):
        found = stage_of(signs.get(row.id, {}))
        if (found.name, found.why) != (row.stage, row.stage_why or {"rule": "nothing"}):
            due.append({"id": str(row.id), "was": row.stage, "stage": found.name, "why": found.why})
    if not due:
        return 0
    given = func.jsonb_to_recordset(literal(due, JSONB)).table_valued(
        column("id", Uuid()), column("was", Text()), column("stage", Text()), column("why", JSONB()), name="given",
    ).render_derived(with_types=True)
    table = Account.__table__
    # Who set it by hand meanwhile has won: the statement waits for his lock and looks again.
    written = (
        update(table).where(table.c.id == given.c.id, table.c.stage == given.c.was, _by_rule(ctx))
        .values(stage=given.c.stage, stage_why=given.c.why, stage_until=None).returning(table.c.id, given.c.was, given.c.stage, given.c.why).cte("written")
    )
    told = select(written.c.id, written.c.was, written.c.stage, written.c.why, literal(ctx.now)).where(written.c.was != written.c.stage)
    history = insert(StageChange.__table__).from_select(["account_id", "from_stage", "to_stage", "why", "created_at"], told, include_defaults=False).returning(StageChange.id)
    changed = list(ctx.session.execute(history.add_cte(written)).scalars())
    for account in ctx.session.identity_map.values():
        if isinstance(account, Account) and account.id in keys:
            ctx.session.expire(account, ["stage", "stage_why", "stage_until"])
    return len(changed)


def signs_of(ctx: Context, keys: Collection[UUID]) -> dict[UUID, dict[str, date | None]]:
    """account -> its signs, one statement for each room that has some."""
    found: dict[UUID, dict[str, date | None]] = {}
    for module in modules("signs"):
        for signs in module.STAGE_SIGNS:
            for row in ctx.session.execute(signs.rows(ctx, lambda one: among(one, keys))):
                found.setdefault(row.account_id, {}).update({name: getattr(row, name) for name in signs.names})
    return found


def changes_of(ctx: Context, account: Account) -> list[Row]:
    """(StageChange, by_name) of an account, the newest first."""
    require(ctx, "accounts.read", account)
    query = select(StageChange, User.name.label("by_name")).join(User, User.id == StageChange.created_by, isouter=True).where(StageChange.account_id == account.id)
    return list(ctx.session.execute(query.order_by(StageChange.created_at.desc(), StageChange.id.desc()).limit(SHOWN)))


def _write(ctx: Context, account: Account, stage: str, why: dict[str, Any], until: date | None) -> None:
    ctx.session.add(StageChange(account_id=account.id, from_stage=account.stage, to_stage=stage, why=why, until=until))
    account.stage, account.stage_why, account.stage_until = stage, why, until
    ctx.session.flush()


def _by_rule(ctx: Context) -> Any:
    return or_(Account.stage_until.is_(None), Account.stage_until < ctx.today)
