"""Use cases about invitations, in the order of their life: invite, write, send again, revoke, find, accept.

A link is <tenant's address>/invitation/<key>.<nonce>.<signature>, signed for one tenant. It is made where its letter is
written and kept nowhere. Who holds no link that can be accepted learns nothing: every answer is `invitation_over`.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base import editing
from core.base.context import Context, TenantRef
from core.base.errors import NotFound, Refused, present
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require
from core.identity import actions, confirmed_mail, queries, seats
from core.identity.models import Invitation, Role, Team, TeamMember, User
from core.identity.roles import check_grant
from core.identity.rules import check_new_password, full_name, normal_mail
from infra import crypto
from infra.config import settings

VALID = confirmed_mail.INVITED_FOR
TOKEN = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([1-9][0-9]{0,8})\.([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Invited:
    """A waiting invitation as a list shows it: with the names of role, team and of whoever invites."""

    invitation: Invitation
    role: str
    team: str
    by: str
    expired: bool


def invite(ctx: Context, *, mail: str, role: str, name: str | None = None, team_id: UUID | None = None) -> Invitation:
    """Ask somebody by mail to work here. Refuses the address of a user (`mail_taken`) or of a waiting invitation
    (`invited_already`), a role beyond one's own (`beyond_yours`), a full plan; a team takes teams.manage."""
    require(ctx, "users.manage")
    mail, mail_norm = normal_mail(mail)
    name = full_name(name, "name") if name and name.strip() else None
    chosen = ctx.session.execute(select(Role).where(Role.code == role)).scalar_one_or_none()
    if chosen is None:
        raise Refused("unknown_value", field="role")
    check_grant(ctx, chosen)
    _check_team(ctx, team_id)
    seats.count_alone(ctx)
    if queries.user_by_mail(ctx.session, mail_norm):
        raise Refused("mail_taken", field="mail")
    if ctx.session.execute(select(Invitation.id).where(Invitation.mail_norm == mail_norm, Invitation.state == "waiting")).first():
        raise Refused("invited_already", field="mail")
    seats.hold_seat(ctx, chosen)
    invitation = Invitation(
        mail=mail, mail_norm=mail_norm, name=name, role_id=chosen.id, team_id=team_id, expires_at=ctx.now + VALID, nonce=1, invited_by=ctx.actor.id,
    )
    ctx.session.add(invitation)
    record(ctx, "user.invited", invitation, name=name or mail, role=chosen.name)
    confirmed_mail.write_or_wait(ctx, invitation)
    return invitation


def letter_of(ctx: Context, invitation_id: UUID) -> dict[str, Any] | None:
    """What the letter says now, as arguments for the post room; None where there is nothing to write any more."""
    invitation = ctx.session.get(Invitation, invitation_id)
    if invitation is None or not _can_be_accepted(ctx, invitation):
        return None
    params = {"name": invitation.name or "", "inviter": inviter(ctx, invitation), "workspace": ctx.tenant.name, "until": invitation.expires_at, "link": link_of(ctx.tenant, invitation)}
    return {"to": invitation.mail, "to_name": invitation.name or "", "params": params, "about": invitation, "dedupe": f"invitation:{invitation.id}:{invitation.nonce}"}


def resend(ctx: Context, invitation: Invitation) -> Invitation:
    """A new letter with a new link and seven days; the links before it die. Whoever sends it answers for the role."""
    require(ctx, "users.manage", invitation)
    seats.count_alone(ctx)  # before the row, as whoever accepts does: none waits for another in a circle
    _hold_waiting(ctx, invitation)
    if queries.user_by_mail(ctx.session, invitation.mail_norm):
        raise Refused("mail_taken")
    if invitation.role_id is not None:
        check_grant(ctx, ctx.session.get_one(Role, invitation.role_id))
    if invitation.expires_at <= ctx.now:
        seats.hold_seat(ctx, ctx.session.get(Role, invitation.role_id) if invitation.role_id else None)
    invitation.nonce, invitation.expires_at, invitation.invited_by = invitation.nonce + 1, ctx.now + VALID, ctx.actor.id
    record(ctx, "user.invited_again", invitation, name=invitation.name or invitation.mail)
    confirmed_mail.write_or_wait(ctx, invitation)
    return invitation


def revoke(ctx: Context, invitation: Invitation) -> None:
    """The link can't be accepted any more, and its seat is free. Ending is never withheld by a plan."""
    require(ctx, "users.disable", invitation)
    _hold_waiting(ctx, invitation)
    invitation.state = "revoked"
    record(ctx, "user.invitation_revoked", invitation, name=invitation.name or invitation.mail)


def invitations(ctx: Context) -> list[Invited]:
    """The waiting ones, the newest first; expired ones too, until they are sent again or revoked."""
    require(ctx, "users.read")
    query = select(Invitation, Role.name, Team.name, User.name).outerjoin(Role, Role.id == Invitation.role_id).outerjoin(Team, Team.id == Invitation.team_id)
    query = query.outerjoin(User, User.id == Invitation.invited_by).where(Invitation.state == "waiting").order_by(Invitation.created_at.desc(), Invitation.id.desc())
    return [Invited(one, role or "", team or "", by or "", one.expires_at <= ctx.now) for one, role, team, by in ctx.session.execute(query)]


def one_invitation(ctx: Context, invitation_id: UUID) -> Invitation:
    """An invitation by its key; NotFound otherwise."""
    return present(ctx.session.get(Invitation, invitation_id))


def link_of(tenant: TenantRef, invitation: Invitation) -> str:
    """The address that the letter names: a key to the workspace, for the invited alone."""
    return f"{tenant.url}/invitation/{invitation.id}.{invitation.nonce}.{_signature(tenant, invitation.id, invitation.nonce)}"


def find(ctx: Context, token: str) -> Invitation:
    """The invitation behind a link that can be accepted now; `invitation_over` for every other."""
    key = _read(ctx.tenant, token)
    invitation = ctx.session.get(Invitation, key[0]) if key else None
    if invitation is None or invitation.nonce != key[1] or not _can_be_accepted(ctx, invitation):
        raise NotFound("invitation_over")
    return invitation


def inviter(ctx: Context, invitation: Invitation) -> str:
    """The name of whoever invites; the workspace's where he is gone."""
    by = ctx.session.get(User, invitation.invited_by) if invitation.invited_by else None
    return by.name if by else ctx.tenant.name


def accept(ctx: Context, token: str, *, name: str, password: str) -> User:
    """Become a user, once: with the role and in the team that the invitation names. ctx: a stranger's, holding users.join.

    Two at once with one link wait for each other; the second finds the invitation accepted."""
    require(ctx, "users.join")
    invitation = find(ctx, token)
    name = full_name(name, "name")
    password_hash = crypto.hash_password(check_new_password(password))  # before the lock: it takes its time
    seats.count_alone(ctx)
    editing.hold(ctx, invitation)
    find(ctx, token)
    if invitation.role_id is None or queries.user_by_mail(ctx.session, invitation.mail_norm):
        raise NotFound("invitation_over")
    seats.hold_seat(ctx, ctx.session.get_one(Role, invitation.role_id), promised=False)
    user = actions.admit(ctx, mail=invitation.mail, name=name, password_hash=password_hash, role=ctx.session.get_one(Role, invitation.role_id))
    if invitation.team_id is not None:
        ctx.session.add(TeamMember(team_id=invitation.team_id, user_id=user.id))
    invitation.state, invitation.accepted_user_id = "accepted", user.id
    record(ctx, "user.joined", user, about=(invitation.id,), name=user.name)
    defer(ctx, "notifications.joined", dedupe=str(invitation.id), invitation_id=invitation.id)
    return user


def _check_team(ctx: Context, team_id: UUID | None) -> None:
    if team_id is None:
        return
    require(ctx, "teams.manage")
    if ctx.session.get(Team, team_id) is None:
        raise Refused("team_unknown", field="team_id")


def _hold_waiting(ctx: Context, invitation: Invitation) -> None:
    editing.hold(ctx, invitation)
    if invitation.state != "waiting":
        raise Refused("invitation_settled")


def _can_be_accepted(ctx: Context, invitation: Invitation) -> bool:
    return invitation.state == "waiting" and invitation.expires_at > ctx.now


def _signature(tenant: TenantRef, invitation_id: UUID, nonce: int) -> str:
    return crypto.sign(settings().data_key("invitation"), str(tenant.id), str(invitation_id), str(nonce))


def _read(tenant: TenantRef, token: str) -> tuple[UUID, int] | None:
    """(key, nonce) of a link that we have signed for this tenant; None for anything else."""
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    invitation_id, nonce = UUID(match[1]), int(match[2])
    return (invitation_id, nonce) if crypto.same(match[3], _signature(tenant, invitation_id, nonce)) else None
