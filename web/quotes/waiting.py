"""What of a draft waits for a yes, as its pages say it while it is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.approvals.models import APPROVED, Approval
from core.base.context import Context
from core.quotes import approving
from core.quotes.models import Quote, QuoteVersion
from web.approvals.saying import money, why
from web.words import say_refusal


@dataclass(frozen=True)
class Standing:
    """over: what goes beyond the reader, as sentences; decisive: what he decides by sending it; who: whom it would wait for; yes: the one to it as
    it stands, where it takes one."""

    over: list[str]
    decisive: list[Any]
    who: list[str]
    yes: Approval | None

    @property
    def asks(self) -> bool:
        return bool(self.over or self.decisive)


def standing_of(ctx: Context, quote: Quote, draft: QuoteVersion) -> Standing:
    """Worked out as sending it would."""
    found = approving.judged(ctx, quote, draft)
    yes = approving.yes_of(ctx, quote, found.asked) if found.asked else None
    who = approving.who_decides(ctx, quote, found.over) if found.over and yes is None else []
    return Standing([_said(ctx, one) for one in found.over], [why(ctx, one) for one in found.own if one not in found.over], who, yes)


def yes_said(ctx: Context, quote: Quote, waits: Standing | None, decisions: Sequence[Approval]) -> Approval | None:
    """Whose yes a draft's page names: the one that sending takes, else one to the draft as it stands. decisions: all about the quote."""
    if waits is not None and waits.asks:
        return waits.yes
    return approving.yes_of(ctx, quote) if any(one.state == APPROVED for one in decisions) else None


def _said(ctx: Context, need: Any) -> str:
    refusal = approving.refusal(ctx, need)
    refusal.params |= {name: money(str(value)) for name, value in refusal.params.items() if name in ("amount", "limit")}
    return say_refusal(refusal, ctx.locale)
