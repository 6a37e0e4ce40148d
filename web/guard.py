"""The guards: the only way to a context. A view without one has nothing to work with (HOUSE 9).

@needs("accounts.edit")   a signed-in user whose role holds the permission; the view's first argument is ctx
@needs("…", fresh=True)   and who has proved within the last ten minutes that it is him (web.confirming asks; file=True: for a download)
@token("accounts.read")   the same for the API, by bearer token
@stranger("mailings.unsubscribe")  a tenant's public page; ctx holds just these permissions
@by_link("home.read")     the host of files: whoever holds a signed link of this minute (web.files.door); nobody is signed in there
@public                   apex pages and plumbing: no tenant, no ctx
@operator("tenants.read") a person who runs the platform; the first argument is an OperatorContext
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.base import policy
from core.base.errors import Forbidden, NotFound, ReadOnly
from web import door
from web.confirming import ask_first, handed_over
from web.once import once


@dataclass(frozen=True)
class Guard:
    """What a route declares; tests list these. kind: needs, token, stranger, link, public, operator."""

    kind: str
    permission: str = ""
    fresh: bool = False
    file: bool = False


def needs(permission: str, *, fresh: bool = False, file: bool = False) -> Callable:
    """Let in whoever is signed in and holds the permission; the record itself is checked by the use case. fresh: for what is
    dangerous, only after a sign-in or confirmation of the last ten minutes. file: the answer is a download, which changes no page."""
    return _guarded(Guard("needs", permission, fresh, file), door.signed_in, again)


def token(permission: str) -> Callable:
    """Let in an API token whose user holds the permission. Its calls reach nothing but the database and files that a rollback
    takes away, so a write is done again too; a form may have asked another server by then, and its page keeps what was typed."""
    return _guarded(Guard("token", permission), door.with_token, partial(again, writing=True))


def by_address(permission: str) -> Callable:
    """The same where the token stands in the address as `key`: for programs that can send none (calendars), on pages that only read."""
    return _guarded(Guard("address", permission), partial(door.with_token, by_address=True), again)


def _guarded(guard: Guard, enter: Callable, again: Callable) -> Callable:
    def decorate(view: Callable) -> Callable:
        @wraps(view)
        @again
        def guarded(**values: Any):
            with enter() as ctx:
                check(ctx, guard.permission)
                asks = ask_first(ctx, file=guard.file) if guard.fresh else None
                if asks is not None:
                    return asks
                return handed_over(ctx, once(ctx, lambda: view(ctx, **values))) if guard.kind == "needs" else view(ctx, **values)

        guarded.guard = guard
        return guarded

    return decorate


def stranger(*permissions: str) -> Callable:
    """A page of a tenant that needs no sign-in. The context holds these permissions and no others."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        @again
        def guarded(**values: Any):
            with door.as_stranger(frozenset(permissions)) as ctx:
                return view(ctx, **values)

        guarded.guard = Guard("stranger", ",".join(permissions))
        return guarded

    return decorate


def stranger_in_steps(*permissions: str) -> Callable:
    """The same for a page that asks another server: the view's first argument opens one short transaction after the other,
    `with enter() as ctx:`, so that none is held while the other side takes its time."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(**values: Any):
            return view(partial(door.as_stranger, frozenset(permissions)), **values)

        guarded.guard = Guard("stranger", ",".join(permissions))
        return guarded

    return decorate


def by_link(permission: str) -> Callable:
    """A file on the host of files; the view's arguments are the system's context and what the link is for."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        @again
        def guarded(**values: Any):
            from web.files.door import following

            with following(permission, **values) as (ctx, found):
                return view(ctx, found)

        guarded.guard = Guard("link", permission)
        return guarded

    return decorate


def again(entered: Callable, *, writing: bool = False) -> Callable:
    """Where the connection died under a request (a restart, a failover) it is done once more, with a new one, and nobody
    notices: a reading one, since it changes nothing; with `writing` also a writing one of which surely nothing was kept."""

    @wraps(entered)
    def twice(**values: Any):
        g.committed = False
        try:
            return entered(**values)
        except DBAPIError as error:
            harmless = request.method in door.SAFE_METHODS or (writing and _nothing_kept(error))
            if not (harmless and error.connection_invalidated):
                raise
            return entered(**values)

    return twice


def _nothing_kept(error: DBAPIError) -> bool:
    """Did the connection die at a statement, with nothing committed before it? Of a COMMIT, for which SQLAlchemy names no
    statement, it is not known whether it took."""
    return error.statement is not None and not g.committed


@event.listens_for(Session, "after_commit")
def _note_commit(session: Session) -> None:
    if has_request_context():
        g.committed = True


def public(view: Callable) -> Callable:
    """A page without a tenant."""
    view.guard = Guard("public")
    return view


def operator(permission: str) -> Callable:
    """A page of the platform's console; its session lives in the control schema (web.operator.door)."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(**values: Any):
            from web.operator.door import signed_in_operator

            with signed_in_operator(permission) as octx:
                return view(octx, **values)

        guarded.guard = Guard("operator", permission)
        return guarded

    return decorate


def check(ctx, permission: str) -> None:
    """The permission without a record: 404 where its room is off, 403 where the role lacks it, 402 where the plan withholds it."""
    rule = policy.permissions()[permission]
    if permission in policy.permissions_off(ctx.tenant.rooms_off):
        raise NotFound()
    if not policy.has(ctx, permission):
        raise Forbidden(permission=permission)
    if not ctx.entitlements.allows(rule.effect):
        raise ReadOnly(access=ctx.entitlements.access)
