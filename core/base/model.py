"""The ground of every table in a tenant's schema."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Integer, MetaData, Numeric, Text, Uuid, event, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column

from infra.db import NAMING

COLUMN_TYPES = {
    str: Text,
    UUID: Uuid,
    datetime: DateTime(timezone=True),
    date: Date,
    Decimal: Numeric,
    dict: JSONB,
    dict[str, Any]: JSONB,
    list[Any]: JSONB,
}


class TenantBase(DeclarativeBase):
    """Tables of the tenant's own schema; never written with a schema name, the search path decides.

    `info={"audit": True}` on a table keeps who changed what (core.audit), `"secret": [columns]` leaves columns
    out of it, `"permission": name` keeps it from those who don't hold that permission, `"append_only": True` takes UPDATE and DELETE away from the tenant's role.
    """

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = COLUMN_TYPES


class Keyed:
    """A UUIDv7 key made by the database."""

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"), sort_order=-10)


class Timed(Keyed):
    """Keyed, and stamped with the transaction's own now and actor."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=90)
    created_by: Mapped[UUID | None] = mapped_column(sort_order=91)


class Record(Timed):
    """What a person edits: stamped, and with a version that refuses a lost update."""

    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=92)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"), default=1, sort_order=93)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version if "__table__" in cls.__dict__ else cls.version, "eager_defaults": True}


@event.listens_for(Session, "before_flush")
def _stamp(session: Session, flush_context, instances) -> None:
    """Times come from the context's now, so that a moved clock moves the rows."""
    now, actor = session.info.get("now"), session.info.get("actor_id")
    if now is None:
        return
    for row in session.new:
        if isinstance(row, Timed):
            row.created_at = row.created_at or now
            row.created_by = row.created_by or actor
            if isinstance(row, Record):
                row.updated_at = row.updated_at or now
    for row in session.dirty:
        if isinstance(row, Record) and session.is_modified(row):
            row.updated_at = now


class SchemaVersion(TenantBase):
    """The one row that says which revision this schema stands on; the migration runner keeps it."""

    __tablename__ = "schema_version"
    __table_args__ = ({"info": {"owner_only": True}},)
    version: Mapped[str] = mapped_column(primary_key=True)
