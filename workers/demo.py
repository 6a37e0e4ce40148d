"""The demo tenant of a local stack: a small company with four people who can sign in, and an operator."""

from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid5

from sqlalchemy import select

from billing import access, invoicing, signup, subscriptions
from billing.models import Invoice
from billing.port import provider
from billing.subscriptions import Buyer
from core.activities.models import Activity
from core.base.context import Context, as_actor
from core.base.entitlements import UNLIMITED
from core.base.outbox import defer
from core.date_reminders.actions import create_reminder
from core.date_reminders.models import DateReminder
from core.deals.models import Deal
from core.discussions import queries as discussions
from core.discussions.actions import add_comment
from core.files.actions import add_file
from core.identity import actions, queries, teams
from core.notifications.telling import may_know
from core.parties.models import Account, Contact
from core.quotes.models import Quote
from core.reports import actions as reports
from core.reports import queries as reporting
from core.reports.rules import WEEK, span_of
from infra.config import settings
from infra.local import places
from tenants import entry, operations, registry, samples
from tenants.models import Operator
from workers import cli_people

SLUG, COMPANY, PASSWORD = "demo", "Demo Trading", "demo demo tendero"
FURNISH, SEATS = "demo.furnish", 5
PEOPLE = (("owner", "Olivia Owner", None), ("manager", "Mara Manager", "manager"), ("salesperson", "Sam Seller", "sales"), ("reader", "Rita Reader", "reader"))

# Files for the first sample company, of those that every checkout has.
ROOT = Path(__file__).resolve().parents[1]
MARK, PHOTO = ROOT / "web/ui/static/mark.svg", ROOT / "docs/images/account.png"
BUYER = Buyer(legal_name="Demo Trading Ltd", address="1 Sample Street", postcode="10115", city="Berlin", country="DE", mail="owner@demo.example")


def make() -> dict:
    """Sign the company up where it is missing, with its people and sample data; returns address and sign-ins."""
    with entry.control() as session:
        known = registry.by_slug(session, SLUG)
    if known is None:
        signup.sign_up(
            company=COMPANY, slug=SLUG, mail=_mail("owner"), password=PASSWORD, name=PEOPLE[0][1], now=entry.utcnow(),
        )
    _add_people()
    _order_furniture()
    url = settings().tenant_url(SLUG)
    sign_ins = [{"who": who, "url": f"{url}/sign-in", "mail": _mail(who), "password": PASSWORD} for who, _, _ in PEOPLE]
    return {"tenant_url": url, "sign_ins": [*sign_ins, *_operator()]}


def rent(tenant_id: UUID, seats: int, now: datetime) -> None:
    """A plan by bank transfer whose first invoice is paid and whose second is open; an open one that is due is paid, or
    the demo would be read-only some weeks from now. Safe to repeat; a demo that has ordered by itself keeps its order."""
    with entry.control() as session:
        query = select(Invoice).where(Invoice.tenant_id == tenant_id, Invoice.status.in_(("open", "paid"))).order_by(Invoice.created_at)
        invoices = list(session.execute(query).scalars())
        due = [invoice for invoice in invoices if invoice.status == "open" and invoice.due_on <= now.date()]
        if not invoices:
            order = {"plan": "team", "interval": "month", "seats": max(seats, SEATS), "seats_used": seats, "buyer": BUYER, "by": "demo"}
            due = [subscriptions.order_by_transfer(session, tenant_id, key=uuid5(tenant_id, "demo"), now=now, **order)]
        for invoice in due:
            owed = invoicing.outstanding(session, invoice)
            invoicing.record_payment(session, invoice.id, amount=owed, method="bank_transfer", received_on=now.date(), by="demo", now=now)
        if not invoices:
            subscription = access.subscription_of(session, tenant_id)
            provider(subscription.provider).renew(session, subscription, now)


def _order_furniture() -> None:
    """Leave the order to furnish it; once a day, for what came due meanwhile."""
    with cli_people.at_work(SLUG) as ctx:
        defer(ctx, FURNISH, dedupe=f"{ctx.today}", user_id=cli_people.owner_id(ctx.session))


def _operator() -> list[dict]:
    """The operator, with the address for an authenticator: it is shown once, so the home of the stack keeps it."""
    kept = settings().home / "operator-totp"
    with entry.control() as session:
        known = session.execute(select(Operator.id).where(Operator.mail_norm == _mail("operator"))).first()
        if known is None:
            made = operations.create_operator(session, mail=_mail("operator"), name="Oscar Operator", password=PASSWORD, now=entry.utcnow())
            places.write_private(kept, made.uri)
    if not kept.exists():
        return []
    url = f"{settings().operator_url}/sign-in"
    return [{"who": "operator", "url": url, "mail": _mail("operator"), "password": PASSWORD, "totp": kept.read_text()}]


def _add_people() -> None:
    """The trial has one seat: the demo's landlord gives it more."""
    with cli_people.at_work(SLUG) as ctx:
        known = {one.mail for one in queries.users(ctx)}
        if all(_mail(who) in known for who, _, _ in PEOPLE):
            return
    with cli_people.at_work(SLUG) as ctx:
        wide = replace(ctx, entitlements=UNLIMITED)
        for who, name, role in PEOPLE:
            if _mail(who) not in known:
                actions.add_user(wide, mail=_mail(who), name=name, password=PASSWORD, role=role)
        place_people(ctx)


def place_people(ctx: Context) -> None:
    """A branch with its sales team, led by the manager. Nothing where there are teams already."""
    if teams.tree(ctx):
        return
    people = {user.mail: user.id for user in queries.users(ctx)}
    branch = teams.create_team(ctx, name="Berlin", is_branch=True)
    sales = teams.create_team(ctx, name="Sales", parent_id=branch.id)
    for team, who in ((branch, "owner"), (sales, "manager"), (sales, "salesperson")):
        if _mail(who) in people:
            teams.put_member(ctx, team, people[_mail(who)], leads=who != "salesperson")


def discuss(ctx: Context, owner_id: UUID, locale: str) -> int:
    """A colleague and the owner talk about the first sample company and put files there; returns how many comments were made. Nothing where
    the owner works alone, and where they have talked already."""
    account = ctx.session.execute(select(Account).where(Account.external_id == f"{samples.PREFIX}0")).scalar_one_or_none()
    people = [queries.load_actor(ctx.session, user.id, ctx.now) for user in queries.users(ctx) if user.state == "active"]
    owner = next(actor for user, actor in people if user.id == owner_id)
    colleague = account and next((actor for _, actor in people if actor.id != owner_id and may_know(ctx, actor.id, account) and "comments.write" in actor.permissions), None)
    if account is None or colleague is None or discussions.discussion(as_actor(ctx, owner), account).rows:
        return 0
    lines = [line.format(owner=owner.name, colleague=colleague.name) for line in samples.scene(locale)["talk"]]
    for line, who in zip(lines, (colleague, owner, colleague), strict=True):
        add_comment(as_actor(ctx, who), account, line)
    add_file(as_actor(ctx, colleague), account, source=BytesIO(MARK.read_bytes()), name="logo.svg")
    add_file(as_actor(ctx, owner), account, source=BytesIO(PHOTO.read_bytes()), name="account-page.png")
    return len(lines)


def share_out(ctx: Context) -> int:
    """Every second sample company belongs to the salesperson, with its people, deals, quotes and planned contacts, so that his days are not empty;
    returns how many companies went over. Nothing where there is no such colleague, and where one is his already."""
    seller = next((user.id for user in queries.users(ctx) if user.mail == _mail("salesperson") and user.state == "active"), None)
    wanted = [f"{samples.PREFIX}{index}" for index in range(1, len(samples.scene(ctx.tenant.locale)["accounts"]), 2)]
    given = list(ctx.session.execute(select(Account).where(Account.external_id.in_(wanted))).scalars())
    if seller is None or any(one.owner_id == seller for one in given):
        return 0
    for account in given:
        account.owner_id = seller
        for model in (Contact, Deal, Quote, Activity):
            for row in ctx.session.execute(select(model).where(model.account_id == account.id)).scalars():
                row.owner_id = seller
    return len(given)


def remind(ctx: Context) -> None:
    """Owners hear of birthdays a week before and on the day; nothing where a date reminder is there already, a deleted one too."""
    if ctx.session.execute(select(DateReminder.id).limit(1)).first() is None:
        create_reminder(ctx, room="contacts", field="birthday", days_before=[7, 0])


def report(ctx: Context) -> None:
    """Reports of the week are asked for, and the first is handed in; nothing where somebody has decided when they are."""
    if reporting.rules_of(ctx) is None:
        reports.change_rules(ctx, week_day=5)
        reports.hand_in(ctx, span_of(ctx.today, WEEK))


def _mail(who: str) -> str:
    return f"{who}@demo.example"
