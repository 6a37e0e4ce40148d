"""Bulk edits of leads (core.bulk finds this by its name). They are judged and converted one by one: each end has its reason."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from core.base.batches import Batched, LeftOut
from core.base.context import Context
from core.base.steps import check_step_of_many, steps_unfit
from core.custom_fields import values as own
from core.identity.queries import owner_name
from core.leads.columns import leads_where
from core.leads.models import Lead
from core.leads.rules import FIELDS
from core.leads.scoring import rescore
from core.parties.rules import with_mail_norm


def _check(ctx: Context, values: Mapping[str, Any]) -> None:
    owner_name(ctx, values.get("owner_id"))
    own.check_links(ctx, "leads", values)
    check_step_of_many(values)


def _settle(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    return with_mail_norm(values)


def _left_out(ctx: Context, operation: str, values: Mapping[str, Any]) -> list[LeftOut]:
    return steps_unfit(Lead, values)


def _beside(name: str) -> tuple[str, ...]:
    """Whoever is given to somebody waits for no working hours any more; taken back, he waits again."""
    return ("waits_for_hours",) if name == "owner_id" else ()


def _stamped(ctx: Context, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"waits_for_hours": False} if "owner_id" in values else {}


def _scored(ctx: Context, operation: str, keys: Sequence[UUID]) -> None:
    if operation == "change" and keys:
        rescore(ctx, keys)


BATCHES = (
    Batched("leads", "lead", Lead, FIELDS, leads_where, _check, apart=frozenset({"owner_id", "external_id"}), settle=_settle, beside=_beside, stamped=_stamped, followed=_scored, left_out=_left_out),
)
