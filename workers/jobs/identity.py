"""Jobs about people who sign in: write invitations, find one's workspaces by mail, tidy up at night."""

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.identity import confirmed_mail, inviting, pruning, readdressing, resetting, single_sign_on
from core.identity.models import IdentityProvider, User
from core.identity.sealing import opened_mail
from core.post import actions as post
from core.post import rules
from core.post.letters import letters
from core.post.sender import platform
from infra import http, mail, oidc
from infra.config import settings
from tenants import mail_index
from tenants.models import Tenant
from workers.job import Again, control_job, job
from workers.queues import MAIL

log = logging.getLogger("tendero.identity")


@job("identity.index_mail", steps=True, always=True)
def index_mail(door, *, user_id: str, former: str | None = None) -> None:
    """Enter a user's address, as a keyed hash, where "find my workspaces" looks; take it out once he is disabled. former: the
    sealed address that he had before, which may be another user's by now."""
    with door() as ctx:
        user, tenant_id = ctx.session.get(User, UUID(user_id)), ctx.tenant.id
        addresses = [user.mail_norm] if user is not None else []
        addresses += [opened_mail(former)] if former else []
        active = set(ctx.session.execute(select(User.mail_norm).where(User.mail_norm.in_(addresses), User.state == "active")).scalars())
    for address in addresses:
        mail_index.put(tenant_id, address, active=address in active)


@control_job("identity.fill_mail_index", steps=True, lease=300)
def fill_mail_index(door, *, tenant_id: str | None = None) -> dict:
    """The same for all people of a tenant, or of every tenant. One tenant's failure is logged and the walk goes on."""
    with door() as ctl:
        wanted = select(Tenant).where(Tenant.state.in_(mail_index.FOUND)).order_by(Tenant.id)
        tenants = list(ctl.session.execute(wanted.where(Tenant.id == UUID(tenant_id)) if tenant_id else wanted).scalars())
        ctl.session.expunge_all()
    entered, failed = 0, 0
    for tenant in tenants:
        try:
            entered += mail_index.refill(tenant)
        except Exception as error:
            failed += 1
            log.error("mail index not filled: %s", type(error).__name__, extra={"tenant": str(tenant.id)})
    if failed:
        raise Again("some tenants could not be entered")
    return {"tenants": len(tenants), "people": entered}


@control_job("identity.mail_workspaces", queue=MAIL, steps=True)
def mail_workspaces(door, *, sealed: str, lang: str) -> None:
    """Send an address the list of its workspaces; nothing where it has none. Through no tenant's post room: none may see the
    others."""
    address = opened_mail(sealed)
    with door() as ctl:
        places, order_id, now = mail_index.workspaces_of(ctl.session, address), ctl.order_id, ctl.now
    if not places:
        return
    (name, ours), link = platform(), places[0][1] + "/sign-in" if len(places) == 1 else settings().apex_url + "/sign-in"
    params = {"mail": address, "places": "\n".join(f"{rules.made_one_line(title)}: {url}/sign-in" for title, url in places), "link": link}
    said = rules.render(letters()["workspaces"], params, lang=lang, timezone="UTC", sender=name)
    key = rules.message_id(settings().data_key("message-id"), order_id, order_id, ours.rpartition("@")[2])
    outcome = mail.send(settings().smtp_url, mail.Message(
        to_mail=address, from_mail=ours, from_name=name, subject=said.subject, text=said.text, html=said.html, message_id=key, date=now, return_path=ours,
    ), before_data=lambda: True)
    if isinstance(outcome, mail.Temporary):
        raise Again(outcome.reason)


@job("identity.mail_invitation")
def mail_invitation(ctx, *, invitation_id: str) -> None:
    """Write the letter of an invitation that still waits, in the workspace's language. Its link is made here: neither
    the order nor the invitation holds it, and the letter forgets it once sent."""
    found = inviting.letter_of(ctx, UUID(invitation_id))
    if found is not None:
        post.hand_in(ctx, template="invitation", lang=ctx.tenant.locale, timezone=ctx.tenant.timezone, **found)


@job("identity.mail_confirmation", always=True)
def mail_confirmation(ctx, *, user_id: str) -> None:
    """Write the letter that asks whether an address is somebody's own. Its link is made here; the letter forgets it once sent."""
    found = confirmed_mail.letter_of(ctx, UUID(user_id))
    if found is not None:
        post.hand_in(ctx, **found)


@job("identity.mail_reset", always=True)
def mail_reset(ctx, *, sealed: str) -> None:
    """Write the letter with the link to a new password, where somebody here has that address. The link is made here and
    kept nowhere; the letter forgets it once sent."""
    found = resetting.letter_of(ctx, sealed)
    if found is not None:
        post.hand_in(ctx, template="password_reset", **found)


@job("identity.mail_change_letter", always=True)
def mail_change_letter(ctx, *, change_id: str, letter: str) -> None:
    """Write a letter about another mail address, to the new one or to the old one. Its link is made here and kept nowhere;
    the letter forgets it once sent."""
    found = readdressing.letter_of(ctx, UUID(change_id), letter)
    if found is not None:
        post.hand_in(ctx, **found)


@job("identity.mail_notice", always=True)
def mail_notice(ctx, *, user_id: str, letter: str, params: dict) -> None:
    """Tell somebody what was changed about his way in, disabled meanwhile or not."""
    user = ctx.session.get(User, UUID(user_id))
    if user is None:
        return
    link = f"{ctx.tenant.url}/sign-in" if letter in ("second_step_reset", "passkeys_reset") else f"{ctx.tenant.url}/password/forgotten"
    said = {**params, "when": datetime.fromisoformat(params["when"]), "name": user.name, "workspace": ctx.tenant.name, "link": link}
    post.hand_in(ctx, template=letter, to=user.mail, to_name=user.name, lang=user.locale, timezone=user.timezone, params=said, about=user)


@job("identity.discover", steps=True, always=True)
def discover(door, *, provider_id: str) -> dict:
    """Ask the company's provider what it is, with no transaction held. An answer that it can't be used is one too."""
    with door() as ctx:
        row = ctx.session.get(IdentityProvider, UUID(provider_id))
        issuer = row.issuer if row is not None else ""
    if not issuer:
        return {}
    try:
        found, problem = oidc.discover(issuer), None
    except (oidc.Untrue, http.Unreachable) as error:
        log.warning("a provider can't be used: %s", error, extra={"provider": provider_id})
        found, problem = None, error.why
    with door() as ctx:
        single_sign_on.note_discovery(ctx, UUID(provider_id), issuer, found, problem)
    return {"problem": problem}


@job("identity.prune", always=True)
def prune(ctx) -> dict:
    """Ended sessions, old answers, done orders."""
    return pruning.prune(ctx)
