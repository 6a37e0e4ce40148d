"""Settings, mail: one's own signature, the workspace's rules, templates."""

from uuid import UUID

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.policy import may
from core.base.words import N_
from core.mail import filling, preferring, templates
from core.mail.models import MailTemplate
from web.editing import version_of_form
from web.guard import needs
from web.mail.forms import OwnForm, RulesForm, TemplateForm, offer_privacy
from web.pages import page, say, see_other

bp = Blueprint("mail_settings", __name__, url_prefix="/settings/mail")
USUAL = N_("As the workspace has it")
RULES = ("privacy", "told", "undo_seconds", "reply_address")


@bp.get("/")
@needs("mail.read")
def index(ctx: Context):
    """All of it on one page, each part for whom it is."""
    return _index(ctx)


@bp.post("/own")
@needs("mail.write")
def update_own(ctx: Context):
    form = OwnForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            preferring.change_own(ctx, signature=form.signature.data, privacy=form.privacy.data, told=form.told.data)
            say(ctx, N_("Saved"))
            return see_other("mail_settings.index")
    return _index(ctx, own=form, status=422)


@bp.post("/rules")
@needs("mail.manage")
def update_rules(ctx: Context):
    form = RulesForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            preferring.change_workspace(ctx, blocked=form.blocked.data, **{name: form[name].data for name in RULES})
            say(ctx, N_("Saved"))
            return see_other("mail_settings.index")
    return _index(ctx, rules=form, status=422)


@bp.post("/templates")
@needs("mail.manage")
def create(ctx: Context):
    form = TemplateForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            row = templates.create_template(ctx, **form.data)
            say(ctx, N_("%(name)s added"), name=row.name)
            return see_other("mail_settings.index")
    return _index(ctx, template=form, status=422)


@bp.get("/templates/<uuid:id>")
@needs("mail.manage")
def show(ctx: Context, id: UUID):
    """One template, to be changed or deleted."""
    row = templates.one_template(ctx, id)
    return _show(row, TemplateForm(obj=row))


@bp.post("/templates/<uuid:id>")
@needs("mail.manage")
def update(ctx: Context, id: UUID):
    row, form = templates.one_template(ctx, id), TemplateForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            templates.change_template(ctx, row, version=version_of_form(), **form.data)
            say(ctx, N_("Saved"))
            return see_other("mail_settings.index")
    return _show(row, form, status=422)


@bp.post("/templates/<uuid:id>/deletion")
@needs("mail.manage")
def delete(ctx: Context, id: UUID):
    """Not offered any more, with a way back."""
    templates.delete_template(ctx, templates.one_template(ctx, id))
    say(ctx, N_("Deleted"), undo=url_for("mail_settings.restore", id=id))
    return see_other("mail_settings.index")


@bp.post("/templates/<uuid:id>/restoration")
@needs("mail.manage")
def restore(ctx: Context, id: UUID):
    templates.restore_template(ctx, templates.one_template(ctx, id, deleted=True))
    say(ctx, N_("It is back"))
    return see_other("mail_settings.index")


def _index(ctx: Context, *, own: OwnForm | None = None, rules: RulesForm | None = None, template: TemplateForm | None = None, status: int = 200):
    mine, held = preferring.own(ctx), preferring.peek(ctx)
    own = own or OwnForm(data={"signature": mine.signature, "privacy": mine.privacy or "", "told": mine.told or ""})
    rules = rules or RulesForm(data={name: getattr(held, name) for name in RULES} | {"blocked": "\n".join(held.blocked or [])})
    return page(
        "mail/settings.html", status=status, own=offer_privacy(ctx, own, USUAL), rules=offer_privacy(ctx, rules), words=template or TemplateForm(data={"language": ctx.locale}), rows=templates.all_templates(ctx),
        fields=filling.FIELDS, dropped=held.dropped, manages=may(ctx, "mail.manage"), writes=may(ctx, "mail.write"),
    )


def _show(row: MailTemplate, form: TemplateForm, status: int = 200):
    return page("mail/template.html", status=status, row=row, form=form, fields=filling.FIELDS)
