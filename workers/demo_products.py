"""What the demo tenant sells: a small catalogue with units, categories, taxes, and a second currency."""

from sqlalchemy import select

from core.base.context import Context
from core.identity import queries
from core.products import arranging, bundles, price_lists, rating, relations, variants
from core.products.actions import create_product, edit_product
from core.products.lookup_models import Category
from core.products.models import Product
from core.skills.actions import set_skills
from core.skills.models import UserSkill

# Category -> (code, name, unit, price, cost, what it is)
CATALOGUE = {
    "Machines": (
        ("GT-100", "Bench drill GT 100", "piece", "890", "540", "Bench drill for workshops, 16 mm in steel."),
        ("GT-200", "Bench drill GT 200", "piece", "1290", "760", "Takes the place of the GT 100: more torque, less noise."),
        ("LZ-30", "Laser level LZ 30", "piece", "349.90", "201.50", "Three lines, 30 m, IP54."),
    ),
    "Supplies": (
        ("B-HSS-6", "Drill bit HSS 6 mm", "piece", "2.40", "0.8650", "Ground, for steel to 800 N/mm²."),
        ("B-SET-19", "Drill bits, set of 19", "set", "39", "17.20", "1 to 10 mm in steps of half a millimetre."),
        ("OIL-1", "Cutting oil", "litre", "14.80", "6.10", "Free of chlorine, for all metals."),
    ),
    "Services": (
        ("S-START", "Commissioning on site", "hour", "95", "52", "By our technician, travel not included."),
        ("S-CHECK", "Yearly safety check", "piece", "180", "90", "With a protocol and a sticker."),
    ),
}
# Who -> languages, whether he knows the first part of the catalogue, words of his own.
SKILLS = {"manager": (("es", "fr"), False, ("tenders",)), "salesperson": (("de", "ko"), True, ("safety check", "training"))}
UNITS = {"piece": 0, "set": 0, "litre": 2, "hour": 2}


def stock(ctx: Context) -> int:
    """Fill the catalogue; returns how many products were made. Nothing where there is a product already, a deleted one too."""
    if ctx.session.execute(select(Product.id).limit(1)).first() is not None:
        return 0
    units = {name: arranging.add_unit(ctx, name=name, places=places) for name, places in UNITS.items()}
    tax = arranging.add_tax_code(ctx, name="Standard", percent="19", starts_on="2021-01-01")
    arranging.add_tax_code(ctx, name="Reverse charge", category="AE")
    found = {}
    for category, products in CATALOGUE.items():
        branch = arranging.add_category(ctx, name=category)
        for code, name, unit, price, cost, about in products:
            values = {"price": price, "cost": cost, "description": about, "category_id": branch.id, "unit_id": units[unit].id, "tax_code_id": tax.id}
            found[code] = create_product(ctx, code=code, name=name, **values)
    bits = found["B-SET-19"]
    variants.save_attributes(ctx, bits, [{"name": "Case", "values": [{"name": "metal"}, {"name": "plastic"}]}, {"name": "Coating", "values": [{"name": "bare"}, {"name": "TiN"}]}])
    variants.make_variants(ctx, bits, [{"values": one.combination} for one in variants.proposals(ctx, bits)])
    edit_product(ctx, found["GT-100"], state="retired", successor_id=found["GT-200"].id)
    relations.relate(ctx, found["B-HSS-6"], way="accessory_of", other_id=found["GT-200"].id)
    relations.relate(ctx, found["OIL-1"], way="fits", other_id=found["GT-200"].id)
    kit = create_product(ctx, code="KIT-START", name="Starter kit for workshops", description="All that a bench needs on its first day.", category_id=found["GT-200"].category_id, unit_id=units["set"].id, tax_code_id=tax.id)
    ctx.session.flush()  # its parts name it by key
    bundles.save_parts(ctx, kit, [{"product_id": found[code].id, "quantity": many} for code, many in (("GT-200", "1"), ("B-HSS-6", "10"), ("OIL-1", "2"))], bundle_price="sum")
    other = "USD" if ctx.tenant.currency != "USD" else "EUR"
    rating.add_currency(ctx, other)
    rating.store_rate(ctx, currency=other, rate="1.0845", source="Demo")
    resellers = price_lists.add_list(ctx, name="Resellers", whom="group", group_name="reseller")
    ctx.session.flush()  # its lines name it by key
    price_lists.add_line(ctx, resellers, what="all", way="discount", value="12")
    price_lists.add_line(ctx, resellers, product_id=found["B-SET-19"].id, value="31.50", from_quantity="10")
    price_lists.set_tier(ctx, tier="gold", percent="4")
    return len(found)


def train(ctx: Context) -> int:
    """What the first people can do; returns of how many it was said. Nothing where it was said of somebody, or where the catalogue is another."""
    category = ctx.session.execute(select(Category.id).where(Category.name == next(iter(CATALOGUE)))).scalars().first()
    people = {user.mail.partition("@")[0]: user for user in queries.users(ctx)}
    able = [who for who in SKILLS if who in people]
    if category is None or ctx.session.execute(select(UserSkill.id).limit(1)).first() is not None:
        return 0
    for who in able:
        languages, knows, words = SKILLS[who]
        set_skills(ctx, people[who], languages=languages, category_ids=[category] if knows else [], words=words)
    return len(able)
