"""Why deals are lost, as the workspace says it: what is offered where a reason is asked for."""

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from core.base.model import TenantBase, Timed


class LossReason(Timed, TenantBase):
    """A reason that is offered. A deal keeps its own words, so that one taken away changes no past."""

    __tablename__ = "loss_reason"
    __table_args__ = (CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name"), Index("uq_loss_reason_name", text("lower(name)"), unique=True), {"info": {"audit": True}})
    name: Mapped[str]


REASON_HARMLESS = {"loss_reason.name": "words of the workspace"}
