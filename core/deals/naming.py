"""How a file of deals names accounts, people and products."""

from sqlalchemy import func

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.named import Named, Way, folded, named, usual
from core.parties.models import Account, Contact
from core.products.models import Product
from core.products.variant_queries import has_variants

DOMAIN = r"^(https?://)?(www\.)?"


def accounts(ctx: Context, texts: list[str]) -> Named:
    """Text -> the accounts that it names: as usual, or by the domain of their site or mail."""
    site = func.split_part(func.regexp_replace(func.lower(Account.website), DOMAIN, ""), "/", 1)
    bare = lambda text: func.split_part(func.regexp_replace(func.lower(text), DOMAIN, ""), "/", 1)  # noqa: E731
    ways: list[Way] = [
        ("website", lambda text: text.like("%.%") & (site == bare(text))), ("mail", lambda text: text.like("%.%") & (func.split_part(Account.mail_norm, "@", 2) == bare(text))),
    ]
    return named(ctx, Account, texts, [*usual(Account), *ways])


def people(ctx: Context, texts: list[str]) -> Named:
    """The same, each with the account at which he is."""
    return named(ctx, Contact, texts, usual(Contact), None if "account_id" in hidden(ctx, "contacts") else Contact.account_id)


def products(ctx: Context, texts: list[str]) -> Named:
    """By code, by name, or by the same letters and digits: "GTXPro" is "GTX Pro". One that is only sold as one of its variants is none of them."""
    plain = lambda text: func.regexp_replace(folded(text), r"[^[:alnum:]]+", "", "g")  # noqa: E731
    ways: list[Way] = [
        ("code", lambda text: Product.code_fold == folded(text)), ("name", lambda text: Product.name_fold == folded(text)),
        ("name", lambda text: (plain(Product.name) == plain(text)) & (plain(text) != "")),
    ]
    return named(ctx, Product, texts, [(field, lambda text, same=same: same(text) & ~has_variants()) for field, same in ways])
