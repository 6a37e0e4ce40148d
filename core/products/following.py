"""What happens to variants with the product whose variants they are: they are called as it is, and go into the recycle bin and come back with it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, case, cast, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from core.base.context import Context
from core.base.errors import Refused
from core.base.sets import given_rows, record_all
from core.products.models import Product
from core.products.variant_models import Attribute, AttributeValue
from core.products.variant_queries import TEMPLATE

BETWEEN, LONGEST = ", ", 200
TABLE = Product.__table__


def called(template: str, values: Collection[str]) -> str:
    """A variant by its product's name and its values; refuses one that is too long for a name."""
    found = BETWEEN.join((template, *values))
    if len(found) > LONGEST:
        raise Refused("variant_name_long", name=found[:60])
    return found


def follow_names(ctx: Context, template_id: UUID, field: str = "name") -> None:
    """Variants are called by their product and values as both are called now. Refuses a name that grows too long."""
    for name in name_anew(ctx, [template_id]):
        if len(name) > LONGEST:
            raise Refused("variant_name_long", field=field, name=name[:60])


def name_anew(ctx: Context, templates: Collection[UUID], told: Collection[UUID] = ()) -> list[str]:
    """The same of several products, however long names grow; their new names. told: whose change is counted and told of already."""
    ctx.session.flush()  # names that were changed before are read by the statement
    names = func.string_agg(AttributeValue.name, aggregate_order_by(literal(BETWEEN, Text), Attribute.position, Attribute.id))
    values = select(names).join(Attribute, Attribute.id == AttributeValue.attribute_id).where(AttributeValue.id == any_(TABLE.c.combination)).correlate(TABLE).scalar_subquery()
    new = TEMPLATE.name + literal(BETWEEN, Text) + values
    step = case((TABLE.c.id == any_(literal(list(told), ARRAY(Uuid))), 0), else_=1)
    written = update(TABLE).where(TABLE.c.template_id == TEMPLATE.id, TEMPLATE.id == any_(literal(list(templates), ARRAY(Uuid))), TABLE.c.name != new)
    changed = [(key, name) for key, name in ctx.session.execute(written.values(name=new, version=TABLE.c.version + step, updated_at=ctx.now).returning(TABLE.c.id, TABLE.c.name))]
    _tell(ctx, "product.edited", [one for one in changed if one[0] not in told], fields=["name"])
    return [name for _, name in changed]


def delete_with(ctx: Context, template: Product) -> None:
    """Its variants go into the recycle bin with it."""
    delete_with_many(ctx, [template.id])


def delete_with_many(ctx: Context, templates: Collection[UUID]) -> None:
    """The same of several products."""
    _move(ctx, templates, "product.deleted", TABLE.c.deleted_at.is_(None), ctx.now)


def restore_with(ctx: Context, template: Product, since: datetime) -> None:
    """The variants that went with it come back with it."""
    _move(ctx, [template.id], "product.restored", TABLE.c.deleted_at == since, None)


def restore_with_many(ctx: Context, moments: Mapping[UUID, datetime]) -> None:
    """The same of several products, each with the moment at which it went. A variant among them brings its product, and those that went
    with that."""
    above = select(Product.template_id, TEMPLATE.deleted_at).join(TEMPLATE, TEMPLATE.id == Product.template_id).where(Product.id == any_(literal(list(moments), ARRAY(Uuid))), TEMPLATE.deleted_at.is_not(None))
    found = dict(ctx.session.execute(above.distinct()).all())
    if found:
        back = update(TABLE).where(TABLE.c.id == any_(literal(list(found), ARRAY(Uuid)))).values(deleted_at=None, version=TABLE.c.version + 1, updated_at=ctx.now)
        _tell(ctx, "product.restored", [(key, name) for key, name in ctx.session.execute(back.returning(TABLE.c.id, TABLE.c.name))])
    together = {**moments, **found}
    for since in set(together.values()):
        _move(ctx, [key for key, moment in together.items() if moment == since], "product.restored", TABLE.c.deleted_at == since, None)


def _move(ctx: Context, templates: Collection[UUID], kind: str, where: object, moment: datetime | None) -> None:
    ctx.session.flush()  # the statement goes by what stands in the rows
    moved = update(TABLE).where(TABLE.c.template_id == any_(literal(list(templates), ARRAY(Uuid))), where).values(deleted_at=moment, version=TABLE.c.version + 1, updated_at=ctx.now)
    _tell(ctx, kind, [(key, name) for key, name in ctx.session.execute(moved.returning(TABLE.c.id, TABLE.c.name))])


def _tell(ctx: Context, kind: str, changed: Collection[tuple[UUID, str]], **params: object) -> None:
    if changed:
        told = given_rows([{"id": key, "params": params | {"name": name}} for key, name in changed], (column("id", Uuid()), column("params", JSONB())))
        record_all(ctx, kind, "product", select(told.c.id.label("subject_id"), cast(None, Uuid()).label("about_id"), told.c.params.label("params")))
        for key, _ in changed:
            if (loaded := ctx.session.identity_map.get((Product, (key,), None))) is not None:
                ctx.session.expire(loaded)
