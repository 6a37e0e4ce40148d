"""What the pages of records say of the conversations that hang on them: the newest, each as far as the actor reads it."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, case, cast, func, literal, literal_column, null, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from core.base.context import Context
from core.base.policy import has
from core.identity.models import User
from core.mail.models import MailLink, MailThread
from core.mail.reading import reads

SHOWN = 5


def newest_mails(ctx: Context, model: Any) -> ColumnElement | None:
    """{"number", "rows": the newest five with id, subject (none where it is not told), at, by, open: whether he reads it}; None for whoever reads no mails. That he may open
    the record is asked by the statement that this stands in."""
    if not has(ctx, "mail.read"):
        return None
    where = (MailLink.record_id == model.id, MailLink.record_kind == model.__tablename__, MailThread.last_at.is_not(None))
    columns = (MailThread.id, MailThread.subject, MailThread.told, MailThread.last_at.label("at"), User.name.label("by"), reads(ctx).label("open"))
    linked = select(*columns).select_from(MailLink).join(MailThread, MailThread.id == MailLink.thread_id).join(User, User.id == MailThread.owner_id, isouter=True)
    few = linked.where(*where).order_by(MailThread.last_at.desc(), MailThread.id.desc()).limit(SHOWN).correlate(model).subquery("few_mails")
    shown = {
        "id": case((few.c.open, cast(few.c.id, Text)), else_=null()), "subject": case((or_(few.c.open, few.c.told == "subject"), few.c.subject), else_=null()), "at": few.c.at, "by": few.c.by, "open": few.c.open,
    }
    pairs = [part for name, value in shown.items() for part in (literal(name, Text), value)]
    rows = select(func.jsonb_agg(aggregate_order_by(func.jsonb_build_object(*pairs), few.c.at.desc()))).scalar_subquery()
    number = select(func.count()).select_from(MailLink).join(MailThread, MailThread.id == MailLink.thread_id).where(*where).correlate(model).scalar_subquery()
    return func.jsonb_build_object("number", cast(number, Integer), "rows", func.coalesce(rows, literal_column("'[]'::jsonb")), type_=JSONB)


BESIDE = {room: {"mails": newest_mails} for room in ("accounts", "contacts", "deals", "leads", "quotes")}
