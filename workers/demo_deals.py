"""What belongs to deals of the demo: products, a colleague, somebody else who wants them."""

from sqlalchemy import select

from core.base.context import Context
from core.deals import competitors, lines, team
from core.deals.models import Deal, DealLine
from core.identity.models import User
from core.products.models import Product

RIVALS = (("Hallenberg Tools", "Cheaper by a tenth, but six weeks to deliver"), ("Workshop Direct", None))


def equip(ctx: Context) -> int:
    """Write it where there are open deals and products with a price, once; says in how many deals."""
    query = select(Deal).where(Deal.state == "open", Deal.deleted_at.is_(None), Deal.owner_id.is_not(None)).order_by(Deal.name_fold).limit(len(RIVALS))
    deals = list(ctx.session.execute(query).scalars())
    products = list(ctx.session.execute(select(Product).where(Product.price.is_not(None), Product.deleted_at.is_(None), Product.state == "active").order_by(Product.name_fold).limit(3)).scalars())
    if not deals or not products or ctx.session.execute(select(DealLine.id).limit(1)).first():
        return 0
    for deal, (name, note) in zip(deals, RIVALS, strict=False):
        rows = [{"product_id": one.id, "quantity": str(2 + place)} for place, one in enumerate(products)]
        lines.save_lines(ctx, deal, [*rows, {"name": "Maintenance", "unit_price": "90", "recurs": "month", "times": 12}])
        competitors.name_in_deal(ctx, deal, named=name, note=note)
        colleague = ctx.session.execute(select(User.id).where(User.state == "active", User.id.notin_({deal.owner_id, ctx.actor.id})).order_by(User.mail_norm).limit(1)).scalar_one_or_none()
        if colleague is not None:
            team.add_member(ctx, deal, user_id=colleague, role="Technical advice", credit="20")
    return len(deals)
