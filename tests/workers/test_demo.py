"""The demo tenant: furnished by a job, twice as well as once, with a subscription; and never in production."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from billing import plans, signup
from billing.models import Invoice
from core.activities.due import due
from core.base.outbox import Order, defer
from core.date_reminders import queries as date_reminders
from core.deals.models import Deal
from core.mailings.models import Mailing
from core.notifications.queries import notifications
from core.reports import queries as reports
from infra.config import settings
from tenants import entry, samples
from tests.support.world import House
from workers import demo
from workers import run as runner


@pytest.fixture
def house(app):
    made = House(f"demo-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales"})
    with entry.control() as session:
        plans.load(session)
        signup.start_trial(session, made.tenant, company="Demo", mail="owner@demo.example", now=entry.utcnow())
    return made


@pytest.fixture
def furnish(house):
    def run():
        with house.ctx() as ctx:
            key = defer(ctx, demo.FURNISH, user_id=house.users["owner"].id)
        word = runner.work(str(key), str(house.tenant.id))
        with entry.enter(house.tenant) as session:
            return word, session.get_one(Order, key).result

    return run


def invoices(house):
    with entry.control() as session:
        query = select(Invoice).where(Invoice.tenant_id == house.tenant.id).order_by(Invoice.period_start)
        return [one.status for one in session.execute(query).scalars()]


def test_it_is_furnished_once_however_often_it_is_ordered(house, furnish):
    assert furnish() == ("done", {"made": 6, "drafted": True, "sent": True, "said": 0})
    assert furnish() == ("done", {"made": 0, "drafted": False, "sent": False, "said": 0})
    with house.ctx() as ctx:
        assert [(one.field, one.days_before) for one in date_reminders.reminders(ctx)] == [("birthday", [7, 0])]
    assert invoices(house) == ["paid", "open"]
    with house.ctx() as ctx:
        assert [(one.kind, one.handed_at is not None) for one in reports.mine(ctx)[0]] == [("week", True)] and reports.rules_of(ctx).week_day == 5
    with house.ctx() as ctx:
        states = {mailing.name: mailing.state for mailing in ctx.session.execute(select(Mailing)).scalars()}
        scene = samples.scene("en")
        assert states == {scene["draft"]["name"]: "draft", scene["sent"]["name"]: "sending"}
        assert {(row.next_contact_on - ctx.today).days for row in due(ctx)} == {-2, -1, 0, 1}


def test_its_people_talk_about_the_first_company_once(app):
    house = House(f"demo-{uuid4().hex[:6]}", {"owner": "admin", "manager": "manager"})
    with house.ctx() as ctx:
        samples.fill_one(ctx, "en", 0)
    for said in (3, 0):
        with house.ctx() as ctx:
            assert demo.discuss(ctx, house.users["owner"].id, "en") == said
    with house.ctx() as ctx:
        assert [row.Notification.kind for row in notifications(ctx).rows] == ["commented", "mentioned"]


def test_the_salesperson_has_a_day_of_his_own_once(app, monkeypatch):
    """Half of the companies with all that hangs on them; whoever plays the salesperson finds whom to contact."""
    house = House(f"demo-{uuid4().hex[:6]}", {"owner": "admin", "salesperson": "sales"})
    monkeypatch.setattr(demo, "_mail", lambda who: house.users[who].mail)
    with house.ctx() as ctx:
        for index in range(6):
            samples.fill_one(ctx, "en", index)
        ctx.session.flush()
        assert [demo.share_out(ctx), demo.share_out(ctx)] == [3, 0]
    with house.ctx("salesperson") as ctx:
        assert due(ctx) and {row.owner_id for row in ctx.session.execute(select(Deal)).scalars()} >= {ctx.actor.id}


def test_what_came_due_is_paid_so_that_the_demo_stays_open(house, furnish):
    furnish()
    later = entry.utcnow() + timedelta(days=20)
    demo.rent(house.tenant.id, 2, later)
    assert invoices(house) == ["paid", "paid"]
    demo.rent(house.tenant.id, 2, later)
    assert len(invoices(house)) == 2


def test_the_button_takes_the_samples_and_leaves_the_invoices(house, furnish):
    furnish()
    before = invoices(house)
    with house.ctx() as ctx:
        assert samples.remove_all(ctx) == 16
    assert invoices(house) == before
    assert furnish()[1]["drafted"]


def test_it_is_not_done_in_production(house, furnish, monkeypatch):
    live = replace(settings(), environment="production")
    monkeypatch.setattr("workers.jobs.demo.settings", lambda: live)
    assert furnish()[0] != "done"


def test_making_it_leaves_the_order_once_a_day(app, monkeypatch):
    slug = f"demo-{uuid4().hex[:6]}"
    monkeypatch.setattr(demo, "SLUG", slug)
    from tenants import provisioning, registry

    provisioning.provision()
    for _ in range(2):
        demo.make()
    with entry.control() as session:
        tenant = registry.by_slug(session, slug)
    with entry.enter(tenant) as session:
        assert len(session.execute(select(Order).where(Order.name == demo.FURNISH)).scalars().all()) == 1


def test_its_people_are_placed_once(ctx):
    from core.identity import teams

    demo.place_people(ctx)
    demo.place_people(ctx)
    assert [(node.team.name, node.depth, node.team.is_branch) for node in teams.tree(ctx)] == [("Berlin", 0, True), ("Sales", 1, False)]


def test_it_is_said_once_what_its_people_can_do(app):
    from core.skills.queries import skills_of
    from workers.demo_products import stock, train

    house = House(f"demo-{uuid4().hex[:6]}", {"owner": "admin", "manager": "manager", "salesperson": "sales"})
    with house.ctx() as ctx:
        assert train(ctx) == 0 and stock(ctx) == 8 and train(ctx) == 2 and train(ctx) == 0
        his = skills_of(ctx, [house.users["salesperson"].id])[house.users["salesperson"].id]
        assert (sorted(his.languages), list(his.categories.values()), sorted(his.words)) == (["de", "ko"], ["Machines"], ["safety check", "training"])
