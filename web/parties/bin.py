"""The recycle bin: what was deleted, by whom, and back again; one by one or several at once."""

from uuid import UUID

from flask import Blueprint, request, url_for
from wtforms import StringField
from wtforms.validators import InputRequired

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import changes_of, has, may
from core.base.words import N_
from core.deals import queries as deals
from core.deals.actions import restore_deal
from core.identity import queries as people
from core.leads import queries as leads_there
from core.leads.actions import restore_lead
from core.parties import actions, queries
from core.privacy import purging
from core.products import actions as product_actions
from core.products import queries as products_there
from core.quotes import queries as quotes_there
from core.quotes.drafting import restore_quote
from tenants.tombstones import chain_key
from web.forms import Form, typed_as
from web.guard import needs
from web.marks import read_mark, write_mark
from web.pages import page, say, see_other
from web.words import say_refusal

bp = Blueprint("bin", __name__, url_prefix="/recycle-bin")
SHOWN, MOST = 50, 200
ROOMS = {"accounts": (queries.one_account, actions.restore_account), "contacts": (queries.one_contact, actions.restore_contact), "deals": (deals.one_deal, restore_deal), "leads": (leads_there.one_lead, restore_lead), "quotes": (quotes_there.one_quote, restore_quote), "products": (products_there.one_product, product_actions.restore_product)}
TITLES = {"accounts": N_("Accounts"), "contacts": N_("Contacts"), "deals": N_("Deals"), "leads": N_("Leads"), "quotes": N_("Quotes"), "products": N_("Products")}


@bp.get("/accounts")
@needs("accounts.read")
def accounts(ctx: Context):
    """The accounts that lie in it, the newest first."""
    return _shown(ctx, "accounts")


@bp.get("/contacts")
@needs("contacts.read")
def contacts(ctx: Context):
    """The contacts that lie in it."""
    return _shown(ctx, "contacts")


@bp.get("/deals", endpoint="deals")
@needs("deals.read")
def deals_in_it(ctx: Context):
    """The deals that lie in it."""
    return _shown(ctx, "deals")


@bp.get("/leads", endpoint="leads")
@needs("leads.read")
def leads_in_it(ctx: Context):
    """The leads that lie in it."""
    return _shown(ctx, "leads")


@bp.get("/quotes", endpoint="quotes")
@needs("quotes.read")
def quotes_in_it(ctx: Context):
    """The quotes that lie in it: those that were never sent."""
    return _shown(ctx, "quotes")


@bp.post("/quotes")
@needs("quotes.delete")
def restore_quotes(ctx: Context):
    """Bring those back that were chosen."""
    return _restored(ctx, "quotes")


@bp.get("/products")
@needs("products.read")
def products(ctx: Context):
    """The products that lie in it."""
    return _shown(ctx, "products")


@bp.post("/products")
@needs("products.delete")
def restore_products(ctx: Context):
    """The same for products."""
    return _restored(ctx, "products")


@bp.post("/accounts")
@needs("accounts.delete")
def restore_accounts(ctx: Context):
    """Bring those back that were chosen; what can not come back is said."""
    return _restored(ctx, "accounts")


@bp.post("/contacts")
@needs("contacts.delete")
def restore_contacts(ctx: Context):
    """The same for contacts."""
    return _restored(ctx, "contacts")


@bp.post("/deals")
@needs("deals.delete")
def restore_deals(ctx: Context):
    """The same for deals."""
    return _restored(ctx, "deals")


@bp.post("/leads")
@needs("leads.delete")
def restore_leads(ctx: Context):
    """The same for leads."""
    return _restored(ctx, "leads")


@bp.get("/leads/<uuid:id>", defaults={"room": "leads"})
@bp.get("/quotes/<uuid:id>", defaults={"room": "quotes"})
@bp.get("/deals/<uuid:id>", defaults={"room": "deals"})
@bp.get("/accounts/<uuid:id>", defaults={"room": "accounts"})
@bp.get("/contacts/<uuid:id>", defaults={"room": "contacts"})
@needs("privacy.manage")
def ending(ctx: Context, room: str, id: UUID):
    """What it means to delete a record for good, and the name to be typed."""
    return _ending(ctx, room, _one(ctx, room, id), EndingForm())


@bp.post("/leads/<uuid:id>", defaults={"room": "leads"})
@bp.post("/quotes/<uuid:id>", defaults={"room": "quotes"})
@bp.post("/deals/<uuid:id>", defaults={"room": "deals"})
@bp.post("/accounts/<uuid:id>", defaults={"room": "accounts"})
@bp.post("/contacts/<uuid:id>", defaults={"room": "contacts"})
@needs("privacy.manage", fresh=True)
def delete_for_good(ctx: Context, room: str, id: UUID):
    """Now, without waiting for the end of its days."""
    record, form = _one(ctx, room, id), EndingForm(request.form)
    name = record.name
    with form.attempt(ctx):
        typed_as(form.typed.data or "", name)
        purging.delete_for_good(ctx, chain_key(ctx.tenant.id), room, id)
        say(ctx, N_("%(name)s is deleted for good"), name=name)
        return see_other(f"bin.{room}")
    return _ending(ctx, room, record, form, status=422)


def _one(ctx: Context, room: str, id: UUID):
    return ROOMS[room][0](ctx, id, deleted=True)


def _ending(ctx: Context, room: str, record, form: "EndingForm", status: int = 200):
    return page("parties/ending.html", room=room, record=record, form=form, status=status, goes_on=purging.goes_on(record.deleted_at, purging.bin_days(ctx)))


class EndingForm(Form):
    """The name, typed."""

    typed = StringField(N_("Name"), [InputRequired()])


def _shown(ctx: Context, room: str):
    before = read_mark(request.args.get("before"))
    found = products_there.deleted(ctx, before=before, limit=SHOWN + 1) if room == "products" else queries.deleted(ctx, room, before=before, limit=SHOWN + 1)
    last = found[SHOWN - 1] if len(found) > SHOWN else None
    allowed = may(ctx, f"{room}.delete")
    tabs = [{"text": text, "href": url_for(f"bin.{kind}"), "current": kind == room} for kind, text in TITLES.items() if has(ctx, f"{kind}.read")]
    days = purging.bin_days(ctx)
    return page(
        "parties/bin.html", room=room, days=days, goes_on=lambda row: purging.goes_on(row.deleted_at, days), for_good=has(ctx, "privacy.manage") and room in purging.MODELS, kept=room not in purging.MODELS, rows=[(row, allowed and (room == "products" or changes_of(ctx, room, row.owner_id))) for row in found[:SHOWN]], names=people.actor_names(ctx), tabs=tabs,
        older=url_for(f"bin.{room}", before=write_mark(last.deleted_at, last.id)) if last else "", first=before is None,
    )


def _restored(ctx: Context, room: str):
    one, act = ROOMS[room]
    back, why = [], None
    for key in _keys(request.form.getlist("id")):
        try:
            with ctx.session.begin_nested():
                record = one(ctx, key, deleted=True)
                act(ctx, record)
                ctx.session.flush()
                back.append(record.name)
        except Refused as refusal:
            why = refusal
    if why is not None:
        say(ctx, N_("Not everything came back: %(why)s"), kind="error", why=say_refusal(why, ctx.locale))
    if back:
        say(ctx, N_("%(name)s is back") if len(back) == 1 else N_("%(count)s records are back"), name=back[0], count=len(back))
    return see_other(f"bin.{room}")


def _keys(typed: list[str]) -> list[UUID]:
    """Keys as sent, 200 at most; others are refused."""
    if len(typed) > MOST:
        raise Refused("too_many_items", field="id", max=MOST)
    try:
        return [UUID(key) for key in dict.fromkeys(typed)]
    except ValueError:
        raise Refused("unknown_value", field="id") from None

