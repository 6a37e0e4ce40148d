"""What is sold: products. What they are described by stands in lookup_models, currencies in rate_models.

A product belongs to nobody in particular: whoever may see products sees all of them. What it costs takes a permission of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Computed, ForeignKey, Index, Numeric, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED, SOON, TRIGRAMS
from core.base.hiding import Guarded, behind, guard
from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.records import RecordKind
from core.custom_fields.columns import FIND
from core.custom_fields.fields import Customised, Taking, take_part
from core.products.bundle_models import BUNDLE_HARMLESS, BUNDLE_PRICES
from core.products.lookup_models import LOOKUP_HARMLESS
from core.products.price_models import PRICE_CHILDREN, PRICE_HARMLESS, PRICE_PERSONAL
from core.products.rate_models import RATE_HARMLESS
from core.products.relation_models import RELATION_HARMLESS
from core.products.variant_models import VARIANT_HARMLESS
from core.tagging.models import Tagged, found_by_tags, settled

STATES = ("active", "retired")
ALIVE = "deleted_at IS NULL"
LONGEST_CODE = 60
_alive = {"postgresql_where": text(ALIVE)}
_gin = {"postgresql_using": "gin", "postgresql_with": SOON}


class Product(Tagged, Customised, Record, TenantBase):
    """One thing that is sold. code: what it is ordered by, unique whatever its case, in the recycle bin too. price and cost: of one unit, in
    `currency`, which is the workspace's own when the product is made. state: retired ones are not offered any more; successor_id:
    what is offered instead. image_id: which of its files shows it.

    A variant names its template and, in combination, the keys of its values in their order: one of each attribute of the template, which the
    database checks, and each combination once, in the recycle bin too. Its name is the template's with its values behind it."""

    __tablename__, ROOM = "product", "products"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"), CheckConstraint("price >= 0", name="price"), CheckConstraint("cost >= 0", name="cost"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"), CheckConstraint("successor_id <> id", name="successor"),
        CheckConstraint("(template_id IS NULL) = (combination IS NULL)", name="variant"),
        CheckConstraint(f"bundle_price IS NULL OR (bundle_price IN {BUNDLE_PRICES} AND template_id IS NULL)", name="bundle"), UniqueConstraint("id", "is_bundle"),
        Index("uq_product_combination", "template_id", "combination", unique=True, postgresql_where=text("template_id IS NOT NULL")),
        CheckConstraint(f"char_length(code) BETWEEN 1 AND {LONGEST_CODE}", name="code"),
        Index("uq_product_code", "code_fold", unique=True),
        Index("ix_product_list", "name_fold", "id", **_alive),
        Index("ix_product_changed", text("updated_at DESC"), text("id DESC"), **_alive),
        Index("ix_product_category_id", "category_id", "name_fold", "id", **_alive),
        Index("ix_product_unit_id", "unit_id", postgresql_where=text("unit_id IS NOT NULL")),
        Index("ix_product_tax_code_id", "tax_code_id", postgresql_where=text("tax_code_id IS NOT NULL")),
        Index("ix_product_successor_id", "successor_id", postgresql_where=text("successor_id IS NOT NULL")),
        Index("ix_product_image_id", "image_id", postgresql_where=text("image_id IS NOT NULL")),
        Index("ix_product_find", "name_fold", "code_fold", **_gin, **_alive, postgresql_ops={"name_fold": TRIGRAMS, "code_fold": TRIGRAMS}),
        Index("ix_product_east_asian", text(f"({EAST_ASIAN.format(folded='name_fold')})"), postgresql_using="gin", **_alive),
        Index("ix_product_custom", "custom", postgresql_using="gin", postgresql_ops={"custom": "jsonb_path_ops"}, **_alive),
        Index("ix_product_custom_find", "custom_find", postgresql_using="gin", postgresql_ops={"custom_find": TRIGRAMS}, postgresql_where=text(f"{ALIVE} AND custom_find IS NOT NULL")), found_by_tags("product"),
        {"info": {"audit": True, "ddl": (
            "CREATE TRIGGER variant BEFORE INSERT OR UPDATE OF template_id, combination ON product FOR EACH ROW WHEN (NEW.template_id IS NOT NULL) EXECUTE FUNCTION ext.check_variant()",
            *settled("product"),
        )}},
    )
    code: Mapped[str]
    code_fold: Mapped[str] = mapped_column(Computed(FOLDED.format(column="code"), persisted=True))
    name: Mapped[str]
    name_fold: Mapped[str] = mapped_column(Computed(FOLDED.format(column="name"), persisted=True))
    description: Mapped[str | None]
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("product_category.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("product_unit.id"))
    tax_code_id: Mapped[UUID | None] = mapped_column(ForeignKey("tax_code.id"))
    currency: Mapped[str]
    price: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    cost: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    state: Mapped[str] = mapped_column(server_default=text("'active'"), default="active")
    successor_id: Mapped[UUID | None] = mapped_column(ForeignKey("product.id"))
    template_id: Mapped[UUID | None] = mapped_column(ForeignKey("product.id"))
    combination: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid()))
    bundle_price: Mapped[str | None]
    is_bundle: Mapped[bool] = mapped_column(Computed("bundle_price IS NOT NULL", persisted=True))
    image_id: Mapped[UUID | None] = mapped_column(ForeignKey("attachment.id", ondelete="SET NULL"))
    custom: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    custom_find: Mapped[str | None] = mapped_column(Computed(FIND, persisted=True), deferred=True)
    deleted_at: Mapped[datetime | None]


# What makes a product one (its code, its name) is everybody's who sees it.
GUARDED_FIELDS = ("description", "category_id", "unit_id", "tax_code_id", "price", "cost", "state", "successor_id", "tags")
guard(Guarded("products", Product, {name: (name,) for name in GUARDED_FIELDS}, visible=frozenset(GUARDED_FIELDS) - {"description", "cost", "tags"}))
behind("products", "cost", Product, ("cost",), read="product_costs.read", write="product_costs.write")


def _asked_of(what: str) -> Mapping[str, Any]:
    """What an own field's condition may ask of a product's other fields; the rules stand above the models."""
    from core.products import fields, words

    return {name: words.LABELS[name] if what == "labels" else cleaner for name, cleaner in fields.FIELDS.items() if name in ("state", "code", "price")}


take_part(Taking(Product.ROOM, Product, partial(_asked_of, "labels"), partial(_asked_of, "cleaners")))
RECORD_KINDS = (RecordKind(Product, "products.read", "/products/{id}", discussed=True),)

CHILDREN = PRICE_CHILDREN
PERSONAL = (Personal("product", told=("name", "description", "custom")), *PRICE_PERSONAL)
HARMLESS = {"product.code": "what it is ordered by", "product.currency": "a currency", "product.state": "a word of a list", "product.combination": "keys of values", "product.tags": "names of tags, which stand in their own table", **LOOKUP_HARMLESS, **RATE_HARMLESS, **PRICE_HARMLESS, **VARIANT_HARMLESS, **RELATION_HARMLESS, **BUNDLE_HARMLESS}
