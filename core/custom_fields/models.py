"""Definitions of a tenant's own fields, and which values of unique ones are taken."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child

KINDS = (
    "text", "long_text", "whole", "decimal", "amount", "date", "moment", "yes_no", "choice", "choices", "mail", "phone", "link", "user", "account", "contact",
)
EMPTY_LIST, EMPTY_MAP = text("'[]'::jsonb"), text("'{}'::jsonb")


class CustomField(Record, TenantBase):
    """One field of one room's records. key: under which the values stand in `custom`; it never changes and is never given
    again. labels: language -> label, where it differs from `label`. options: [{"key", "label", "colour", "archived"}] in
    their order. preset: {"value": what a new record begins with}, or nothing. shown_when: {"field", "op", "value"},
    or nothing: always. archived_at: the field is gone, its values stay. erased_at: the values are gone for good."""

    __tablename__ = "custom_field"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"), CheckConstraint("char_length(key) BETWEEN 1 AND 60", name="key"),
        CheckConstraint("erased_at IS NULL OR archived_at IS NOT NULL", name="erased"),
        Index("uq_custom_field_room_key", "room", "key", unique=True),
        {"info": {"audit": True}},
    )
    room: Mapped[str]
    key: Mapped[str]
    kind: Mapped[str]
    label: Mapped[str]
    labels: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY_MAP, default=dict)
    help: Mapped[str | None]
    options: Mapped[list[Any]] = mapped_column(server_default=EMPTY_LIST, default=list)
    is_required: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    is_unique: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    preset: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY_MAP, default=dict)
    shown_when: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY_MAP, default=dict)
    section: Mapped[str | None]
    position: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    in_list: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    is_searched: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    is_personal: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    archived_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class CustomUnique(TenantBase):
    """A value of a unique field that a record has, in the recycle bin too. value_hash: of the value in lower case."""

    __tablename__ = "custom_unique"
    __table_args__ = (PrimaryKeyConstraint("field_id", "value_hash"), Index("ix_custom_unique_record_id", "record_id"))
    field_id: Mapped[UUID] = mapped_column(ForeignKey("custom_field.id", ondelete="CASCADE"))
    value_hash: Mapped[bytes] = mapped_column(LargeBinary)
    record_id: Mapped[UUID]


# Whoever merges calls core.custom_fields.unique.hand_over for the record that stays.
CHILDREN = tuple(Child("custom_unique", "record_id", parent, verb="keep", grows=False) for parent in ("account", "contact"))
PERSONAL = (Personal("custom_unique", by=("record_id",), gone=True, purged="delete"),)
HARMLESS = {"custom_field": "how the workspace is arranged", "custom_unique.value_hash": "a hash alone"}
