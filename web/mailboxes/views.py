"""Settings, mailboxes: one's own and the workspace's shared ones, how each stands, and mails that wait for a person."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from wtforms import BooleanField, DateField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import has
from core.base.rooms import is_off
from core.base.words import N_
from core.identity import queries as people
from core.mailboxes import actions, arriving, queries, rules
from core.mailboxes.models import Mailbox
from core.mailboxes.words import ARRIVAL_LABELS, ERRORS, LABELS, PURPOSE_LABELS, STATE_LABELS
from infra import i18n
from web.editing import version_of_form
from web.eml import as_eml
from web.forms import Form
from web.guard import needs
from web.mailboxes import inbound
from web.pages import page, progress_page, say, see_other

bp = Blueprint("mailboxes", __name__, url_prefix="/settings/mailboxes")
inbound_bp = inbound.bp
PLACE = ("host", "port", "username")


class MailboxForm(Form):
    """A mailbox that is read by IMAP. password: empty keeps the one that is stored. shared, purpose, owner_id: for whoever manages the shared ones."""

    name = StringField(LABELS["name"], [InputRequired(), Length(max=100)])
    host = StringField(LABELS["host"], [InputRequired(), Length(max=253)])
    port = StringField(LABELS["port"], [InputRequired(), Length(max=5)])
    username = StringField(LABELS["username"], [InputRequired(), Length(max=200)])
    password = PasswordField(LABELS["password"], [Length(max=500)])
    since = DateField(LABELS["since"], [Optional()])
    trusted = StringField(LABELS["trusted"], [Length(max=200)])
    shared = BooleanField(N_("Shared by the workspace"))
    purpose = SelectField(LABELS["purpose"], default="mail", validate_choice=False)
    owner_id = SelectField(LABELS["owner_id"], default="", validate_choice=False)


class DoorForm(Form):
    """A mailbox to which a program posts."""

    name = StringField(LABELS["name"], [InputRequired(), Length(max=100)], id="door-name")
    trusted = StringField(LABELS["trusted"], [Length(max=200)], id="door-trusted")
    purpose = SelectField(LABELS["purpose"], default="leads", id="door-purpose", validate_choice=False)
    owner_id = SelectField(LABELS["owner_id"], default="", id="door-owner_id", validate_choice=False)


@bp.get("/")
@needs("mailboxes.use")
def index(ctx: Context):
    """All that he has to do with, and how each stands."""
    return page("mailboxes/index.html", standings=queries.standings(ctx), **_words())


@bp.get("/new")
@needs("mailboxes.use")
def new(ctx: Context):
    start = {"port": "993", "since": ctx.today - rules.BACK, "owner_id": str(ctx.actor.id)}
    return _new(ctx, MailboxForm(data=start), DoorForm(data={"owner_id": str(ctx.actor.id), "purpose": "leads"}))


@bp.post("/")
@needs("mailboxes.use", fresh=True)
def create(ctx: Context):
    """It is tried at once; how that went stands on its page."""
    form = _offer(ctx, MailboxForm(request.form))
    if form.validate():
        with form.attempt(ctx):
            mailbox, _ = actions.make(ctx, way="imap", shared=form.shared.data and has(ctx, "mailboxes.manage"), password=form.password.data or "", **_given(ctx, form, form.shared.data))
            return see_other("mailboxes.show", id=mailbox.id)
    return _new(ctx, form, DoorForm(data={"owner_id": str(ctx.actor.id)}), status=422)


@bp.post("/doors")
@needs("mailboxes.manage", fresh=True)
def create_door(ctx: Context):
    """The secret stands in this one answer and is stored nowhere, so it is no redirect."""
    form = _offer(ctx, DoorForm(request.form))
    if form.validate():
        with form.attempt(ctx):
            mailbox, secret = actions.make(ctx, way="webhook", shared=True, **{name: form[name].data for name in ("name", "trusted", "purpose", "owner_id")})
            answer = _show(ctx, mailbox.id, secret=secret, status=201)
            answer.headers["Cache-Control"] = "no-store"
            return answer
    return _new(ctx, MailboxForm(data={"port": "993"}), form, status=422)


@bp.get("/<uuid:id>")
@needs("mailboxes.use")
def show(ctx: Context, id: UUID):
    """How it stands, what waits, its folders and settings."""
    return _show(ctx, id)


@bp.get("/<uuid:id>/progress")
@needs("mailboxes.use")
def progress(ctx: Context, id: UUID):
    """How far the look is, asked again every two seconds."""
    one = queries.standing(ctx, id)
    return progress_page("mailboxes/_progress.html", one.state.looking, url_for("mailboxes.show", id=id), one=one)


@bp.post("/<uuid:id>")
@needs("mailboxes.use", fresh=True)
def update(ctx: Context, id: UUID):
    mailbox = queries.one(ctx, id)
    form = _offer(ctx, MailboxForm(request.form))
    if mailbox.way == "webhook":
        for name in PLACE:
            form[name].validators = []
    if form.validate():
        with form.attempt(ctx):
            given = _given(ctx, form, mailbox.shared)
            actions.edit(ctx, mailbox, version=version_of_form(), password=form.password.data or "", **{name: value for name, value in given.items() if mailbox.way == "imap" or name not in PLACE})
            say(ctx, N_("Saved"))
            return see_other("mailboxes.show", id=id)
    return _show(ctx, id, form=form, status=422)


@bp.post("/<uuid:id>/folders")
@needs("mailboxes.use")
def update_folders(ctx: Context, id: UUID):
    """Which folders are read."""
    form = Form(request.form)
    with form.attempt(ctx):
        actions.follow(ctx, queries.one(ctx, id), request.form.getlist("folders"))
        say(ctx, N_("Saved"))
        return see_other("mailboxes.show", id=id)
    say(ctx, N_("Choose at least one folder."), kind="error")
    return see_other("mailboxes.show", id=id)


@bp.post("/<uuid:id>/looks")
@needs("mailboxes.use")
def create_look(ctx: Context, id: UUID):
    """Look now."""
    actions.look_now(ctx, queries.one(ctx, id))
    return see_other("mailboxes.show", id=id)


@bp.post("/<uuid:id>/looks/ending")
@needs("mailboxes.use")
def end_look(ctx: Context, id: UUID):
    """What the look took stays; the rest comes with the next."""
    actions.cancel_look(ctx, queries.one(ctx, id))
    say(ctx, N_("It ends after the mails that it holds. The rest comes with the next look."))
    return see_other("mailboxes.show", id=id)


@bp.post("/<uuid:id>/stop")
@needs("mailboxes.use")
def create_stop(ctx: Context, id: UUID):
    actions.stop(ctx, queries.one(ctx, id))
    say(ctx, N_("The mailbox is stopped"))
    return see_other("mailboxes.show", id=id)


@bp.post("/<uuid:id>/resumption")
@needs("mailboxes.use")
def create_resumption(ctx: Context, id: UUID):
    actions.go_on(ctx, queries.one(ctx, id))
    return see_other("mailboxes.show", id=id)


@bp.post("/<uuid:id>/removal")
@needs("mailboxes.use")
def delete(ctx: Context, id: UUID):
    """Its settings and what waited there go; mails and leads that came of it stay."""
    actions.remove(ctx, queries.one(ctx, id))
    say(ctx, N_("The mailbox is removed"))
    return see_other("mailboxes.index")


@bp.get("/arrivals/<uuid:id>")
@needs("mailboxes.use")
def arrival(ctx: Context, id: UUID):
    """The bytes of a mail that waits, as a file that opens in no browser."""
    _, found = queries.one_arrival(ctx, id)
    if found.raw_key is None:  # an erasure took them
        raise NotFound()
    return as_eml(ctx, found.raw_key, id)


@bp.post("/arrivals/<uuid:id>/lead")
@needs("mailboxes.manage")
def create_lead(ctx: Context, id: UUID):
    """A person says that whoever wrote becomes a lead."""
    lead = arriving.make_lead_of(ctx, *queries.one_arrival(ctx, id))
    return see_other("leads.show", id=lead.id)


@bp.post("/arrivals/<uuid:id>/removal")
@needs("mailboxes.use")
def delete_arrival(ctx: Context, id: UUID):
    mailbox, found = queries.one_arrival(ctx, id)
    actions.forget_arrival(ctx, mailbox, found)
    say(ctx, N_("Put aside"))
    return see_other("mailboxes.show", id=mailbox.id)


def _given(ctx: Context, form: MailboxForm, shared: bool) -> dict[str, Any]:
    """As the use cases know them; what only the shared ones have is left out of an own one."""
    names = ("name", *PLACE, "since", "trusted", *(("purpose", "owner_id") if shared and has(ctx, "mailboxes.manage") else ()))
    return {name: form[name].data for name in names}


def _offer(ctx: Context, form: Any) -> Any:
    form.purpose.choices = [SelectChoice(value, i18n.gettext(ctx.locale, text)) for value, text in PURPOSE_LABELS.items() if value != "leads" or not is_off(ctx, "leads")]
    form.owner_id.choices = [SelectChoice(str(user.id), user.name) for user in people.users(ctx) if user.state == "active"]
    return form


def _new(ctx: Context, form: MailboxForm, door: DoorForm, status: int = 200):
    return page("mailboxes/new.html", status=status, form=_offer(ctx, form), door=_offer(ctx, door), manages=has(ctx, "mailboxes.manage"))


def _show(ctx: Context, mailbox_id: UUID, *, form: MailboxForm | None = None, secret: str = "", status: int = 200):
    one = queries.standing(ctx, mailbox_id)
    folders = queries.folders(ctx, one.mailbox)
    return page(
        "mailboxes/show.html", status=status, one=one, form=_offer(ctx, form or _as_it_is(one.mailbox)), folders=folders, gone=[folder.name for folder in folders if folder.gone and folder.followed],
        arrivals=queries.arrivals(ctx, one.mailbox), secret=secret, door_url=ctx.tenant.url + url_for("inbound.create", id=mailbox_id), manages=has(ctx, "mailboxes.manage"), **_words(),
    )


def _as_it_is(mailbox: Mailbox) -> MailboxForm:
    values = {name: getattr(mailbox, name) for name in ("name", *PLACE, "since", "trusted", "shared", "purpose")}
    return MailboxForm(data=values | {"port": str(mailbox.port or ""), "owner_id": str(mailbox.owner_id)})


def _words() -> dict[str, Any]:
    return {"state_labels": STATE_LABELS, "purpose_labels": PURPOSE_LABELS, "errors": ERRORS, "arrival_labels": ARRIVAL_LABELS}
