"""Who works on a deal together, and how its success is shared among them. A member who becomes the owner is none while he is: the rest is his."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, NotFound, Refused
from core.base.facts import record
from core.base.policy import require, sees
from core.base.text import clean
from core.deals.models import Deal, DealMember
from core.deals.queries import one_deal
from core.identity.models import RecordShare, User
from core.identity.people import user_names
from core.notifications.telling import notify
from core.products.fields import number
from core.sharing import actions as sharing

MOST, HUNDRED, WRITE = 20, Decimal(100), "write"


def credit(value: Any, field: str) -> Decimal:
    """From 0 to 100 percent, two decimals; nothing typed is none."""
    found = number(value, field, 2)
    if found is not None and not 0 <= found <= HUNDRED:
        raise Refused("not_a_percent", field=field)
    return found or Decimal(0)


def members(ctx: Context, deal: Deal) -> list[tuple[DealMember, str]]:
    """(member, name) of a deal that the actor sees, who has most of it first. Who has become its owner is left out while he is, and
    whom the actor does not know."""
    names = user_names(ctx)
    return [(one, names[one.user_id]) for one in _all(ctx, deal) if one.user_id in names and one.user_id != deal.owner_id]


def one_member(ctx: Context, key: UUID) -> tuple[Deal, DealMember]:
    """A member as `members` tells them, with the deal, which the actor sees; NotFound otherwise."""
    query = select(DealMember).join(Deal, Deal.id == DealMember.deal_id).where(DealMember.id == key, DealMember.user_id.is_distinct_from(Deal.owner_id), Deal.deleted_at.is_(None), sees(ctx, Deal))
    found = ctx.session.execute(query).scalar_one_or_none()
    if found is None or found.user_id not in user_names(ctx):
        raise NotFound()
    return one_deal(ctx, found.deal_id), found


def add_member(ctx: Context, deal: Deal, *, user_id: UUID | None, role: Any = None, credit: Any = None) -> DealMember:
    """Somebody who works here, and whom the actor knows, joins, and sees and changes the deal from then on where the actor may share it. Refuses the
    owner (`member_is_owner`), somebody twice (`member_twice`), and more than a hundred percent together (`credit_over`)."""
    require(ctx, "deals.edit", deal)
    hold(ctx, deal)
    name = user_names(ctx).get(user_id) if user_id else None
    if name is None or ctx.session.execute(select(User.id).where(User.id == user_id, User.state == "active")).first() is None:
        raise Refused("user_unknown", field="user_id")
    if user_id == deal.owner_id:
        raise Refused("member_is_owner", field="user_id", name=name)
    there = _all(ctx, deal)
    if any(one.user_id == user_id for one in there):
        raise Refused("member_twice", field="user_id", name=name)
    if len(there) >= MOST:
        raise Refused("too_many_items", field="user_id", max=MOST)
    row = DealMember(deal_id=deal.id, user_id=user_id)
    _say(ctx, deal, row, role, credit, there)
    _share(ctx, deal, row)
    ctx.session.add(row)
    _told(ctx, "deal.member_added", deal, name)
    _told_share(ctx, deal, name, Decimal(0), row.credit)
    notify(ctx, "assigned", [user_id], deal, say="told.deal_team")
    return row


def change_member(ctx: Context, deal: Deal, row: DealMember, *, role: Any, credit: Any, version: int | None = None) -> DealMember:
    """Another part or share of it. Refuses as above, and who was changed since `version`."""
    require(ctx, "deals.edit", deal)
    hold(ctx, deal)
    hold(ctx, row)
    if version is not None and version != row.version:
        raise Conflict("stale")
    was, name = (row.role, row.credit), _name(ctx, row)
    _say(ctx, deal, row, role, credit, [one for one in _all(ctx, deal) if one.id != row.id])
    if row.role != was[0] or row.credit == was[1]:
        _told(ctx, "deal.member_changed", deal, name)
    _told_share(ctx, deal, name, was[1], row.credit)
    return row


def remove_member(ctx: Context, deal: Deal, row: DealMember) -> None:
    """He works on it no longer, and what was shared with him for it is no longer."""
    require(ctx, "deals.edit", deal)
    hold(ctx, deal)
    name = _name(ctx, row)
    _unshare(ctx, row)
    ctx.session.delete(row)
    _told(ctx, "deal.member_removed", deal, name)
    _told_share(ctx, deal, name, row.credit, Decimal(0))


def left_for_owner(rows: list[Any]) -> Decimal:
    """What of a hundred percent is the owner's."""
    return HUNDRED - sum((one.credit for one in rows), Decimal(0))


def _say(ctx: Context, deal: Deal, row: DealMember, role: Any, share: Any, others: list[DealMember]) -> None:
    said, found = clean(role, field="role", max_length=60), credit(share, "credit")
    left = left_for_owner([one for one in others if one.user_id != deal.owner_id])
    if found > left:
        raise Refused("credit_over", field="credit", left=left.normalize())
    _make_room(ctx, deal, found, others)
    row.role, row.credit = said, found


def _make_room(ctx: Context, deal: Deal, share: Decimal, others: list[DealMember]) -> None:
    """A member who has become the owner has what is left; of the share that waits for him what is given away now is no longer his."""
    over = share - left_for_owner(others)
    for one in (one for one in others if one.user_id == deal.owner_id and over > 0):
        was, one.credit = one.credit, one.credit - over
        _told_share(ctx, deal, _name(ctx, one), was, one.credit)


def _all(ctx: Context, deal: Deal) -> list[DealMember]:
    """Whoever is told of them, or hidden as the owner: all of them have their part of a hundred percent."""
    query = select(DealMember).join(User, User.id == DealMember.user_id).where(DealMember.deal_id == deal.id)
    return list(ctx.session.execute(query.order_by(DealMember.credit.desc(), func.lower(User.name), DealMember.id)).scalars())


def _share(ctx: Context, deal: Deal, row: DealMember) -> None:
    """The deal is his to see and change. A share that lets him do so stays as it is; one that ended, or lets him read only, does so until he leaves."""
    was = ctx.session.execute(select(RecordShare).where(RecordShare.record_kind == "deal", RecordShare.record_id == deal.id, RecordShare.user_id == row.user_id)).scalar_one_or_none()
    if not sharing.can_share(ctx, deal) or (was is not None and was.level == WRITE and (was.until is None or was.until >= ctx.today)):
        return
    if was is not None:
        row.share_was, row.share_was_until = was.level, was.until
    row.share_id = sharing.share(ctx, deal, user_id=row.user_id, level=WRITE, tells=False).id


def _unshare(ctx: Context, row: DealMember) -> None:
    """What was shared with him for the team is no longer; what was before is again, unless somebody has changed it meanwhile."""
    shared = ctx.session.get(RecordShare, row.share_id) if row.share_id else None
    if shared is None:
        return
    if row.share_was is None:
        ctx.session.delete(shared)
    elif (shared.level, shared.until) == (WRITE, None):
        shared.level, shared.until = row.share_was, row.share_was_until


def _name(ctx: Context, row: DealMember) -> str:
    return ctx.session.execute(select(User.name).where(User.id == row.user_id)).scalar_one()


def _told(ctx: Context, kind: str, deal: Deal, name: str, **more: str) -> None:
    deal.updated_at = ctx.now
    ctx.session.flush()  # the answer shows the new versions
    record(ctx, kind, deal, about=(deal.account_id, deal.contact_id), member=name, name=deal.name, **more)


def _told_share(ctx: Context, deal: Deal, name: str, was: Decimal, now: Decimal) -> None:
    """Figures move with it, so the deal's timeline says from what to what."""
    if was != now:
        _told(ctx, "deal.share_changed", deal, name, was=f"{was.normalize():f} %", to=f"{now.normalize():f} %")
