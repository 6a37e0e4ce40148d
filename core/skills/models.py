"""What a user can do, one row each. An administrator keeps it; it says to whom leads go and where somebody stands in a ranking."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import TenantBase, Timed


class UserSkill(Timed, TenantBase):
    """One of three: language (its code), word (the workspace's own), category_id (a part of the catalogue, with all below it)."""

    __tablename__ = "user_skill"
    __table_args__ = (
        CheckConstraint("num_nonnulls(language, word, category_id) = 1", name="one"), CheckConstraint("language ~ '^[a-z]{2,3}$'", name="language"), CheckConstraint("char_length(word) BETWEEN 1 AND 60", name="word"),
        Index("uq_user_skill_what", "user_id", "language", "word", "category_id", unique=True, postgresql_nulls_not_distinct=True),
        Index("ix_user_skill_category_id", "category_id"), {"info": {"audit": True}},
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    language: Mapped[str | None]
    word: Mapped[str | None]
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("product_category.id", ondelete="CASCADE"))


HARMLESS = {"user_skill.language": "a language", "user_skill.word": "words of the workspace about a colleague"}
