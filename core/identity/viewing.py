"""Looking through a colleague's eyes: what he sees, without the right to change anything; written down as a fact.

The session says through whose eyes it looks; the door makes that person's context of it, for reading only.
"""

from dataclasses import replace

from sqlalchemy.orm import Session

from core.base.context import Actor, Context
from core.base.errors import Forbidden, Refused
from core.base.facts import record
from core.base.policy import holds, require
from core.identity import queries
from core.identity.models import SignIn, User
from core.identity.roles import check_rights, further_roles, one_role

# Why an actor acts who is somebody else looking through his eyes: what is his alone is not shown then.
VIEWING = "viewing"


def begin_viewing(ctx: Context, sign_in: SignIn, user: User) -> None:
    """From the next page on this session shows what `user` sees. Refuses oneself, who can't sign in, and whoever may or
    sees more than the one who looks (`beyond_yours`)."""
    require(ctx, "users.view_as", user)
    if user.id == ctx.actor.id or user.state != "active":
        raise Refused("user_unknown")
    for role in (one_role(ctx, user.role.code), *further_roles(ctx, user)):
        check_rights(ctx, role)
    sign_in.viewing_id = user.id
    record(ctx, "user.viewed_as", user, about=(ctx.actor.id,), name=user.name)


def end_viewing(sign_in: SignIn) -> None:
    """Back to one's own eyes."""
    sign_in.viewing_id = None


def eyes_of(session: Session, sign_in: SignIn, own: Actor, now) -> tuple[User, Actor] | None:
    """Through whose eyes the session looks now, with what he sees; None for one's own: also where the right to look or
    the colleague's access has ended meanwhile."""
    if sign_in.viewing_id is None or not holds(own, "users.view_as"):
        return None
    found = queries.load_actor(session, sign_in.viewing_id, now)
    return (found[0], replace(found[1], reason=VIEWING)) if found else None


def refuse_change() -> None:
    """Whoever looks through another's eyes changes nothing."""
    raise Forbidden("viewing_only")
