"""What the list of accounts shows of credit: the grade that holds today."""

from typing import Any

from sqlalchemy import Text, select
from sqlalchemy.orm import aliased

from core.base import standing
from core.base.context import Context
from core.credit.models import CreditStanding
from core.credit.words import GRADE_LABELS, LABELS
from core.parties.models import Account
from core.views.above import MadeColumn

ROW, OPEN = aliased(CreditStanding), aliased(CreditStanding)


def _grade(ctx: Context) -> Any:
    return standing.in_force(ctx, ROW, (ROW.grade,), Account.id).correlate(Account).scalar_subquery()


LISTED = {
    "accounts": (
        MadeColumn(
            "credit_grade", LABELS["grade"], Text(), shown="choice", permission="credit.read", made=_grade, words=GRADE_LABELS,
            rare=Account.id.in_(select(OPEN.account_id).where(OPEN.ended_at.is_(None))),
        ),
    ),
}
