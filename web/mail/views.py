"""Mail: conversations with customers, read, answered, put to records; the composer; what waits and can be stopped."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, redirect, request, url_for

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.policy import may
from core.base.records import path_of
from core.base.text import fold
from core.base.words import N_
from core.files import links
from core.files.rules import icon_of
from core.mail import composing, queries, reading, threads
from core.mail.models import KINDS, MailThread
from core.mail.policy import is_owner
from core.mail.words import LETTER_LABELS, PRIVACY_LABELS, TOLD_LABELS
from web.eml import as_eml
from web.forms import keys_of
from web.guard import needs
from web.mail import composer
from web.mail.forms import MailForm, OpenForm, offer_people, offer_privacy
from web.mail.guest import bp as guest_page  # noqa: F401
from web.mail.guests import bp as guests  # noqa: F401
from web.mail.settings import bp as settings  # noqa: F401 (found here by its kind)
from web.nav import NavItem
from web.pages import page, say, see_other
from web.words import say_refusal

bp = Blueprint("mail", __name__, url_prefix="/mail")
NAV = [NavItem("mail.index", "mail", N_("Mail"), "mail.read", key="g e", group="Sales", order=60)]
KIND_LABELS = {"account": N_("Account"), "contact": N_("Contact"), "deal": N_("Deal"), "lead": N_("Lead"), "quote": N_("Quote")}


@bp.get("/")
@needs("mail.read")
def index(ctx: Context):
    """Conversations, the newest first: one's own, those of others that one reads, those of nobody known; and what has not gone yet."""
    segment, q = request.args.get("segment", ""), request.args.get("q", "").strip()
    segment = segment if segment in queries.SEGMENTS else "mine"
    if segment == "waiting":
        return page("mail/index.html", segment=segment, q="", rows=[], waits=queries.waiting(ctx), next_before=None)
    rows = queries.conversations(ctx, segment=segment, search=q, before=_before(request.args.get("before")))
    more, rows = len(rows) > queries.SHOWN, rows[: queries.SHOWN]
    last = rows[-1].MailThread if more else None
    return page("mail/index.html", segment=segment, q=q, rows=rows, waits=[], next_before=f"{last.last_at.isoformat()}_{last.id}" if last is not None else None)


@bp.get("/<uuid:id>")
@needs("mail.read")
def show(ctx: Context, id: UUID):
    """One conversation."""
    return _show(ctx, reading.one_thread(ctx, id))


@bp.get("/new")
@needs("mail.send")
def new(ctx: Context):
    """The composer: for a record, an answer, a draft that was stopped."""
    return _composer(ctx, composer.begun(ctx))


@bp.post("/")
@needs("mail.send")
def create(ctx: Context):
    """Send what was written; it can be stopped for as long as the workspace says."""
    form = MailForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            message = composer.write(ctx, form)
            later = bool((form.send_at.data or "").strip())
            say(ctx, N_("The mail waits for its moment") if later else N_("The mail goes in a moment"), undo=url_for("mail.stop", id=message.id))
            return see_other("mail.show", id=message.thread_id)
    return _composer(ctx, form, status=422)


@bp.post("/messages/<uuid:id>/stopping")
@needs("mail.write")
def stop(ctx: Context, id: UUID):
    """Take it back while it waits; it can be written on."""
    try:
        message = composing.stop(ctx, reading.one_message(ctx, id))
    except Refused as refusal:
        if refusal.code != "mail_gone":
            raise
        say(ctx, N_("This mail has gone already: it can't be stopped any more."), kind="error")
        return see_other("mail.show", id=reading.one_message(ctx, id).thread_id)
    say(ctx, N_("Stopped. It is a draft again."))
    return see_other("mail.new", draft=message.id)


@bp.post("/messages/<uuid:id>/deletion")
@needs("mail.write")
def delete(ctx: Context, id: UUID):
    """Throw a draft away."""
    composing.discard(ctx, reading.one_message(ctx, id))
    say(ctx, N_("The draft is gone"))
    return see_other("mail.index", segment="waiting")


@bp.post("/<uuid:id>/privacy")
@needs("mail.open")
def update_privacy(ctx: Context, id: UUID):
    """Who reads it."""
    thread, form = reading.one_thread(ctx, id), OpenForm(request.form)
    with form.attempt(ctx):
        threads.open_thread(ctx, thread, privacy=form.privacy.data, told=form.told.data, people=keys_of(request.form.getlist("people")))
        say(ctx, N_("Saved"))
        return see_other("mail.show", id=id)
    return _show(ctx, thread, form, status=422)


@bp.post("/<uuid:id>/records")
@needs("mail.write")
def create_record(ctx: Context, id: UUID):
    """Put it to a record: to the one that was picked, by whatever list."""
    thread = reading.one_thread(ctx, id)
    try:
        threads.assign(ctx, thread, *_picked_record(ctx))
    except Refused as refusal:
        if refusal.field != "record":
            raise
        return _show(ctx, thread, status=422, typed=request.form.get("record_text", ""), problem=say_refusal(refusal, ctx.locale))
    say(ctx, N_("Saved"))
    return see_other("mail.show", id=id)


@bp.get("/records/options")
@needs("mail.write")
def options(ctx: Context):
    """Options of the field that names a record of any kind."""
    found = queries.sought_records(ctx, request.args.get("q", ""))
    return page("mail/_options.html", found=found, kind_labels=KIND_LABELS)


@bp.post("/<uuid:id>/records/removal")
@needs("mail.write")
def delete_record(ctx: Context, id: UUID):
    """Take it off a record."""
    thread = reading.one_thread(ctx, id)
    for key in keys_of([request.form.get("key", "")]):
        threads.unassign(ctx, thread, request.form.get("kind", ""), key)
    say(ctx, N_("Saved"))
    return see_other("mail.show", id=id)


@bp.post("/<uuid:id>/reading")
@needs("mail.write")
def create_reading(ctx: Context, id: UUID):
    """It is read up to here."""
    threads.see(ctx, reading.one_thread(ctx, id))
    return see_other("mail.index")


@bp.get("/files/<uuid:id>")
@needs("mail.read")
def content(ctx: Context, id: UUID):
    """A file of a mail, to keep: from the host of files."""
    return redirect(links.link_to(ctx, reading.one_attachment(ctx, id)), code=303)


@bp.get("/raw/<uuid:id>")
@needs("mail.read")
def raw(ctx: Context, id: UUID):
    """A mail as it came, byte by byte, as a file that opens in no browser."""
    key = reading.raw_of(ctx, reading.one_message(ctx, id))
    if key is None:
        raise NotFound()
    return as_eml(ctx, key, id)


def _picked_record(ctx: Context) -> tuple[str, UUID]:
    """(kind, key) as chosen from the list, or (without script) the one record that is called what was typed."""
    kind, _, key = request.form.get("record", "").partition(":")
    chosen = next(iter(keys_of([key])), None)
    if kind in KINDS and chosen:
        return kind, chosen
    typed = " ".join(request.form.get("record_text", "").split())
    called = [row for row in queries.sought_records(ctx, typed) if fold(typed) in (fold(row.name), fold(row.note or ""))]
    if len(called) != 1:
        raise Refused("mail_record_unknown", field="record")
    return called[0].kind, called[0].id


def _show(ctx: Context, thread: MailThread, form: OpenForm | None = None, status: int = 200, *, typed: str = "", problem: str = ""):
    mails, part = queries.mails_of(ctx, thread), queries.participants(ctx, thread)
    shown = [{"kind": kind, "id": key, "text": title, "href": path_of(kind, key)} for kind, key, title in reading.record_links(ctx, thread.id)]
    form = form or OpenForm(data={"privacy": thread.privacy, "told": thread.told, "people": [str(one.id) for one in part]})
    last = next((one for one in reversed(mails) if one.state in ("sent", "received")), None)
    sends = may(ctx, "mail.send")
    return page(
        "mail/show.html", status=status, thread=thread, mails=mails, last=last, answer=composer.in_place(ctx, last) if sends and last is not None else None, files=queries.files_of(ctx, mails), letters=queries.letters_of(ctx, mails), people=part, records=shown, form=offer_people(ctx, offer_privacy(ctx, form)),
        opens=may(ctx, "mail.open") and is_owner(ctx, thread), typed=typed, problem=problem, raws={one.id for one in mails if reading.raw_of(ctx, one)}, writes=may(ctx, "mail.write"), sends=sends, privacy_labels=PRIVACY_LABELS, told_labels=TOLD_LABELS, letter_labels=LETTER_LABELS, kind_labels=KIND_LABELS, icon=icon_of,
    )


def _composer(ctx: Context, form: MailForm, status: int = 200):
    return page("mail/new.html", status=status, form=form, **composer.offer(ctx, form))


def _before(text: str | None) -> tuple[datetime, UUID] | None:
    """Where the page before ended; a broken address begins at the start."""
    try:
        at, _, key = (text or "").partition("_")
        found = datetime.fromisoformat(at.replace(" ", "+"))
        return (found, UUID(key)) if found.tzinfo is not None else None
    except ValueError:
        return None
