"""What the variants of a product differ in: attributes (size, colour) and their values."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase

MOST_ATTRIBUTES, MOST_VALUES, LONGEST_NAME = 5, 100, 60
MOST = 1_000  # variants of one product
_KEPT = "CREATE TRIGGER kept BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION ext.keep_attribute()"


class Attribute(Record, TenantBase):
    """What the variants of one product (the template) differ in. While it has variants, none comes and none goes: the database refuses it."""

    __tablename__ = "product_attribute"
    __table_args__ = (
        CheckConstraint(f"char_length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"), Index("uq_product_attribute_name", "product_id", text("lower(name)"), unique=True),
        {"info": {"audit": True, "ddl": (_KEPT.format(table="product_attribute", events="INSERT OR DELETE OR UPDATE OF product_id"),)}},
    )
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    name: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)


class AttributeValue(Record, TenantBase):
    """One of the values that an attribute may have. One that a variant has, a deleted one too, stays: the database refuses to let it go."""

    __tablename__ = "product_attribute_value"
    __table_args__ = (
        CheckConstraint(f"char_length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"), Index("uq_product_attribute_value_name", "attribute_id", text("lower(name)"), unique=True),
        {"info": {"audit": True, "ddl": (_KEPT.format(table="product_attribute_value", events="DELETE OR UPDATE OF attribute_id"),)}},
    )
    attribute_id: Mapped[UUID] = mapped_column(ForeignKey("product_attribute.id", ondelete="CASCADE"))
    name: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)


VARIANT_HARMLESS = {"product_attribute": "what products differ in", "product_attribute_value": "what products differ in"}
