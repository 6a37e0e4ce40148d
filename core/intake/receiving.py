"""What a stranger sends by a web form: looked at, kept, made a lead of, or held back for a person. Nothing is ever lost silently."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import insert

from core.base import editing
from core.base.context import Context, as_actor, system
from core.base.errors import Gathered, Refused, present
from core.base.facts import record, tell_on_too
from core.base.policy import require
from core.consent import queries as consents
from core.consent.models import ConsentPurpose, ConsentWording
from core.consent.recording import record_by_mail
from core.custom_fields import values as own
from core.identity.models import User
from core.intake import links, rules
from core.intake.forms import check_on, hold_open, offered, owner_of
from core.intake.models import Enquiry, WebForm
from core.leads.actions import capture
from core.leads.assigning import readers
from core.leads.models import Lead
from core.leads.rules import FIELDS, LONGEST, TOUCH
from core.notifications.models import Notification
from core.notifications.telling import notify
from core.post.actions import hand_in
from core.post.models import OutgoingMail
from core.post.queries import is_suppressed

log = logging.getLogger("tendero.intake")
DAY = timedelta(days=1)
ASKED_OR_TOLD = ("enquiry_confirm", "enquiry_received")


def receive(
    ctx: Context, form: WebForm, given: Mapping[str, Any], *, stamp: str, trap: str = "", agreed: UUID | None = None, touch: Mapping[str, str] | None = None, address: str = "", often: Callable[[], bool] = lambda: False, lang: str
) -> Enquiry:
    """Keep what was sent. The same page with the same content again is the enquiry that is there already. What looks like spam is held
    back. Refuses what is wrong in its fields, all together, and a closed form. agreed: the wording that stood beside the box he ticked. often: counts it, and says whether it is one of many; asked
    only of what is kept, since whoever mends a mistake sends once."""
    require(ctx, "enquiries.send")
    hold_open(ctx, form)
    said = _cleaned(ctx, form, given)
    issued, nonce = links.read_stamp(ctx, form.id, stamp)
    mark = links.fingerprint(ctx, json.dumps([said, str(agreed or "")], sort_keys=True, ensure_ascii=False))
    before = _sent_before(ctx, form, nonce)
    if mark in before:
        return before[mark]
    reason = rules.suspicion(now=ctx.now, issued=issued, trap=trap, said=said, often=often()) or ("replayed" if before else None)
    ours = as_actor(ctx, system("a web form"))
    enquiry, is_new = _kept(
        ours, form_id=form.id, nonce=nonce, fingerprint=mark, state="held", held_for=reason or "refused", said=said, mail_norm=(said.get("mail") or "").casefold() or None, lang=lang,
        agreed_to=agreed, touch=_touch(touch), address=address[:60] or None,
        wanted=form.confirmed,
    )
    if is_new and reason is None:
        _go_on(ours, form, enquiry)
    return enquiry


def confirm(ctx: Context, token: str) -> Enquiry:
    """The sender says by the letter's link that it was him. Twice is once. About what a person holds back or threw away that is all: he decides."""
    require(ctx, "enquiries.send")
    enquiry = by_token(ctx, token, links.CONFIRM, lock=True)
    if enquiry.confirmed_at is not None:
        return enquiry
    ours = as_actor(ctx, system("a web form"))
    enquiry.confirmed_at = ours.now
    if enquiry.state in ("held", "discarded"):
        return enquiry
    form = ours.session.get_one(WebForm, enquiry.form_id)
    if enquiry.state == "waiting":
        enquiry.state, enquiry.held_for = "held", "refused"
        _take_and_tell(ours, form, enquiry)
    else:
        _record_consent(ours, form, enquiry)
    return enquiry


def take(ctx: Context, form: WebForm, enquiry: Enquiry) -> bool:
    """Make a lead of it, or add it to the one that he is already. What the room of leads refuses stays held back, with that as its reason."""
    said = {name: value for name, value in enquiry.said.items() if value not in (None, "", [])}
    owner = owner_of(ctx, form)
    extra = {"owner_id": owner} if owner else {}
    try:
        with ctx.session.begin_nested():
            lead = capture(ctx, touch=enquiry.touch, source=form.source or "form", **({"campaign": form.campaign} if form.campaign else {}), language=enquiry.lang, **extra, **said)
    except Refused as refusal:
        log.warning("an enquiry is held back", extra={"code": refusal.code})
        enquiry.state, enquiry.held_for = "held", "refused"
        return False
    enquiry.state, enquiry.held_for, enquiry.lead_id = "taken", None, lead.id
    if form.lead_owner_id and owner is None:
        _tell_admins(ctx, form, lead)
    tell_on_too(ctx, enquiry.id, lead.id)
    record(ctx, "enquiry.taken", enquiry, about=(lead.id,), form=form.name)
    if enquiry.wanted == "never" or enquiry.confirmed_at is not None:
        _record_consent(ctx, form, enquiry)
    return True


def let_in(ctx: Context, form: WebForm, enquiry: Enquiry) -> bool:
    """A person says that it is no spam: it goes on as if nothing had been suspicious. One that waits for its sender's word, or whose sender
    no letter reaches, becomes a lead without it; to what he agreed counts only with it. False: it is held back still."""
    if enquiry.state == "held" and enquiry.held_for != "unconfirmed" and enquiry.wanted == "before" and enquiry.mail_norm and enquiry.confirmed_at is None:
        return _ask(ctx, enquiry)
    return _take_and_tell(ctx, form, enquiry)


def by_token(ctx: Context, token: str, purpose: str = links.STATUS, *, lock: bool = False) -> Enquiry:
    """The enquiry of a link in a letter; NotFound for any other, and where the room is off. Refuses (LinkOver) a link that has had its time."""
    check_on(ctx)
    key, made = links.read_token(ctx, token, purpose)
    query = select(Enquiry, WebForm.code, WebForm.state).join(WebForm, WebForm.id == Enquiry.form_id).where(Enquiry.id == key)
    found = present(ctx.session.execute(query.with_for_update(of=Enquiry) if lock else query).one_or_none())
    links.check_end(ctx, made or found.Enquiry.created_at, purpose, form=found.code if found.state == "open" else None)
    return found.Enquiry


def wording_of(ctx: Context, form: WebForm, lang: str) -> Any:
    """What the form's box asks consent for, in the words of now and in that language where there are any; None without a purpose that runs."""
    if form.purpose_id is None or ctx.session.get_one(ConsentPurpose, form.purpose_id).ended:
        return None
    return rules.spoken({one.lang: one for one in consents.wordings(ctx).get(form.purpose_id, [])}, lang, ctx.tenant.locale)


def _cleaned(ctx: Context, form: WebForm, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed in the form's fields, as a lead takes it; everything else is left."""
    there, wrong = set(offered(ctx)), Gathered()
    asked = [one | {"needed": rules.is_needed(one, form.confirmed)} for one in form.fields if one["name"] in there]
    cleaners = FIELDS | {"name": FIELDS["company"]} | own.cleaners(ctx, "leads")
    found = editing.cleaned({one["name"]: cleaners[one["name"]] for one in asked}, {one["name"]: given.get(one["name"]) for one in asked}, wrong)
    for one in asked:
        if one["needed"] and one["name"] not in wrong.fields and found.get(one["name"]) in (None, "", [], False):
            wrong.add(Refused("required", field=one["name"]))
    wrong.settle()
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _sent_before(ctx: Context, form: WebForm, nonce: str) -> dict[str, Enquiry]:
    """What was sent by this very page before: fingerprint of the content -> enquiry."""
    query = select(Enquiry).where(Enquiry.form_id == form.id, Enquiry.nonce == nonce)
    return {one.fingerprint: one for one in ctx.session.execute(query).scalars()} if nonce else {}


def _kept(ctx: Context, **values: Any) -> tuple[Enquiry, bool]:
    """(the enquiry, is it new?). Two that come at once are one."""
    made = ctx.session.execute(insert(Enquiry).values(created_at=ctx.now, updated_at=ctx.now, **values).on_conflict_do_nothing(index_elements=["form_id", "nonce", "fingerprint"]).returning(Enquiry.id)).scalar_one_or_none()
    where = (Enquiry.form_id == values["form_id"], Enquiry.nonce == values["nonce"], Enquiry.fingerprint == values["fingerprint"])
    found = ctx.session.execute(select(Enquiry).where(*where)).scalar_one()
    if made is not None and values["held_for"] != "refused":
        record(ctx, "enquiry.held", found)
    return found, made is not None


def _tell_admins(ctx: Context, form: WebForm, lead: Lead) -> None:
    """Whose the form's leads were is gone, or sees none any more; once for each form and owner. Of many enquiries each asks only who was not told yet."""
    mark = f"web_form.ownerless:{form.id}:{form.lead_owner_id}"
    told = select(Notification.id).where(Notification.user_id == User.id, Notification.dedupe_key == mark).correlate(User).exists()
    notify(ctx, "reminder", readers(ctx, ~told, permission="forms.manage"), lead, by_itself=True, dedupe=mark, say="told.form_ownerless", form=form.name)


def _go_on(ctx: Context, form: WebForm, enquiry: Enquiry) -> None:
    """Nothing is suspicious: it waits for its sender's word, or is a lead now; he gets a letter. Who can't be asked for his word is looked
    at by a person."""
    if enquiry.wanted != "never" and not enquiry.mail_norm:
        _hold(ctx, enquiry, "unconfirmed")
    elif enquiry.wanted == "before":
        _ask(ctx, enquiry)
    else:
        _take_and_tell(ctx, form, enquiry)


def _hold(ctx: Context, enquiry: Enquiry, why: str) -> None:
    enquiry.state, enquiry.held_for = "held", why
    record(ctx, "enquiry.held", enquiry)


def _ask(ctx: Context, enquiry: Enquiry) -> bool:
    """His word comes first. Where no letter can ask for it, a person is told (False): nobody waits for what was never sent."""
    enquiry.state, enquiry.held_for = "waiting", None
    why = _write(ctx, enquiry, "enquiry_confirm", links.CONFIRM)
    if why is not None:
        _hold(ctx, enquiry, why)
    return why is None


def _take_and_tell(ctx: Context, form: WebForm, enquiry: Enquiry) -> bool:
    """It is a lead now, and he is told; one that is to be confirmed afterwards is told so. Where he can't be, the lead's history says so."""
    if not take(ctx, form, enquiry):
        return False
    asks = enquiry.wanted == "after" and enquiry.confirmed_at is None
    why = _write(ctx, enquiry, "enquiry_confirm" if asks else "enquiry_received", links.CONFIRM if asks else links.STATUS)
    if enquiry.mail_norm and why is not None:
        record(ctx, "enquiry.unwritten", enquiry, about=(enquiry.lead_id,))
    return True


def _write(ctx: Context, enquiry: Enquiry, template: str, purpose: str) -> str | None:
    """A letter in the sender's language with his link; where none can go, why (of HELD_FOR). It holds nothing that he typed: whoever types
    another's address says nothing by it. Who has confirmed that it is his own is written to however many there were."""
    to = enquiry.said.get("mail")
    if not to or is_suppressed(ctx, to, "transactional"):
        return "unconfirmed"
    if enquiry.confirmed_at is None and _had_enough(ctx, enquiry):
        return "letters"
    place = f"{ctx.tenant.url}/enquiry/{links.token(ctx, enquiry.id, purpose)}{'/confirmation' if purpose == links.CONFIRM else ''}?lang={enquiry.lang}"
    try:
        with ctx.session.begin_nested():
            hand_in(
                ctx, template=template, to=to, lang=enquiry.lang, timezone=ctx.tenant.timezone, params={"workspace": ctx.tenant.name, "link": place}, about=enquiry,
                dedupe=f"{template}:{enquiry.id}:{enquiry.decided_at or ''}",
            )
    except Refused as refusal:
        log.warning("a sender gets no letter", extra={"code": refusal.code})
        return "unconfirmed"
    return None


def _had_enough(ctx: Context, enquiry: Enquiry) -> bool:
    """Had this address its letters within a day? Two that come at once wait for one another."""
    editing.hold_place(ctx, f"enquiry.mail.{enquiry.mail_norm}")
    ours = and_(OutgoingMail.about_id == Enquiry.id, OutgoingMail.template.in_(ASKED_OR_TOLD), OutgoingMail.created_at > ctx.now - DAY)
    query = select(func.count()).select_from(Enquiry).join(OutgoingMail, ours).where(Enquiry.mail_norm == enquiry.mail_norm)
    return ctx.session.execute(query).scalar_one() >= rules.MOST_LETTERS


def _record_consent(ctx: Context, form: WebForm, enquiry: Enquiry) -> None:
    """To what he agreed when he sent it, in the words of then, whatever the form asks now. What can't be written down is told on the lead."""
    if enquiry.agreed_to is None or not enquiry.mail_norm:
        return
    wording = ctx.session.get_one(ConsentWording, enquiry.agreed_to)
    proof = f"{form.name} ({enquiry.id})"[:300]
    try:
        record_by_mail(ctx, enquiry.mail_norm, wording, asked_at=enquiry.created_at, counts_from=enquiry.confirmed_at or enquiry.created_at, source="form", proof=proof, ip=enquiry.address)
    except Refused as refusal:
        record(ctx, f"enquiry.{refusal.code}", enquiry, about=(enquiry.lead_id,), purpose=refusal.params["purpose"])


def _touch(given: Mapping[str, str] | None) -> dict[str, str]:
    """Where the sender was; what is too long is cut, for nobody typed it."""
    return {name: "".join(sign for sign in str(value) if sign.isprintable()).strip()[:LONGEST] for name, value in (given or {}).items() if name in TOUCH and value}


def lead_of(ctx: Context, enquiry: Enquiry) -> Lead | None:
    """The lead that it became, while it is there."""
    found = ctx.session.get(Lead, enquiry.lead_id) if enquiry.lead_id else None
    return found if found is not None and found.deleted_at is None else None


def labelled(form: WebForm, name: str) -> dict[str, str]:
    """The form's own labels of a field by language."""
    return next((one["labels"] for one in form.fields if one["name"] == name), {})

