"""Today: what is due, what changed last, and the first steps of an empty workspace."""

from datetime import timedelta

from flask import Blueprint, current_app, g, url_for

from core.activities import due as log
from core.base.context import Context
from core.base.policy import may
from core.base.words import N_
from core.briefs.day import waiting_and_recent
from core.identity import queries as people
from core.parties import birthdays
from infra import i18n
from tenants.samples import beside as samples
from web.activities.timeline import MARKS
from web.commands import commands
from web.guard import needs
from web.nav import NavItem, counted
from web.pages import page
from web.parties.personal import when

bp = Blueprint("home", __name__)
NAV = [NavItem("home.index", "home", N_("Today"), "home.read", key="g t", group="", order=10)]

BIRTHDAYS_AHEAD = 7  # days
# What else waits -> (icon, what it is called, where it leads).
WAITING = {
    "answer": ("user-search", N_("First answer due"), "leads.show"), "lead": ("user-search", N_("Next step of a lead due"), "leads.show"), "step": ("target-arrow", N_("Next step of a deal due"), "deals.show"),
    "quote": ("file-invoice", N_("Quote runs out"), "quotes.show"), "silent": ("bell", N_("Nothing heard since"), "accounts.show"),
    "never": ("bell", N_("Never contacted, added on"), "accounts.show"),
}
# (text, endpoint, permission, what it is done by): only what exists and may be done is offered.
STEPS = (
    (N_("Bring your customers in from a file"), "transfer.new", "imports.run", "parties"),
    (N_("Add an account"), "accounts.new", "accounts.create", "parties"),
    (N_("Add a person"), "contacts.new", "contacts.create", "parties"),
    (N_("Log a call and plan the next one"), "accounts.index", "activities.log", "log"),
    (N_("Let your colleagues in"), "settings.members", "users.manage", "people"),
)


@bp.get("/")
@needs("home.read")
def index(ctx: Context):
    """Overdue, today's and tomorrow's next contacts; birthdays of the week; records that changed last."""
    due = log.due(ctx)
    tomorrow = ctx.today + timedelta(days=1)
    groups = [
        (N_("Overdue"), [row for row in due if row.next_contact_on < ctx.today]),
        (N_("Today"), [row for row in due if row.next_contact_on == ctx.today]),
        (N_("Tomorrow"), [row for row in due if row.next_contact_on == tomorrow]),
    ]
    waiting, recent = waiting_and_recent(ctx)
    parties_born = [(one, when(one.on, ctx.today)) for one in birthdays.birthdays(ctx, BIRTHDAYS_AHEAD, mine=True, limit=8)]
    first = steps(ctx, any(not samples.is_sample(row.account_key) for row in due))
    return page(
        "home/index.html", groups=[(title, rows) for title, rows in groups if rows], due=due, most=log.MOST_DUE, recent=recent, born=parties_born, waiting=[(row, *WAITING[row.kind]) for row in waiting], marks=MARKS, steps=first,
        offers_letter=not g.get("viewing") and may(ctx, "profile.edit") and not counted("daily"),
        samples=bool(first and recent) and may(ctx, "settings.manage") and samples.are_there(ctx),
    )


@bp.get("/new")
@needs("home.read")
def new(ctx: Context):
    """What can be added: where the plus of the phone leads without script."""
    return page("home/new.html", things=[one for one in commands(ctx) if one["add"]])


def steps(ctx: Context, any_due: bool) -> list[dict]:
    """The first steps with what is done; none once a contact has been logged, or where nothing may be done. Samples don't count:
    nobody has done anything yet who has only looked at them."""
    if any_due or samples.has_logged(ctx):
        return []
    has_parties = samples.has_parties(ctx)
    done = {"parties": has_parties, "log": False, "people": has_parties and len(people.user_names(ctx)) > 1}
    return [
        {"text": i18n.gettext(ctx.locale, text), "href": url_for(endpoint), "done": done[by]}
        for text, endpoint, permission, by in STEPS if _may_open(ctx, endpoint, permission)
    ]


def _may_open(ctx: Context, endpoint: str, permission: str) -> bool:
    return endpoint in current_app.view_functions and may(ctx, permission)
