"""Who uses the workspace, and how much: by person for whoever manages people, by role for whoever sees them (V25).

Five statements, however many people there are. What was written is read from the audit, days also from sessions, which are kept
for 30 days after their end.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Row, func, select, union
from sqlalchemy.sql.selectable import CTE

from core.activities.models import Activity
from core.adoption.rules import DAYS, RoleUse, Use, role_use
from core.audit.models import AuditEntry
from core.base.context import Context
from core.base.policy import has, require, sees
from core.base.rooms import tables_off
from core.identity.models import Role, SignIn, User
from core.parties.models import Contact

# What people make and change at their work; how the workspace is arranged is none of it.
RECORDS = (
    "account", "contact", "contact_point", "postal_address", "affiliation", "activity", "comment", "attachment", "mailing", "personal_fact", "lawful_basis",
)


def people(ctx: Context) -> list[Use]:
    """Everybody who can sign in, the most active first. Refuses who manages nobody."""
    require(ctx, "users.manage")
    return sorted(_uses(ctx), key=lambda one: (-one.score, one.name.lower(), one.user_id))


def roles(ctx: Context) -> list[RoleUse]:
    """The means of each role that somebody has, by name. For who does not manage people none of a role that so few have that
    the mean would be a person."""
    require(ctx, "users.read")
    uses: dict[UUID, list[Use]] = {}
    for one in _uses(ctx):
        uses.setdefault(one.role_id, []).append(one)
    names = dict(ctx.session.execute(select(Role.id, Role.name)).all())
    whole = has(ctx, "users.manage")
    return sorted((role_use(key, names[key], found, whole=whole) for key, found in uses.items()), key=lambda one: (one.name.lower(), one.role_id))


def _uses(ctx: Context) -> list[Use]:
    users = ctx.session.execute(select(User.id, User.name, User.role_id).where(User.state == "active")).all()
    written, days, planned = _written(ctx), _days(ctx), _planned(ctx)
    return [_use(user, written.get(user.id), days.get(user.id), planned.get(user.id)) for user in users]


def _use(user: Row, written: Row | None, days: Row | None, planned: Row | None) -> Use:
    return Use(
        user.id, user.name, user.role_id, days.days if days else 0, written.created if written else 0, written.updated if written else 0,
        planned.contacts if planned else 0, planned.planned if planned else 0, days.signed_in if days else None,
    )


def _written(ctx: Context) -> Mapping[UUID, Row]:
    """Records that each made and changed; one changed often is one, one made and changed is made."""
    made = func.count(AuditEntry.row_id.distinct()).filter(AuditEntry.action == "insert")
    touched = func.count(AuditEntry.row_id.distinct()).filter(AuditEntry.action.in_(("insert", "update")))
    query = select(AuditEntry.actor_id, made.label("created"), (touched - made).label("updated")).where(*_work(ctx, _first_day(ctx))).group_by(AuditEntry.actor_id)
    return {row.actor_id: row for row in ctx.session.execute(query)}


def _days(ctx: Context) -> Mapping[UUID, Row]:
    """On how many days each wrote something, signed in or was last seen, in the workspace's time zone; and when he signed in last."""
    days = days_seen(ctx, _first_day(ctx))
    counted = select(days.c.user_id, func.count().label("days")).group_by(days.c.user_id).subquery()
    signed_in = select(SignIn.user_id, func.max(SignIn.created_at).label("at")).group_by(SignIn.user_id).subquery()
    query = select(User.id, func.coalesce(counted.c.days, 0).label("days"), signed_in.c.at.label("signed_in"))
    query = query.join(counted, counted.c.user_id == User.id, isouter=True).join(signed_in, signed_in.c.user_id == User.id, isouter=True)
    return {row.id: row for row in ctx.session.execute(query)}


def today(ctx: Context) -> date:
    """The date where the workspace is: its days are compared, whoever looks."""
    return ctx.now.astimezone(ZoneInfo(ctx.tenant.timezone)).date()


def days_seen(ctx: Context, first: date) -> CTE:
    """(user_id, day) of each day from `first` on, on which somebody wrote something, signed in or was last seen."""

    def day(moment: ColumnElement) -> ColumnElement:
        return func.timezone(ctx.tenant.timezone, moment).cast(Date)

    wrote = select(AuditEntry.actor_id.label("user_id"), day(AuditEntry.at).label("day")).where(*_work(ctx, first))
    came = (select(SignIn.user_id, day(moment)).where(moment >= _begins(ctx, first)) for moment in (SignIn.created_at, SignIn.seen_at))
    return union(wrote, *came).cte("days")


def _first_day(ctx: Context) -> date:
    """Of the last 28, today with them."""
    return today(ctx) - timedelta(days=DAYS - 1)


def _begins(ctx: Context, day: date) -> datetime:
    """Midnight where the workspace is."""
    return datetime.combine(day, time.min, ZoneInfo(ctx.tenant.timezone))


def _work(ctx: Context, first: date) -> tuple[ColumnElement[bool], ...]:
    away = tables_off(ctx)
    names = [name for name in RECORDS if name not in away]
    return AuditEntry.at >= _begins(ctx, first), AuditEntry.actor_id.is_not(None), AuditEntry.table_name.in_(names)


def _planned(ctx: Context) -> Mapping[UUID, Row]:
    """Contacts of each that the actor sees, and for how many of them a next step is planned and not done."""
    waiting = Activity.next_contact_on.is_not(None), Activity.done_at.is_(None), Activity.deleted_at.is_(None), Activity.contact_id.is_not(None)
    steps = select(Activity.contact_id).where(*waiting).distinct().subquery("steps")
    query = select(Contact.owner_id, func.count().label("contacts"), func.count(steps.c.contact_id).label("planned"))
    query = query.join(steps, steps.c.contact_id == Contact.id, isouter=True).where(sees(ctx, Contact), Contact.deleted_at.is_(None), Contact.owner_id.is_not(None))
    return {row.owner_id: row for row in ctx.session.execute(query.group_by(Contact.owner_id))}
