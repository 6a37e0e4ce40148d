"""Price lists for programs: the lists, what their lines say, and what comes off for loyal customers."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.words import N_
from core.parties import queries as parties
from core.products import price_lists
from core.products.price_models import FORMULAS, WHAT, WHOM, PriceBook, PriceListLine, TierDiscount
from core.products.rules import WAYS
from web.api import shell
from web.api.shell import Column
from web.products.api_bodies import Plain

bp = shell.api_blueprint("price_lists_api")
Name = Annotated[str, Field(min_length=1, max_length=100)]
Percent = Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4})?$")]
Quantity = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$")]


class PriceListPatch(shell.Body):
    """whom: everybody, a group (group_name: a tag of accounts) or one customer (account_id). net: no discount of a tier comes off. rounding_step,
    rounding_less: to a multiple of the step, less that, in the list's currency. based_on_id: it has that list's lines too, so many percent less
    (discount) or more (markup). Absent stays as it is, null empties."""

    name: Name | None = None
    whom: Literal[WHOM] | None = None
    account_id: UUID | None = None
    group_name: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    priority: int | None = Field(None, ge=-1000, le=1000)
    net: bool | None = None
    rounding_step: shell.Digits | None = None
    rounding_less: shell.Digits | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    based_on_id: UUID | None = None
    based_way: Literal[FORMULAS] | None = None
    based_percent: Percent | None = None


class PriceListIn(PriceListPatch):
    """A list in one currency (the workspace's own where nothing is said), which stays."""

    name: Name
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None


class PriceListOut(shell.Out):
    """A list of prices in one currency."""

    id: UUID
    version: int
    name: str
    currency: str
    whom: str
    account_id: UUID | None
    group_name: str | None
    priority: int
    net: bool
    rounding_step: Plain | None
    rounding_less: Plain
    starts_on: date | None
    ends_on: date | None
    based_on_id: UUID | None
    based_way: str | None
    based_percent: Plain | None


class PriceLineBody(shell.Body):
    """what: of a product (product_id), a category with all below it (category_id), or everything (all). way: a price, in the list's currency
    (price), or percent off, onto the product's own price, or as a margin over its cost (percent). From a quantity on, on some days."""

    what: Literal[WHAT] | None = None
    product_id: UUID | None = None
    category_id: UUID | None = None
    way: Literal[WAYS] | None = None
    price: shell.Price | None = None
    percent: Percent | None = None
    from_quantity: Quantity | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    def said(self, book: PriceBook, was: str | None = None) -> dict[str, Any]:
        """As the use cases know it: one value, which the way says how to read (was: of the line so far). Refuses a price in another currency, one
        beside a percentage, and another way without a value of its own."""
        given, way = self.given(), self.way or was or "price"
        price, percent = given.pop("price", None), given.pop("percent", None)
        field, value, other = ("price", price and price.amount, percent) if way == "price" else ("percent", percent, price)
        if other is not None:
            raise Refused("price_or_percent", field="percent" if field == "price" else "price")
        if price is not None and price.currency != book.currency:
            raise Refused("currency_of_list", field="price", currency=book.currency)
        if value is None and way != was:
            raise Refused("required", field=field)
        return given | ({} if value is None else {"value": value})


class PriceLineOut(shell.Out):
    """What a list says. price: in the list's currency; percent: of the other ways."""

    id: UUID
    version: int
    price_list_id: UUID
    what: str
    product_id: UUID | None
    category_id: UUID | None
    way: str
    price: shell.Price | None
    percent: Plain | None
    from_quantity: Plain
    starts_on: date | None
    ends_on: date | None

    @classmethod
    def told(cls, line: PriceListLine, book: PriceBook) -> "PriceLineOut":
        """A line of this list."""
        own = {name: getattr(line, name) for name in cls.model_fields if name not in ("price", "percent")}
        is_price = line.way == "price"
        return cls(**own, price=shell.Price(amount=f"{line.value.normalize():f}", currency=book.currency) if is_price else None, percent=None if is_price else line.value)


class TierDiscountIn(shell.Body):
    """So many percent come off for that tier; what was said of it before is replaced."""

    tier: Annotated[str, Field(min_length=1, max_length=40)]
    percent: Percent


class TierPatch(shell.Body):
    percent: Percent | None = None


class TierDiscountOut(shell.Out):
    """What comes off for customers of a loyalty tier."""

    id: UUID
    version: int
    tier: str
    percent: Plain


LISTS = shell.Listing({
    "id": Column(PriceBook.id), "name": Column(PriceBook.name, sort=PriceBook.name), "priority": Column(PriceBook.priority, sort=True),
    **{name: Column(getattr(PriceBook, name)) for name in ("currency", "whom", "account_id", "group_name", "starts_on", "ends_on", "based_on_id")},
}, default="name")
LINES = shell.Listing({
    "id": Column(PriceListLine.id), "from_quantity": Column(PriceListLine.from_quantity, sort=True), **{name: Column(getattr(PriceListLine, name)) for name in ("what", "product_id", "category_id", "way", "starts_on", "ends_on")},
}, default="from_quantity")
TIERS = shell.Listing({"id": Column(TierDiscount.id), "tier": Column(TierDiscount.tier, sort=TierDiscount.tier), "percent": Column(TierDiscount.percent, sort=True)}, default="tier")


@shell.resource_route(bp, "GET", "/price-lists", "catalogue.manage", listing=LISTS, answer=PriceListOut, summary=N_("List price lists"))
def list_price_lists(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, PriceBook))


@shell.resource_route(bp, "POST", "/price-lists", "catalogue.manage", body=PriceListIn, answer=PriceListOut, status=201, summary=N_("Add a price list"))
def create_price_list(ctx: Context, body):
    return price_lists.add_list(ctx, **_known(ctx, body.given()))


@shell.resource_route(bp, "GET", "/price-lists/<uuid:id>", "catalogue.manage", answer=PriceListOut, summary=N_("Get a price list"))
def get_price_list(ctx: Context, id: UUID):
    return price_lists.one_list(ctx, id)


@shell.resource_route(bp, "PATCH", "/price-lists/<uuid:id>", "catalogue.manage", body=PriceListPatch, answer=PriceListOut, versioned=True, summary=N_("Change a price list"))
def change_price_list(ctx: Context, id: UUID, version: int, body):
    book = price_lists.one_list(ctx, id)
    return price_lists.change_list(ctx, book, version=version, **_known(ctx, body.given()))


@shell.resource_route(bp, "DELETE", "/price-lists/<uuid:id>", "catalogue.manage", status=204, versioned=True, summary=N_("Delete a price list with its lines"))
def delete_price_list(ctx: Context, id: UUID, version: int):
    price_lists.delete_list(ctx, shell.at_version(ctx, price_lists.one_list(ctx, id), version, "catalogue.manage"))


@shell.resource_route(bp, "GET", "/price-lists/<uuid:id>/lines", "catalogue.manage", listing=LINES, answer=PriceLineOut, summary=N_("List the lines of a price list"))
def list_price_lines(ctx: Context, id: UUID, asked):
    book = price_lists.one_list(ctx, id)
    found = asked.page(ctx, price_lists.lines_of(ctx, book))
    return shell.Page([PriceLineOut.told(line, book) for line in found.data], found.next_cursor)


@shell.resource_route(bp, "POST", "/price-lists/<uuid:id>/lines", "catalogue.manage", body=PriceLineBody, answer=PriceLineOut, status=201, summary=N_("Add a line to a price list"))
def create_price_line(ctx: Context, id: UUID, body):
    book = price_lists.one_list(ctx, id)
    made = price_lists.add_line(ctx, book, **body.said(book))
    ctx.session.flush()  # the answer names its key
    return PriceLineOut.told(made, book)


@shell.resource_route(bp, "GET", "/price-list-lines/<uuid:id>", "catalogue.manage", answer=PriceLineOut, summary=N_("Get a line of a price list"))
def get_price_line(ctx: Context, id: UUID):
    line, book = price_lists.one_line(ctx, id)
    return PriceLineOut.told(line, book)


@shell.resource_route(bp, "PATCH", "/price-list-lines/<uuid:id>", "catalogue.manage", body=PriceLineBody, answer=PriceLineOut, versioned=True, summary=N_("Change a line of a price list"))
def change_price_line(ctx: Context, id: UUID, version: int, body):
    line, book = price_lists.one_line(ctx, id)
    return PriceLineOut.told(price_lists.change_line(ctx, line, version=version, **body.said(book, line.way)), book)


@shell.resource_route(bp, "DELETE", "/price-list-lines/<uuid:id>", "catalogue.manage", status=204, versioned=True, summary=N_("Delete a line of a price list"))
def delete_price_line(ctx: Context, id: UUID, version: int):
    shell.at_version(ctx, price_lists.one_line(ctx, id)[0], version, "catalogue.manage")
    price_lists.remove_line(ctx, id)


@shell.resource_route(bp, "GET", "/tier-discounts", "catalogue.manage", listing=TIERS, answer=TierDiscountOut, summary=N_("List what comes off by loyalty tier"))
def list_tier_discounts(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, TierDiscount))


@shell.resource_route(bp, "POST", "/tier-discounts", "catalogue.manage", body=TierDiscountIn, answer=TierDiscountOut, status=201, summary=N_("Say what comes off for a loyalty tier"))
def set_tier_discount(ctx: Context, body):
    return price_lists.set_tier(ctx, **body.given())


@shell.resource_route(bp, "GET", "/tier-discounts/<uuid:id>", "catalogue.manage", answer=TierDiscountOut, summary=N_("Get what comes off for a loyalty tier"))
def get_tier_discount(ctx: Context, id: UUID):
    return price_lists.one_tier(ctx, id)


@shell.resource_route(bp, "PATCH", "/tier-discounts/<uuid:id>", "catalogue.manage", body=TierPatch, answer=TierDiscountOut, versioned=True, summary=N_("Change what comes off for a loyalty tier"))
def change_tier_discount(ctx: Context, id: UUID, version: int, body):
    found = shell.at_version(ctx, price_lists.one_tier(ctx, id), version, "catalogue.manage")
    return found if body.percent is None else price_lists.set_tier(ctx, tier=found.tier, percent=body.percent)


@shell.resource_route(bp, "DELETE", "/tier-discounts/<uuid:id>", "catalogue.manage", status=204, versioned=True, summary=N_("Delete what comes off for a loyalty tier"))
def delete_tier_discount(ctx: Context, id: UUID, version: int):
    shell.at_version(ctx, price_lists.one_tier(ctx, id), version, "catalogue.manage")
    price_lists.remove_tier(ctx, id)


def _known(ctx: Context, given: dict[str, Any]) -> dict[str, Any]:
    """A customer that the actor sees; refuses any other, as the page offers none."""
    if given.get("account_id") is not None:
        policy.require(ctx, "accounts.read")
        try:
            parties.one_account(ctx, given["account_id"])
        except NotFound:
            raise Refused("account_unknown", field="account_id") from None
    return given
