"""Reads about products. Lists give rows ready to show, `one_*` the record itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Text, and_, func, literal, null, select, tuple_, union_all
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.errors import NotFound
from core.base.facts import Fact, FactSubject
from core.base.finding import LONGEST, MOST_LOOKED_AT, first_of_each, folded
from core.base.policy import has, sees, visible
from core.files.models import Attachment
from core.products.bundle_queries import IN_BUNDLES
from core.products.columns import found_by, products_where
from core.products.lookup_models import Category, TaxCode, TaxRate, Unit
from core.products.models import Product
from core.products.variant_queries import COUNT, TEMPLATE, has_variants
from core.tagging.queries import colours_beside
from core.views import pages
from core.views.filtering import Filters
from core.views.grouping import needs_of
from core.views.paging import PAGE_SIZE, Page

__all__ = ["Filters", "products_where"]

ORDERS = pages.orders_of(Product)
SUCCESSOR = aliased(Product)
LAST_LETTER = "\U0010ffff"


def products(
    ctx: Context, filters: Filters = Filters(), *, sort: str = "name", cursor: str | None = None, limit: int = PAGE_SIZE, chosen: Sequence[str] | None = None, group: str | None = None
) -> Page:
    """A page of the products that the actor sees, with the chosen columns (None: the usual ones). group: a column by which
    they stand together, its key in the row's group_key. Refuses an unknown order, column, filter value or cursor."""
    columns = pages.columns(ctx, Product, chosen, needs_of(ctx, "products", group))
    ordering = pages.ordered(ctx, ORDERS, "products", sort, group)
    return pages.page_of(ctx, Product, columns, products_where(ctx, filters), ordering, cursor, limit, lambda few: ((), lambda query: query), sought=bool(filters.search or filters.tag))


def one_product(ctx: Context, product_id: UUID, *, deleted: bool = False) -> Product:
    """A product that the actor sees; NotFound otherwise. deleted: look in the recycle bin instead."""
    side = Product.deleted_at.is_not(None) if deleted else Product.deleted_at.is_(None)
    found = ctx.session.execute(visible(ctx, Product).where(Product.id == product_id, side)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def product_page(ctx: Context, product_id: UUID) -> Row:
    """(Product, successor_name, picture, template, variants, bundles, tag_colours) in one statement; picture: whether the chosen file has a small picture by now; template: of a
    variant its product; variants: how many it has; bundles: of how many it is a part."""
    successor, picture = and_(SUCCESSOR.id == Product.successor_id, SUCCESSOR.deleted_at.is_(None)), and_(Attachment.id == Product.image_id, Attachment.deleted_at.is_(None))
    query = visible(ctx, Product).add_columns(SUCCESSOR.name.label("successor_name"), Attachment.thumb_key.is_not(None).label("picture"), TEMPLATE, COUNT.label("variants"), IN_BUNDLES.label("bundles"), colours_beside(ctx, Product))
    query = query.join(TEMPLATE, TEMPLATE.id == Product.template_id, isouter=True).join(SUCCESSOR, successor, isouter=True).join(Attachment, picture, isouter=True)
    found = ctx.session.execute(query.where(Product.id == product_id, Product.deleted_at.is_(None))).one_or_none()
    if found is None:
        raise NotFound()
    return found


def product_name(ctx: Context, product_id: UUID | None) -> str | None:
    """The name of a product that the actor sees."""
    query = select(Product.name).where(Product.id == product_id, Product.deleted_at.is_(None), sees(ctx, Product))
    return ctx.session.execute(query).scalar_one_or_none() if product_id else None


def products_named(ctx: Context, typed: str) -> list[UUID]:
    """Keys of the products of exactly this name or code, accents and case aside; two at most."""
    if not typed.isprintable():
        return []
    same = folded(typed[:200])
    query = select(Product.id).where((Product.name_fold == same) | (Product.code_fold == same), Product.deleted_at.is_(None), sees(ctx, Product))
    return list(ctx.session.execute(query.limit(2)).scalars())


def quick(ctx: Context, search: str, *, limit: int = 8, sold: bool = False) -> list[Select]:
    """(kind, id, name, note, name_fold, rank) of products, as parts of a search over everything: codes and names that begin
    with what was typed first. sold: without those that are only sold as one of their variants."""
    found = found_by(ctx, search) if has(ctx, "products.read") else None
    if found is None:
        return []
    columns = (literal("product").label("kind"), Product.id, Product.name, Product.code.label("note"), Product.name_fold)
    alive, start = (Product.deleted_at.is_(None), sees(ctx, Product), *([~has_variants()] if sold else [])), folded(" ".join(search[:LONGEST].split()))
    begins = [
        select(*columns, literal(0).label("rank")).where(*alive, column >= start, column < start.concat(LAST_LETTER)).order_by(column, Product.id).limit(limit)
        for column in (Product.code_fold, Product.name_fold)
    ]
    hits = select(*columns, literal(1).label("rank")).where(*alive, found).limit(MOST_LOOKED_AT).subquery()
    return [*begins, select(*hits.c).order_by(hits.c.name_fold, hits.c.id).limit(limit)]


def quick_products(ctx: Context, search: str, *, limit: int = 8, sold: bool = False) -> list[Row]:
    """The same rows by themselves: what a picker offers."""
    return first_of_each(ctx.session, quick(ctx, search, limit=limit, sold=sold), ["product"], limit)


def deleted(ctx: Context, *, before: tuple[datetime, UUID] | None = None, limit: int = PAGE_SIZE) -> list[Row]:
    """(id, name, owner_id, deleted_at, deleted_by) of what lies in the recycle bin, the newest first; nobody owns a product."""
    told = select(Fact.actor_id).join(FactSubject, FactSubject.fact_id == Fact.id).where(FactSubject.subject_id == Product.id, Fact.kind == "product.deleted")
    by = told.order_by(FactSubject.at.desc()).limit(1).scalar_subquery().label("deleted_by")
    query = select(Product.id, Product.name, null().label("owner_id"), Product.deleted_at, by).where(Product.deleted_at.is_not(None), sees(ctx, Product))
    if before:
        query = query.where(tuple_(Product.deleted_at, Product.id) < tuple_(literal(before[0]), literal(before[1])))
    return list(ctx.session.execute(query.order_by(Product.deleted_at.desc(), Product.id.desc()).limit(limit)))


def units(ctx: Context) -> list[Unit]:
    """All of them by name, the retired too."""
    return list(ctx.session.execute(visible(ctx, Unit).order_by(func.lower(Unit.name), Unit.id)).scalars())


def tax_codes(ctx: Context) -> list[TaxCode]:
    """All of them by name, the retired too."""
    return list(ctx.session.execute(visible(ctx, TaxCode).order_by(func.lower(TaxCode.name), TaxCode.id)).scalars())


def tax_rates(ctx: Context) -> dict[UUID, list[TaxRate]]:
    """The rates of each tax code, the newest first."""
    found: dict[UUID, list[TaxRate]] = {}
    for rate in ctx.session.execute(visible(ctx, TaxRate).order_by(TaxRate.starts_on.desc())).scalars():
        found.setdefault(rate.tax_code_id, []).append(rate)
    return found


def categories(ctx: Context) -> list[tuple[Category, int]]:
    """The tree, each branch behind its parent and by name, with how deep it stands."""
    below: dict[UUID | None, list[Category]] = {}
    for one in ctx.session.execute(visible(ctx, Category).order_by(func.lower(Category.name), Category.id)).scalars():
        below.setdefault(one.parent_id, []).append(one)
    found: list[tuple[Category, int]] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for one in below.get(parent, ()):
            found.append((one, depth))
            walk(one.id, depth + 1)

    walk(None, 0)
    return found


def one_of(ctx: Context, model: Any, key: UUID) -> Any:
    """A unit, category or tax code; NotFound where there is none."""
    found = ctx.session.execute(visible(ctx, model).where(model.id == key)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def category_name(ctx: Context, category_id: UUID | None) -> str | None:
    """What a category is called."""
    return ctx.session.execute(select(Category.name).where(Category.id == category_id)).scalar_one_or_none() if category_id else None


def catalogue_names(ctx: Context) -> list[tuple[str, UUID, str, bool]]:
    """(field, key, name, retired) of everything that a product names, in one statement, each kind by name; of a category the names of
    those above it stand before its own."""
    tree = select(Category.id, Category.name, Category.parent_id).where(Category.parent_id.is_(None)).cte("named_tree", recursive=True)
    tree = tree.union_all(select(Category.id, tree.c.name.concat(literal(" / ", Text)).concat(Category.name), Category.parent_id).where(Category.parent_id == tree.c.id))
    parts = [select(literal("category_id").label("field"), tree.c.id, tree.c.name, literal(False).label("retired"))]
    parts += [select(literal(field).label("field"), model.id, model.name, model.retired) for field, model in (("unit_id", Unit), ("tax_code_id", TaxCode))]
    every = union_all(*parts).subquery()
    return [tuple(row) for row in ctx.session.execute(select(every).order_by(every.c.field, func.lower(every.c.name), every.c.id))]


def timeline(ctx: Context, product: Product, *, limit: int = 50) -> list[Fact]:
    """What happened with a product, the newest first."""
    from core.base import facts

    return list(ctx.session.execute(facts.timeline(product.id, limit=limit).where(*facts.shown_here(ctx))).scalars())
