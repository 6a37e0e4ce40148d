"""How accounts stand, for programs: credit grades with what follows from them, loyalty tiers."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.standing import LONGEST
from core.base.words import N_
from core.credit import actions as credit
from core.credit import queries as grades
from core.credit.models import GRADES, CreditStanding
from core.loyalty import actions as loyalty
from core.loyalty import queries as tiers
from core.loyalty.models import LoyaltyStanding
from core.parties import queries as parties
from core.parties.models import Account
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("standing_api")

Grade = Annotated[str, Field(json_schema_extra={"enum": list(GRADES)})]
Reason = Annotated[str, Field(max_length=LONGEST)]


class GradeIn(shell.Body):
    """A credit grade set by hand: it holds until its day, whatever is computed. limit: most that the account may owe."""

    account_id: UUID
    grade: Grade
    reason: Reason
    until_on: date
    limit: shell.Price | None = None


class TierIn(shell.Body):
    """A loyalty tier set by hand. tier: its name."""

    account_id: UUID
    tier: shell.Line
    reason: Reason
    until_on: date


class RuleIn(shell.Body):
    """What follows from a grade. discount: percent."""

    grade: Grade
    discount: Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)] = Decimal(0)
    payment_days: Annotated[int, Field(ge=0, le=365)] = 0
    prepaid: bool = False
    needs_release: bool = False


class RuleOut(shell.Out):
    """What follows from a grade. discount: percent."""

    grade: str
    discount: str
    payment_days: int
    prepaid: bool
    needs_release: bool

    @classmethod
    def of(cls, record: Any) -> "RuleOut":
        return cls(discount=f"{record.discount.normalize():f}", **{name: getattr(record, name) for name in cls.model_fields if name != "discount"})


class StandingOut(shell.Out):
    """source: hand or computed. ended_at: it was replaced or taken back. What holds today is the hand-set one that is not ended and whose
    day has not passed, else the computed one."""

    id: UUID
    version: int
    account_id: UUID
    source: str
    reason: str | None
    until_on: date | None
    ended_at: shell.Moment | None
    set_by: UUID | None
    created_at: shell.Moment


class GradeOut(StandingOut):
    grade: str
    limit: shell.Price | None

    @classmethod
    def of(cls, record: Any) -> "GradeOut":
        limit = {"amount": record.limit_amount, "currency": record.limit_currency} if record.limit_amount is not None else None
        return cls(limit=limit, **{name: getattr(record, name) for name in cls.model_fields if name != "limit"})


class TierOut(StandingOut):
    """tier_id: of tier discounts."""

    tier_id: UUID


def _columns(model: Any) -> dict[str, Column]:
    return {
        "id": Column(model.id), "account_id": Column(model.account_id), "source": Column(model.source, ops=("eq",), choices=("hand", "computed")), "until_on": Column(model.until_on),
        "ended_at": Column(model.ended_at), "created_at": Column(model.created_at, sort=True),
    }


GRADE_LIST = shell.Listing(_columns(CreditStanding) | {"grade": Column(CreditStanding.grade, ops=("eq", "in"), choices=GRADES)}, default="-created_at")
TIER_LIST = shell.Listing(_columns(LoyaltyStanding) | {"tier_id": Column(LoyaltyStanding.tier_id)}, default="-created_at")


@shell.resource_route(bp, "GET", "/credit-grades", "credit.read", listing=GRADE_LIST, answer=GradeOut, summary=N_("List credit grades of accounts"))
def list_grades(ctx: Context, asked):
    return asked.page(ctx, grades.rows(ctx))


@shell.resource_route(bp, "POST", "/credit-grades", "credit.set", body=GradeIn, answer=GradeOut, status=201, summary=N_("Set the credit grade of an account"))
def set_grade(ctx: Context, body):
    limit = {"limit_amount": body.limit.amount, "limit_currency": body.limit.currency} if body.limit else {}
    return credit.set_grade(ctx, _account(ctx, body.account_id), grade=body.grade, reason=body.reason, until_on=body.until_on, **limit)


@shell.resource_route(bp, "GET", "/credit-grades/<uuid:id>", "credit.read", answer=GradeOut, summary=N_("Get a credit grade"))
def get_grade(ctx: Context, id: UUID):
    return grades.one(ctx, id)


@shell.resource_route(bp, "DELETE", "/credit-grades/<uuid:id>", "credit.set", status=204, versioned=True, summary=N_("Take back a credit grade that was set by hand"))
def end_grade(ctx: Context, id: UUID, version: int):
    _check(grades.one(ctx, id), version)
    credit.take_back(ctx, id)


@shell.resource_route(bp, "GET", "/loyalty-tiers", "loyalty.read", listing=TIER_LIST, answer=TierOut, summary=N_("List loyalty tiers of accounts"))
def list_tiers(ctx: Context, asked):
    return asked.page(ctx, tiers.rows(ctx))


@shell.resource_route(bp, "POST", "/loyalty-tiers", "loyalty.set", body=TierIn, answer=TierOut, status=201, summary=N_("Put an account into a loyalty tier"))
def set_tier(ctx: Context, body):
    given = body.given()
    return loyalty.set_tier(ctx, _account(ctx, given.pop("account_id")), **given)


@shell.resource_route(bp, "GET", "/loyalty-tiers/<uuid:id>", "loyalty.read", answer=TierOut, summary=N_("Get a loyalty tier of an account"))
def get_tier(ctx: Context, id: UUID):
    return tiers.one(ctx, id)


@shell.resource_route(bp, "DELETE", "/loyalty-tiers/<uuid:id>", "loyalty.set", status=204, versioned=True, summary=N_("Take back a loyalty tier that was set by hand"))
def end_tier(ctx: Context, id: UUID, version: int):
    _check(tiers.one(ctx, id), version)
    loyalty.take_back(ctx, id)


@shell.resource_route(bp, "GET", "/credit-rules", "credit.read", answer=RuleOut, paged=True, summary=N_("What follows from each credit grade"))
def list_rules(ctx: Context):
    return shell.Page(list(grades.terms(ctx).values()), None)


@shell.resource_route(bp, "POST", "/credit-rules", "credit_rules.manage", body=RuleIn, answer=RuleOut, summary=N_("Say what follows from a credit grade"))
def change_rule(ctx: Context, body):
    return credit.change_rule(ctx, body.grade, **{name: getattr(body, name) for name in RuleIn.model_fields if name != "grade"})


def _check(row: Any, version: int) -> None:
    if row.version != version:
        raise shell.Stale("version_stale", field="If-Match")


def _account(ctx: Context, key: UUID) -> Account:
    try:
        return parties.one_account(ctx, key)
    except NotFound:
        raise Refused("not_found", field="account_id") from None
