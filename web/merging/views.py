"""Duplicates and merges: what may be the same, which value stays, what moves, the merge, and the way back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.policy import has, may
from core.base.words import N_
from core.identity import queries as people
from core.merging import breaking, grouping, pairs, queries, running, scanning, undoing
from core.merging.choosing import room_of
from core.merging.models import KINDS, MOVING, Merge
from core.parties import queries as parties
from web import long_work
from web.forms import keys_of, small_int
from web.guard import needs
from web.merging.saying import custom_differing, differing, hanging, kept_fields, left, words
from web.nav import NavItem
from web.pages import page, progress_page, say, see_other
from web.words import say_refusal

bp = Blueprint("merges", __name__)
NAV = [NavItem("merges.duplicates", "copy", N_("Duplicates"), "merges.read", group="Sales", order=28)]
long_work.add_pages(bp, "/merges/<uuid:id>", reads="merges.read", runs="merges.run", one=queries.one, go_on=breaking.go_on, moving=MOVING, template="merging/progress.html", words=words)
CHOICE, VERSION = "choice.", "version."


@bp.post("/accounts/selection/merges")
@needs("accounts.merge")
def choose_accounts(ctx: Context):
    """The accounts that were ticked in the list, side by side."""
    return _chosen(ctx, "account")


@bp.post("/contacts/selection/merges")
@needs("contacts.merge")
def choose_contacts(ctx: Context):
    """The same for contacts."""
    return _chosen(ctx, "contact")


@bp.get("/merges/new")
@needs("merges.run")
def new(ctx: Context):
    """The records side by side; with one alone, what may be the same."""
    if not request.args:
        return see_other("merges.duplicates")  # where records are to choose from
    return _compare(ctx, request.args.get("kind", ""), keys_of(request.args.getlist("id")))


@bp.post("/merges")
@needs("merges.run")
def create(ctx: Context):
    """The yes."""
    kind, keys = request.form.get("kind", ""), keys_of(request.form.getlist("id"))
    survivor = next(iter(keys_of([request.form.get("survivor", "")])), None)
    try:
        with ctx.session.begin_nested():
            if survivor not in keys:
                raise Refused("merge_how_many", field="ids", most=running.MOST)
            choices = {name.removeprefix(CHOICE): value for name, value in request.form.items() if name.startswith(CHOICE)}
            versions = {key: version for key in keys if (version := small_int(request.form.get(f"{VERSION}{key}")))}
            run = running.merge(ctx, kind, survivor, [key for key in keys if key != survivor], choices=choices, versions=versions)
    except Refused as refusal:
        if refusal.status not in (409, 422):
            raise
        return _compare(ctx, kind, keys, problem=say_refusal(refusal, ctx.locale), status=refusal.status)
    if run.state != "done":
        return see_other("merges.show", id=run.id)
    say(ctx, N_("%(others)s merged into %(name)s"), undo=url_for("merges.create_undo", id=run.id), others=", ".join(run.names[1:]), name=run.names[0])
    return see_other(f"{room_of(kind)}.show", id=run.survivor_id)


@bp.get("/merges")
@needs("merges.read")
def index(ctx: Context):
    """One's merges, the newest first."""
    return page("merging/index.html", runs=queries.runs(ctx), names=people.actor_names(ctx), **words(ctx))


@bp.get("/merges/<uuid:id>")
@needs("merges.read")
def show(ctx: Context, id: UUID):
    """What became of it, and the way back."""
    return _show(ctx, queries.one(ctx, id))


@bp.post("/merges/<uuid:id>/undo")
@needs("merges.run")
def create_undo(ctx: Context, id: UUID):
    """Take it back."""
    run = queries.one(ctx, id)
    try:
        with ctx.session.begin_nested():
            run = undoing.undo(ctx, run)
    except Refused as refusal:
        if refusal.status not in (409, 422) or isinstance(refusal, NotFound):
            raise
        return _show(ctx, queries.one(ctx, id), problem=say_refusal(refusal, ctx.locale), status=refusal.status)
    if run.state == "undone":
        say(ctx, N_("The merge was taken back"))
    return see_other("merges.show", id=id)


@bp.get("/duplicates")
@needs("merges.read")
def duplicates(ctx: Context):
    """What may be the same, in groups, the surest first; what was put off until later on its own page."""
    kind = request.args.get("kind", "account" if has(ctx, "accounts.read") else "contact")
    state = "later" if request.args.get("state") == "later" else "open"
    if kind not in KINDS:
        raise Refused("unknown_value", field="kind")
    tabs = [(one, url_for("merges.duplicates", kind=one), pairs.count(ctx, one)) for one in KINDS if has(ctx, f"{room_of(one)}.read")]
    return page(
        "merging/duplicates.html", kind=kind, state=state, tabs=tabs, found=grouping.groups(ctx, kind, state=state), later=pairs.count(ctx, kind, state="later"), scan=scanning.latest(ctx),
        thresholds=scanning.THRESHOLDS, show=f"{room_of(kind)}.show", may_merge=has(ctx, f"{room_of(kind)}.merge"), **words(ctx),
    )


@bp.post("/duplicates/<uuid:id>/decision")
@needs("merges.run")
def decide(ctx: Context, id: UUID):
    """Not the same, later, or open again."""
    pair = pairs.decide(ctx, id, request.form.get("state", ""))
    return see_other("merges.duplicates", kind=pair.kind, state="later" if request.form.get("from") == "later" else None)


@bp.post("/duplicates/scans")
@needs("merges.run")
def create_scan(ctx: Context):
    """Search among all records now."""
    try:
        threshold = float(request.form.get("threshold", ""))
    except ValueError:
        raise Refused("unknown_value", field="threshold") from None
    scanning.start(ctx, threshold=threshold)
    return see_other("merges.duplicates", kind=request.form.get("kind") or None)


@bp.get("/duplicates/scans/<uuid:id>")
@needs("merges.read")
def scan_progress(ctx: Context, id: UUID):
    """How far the search is; at the end it sends the browser to what was found."""
    scan = scanning.one(ctx, id)
    return progress_page("merging/scan.html", scan.state == "running", url_for("merges.duplicates"), scan=scan)


@bp.post("/duplicates/scans/<uuid:id>/cancellation")
@needs("merges.run")
def cancel_scan(ctx: Context, id: UUID):
    """Stop the search; what was found stays."""
    scanning.cancel(ctx, scanning.one(ctx, id))
    return see_other("merges.duplicates")


# ---- parts of answers ----


def _chosen(ctx: Context, kind: str) -> Response:
    keys = keys_of(request.form.getlist("id"))
    if not 2 <= len(keys) <= running.MOST:
        say(ctx, say_refusal(Refused("merge_how_many", most=running.MOST), ctx.locale), kind="error")
        return see_other(f"{room_of(kind)}.index")
    return see_other("merges.new", kind=kind, id=[str(key) for key in keys])


def _compare(ctx: Context, kind: str, keys: list[UUID], *, problem: str = "", status: int = 200) -> Response:
    if kind not in KINDS:
        raise Refused("unknown_value", field="kind")
    records = queries.candidates(ctx, kind, keys)
    if not records:
        raise NotFound()
    values: dict[str, Any] = {"kind": kind, "room": room_of(kind), "records": records, "problem": problem, "status": status, **words(ctx)}
    if len(records) == 1:
        alike = parties.likely_duplicates(ctx, {"type": kind, **{name: getattr(records[0], name, None) for name in ("id", "name", "mail", "phone", "mobile", "birthday", "street", "postcode", "city", "website", "vat_id")}}, limit=9)
        return page("merging/alone.html", alike=[match for match in alike if not match.hidden], **values)
    barred = [one.name for one in records if not (may(ctx, f"{room_of(kind)}.merge", one) and may(ctx, f"{room_of(kind)}.edit", one))]
    return page(
        "merging/new.html", fields=differing(ctx, kind, records) + custom_differing(ctx, kind, records), hanging=hanging(ctx, queries.preview(ctx, kind, records)), barred=barred,
        names=people.user_names(ctx), **values,
    )


def _show(ctx: Context, run: Merge, *, problem: str = "", status: int = 200) -> Response:
    there = {one.id: one for one in queries.candidates(ctx, run.kind, run.keys)}
    return page("merging/show.html", status=status, run=run, room=room_of(run.kind), there=there, problem=problem, left=left(ctx, run), kept=kept_fields(ctx, run), **words(ctx))


