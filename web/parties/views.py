"""Accounts: list, record page, form, edit in place, delete and bring back. People have their own file."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from core.activities import queries as log
from core.base.beside import of as beside_record
from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import require
from core.base.words import N_
from core.identity import queries as people
from core.parties import actions, queries
from core.parties.rules import ACCOUNT_FIELDS
from web.activities.forms import LogForm
from web.activities.timeline import is_for_more, narrow_of, timeline_values
from web.custom_fields.forms import own_picked, presets, sections, with_own
from web.deals.section import deals_section
from web.guard import needs
from web.mail.section import mail_section
from web.nav import NavItem
from web.pages import page, say, see_other
from web.parties import bin as recycle_bin
from web.parties import contacts, pool, reach_roles, saving, stages
from web.parties.chips import know
from web.parties.edited import form_of, save_edited
from web.parties.families import family_of_page
from web.parties.forms import AccountForm, typed
from web.parties.list_page import answer_list
from web.parties.picking import picked_account
from web.parties.reach_section import reach_values
from web.parties.record import (
    FREE,
    answer_record,
    beside,
    import_url,
    merged_into,
    own_id,
    properties,
)
from web.parties.record_routes import add_record_routes
from web.quotes.section import quotes_section
from web.standing.section import standing_values
from web.terms.section import terms_section

bp = Blueprint("accounts", __name__, url_prefix="/accounts")
contacts_bp, saving_bp, bin_bp, reach_bp, stages_bp, pool_bp = contacts.bp, saving.bp, recycle_bin.bp, reach_roles.bp, stages.bp, pool.bp
NAV = [
    NavItem("accounts.index", "building", N_("Accounts"), "accounts.read", key="g a", group="Sales", order=10),
    NavItem("contacts.index", "users", N_("Contacts"), "contacts.read", key="g c", group="Sales", order=20),
]


@bp.get("")
@needs("accounts.read")
def index(ctx: Context):
    """The list: filters, columns, views, sums."""
    return answer_list(ctx, "accounts", queries.accounts, import_url=import_url())


@bp.get("/new")
@needs("accounts.create")
def new(ctx: Context):
    """An empty form; only the name is needed."""
    form = with_own(ctx, AccountForm)(data=presets(ctx, "accounts") | {"name": request.args.get("name", ""), "owner_id": str(ctx.actor.id), "currency": ctx.tenant.currency, "is_customer": True})
    return _form(ctx, form)


@bp.post("")
@needs("accounts.create")
def create(ctx: Context):
    form = with_own(ctx, AccountForm)(request.form)
    if form.validate():
        with form.attempt(ctx):
            account = actions.create_account(ctx, **(typed(form) | _picked(ctx) | own_picked(ctx, "accounts")))
            say(ctx, N_("%(name)s added"), name=account.name)
            return see_other("accounts.show", id=account.id)
    return _form(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("accounts.read")
def show(ctx: Context, id: UUID):
    """The record page; for the drawer only its preview, for the timeline only its next entries."""
    try:
        return show_account(ctx, id)
    except NotFound:
        return merged_into(ctx, "account", id)


def show_account(ctx: Context, id: UUID, *, entry: LogForm | None = None, status: int = 200):
    """The page of an account; `entry`: a log entry that was refused, with what was typed."""
    found = queries.account_page(ctx, id)
    account, parent_name, colours = found[:3]
    said = beside_record(found)
    know(account.tags, colours)
    history = log.timeline(ctx, account, before=request.args.get("before"), at=request.args.get("at"), show=request.args.get("show") or None, narrow=narrow_of(request.args), glance=not is_for_more())
    if is_for_more():
        return page("activities/more.html", **timeline_values(ctx, history, url_for("accounts.show", id=id)))
    staff, names = queries.contacts_of(ctx, id), people.user_names(ctx)
    entry = entry or LogForm(data={"kind": request.args.get("log", "note")})
    return answer_record(
        "accounts", account.name, status=status, account=account, parent_name=parent_name, people=staff, owners=names, deals=deals_section(ctx, account, said.get("deals")), quotes=quotes_section(ctx, account, said.get("quotes")), mails=mail_section(ctx, account, said.get("mails")), terms=terms_section(ctx, account, said.get("terms")), **standing_values(said),
        lines=properties(ctx, account, names), stage=stages.stage_of_page(ctx, account), family=family_of_page(ctx, account), can_claim=pool.can_claim(ctx, account), **beside(ctx, account), **reach_values(ctx, account), entry=entry, **timeline_values(ctx, history, url_for("accounts.show", id=id)),
    )


add_record_routes(bp, queries.one_account, fields=ACCOUNT_FIELDS, edit=actions.edit_account, delete=actions.delete_account, restore=actions.restore_account)


@bp.get("/<uuid:id>/edit")
@needs("accounts.edit")
def edit(ctx: Context, id: UUID):
    account = queries.one_account(ctx, id)
    require(ctx, "accounts.edit", account)
    form, was = form_of(ctx, AccountForm, account)
    return _form(ctx, form, account, was)


@bp.post("/<uuid:id>")
@needs("accounts.edit")
def update(ctx: Context, id: UUID):
    """Save what was changed. Somebody else's change of other fields stays; of the same field it is asked about."""
    return save_edited(ctx, queries.one_account(ctx, id), AccountForm, actions.edit_account, picked=_picked, done=lambda: _to_account(ctx, id), again=_form)


@bp.get("/duplicates")
@needs("accounts.read")
def duplicates(ctx: Context):
    """Up to three records that may be the same; a part below the field, it never blocks."""
    return page("parties/duplicates.html", matches=queries.likely_duplicates(ctx, {**request.args.to_dict(), "type": "account", "id": own_id("_id")}), endpoint="accounts.show")


@bp.get("/options")
@needs("accounts.read")
def options(ctx: Context):
    """Options of a field that names an account."""
    return page("parties/options.html", found=queries.quick_accounts(ctx, request.args.get("q", "")))


def _to_account(ctx: Context, id: UUID):
    """Back to the page, or to the list where the record was handed to somebody whose records one does not see."""
    return see_other("accounts.show", id=id) if queries.account_name(ctx, id) is not None else see_other("accounts.index")


def _picked(ctx: Context, was: dict[str, str] | None = None) -> dict[str, str]:
    key = picked_account(ctx, "parent_id")
    return {} if key is None or key == (was or {}).get("parent_id", "") else {"parent_id": key}


def _form(ctx: Context, form: AccountForm, account: Any = None, was: dict[str, str] | None = None, *, status: int = 200, version: int | None = None):
    names = people.user_names(ctx)
    form.offer("owner_id", [("", FREE), *((str(key), name) for key, name in names.items())])
    parent = request.form.get("parent_id_text") if request.method == "POST" else queries.account_name(ctx, account.parent_id if account else None)
    return page(
        "accounts/form.html", status=status, form=form, account=account, was=was or {}, own=sections(ctx, form), parent_name=parent or "",
        version=version or (account.version if account else None),
    )
