"""A quote waits for somebody's yes, with a reason, where a price conflicts with a colleague's quote which still holds, the account's
credit grade wants a release (PRODUCT.md F7), or it goes further than the limits of who sends it.

Whoever's limits reach decides alone. A conflict or a release takes `quotes.approve` besides: whoever holds it sends such a quote by himself,
and then the decision is written down as his. What is approved is the draft as it stands: new lines need a new yes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select

from core.approvals import actions as approvals
from core.approvals import queries as requests
from core.approvals.able import able, smallest
from core.approvals.kinds import limit_kinds
from core.approvals.limits import beyond, mine, used_in
from core.approvals.models import Approval
from core.approvals.rules import Need, limit_for, reaches
from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, Refused
from core.base.facts import record
from core.base.hiding import unhidden
from core.base.policy import require
from core.credit import queries as credit
from core.credit.words import GRADE_LABELS
from core.parties.queries import account_name
from core.quotes import measuring, offered, queries
from core.quotes.approvable import (
    APPROVAL,
    CONFLICT,
    DISCOUNT,
    LINE_DISCOUNT,
    MARGIN,
    NET,
    RELEASE,
    fact_of,
    fingerprint,
    worth_today,
)
from core.quotes.drafting import about
from core.quotes.models import ITEM, Quote, QuoteLine, QuoteVersion
from core.quotes.rules import coin

LINE = tuple(getattr(QuoteLine, name) for name in ("id", "kind", "choice", "product_id", "name", "quantity", "unit_price", "list_price", "discount", "tax_name", "tax_percent", "tax_category", "amount", "cost"))
# What a refusal is called: to whoever sends, in the second person; a reason (`why.…`) is read by whoever decides.
REFUSALS = {
    CONFLICT: "quote_conflicts", RELEASE: "quote_needs_release", LINE_DISCOUNT: "quote_over_line_discount", DISCOUNT: "quote_over_discount", MARGIN: "quote_under_margin", NET: "quote_over_amount",
}
ONE = Decimal(1)


def against(ctx: Context, quote: Quote, draft: QuoteVersion, lines: Sequence[Any]) -> list[tuple[Any, offered.Offer]]:
    """(line, the colleague's price that it conflicts with) of a draft; one statement."""
    items = [one for one in lines if one.kind == ITEM and one.product_id]
    before = offered.offers(ctx, quote, [one.product_id for one in items], valid=True)
    return [(one, other) for one in items for other in offered.conflicts(quote, one, draft.gross, draft.currency, before.get(one.product_id, ()))]


def wanted(ctx: Context, quote: Quote, draft: QuoteVersion) -> list[Need]:
    """All that a draft needs somebody's right or limit for, whoever asks: what his role hides from him counts as well."""
    with unhidden(ctx.session):
        lines = ctx.session.execute(select(*LINE).where(QuoteLine.version_id == draft.id).order_by(QuoteLine.position, QuoteLine.id)).all()
    needs = [
        Need(CONFLICT, "why.quote_conflict", (), f"{line.product_id}:{other.each}:{other.currency}:{other.owner_id}", {"product": line.name, "who": other.who or "?", "price": f"{other.each} {other.currency}"})
        for line, other in against(ctx, quote, draft, lines)
    ]
    if needs_release(ctx, quote):
        needs.append(Need(RELEASE, "why.quote_release", (("", ONE),)))
    return [*needs, *_measured(ctx, draft, lines)]


def _own_amount(ctx: Context, draft: QuoteVersion, net: Decimal) -> Decimal:
    """In the workspace's own currency at today's rate, which it would be sent at; where today has none, it can't be sent, and is measured at the draft's."""
    own = worth_today(ctx)(net, draft.currency)
    return (net / draft.rate if own is None else own).quantize(coin(ctx.tenant.currency), ROUND_HALF_UP)


def _measured(ctx: Context, draft: QuoteVersion, lines: Sequence[Any]) -> list[Need]:
    """What limits are about: the line and the whole below the list, the margin, the amount; each as far as the customer may bring it by what he chooses."""
    deep = measuring.deepest(lines)
    if deep is None:
        return []
    line, whole, margin = measuring.line_discount(deep), measuring.whole_discount(lines), measuring.least_margin(lines, gross=draft.gross)
    found = [Need(LINE_DISCOUNT, "why.quote_line_discount", (("", line),), "", {"product": deep.name, "percent": _short(line)}), Need(DISCOUNT, "why.quote_discount", (("", whole),), "", {"percent": _short(whole)})]
    if margin is not None:
        found.append(Need(MARGIN, "why.quote_margin", (("", margin),), "", {"percent": _short(margin)}))
    net, own = measuring.largest_net(lines, draft), ctx.tenant.currency
    amounts = ((draft.currency, net),) if draft.currency == own else ((draft.currency, net), (own, _own_amount(ctx, draft, net)))
    return [*found, Need(NET, "why.quote_net", amounts, "", {"amount": f"{net.quantize(coin(draft.currency))} {draft.currency}"})]


def _short(value: Decimal) -> str:
    return f"{value.normalize():f}"


@dataclass(frozen=True)
class Judged:
    """A draft beside what the actor may send. needs: all that it takes a right or a limit for; over: what goes beyond him; own: what takes
    somebody's decision even where his limits reach."""

    needs: list[Need]
    over: list[Need]
    own: list[Need]

    @property
    def asked(self) -> list[Need]:
        """What a yes would have to cover; nothing: it takes none."""
        return self.over or self.own


def judged(ctx: Context, quote: Quote, draft: QuoteVersion) -> Judged:
    """As sending it would find it now."""
    needs, known = wanted(ctx, quote, draft), limit_kinds()
    return Judged(needs, beyond(ctx, APPROVAL, needs), [one for one in needs if one.code not in known or not known[one.code].alone])


def yes_of(ctx: Context, quote: Quote, needs: Sequence[Need] = ()) -> Approval | None:
    """The yes that the draft has as it stands, to all of this; without needs: to whatever was asked. The one place that says so: a draft keeps nobody's name."""
    return requests.yes_to(ctx, APPROVAL.name, quote, fingerprint(ctx, quote), list(needs))


def check(ctx: Context, quote: Quote, draft: QuoteVersion) -> None:
    """Refuse to send what goes beyond the actor and has nobody's yes. What only he has to decide on is his decision, and written down as his.
    From here on the version names whose yes it goes out with."""
    found = judged(ctx, quote, draft)
    yes = yes_of(ctx, quote, found.asked) if found.asked else None
    if found.over and yes is None:
        raise refusal(ctx, found.over[0])
    draft.approved_at, draft.approved_by = (yes.decided_at, yes.decided_by) if yes else (ctx.now, ctx.actor.id) if found.own else (None, None)
    if found.own and yes is None:
        record(ctx, fact_of({one.code for one in found.own}), quote, about=about(quote), name=quote.name, note="")


def refusal(ctx: Context, need: Need) -> Refused:
    """Why the actor may not send it. A margin is told to nobody by this. Whoever sends nothing decides about nothing."""
    said = {name: need.params[name] for name in ("product", "who", "percent", "amount") if name in need.params}
    if need.code == MARGIN:
        return Refused(REFUSALS[MARGIN])
    if need.code in (CONFLICT, RELEASE):
        return Refused(REFUSALS[need.code], **said)
    kind = limit_kinds()[need.code]
    groups = [used_in(group, need.code) for group in mine(ctx)]
    short = next((group for group in groups if not reaches(need, kind, group)), [])
    currency, value = (limit_for(need, kind, short) if short else None) or (need.currencies[0], Decimal(0))
    return Refused(REFUSALS[need.code], **said, limit=f"{value.quantize(coin(currency))} {currency}" if currency else _short(value))


def needs_release(ctx: Context, quote: Quote) -> bool:
    """Does the account's credit grade want somebody's yes to every new quote? What holds is asked, whoever may read the grade."""
    grade = credit.grade_of(ctx, quote.account_id)
    return grade is not None and grade.terms.needs_release


def ask(ctx: Context, quote: Quote, *, note: Any) -> Approval:
    """Ask whoever may approve and reaches least far; why is said. Refuses a draft whose last day is over."""
    require(ctx, "quotes.edit", quote)
    draft, why = _held(ctx, quote), approvals.reason(note)
    if quote.state == "accepted":
        raise Refused("quote_over")
    if draft.valid_until is not None and draft.valid_until < ctx.tenant_today:  # it could not be sent with that yes
        raise Refused("validity_past", field="valid_until")
    found = judged(ctx, quote, draft)
    if not found.asked:
        raise Refused("approval_not_needed")
    return approvals.ask(ctx, APPROVAL, quote, needs=found.asked, facts=facts_of(ctx, quote, draft, found.needs), note=why)


def facts_of(ctx: Context, quote: Quote, draft: QuoteVersion, needs: Sequence[Need]) -> list[dict[str, Any]]:
    """What whoever decides is shown, as it is now: amounts, how far from the list, the margin and the credit facts to those who may know them."""
    by_code = {one.code: one for one in needs}
    money = lambda amount: f"{amount.quantize(coin(draft.currency))} {draft.currency}"  # noqa: E731
    with unhidden(ctx.session):
        customer = account_name(ctx, quote.account_id) or ""
        grade = credit.grade_of(ctx, quote.account_id)
    found: list[dict[str, Any]] = [{"code": "account", "value": customer, "behind": "accounts.read", "field": "accounts.name"}, {"code": "net", "amount": money(draft.net)}, {"code": "total", "amount": money(draft.total)}]
    found += [{"code": name, "percent": by_code[code].params["percent"]} for name, code in (("discount", DISCOUNT), ("line_discount", LINE_DISCOUNT)) if code in by_code]
    if MARGIN in by_code:
        found.append({"code": "margin", "percent": by_code[MARGIN].params["percent"], "behind": "product_costs.read", "field": "products.cost"})
    if grade is not None:
        found.append({"code": "credit", "word": GRADE_LABELS[grade.terms.grade], "behind": "credit.read"})
    return [*found, *([{"code": "valid_until", "day": draft.valid_until.isoformat()}] if draft.valid_until else [])]


def approve(ctx: Context, quote: Quote, *, note: Any = None, version: int | None = None) -> QuoteVersion:
    """Yes: it may be sent as it stands. version: of the draft, as it was read; another one by now is a conflict."""
    return _decide(ctx, quote, version, yes=True, note=note)


def refuse(ctx: Context, quote: Quote, *, note: Any, version: int | None = None) -> QuoteVersion:
    """No, and why. version: as in `approve`."""
    return _decide(ctx, quote, version, yes=False, note=note)


def _decide(ctx: Context, quote: Quote, version: int | None, *, yes: bool, note: Any) -> QuoteVersion:
    require(ctx, "quotes.approve", quote)
    draft = _held(ctx, quote)
    if version is not None and version != draft.version:
        raise Conflict("stale")
    waiting = requests.open_one(ctx, APPROVAL.name, quote)
    if waiting is None:
        raise Refused("approval_not_asked")
    approvals.decide(ctx, waiting.id, yes=yes, note=note)
    return draft


def who_decides(ctx: Context, quote: Quote, over: Sequence[Need]) -> list[str]:
    """Names of those who would be asked about it."""
    return [one.user.name for one in smallest(able(ctx, APPROVAL, quote, over, asker=ctx.actor.id))]


def _held(ctx: Context, quote: Quote) -> QuoteVersion:
    hold(ctx, quote)  # the quote before its versions, everywhere
    draft = queries.draft_of(ctx, quote)
    hold(ctx, draft)
    if draft.state != "draft":
        raise Refused("quote_not_draft")
    return draft
