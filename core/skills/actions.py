"""Saying what somebody can do."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Gathered, Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean, fold
from core.identity.models import User
from core.products.lookup_models import Category
from core.skills.models import UserSkill
from core.skills.rules import language_code

MOST, LONGEST = 50, 60


def set_skills(ctx: Context, user: User, *, languages: Collection[str] | None = None, category_ids: Collection[UUID] | None = None, words: Collection[str] | None = None) -> User:
    """His skills are these from now on; what is None stays as it is. Refuses a language that nobody knows (`language_unknown`), a
    category that is not there (`category_unknown`)."""
    require(ctx, "users.manage", user)
    wrong, wanted = Gathered(), {}
    for field, given, column, cleaned in (("languages", languages, "language", _languages), ("category_ids", category_ids, "category_id", _categories), ("words", words, "word", _words)):
        if given is not None:
            with wrong.taking():
                wanted[column] = set(cleaned(ctx, _few(given, field)))
    wrong.settle()
    hold(ctx, user)
    there = {(name, value): row for row in ctx.session.execute(select(UserSkill).where(UserSkill.user_id == user.id)).scalars() for name in wanted if (value := getattr(row, name)) is not None}
    asked = {(name, value) for name, values in wanted.items() for value in values}
    for gone in there.keys() - asked:
        ctx.session.delete(there[gone])
    for name, value in sorted(asked - there.keys(), key=str):
        ctx.session.add(UserSkill(user_id=user.id, **{name: value}))
    if asked != there.keys():
        ctx.session.flush()  # what is asked of skills in this transaction sees them
        record(ctx, "user.skills_changed", user, name=user.name)
    return user


def _few(given: Collection, field: str) -> list:
    found = list(dict.fromkeys(given))
    if len(found) > MOST:
        raise Refused("too_many_items", field=field, max=MOST)
    return found


def _languages(ctx: Context, given: Iterable[str]) -> Iterable[str]:
    for typed in given:
        if not (text := clean(typed, field="languages", max_length=LONGEST)):
            continue
        code = language_code(text)
        if code is None:
            raise Refused("language_unknown", field="languages", value=text)
        yield code


def _categories(ctx: Context, given: Collection[UUID]) -> Iterable[UUID]:
    there = set(ctx.session.execute(select(Category.id).where(Category.id.in_(given))).scalars())
    if there != set(given):
        raise Refused("category_unknown", field="category_ids")
    return given


def _words(ctx: Context, given: Iterable[str]) -> Iterable[str]:
    """Each once, however it is written."""
    return {fold(text): text for typed in given if (text := clean(typed, field="words", max_length=LONGEST))}.values()
