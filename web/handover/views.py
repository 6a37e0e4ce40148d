"""Handing over what a colleague looks after: planned, previewed, run, taken back; and what a successor begins with."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import has, reach_of
from core.base.words import N_
from core.handover import giving, planning, queries
from core.handover.run_models import KINDS, MOVING, HandoverRun
from core.handover.words import FIRST, KIND_LABELS, STATE_HUES, STATE_LABELS, WAY_LABELS
from core.identity import queries as people
from core.parties.models import Account
from infra import i18n
from web import long_work
from web.deals.saying import money
from web.filters import day
from web.forms import small_int
from web.guard import needs
from web.handover.forms import HandoverForm, lines_of_form, rule_values, typed_rules
from web.nav import NavItem
from web.pages import page, say, see_other
from web.words import say_refusal

bp = Blueprint("handover", __name__)
NAV = [NavItem("handover.index", "users", N_("Handing over"), "handovers.run", group="Data", order=45)]
PAGES = {"accounts": "accounts.show", "contacts": "contacts.show", "deals": "deals.show", "leads": "leads.show", "quotes": "quotes.show"}
# The account's page on one sheet, where there is one.
BRIEF = "briefs.show_account"


def words(ctx: Context) -> dict[str, Any]:
    """What the templates say of kinds, states and ways."""
    names = people.user_names(ctx)
    told = lambda labels: {code: i18n.gettext(ctx.locale, text) for code, text in labels.items()}  # noqa: E731
    return {"kind_names": told(KIND_LABELS), "state_names": told(STATE_LABELS), "state_hues": STATE_HUES, "way_names": told(WAY_LABELS), "kinds": [kind for kind in KINDS if has(ctx, f"{kind}.read")], "moving": MOVING, "names": names, "by_key": {str(key): name for key, name in names.items()}}


long_work.add_pages(bp, "/handing-over/<uuid:id>", reads="handovers.run", runs="handovers.run", one=queries.one, go_on=giving.go_on, moving=MOVING, template="handover/progress.html", words=words)


@bp.get("/handing-over")
@needs("handovers.run")
def index(ctx: Context):
    """The handovers that one may know of."""
    return page("handover/index.html", runs=queries.runs(ctx), **words(ctx))


@bp.get("/handing-over/new")
@needs("handovers.run")
def new(ctx: Context):
    """from=: whose it is."""
    return _form(ctx, HandoverForm(data={"from_id": request.args.get("from", ""), "way": "one", "people": []}))


@bp.post("/handing-over")
@needs("handovers.run")
def create(ctx: Context):
    """Plan it; nothing is given yet."""
    form = HandoverForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            run = planning.plan(ctx, _key(form.from_id.data), way=form.way.data or "one", people_=form.chosen(), rules=typed_rules(ctx) if form.way.data == "rules" else (), until=form.until.data)
            return see_other("handover.show", id=run.id)
    return _form(ctx, form, status=422)


@bp.get("/handing-over/<uuid:id>")
@needs("handovers.run")
def show(ctx: Context, id: UUID):
    """The preview with its counts, how far it is, or what became of it. after=: where the table for choosing by hand goes on."""
    return _show(ctx, queries.one(ctx, id))


@bp.post("/handing-over/<uuid:id>/choices")
@needs("handovers.run")
def choose(ctx: Context, id: UUID):
    """By hand: to whom each account of this page goes."""
    run = queries.one(ctx, id)
    chosen = {UUID(name.removeprefix("to-")): _key(value) for name, value in request.form.items() if name.startswith("to-") and _is_key(name.removeprefix("to-"))}
    return _acted(ctx, run, lambda: planning.choose(ctx, run, chosen), N_("Choices saved"), after=small_int(request.form.get("after")) or None)


@bp.post("/handing-over/<uuid:id>/run")
@needs("handovers.run")
def create_run(ctx: Context, id: UUID):
    run = queries.one(ctx, id)
    return _acted(ctx, run, lambda: giving.start(ctx, run, version=small_int(request.form.get("version"))))


@bp.post("/handing-over/<uuid:id>/cancellation")
@needs("handovers.run")
def create_cancellation(ctx: Context, id: UUID):
    run = queries.one(ctx, id)
    return _acted(ctx, run, lambda: giving.cancel(ctx, run))


@bp.post("/handing-over/<uuid:id>/undo")
@needs("handovers.run")
def create_undo(ctx: Context, id: UUID):
    run = queries.one(ctx, id)
    return _acted(ctx, run, lambda: giving.start_undo(ctx, run))


@bp.get("/taken-over/<uuid:id>")
@needs("accounts.read")
def taken(ctx: Context, id: UUID):
    """What one took over, what is urgent first. to=: what somebody else did, for whoever runs handovers."""
    to = _key(request.args["to"]) if request.args.get("to") else ctx.actor.id
    run = queries.one_taken(ctx, id, to)
    rows = [(row, _first(ctx, row), [money(amount, currency) for currency, amount in sorted(row.deals.items())]) for row in queries.taken_over(ctx, run, to)]
    return page("handover/taken.html", run=run, rows=rows, to=to, mine=to == ctx.actor.id, brief=BRIEF if BRIEF in current_app.view_functions else "", most=queries.MOST_TAKEN, **words(ctx))


def _acted(ctx: Context, run: HandoverRun, act: Any, said: str = "", **args: Any):
    """Back to its page; a refusal is said there."""
    try:
        act()
    except Refused as refusal:
        return _show(ctx, run, problem=say_refusal(refusal, ctx.locale), status=422)
    if said:
        say(ctx, said)
    return see_other("handover.show", id=run.id, **args)


def _show(ctx: Context, run: HandoverRun, *, problem: str = "", status: int = 200):
    by_hand = run.way == "hand" and run.state == "planned"
    after = small_int(request.args.get("after")) or 0
    chosen = queries.chosen_page(ctx, run, after) if by_hand else []
    successors = planning.successors(ctx, people.one_user(ctx, run.from_id)) if by_hand else {}
    kept = queries.left_over(ctx, run, "kept" if run.state == "undone" else "since") if run.state not in ("planned", *MOVING) else []
    return page(
        "handover/show.html", status=status, run=run, problem=problem, chosen=chosen, after=after, more=chosen[-1].position if len(chosen) == queries.PAGE else None, successors=successors, kept=kept, pages=PAGES, counts=queries.counts_of(ctx, run), hanging=[kind for kind in ("deals", "quotes", "activities") if has(ctx, f"{kind}.read")],
        can_undo=giving.can_be_undone(ctx, run), said_failure=say_refusal(Refused(run.failure["code"], **run.failure["params"]), ctx.locale) if run.failure else "", rules=_rules(ctx, run), **words(ctx),
    )


def _rules(ctx: Context, run: HandoverRun) -> list[tuple[str, str]]:
    """(conditions in words, to whom) of a plan by rules."""
    from web.parties.conditions import as_said

    names = people.user_names(ctx)
    return [(", ".join(" ".join(as_said(ctx, "accounts", (one[0], one[1], one[2]))) for one in rule["conditions"]), names.get(UUID(rule["to"]), "")) for rule in run.wanted.get("rules", ())]


def _first(ctx: Context, row: queries.Taken) -> str:
    code, params = row.first
    return i18n.gettext(ctx.locale, FIRST[code], **{name: day(value) if name == "day" else value for name, value in params.items()})


def _form(ctx: Context, form: HandoverForm, *, status: int = 200):
    reach = reach_of(ctx, Account)
    found = {key: name for key, name in people.user_names(ctx).items() if reach is None or key in reach}
    form.offer(ctx, found, planning.readers(ctx, permission="accounts.edit"))
    return page("handover/new.html", status=status, form=form, **rule_values(ctx, lines_of_form() if request.method == "POST" else None))


def _is_key(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _key(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Refused("owner_unknown", field="people") from None
