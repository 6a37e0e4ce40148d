"""The brief of an account or a person, for programs."""

from datetime import date
from typing import Any
from uuid import UUID

from core.base.context import Context
from core.base.words import N_
from core.briefs import advising, queries
from core.briefs.found import Brief, Log
from web.api import shell
from web.briefs.advising import because
from web.briefs.laying import say_word
from web.terms import saying as terms

bp = shell.api_blueprint("briefs_api")


class WayOut(shell.Out):
    """kind: mail, phone or messenger."""

    kind: str
    value: str


class StandsOut(shell.Out):
    """What follows from the credit grade, and the loyalty tier."""

    grade: str | None
    prepaid: bool
    needs_release: bool
    payment_days: int | None
    until_on: date | None
    tier: str | None


class PersonOut(shell.Out):
    id: UUID
    name: str
    title: str | None
    mail: str | None
    phone: str | None
    channel: str | None
    restricted: bool


class TalkOut(shell.Out):
    """A contact that was made: by whom of us, with whom of them."""

    id: UUID
    kind: str
    at: shell.Moment
    who: str | None
    whom: str | None
    text: str


class PlanOut(shell.Out):
    """A promise or a planned contact. broken: its day went by; done: it was kept since."""

    id: UUID
    kind: str
    on: date
    who: str | None
    what: str
    is_promise: bool
    broken: bool
    done: bool


class KnowsOut(shell.Out):
    """A colleague who was in touch within two years. gone: he works here no more."""

    name: str
    count: int
    last: shell.Moment
    gone: bool


class SaleOut(shell.Out):
    """A deal. why: for what reason it was lost."""

    id: UUID
    name: str
    state: str
    amount: shell.Price | None
    closes_on: date | None
    step: str | None
    step_on: date | None
    why: str | None
    closed_at: shell.Moment | None
    owner: str | None

    @classmethod
    def of(cls, record: Any) -> "SaleOut":
        amount = {"amount": record.amount, "currency": record.currency} if record.amount is not None else None
        return cls(amount=amount, **{name: getattr(record, name) for name in cls.model_fields if name != "amount"})


class BoughtOut(shell.Out):
    """Deals that were won: the newest, how many in all, and what all come to in the workspace's currency (null: nothing, or a rate is not known)."""

    newest: list[SaleOut]
    number: int
    amount: shell.Price | None

    @classmethod
    def of(cls, record: Any) -> "BoughtOut":
        amount = {"amount": record.amount, "currency": record.currency} if record.amount is not None else None
        return cls(newest=[SaleOut.of(one) for one in record.newest], number=record.number, amount=amount)


class OfferedOut(shell.Out):
    """A quote by its version that counts. lines: what it is mostly about; note: what the customer wrote with his answer."""

    id: UUID
    name: str
    number: str | None
    state: str
    total: shell.Price
    valid_until: date | None
    sent_at: shell.Moment | None
    lines: list[str]
    note: str | None
    owner: str | None

    @classmethod
    def of(cls, record: Any) -> "OfferedOut":
        values = {name: getattr(record, name) for name in cls.model_fields if name not in ("total", "lines")}
        return cls(total={"amount": record.total, "currency": record.currency}, lines=list(record.lines), **values)


class AgreedOut(shell.Out):
    """Terms in force: by whom they were agreed, and the words in which they are said."""

    id: UUID
    who: str | None
    at: shell.Moment
    until_on: date
    said: str


class FileOut(shell.Out):
    id: UUID
    name: str
    at: shell.Moment
    by: str | None


class WordOut(shell.Out):
    """One thing to say or do, and why, in the language of the token's user. code: of the rule that says so."""

    code: str
    say: str
    why: str


class BriefOut(shell.Out):
    """null in the place of a list: its room is off, or it is not for this token. contacts_year, contacts_season: made in 365 and 90 days."""

    kind: str
    id: UUID
    name: str
    at: shell.Moment
    owner: str | None
    above: str | None
    stage: str | None
    tags: list[str]
    title: str | None
    restricted: bool
    ways: list[WayOut]
    stands: StandsOut | None
    words: list[WordOut]
    people: list[PersonOut] | None
    plans: list[PlanOut] | None
    talks: list[TalkOut] | None
    contacts_year: int | None
    contacts_season: int | None
    knows: list[KnowsOut] | None
    deals: list[SaleOut] | None
    lost: list[SaleOut] | None
    won: BoughtOut | None
    quotes: list[OfferedOut] | None
    terms: list[AgreedOut]
    files: list[FileOut]


@shell.resource_route(bp, "GET", "/accounts/<uuid:id>/brief", "accounts.read", answer=BriefOut, summary=N_("Get the brief of an account"))
def get_account_brief(ctx: Context, id: UUID):
    return _out(ctx, queries.of_account(ctx, id))


@shell.resource_route(bp, "GET", "/contacts/<uuid:id>/brief", "contacts.read", answer=BriefOut, summary=N_("Get the brief of a contact"))
def get_contact_brief(ctx: Context, id: UUID):
    return _out(ctx, queries.of_contact(ctx, id))


def _out(ctx: Context, found: Brief) -> BriefOut:
    log: Any = found.log
    of_log = dict.fromkeys(("plans", "talks", "knows", "contacts_year", "contacts_season")) if log is None else _of_log(log)
    words = [WordOut(code=one.code, say=say, why=why) for one in found.words for say, why in [say_word(ctx, one)]]
    lists = {"people": PersonOut, "deals": SaleOut, "lost": SaleOut, "quotes": OfferedOut}
    told = {name: None if getattr(found, name) is None else [model.of(one) for one in getattr(found, name)] for name, model in lists.items()}
    plain = {name: getattr(found, name) for name in ("kind", "id", "name", "at", "owner", "above", "stage", "title", "restricted")}
    return BriefOut(
        **plain, **told, **of_log, won=BoughtOut.of(found.won) if found.won else None, tags=list(found.tags), ways=[WayOut(kind=kind, value=value) for kind, value in found.ways], stands=StandsOut.of(found.stands) if found.stands else None, words=words,
        files=[FileOut.of(one) for one in found.files], terms=[AgreedOut(id=one.id, who=one.who, at=one.at, until_on=one.until_on, said=terms.said(ctx, one)) for one in found.terms],
    )


def _of_log(log: Log) -> dict[str, Any]:
    lists = {"plans": PlanOut, "talks": TalkOut, "knows": KnowsOut}
    return {name: [model.of(one) for one in getattr(log, name)] for name, model in lists.items()} | {"contacts_year": log.a_year, "contacts_season": log.a_season}


class AdviceParams(shell.Params):
    """product_id: the product to be priced; without it those that the account was quoted last."""

    product_id: UUID | None = None


class ReasonOut(shell.Out):
    code: str
    text: str


class PricedOut(shell.Out):
    """listed: the list's price for this customer, without tax; low, high: the range, null where nothing is known to go by."""

    product_id: UUID
    name: str
    listed: shell.Price | None
    low: shell.Price | None
    high: shell.Price | None
    because: list[ReasonOut]


class AdviceOut(shell.Out):
    """advice: yes, yes_with (heed the reasons), ask or no. value: what they bought so far, in the workspace's currency."""

    advice: str
    because: list[ReasonOut]
    value: shell.Price | None
    products: list[PricedOut]


@shell.resource_route(bp, "GET", "/accounts/<uuid:id>/advice", "quotes.read", params=AdviceParams, answer=AdviceOut, summary=N_("Ask whether to quote an account, and at which price"))
def get_advice(ctx: Context, id: UUID, params):
    found = advising.for_account(ctx, id, [params.product_id] if params.product_id else [])
    value = {"amount": found.value.amount, "currency": found.value.currency} if found.value else None
    return AdviceOut(advice=found.advice.code, because=[ReasonOut(code=one.code, text=because(ctx, one)) for one in found.advice.because], value=value, products=[_priced(ctx, one) for one in found.products])


def _priced(ctx: Context, one: Any) -> PricedOut:
    money = lambda amount: None if amount is None else {"amount": amount, "currency": one.currency}  # noqa: E731
    found = one.range
    reasons = [ReasonOut(code=word.code, text=because(ctx, word, one.currency)) for word in found.because] if found else []
    return PricedOut(product_id=one.product.id, name=one.product.name, listed=money(one.listed), low=money(found and found.low), high=money(found and found.high), because=reasons)
