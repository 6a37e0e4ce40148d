"""What follows from how a transaction ends, where the database cannot see to it: bytes in the store above all.

A savepoint is a transaction of its own to SQLAlchemy: its events come for a savepoint too. Here what was done inside one is undone with it or with any
transaction around it, and certain with the outermost commit alone.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

KEPT, UNDONE = "outcome:kept", "outcome:undone"
Act = Callable[[], Any]


def if_undone(session: Session, act: Act) -> None:
    """Do it once what is being written now is rolled back: by the savepoint at hand, or by what is around it. Nothing otherwise."""
    _listed(session, UNDONE).append((_around(session), act))


def once_kept(session: Session, act: Act) -> None:
    """Do it once what is being written now is certain, with the outermost commit; never where it is rolled back before."""
    _listed(session, KEPT).append((_around(session), act))


def _around(session: Session) -> list[Any]:
    """The transaction at hand and those around it."""
    found, one = [], session.get_nested_transaction() or session.get_transaction() or session.begin()
    while one is not None:
        found.append(one)
        one = one.parent
    return found


def _listed(session: Session, name: str) -> list[tuple[list[Any], Act]]:
    if KEPT not in session.info:
        session.info[KEPT], session.info[UNDONE] = [], []
        event.listen(session, "after_commit", _committed)
        event.listen(session, "after_soft_rollback", _rolled_back)
    return session.info[name]


def _committed(session: Session) -> None:
    if session.in_nested_transaction():
        return
    acts, session.info[KEPT], session.info[UNDONE] = session.info[KEPT], [], []
    for _, act in acts:
        act()


def _rolled_back(session: Session, ended: Any) -> None:
    acts = [act for around, act in session.info[UNDONE] if ended in around]
    for name in (KEPT, UNDONE):
        session.info[name] = [pair for pair in session.info[name] if ended not in pair[0]]
    for act in acts:
        act()
