"""Use cases about quotes before and between their sendings: begin, edit, hand over, begin a new version, delete, bring back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select

from core.approvals.actions import void
from core.base import editing
from core.base.context import Context
from core.base.editing import cleaned, cleaned_as_was
from core.base.errors import Conflict, Gathered, Refused
from core.base.facts import record
from core.base.field_rights import check_writes
from core.base.hiding import unhidden
from core.base.policy import has, reach_of, require, sees
from core.custom_fields import values as own
from core.deals.models import Deal
from core.identity.queries import owner_name
from core.notifications.telling import tell_owner
from core.parties.models import Account, Contact
from core.products import rating
from core.quotes import queries
from core.quotes.models import Quote, QuoteLine, QuoteVersion
from core.quotes.rules import FIELDS, VERSION_FIELDS, as_kept, sums
from infra import i18n

COPIED = ("language", "currency", "gross", "relief", "valid_until", "intro", "closing", "terms", "net", "total", "taxes")
SAID = frozenset({"name", "account_id", "contact_id"})  # what the quote itself says to the customer
LINE_COPIED = tuple(column.key for column in QuoteLine.__table__.columns if column.key not in ("id", "version_id", "cost"))


def create_quote(ctx: Context, **given: Any) -> Quote:
    """A new quote with an empty draft. deal_id: its account, contact, currency and name are taken where nothing else is said; why no tax is
    due of the account. A name is needed, or a deal; the account not before it is sent."""
    require(ctx, "quotes.create")
    check_writes(ctx, "quotes", [name for name in given if name != "owner_id" or str(given[name]) != str(ctx.actor.owner_id)])
    wrong = Gathered()
    values = cleaned(FIELDS | own.cleaners(ctx, "quotes"), _from_deal(ctx, {name: value for name, value in given.items() if name not in VERSION_FIELDS}), wrong)
    said = cleaned(VERSION_FIELDS, {name: value for name, value in given.items() if name in VERSION_FIELDS}, wrong)
    with wrong.taking():
        _new_values(ctx, values)
    with wrong.taking():
        _check(ctx, values)
    wrong.settle()
    own.begin(ctx, Quote, values)
    said["currency"] = said.get("currency") or _currency_of(ctx, values)
    rate = _rate(ctx, said["currency"])
    quote = Quote(**values, currency=said["currency"], valid_until=said.get("valid_until"))
    ctx.session.add(quote)
    ctx.session.flush()  # its version names it by key
    own.reserve(ctx, quote, {f"custom.{name}": value for name, value in values.get("custom", {}).items()})
    said["language"] = said.get("language") or _language_of(ctx, quote)
    said.setdefault("relief", _relief_of(ctx, quote.account_id))
    ctx.session.add(QuoteVersion(quote_id=quote.id, number=1, rate=rate, rate_on=ctx.tenant_today, **said))
    record(ctx, "quote.created", quote, about=about(quote), name=quote.name)
    tell_owner(ctx, quote)
    return quote


def edit_quote(ctx: Context, quote: Quote, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> Quote:
    """Change the given fields of the quote itself; two people at once are merged as in `core.parties.actions.edit_account`. Whom it
    is for is not changed once it was sent."""
    require(ctx, "quotes.edit", quote)
    check_writes(ctx, "quotes", given)
    fields = FIELDS | own.cleaners(ctx, "quotes")
    changes = editing.changes(ctx, quote, cleaned(fields, given), version=version, original=cleaned_as_was(fields, original))
    if quote.number is not None and "account_id" in changes:
        raise Refused("quote_was_sent", field="account_id")
    _check(ctx, changes)
    _write(ctx, quote, changes)
    return quote


def edit_draft(ctx: Context, quote: Quote, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> QuoteVersion:
    """Change what the draft says beside its lines."""
    require(ctx, "quotes.edit", quote)
    editing.hold(ctx, quote)  # the quote before its versions, everywhere
    draft = queries.draft_of(ctx, quote)
    changes = editing.changes(ctx, draft, cleaned(VERSION_FIELDS, given), version=version, original=cleaned_as_was(VERSION_FIELDS, original))
    if draft.state != "draft":  # sent meanwhile
        raise Refused("quote_not_draft")
    other = changes.get("currency") and changes["currency"] != draft.currency
    if other or "gross" in changes:
        if ctx.session.execute(select(QuoteLine.id).where(QuoteLine.version_id == draft.id, QuoteLine.kind == "item")).first():
            raise Refused("currency_with_lines" if other else "gross_with_lines", field="currency" if other else "gross")
    if other:
        draft.rate, draft.rate_on = _rate(ctx, changes["currency"]), ctx.tenant_today
    for name, value in changes.items():
        if name != "currency" or value:
            setattr(draft, name, value)
    if changes:
        unapprove(ctx, quote)
        settle(ctx, quote, draft, queries.lines_of(ctx, draft))
        record(ctx, "quote.edited", quote, about=about(quote), fields=sorted(changes), name=quote.name)
    ctx.session.flush()  # the answer shows the new version
    return draft


def change_owner(ctx: Context, quote: Quote, owner_id: UUID | None) -> None:
    """Hand a quote over to somebody else who works here, or (None) to everyone."""
    require(ctx, "quotes.edit", quote)
    if quote.owner_id == owner_id:
        return
    check_writes(ctx, "quotes", ("owner_id",))
    name = owner_name(ctx, owner_id)
    quote.owner_id = owner_id
    _ask_again(ctx, quote)
    record(ctx, "quote.owner_changed", quote, about=about(quote), owner=name or "", name=quote.name)
    tell_owner(ctx, quote)


def revise(ctx: Context, quote: Quote) -> QuoteVersion:
    """Begin the next version with all that the newest says. What was sent holds until the new one is sent in its place."""
    require(ctx, "quotes.edit", quote)
    editing.hold(ctx, quote)
    last = queries.newest(ctx, quote)
    if last.state == "draft":
        raise Refused("quote_has_draft")
    if quote.state == "accepted":
        raise Refused("quote_over")
    made = QuoteVersion(quote_id=quote.id, number=last.number + 1, rate=_rate(ctx, last.currency), rate_on=ctx.tenant_today, **{name: getattr(last, name) for name in COPIED})
    if made.valid_until is not None and made.valid_until < ctx.tenant_today:
        made.valid_until = None
    ctx.session.add(made)
    ctx.session.flush()  # its lines name it by key
    _copy_lines(ctx, last, made)
    record(ctx, "quote.revised", quote, about=about(quote), number=quote.number, version=made.number)
    return made


def delete_quote(ctx: Context, quote: Quote) -> None:
    """Put a quote that was never sent into the recycle bin; one that was keeps its number and is withdrawn instead."""
    require(ctx, "quotes.delete", quote)
    editing.hold(ctx, quote)
    if quote.number is not None:
        raise Conflict("quote_was_sent")
    _ask_again(ctx, quote)
    quote.deleted_at = ctx.now
    record(ctx, "quote.deleted", quote, about=about(quote), name=quote.name)


def restore_quote(ctx: Context, quote: Quote) -> None:
    """Bring a quote back out of the recycle bin."""
    require(ctx, "quotes.delete", quote)
    quote.deleted_at = None
    record(ctx, "quote.restored", quote, about=about(quote), name=quote.name)


def about(quote: Quote) -> tuple[UUID | None, ...]:
    """On whose timelines its facts stand too."""
    return (quote.account_id, quote.contact_id, quote.deal_id)


def settle(ctx: Context, quote: Quote, draft: QuoteVersion, lines: list[QuoteLine]) -> None:
    """Write down what the draft comes to, with its own lines; the quote shows it until another version counts."""
    found = sums(lines, draft.currency, gross=draft.gross, relief=draft.relief)
    draft.net, draft.total, draft.taxes = found.net, found.gross, as_kept(found)
    if quote.state == "draft":
        quote.currency, quote.net, quote.total, quote.valid_until = draft.currency, draft.net, draft.total, draft.valid_until


def unapprove(ctx: Context, quote: Quote) -> None:
    """Other words need another yes, as other prices do; what waits for one is void."""
    from core.quotes.approvable import APPROVAL  # what is asked about knows of its drafts

    void(ctx, APPROVAL, quote)


def _ask_again(ctx: Context, quote: Quote) -> None:
    """Another customer, another title, or another who answers for it: what was approved was not this."""
    editing.hold(ctx, quote)  # whoever decides holds it too
    unapprove(ctx, quote)


def _copy_lines(ctx: Context, last: QuoteVersion, made: QuoteVersion) -> None:
    """By the database alone: what a line cost is copied also by whoever must not know it."""
    table = QuoteLine.__table__
    with unhidden(ctx.session):
        names = (*LINE_COPIED, "cost")
        ctx.session.execute(table.insert().from_select(("version_id", *names), select(literal(made.id), *(table.c[name] for name in names)).where(table.c.version_id == last.id)))


def _from_deal(ctx: Context, given: dict[str, Any]) -> dict[str, Any]:
    """With what the deal says, where nothing else is said."""
    deal_id = FIELDS["deal_id"](given.get("deal_id"), "deal_id")
    if deal_id is None:
        return given
    deal = _deal(ctx, deal_id)
    taken = {"name": deal.name, "account_id": deal.account_id, "contact_id": deal.contact_id}
    return given | {name: value for name, value in taken.items() if value and not given.get(name)}


def _deal(ctx: Context, deal_id: UUID) -> Deal:
    found = ctx.session.execute(select(Deal).where(Deal.id == deal_id, Deal.deleted_at.is_(None), sees(ctx, Deal))).scalar_one_or_none() if has(ctx, "deals.read") else None
    if found is None:
        raise Refused("deal_unknown", field="deal_id")
    return found


def _currency_of(ctx: Context, values: Mapping[str, Any]) -> str:
    """The deal's, the account's, the workspace's: the first in which it deals."""
    wanted = [_deal(ctx, values["deal_id"]).currency] if values.get("deal_id") else []
    if values.get("account_id"):
        with unhidden(ctx.session):  # in which currency one deals is told by the quote itself
            wanted.append(ctx.session.execute(select(Account.currency).where(Account.id == values["account_id"])).scalar_one_or_none())
    known = rating.currencies(ctx)
    return next((one for one in wanted if one in known), ctx.tenant.currency)


def _relief_of(ctx: Context, account_id: UUID | None) -> str | None:
    """Why no tax is due from the account, whoever makes the quote: it is told by the quote itself, and a wrong tax would be too."""
    with unhidden(ctx.session):
        return ctx.session.execute(select(Account.tax_relief).where(Account.id == account_id)).scalar_one_or_none() if account_id else None


def _follow(ctx: Context, quote: Quote, was: UUID | None) -> None:
    """Another customer pays his own taxes: what the draft had from the one before gives way, what was chosen on it stays."""
    draft = queries.newest(ctx, quote)
    relief = _relief_of(ctx, quote.account_id)
    if draft.relief == _relief_of(ctx, was) and draft.relief != relief:
        draft.relief = relief
        settle(ctx, quote, draft, queries.lines_of(ctx, draft))


def _language_of(ctx: Context, quote: Quote) -> str:
    """The contact's, where it is one of ours; else the workspace's."""
    found = ctx.session.execute(select(Contact.language).where(Contact.id == quote.contact_id)).scalar_one_or_none() if quote.contact_id else None
    return i18n.language(found or ctx.tenant.locale)


def _rate(ctx: Context, currency: str) -> Any:
    """What one unit of the workspace's own currency is worth today; refuses a currency in which it does not deal."""
    if currency != ctx.tenant.currency and currency not in rating.currencies(ctx):
        raise Refused("currency_unknown", field="currency")
    try:
        return rating.rates_on(ctx, ctx.tenant_today).of(currency)
    except Refused as refusal:
        raise Refused(refusal.code, field="currency", **refusal.params) from None


def _new_values(ctx: Context, values: dict[str, Any]) -> None:
    """With its owner settled: somebody whose quotes the maker sees, or all."""
    whose = reach_of(ctx, Quote)
    if not values.get("name"):
        raise Refused("required", field="name")
    if "owner_id" not in values:
        values["owner_id"] = ctx.actor.owner_id
    elif values["owner_id"] is not None and whose is not None and values["owner_id"] not in whose:
        raise Refused("owner_not_you", field="owner_id")
    elif values["owner_id"] != ctx.actor.id:
        owner_name(ctx, values["owner_id"])
    if values.get("contact_id") and not values.get("account_id"):
        at = select(Contact.account_id).join(Account, Account.id == Contact.account_id)
        values["account_id"] = ctx.session.execute(at.where(Contact.id == values["contact_id"], sees(ctx, Contact), sees(ctx, Account), Account.deleted_at.is_(None))).scalar_one_or_none()


def _check(ctx: Context, changes: Mapping[str, Any]) -> None:
    """Refuse what no quote may be linked to."""
    for name, model, code in (("account_id", Account, "account_unknown"), ("contact_id", Contact, "contact_unknown")):
        if changes.get(name) and ctx.session.execute(select(literal(1)).select_from(model).where(model.id == changes[name], model.deleted_at.is_(None), sees(ctx, model))).first() is None:
            raise Refused(code, field=name)
    if changes.get("deal_id"):
        _deal(ctx, changes["deal_id"])


def _write(ctx: Context, quote: Quote, changes: dict[str, Any]) -> None:
    """Write and tell. The owner's change is told as what it is."""
    owner_id = changes.pop("owner_id", quote.owner_id)
    if changes:
        own.check(ctx, quote, changes)
        own.reserve(ctx, quote, changes)
        told, was = about(quote), quote.account_id
        for name, value in own.write(quote, dict(changes)).items():
            setattr(quote, name, value)
        if not SAID.isdisjoint(changes):
            _ask_again(ctx, quote)
        if "account_id" in changes:
            _follow(ctx, quote, was)
        record(ctx, "quote.edited", quote, about=(*about(quote), *told), fields=sorted(changes), name=quote.name)
    change_owner(ctx, quote, owner_id)
    ctx.session.flush()  # the answer shows the new version
