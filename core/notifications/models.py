"""What users are told, who follows what, and what each of them wants to be told how."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.registry import Child

# What a user is told. The order is that of the settings page.
KINDS = ("mentioned", "assigned", "commented", "reminder", "received", "finished", "joined", "workspace")
# app: on his page alone. mail: by mail at once, too. digest: in the morning's letter, too. none: not at all.
CHANNELS = ("mail", "digest", "app", "none")
DEFAULTS = {"mentioned": "mail", "assigned": "mail", "commented": "digest", "reminder": "mail", "received": "app", "finished": "app", "joined": "app", "workspace": "mail"}
FOLLOWING = ("following", "muted")
# On which days the list of the day comes by mail: on those on which the workspace works, or on all.
DAYS = ("working", "every")
USER = "app_user.id"


class Notification(Timed, TenantBase):
    """One thing that one user is told. It may hang on a record (record_kind, record_id) and stem from a source, such as
    a comment. params: values of its sentence, and `say` where its kind has several. retracted_at: its source is gone.
    in_digest: the morning's letter is to name it; digested_at: it did, or it need not any more."""

    __tablename__ = "notification"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("(record_kind IS NULL) = (record_id IS NULL)", name="record"),
        Index("ix_notification_user_id", "user_id", text("created_at DESC"), text("id DESC")),
        Index("ix_notification_unread", "user_id", text("created_at DESC"), text("id DESC"), postgresql_where=text("read_at IS NULL AND retracted_at IS NULL")),
        Index("ix_notification_digest", "user_id", "created_at", postgresql_where=text("in_digest AND digested_at IS NULL")),
        Index("ix_notification_record_id", "record_id", postgresql_where=text("record_id IS NOT NULL")),
        Index("ix_notification_source_id", "source_id", postgresql_where=text("source_id IS NOT NULL")),
        Index("uq_notification_dedupe_key", "user_id", "dedupe_key", unique=True, postgresql_where=text("dedupe_key IS NOT NULL")),
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey(USER, ondelete="CASCADE"))
    kind: Mapped[str]
    record_kind: Mapped[str | None]
    record_id: Mapped[UUID | None]
    source_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey(USER, ondelete="SET NULL"))
    actor_name: Mapped[str | None]
    params: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    dedupe_key: Mapped[str | None]
    read_at: Mapped[datetime | None]
    retracted_at: Mapped[datetime | None]
    in_digest: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    digested_at: Mapped[datetime | None]


class NotificationSetting(Record, TenantBase):
    """How a user wants to be told each kind, and the hours (where he is) in which no mail shall come. No row: DEFAULTS.
    daily_hour: at which the list of the day comes to him by mail; none: not at all. daily_since: when he asked for it; what was due before he
    does not get."""

    __tablename__ = "notification_setting"
    __table_args__ = (
        *(CheckConstraint(f"{kind} IN {CHANNELS}", name=kind) for kind in KINDS),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from <> quiet_until", name="quiet"),
        CheckConstraint("quiet_from BETWEEN 0 AND 23 AND quiet_until BETWEEN 0 AND 23", name="hours"),
        CheckConstraint("daily_hour BETWEEN 0 AND 23", name="daily_hour"), CheckConstraint(f"daily_days IN {DAYS}", name="daily_days"),
        CheckConstraint("(daily_hour IS NULL) = (daily_since IS NULL)", name="daily"),
        {"info": {"audit": True}},
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey(USER, ondelete="CASCADE"), unique=True)
    mentioned: Mapped[str] = mapped_column(server_default=text("'mail'"), default="mail")
    assigned: Mapped[str] = mapped_column(server_default=text("'mail'"), default="mail")
    commented: Mapped[str] = mapped_column(server_default=text("'digest'"), default="digest")
    reminder: Mapped[str] = mapped_column(server_default=text("'mail'"), default="mail")
    received: Mapped[str] = mapped_column(server_default=text("'app'"), default="app")
    finished: Mapped[str] = mapped_column(server_default=text("'app'"), default="app")
    joined: Mapped[str] = mapped_column(server_default=text("'app'"), default="app")
    workspace: Mapped[str] = mapped_column(server_default=text("'mail'"), default="mail")
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    daily_hour: Mapped[int | None]
    daily_days: Mapped[str] = mapped_column(server_default=text("'working'"), default="working")
    daily_since: Mapped[datetime | None]


class Follower(Timed, TenantBase):
    """Who follows a record, or (muted) does not want to hear of it, even as its owner."""

    __tablename__ = "follower"
    __table_args__ = (
        CheckConstraint(f"state IN {FOLLOWING}", name="state"),
        Index("uq_follower_record_user", "record_id", "record_kind", "user_id", unique=True), Index("ix_follower_user_id", "user_id"),
    )
    record_kind: Mapped[str]
    record_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey(USER, ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(server_default=text("'following'"), default="following")


CHILDREN = (
    Child("notification", "record_id", "*", kind="record_kind", personal=("params",), grows=False),
    Child("follower", "record_id", "*", kind="record_kind", grows=False, unique=("user_id",)),
)

PERSONAL = (Personal("notification", by=("record_id",), through=(("record_id", "quote"),), told=("params",), gone=True, purged="delete", passing=True), Personal("follower", by=("record_id",), gone=True, purged="delete"))
HARMLESS = {
    **{f"notification.{name}": "a word of a list" for name in ("kind", "record_kind")}, "notification.actor_name": "a colleague", "notification.dedupe_key": "made of keys",
    **{f"follower.{name}": "a word of a list" for name in ("record_kind", "state")}, "notification_setting": "how a colleague wants to be told",
}
