"""Reads of comments: the discussion of a record, one comment, whom one may mention."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, Select, Text, cast, func, literal, select, text, true, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by

from core.base.context import Context
from core.base.errors import NotFound
from core.base.finding import MOST_LOOKED_AT, characters_of, holds
from core.base.places import read_place, write_place
from core.base.policy import sees_only_named
from core.base.records import kind_of, on_readable, with_titles
from core.base.rooms import is_off
from core.discussions.models import Comment, Mention
from core.identity.models import User
from core.identity.queries import known_people
from core.identity.seeing import who_sees
from core.notifications.following import followers_of

LENGTH = 20


@dataclass(frozen=True)
class Discussion:
    """rows: comments with author_name and said (what stands behind each @), oldest first. before: where the earlier ones
    begin, None where there are none. count: how many there are in all, on the first page. followers: {id, name, state}
    of whoever follows the record or muted it, by name."""

    rows: list[Row]
    before: str | None
    count: int | None
    followers: list[dict[str, str]]


def discussion(ctx: Context, record: Any, *, before: str | None = None, limit: int = LENGTH) -> Discussion:
    """The newest comments on a record and its followers, in one statement; the caller has checked that the actor sees it."""
    place, mine = read_place(before, "comments"), (Comment.record_id == record.id, Comment.record_kind == kind_of(record), Comment.deleted_at.is_(None))
    few = select(Comment.id).where(*mine)
    if place:
        few = few.where(tuple_(Comment.created_at, Comment.id) < tuple_(*(literal(value) for value in place)))
    few = few.order_by(Comment.created_at.desc(), Comment.id.desc()).limit(limit + 1).subquery("few")
    said = select(func.array_agg(aggregate_order_by(Mention.said, func.length(Mention.said).desc()), type_=ARRAY(Text))).where(Mention.comment_id == Comment.id)
    count = select(func.count()).select_from(Comment).where(*mine).scalar_subquery() if place is None else cast(None, BigInteger)
    people = followers_of(record).subquery("people")
    one = func.jsonb_build_object("id", people.c.id, "name", people.c.name, "state", people.c.state)
    whole = select(func.coalesce(func.jsonb_agg(aggregate_order_by(one, func.lower(people.c.name), people.c.id)), cast([], JSONB)).label("followers"), count.label("count")).subquery("whole")
    query = select(whole.c.followers, whole.c.count, Comment, User.name.label("author_name"), said.correlate(Comment).scalar_subquery().label("said"))
    query = query.select_from(whole).outerjoin(few, true()).outerjoin(Comment, Comment.id == few.c.id).outerjoin(User, User.id == Comment.author_id)
    found = list(ctx.session.execute(query.order_by(Comment.created_at.desc(), Comment.id.desc())))
    rows = [row for row in found if row.Comment is not None]
    last = rows[limit - 1].Comment if len(rows) > limit else None
    return Discussion(rows[:limit][::-1], write_place(last.created_at, last.id) if last else None, found[0].count, found[0].followers)


def comments(ctx: Context) -> Select:
    """Where every query of comments starts: those on records that the actor may open."""
    return select(Comment).where(Comment.deleted_at.is_(None), on_readable(ctx, Comment.record_kind, Comment.record_id, discussed=True))


def one_comment(ctx: Context, comment_id: UUID, *, deleted: bool = False) -> Comment:
    """A comment on a record that the actor may open; NotFound otherwise. deleted: one that was taken away."""
    side = Comment.deleted_at.is_not(None) if deleted else Comment.deleted_at.is_(None)
    query = select(Comment).where(Comment.id == comment_id, side, on_readable(ctx, Comment.record_kind, Comment.record_id, discussed=True))
    found = ctx.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def mentioned_in(ctx: Context, comment: Comment) -> set[UUID]:
    """Whom it mentions now."""
    return set(ctx.session.execute(select(Mention.user_id).where(Mention.comment_id == comment.id)).scalars())


def quick(ctx: Context, search: str, *, limit: int = 8) -> list[Select]:
    """(kind, id, name, note, name_fold, rank, at, about, about_id) of comments that hold every word, newest first, as a
    part of a search over everything. Found is what stands on records that the actor may open: note, about, about_id say
    which. Some of the matches are looked at: a common word gives good answers, not all of them."""
    found = holds(search, (Comment.said_fold,), characters_of(Comment.__table__.c.said_fold))
    if found is None or is_off(ctx, "discussions"):
        return []
    some = select(Comment.id).where(Comment.deleted_at.is_(None), found).limit(MOST_LOOKED_AT).cte("some_comments")
    query, title, there = with_titles(ctx, select(Comment), Comment.record_kind, Comment.record_id)
    part = query.with_only_columns(
        literal("comment").label("kind"), Comment.id, Comment.body.label("name"), title.label("note"), literal("").label("name_fold"),
        cast(-func.extract("epoch", Comment.created_at), BigInteger).label("rank"), Comment.created_at.label("at"), Comment.record_kind.label("about"), Comment.record_id.label("about_id"),
    ).where(Comment.id.in_(select(some.c.id)), there)
    return [part.order_by(text("rank"), Comment.id.desc()).limit(limit)]


def mentionable(ctx: Context, record: Any, typed: str = "", *, limit: int = 8) -> list["Candidate"]:
    """Colleagues whose name or address begins a word with what was typed: those who see the
    record first. The caller has checked that the actor sees it."""
    words = [word for word in typed.casefold().split() if word.isprintable()][:4]
    seeing = {one.user_id for one in who_sees(ctx, record)}
    query = select(User.id, User.name, User.mail).where(User.state == "active", User.id != ctx.actor.id).order_by(func.lower(User.name), User.id)
    known = known_people(ctx) if sees_only_named(ctx.actor) else None
    found = [row for row in ctx.session.execute(query) if (known is None or row.id in known) and all(f" {word}" in f" {row.name} {row.mail}".casefold() for word in words)]
    names = [row.name.casefold() for row in found]
    shown = [Candidate(row.id, row.name, row.mail, row.id in seeing, names.count(row.name.casefold()) > 1) for row in found]
    return sorted(shown, key=lambda one: not one.sees)[:limit]


@dataclass(frozen=True)
class Candidate:
    """A colleague in the picker. twin: another has his name, so that his mail address says who is meant."""

    id: UUID
    name: str
    mail: str
    sees: bool
    twin: bool
