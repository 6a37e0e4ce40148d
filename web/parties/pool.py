"""The shared pool: taking an account from it, giving it back, and the rules by which accounts go there."""

from uuid import UUID

from flask import Blueprint, url_for
from wtforms import StringField
from wtforms.validators import Length

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.field_rights import protected
from core.base.policy import may
from core.base.words import N_
from core.parties import pool, queries
from core.parties.models import Account
from infra import i18n
from web.editing import as_loaded, changed, chosen, conflict_page, filled, last_change, version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.forms import labels_of
from web.words import say_refusal

bp = Blueprint("pool", __name__)


class PoolForm(Form):
    """When accounts become free, and how many one may take."""

    idle_days = StringField(N_("Days without contact"), [Length(max=5)])
    claims_a_day = StringField(N_("Taken a day"), [Length(max=5)])


@bp.post("/accounts/<uuid:id>/claims")
@needs("accounts.edit")
def claim(ctx: Context, id: UUID):
    """Take an account from the pool. Who was too late, or has taken enough, is told so."""
    try:
        with ctx.session.begin_nested():
            account = pool.claim(ctx, id)
    except Refused as refusal:
        if refusal.code not in ("pool_taken", "pool_enough", "pool_yours"):
            raise
        say(ctx, N_("Not taken: %(why)s"), kind="error", why=say_refusal(refusal, ctx.locale))
        return see_other("accounts.show", id=id) if queries.account_name(ctx, id) else see_other("accounts.index")
    say(ctx, N_("%(name)s is yours now"), undo=url_for("pool.give_back", id=id), name=account.name)
    return see_other("accounts.show", id=id)


@bp.post("/accounts/<uuid:id>/pool")
@needs("accounts.edit")
def give_back(ctx: Context, id: UUID):
    """Undo a claim."""
    account = queries.one_account(ctx, id)
    pool.give_back(ctx, account)
    say(ctx, N_("%(name)s is in the shared pool again"), name=account.name)
    return see_other("accounts.show", id=id)


@bp.get("/settings/pool/")
@needs("settings.manage")
def edit(ctx: Context):
    """The rules as they stand."""
    return _edit(ctx)


@bp.post("/settings/pool/")
@needs("settings.manage")
def update(ctx: Context):
    """Save what was changed."""
    now = pool.rules_of(ctx)
    form, was = filled(PoolForm, now)
    given: dict = {}
    if form.validate():
        try:
            with form.attempt(ctx):
                given = chosen(changed(form, was))
                pool.change_rules(ctx, version=version_of_form(), original=was, **given)
                say(ctx, N_("Rules of the shared pool saved"))
                return see_other("pool.edit")
        except Conflict as conflict:
            if conflict.code != "conflict":
                raise
            title = i18n.gettext(ctx.locale, N_("Shared pool"))
            return conflict_page(ctx, conflict, given, was, title=title, action=url_for("pool.update"), back=url_for("pool.edit"), labels=labels_of(form), last=last_change(ctx, pool.rules_of(ctx), conflict.fields))
    return _edit(ctx, form, was, status=422)


def can_claim(ctx: Context, account: Account) -> bool:
    """Is it free, and may the actor take it?"""
    return account.owner_id is None and may(ctx, "accounts.edit", account) and "owner_id" not in protected(ctx, "accounts")


def _edit(ctx: Context, form: PoolForm | None = None, was: dict | None = None, status: int = 200):
    now = pool.rules_of(ctx)
    was, version = (was, version_of_form()) if was is not None else (as_loaded(PoolForm(), now), now.version)
    last = last_change(ctx, now, was) if now.id else None
    return page("settings/pool.html", status=status, form=form or PoolForm(data=was), was=was, version=version, last=last, warned=pool.WARNED_BEFORE)
