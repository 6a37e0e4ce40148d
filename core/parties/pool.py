"""The shared pool: accounts that nobody looked after go there with a warning before, and colleagues take them from it.

Whoever owns an account keeps it for so many days without any contact; while it is protected, only who may reassign
accounts takes it over. Rooms above say what keeps an account with its owner, in their keeping.py:
LAST = (ctx -> scalar subquery of the last moment on Account.id,), HELD = (ctx -> condition on Account.id,).
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, cast, delete, func, literal, not_, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from core.base import editing
from core.base.context import Context
from core.base.days import begins
from core.base.errors import NotFound, Refused
from core.base.facts import Fact, FactSubject, record
from core.base.field_rights import check_writes
from core.base.policy import has, require, sees, visible
from core.base.registry import modules
from core.base.sets import record_all
from core.identity.models import User
from core.notifications.telling import notify
from core.parties.beside_models import PoolClaim, PoolRules, PoolWarning
from core.parties.models import Account
from core.parties.rules import whole_number

WARNED_BEFORE = 14  # days
AT_ONCE = 1000
NAMED = 3
JUST_NOW = timedelta(hours=1)
FIELDS = {"idle_days": whole_number(30, 3650), "claims_a_day": whole_number(1, 1000)}


def rules_of(ctx: Context) -> PoolRules:
    """The rules as they stand; those of a new workspace, in which nothing goes to the pool by itself."""
    return ctx.session.execute(select(PoolRules)).scalar_one_or_none() or PoolRules(idle_days=None, claims_a_day=None, version=0)


def change_rules(ctx: Context, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> PoolRules:
    """Set idle_days (none: never) and claims_a_day (none: any number), as far as given."""
    require(ctx, "settings.manage")
    ctx.session.execute(insert(PoolRules).values(created_at=ctx.now, created_by=ctx.actor.id).on_conflict_do_nothing())
    row = ctx.session.execute(select(PoolRules)).scalar_one()
    changes = editing.changes(ctx, row, editing.cleaned(FIELDS, given), version=version or None, original=editing.cleaned_as_was(FIELDS, original))
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        record(ctx, "workspace.pool_rules_changed", row, fields=sorted(changes))
    return row


def is_on(session: Session) -> bool:
    """Do accounts go to the pool here? Else the clock leaves no order, unless warnings are left from when they did."""
    return session.execute(select(PoolRules.id).where(PoolRules.idle_days.is_not(None)).union_all(select(PoolWarning.account_id)).limit(1)).first() is not None


def claim(ctx: Context, account_id: UUID) -> Account:
    """Take an account from the pool. Of two at once one gets it, the other hears who was quicker (`pool_taken`), even where
    he does not see it any more; refuses more than the workspace lets anybody take on one day (`pool_enough`)."""
    require(ctx, "accounts.edit")
    if ctx.actor.is_program:
        raise Refused("program_owns_nothing")
    check_writes(ctx, "accounts", ("owner_id",))
    account = ctx.session.execute(visible(ctx, Account).where(Account.id == account_id, Account.deleted_at.is_(None))).scalar_one_or_none()
    if account is None:
        raise _gone(ctx, account_id)
    _check_claims(ctx)
    editing.hold(ctx, account)
    if account.owner_id is not None:
        raise _gone(ctx, account_id) if account.owner_id != ctx.actor.id else Refused("pool_yours")
    account.owner_id = ctx.actor.id
    ctx.session.add(PoolClaim(account_id=account.id, user_id=ctx.actor.id))
    record(ctx, "account.claimed", account, name=account.name)
    return account


def give_back(ctx: Context, account: Account) -> None:
    """Undo one's own claim: back into the pool, and it counts no more."""
    require(ctx, "accounts.edit", account)
    check_writes(ctx, "accounts", ("owner_id",))
    editing.hold(ctx, account)
    if account.owner_id != ctx.actor.id:
        raise Refused("pool_not_yours")
    account.owner_id = None
    ctx.session.execute(delete(PoolClaim).where(PoolClaim.account_id == account.id, PoolClaim.user_id == ctx.actor.id, PoolClaim.created_at >= _midnight(ctx)))
    record(ctx, "account.given_back", account, name=account.name)


def protects(ctx: Context) -> bool:
    """Are others' accounts protected from the actor? Not where nothing goes to the pool, nor from who may reassign."""
    return not has(ctx, "accounts.reassign") and ctx.actor.kind != "system" and rules_of(ctx).idle_days is not None


def check_takeover(ctx: Context, account: Account) -> None:
    """Refuse (`account_protected`) to take an account from somebody else within his time. Whom one stands in for is oneself."""
    mine = ctx.actor.stands_in_for | {ctx.actor.id, None}
    if account.owner_id in mine or not protects(ctx):
        return
    days = rules_of(ctx).idle_days
    idle = ctx.session.execute(select(Account.id).where(Account.id == account.id, *_idle_for(ctx, days))).first()
    if idle is None:
        raise Refused("account_protected", field="owner_id", days=days)


def keep(ctx: Context) -> dict[str, int]:
    """One night: forget warnings that are no more true, warn whose accounts go in two weeks, and let go those whose time
    is over. An account goes only two weeks after the warning, also where the rule is new."""
    days = rules_of(ctx).idle_days
    if days is None:
        ctx.session.execute(delete(PoolWarning))
        return {"warned": 0, "released": 0}
    soon = _idle_for(ctx, days - WARNED_BEFORE)
    true = select(Account.id).where(Account.id == PoolWarning.account_id, Account.owner_id == PoolWarning.owner_id, *soon).exists()
    ctx.session.execute(delete(PoolWarning).where(not_(true)))
    return {"released": _release(ctx), "warned": _warn(ctx, days, soon)}


def _warn(ctx: Context, days: int, soon: list) -> int:
    """Write the warnings down, and tell each owner once."""
    due = func.greatest(cast(func.timezone(ctx.timezone, _last(ctx)), Date) + days, literal(ctx.today + timedelta(days=WARNED_BEFORE), Date))
    fresh = select(Account.id, Account.owner_id, due, literal(ctx.now)).where(*soon, not_(select(PoolWarning.account_id).where(PoolWarning.account_id == Account.id).exists())).limit(AT_ONCE)
    made = insert(PoolWarning).from_select(["account_id", "owner_id", "due_on", "warned_at"], fresh, include_defaults=False).on_conflict_do_nothing()
    rows = ctx.session.execute(made.returning(PoolWarning.account_id, PoolWarning.owner_id, PoolWarning.due_on)).all()
    first: dict[UUID, date] = {}
    for row in rows:
        first[row.owner_id] = min(row.due_on, first.get(row.owner_id, row.due_on))
    _tell(ctx, "told.pool_soon", [(row.account_id, row.owner_id) for row in rows], first)
    return len(rows)


def _release(ctx: Context) -> int:
    """Into the pool with those whose day has come, with a fact on each timeline, and tell who had them."""
    due = select(PoolWarning.account_id, PoolWarning.owner_id).where(PoolWarning.due_on <= ctx.today).order_by(PoolWarning.account_id).limit(AT_ONCE)
    pairs = [(row.account_id, row.owner_id) for row in ctx.session.execute(due)]
    if not pairs:
        return 0
    freed = update(Account).where(tuple_(Account.id, Account.owner_id).in_(pairs), Account.deleted_at.is_(None)).values(owner_id=None, version=Account.version + 1, updated_at=ctx.now)
    gone = set(ctx.session.execute(freed.returning(Account.id), execution_options={"synchronize_session": False}).scalars())
    ctx.session.execute(delete(PoolWarning).where(PoolWarning.account_id.in_([key for key, _ in pairs])))
    params = func.jsonb_build_object("name", Account.name, type_=JSONB).label("params")
    record_all(ctx, "account.pooled", "account", select(Account.id.label("subject_id"), Account.parent_id.label("about_id"), params).where(Account.id.in_(gone)))
    _tell(ctx, "told.pool_gone", [pair for pair in pairs if pair[0] in gone], {})
    return len(gone)


def _tell(ctx: Context, say: str, pairs: Collection[tuple[UUID, UUID]], first: Mapping[UUID, date]) -> None:
    """One notification for each owner: which accounts, the first few by name."""
    names = dict(ctx.session.execute(select(Account.id, Account.name).where(Account.id.in_([key for key, _ in pairs]))).all()) if pairs else {}
    for owner in dict.fromkeys(owner for _, owner in pairs):
        mine = [key for key, whose in pairs if whose == owner]
        what = ", ".join(names[key] for key in mine[:NAMED]) + (" …" if len(mine) > NAMED else "")
        one = ctx.session.get(Account, mine[0]) if len(mine) == 1 else None
        when = {"on": first[owner]} if owner in first else {}
        notify(ctx, "reminder", [owner], one, by_itself=True, dedupe=f"{say}:{ctx.today}:{min(mine)}", say=say, what=what, count=len(mine), **when)


def _idle_for(ctx: Context, days: int) -> list:
    """Owned accounts on which nothing has happened for so long, and nothing is planned."""
    held = [condition(ctx) for module in modules("keeping") for condition in module.HELD]
    return [Account.deleted_at.is_(None), Account.owner_id.is_not(None), Account.created_at < _before(ctx, days), _last(ctx) < _before(ctx, days), *(not_(one) for one in held)]


def _last(ctx: Context) -> Any:
    """The moment from which the time counts: the last contact, the last change of hands, the beginning."""
    handed = select(func.max(FactSubject.at)).join(Fact, Fact.id == FactSubject.fact_id)
    handed = handed.where(FactSubject.subject_id == Account.id, Fact.kind.in_(("account.owner_changed", "account.claimed"))).correlate(Account).scalar_subquery()
    return func.greatest(Account.created_at, handed, *(last(ctx) for module in modules("keeping") for last in module.LAST))


def _before(ctx: Context, days: int) -> Any:
    return begins(ctx.today - timedelta(days=days), ctx.zone)


def _midnight(ctx: Context) -> Any:
    return begins(ctx.today, ctx.zone)


def _gone(ctx: Context, account_id: UUID) -> Refused | NotFound:
    """Who was quicker, where somebody took it within the last hour or the actor sees whose it is."""
    seen = select(User.name).join(Account, Account.owner_id == User.id).where(Account.id == account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    just = select(User.name).join(PoolClaim, PoolClaim.user_id == User.id).where(PoolClaim.account_id == account_id, PoolClaim.created_at > ctx.now - JUST_NOW)
    name = ctx.session.execute(seen).scalar_one_or_none() or ctx.session.execute(just.order_by(PoolClaim.created_at.desc()).limit(1)).scalar_one_or_none()
    return Refused("pool_taken", name=name) if name else NotFound()


def _check_claims(ctx: Context) -> None:
    """One's claims of today, one at a time: two tabs together take no more than one."""
    most = rules_of(ctx).claims_a_day
    if most is None:
        return
    editing.hold_place(ctx, f"pool.{ctx.actor.id}")
    taken = select(func.count()).select_from(PoolClaim).where(PoolClaim.user_id == ctx.actor.id, PoolClaim.created_at >= _midnight(ctx))
    if ctx.session.execute(taken).scalar_one() >= most:
        raise Refused("pool_enough", max=most)
