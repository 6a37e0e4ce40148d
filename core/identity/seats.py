"""Seats of the plan: counted and taken under one lock, by whoever adds people, invites them or comes."""

from sqlalchemy import false, func, select, text, update

from core.base.context import Context
from core.base.errors import Refused
from core.identity.models import Invitation, Role
from core.identity.queries import seats_taken


def count_alone(ctx: Context) -> None:
    """Whoever counts people before a change does so one at a time."""
    ctx.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.seats', 0))"))


def stands_apart(ctx: Context, role: Role | None) -> bool:
    """Does who has this role take a partner's seat? Where the plan has none, a partner takes one like everybody."""
    return role is not None and role.visibility == "named" and ctx.entitlements.limit("partner_seats") is not None


def seats_promised(ctx: Context, *, partners: bool = False) -> int:
    """Invitations that can still be accepted: each keeps a seat for whoever it asks."""
    query = select(func.count()).select_from(Invitation).where(Invitation.state == "waiting", Invitation.expires_at > ctx.now)
    if ctx.entitlements.limit("partner_seats") is not None:
        query = query.outerjoin(Role, Role.id == Invitation.role_id).where(func.coalesce(Role.visibility == "named", false()) == partners)
    return ctx.session.execute(query).scalar_one()


def hold_seat(ctx: Context, role: Role | None = None, *, promised: bool = True) -> None:
    """Count and insert under one lock: 20 invitations at once gave 10 members without it (BILLING 4.8). role: of who takes
    it. promised=False: the seats of waiting invitations don't count, because one of them is being taken."""
    partner = stands_apart(ctx, role)
    limit = ctx.entitlements.limit("partner_seats" if partner else "seats")
    count_alone(ctx)
    if limit is not None and seats_taken(ctx, partners=partner) + (seats_promised(ctx, partners=partner) if promised else 0) >= limit:
        raise Refused("seats_full", limit=limit)


def let_go_of_invitation(ctx: Context, mail_norm: str) -> None:
    """Whoever is added in another way needs no invitation any more; its seat is his."""
    count_alone(ctx)
    waiting = update(Invitation).where(Invitation.mail_norm == mail_norm, Invitation.state == "waiting")
    ctx.session.execute(waiting.values(state="revoked", version=Invitation.version + 1, updated_at=ctx.now))
