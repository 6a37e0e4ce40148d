"""Bulk edits: records chosen on a list, what to do with them, what would happen, the yes, and the way back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import plain
from core.base.policy import has
from core.base.words import N_
from core.bulk import breaking, previewing, queries, running, selecting, undoing, wishes
from core.bulk.models import MOVING, BulkEdit
from core.custom_fields.fields import fields_of, is_own
from core.identity import queries as people
from core.transfer.exporting import Filters
from infra import i18n
from web import long_work
from web.bulk.forms import OwnerForm, TagsForm, value_form
from web.bulk.repricing import given, price_form
from web.bulk.rooms import ROOMS
from web.bulk.saying import counted, examples, left_out, operation_words, said_wish, state_words
from web.custom_fields.forms import own_picked
from web.custom_fields.saying import label
from web.forms import keys_of, small_int
from web.guard import needs
from web.pages import page, say, see_other
from web.parties.listing import filters_of
from web.parties.picking import picked_account, picked_contact
from web.products.picking import picked_product
from web.redirects import safe_next
from web.transfer.files import list_answer
from web.words import say_refusal

bp, leads_bp = Blueprint("bulk", __name__), Blueprint("lead_bulk", __name__)
leads_bp.room = "leads"
long_work.add_pages(bp, "/bulk-edits/<uuid:id>", reads="bulk_edits.read", runs="bulk_edits.run", one=queries.one, go_on=breaking.go_on, moving=MOVING, template="bulk/progress.html", words=state_words)


@bp.post("/accounts/selection")
@needs("bulk_edits.run")
def select_accounts(ctx: Context):
    """The accounts that were ticked, or all that the list shows: kept, and what to do with them is asked."""
    return _select(ctx, "accounts")


@bp.post("/contacts/selection")
@needs("bulk_edits.run")
def select_contacts(ctx: Context):
    """The same for contacts."""
    return _select(ctx, "contacts")


@bp.post("/deals/selection")
@needs("bulk_edits.run")
def select_deals(ctx: Context):
    """The same for deals."""
    return _select(ctx, "deals")


@leads_bp.post("/leads/selection")
@needs("bulk_edits.run")
def select_leads(ctx: Context):
    """The same for leads."""
    return _select(ctx, "leads")


@bp.post("/accounts/selection/exports")
@needs("accounts.export", fresh=True, file=True)
def export_accounts(ctx: Context):
    """The accounts that were ticked as a file; who took them stands in the record."""
    return _export(ctx, "accounts")


@bp.post("/contacts/selection/exports")
@needs("contacts.export", fresh=True, file=True)
def export_contacts(ctx: Context):
    """The contacts that were ticked as a file; who took them stands in the record."""
    return _export(ctx, "contacts")


@bp.post("/deals/selection/exports")
@needs("deals.export", fresh=True, file=True)
def export_deals(ctx: Context):
    """The deals that were ticked as a file; who took them stands in the record."""
    return _export(ctx, "deals")


@bp.post("/leads/selection/exports")
@needs("leads.export", fresh=True, file=True)
def export_leads(ctx: Context):
    """The leads that were ticked as a file; who took them stands in the record."""
    return _export(ctx, "leads")


@bp.post("/products/selection")
@needs("bulk_edits.run")
def select_products(ctx: Context):
    """The same for products."""
    return _select(ctx, "products")


@bp.post("/products/selection/exports")
@needs("products.export", fresh=True, file=True)
def export_products(ctx: Context):
    """The products that were ticked as a file; who took them stands in the record."""
    return _export(ctx, "products")


@bp.get("/bulk-edits")
@needs("bulk_edits.read")
def index(ctx: Context):
    """One's bulk edits, the newest first; each can be taken back for 30 days."""
    found = queries.runs(ctx)
    return page("bulk/index.html", runs=found, names=people.actor_names(ctx), said={run.id: operation_words(ctx, run) for run in found}, **state_words(ctx))


@bp.get("/bulk-edits/<uuid:id>")
@needs("bulk_edits.read")
def show(ctx: Context, id: UUID):
    """The step at which it is: what to do, the preview, how far it is, what became of it."""
    return _show(ctx, queries.one(ctx, id))


@bp.post("/bulk-edits/<uuid:id>/preview")
@needs("bulk_edits.run")
def create_preview(ctx: Context, id: UUID):
    """Say what would happen; nothing is written yet."""
    run = queries.one(ctx, id)
    operation, field = request.form.get("operation", ""), request.form.get("field", "")
    form = _form(ctx, run, operation, field, request.form)
    if form is None or form.validate():
        try:
            with ctx.session.begin_nested():
                previewing.preview(ctx, run, operation, _given(ctx, run, operation, field, form))
            return see_other("bulk.show", id=id)
        except Refused as refusal:
            if refusal.status != 422 or (form is None and operation != "change"):
                raise
            if form is None:
                return _show(ctx, run, operation=operation, problem=say_refusal(refusal, ctx.locale), status=422)
            form.take(refusal)
    return _show(ctx, run, operation=operation, field=field, form=form, status=422)


@bp.post("/bulk-edits/<uuid:id>/run")
@needs("bulk_edits.run")
def create_run(ctx: Context, id: UUID):
    """The yes. Few records are changed at once and the list comes back; more go on in the background."""
    run = queries.one(ctx, id)
    try:
        with ctx.session.begin_nested():
            run = running.start(ctx, run, version=small_int(request.form.get("version")) if "version" in request.form else None)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return _show(ctx, queries.one(ctx, id), problem=say_refusal(refusal, ctx.locale), status=422)
    if run.state != "done":
        return see_other("bulk.show", id=id)
    changed, since = run.counts.get("changed", 0), run.counts.get("since", 0)
    if changed:
        say(ctx, N_("%(count)s changed") if run.operation != "delete" else N_("%(count)s deleted"), undo=url_for("bulk.create_undo", id=id), count=changed)
    if since or not changed:
        return see_other("bulk.show", id=id)
    return _back(ctx, run)


@bp.post("/bulk-edits/<uuid:id>/cancellation")
@needs("bulk_edits.run")
def create_cancellation(ctx: Context, id: UUID):
    """Stop; a preview is thrown away."""
    run = queries.one(ctx, id)
    undecided = run.started_at is None
    run = running.cancel(ctx, run)
    if undecided:
        return _back(ctx, run)
    say(ctx, N_("Bulk edit stopped"))
    return see_other("bulk.show", id=id)


@bp.post("/bulk-edits/<uuid:id>/undo")
@needs("bulk_edits.run")
def create_undo(ctx: Context, id: UUID):
    """Take it back: every record that nobody has touched since."""
    run = undoing.start_undo(ctx, queries.one(ctx, id))
    whole = run.state == "undone" and not run.counts["kept"]
    if whole:
        say(ctx, N_("%(count)s taken back"), count=run.counts["undone"])
    return see_other("bulk.show", id=id, see=None if whole else 1)


# ---- parts of answers ----


def _select(ctx: Context, kind: str) -> Response:
    everything = request.form.get("everything")
    filters = filters_of(request.args)
    back = f"{url_for(f'{kind}.index')}?{request.query_string.decode('ascii', 'replace')}".rstrip("?")
    try:
        with ctx.session.begin_nested():
            run = selecting.select_records(ctx, kind, keys=None if everything else keys_of(request.form.getlist("id")), filters=filters if everything else None, back=back)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        say(ctx, say_refusal(refusal, ctx.locale), kind="error")
        return see_other(f"{kind}.index")
    operation = request.form.get("do", "")
    if operation == "delete" and operation in wishes.offered(ctx, kind):
        previewing.preview(ctx, run, operation, {})
        return see_other("bulk.show", id=run.id)
    return see_other("bulk.show", id=run.id, do=operation or None)


def _export(ctx: Context, kind: str) -> Response:
    filters = filters_of(request.args)
    keys = None if request.form.get("everything") else keys_of(request.form.getlist("id"))
    return list_answer(ctx, kind, filters if keys is None else Filters(), keys=keys)


def _back(ctx: Context, run: BulkEdit) -> Response:
    """To the list as it was filtered."""
    answer = see_other(f"{run.kind}.index")
    if run.back:
        answer.headers["Location"] = safe_next(run.back)
    return answer


def _form(ctx: Context, run: BulkEdit, operation: str, field: str, formdata: Any = None) -> Any:
    """The form of an operation; None where there is nothing to fill in (yet)."""
    if operation == "tags":
        form: Any = TagsForm(formdata)
    elif operation == "owner":
        form = OwnerForm(formdata)
        names = people.user_names(ctx)
        form.owner_id.choices = [("", i18n.gettext(ctx.locale, N_("Everyone"))), *((str(key), name) for key, name in names.items())]
    elif operation == "price":
        form = price_form(ctx, formdata)
    elif operation == "change" and field in wishes.changeable(ctx, run.kind):
        return value_form(ctx, run.kind, field, formdata)
    else:
        return None
    for one in form:
        if is_own(one.name):
            continue
        one.label.text = i18n.gettext(ctx.locale, one.label.text)
    return form


def _given(ctx: Context, run: BulkEdit, operation: str, field: str, form: Any) -> dict[str, Any]:
    if operation == "owner":
        return {"owner_id": form.owner_id.data or None}
    if operation == "tags":
        return {"add": form.add.data, "remove": form.remove.data}
    if operation == "price":
        return given(form)
    if operation != "change" or form is None:
        return {}
    never_empty = ROOMS[run.kind].never_empty
    if form.empty.data and field not in never_empty:
        return {field: None}
    value = _picked(ctx, run, field) if field in _links(ctx, run) else plain(form[field].data)
    if value in (None, "", []) and field not in never_empty:
        raise Refused("bulk_say_empty", field=field)
    return {field: value}


def _links(ctx: Context, run: BulkEdit) -> dict[str, str]:
    """Field that names a record -> where its choices come from; own fields too."""
    return {**ROOMS[run.kind].links} | {one.name: f"{one.kind}s.options" for one in fields_of(ctx, run.kind) if one.kind in ("account", "contact")}


def _picked(ctx: Context, run: BulkEdit, field: str) -> str | None:
    if is_own(field):
        return own_picked(ctx, run.kind).get(field)
    if ROOMS[run.kind].links[field] == "products.options":
        return picked_product(ctx, field)
    return (picked_contact if ROOMS[run.kind].links[field] == "contacts.options" else picked_account)(ctx, field)


def _show(ctx: Context, run: BulkEdit, *, operation: str = "", field: str = "", form: Any = None, problem: str = "", status: int = 200) -> Response:
    offered = wishes.offered(ctx, run.kind) if has(ctx, "bulk_edits.run") else []
    choosing = run.state == "selected" or (run.state == "previewed" and bool(operation or request.args.get("do")))
    values = {"run": run, "choosing": choosing, "problem": problem, "offered": offered, **state_words(ctx)}
    if choosing:
        operation = operation or request.args.get("do", "")
        if operation not in offered:
            operation, form = (offered or [""])[0], None
        field = field or request.args.get("field", "")
        fields = sorted(((name, label(ctx, run.kind, name, ROOMS[run.kind].labels)) for name in wishes.changeable(ctx, run.kind)), key=lambda pair: pair[1].casefold())
        form = form if form is not None else _form(ctx, run, operation, field)
        return page("bulk/choose.html", block="choice", status=status, operation=operation, field=field if form is not None else "", fields=fields, form=form, never_empty=ROOMS[run.kind].never_empty, account_fields=_links(ctx, run), title=counted(ctx, ROOMS[run.kind].chosen, run.selected), **values)
    if run.state in MOVING:
        return page("bulk/show.html", **values)
    kept = queries.rows(ctx, run, ("kept",)) if run.counts.get("kept") else []
    values |= {"wish": said_wish(ctx, run), "examples": examples(ctx, run), "left": left_out(ctx, run), "kept": kept, "yes": counted(ctx, ROOMS[run.kind].delete if run.operation == "delete" else ROOMS[run.kind].change, run.counts.get("due", 0)), "can_undo": undoing.can_be_undone(ctx, run), "back": safe_next(run.back) if run.back and run.owner_id == ctx.actor.id else url_for(f"{run.kind}.index")}
    return page("bulk/show.html", status=status, **values)
