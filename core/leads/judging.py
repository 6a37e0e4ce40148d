"""What a salesperson says of a lead: begun, accepted, returned with a reason, ruled out, taken up again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, Refused
from core.base.facts import record
from core.base.policy import require
from core.leads import rules
from core.leads.actions import change_owner
from core.leads.clock import stop
from core.leads.models import ENDED, Lead
from core.leads.words import REASON_LABELS
from infra import i18n


def judge(ctx: Context, lead: Lead, state: str, *, reason: str | None = None, note: str | None = None, version: int | None = None) -> Lead:
    """Bring a lead into a state. Whoever works on one that is nobody's takes it; one that is returned lies in the inbox again, with its
    reason. Refuses an end without a reason, and a lead that changed since `version`."""
    require(ctx, "leads.edit", lead)
    hold(ctx, lead)
    if version is not None and version != lead.version:
        raise Conflict("lead_moved")
    if lead.state == "converted":
        raise Refused("lead_converted", field="state")
    why, said = rules.verdict(state, reason, note)
    if state == lead.state and (state not in ENDED or (why, said) == (lead.reason, lead.reason_note)):
        return lead
    before = _stands(lead)
    if state in ENDED:
        lead.reason, lead.reason_note = why, said
    if state in ("working", "accepted") and lead.owner_id is None and ctx.actor.owner_id is not None:
        lead.owner_id = ctx.actor.owner_id
    if state == "returned":
        lead.owner_id = None
    lead.state, lead.state_since, lead.waits_for_hours = state, ctx.now, False
    lead.judged = before | {"stopped": state != "new" and stop(ctx, lead, "judgement")}
    told = {"reason": _why(ctx, lead)} if state in ENDED else {}
    record(ctx, f"lead.{state}", lead, name=lead.name, **told)
    ctx.session.flush()  # the answer shows the new version
    return lead


def put_back(ctx: Context, lead: Lead, *, version: int) -> Lead:
    """Undo of the last judgement: all that it changed is as it was before. Refuses where something happened to the lead since."""
    require(ctx, "leads.edit", lead)
    hold(ctx, lead)
    if version != lead.version or lead.state == "converted" or not lead.judged:
        raise Conflict("lead_moved")
    before = lead.judged
    change_owner(ctx, lead, UUID(before["owner"]) if before["owner"] else None)
    lead.state, lead.state_since = before["state"], datetime.fromisoformat(before["since"])
    lead.reason, lead.reason_note, lead.judged = before["reason"], before["note"], {}
    if before.get("stopped"):
        lead.answer, lead.answered_at, lead.answered_by = before["answer"], None, None
        lead.answer_warn_at = datetime.fromisoformat(before["warn"]) if before.get("warn") else None
    record(ctx, f"lead.{lead.state}", lead, name=lead.name, **({"reason": _why(ctx, lead)} if lead.state in ENDED else {}))
    ctx.session.flush()
    return lead


def _stands(lead: Lead) -> dict[str, Any]:
    """What a judgement changes, as it is now."""
    return {
        "state": lead.state, "since": lead.state_since.isoformat(), "owner": str(lead.owner_id or ""), "reason": lead.reason, "note": lead.reason_note, "answer": lead.answer,
        "warn": lead.answer_warn_at.isoformat() if lead.answer_warn_at else None,
    }


def _why(ctx: Context, lead: Lead) -> str:
    """The reason in words: those that were written, else the chosen one's."""
    return lead.reason_note or (i18n.gettext(ctx.tenant.locale, REASON_LABELS[lead.reason]) if lead.reason else "")
