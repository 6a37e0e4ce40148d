"""What of a draft waits for a yes, as its pages say it while it is written."""

from dataclasses import dataclass
from typing import Any

from core.approvals import queries as requests
from core.approvals.limits import beyond
from core.base.context import Context
from core.quotes import approving
from core.quotes.approvable import APPROVAL, fingerprint
from core.quotes.models import Quote, QuoteVersion
from web.approvals.saying import money, why
from web.words import say_refusal


@dataclass(frozen=True)
class Standing:
    """over: what goes beyond the reader, as sentences; decisive: what he decides by sending it; who: whom it would wait for; approved: there is a
    yes to it as it stands."""

    over: list[str]
    decisive: list[Any]
    who: list[str]
    approved: bool


def standing_of(ctx: Context, quote: Quote, draft: QuoteVersion) -> Standing:
    """Worked out as sending it would."""
    needs = approving.wanted(ctx, quote, draft)
    over = beyond(ctx, APPROVAL, needs)
    decisive = [why(ctx, one) for one in approving.decisive(needs) if one not in over]
    if not over:
        return Standing([], decisive, [], False)
    yes = requests.yes_to(ctx, APPROVAL.name, quote, fingerprint(ctx, quote), over)
    return Standing([_said(ctx, one) for one in over], decisive, [] if yes else approving.who_decides(ctx, quote, over), yes is not None)


def _said(ctx: Context, need: Any) -> str:
    refusal = approving.refusal(ctx, need)
    refusal.params |= {name: money(str(value)) for name, value in refusal.params.items() if name in ("amount", "limit")}
    return say_refusal(refusal, ctx.locale)
