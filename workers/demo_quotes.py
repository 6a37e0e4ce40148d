"""Quotes of the demo: one for each thing that may become of one, over the demo's products."""

from datetime import timedelta

from sqlalchemy import select

from core.approvals import limits
from core.base.context import Context
from core.base.policy import has
from core.identity.roles import one_role
from core.parties.models import Account
from core.products.models import Product
from core.quotes import answering, drafting, lining, sending
from core.quotes.models import Quote

NAMES = ("Workshop for the new hall", "Spare parts for a year", "Lathes, second try", "Tools for apprentices")


# Role -> up to where it decides alone: percent below the list on one line, net amount of a quote.
LIMITS = {"sales": ("10", "20000"), "team_lead": ("15", "50000"), "manager": ("25", "")}


def limit(ctx: Context) -> int:
    """Give roles their limits, where there are none yet; says how many."""
    if not has(ctx, "roles.manage") or limits.all_limits(ctx):
        return 0
    for code, (discount, net) in LIMITS.items():
        limits.set_limits(ctx, one_role(ctx, code), {("quotes.line_discount", ""): discount, ("quotes.net", ctx.tenant.currency): net})
    return len(LIMITS)


def offer(ctx: Context) -> int:
    """Write them where there are products with a price and accounts, once; says how many."""
    products = list(ctx.session.execute(select(Product).where(Product.price.is_not(None), Product.deleted_at.is_(None), Product.state == "active").order_by(Product.name_fold).limit(4)).scalars())
    accounts = list(ctx.session.execute(select(Account).where(Account.deleted_at.is_(None), Account.owner_id.is_not(None)).order_by(Account.name_fold).limit(len(NAMES))).scalars())
    if not products or not accounts or ctx.session.execute(select(Quote.id).limit(1)).first():
        return 0
    for place, name in enumerate(NAMES):
        account = accounts[place % len(accounts)]
        quote = drafting.create_quote(ctx, name=name, account_id=account.id, owner_id=account.owner_id)
        rows = [{"product_id": one.id, "quantity": str(1 + place * 3), "choice": "optional" if at == 3 else ""} for at, one in enumerate(products)]
        lining.save_lines(ctx, quote, [{"kind": "section", "name": "Equipment"}, *rows, {"name": "Delivery", "unit_price": "180"}])
        drafting.edit_draft(ctx, quote, intro="Thank you for your enquiry. We are glad to offer you:", terms="Payable within 30 days.")
        if place:
            version = sending.send_quote(ctx, quote, valid_until=ctx.today + timedelta(days=14 * place))
        if place == 2:
            drafting.revise(ctx, quote)
            sending.send_quote(ctx, quote)
        if place == 3:
            answering.note_accepted(ctx, quote, name=version.customer.get("person") or account.name)
    return len(NAMES)
