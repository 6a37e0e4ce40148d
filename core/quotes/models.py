"""What was offered to whom: quotes, their versions, the lines of each.

A quote has one number, taken when it is first sent. Its versions follow one another: one is being drafted at most, one counts at
most (sent or accepted), both kept by the database. What was sent is never changed again: triggers refuse it.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Integer, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED, SOON, TRIGRAMS
from core.base.hiding import Guarded, guard, mirror
from core.base.model import Keyed, Record, TenantBase
from core.base.personal import Personal
from core.base.records import RecordKind
from core.base.registry import Child
from core.base.words import N_
from core.custom_fields.columns import FIND
from core.custom_fields.fields import Customised, Taking, take_part
from core.parties.models import RELIEFS
from core.products.lookup_models import TAX_CATEGORIES

STATES = ("draft", "sent", "accepted", "declined", "expired", "withdrawn")
VERSION_STATES = (*STATES, "superseded")
ITEM, SECTION, TEXT = LINE_KINDS = ("item", "section", "text")
CHOICES = ("", "optional", "alternative")
ALIVE = "deleted_at IS NULL"
# What a version says; once it is sent the database refuses every change of it.
FIXED = (
    "quote_id", "number", "language", "currency", "rate", "rate_on", "gross", "relief", "valid_until", "intro", "closing", "terms", "net", "total", "taxes", "customer", "answers_for", "token", "proof",
    "sent_at", "sent_by", "subject", "approved_at", "approved_by",
)
_alive = {"postgresql_where": text(ALIVE)}


class Quote(Customised, Record, TenantBase):
    """An offer to an account. state: of the version that counts, or draft where none was sent yet. number: from the first sending
    on. currency, net, total, valid_until: of the newest version."""

    __tablename__, ROOM = "quote", "quotes"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"), CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("(state = 'draft') = (number IS NULL)", name="number"), CheckConstraint("deleted_at IS NULL OR number IS NULL", name="deleted_at"),
        Index("uq_quote_number", "number", unique=True, postgresql_where=text("number IS NOT NULL")),
        Index("ix_quote_list", "name_fold", "id", **_alive),
        Index("ix_quote_own", "owner_id", "name_fold", "id", **_alive),
        Index("ix_quote_changed", text("updated_at DESC"), text("id DESC"), **_alive),
        Index("ix_quote_state", "state", "valid_until", "id", **_alive),
        Index("ix_quote_account_id", "account_id", postgresql_where=text("account_id IS NOT NULL")),
        Index("ix_quote_contact_id", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
        Index("ix_quote_deal_id", "deal_id", postgresql_where=text("deal_id IS NOT NULL")),
        Index("ix_quote_find", "name_fold", "number_fold", postgresql_using="gin", postgresql_with=SOON, postgresql_ops={"name_fold": TRIGRAMS, "number_fold": TRIGRAMS}, **_alive),
        Index("ix_quote_east_asian", text(f"({EAST_ASIAN.format(folded='name_fold')})"), postgresql_using="gin", **_alive),
        Index("ix_quote_custom", "custom", postgresql_using="gin", postgresql_ops={"custom": "jsonb_path_ops"}, **_alive),
        Index("ix_quote_custom_find", "custom_find", postgresql_using="gin", postgresql_ops={"custom_find": TRIGRAMS}, postgresql_where=text(f"{ALIVE} AND custom_find IS NOT NULL")),
        Index("ix_quote_deleted_at", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    name_fold: Mapped[str] = mapped_column(Computed(FOLDED.format(column="name"), persisted=True))
    number: Mapped[str | None]
    number_fold: Mapped[str | None] = mapped_column(Computed(FOLDED.format(column="number"), persisted=True))
    state: Mapped[str] = mapped_column(server_default=text("'draft'"), default="draft")
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    deal_id: Mapped[UUID | None] = mapped_column(ForeignKey("deal.id", ondelete="SET NULL"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    currency: Mapped[str]
    net: Mapped[Decimal] = mapped_column(Numeric(18, 4), server_default=text("0"), default=Decimal(0))
    total: Mapped[Decimal] = mapped_column(Numeric(18, 4), server_default=text("0"), default=Decimal(0))
    valid_until: Mapped[date | None]
    sent_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    notes: Mapped[str | None]
    custom: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    custom_find: Mapped[str | None] = mapped_column(Computed(FIND, persisted=True), deferred=True)
    deleted_at: Mapped[datetime | None]


class QuoteVersion(Record, TenantBase):
    """One version. rate: what one unit of the workspace's own currency was worth on rate_on. gross: prices hold their taxes. relief: why the
    customer pays none (E exempt, AE reverse charge). subject, intro, closing, terms: from the sending on those that were printed. customer, answers_for: names and address as they were when it was sent. token: the
    random part of the customer's link; proof: that of the link on the paper, which says whether it holds.
    approved_*: with whose yes it was sent; a draft names none (what was asked and said: core.approvals). chosen: lines among the options that the customer took; decided_*: who answered, from where, in which words."""

    __tablename__ = "quote_version"
    __table_args__ = (
        CheckConstraint(f"state IN {VERSION_STATES}", name="state"), CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"), CheckConstraint("rate > 0", name="rate"),
        CheckConstraint(f"relief IN {RELIEFS}", name="relief"), CheckConstraint("number > 0", name="number"),
        CheckConstraint("(state = 'draft') = (token IS NULL) AND (token IS NULL) = (proof IS NULL)", name="token"), CheckConstraint("state = 'draft' OR (valid_until IS NOT NULL AND sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("state NOT IN ('accepted', 'declined') OR decided_at IS NOT NULL", name="decided"),
        UniqueConstraint("quote_id", "number"),
        Index("uq_quote_version_draft", "quote_id", unique=True, postgresql_where=text("state = 'draft'")),
        Index("uq_quote_version_current", "quote_id", unique=True, postgresql_where=text("state IN ('sent', 'accepted')")),
        Index("uq_quote_version_token", "token", unique=True, postgresql_where=text("token IS NOT NULL")),
        Index("uq_quote_version_proof", "proof", unique=True, postgresql_where=text("proof IS NOT NULL")),
        Index("ix_quote_version_sent_by", "sent_by", "sent_at", postgresql_where=text("sent_by IS NOT NULL")),
        Index("ix_quote_version_valid_until", "valid_until", postgresql_where=text("state = 'sent'")),
        {"info": {"audit": True, "secret": ["token", "proof"], "ddl": (
            "CREATE TRIGGER fixed BEFORE UPDATE ON quote_version FOR EACH ROW WHEN (OLD.state <> 'draft' AND "
            f"(NEW.state = 'draft' OR ({', '.join(f'OLD.{name}' for name in FIXED)}) IS DISTINCT FROM ({', '.join(f'NEW.{name}' for name in FIXED)}))) EXECUTE FUNCTION ext.refuse_fixed()",
            "CREATE TRIGGER fixed_kept BEFORE DELETE ON quote_version FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION ext.refuse_fixed()",
        )}},
    )
    quote_id: Mapped[UUID] = mapped_column(ForeignKey("quote.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(server_default=text("'draft'"), default="draft")
    language: Mapped[str]
    currency: Mapped[str]
    rate: Mapped[Decimal] = mapped_column(Numeric(20, 10), server_default=text("1"), default=Decimal(1))
    rate_on: Mapped[date | None]
    gross: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    relief: Mapped[str | None]
    valid_until: Mapped[date | None]
    subject: Mapped[str | None]
    intro: Mapped[str | None]
    closing: Mapped[str | None]
    terms: Mapped[str | None]
    net: Mapped[Decimal] = mapped_column(Numeric(18, 4), server_default=text("0"), default=Decimal(0))
    total: Mapped[Decimal] = mapped_column(Numeric(18, 4), server_default=text("0"), default=Decimal(0))
    taxes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    customer: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    answers_for: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    token: Mapped[str | None]
    proof: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None]
    chosen: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    accepted_total: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    decided_at: Mapped[datetime | None]
    decided_name: Mapped[str | None]
    decided_from: Mapped[str | None]
    decided_note: Mapped[str | None]


class QuoteLine(Keyed, TenantBase):
    """One line, in the order of position. What it says of the product was copied when it was written. list_price: what the catalogue said then, with
    its reasons; unit_price: what is offered, net or gross as the version says, before the discount. is_own: the price was written by hand.
    parts: of a bundle what one of it consists of (core.products.bundle_queries.told_of)."""

    __tablename__ = "quote_line"
    __table_args__ = (
        CheckConstraint(f"kind IN {LINE_KINDS}", name="kind"), CheckConstraint(f"choice IN {CHOICES}", name="choice"), CheckConstraint("discount BETWEEN 0 AND 100", name="discount"),
        CheckConstraint(f"tax_category IN {TAX_CATEGORIES}", name="tax_category"), CheckConstraint("quantity > 0", name="quantity"), CheckConstraint("unit_price >= 0", name="unit_price"),
        CheckConstraint("(kind = 'item') = (quantity IS NOT NULL AND unit_price IS NOT NULL AND amount IS NOT NULL)", name="item"),
        Index("ix_quote_line_version_id", "version_id", "position"), Index("ix_quote_line_product_id", "product_id", postgresql_where=text("product_id IS NOT NULL")),
        {"info": {"audit": True, "ddl": ("CREATE TRIGGER fixed BEFORE INSERT OR UPDATE OR DELETE ON quote_line FOR EACH ROW EXECUTE FUNCTION ext.refuse_fixed_line()",)}},
    )
    version_id: Mapped[UUID] = mapped_column(ForeignKey("quote_version.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(server_default=text("'item'"), default="item")
    choice: Mapped[str] = mapped_column(server_default=text("''"), default="")
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("product.id", ondelete="SET NULL"))
    sku: Mapped[str | None]
    name: Mapped[str]
    description: Mapped[str | None]
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(18, 3))
    unit: Mapped[str | None]
    unit_price: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    list_price: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    is_own: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    reasons: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    discount: Mapped[Decimal] = mapped_column(Numeric(7, 4), server_default=text("0"), default=Decimal(0))
    tax_code_id: Mapped[UUID | None] = mapped_column(ForeignKey("tax_code.id", ondelete="SET NULL"))
    tax_name: Mapped[str | None]
    tax_percent: Mapped[Decimal] = mapped_column(Numeric(7, 4), server_default=text("0"), default=Decimal(0))
    tax_category: Mapped[str | None]
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    cost: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    parts: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)


# What a piece cost when it was offered, in the version's currency: the product's cost, told to whom that is told.
mirror("products", "cost", QuoteLine, "cost")
# What a quote offers is everybody's who sees it; what is written about it inside is not.
guard(Guarded("quotes", Quote, {name: (name,) for name in ("notes", "account_id", "contact_id", "deal_id", "owner_id")}, visible=frozenset({"account_id", "contact_id", "deal_id", "owner_id"})))

CHILDREN = tuple(Child("quote", f"{parent}_id", parent, owner="owner_id", personal=("name", "notes")) for parent in ("account", "contact"))
PERSONAL = (
    Personal("quote", by=("contact_id", "account_id"), cleared=("notes", "custom"), told=("name", "notes", "custom"), purged="unlink"),
    Personal(
        "quote_version", through=(("quote_id", "quote"),), cleared=("decided_from", "decided_note"), told=("subject", "intro", "closing", "terms", "customer", "answers_for", "decided_name", "decided_note"), signed="decided_name",
        keeps=N_("Shows that the quote was accepted or declined: which version, when and for how much (GDPR 17.3 e), without name, words and network address."),
    ),
    Personal("quote_line", told=("name", "description", "parts")),
)
HARMLESS = {
    "quote.number": "the number of a document", "quote.state": "a word of a list", "quote.currency": "a currency", "quote.name_fold": "the name again, made by the database", "quote.number_fold": "the number again, made by the database",
    "quote.custom_find": "the own values again, made by the database", **{f"quote_version.{name}": "a word of a list" for name in ("state", "language", "currency", "relief")}, "quote_version.token": "random", "quote_version.proof": "random",
    "quote_version.taxes": "names of taxes and amounts", "quote_version.chosen": "keys of lines", **{f"quote_line.{name}": "a word of a list" for name in ("kind", "choice", "tax_category")},
    "quote_line.sku": "what a product is ordered by", "quote_line.unit": "what a product is counted in", "quote_line.reasons": "how a price came about", "quote_line.tax_name": "how a product is taxed",
}
RECORD_KINDS = (RecordKind(Quote, "quotes.read", "/quotes/{id}", discussed=True),)


def _labels() -> dict[str, str]:
    from core.quotes.words import LABELS

    return {name: LABELS[name] for name in ("name", "notes")}


def _asked() -> dict[str, Any]:
    """What an own field's condition may ask of a quote; the rules stand above the models."""
    from core.quotes.rules import FIELDS

    return {name: FIELDS[name] for name in ("name", "notes")}


take_part(Taking("quotes", Quote, _labels, _asked))
