"""Mailings: list, composer, the last look before sending, and what became of every recipient."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.words import N_
from core.consent.queries import purposes
from core.identity import queries as identity
from core.mailings import audience, composing, drafting, queries, rules, running
from core.mailings.models import RECIPIENT_STATES, STATES, Mailing
from core.mailings.words import REASON_LABELS, RECIPIENT_LABELS
from infra import i18n
from web.editing import as_loaded, changed, chosen, conflict_page, filled, last_change, version_of_form
from web.guard import needs
from web.mailings.forms import AUDIENCES, MailingForm
from web.nav import NavItem
from web.pages import page, say, see_other

bp = Blueprint("mailings", __name__, url_prefix="/mailings")
NAV = [NavItem("mailings.index", "speakerphone", N_("Mailings"), "mailings.read", key="g m", group="Marketing", order=10)]
TEXTS = ("name", "subject", "body", "from_name", "reply_to", "audience", "tags", "needs_consent_id")


@bp.get("/")
@needs("mailings.read")
def index(ctx: Context):
    """All mailings, newest first."""
    q, state = request.args.get("q", "").strip(), request.args.get("state", "")
    state = state if state in STATES else ""
    rows = queries.mailings(ctx, q=q, state=state, before=_before(request.args.get("before")), limit=queries.PAGE + 1)
    more, rows = len(rows) > queries.PAGE, rows[: queries.PAGE]
    after = f"{rows[-1][0].created_at.isoformat()}_{rows[-1][0].id}" if more else None
    return page("mailings/index.html", rows=rows, q=q, state=state, states=STATES, next_before=after)


@bp.get("/new")
@needs("mailings.edit")
def new(ctx: Context):
    me = identity.one_user(ctx, ctx.actor.id)
    return _composer(ctx, MailingForm(from_name=ctx.tenant.name, reply_to=me.mail))


@bp.post("/")
@needs("mailings.edit")
def create(ctx: Context):
    form = MailingForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            mailing = drafting.draft_mailing(ctx, **_texts(form))
            return see_other("mailings.show", id=mailing.id)
    return _composer(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("mailings.read")
def show(ctx: Context, id: UUID):
    """A draft as it will look, or what became of everybody; the counts renew themselves while it is being sent."""
    mailing = queries.one(ctx, id)
    state = request.args.get("state", "")
    state = state if state in RECIPIENT_STATES else ""
    rows = queries.recipients(ctx, mailing, state=state, after=_key(request.args.get("after")), limit=queries.PAGE + 1)
    more, rows = len(rows) > queries.PAGE, rows[: queries.PAGE]
    answer = page(
        "mailings/show.html", block="live", mailing=mailing, progress=queries.progress(ctx, mailing), rows=rows, state=state,
        next_after=rows[-1].id if more else None, sender=queries.sender_name(ctx, mailing), states=RECIPIENT_STATES,
        sample=_sample(ctx, mailing), reach=queries.reach(ctx, mailing.audience, mailing.tags, mailing.needs_consent_id) if mailing.state == "draft" else None,
        recipient_words=_said(ctx, RECIPIENT_LABELS), reason_words=_said(ctx, REASON_LABELS),
    )
    if request.headers.get("HX-Request") and mailing.state != "sending":
        answer.headers["HX-Refresh"] = "true"  # it ended or was stopped: the people below must not be said to wait still
    return answer


@bp.get("/<uuid:id>/edit")
@needs("mailings.edit")
def edit(ctx: Context, id: UUID):
    mailing = queries.one(ctx, id)
    if mailing.state != "draft":
        raise Refused("mailing_not_draft")
    return _composer(ctx, MailingForm(obj=mailing), mailing=mailing)


@bp.post("/<uuid:id>")
@needs("mailings.edit")
def update(ctx: Context, id: UUID):
    """Save what was changed of a draft. Somebody else's change of other fields stays; of the same field it is asked about."""
    mailing = queries.one(ctx, id)
    form, was = filled(MailingForm, mailing)
    if form.validate():
        given = chosen(changed(form, was))
        try:
            with form.attempt(ctx):
                drafting.change_mailing(ctx, mailing, version=version_of_form(), original=was, **given)
                say(ctx, N_("Draft saved"))
                return see_other("mailings.show", id=id)
        except Conflict as conflict:
            if conflict.code != "conflict":
                raise
            return _meet(ctx, mailing, conflict, given, was)
    return _composer(ctx, form, mailing=mailing, was=was, status=422)


@bp.post("/<uuid:id>/deletion")
@needs("mailings.edit")
def delete(ctx: Context, id: UUID):
    drafting.delete_mailing(ctx, queries.one(ctx, id))
    say(ctx, N_("Draft deleted"))
    return see_other("mailings.index")


@bp.post("/<uuid:id>/copies")
@needs("mailings.edit")
def copy(ctx: Context, id: UUID):
    mailing = queries.one(ctx, id)
    name = i18n.gettext(ctx.locale, N_("Copy of %(name)s"), name=mailing.name)[: drafting.NAME_MAX]
    return see_other("mailings.edit", id=drafting.copy_mailing(ctx, mailing, name).id)


@bp.post("/preview")
@needs("mailings.edit")
def preview(ctx: Context):
    """The text as its reader would see it, with sample values; nothing is saved."""
    form = MailingForm(request.form)
    return page("mailings/preview.html", block="preview", sample=_sample(ctx, form))


@bp.get("/reach")
@needs("mailings.edit")
def reach(ctx: Context):
    """How many the audience has now."""
    chosen = request.args.get("audience", "any")
    return page("mailings/reach.html", block="reach", reach=queries.reach(ctx, chosen if chosen in ("everyone", "all") else "any", request.args.getlist("tags")[:50], _purpose(ctx, request.args.get("needs_consent_id"))))


@bp.post("/<uuid:id>/tests")
@needs("mailings.send")
def create_test(ctx: Context, id: UUID):
    drafting.ask_for_test(ctx, queries.one(ctx, id))
    say(ctx, N_("A test mail is on its way to %(mail)s"), mail=ctx.actor.mail)
    return see_other("mailings.show", id=id)


@bp.get("/<uuid:id>/sending")
@needs("mailings.send")
def confirm(ctx: Context, id: UUID):
    """The last look: to how many it goes."""
    return _confirmation(ctx, queries.one(ctx, id))


@bp.post("/<uuid:id>/sending")
@needs("mailings.send")
def start(ctx: Context, id: UUID):
    """Begin to send, to as many as the person has seen; with another number now he is asked again."""
    expected = request.form.get("expected", "")
    try:
        with ctx.session.begin_nested():
            running.start_mailing(ctx, id, expected=int(expected) if expected.isdecimal() and len(expected) < 10 else -1)
    except Refused as refusal:
        if refusal.status != 422 or refusal.code == "mailing_wrong_state":
            raise
        return _confirmation(ctx, queries.one(ctx, id), refusal)
    return see_other("mailings.show", id=id)


@bp.post("/<uuid:id>/pause")
@needs("mailings.send")
def pause(ctx: Context, id: UUID):
    running.pause_mailing(ctx, id)
    return see_other("mailings.show", id=id)


@bp.post("/<uuid:id>/resumption")
@needs("mailings.send")
def resume(ctx: Context, id: UUID):
    running.resume_mailing(ctx, id)
    return see_other("mailings.show", id=id)


@bp.post("/<uuid:id>/cancellation")
@needs("mailings.send")
def cancel(ctx: Context, id: UUID):
    running.cancel_mailing(ctx, id)
    say(ctx, N_("Mailing cancelled"))
    return see_other("mailings.show", id=id)


@bp.post("/<uuid:id>/resending")
@needs("mailings.send")
def resend(ctx: Context, id: UUID):
    """Send again to those of whom nobody knows whether they got it."""
    count = running.resend_unknown(ctx, id)
    say(ctx, N_("Sent again to %(count)s"), count=count)
    return see_other("mailings.show", id=id)


def _meet(ctx: Context, mailing: Mailing, conflict: Conflict, given: dict, was: dict):
    """The page on which two changes of one draft meet."""
    place, kinds = url_for("mailings.update", id=mailing.id), {value: i18n.gettext(ctx.locale, text) for value, text in AUDIENCES}
    return conflict_page(
        ctx, conflict, given, was, title=mailing.name, action=place, back=place, labels={field.name: field.label.text for field in MailingForm()},
        last=last_change(ctx, mailing, conflict.fields), say={"audience": kinds.get},
    )


def _composer(ctx: Context, form: MailingForm, *, mailing: Mailing | None = None, was: dict | None = None, status: int = 200):
    known = audience.known_tags(ctx)
    listed = {tag for tag, _ in known}
    form.tags.choices = [*((tag, f"{tag} ({count})") for tag, count in known), *((tag, tag) for tag in form.tags.data or [] if tag not in listed)]
    _offer_purposes(ctx, form)
    form.audience.choices = [(value, i18n.gettext(ctx.locale, text)) for value, text in form.audience.choices]
    values = {"was": was, "version": version_of_form()} if was is not None else {"was": as_loaded(MailingForm(), mailing), "version": mailing.version} if mailing else {}
    chosen = form.audience.data if form.audience.data in ("everyone", "all") else "any"
    return page(
        "mailings/edit.html", form=form, mailing=mailing, status=status, fields=queries.merge_fields(), **values,
        reach=queries.reach(ctx, chosen, form.tags.data or [], _purpose(ctx, form.needs_consent_id.data)), sample=_sample(ctx, form),
    )


def _offer_purposes(ctx: Context, form: MailingForm) -> None:
    """None, or one of what people can agree to."""
    form.needs_consent_id.choices = [("", i18n.gettext(ctx.locale, N_("Nothing"))), *((str(one.id), one.name) for one in purposes(ctx))]


def _purpose(ctx: Context, key: str | None) -> UUID | None:
    return next((one.id for one in purposes(ctx) if str(one.id) == str(key)), None) if key else None


def _confirmation(ctx: Context, mailing, refusal: Refused | None = None):
    from web.words import say_refusal

    if mailing.state != "draft":
        return see_other("mailings.show", id=mailing.id)
    return page(
        "mailings/sending.html", mailing=mailing, reach=queries.reach(ctx, mailing.audience, mailing.tags, mailing.needs_consent_id), sample=_sample(ctx, mailing),
        problem=say_refusal(refusal, ctx.locale) if refusal else None, status=422 if refusal else 200,
    )


def _said(ctx: Context, labels: dict[str, str]) -> dict[str, str]:
    return {value: i18n.gettext(ctx.locale, text) for value, text in labels.items()}


def _texts(form: MailingForm) -> dict:
    return {name: form[name].data or None if name != "tags" else form.tags.data or [] for name in TEXTS}


def _sample(ctx: Context, text) -> dict:
    """Subject and body of a mailing or a form, filled with sample values."""
    values = composing.samples(ctx)
    subject, body = (getattr(value, "data", value) or "" for value in (text.subject, text.body))
    return {"subject": rules.MERGE.fill_line(subject[: drafting.SUBJECT_MAX], values), "body": rules.fill_html(body[: drafting.BODY_MAX], values)}


def _before(text: str | None) -> tuple[datetime, UUID] | None:
    if not text:
        return None
    at, _, key = text.partition("_")
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+"))
        if moment.tzinfo is None:
            raise ValueError("naive")
        return moment, UUID(key)
    except ValueError:
        raise Refused("bad_cursor") from None


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Refused("bad_cursor") from None
