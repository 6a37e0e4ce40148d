"""Seats of the plan: counted and taken under one lock, by whoever adds people, invites them or comes."""

from collections.abc import Collection

from sqlalchemy import false, func, select, update

from core.base.context import Context
from core.base.editing import hold_place
from core.base.errors import Refused
from core.identity.models import Invitation, Role, User
from core.identity.queries import names_alone, seats_taken
from core.identity.rights import RoleRights


def count_alone(ctx: Context) -> None:
    """Whoever counts people before a change does so one at a time."""
    hold_place(ctx, "seats")


def stands_apart(ctx: Context, *roles: Role) -> bool:
    """Does who has these roles take a partner's seat? Where the plan has none, a partner takes one like everybody."""
    return bool(roles) and all(RoleRights.of(role).names_alone for role in roles) and ctx.entitlements.limit("partner_seats") is not None


def seats_promised(ctx: Context, *, partners: bool = False) -> int:
    """Invitations that can still be accepted: each keeps a seat for whoever it asks."""
    query = select(func.count()).select_from(Invitation).where(Invitation.state == "waiting", Invitation.expires_at > ctx.now)
    if ctx.entitlements.limit("partner_seats") is not None:
        query = query.outerjoin(Role, Role.id == Invitation.role_id).where(func.coalesce(names_alone(Role), false()) == partners)
    return ctx.session.execute(query).scalar_one()


def hold_seat(ctx: Context, *roles: Role | None, promised: bool = True) -> None:
    """Count and insert under one lock: 20 invitations at once gave 10 members without it (BILLING 4.8). roles: of who takes
    it. promised=False: the seats of waiting invitations don't count, because one of them is being taken."""
    count_alone(ctx)
    known = [role for role in roles if role is not None]
    for role in known:
        ctx.session.refresh(role, ["visibility", "scopes"])  # somebody may have made it reach further before we counted
    _check(ctx, stands_apart(ctx, *known), further=1, promised=promised)


def change_seat(ctx: Context, user: User, before: Collection[Role], after: Collection[Role]) -> None:
    """Other roles than before: where they ask for a seat of the other kind, he takes one of those."""
    if user.state == "active" and stands_apart(ctx, *before) != stands_apart(ctx, *after):
        hold_seat(ctx, *after)


def check_room(ctx: Context, *, partners: bool) -> None:
    """After a role was changed, for all who have it: are there seats of that kind for them? Written down already."""
    count_alone(ctx)
    _check(ctx, partners and ctx.entitlements.limit("partner_seats") is not None, further=0, promised=True)


def _check(ctx: Context, partners: bool, *, further: int, promised: bool) -> None:
    limit = ctx.entitlements.limit("partner_seats" if partners else "seats")
    if limit is not None and seats_taken(ctx, partners=partners) + (seats_promised(ctx, partners=partners) if promised else 0) + further > limit:
        raise Refused("partner_seats_full" if partners else "seats_full", limit=limit)


def let_go_of_invitation(ctx: Context, mail_norm: str) -> None:
    """Whoever is added in another way needs no invitation any more; its seat is his."""
    count_alone(ctx)
    waiting = update(Invitation).where(Invitation.mail_norm == mail_norm, Invitation.state == "waiting")
    ctx.session.execute(waiting.values(state="revoked", version=Invitation.version + 1, updated_at=ctx.now))
