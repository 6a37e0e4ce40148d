"""What accounts and contacts may be linked to, and the number that only one of them has."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select

from core.base.context import Context
from core.base.editing import hold_place
from core.base.errors import Gathered, Refused
from core.base.policy import sees
from core.parties.models import Account, Contact
from core.parties.origins import check_days


def check_person(ctx: Context, contact: Contact | None, values: Mapping[str, Any], wrong: Gathered) -> None:
    """What only contacts have: their account, who recommended them, and since when something is known."""
    with wrong.taking():
        check_days(ctx, values)
    with wrong.taking():
        check_account(ctx, values.get("account_id"))
    with wrong.taking():
        check_referrer(ctx, contact, values.get("referred_by_id"))


def check_account(ctx: Context, account_id: UUID | None) -> None:
    if account_id is not None and not sees_account(ctx, account_id):
        raise Refused("account_unknown", field="account_id")


def check_referrer(ctx: Context, contact: Contact | None, referrer_id: UUID | None) -> None:
    """Refuses a referrer who is not seen, and the person himself."""
    if referrer_id is None:
        return
    if contact is not None and referrer_id == contact.id:
        raise Refused("referred_by_self", field="referred_by_id")
    there = select(literal(1)).select_from(Contact).where(Contact.id == referrer_id, Contact.deleted_at.is_(None), sees(ctx, Contact))
    if ctx.session.execute(there).first() is None:
        raise Refused("contact_unknown", field="referred_by_id")


def sees_account(ctx: Context, account_id: UUID) -> bool:
    query = select(literal(1)).select_from(Account).where(Account.id == account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    return ctx.session.execute(query).first() is not None


def check_parent(ctx: Context, account: Account | None, parent_id: UUID | None) -> None:
    """Refuses a parent that is not seen and one that stands below the account."""
    if parent_id is None:
        return
    if not sees_account(ctx, parent_id):
        raise Refused("account_unknown", field="parent_id")
    if account is None:
        return
    above = select(Account.id, Account.parent_id).where(Account.id == parent_id).cte("above", recursive=True)
    above = above.union(select(Account.id, Account.parent_id).where(Account.id == above.c.parent_id))
    if ctx.session.execute(select(func.count()).select_from(above).where(above.c.id == account.id)).scalar_one():
        raise Refused("parent_cycle", field="parent_id")


def check_number(ctx: Context, model: type[Account] | type[Contact], values: Mapping[str, Any]) -> None:
    """Refuses a number elsewhere that another record has, one in the recycle bin too. Two who bring the same new one
    at once wait for one another."""
    number = values.get("external_id")
    if number is None:
        return
    hold_place(ctx, f"{model.__tablename__}.external_id.{number}")
    if ctx.session.execute(select(literal(1)).select_from(model).where(model.external_id == number)).first():
        raise Refused("external_id_taken", field="external_id")
