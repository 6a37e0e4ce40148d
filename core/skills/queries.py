"""The skills of people, and what the catalogue calls what somebody may ask for: each one statement, for all of them."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import Row, and_, or_, select

from core.base.context import Context
from core.base.text import fold
from core.identity.models import User
from core.products.lookup_models import Category
from core.products.models import Product
from core.skills.models import UserSkill
from core.skills.rules import Catalogue, Skills, parts

MOST_NAMED = 500


def skills_of(ctx: Context, user_ids: Collection[UUID]) -> dict[UUID, Skills]:
    """person -> skills, of each of these people."""
    rows = select(User.id, User.locale, UserSkill.language, UserSkill.word, UserSkill.category_id, Category.name)
    rows = rows.join(UserSkill, UserSkill.user_id == User.id, isouter=True).join(Category, Category.id == UserSkill.category_id, isouter=True)
    found: dict[UUID, list[Row]] = {}
    for row in ctx.session.execute(rows.where(User.id.in_(user_ids)).order_by(UserSkill.id)):
        found.setdefault(row.id, []).append(row)
    return {key: _made(rows) for key, rows in found.items()}


def _made(rows: Sequence[Row]) -> Skills:
    languages, words = (tuple(value for row in rows if (value := getattr(row, name))) for name in ("language", "word"))
    return Skills(rows[0].locale, languages, {row.category_id: row.name for row in rows if row.category_id}, words)


def catalogue_for(ctx: Context, texts: Iterable[str | None], product_ids: Collection[UUID] = ()) -> Catalogue:
    """The categories, with those of the products that these texts name by code or name, or that are given by key."""
    wanted = list(dict.fromkeys(part for text in texts for part in parts(text)))[:MOST_NAMED]
    if not wanted and not product_ids:
        return Catalogue()
    named = or_(Product.code_fold.in_(wanted), Product.name_fold.in_(wanted), Product.id.in_(product_ids))
    query = select(Category.id, Category.parent_id, Category.name, Product.id.label("product_id"), Product.code_fold.label("code"), Product.name_fold.label("said"))
    query = query.join(Product, and_(Product.category_id == Category.id, Product.deleted_at.is_(None), named), isouter=True)
    rows = ctx.session.execute(query).all()
    products: dict[str, set[UUID]] = {}
    for row in rows:
        for said in (row.code, row.said):
            products.setdefault(said, set()).add(row.id)
    given = frozenset(row.id for row in rows if row.product_id in product_ids)
    return Catalogue({row.id: fold(row.name) for row in rows}, {row.id: row.parent_id for row in rows}, {said: frozenset(keys) for said, keys in products.items()}, given)
