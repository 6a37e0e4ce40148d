"""What a person asks of his data, what was found of him, and how long the recycle bin keeps."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from core.base.model import Record, TenantBase
from core.base.personal import Personal

KINDS = ("access", "correct", "erase", "restrict", "object")
STATES = ("searching", "open", "working", "done", "refused", "failed")
MOVING = ("searching", "working")
WHY = ("record", "linked", "address", "name")
SECRET = ("who", "mail", "also", "identity", "outcome", "proof", "file_key")
EMPTY = text("'{}'::jsonb")


class SubjectRequest(Record, TenantBase):
    """One request of a person about his data. who, mail, also: by what he is looked for; emptied once it is done, then mail_hash
    tells alone whose it was. proof: what was done, with counts. file_key: what was taken out for him, until it was fetched."""

    __tablename__, ROOM = "subject_request", "privacy"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"), CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_subject_request_created_at", text("created_at DESC"), text("id DESC")), {"info": {"audit": True, "secret": list(SECRET)}},
    )
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'searching'"), default="searching")
    who: Mapped[str | None]
    mail: Mapped[str | None]
    also: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"), default=list)
    received_on: Mapped[date]
    due_on: Mapped[date]
    extended_why: Mapped[str | None]
    identity: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    proof: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY, default=dict)
    mail_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    file_key: Mapped[str | None]


class SubjectHit(TenantBase):
    """One row in which the person may stand. why: it is his record, hangs on it, holds his address, or only his name. belongs:
    the officer says that it is about him. Gone once the request is done."""

    __tablename__ = "subject_hit"
    __table_args__ = (PrimaryKeyConstraint("request_id", "table_name", "row_key"), CheckConstraint(f"why IN {WHY}", name="why"))
    request_id: Mapped[UUID] = mapped_column(ForeignKey("subject_request.id", ondelete="CASCADE"))
    table_name: Mapped[str]
    row_key: Mapped[str]
    why: Mapped[str]
    said: Mapped[str]
    belongs: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class Retention(Record, TenantBase):
    """How many days the recycle bin keeps what was deleted: at most one row, none means 90."""

    __tablename__ = "retention"
    __table_args__ = (CheckConstraint("one", name="one"), CheckConstraint("bin_days BETWEEN 7 AND 365", name="bin_days"), {"info": {"audit": True}})
    one: Mapped[bool] = mapped_column(server_default=text("true"), default=True, unique=True)
    bin_days: Mapped[int] = mapped_column(server_default=text("90"), default=90)


PERSONAL = (
    Personal("subject_request", told=("who", "mail", "also", "identity", "outcome", "proof", "extended_why"), files=("file_key",)), Personal("subject_hit", told=("said",), gone=True),
)
HARMLESS = {
    **{f"subject_request.{name}": "a word of a list" for name in ("kind", "state")}, "subject_request.mail_hash": "a keyed hash alone",
    **{f"subject_hit.{name}": "a key, or a word of a list" for name in ("table_name", "row_key", "why")}, "retention": "a number of days",
}
