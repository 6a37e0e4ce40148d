"""Programs of the workspace, in the order of their life: made with an API token of their own, and ended.

A program ("Website sync") acts under its own name and belongs to nobody: it goes on when whoever made it leaves, and ends with
its role. It stands among the users, so that records and history can name it, in a state of its own: it takes no seat, never
signs in and is offered nowhere a person is. What it makes is owned by whom its maker chose, and as far as its role
reaches own or team records these are that person's.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select, update

from core.base.context import Context
from core.base.errors import NotFound, Refused, present
from core.base.facts import record
from core.base.policy import owners, require, width
from core.base.text import clean_needed
from core.identity import narrowing, queries, roles
from core.identity.models import SCOPED_ROOMS, ApiToken, Role, User
from core.identity.tokens import check_days, refuse_token
from infra import crypto


def make_program(
    ctx: Context, *, name: str, role: str, owner_id: UUID | None = None, rooms: Iterable[str] | None = None, reading: bool = False, days: int | None = 365
) -> tuple[str, ApiToken]:
    """(its token, shown once; its row, with the program as `user`). role: the code of the role that says what it may; owner_id: who owns what it makes,
    nobody where none is given. The rest as of core.identity.tokens. Refuses a name that somebody has (`program_name_taken`)
    and what the maker may not do or see himself (`beyond_yours`)."""
    require(ctx, "programs.manage")
    refuse_token(ctx)
    name = clean_needed(name, field="name", max_length=100)
    _check_name(ctx, name)
    check_days(ctx, days)
    held = _role(ctx, role)
    _check_owner(ctx, owner_id)
    user = User(mail="", mail_norm=f"program:{uuid4()}", name=name, state="program", role_id=held.id, role=held, locale=ctx.tenant.locale, timezone=ctx.tenant.timezone)
    ctx.session.add(user)
    ctx.session.flush()  # the token names it by key
    secret = "tnd_" + crypto.new_token()
    row = ApiToken(
        name=name, token_hash=crypto.token_hash(secret), hint=secret[:8], user_id=user.id, role_id=held.id, owner_id=owner_id,
        rooms=narrowing.rooms_of(rooms) if rooms is not None else None, reading=reading, expires_at=ctx.now + timedelta(days=days) if days else None,
    )
    ctx.session.add(row)
    row.user = user
    record(ctx, "program.made", user, name=name, role=held.name)
    return secret, row


def end_program(ctx: Context, token_id: UUID) -> None:
    """The next call with its token is refused; its name stays on what it did. `not_found` where there is none."""
    require(ctx, "programs.end")
    found = present(next((row for row in programs(ctx) if row.id == token_id), None))
    found.revoked_at = ctx.now
    record(ctx, "program.ended", found.user, name=found.user.name)


def programs(ctx: Context) -> list[ApiToken]:
    """Tokens of those that were not ended, by name, with the program as `user`."""
    require(ctx, "programs.read")
    query = select(ApiToken, User).join(User, User.id == ApiToken.user_id).where(User.state == "program", ApiToken.revoked_at.is_(None))
    found = []
    for row, user in ctx.session.execute(query.order_by(func.lower(User.name), ApiToken.id)):
        row.user = user
        found.append(row)
    return found


def give_what_they_make(ctx: Context, from_id: UUID, to_id: UUID | None) -> int:
    """What programs make for one person is somebody else's from now on, or nobody's; returns how many programs."""
    mine = update(ApiToken).where(ApiToken.owner_id == from_id, ApiToken.revoked_at.is_(None))
    return ctx.session.execute(mine.values(owner_id=to_id, version=ApiToken.version + 1, updated_at=ctx.now), execution_options={"synchronize_session": False}).rowcount


def _role(ctx: Context, code: str) -> Role:
    try:
        held = roles.one_role(ctx, code)
    except NotFound:
        raise Refused("unknown_value", field="role") from None
    roles.check_grant(ctx, held)
    return held


def _check_owner(ctx: Context, owner_id: UUID | None) -> None:
    """Somebody who works here, and whose records the maker sees himself: the program will."""
    if owner_id is None:
        return
    user = queries.one_user(ctx, owner_id)
    seen = (owners(ctx, width(ctx.actor, room)[0]) for room in SCOPED_ROOMS)
    if user.state != "active" or not all(whose is None or owner_id in whose for whose in seen):
        raise Refused("owner_unknown", field="owner_id")


def _check_name(ctx: Context, name: str) -> None:
    """Nobody takes it for a colleague, nor for another program."""
    ended = select(ApiToken.id).where(ApiToken.user_id == User.id, ApiToken.revoked_at.is_(None))
    query = select(User.id).where(func.lower(User.name) == name.lower(), (User.state != "program") | ended.exists())
    if ctx.session.execute(query.limit(1)).first():
        raise Refused("program_name_taken", field="name", name=name)
