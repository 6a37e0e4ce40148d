"""The company's own sign-in (OpenID Connect): its provider, who comes through it, and whether it is the only way in.

What calls out happens elsewhere, with no transaction held: discovery in a job, the exchange of a code between two
transactions of the page. Here is what is stored and decided (RELIABILITY X21).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import false, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require
from core.base.text import clean_needed
from core.identity import actions, queries, seats, stepping
from core.identity.models import IdentityProvider, Role, SignIn, SignInStep, User, UserIdentity
from core.identity.roles import FIXED, check_grant, one_role
from core.identity.rules import full_name, normal_mail
from infra import crypto, http, oidc
from infra.config import settings
from infra.oidc import Asked, Client, Person, SignedOut

# Why a provider can't be used, as it stands in its row.
WHYS = (*http.WHYS, *(why for why in oidc.WHYS if why != "token"))


@dataclass(frozen=True, slots=True)
class Begun:
    """What a browser holds while it is at the provider."""

    asked: Asked
    next: str


def provider_of(session: Session) -> IdentityProvider | None:
    """The workspace's provider, whether it was found good or not."""
    return session.execute(select(IdentityProvider)).scalar_one_or_none()


def usable(session: Session) -> IdentityProvider | None:
    """The provider, once its discovery was read; None where nobody can sign in through it now."""
    row = provider_of(session)
    return row if row is not None and row.discovery else None


def change_provider(ctx: Context, *, version: int | None = None, secret: str = "", **given: Any) -> IdentityProvider:
    """Set name, issuer, client_id, creates_users, role (a code) and only, as far as given; secret: empty keeps the one there.
    It is asked anew what it is, and works once that is known. Saved meanwhile by somebody else raises Conflict."""
    require(ctx, "settings.manage")
    check_grant(ctx, one_role(ctx, FIXED))  # whoever names the provider lets it name anybody
    row = _kept(ctx)
    mine = editing.cleaned(FIELDS, given)
    role = _role(ctx, mine.pop("role", None))
    changes = editing.changes(ctx, row, {**mine, "role_id": role.id if role else row.role_id}, version=version or None, original=None)
    for name, value in changes.items():
        setattr(row, name, value)
    if secret.strip():
        row.client_secret = crypto.seal(_key(ctx.tenant.id), secret.strip()[:500].encode())
    if row.client_secret is None:
        raise Refused("required", field="secret")
    if secret.strip() or {"issuer", "client_id"} & set(changes):
        # Another provider: nothing that was true of the one before is.
        row.discovery = None
    if row.discovery is None:
        row.problem = None  # it is asked anew, also where nothing was changed
        if mine.get("only"):
            raise Refused("sso_not_ready", field="only")
        row.only = False
    row.changed_by = ctx.actor.id
    ctx.session.flush()  # the order reads the version that this makes
    if row.discovery is None:
        defer(ctx, "identity.discover", dedupe=f"{row.id}:{row.version}", provider_id=row.id)
    record(ctx, "workspace.single_sign_on_changed", row, fields=sorted({*changes, *(["secret"] if secret.strip() else [])}))
    return row


def remove_provider(ctx: Context) -> None:
    """Nobody signs in through it any more; who came by it alone chooses a password by mail."""
    require(ctx, "settings.manage")
    row = provider_of(ctx.session)
    if row is not None:
        record(ctx, "workspace.single_sign_on_removed", row, issuer=row.issuer)
        ctx.session.delete(row)


def problem_of(row: IdentityProvider) -> str | None:
    """The code of the words that say why the provider can't be used, and what to do; None where it can or is being asked."""
    return None if row.problem is None or row.discovery else f"sso_problem.{row.problem if row.problem in WHYS else 'other'}"


def note_discovery(ctx: Context, provider_id: UUID, issuer: str, discovery: dict[str, Any] | None, problem: str | None) -> bool:
    """What the provider said of itself, or why it can't be used, a word of WHYS; False where it was changed meanwhile."""
    row = ctx.session.get(IdentityProvider, provider_id, with_for_update=True)
    if row is None or row.issuer != issuer:
        return False
    row.discovery, row.problem, row.checked_at = discovery, problem, ctx.now
    if discovery is None:
        row.only = False  # a way in that does not work is not the only one
    return True


def client_of(tenant_id: UUID, row: IdentityProvider) -> Client:
    """Who we are for that provider."""
    return Client(row.issuer, row.client_id, crypto.unseal(_key(tenant_id), row.client_secret).decode(), row.discovery or {})


def begin(session: Session, asked: Asked, target: str, *, now: datetime, ip: str | None, agent: str | None) -> str:
    """The token of a step that only this browser holds: state, nonce and verifier are bound to it, and to nothing shared."""
    data = {"state": asked.state, "nonce": asked.nonce, "verifier": asked.verifier, "next": target}
    return stepping.begin(session, "sso", now=now, data=data, ip=ip, agent=agent)


def come_back(session: Session, step: SignInStep | None, state: str, now: datetime) -> Begun:
    """What this browser had asked, once; refuses (`sso_failed`) a foreign, used or old state."""
    if step is None or not state or not crypto.same(state, step.data["state"]) or not stepping.spend(session, step, now):
        raise Refused("sso_failed")
    return Begun(Asked(step.data["state"], step.data["nonce"], step.data["verifier"]), step.data.get("next") or "/")


def admit(ctx: Context, issuer: str, person: Person) -> User:
    """The user that a person of this provider is: linked before, found by his verified address and linked now, or made, where
    the workspace wants that, has a seat and may grow (users.join); whoever works here comes in whatever is unpaid. Refuses
    everybody else (`sso_unknown`, `sso_no_mail`, `seats_full`), and the owner where another has named the provider (`sso_owner`)."""
    link = ctx.session.execute(select(UserIdentity).where(UserIdentity.issuer == issuer, UserIdentity.subject == person.subject)).scalar_one_or_none()
    if link is not None:
        return _active(queries.one_user(ctx, link.user_id))
    if person.mail is None:
        raise Refused("sso_no_mail")
    mail, mail_norm = normal_mail(person.mail)
    seats.count_alone(ctx)
    user = queries.user_by_mail(ctx.session, mail_norm) or _made(ctx, mail, mail_norm, person)
    _active(user)
    row = usable(ctx.session)
    if user.is_owner and (row is None or row.changed_by != user.id):
        raise Refused("sso_owner")  # another administrator could name a provider that speaks for the owner
    if ctx.session.execute(select(UserIdentity.id).where(UserIdentity.user_id == user.id, UserIdentity.issuer == issuer)).first():
        raise Refused("sso_unknown")  # the address went on to somebody else: he is another person
    ctx.session.add(UserIdentity(user_id=user.id, issuer=issuer, subject=person.subject))
    record(ctx, "user.sso_linked", user, name=user.name, issuer=issuer)
    return user


def sign_out_there(ctx: Context, issuer: str, said: SignedOut) -> int:
    """Sessions that came through the provider end with the one there: those of its name, and of its person those whose name it never
    said; all of the person's where it names the person alone. Once for each message (`sso_failed`); returns how many ended."""
    once = insert(SignInStep).values(token_hash=crypto.token_hash(f"{issuer}\n{said.jti}"), kind="logout", created_at=ctx.now, spent_at=ctx.now, expires_at=ctx.now)
    if ctx.session.execute(once.on_conflict_do_nothing().returning(SignInStep.id)).first() is None:
        raise Refused("sso_failed")
    live = update(SignIn).where(SignIn.method == "sso", SignIn.revoked_at.is_(None))
    if said.subject is not None:
        live = live.where(SignIn.user_id.in_(select(UserIdentity.user_id).where(UserIdentity.issuer == issuer, UserIdentity.subject == said.subject)))
    if said.sid is not None:
        unnamed = SignIn.provider_sid.is_(None) if said.subject is not None else false()
        live = live.where((SignIn.provider_sid == said.sid) | unnamed)
    ended = ctx.session.execute(live.values(revoked_at=ctx.now).returning(SignIn.user_id)).scalars().all()
    for user_id in dict.fromkeys(ended):
        user = ctx.session.get_one(User, user_id)
        record(ctx, "user.signed_out_there", user, name=user.name)
    return len(ended)


def allow(session: Session, user: User) -> User:
    """The user himself, where he may come in without the provider; refuses (`sso_only`) where it is the only way. The owner
    keeps his: somebody must be able to mend it."""
    row = usable(session)
    if row is not None and row.only and not user.is_owner:
        raise Refused("sso_only", name=row.name)
    return user


def answers_for(ctx: Context, user: User) -> str:
    """The provider's name, where a person comes in through it: by its own sign for him, not by his address. "" where not."""
    row = usable(ctx.session)
    link = select(UserIdentity.id).where(UserIdentity.user_id == user.id, UserIdentity.issuer == row.issuer) if row is not None else None
    return row.name if link is not None and ctx.session.execute(link).first() else ""


def _active(user: User) -> User:
    if user.state != "active":
        raise Refused("sso_unknown")
    return user


def _made(ctx: Context, mail: str, mail_norm: str, person: Person) -> User:
    row = usable(ctx.session)
    if row is None or not row.creates_users or row.role_id is None:
        raise Refused("sso_unknown")
    require(ctx, "users.join")
    seats.let_go_of_invitation(ctx, mail_norm)
    seats.hold_seat(ctx, ctx.session.get_one(Role, row.role_id))
    name = full_name(person.name.strip()[:100] or mail.partition("@")[0], "name")
    user = actions.admit(ctx, mail=mail, name=name, password_hash=None, role=ctx.session.get_one(Role, row.role_id))
    record(ctx, "user.joined_by_sso", user, name=user.name)
    return user


def _role(ctx: Context, code: str | None) -> Role | None:
    if not code:
        return None
    role = ctx.session.execute(select(Role).where(Role.code == code)).scalar_one_or_none()
    if role is None:
        raise Refused("unknown_value", field="role")
    check_grant(ctx, role)
    return role


def _kept(ctx: Context) -> IdentityProvider:
    """The row, made where there is none; two who begin at once find one."""
    ctx.session.execute(insert(IdentityProvider).values(name="", issuer="", client_id="", created_at=ctx.now, created_by=ctx.actor.id).on_conflict_do_nothing())
    return ctx.session.execute(select(IdentityProvider)).scalar_one()


def _issuer(value: Any, field: str) -> str:
    """An https address as the provider writes its own; http only where the installation names that server."""
    text = clean_needed(value, field=field, max_length=300)
    place = text.split("://")[-1].split("/")[0].lower()
    if not (text.startswith("https://") or (text.startswith("http://") and place in settings().outbound_inside)) or any(c in text for c in " ?#@\\"):
        raise Refused("issuer_bad", field=field)
    return text


def _line(value: Any, field: str) -> str:
    return clean_needed(value, field=field, max_length=200)


def _code(value: Any, field: str) -> str:
    return str(value or "")[:60]


def _yes(value: Any, field: str) -> bool:
    return bool(value)


FIELDS = {"name": _line, "issuer": _issuer, "client_id": _line, "creates_users": _yes, "role": _code, "only": _yes}


def _key(tenant_id: UUID) -> bytes:
    return settings().data_key(f"single-sign-on:{tenant_id}")
