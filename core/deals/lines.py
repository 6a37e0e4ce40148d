"""What a deal would sell, line by line: products at what the catalogue says today, or things in words. While there are lines, they
make the deal's amount."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision
from sqlalchemy import Uuid, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.cleaning import key, line, whole_number
from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, Forbidden, Gathered, Refused
from core.base.facts import record
from core.base.field_rights import check_writes, protected
from core.base.hiding import unhidden
from core.base.policy import has, require, sees
from core.credit import queries as credit
from core.deals.models import Deal, DealLine
from core.deals.part_models import RECURS
from core.loyalty import queries as loyalty
from core.parties.models import Account
from core.products import pricing
from core.products.bundle_queries import told_of
from core.products.fields import discount, quantity, unit_price
from core.products.models import Product
from core.products.pricing import Customer
from core.products.variant_queries import has_variants

MOST, MOST_TIMES, MOST_AMOUNT = 100, 120, Decimal(10) ** 13
ONE, HUNDRED = Decimal(1), Decimal(100)


def recurs(value: Any, field: str) -> str:
    """How often it is paid; nothing said is once."""
    if (value or RECURS[0]) not in RECURS:
        raise Refused("unknown_value", field=field)
    return value or RECURS[0]


FIELDS = {
    "id": key, "product_id": key, "name": line, "quantity": quantity, "unit_price": unit_price, "discount": discount, "recurs": recurs, "times": whole_number(1, MOST_TIMES),
}


def amount(quantity: Decimal, unit_price: Decimal, discount: Decimal, times: int, currency: str) -> Decimal:
    """What a line comes to: each payment rounded to the smallest coin of its currency (half up), then as often as it counts."""
    coin = ONE.scaleb(-min(get_currency_precision(currency), 2))
    return (quantity * unit_price * (HUNDRED - discount) / HUNDRED).quantize(coin, ROUND_HALF_UP) * times


def customer_of(ctx: Context, account_id: UUID | None) -> Customer:
    """An account as the prices know it: itself, its tags as the groups that it is in, its loyalty tier, what follows from its credit grade."""
    with unhidden(ctx.session):  # prices follow groups whoever may read them
        tags = ctx.session.execute(select(Account.tags).where(Account.id == account_id)).scalar_one_or_none() if account_id else None
    return Customer(account_id, tuple(tags or ()), loyalty.tier_of(ctx, account_id), credit.discount_of(ctx, account_id))


def lines_of(ctx: Context, deal: Deal) -> list[DealLine]:
    """The lines of a deal that the actor sees, in their order."""
    return list(ctx.session.execute(select(DealLine).where(DealLine.deal_id == deal.id).order_by(DealLine.position, DealLine.id)).scalars())


def lines_to_write(ctx: Context, deal: Deal) -> list[DealLine]:
    """The same for whoever may write them: they make the amount (`field_protected`)."""
    require(ctx, "deals.edit", deal)
    if "amount" in protected(ctx, "deals"):
        raise Forbidden("field_protected", field="amount")
    return lines_of(ctx, deal)


def save_lines(ctx: Context, deal: Deal, rows: Sequence[Mapping[str, Any]], *, version: int | None = None) -> list[DealLine]:
    """The deal has these lines and no others, in this order, and their sum is its amount. A row with the `id` of a line changes it.

    A product without a price is priced by the catalogue, for this customer, quantity and day, without tax. With the last line the amount stays as it was
    and is written by hand again. All wrong values are refused together, each by its line. version: of the deal as it was read."""
    require(ctx, "deals.edit", deal)
    check_writes(ctx, "deals", ("amount",))
    hold(ctx, deal)
    if version is not None and version != deal.version:
        raise Conflict("stale")
    if len(rows) > MOST:
        raise Refused("too_many_deal_lines", max=MOST)
    given, there = _cleaned(rows), {one.id: one for one in lines_of(ctx, deal)}
    lines = _written(ctx, deal, given, dict(there))
    for gone in there.keys() - {one.id for one in lines}:
        ctx.session.delete(there[gone])
    if lines:
        deal.amount = sum((one.amount for one in lines), Decimal(0))
    deal.updated_at = ctx.now  # its version counts the lines too
    record(ctx, "deal.lines_changed", deal, about=(deal.account_id, deal.contact_id), name=deal.name)
    ctx.session.flush()  # the answer shows the new version
    return lines


def check_free(ctx: Context, deal: Deal, changes: Mapping[str, Any]) -> None:
    """Refuses an amount or currency by hand while there are lines."""
    asked = next((name for name in ("amount", "currency") if name in changes), None)
    if asked and ctx.session.execute(select(func.count()).select_from(DealLine).where(DealLine.deal_id == deal.id)).scalar_one():
        raise Refused("amount_of_lines", field=asked)


def _cleaned(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    wrong, found = Gathered(), []
    for place, row in enumerate(rows):
        good: dict[str, Any] = {}
        for name, value in row.items():
            with wrong.taking():
                if name not in FIELDS:
                    raise Refused("unknown_field", name=name)
                good[name] = _of_line(place, name, value)
        found.append({name: None for name in FIELDS} | {"discount": Decimal(0), "recurs": RECURS[0]} | good)
    wrong.settle()
    return found


def _of_line(place: int, name: str, value: Any) -> Any:
    try:
        return FIELDS[name](value, name)
    except Refused as refusal:
        raise Refused(refusal.code, field=f"lines.{place}.{name}", **refusal.params) from None


def _written(ctx: Context, deal: Deal, given: Sequence[Mapping[str, Any]], left: dict[UUID, DealLine]) -> list[DealLine]:
    chosen = _chosen(ctx, {one["product_id"] for one in given if one["product_id"]})
    products, templates = {key: one for key, (one, _) in chosen.items()}, {key for key, (_, has_some) in chosen.items() if has_some}
    prices = _prices(ctx, deal, [(place, products[one["product_id"]], one["quantity"] or ONE) for place, one in enumerate(given) if one["unit_price"] is None and one["product_id"] in products])
    told = told_of(ctx, products.values())
    wrong, lines = Gathered(), []
    for place, one in enumerate(given):
        line = left.pop(one["id"], None) or DealLine(deal_id=deal.id)  # one that is named twice is one line, and one more
        with wrong.taking():
            if one["product_id"] in templates and line.product_id != one["product_id"]:
                raise Refused("product_has_variants", field=f"lines.{place}.product_id", name=products[one["product_id"]].name)
            if line.id is None or line.product_id != one["product_id"] or one["unit_price"] is None:
                line.parts = told.get(one["product_id"], [])
            _write(deal, line, place, one, products.get(one["product_id"]), prices.get(place))
        lines.append(line)
    wrong.settle()
    ctx.session.add_all(lines)
    ctx.session.flush()  # the answer names them by key
    return lines


def _write(deal: Deal, line: DealLine, place: int, one: Mapping[str, Any], product: Product | None, priced: Decimal | None) -> None:
    if one["product_id"] and product is None and line.product_id != one["product_id"]:
        raise Refused("product_unknown", field=f"lines.{place}.product_id")
    price, name = one["unit_price"] if one["unit_price"] is not None else priced, one["name"] or (product.name if product is not None else line.name)
    if price is None or not name:
        raise Refused("line_needs", field=f"lines.{place}.{'unit_price' if name else 'name'}", line=place + 1)
    line.position, line.product_id, line.name, line.quantity, line.unit_price, line.discount = place, one["product_id"], name, one["quantity"] or ONE, price, one["discount"]
    line.recurs, line.times = one["recurs"], (one["times"] or 1) if one["recurs"] != RECURS[0] else 1
    line.amount = amount(line.quantity, price, line.discount, line.times, deal.currency)
    if line.amount >= MOST_AMOUNT:
        raise Refused("deal_lines_too_large", field=f"lines.{place}.unit_price", line=place + 1)


def products_of(ctx: Context, keys: set[UUID]) -> dict[UUID, Product]:
    """Those of these products that the actor sees, that are not deleted and are sold as they are, by key."""
    return {key: product for key, (product, has_some) in _chosen(ctx, keys).items() if not has_some}


def _chosen(ctx: Context, keys: set[UUID]) -> dict[UUID, tuple[Product, bool]]:
    """The same with those that are only sold as one of their variants, which is said beside each."""
    if not keys or not has(ctx, "products.read"):
        return {}
    among = Product.id == any_(literal(sorted(keys), ARRAY(Uuid)))
    return {one.id: (one, has_some) for one, has_some in ctx.session.execute(select(Product, has_variants()).where(among, Product.deleted_at.is_(None), sees(ctx, Product)))}


def _prices(ctx: Context, deal: Deal, wanted: Sequence[tuple[int, Product, Decimal]]) -> dict[int, Decimal]:
    """Place -> what one costs today, without the tax that the catalogue's price holds; nothing for a product that has no price."""
    if not wanted:
        return {}
    asked = [(product, many) for _, product, many in wanted]
    prices = pricing.net_prices(ctx, asked, on=ctx.tenant_today, currency=deal.currency, customer=customer_of(ctx, deal.account_id))
    return {place: each for (place, _, _), each in zip(wanted, prices, strict=True) if each is not None}
