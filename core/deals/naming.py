"""What texts of a file name: accounts, people and products among those that the actor sees, many at once and the surest way alone."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, Text, Uuid, cast, column, func, literal, null, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.policy import has, visible
from core.parties.models import Account, Contact
from core.products.models import Product
from core.products.variant_queries import has_variants

DOMAIN = r"^(https?://)?(www\.)?"
Named = dict[str, dict[str, str | None]]


def accounts(ctx: Context, texts: list[str]) -> Named:
    """Text -> the accounts that it names: by number elsewhere, mail address, name, or the domain of their site or mail; the surest way alone."""
    given, away = _given(texts), hidden(ctx, "accounts")
    site = func.split_part(func.regexp_replace(func.lower(Account.website), DOMAIN, ""), "/", 1)
    bare = func.split_part(func.regexp_replace(func.lower(given.c.text), DOMAIN, ""), "/", 1)
    dotted = given.c.text.like("%.%")
    ways = [
        ("external_id", Account.external_id == given.c.text), ("mail", Account.mail_norm == func.lower(given.c.text)), ("name", Account.name_fold == _folded(given.c.text)),
        ("website", dotted & (site == bare)), ("mail", dotted & (func.split_part(Account.mail_norm, "@", 2) == bare)),
    ]
    return _found(ctx, Account, texts, [_way(ctx, Account, given, rank, same, null()) for rank, (field, same) in enumerate(ways) if field not in away])


def people(ctx: Context, texts: list[str]) -> Named:
    given, away = _given(texts), hidden(ctx, "contacts")
    ways = [("external_id", Contact.external_id == given.c.text), ("mail", Contact.mail_norm == func.lower(given.c.text)), ("name", Contact.name_fold == _folded(given.c.text))]
    at = null() if "account_id" in away else Contact.account_id
    return _found(ctx, Contact, texts, [_way(ctx, Contact, given, rank, same, at) for rank, (field, same) in enumerate(ways) if field not in away])


def products(ctx: Context, texts: list[str]) -> Named:
    """By code, by name, or by the same letters and digits: "GTXPro" is "GTX Pro". One that is only sold as one of its variants is none of them."""
    given = _given(texts)
    plain = lambda text: func.regexp_replace(_folded(text), r"[^[:alnum:]]+", "", "g")  # noqa: E731
    ways = [Product.code_fold == _folded(given.c.text), Product.name_fold == _folded(given.c.text), (plain(Product.name) == plain(given.c.text)) & (plain(given.c.text) != "")]
    return _found(ctx, Product, texts, [_way(ctx, Product, given, rank, same, null()).where(~has_variants()) for rank, same in enumerate(ways)])


def _way(ctx: Context, model: Any, given: Any, rank: int, same: Any, at: Any) -> Select:
    return visible(ctx, model).where(model.deleted_at.is_(None)).with_only_columns(given.c.text, literal(rank).label("rank"), model.id.label("id"), cast(at, Uuid()).label("at")).join(given, same)


def _found(ctx: Context, model: Any, texts: list[str], ways: Iterable[Select]) -> Named:
    if not texts or not has(ctx, f"{model.ROOM}.read"):
        return {}
    found: dict[str, tuple[int, dict[str, str | None]]] = {}
    for text, rank, key, at in ctx.session.execute(union_all(*ways)):
        best, keys = found.get(text, (rank, {}))
        if rank < best:
            best, keys = rank, {}
        if rank == best:
            keys[str(key)] = str(at) if at else None
        found[text] = (best, keys)
    return {text: keys for text, (_, keys) in found.items()}


def _given(texts: list[str]) -> Any:
    return func.unnest(literal(texts, ARRAY(Text))).table_valued(column("text", Text), name="given").render_derived()


def _folded(text: Any) -> Any:
    return func.lower(func.ext.immutable_unaccent(text))
