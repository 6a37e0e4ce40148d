"""The words of the workspace that records are tagged with. The records hold the words themselves; this table says
how each is spelled, its colour and what it is for. The database keeps both together: ext.settle_tags() makes a row of a word
that is new and spells a known one as its row does, whoever wrote the record (a form, an import, a bulk edit)."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.hiding import mirror
from core.base.model import Record, TenantBase
from core.base.personal import Personal

# The hues of the design guide, in the order in which a page offers them.
COLOURS = ("grey", "blue", "green", "amber", "red", "violet", "cyan", "pink")
# Rooms whose records have them -> what such a record is called, and its table.
TAGGED = {"accounts": "account", "contacts": "contact", "deals": "deal", "leads": "lead", "products": "product"}
ALIVE = "deleted_at IS NULL"
FOLDED_TAG = "casefold(normalize({column}, NFKC))"
SETTLED = tuple(
    f"CREATE TRIGGER a_tags_{event} BEFORE {event.upper()} ON {{table}} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION ext.settle_tags()"
    for event, when in (
        ("insert", "NEW.tags <> '{{}}'"),
        ("update", "NEW.tags <> '{{}}' AND (NEW.tags IS DISTINCT FROM OLD.tags OR NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)"),
    )
)


def settled(table: str) -> tuple[str, ...]:
    """The triggers of a table whose column `tags` holds such words."""
    return tuple(one.format(table=table) for one in SETTLED)


def found_by_tags(table: str) -> Index:
    """The index by which records are found that have a tag."""
    return Index(f"ix_{table}_tags", "tags", postgresql_using="gin", postgresql_where=text(ALIVE))


class Tagged:
    """What has tags."""

    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list)


class Tag(Record, TenantBase):
    """One word. leaving: it is being renamed, merged or deleted: whoever writes it gets the other one (becomes_id) or none."""

    __tablename__, ROOM = "tag", "tags"
    __table_args__ = (
        CheckConstraint(f"colour IN {COLOURS}", name="colour"),
        Index("uq_tag_name_fold", "name_fold", unique=True),
        Index("ix_tag_becomes_id", "becomes_id", postgresql_where=text("becomes_id IS NOT NULL")),
        {"info": {"audit": True, "permission": "tags.read"}},
    )
    name: Mapped[str]
    name_fold: Mapped[str] = mapped_column(Computed(FOLDED_TAG.format(column="name"), persisted=True))
    colour: Mapped[str] = mapped_column(server_default=text("'grey'"), default="grey")
    description: Mapped[str | None]
    leaving: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    becomes_id: Mapped[UUID | None] = mapped_column(ForeignKey("tag.id", ondelete="SET NULL"))


# From whomever the tags of some room's records are hidden, the words are too.
for _room in TAGGED:
    mirror(_room, "tags", Tag, "name", "name_fold", "description")
PERSONAL = (Personal("tag", told=("name", "description")),)
HARMLESS = {"tag.colour": "a word of a list", "tag.name_fold": "the name again, made by the database"}
