"""Numbers of documents: one after the other without gaps, for each series and year."""

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from core.base.context import Context
from core.base.model import Keyed, TenantBase


class NumberSeries(Keyed, TenantBase):
    """last: the number of a series that was taken last in that year."""

    __tablename__ = "number_series"
    __table_args__ = (CheckConstraint("last > 0", name="last"), Index("uq_number_series_series", "series", "year", unique=True))
    series: Mapped[str]
    year: Mapped[int]
    last: Mapped[int] = mapped_column()


HARMLESS = {"number_series": "letters and a count"}


def take_number(ctx: Context, series: str) -> str:
    """The next number of a series ("Q-2026-00001"), of the year in which the workspace's day lies. Its row stays locked until the
    transaction ends: two at once get two numbers, and what is rolled back gives its number back."""
    year = ctx.tenant_today.year
    taken = insert(NumberSeries).values(series=series, year=year, last=1)
    taken = taken.on_conflict_do_update(index_elements=["series", "year"], set_={"last": NumberSeries.last + 1})
    return f"{series}-{year}-{ctx.session.execute(taken.returning(NumberSeries.last)).scalar_one():05d}"
