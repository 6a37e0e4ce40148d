"""What products have to do with each other, beside the successor: what fits with what, what is an accessory of what, what may take whose place."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase

KINDS = ("fits", "accessory", "replaces")


class ProductRelation(Record, TenantBase):
    """The one fits with the other, is an accessory of it, or may replace it. Said once of two products, whichever is named first: the database
    keeps it, and nothing has to do with itself."""

    __tablename__ = "product_relation"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"), CheckConstraint("product_id <> other_id", name="other"),
        Index("uq_product_relation", text("least(product_id, other_id)"), text("greatest(product_id, other_id)"), "kind", unique=True),
        Index("ix_product_relation_product_id", "product_id"), Index("ix_product_relation_other_id", "other_id"), {"info": {"audit": True}},
    )
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    kind: Mapped[str]


RELATION_HARMLESS = {"product_relation.kind": "a word of a list"}
