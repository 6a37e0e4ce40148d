"""What people answer to whom they were asked by: by their calendar program, in a mail, or on the page of their own link.

A mail acts only where it is proven to come from him: by the address it was sent to, which he alone was given, or by its proven domain. One of somebody who was not
asked, or about a state of the meeting that is over, changes nothing; it is a mail like others. Nobody is told twice.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from core.activities.models import ANSWERS, Activity, Guest
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.hiding import unhidden
from core.base.policy import require
from core.identity.models import User
from core.mail import tokens
from core.notifications.telling import notify
from core.parties.models import Contact
from infra import crypto
from infra.config import settings
from infra.incoming import Incoming

SHORT, AFTER = 40, timedelta(days=1)  # hex digits of a signature; so long after it was to be a link is good


class GuestOver(Refused):
    """The link was ours, and has had its time; or what it was for is off."""

    status = 410


@dataclass(frozen=True)
class Standing:
    """What the page of a guest says. open: can he answer still?"""

    guest: Guest
    activity: Activity
    owner: str
    zone: ZoneInfo
    open: bool


def link_of(ctx: Context, guest: Guest, language: str) -> str:
    """Where he answers without a calendar program: for him alone, until a day after it was to be."""
    until = f"{int((guest.meets_at + AFTER).timestamp()):08x}"
    return f"{ctx.tenant.url}/meeting/{guest.id.hex}{until}{_sign(ctx, guest.id.hex, until)}?lang={language}"


def by_token(ctx: Context, token: str) -> Standing:
    """Whom a link was made for, and what he was asked to. NotFound for what we never gave out; GuestOver where its time is over."""
    require(ctx, "mail.answer")
    name, until, signature = token[:32], token[32:-SHORT], token[-SHORT:]
    if not token.isascii() or not crypto.same(signature, _sign(ctx, name, until)):
        raise NotFound()
    if datetime.fromtimestamp(int(until, 16), UTC) < ctx.now:
        raise GuestOver("guest_over")
    with unhidden(ctx.session):
        found = ctx.session.execute(select(Guest, Activity, User).join(Activity, Activity.id == Guest.activity_id).join(User, User.id == Activity.owner_id, isouter=True).where(Guest.id == UUID(hex=name))).one_or_none()
        if found is None:
            raise NotFound()
        guest, activity, owner = found
        person = ctx.session.get(Contact, guest.contact_id) if guest.contact_id else ctx.session.get(User, guest.user_id)
    zone = person.timezone or (owner.timezone if owner is not None else None) or ctx.timezone
    return Standing(guest, activity, owner.name if owner is not None else ctx.tenant.name, ZoneInfo(zone), _is_open(ctx, guest, activity))


def answer_by_link(ctx: Context, token: str, word: str) -> Standing:
    """He says on his page whether he comes; another word later takes its place. Refuses no word, and what is off or over."""
    found = by_token(ctx, token)
    if word not in ANSWERS[1:]:
        raise Refused("unknown_value", field="answer")
    guest, activity = _held(ctx, found.guest.id)
    if not _is_open(ctx, guest, activity):
        raise GuestOver("guest_over")
    _set(ctx, guest, activity, word, ctx.now)
    return found


def take_answer(ctx: Context, mail: Incoming) -> Guest | None:
    """Put what a mail answers on the guest who answers; None where it is no answer that counts, and then nothing was changed."""
    said, sender = mail.answer, mail.sender.address.casefold() if mail.sender else ""
    if said is None or said.mail != sender:
        return None
    key = _activity_of(said.uid)
    guest_id = _guest_of(ctx, key, sender) if key else None
    if guest_id is None or not (mail.proven or tokens.guest_named(ctx, [one.address for one in (*mail.to, *mail.cc)]) == guest_id):
        return None
    guest, activity = _held(ctx, guest_id)
    at = min(said.at or ctx.now, ctx.now)
    if not _is_open(ctx, guest, activity) or guest.sequence != said.sequence or (guest.answered_at is not None and at < guest.answered_at):
        return None
    _set(ctx, guest, activity, said.word, at)
    return guest


def answers_us(ctx: Context, mail: Incoming) -> bool:
    """Is it an answer to something that we ask people to, whether it counts or not? Whoever sends it is no new lead."""
    key = _activity_of(mail.answer.uid) if mail.answer is not None else None
    return key is not None and _guest_of(ctx, key, mail.answer.mail) is not None


def _activity_of(uid: str) -> UUID | None:
    """Whatever the workspace was called when it asked."""
    name = uid.partition("@")[0]
    try:
        return UUID(name.removeprefix("activity-")) if name.startswith("activity-") else None
    except ValueError:
        return None


def _guest_of(ctx: Context, activity_id: UUID, mail: str) -> UUID | None:
    """The one who alone was asked at this address."""
    with unhidden(ctx.session):
        found = list(ctx.session.execute(select(Guest.id).where(Guest.activity_id == activity_id, func.lower(Guest.mail) == mail).limit(2)).scalars())
    return found[0] if len(found) == 1 else None


def _held(ctx: Context, guest_id: UUID) -> tuple[Guest, Activity]:
    """Two answers of one come one after the other."""
    guest = ctx.session.get_one(Guest, guest_id, with_for_update=True, populate_existing=True)
    return guest, ctx.session.get_one(Activity, guest.activity_id)


def _is_open(ctx: Context, guest: Guest, activity: Activity) -> bool:
    return guest.state == "asked" and activity.deleted_at is None and activity.done_at is None and guest.meets_at + AFTER > ctx.now


def _set(ctx: Context, guest: Guest, activity: Activity, word: str, at: datetime) -> None:
    """The fact names nobody, and stands where he is seen: on his own page."""
    same, guest.answer, guest.answered_at = guest.answer == word, word, at
    ctx.session.flush()
    if same:
        return
    record(ctx, f"activity.guest_{word}", activity, about=(guest.contact_id,) if guest.contact_id else ())
    what = " ".join((activity.next_contact_note or activity.body).split())[:200]
    said = {"dedupe": f"guest:{guest.id}:{guest.version}", "by_itself": True, "what": what, "place": f"/activities/{activity.id}/guests"}
    if guest.contact_id:
        with unhidden(ctx.session):
            notify(ctx, "received", [activity.owner_id], ctx.session.get_one(Contact, guest.contact_id), say=f"told.guest_{word}", **said)
    else:
        notify(ctx, "received", [activity.owner_id], who=ctx.session.get_one(User, guest.user_id), say=f"told.colleague_{word}", **(said | {"by_itself": False}))


def _sign(ctx: Context, *parts: str) -> str:
    return crypto.sign(settings().data_key("meeting-link"), str(ctx.tenant.id), *parts)[:SHORT]
