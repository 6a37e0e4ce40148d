"""The door of the operators' console: a session of the control schema, whole only after the second factor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import abort, g, request
from sqlalchemy.orm import Session

from infra import i18n
from tenants import entry, operations
from tenants.models import Operator
from web import door

# Every operator holds all of these; a route that names another does not start.
PERMISSIONS = frozenset({
    "tenants.read", "tenants.suspend", "tenants.comp", "tenants.keep", "tenants.lift", "invoices.read", "invoices.record", "queues.read", "queues.retry", "console.leave",
})


@dataclass(frozen=True, slots=True)
class OperatorContext:
    """session: open transaction on the control schema. now: aware UTC, fixed for the transaction."""

    session: Session
    operator: Operator
    now: datetime
    locale: str

    @property
    def by(self) -> str:
        """How the operator stands in the record."""
        return self.operator.mail_norm


@contextmanager
def signed_in_operator(permission: str) -> Iterator[OperatorContext]:
    """The context of the operator behind the session cookie; 401 without a whole session. One transaction."""
    if permission not in PERMISSIONS:
        raise RuntimeError(f"no such operator permission: {permission}")
    token = request.cookies.get(door.cookie_name())
    if g.place.kind != "ops" or not token:
        abort(401)
    door.take_form()
    with entry.control() as session:
        now = entry.utcnow()
        found = operations.session_of(session, token, now)
        if found is None:
            abort(401)
        row, operator = found
        door.check_csrf(row.csrf)
        operations.touch(row, now)
        g.sign_in, g.csrf, g.lang = row, row.csrf, i18n.language(operator.locale)
        g.me = {"id": operator.id, "name": operator.name, "mail": operator.mail_norm, "initials": operator.name[:1].upper(), "role": "operator"}
        try:
            yield OperatorContext(session, operator, now, g.lang)
        except BaseException:
            g.sign_in = g.me = None  # rolled back: the page that says so stands on nothing of this transaction
            raise
