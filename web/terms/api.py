"""Agreed terms for programs: list, agree, take back. Nothing of them is ever changed."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.words import N_
from core.parties import queries as parties
from core.terms import actions, queries
from core.terms.models import LONGEST, AgreedTerms
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("terms_api")
Words = Annotated[str, Field(max_length=LONGEST)]


class TermsIn(shell.Body):
    """Agreed in the name of the token's user. discount: percent; price: of one piece of product_id, before tax; at least one of the four must be given."""

    account_id: UUID
    until_on: date
    payment_days: Annotated[int, Field(ge=0, le=365)] | None = None
    discount: Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)] | None = None
    product_id: UUID | None = None
    price: shell.Price | None = None
    words: Words | None = None


class BackIn(shell.Body):
    """reason: it must be given."""

    reason: Words | None = None


class TermsOut(shell.Out):
    """facts: what was shown of the account's credit to whoever agreed, as much of it as one may know. withdrawn_at, withdrawn_by, reason: when they were taken back, by whom and why."""

    id: UUID
    account_id: UUID | None
    agreed_by: UUID
    created_at: shell.Moment
    until_on: date | None
    payment_days: int | None
    discount: str | None
    product_id: UUID | None
    price: shell.Price | None
    words: str | None
    facts: dict[str, Any]
    withdrawn_at: shell.Moment | None
    withdrawn_by: UUID | None
    reason: str | None

    @classmethod
    def of(cls, ctx: Context, record: Any) -> "TermsOut":
        values = {name: getattr(record, name) for name in cls.model_fields if name not in ("discount", "price", "facts", "withdrawn_at", "withdrawn_by", "reason")}
        back = record.back
        price = {"amount": record.price, "currency": record.currency} if record.price is not None else None
        return cls(facts=queries.known_facts(ctx, record.facts), discount=f"{record.discount.normalize():f}" if record.discount is not None else None, price=price, **values, withdrawn_at=back and back.created_at, withdrawn_by=back and back.withdrawn_by, reason=back and back.reason)


LIST = shell.Listing(
    {
        "id": Column(AgreedTerms.id), "account_id": Column(AgreedTerms.account_id), "agreed_by": Column(AgreedTerms.agreed_by), "product_id": Column(AgreedTerms.product_id), "until_on": Column(AgreedTerms.until_on),
        "created_at": Column(AgreedTerms.created_at, sort=True),
    }, default="-created_at",
)


@shell.resource_route(bp, "GET", "/agreed-terms", "terms.read", listing=LIST, answer=TermsOut, summary=N_("List agreed terms"))
def list_terms(ctx: Context, asked):
    found = asked.page(ctx, queries.rows(ctx))
    return shell.Page([TermsOut.of(ctx, one) for one in found.data], found.next_cursor)


@shell.resource_route(bp, "POST", "/agreed-terms", "terms.agree", body=TermsIn, answer=TermsOut, status=201, summary=N_("Agree on terms with an account"))
def agree(ctx: Context, body):
    given = body.given()
    key, price = given.pop("account_id"), given.pop("price", None)
    try:
        account = parties.one_account(ctx, key)
    except NotFound:
        raise Refused("account_unknown", field="account_id") from None
    made = actions.agree(ctx, account, **given, **({"price": price.amount, "currency": price.currency} if price else {}))
    return TermsOut.of(ctx, made)


@shell.resource_route(bp, "GET", "/agreed-terms/<uuid:id>", "terms.read", answer=TermsOut, summary=N_("Get agreed terms"))
def get_terms(ctx: Context, id: UUID):
    return TermsOut.of(ctx, queries.one(ctx, id))


@shell.resource_route(bp, "POST", "/agreed-terms/<uuid:id>/withdrawal", "terms.agree", body=BackIn, answer=TermsOut, summary=N_("Take agreed terms back"))
def withdraw(ctx: Context, id: UUID, body):
    return TermsOut.of(ctx, actions.withdraw(ctx, id, body.reason))
