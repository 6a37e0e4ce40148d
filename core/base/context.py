"""The context: who acts, for which tenant, now. It is the only way to data (DECISIONS 2).

Built by the web door, the job door and the terminal; nobody else makes one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.base import hiding
from core.base.days import week_of
from core.base.entitlements import UNLIMITED, Entitlements
from core.base.formats import Formats


@dataclass(frozen=True, slots=True)
class TenantRef:
    """A tenant as its own data sees it: a plain value, no row of the register."""

    id: UUID
    slug: str
    name: str
    schema: str
    locale: str = "en"
    timezone: str = "UTC"
    currency: str = "EUR"
    hue: int = 262
    url: str = ""
    cluster: str = "main"
    # Rooms that are switched off (core.base.rooms).
    rooms_off: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. kind: user, token, system, public. How far he sees and changes is core.base.policy's business:

    visibility, changing: named, own, team, branch or all; scopes: room -> (sees, changes) where that differs; stands_in_for:
    the absent whose own records are his too; colleagues: (session, user, "team" or "branch") -> whose records that means.
    shares: kind of record -> key -> "read" or "write" of what is shared with him by name. hidden, protected: fields ("accounts.phone") that he must not read, or not write (core.base.hiding).
    """

    id: UUID | None
    name: str
    kind: str = "user"
    permissions: frozenset[str] = frozenset()
    visibility: str = "own"
    changing: str = "all"
    scopes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    stands_in_for: frozenset[UUID] = frozenset()
    colleagues: Callable[[Session, UUID, str], frozenset[UUID]] | None = None
    shares: Mapping[str, Mapping[UUID, str]] = field(default_factory=dict)
    mail: str | None = None
    role: str = ""
    hidden: frozenset[str] = frozenset()
    protected: frozenset[str] = frozenset()
    is_owner: bool = False
    reason: str = ""
    # The API token by which he acts, if any: what it asked for later is narrowed by it too (core.base.outbox).
    token_id: UUID | None = None
    # No person, but a program of the workspace (core.identity.programs); makes_for: who owns what it makes.
    is_program: bool = False
    makes_for: UUID | None = None

    @property
    def owner_id(self) -> UUID | None:
        """Who owns what the actor makes, where nothing else is said; none is everybody."""
        return self.makes_for if self.is_program else self.id


@dataclass(frozen=True, slots=True)
class Context:
    """session: open transaction under the tenant's role. now: aware UTC, fixed for the transaction."""

    session: Session
    actor: Actor
    tenant: TenantRef
    now: datetime
    locale: str = "en"
    timezone: str = "UTC"
    entitlements: Entitlements = field(default=UNLIMITED)
    request_id: str = ""
    formats: Formats = Formats()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def today(self):
        """The date where the user is: a day begins at local midnight (FEATURES 2.10)."""
        return self.now.astimezone(self.zone).date()

    @property
    def tenant_today(self):
        """The workspace's own day, for what binds everybody alike: prices, numbers, until when an offer holds."""
        return self.now.astimezone(ZoneInfo(self.tenant.timezone)).date()

    @property
    def week_began(self):
        """The first day of this week, as the user counts weeks."""
        return week_of(self.today, self.formats.week_begins)


def make_context(session: Session, actor: Actor, tenant: TenantRef, now: datetime, **rest) -> Context:
    """Bind a session to an actor and a moment; refuses a naive time."""
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    session.info.update(now=now, actor_id=actor.id)
    hiding.apply(session, actor.hidden, actor.permissions)
    return Context(session=session, actor=actor, tenant=tenant, now=now, **rest)


def as_actor(ctx: Context, actor: Actor) -> Context:
    """The same transaction seen as somebody else: how a job acts for the user who asked for it."""
    ctx.session.info["actor_id"] = actor.id
    hiding.apply(ctx.session, actor.hidden, actor.permissions)
    return replace(ctx, actor=actor)


def system(reason: str) -> Actor:
    """The actor of jobs and the terminal: may do all, and says why."""
    return Actor(id=None, name="system", kind="system", permissions=frozenset({"*"}), visibility="all", reason=reason)
