"""What programs write and read of products, and of the parts of a bundle on a line."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import g
from pydantic import Field, PlainSerializer

from core.products.models import LONGEST_CODE, STATES
from web.api import shell
from web.custom_fields.answers import OWN, own_values
from web.parties.api_bodies import Tag

Code = Annotated[str, Field(min_length=1, max_length=LONGEST_CODE)]
# Digits as text, as money everywhere; the currency is the product's own.
Digits = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$")]
Plain = Annotated[Decimal, PlainSerializer(lambda value: f"{value.normalize():f}", return_type=str)]


class ProductFields(shell.Body):
    """price and cost: of one unit, in the product's currency. cost: with a permission of its own."""

    description: shell.Text | None = None
    category_id: UUID | None = None
    unit_id: UUID | None = None
    tax_code_id: UUID | None = None
    price: Digits | None = None
    cost: Digits | None = None
    state: Literal[STATES] | None = None
    successor_id: UUID | None = None
    tags: list[Tag] | None = Field(None, max_length=30)
    custom: Annotated[dict[str, Any], Field(max_length=200, description=OWN)] | None = None

    def given(self) -> dict[str, Any]:
        """As the use cases know them: an own field is one as any other."""
        found = super().given()
        own = found.pop("custom", None) or {}
        return found | {f"custom.{key}": value for key, value in own.items()}


class ProductIn(ProductFields):
    """A product to create."""

    code: Code
    name: shell.Line


class ProductPatch(ProductFields):
    """Changes of a product; what is absent stays as it is."""

    code: Code | None = None
    name: shell.Line | None = None


class ProductOut(shell.Out):
    """One thing that is sold. currency: of price and cost; cost is null for whoever must not know it. template_id: of a variant the product whose
    variant it is, which says what it costs where the variant does not; combination: the keys of its values. bundle_price: of a bundle "own" or "sum", how it is
    priced; its cost is that of its parts."""

    id: UUID
    version: int
    code: str
    name: str
    description: str | None
    category_id: UUID | None
    unit_id: UUID | None
    tax_code_id: UUID | None
    currency: str
    price: Plain | None
    cost: Plain | None
    state: str
    successor_id: UUID | None
    tags: list[str]
    template_id: UUID | None
    combination: list[UUID] | None
    bundle_price: str | None
    image_id: UUID | None
    custom: Annotated[dict[str, Any], Field(description=OWN)]
    created_at: shell.Moment
    updated_at: shell.Moment

    @classmethod
    def of(cls, record: Any) -> "ProductOut":
        return cls(**{name: getattr(record, name) for name in cls.model_fields if name != "custom"}, custom=own_values(g.ctx, record))


class LinePartOut(shell.Out):
    """So many of a product in one of the line's; quantity as a string."""

    sku: str
    name: str
    quantity: str
    unit: str
