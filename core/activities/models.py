"""What was said and agreed with a customer, and when to come back to it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.finding import EAST_ASIAN, FOLDED
from core.base.hiding import mirror
from core.base.model import Record, TenantBase
from core.base.personal import Personal
from core.base.registry import Child

KINDS = ("call", "mail", "message", "visit", "meeting", "note")
# What a next contact may be; without one it is of the kind of the entry in which it was agreed.
PLANS = ("call", "mail", "message", "visit", "meeting", "task", "promise")
PROMISE = "promise"
# In which of them several may take part.
TOGETHER = ("call", "visit", "meeting")
DIRECTIONS = ("in", "out")
# A guest was not told of it yet, knows of it, or was told that it is off for him; what he said; what is on its way to him.
GUEST_STATES, ANSWERS, ASKINGS = ("new", "asked", "off"), ("waiting", "accepted", "declined", "tentative"), ("request", "cancel")
# When somebody was last in touch by this entry: a note is no contact, a planned contact that was made is one, a task or a promise is none.
CONTACTED = "GREATEST(CASE WHEN kind <> 'note' THEN happened_at END, CASE WHEN coalesce(next_contact_kind, '') NOT IN ('task', 'promise') THEN done_at END)"
OPEN = "next_contact_on IS NOT NULL AND done_at IS NULL AND deleted_at IS NULL"
IN_ONE_LINE = "translate(body || ' ' || coalesce(next_contact_note, ''), E'\\n\\t', '  ')"

class Activity(Record, TenantBase):
    """One call, mail, message, visit, meeting or note, and the next contact agreed in it.

    owner_id: who is to make the next contact (its author where nobody else is named; created_by is the author).
    next_contact_on: the day where the owner is, always set when a next contact is planned; next_contact_at: the
    moment, only where a time was agreed; next_contact_kind, next_contact_minutes: what it is to be and how long, where that was said. done_at: the next contact
    was made. reminded_at: its reminder went out. broken_at: of a promise, that its day went by was reported. contacted_at: when somebody was in touch by it, none of a mere note.
    place: where it was, or is to be. calendar_uid: as what it is known in the calendar from whose file it came.
    said_fold: what a search looks in, text and note in one line, so that every word begins behind a space.
    """

    __tablename__, ROOM = "activity", "activities"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"direction IN {DIRECTIONS}", name="direction"),
        CheckConstraint(f"next_contact_kind IN {PLANS}", name="next_contact_kind"),
        CheckConstraint("next_contact_minutes BETWEEN 1 AND 1440", name="next_contact_minutes"),
        CheckConstraint("account_id IS NOT NULL OR contact_id IS NOT NULL", name="about"),
        CheckConstraint("next_contact_at IS NULL OR next_contact_on IS NOT NULL", name="next_contact"),
        Index("ix_activity_account", "account_id", text("happened_at DESC"), text("id DESC"), postgresql_where=text("account_id IS NOT NULL")),
        Index("ix_activity_contact", "contact_id", text("happened_at DESC"), text("id DESC"), postgresql_where=text("contact_id IS NOT NULL")),
        Index("ix_activity_alone", "contact_id", text("happened_at DESC"), text("id DESC"), postgresql_where=text("account_id IS NULL")),
        Index("ix_activity_happened_at", text("happened_at DESC"), text("id DESC"), postgresql_where=text("deleted_at IS NULL")),
        Index("ix_activity_due", "owner_id", "next_contact_on", "id", postgresql_where=text(OPEN)),
        Index("ix_activity_account_contacted", "account_id", text("contacted_at DESC"), postgresql_where=text("account_id IS NOT NULL AND contacted_at IS NOT NULL AND deleted_at IS NULL")),
        Index("ix_activity_contact_contacted", "contact_id", text("contacted_at DESC"), postgresql_where=text("contact_id IS NOT NULL AND contacted_at IS NOT NULL AND deleted_at IS NULL")),
        Index("ix_activity_account_next", "account_id", "next_contact_on", postgresql_where=text("account_id IS NOT NULL AND next_contact_on IS NOT NULL AND done_at IS NULL AND deleted_at IS NULL")),
        Index("ix_activity_contact_next", "contact_id", "next_contact_on", postgresql_where=text("contact_id IS NOT NULL AND next_contact_on IS NOT NULL AND done_at IS NULL AND deleted_at IS NULL")),
        Index("ix_activity_promise", "next_contact_on", "id", postgresql_where=text("next_contact_kind = 'promise' AND next_contact_on IS NOT NULL AND deleted_at IS NULL")),
        Index("ix_activity_calendar", "owner_id", "calendar_uid", postgresql_where=text("calendar_uid IS NOT NULL AND deleted_at IS NULL")),
        Index(
            "ix_activity_find", "said_fold", postgresql_using="gin", postgresql_ops={"said_fold": "ext.gin_trgm_ops"}, postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_activity_east_asian", text(f"({EAST_ASIAN.format(folded='said_fold')})"), postgresql_using="gin", postgresql_where=text("deleted_at IS NULL")),
        {"info": {"audit": True}},
    )
    kind: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    body: Mapped[str] = mapped_column(server_default=text("''"), default="")
    happened_at: Mapped[datetime]
    direction: Mapped[str | None]
    outcome: Mapped[str | None]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    next_contact_on: Mapped[date | None]
    next_contact_at: Mapped[datetime | None]
    next_contact_note: Mapped[str | None]
    next_contact_kind: Mapped[str | None]
    next_contact_minutes: Mapped[int | None] = mapped_column(SmallInteger)
    place: Mapped[str | None]
    done_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    broken_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    calendar_uid: Mapped[str | None]
    contacted_at: Mapped[datetime | None] = mapped_column(Computed(CONTACTED, persisted=True), deferred=True)
    said_fold: Mapped[str] = mapped_column(Computed(FOLDED.format(column=IN_ONE_LINE), persisted=True), deferred=True)


class Participant(Record, TenantBase):
    """Who takes part in a call, visit or meeting beside its owner and whom it is with: somebody of a customer, or a colleague. Who has become the
    owner, or the one it is with, is no further one while he is."""

    __tablename__ = "activity_participant"
    __table_args__ = (
        CheckConstraint("num_nonnulls(contact_id, user_id) = 1", name="who"),
        Index("uq_activity_participant_contact", "activity_id", "contact_id", unique=True), Index("uq_activity_participant_user", "activity_id", "user_id", unique=True),
        Index("ix_activity_participant_contact_id", "contact_id"), Index("ix_activity_participant_user_id", "user_id"), {"info": {"audit": True}},
    )
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))


class Guest(Record, TenantBase):
    """Somebody who is asked by mail to a call, visit or meeting of which he is part. told: a digest of what he was told last, sequence: of which state of it; meets_at: when
    it was to be then. asking: what is on its way to him and goes at due_at, by whose word asked_by. answer: what he said to what he was told last, answered_at: when."""

    __tablename__ = "activity_guest"
    __table_args__ = (
        CheckConstraint("num_nonnulls(contact_id, user_id) = 1", name="who"), CheckConstraint(f"state IN {GUEST_STATES}", name="state"), CheckConstraint(f"answer IN {ANSWERS}", name="answer"),
        CheckConstraint(f"asking IN {ASKINGS}", name="asking"), CheckConstraint("(asking IS NULL) = (due_at IS NULL)", name="held"), CheckConstraint("(state = 'new') = (told IS NULL)", name="told"),
        CheckConstraint("num_nonnulls(told, sequence, meets_at) IN (0, 3)", name="known"), CheckConstraint("(answer = 'waiting') = (answered_at IS NULL)", name="answered"),
        Index("uq_activity_guest_contact", "activity_id", "contact_id", unique=True), Index("uq_activity_guest_user", "activity_id", "user_id", unique=True),
        Index("ix_activity_guest_contact_id", "contact_id"), Index("ix_activity_guest_user_id", "user_id"), {"info": {"audit": True, "secret": ["mail"]}},
    )
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    mail: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'new'"), default="new")
    answer: Mapped[str] = mapped_column(server_default=text("'waiting'"), default="waiting")
    answered_at: Mapped[datetime | None]
    told: Mapped[str | None]
    sequence: Mapped[int | None]
    meets_at: Mapped[datetime | None]
    asking: Mapped[str | None]
    due_at: Mapped[datetime | None]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))


mirror("contacts", "mail", Guest, "mail")

CHILDREN = (
    Child("activity_guest", "contact_id", "contact", unique=("activity_id",), personal=("mail",)),
    Child("activity_participant", "contact_id", "contact", unique=("activity_id",)),
    Child("activity", "account_id", "account", owner="owner_id", personal=("body", "next_contact_note")),
    Child("activity", "contact_id", "contact", owner="owner_id", personal=("body", "next_contact_note")),
)

PERSONAL = (Personal("activity", by=("contact_id", "account_id"), cleared=("body", "next_contact_note", "outcome", "place", "calendar_uid"), told=("body", "next_contact_note", "outcome", "place"), purged="null"), Personal("activity_participant", by=("contact_id",), gone=True, purged="delete"), Personal("activity_guest", by=("contact_id",), at=("mail",), gone=True, purged="delete"))
HARMLESS = {
    **{f"activity.{name}": "a word of a list" for name in ("kind", "direction", "next_contact_kind")}, **{f"activity_guest.{name}": "a word of a list" for name in ("state", "answer", "asking")}, "activity_guest.told": "a digest",
}
