"""The sample company's own fields: how often a customer is visited, until when his contract runs."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select

from core.base.context import Context
from core.base.hiding import unhidden
from core.base.policy import has
from core.base.words import N_
from core.custom_fields import actions
from core.custom_fields.models import CustomField
from core.parties.models import Account
from infra import i18n

RHYTHM, CONTRACT = "sample_rhythm", "sample_contract_until"
FIELDS: tuple[dict[str, Any], ...] = (
    {"key": RHYTHM, "kind": "choice", "label": N_("Visited"), "in_list": True, "options": (("weekly", N_("Every week"), "green"), ("monthly", N_("Every month"), "blue"), ("quarterly", N_("Every quarter"), "grey"))},
    {"key": CONTRACT, "kind": "date", "label": N_("Contract until"), "options": (), "shown_when": {"field": f"custom.{RHYTHM}", "op": "filled"}},
)


def values_for(ctx: Context, locale: str, index: int) -> dict[str, Any]:
    """The own values of one sample company; its fields are made where they are missing. Nothing where the actor may not
    define any."""
    if not has(ctx, "fields.configure"):
        return {}
    for given in FIELDS:
        _make(ctx, locale, given)
    rhythm = ("weekly", "monthly", "quarterly")[index % 3]
    return {f"custom.{RHYTHM}": rhythm} | ({f"custom.{CONTRACT}": ctx.today + timedelta(days=90 + 30 * index)} if index % 2 else {})


def _make(ctx: Context, locale: str, given: dict[str, Any]) -> None:
    row = _row(ctx, given["key"])
    if row is not None and row.archived_at is None:
        return
    if row is not None:
        actions.restore_field(ctx, row)
        return
    say = lambda text: i18n.gettext(locale, text)  # noqa: E731
    options = [{"key": key, "label": say(label), "colour": colour} for key, label, colour in given["options"]]
    actions.create_field(ctx, room="accounts", **given | {"label": say(given["label"]), "options": options})


def remove(ctx: Context) -> None:
    """The fields go with the samples, but for one that somebody has filled in on a record of his own."""
    for given in reversed(FIELDS):
        row = _row(ctx, given["key"])
        if row is None or row.archived_at is not None or not has(ctx, "fields.configure"):
            continue
        own = or_(Account.external_id.is_(None), Account.external_id.not_like("sample:%"))
        with unhidden(ctx.session):
            used = ctx.session.execute(select(func.count()).select_from(Account).where(own, Account.deleted_at.is_(None), Account.custom.has_key(row.key))).scalar_one()
        if not used:
            actions.archive_field(ctx, row)


def _row(ctx: Context, key: str) -> CustomField | None:
    return ctx.session.execute(select(CustomField).where(CustomField.room == "accounts", CustomField.key == key)).scalar_one_or_none()
