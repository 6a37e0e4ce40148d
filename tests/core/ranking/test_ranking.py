"""The ranking of a deal out of what stands in the workspace (V22): figures, reach, and that a choice is remembered with its reasons."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import event, select

from core.activities import actions as log
from core.base.errors import Forbidden, Refused
from core.base.facts import Fact
from core.deals import actions as deals
from core.deals import pipelines
from core.identity import absence
from core.leads import actions as leads
from core.notifications.models import Notification
from core.parties import actions as parties
from core.products import rating
from core.quotes import answering, drafting, lining, sending
from core.ranking import actions
from core.ranking.queries import ranking
from tests.support.world import House

CAST = {"owner": "admin", "manager": "manager", "lead": "team_lead", "rep": "sales", "colleague": "sales", "reader": "reader"}


@pytest.fixture
def house(app):
    return House(f"rk-{uuid4().hex[:8]}", CAST)


def ended(ctx, house, who, state, amount="1000", number=1, **more):
    stage = next(one.id for one in pipelines.ways(ctx)[0].stages if one.kind == state)
    for _ in range(number):
        deals.create_deal(ctx, name=f"{state} {who}", owner_id=house.users[who].id, stage_id=stage, amount=amount, currency=more.get("currency", "EUR"), **({"loss_reason": "x"} if state == "lost" else {}), **{k: v for k, v in more.items() if k != "currency"})


def asked(ctx, **values):
    return deals.create_deal(ctx, **({"name": "Big one", "amount": "1200", "currency": ctx.tenant.currency} | values))


def reasons(ctx, record, house, who):
    one = next(one for one in ranking(ctx, record) if one.person.id == house.users[who].id)
    return {reason.code: reason.params for reason in one.reasons}


def test_the_win_rate_is_of_deals_of_its_size_alone(house):
    with house.ctx("manager") as ctx:
        own = ctx.tenant.currency
        ended(ctx, house, "rep", "won", "1000", 3, currency=own)
        ended(ctx, house, "rep", "lost", "1500", 1, currency=own)
        ended(ctx, house, "rep", "won", "90000", 7, currency=own)
        found = reasons(ctx, asked(ctx), house, "rep")["rate"]
        assert (found["won"], found["closed"]) == (3, 4)


def test_other_currencies_count_by_their_rate(house):
    with house.ctx("owner") as ctx:
        other = "USD" if ctx.tenant.currency != "USD" else "EUR"
        rating.add_currency(ctx, other)
        rating.store_rate(ctx, currency=other, rate="100", day=ctx.today)
        ended(ctx, house, "rep", "won", "120000", 2, currency=other)
        ended(ctx, house, "rep", "won", "1200", 5, currency=other)
        assert reasons(ctx, asked(ctx), house, "rep")["rate"]["won"] == 2


def test_load_language_territory_and_who_knows_the_account(house):
    with house.ctx("manager") as ctx:
        own = ctx.tenant.currency
        account = parties.create_account(ctx, name="Seoul Optics", country="KR", industry="Optics", owner_id=None)
        person = parties.create_contact(ctx, name="Kim", language="ko", account_id=account.id)
        parties.create_account(ctx, name="Busan", country="KR", owner_id=house.users["rep"].id)
        ended(ctx, house, "rep", "won", "5", 1, currency=own, account_id=account.id, contact_id=person.id)
        asked(ctx, name="Open", owner_id=house.users["rep"].id, next_step="Call", next_step_on=str(ctx.today - timedelta(days=2)), amount="400", probability=50)
        log.log_activity(ctx, kind="call", account=account, body="x").created_by = house.users["rep"].id
        ctx.session.flush()
        deal = asked(ctx, account_id=account.id, contact_id=person.id)
        mine, other = reasons(ctx, deal, house, "rep"), reasons(ctx, deal, house, "colleague")
    assert (mine["load"]["open"], mine["load"]["amount"], mine["load"]["overdue"]) == (1, Decimal(200), 1)
    assert (mine["language"]["number"], mine["territory"]["number"], mine["knows"]["number"], mine["industry"]["won"]) == (1, 1, 1, 1)
    assert (other["load"]["open"], other["language"]["number"], other["territory"]["number"], other["knows"]["number"]) == (0, 0, 0, 0)


def test_contacts_with_a_person_out_of_sight_are_not_counted(house):
    with house.ctx("manager") as ctx:
        account = parties.create_account(ctx, name="Seoul Optics")
        person = parties.create_contact(ctx, name="Kim", account_id=account.id, owner_id=house.users["rep"].id)
        entry = log.log_activity(ctx, kind="call", contact=person, body="x")
        entry.account_id, entry.created_by, entry.owner_id = account.id, house.users["rep"].id, house.users["rep"].id
        ctx.session.flush()
        deal = asked(ctx, account_id=account.id)
        assert reasons(ctx, deal, house, "rep")["knows"]["number"] == 1
        narrowed = replace(ctx, actor=replace(ctx.actor, scopes={"contacts": ("own", "own")}))
        assert reasons(narrowed, deal, house, "rep")["knows"]["number"] == 0


def test_who_speaks_the_customers_language_and_who_is_away(house):
    with house.ctx("owner") as ctx:
        ctx.session.get_one(type(house.users["rep"]), house.users["rep"].id).locale = "ko"
        absence.plan_absence(ctx, ctx.session.get_one(type(house.users["rep"]), house.users["rep"].id), deputy_id=house.users["colleague"].id, starts_on=ctx.today, ends_on=ctx.today + timedelta(days=3))
        person = parties.create_contact(ctx, name="Kim", language="ko")
        found = reasons(ctx, asked(ctx, contact_id=person.id), house, "rep")
        assert found["language"]["speaks"] and found["away"]["until"] == ctx.today + timedelta(days=3)


def test_skills_count_for_a_lead_and_for_what_a_deal_offers(house):
    from core.products import actions as products
    from core.products import arranging
    from core.skills.actions import set_skills

    with house.ctx("owner") as ctx:
        lights = arranging.add_category(ctx, name="Lights")
        ctx.session.flush()
        beam = products.create_product(ctx, code="LZ-30", name="Beam", price="9", category_id=lights.id)
        set_skills(ctx, ctx.session.get_one(type(house.users["rep"]), house.users["rep"].id), languages=["ko"], category_ids=[lights.id], words=["CNC"])
        ctx.session.flush()
        lead = leads.create_lead(ctx, name="Kim", language="Korean", interest="LZ-30", message="for a CNC hall", owner_id=None)
        mine, other = reasons(ctx, lead, house, "rep"), reasons(ctx, lead, house, "colleague")
        assert mine["skill"]["what"] == "Lights, CNC" and mine["language"]["skilled"] and "skill_not" in other and not other["language"]["speaks"]
        assert reasons(ctx, leads.create_lead(ctx, name="Lee", interest="Ladders", owner_id=None), house, "rep").keys().isdisjoint({"skill", "skill_not"}), "nothing is asked for that a skill could be"
        deal = asked(ctx)
        quote = drafting.create_quote(ctx, name="Beams", deal_id=deal.id)
        lining.save_lines(ctx, quote, [{"product_id": beam.id, "quantity": "2"}])
        ctx.session.flush()
        assert reasons(ctx, deal, house, "rep")["skill"]["what"] == "Lights" and "skill_not" in reasons(ctx, deal, house, "colleague")


def test_products_are_known_by_accepted_quotes(house):
    from core.products import actions as products

    with house.ctx("owner") as ctx:
        account = parties.create_account(ctx, name="Buyer")
        tray = products.create_product(ctx, name="Tray", code="T-1", price="10")
        ctx.session.flush()
        deal = asked(ctx, account_id=account.id)
        offered = drafting.create_quote(ctx, name="Offer", account_id=account.id, deal_id=deal.id)
        lining.save_lines(ctx, offered, [{"product_id": tray.id, "name": "Tray", "unit_price": "10"}])
        before = drafting.create_quote(ctx, name="Before", account_id=account.id, owner_id=house.users["rep"].id)
        lining.save_lines(ctx, before, [{"product_id": tray.id, "name": "Tray", "unit_price": "10"}])
        sending.send_quote(ctx, before)
        answering.note_accepted(ctx, before, name="Inga")
        assert (reasons(ctx, deal, house, "rep")["products"]["number"], reasons(ctx, deal, house, "colleague")["products"]["number"]) == (1, 0)


def test_only_who_may_work_on_it_is_ranked(house):
    with house.ctx("manager") as ctx:
        assert {one.person.name for one in ranking(ctx, asked(ctx))} == {"Owner", "Manager", "Lead", "Rep", "Colleague"}


def test_a_team_lead_ranks_his_team_alone(house):
    """He does not see how others fare."""
    with house.ctx("lead") as ctx:
        assert [one.person.name for one in ranking(ctx, asked(ctx, owner_id=ctx.actor.id))] == ["Lead"]


def test_a_salesperson_is_not_told_how_colleagues_compare(house):
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        ranking(ctx, asked(ctx, owner_id=ctx.actor.id))


def test_the_choice_is_a_fact_its_reasons_are_kept_beside_it_and_he_is_told(house):
    with house.ctx("manager") as ctx:
        ended(ctx, house, "colleague", "won", "1000", 3, currency=ctx.tenant.currency)
        deal = asked(ctx)
        first = ranking(ctx, deal)[0]
        assert first.person.id == house.users["colleague"].id
        actions.give(ctx, deal, first.person.id)
        assert deal.owner_id == house.users["colleague"].id
        fact = ctx.session.execute(select(Fact).where(Fact.kind == "deal.given")).scalar_one()
        assert fact.params == {"name": "Big one", "owner": "Colleague"} and actions.last_given(ctx, deal).id == fact.id
        kept = actions.choice_of(ctx, fact)
        assert (kept.user_id, kept.place, kept.people, kept.points, kept.most) == (first.person.id, 1, 5, first.points, first.of)
        assert {"code": "rate", "won": 3, "closed": 3}.items() <= kept.reasons[0].items()
        assert ctx.session.execute(select(Notification.kind).where(Notification.user_id == house.users["colleague"].id, Notification.record_id == deal.id)).scalars().all() == ["assigned"]


def test_why_he_was_chosen_is_told_to_those_alone_who_see_his_figures_anyway(house):
    with house.ctx("manager") as ctx:
        deal = asked(ctx, owner_id=house.users["lead"].id)
        actions.give(ctx, deal, house.users["colleague"].id)
        fact = actions.last_given(ctx, deal)
        for who, told in (("lead", False), ("manager", True)):
            actor = ctx.actor if who == "manager" else replace(ctx.actor, id=house.users[who].id, visibility="own", scopes={})
            assert (actions.choice_of(replace(ctx, actor=actor), fact) is not None) == told
        with pytest.raises(Forbidden):
            actions.choice_of(replace(ctx, actor=replace(ctx.actor, permissions=ctx.actor.permissions - {"deals.assign"})), fact)


def test_a_remembered_reason_tells_no_field_that_is_hidden(house):
    with house.ctx("manager") as ctx:
        account = parties.create_account(ctx, name="Seoul Optics", country="KR", industry="Optics")
        deal = asked(ctx, account_id=account.id)
        actions.give(ctx, deal, house.users["rep"].id)
        kept = actions.choice_of(ctx, actions.last_given(ctx, deal))
        codes = lambda ctx: {one["code"] for one in actions.known_reasons(ctx, kept)}  # noqa: E731
        assert {"industry", "territory"} <= codes(ctx)
        less = replace(ctx, actor=replace(ctx.actor, hidden=frozenset({"accounts.industry", "accounts.region"})))
        assert codes(less) == codes(ctx) - {"industry", "territory"}


def test_nobody_else_is_given_it(house):
    with house.ctx("manager") as ctx, pytest.raises(Refused, match="owner_unknown"):
        actions.give(ctx, asked(ctx), house.users["reader"].id)


def test_a_lead_is_given_likewise(house):
    with house.ctx("manager") as ctx:
        lead = leads.create_lead(ctx, name="Ada", language="ko")
        ctx.session.flush()
        actions.give(ctx, lead, house.users["rep"].id)
        assert lead.owner_id == house.users["rep"].id and actions.last_given(ctx, lead).kind == "lead.given"


def test_the_number_of_statements_does_not_grow_with_people(house):
    def statements(ctx, deal):
        seen = []
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(ctx.session.get_bind(), "before_cursor_execute", listen)
        try:
            ranking(ctx, deal)
        finally:
            event.remove(ctx.session.get_bind(), "before_cursor_execute", listen)
        return len(seen)

    with house.ctx("manager") as ctx:
        deal = asked(ctx)
        ctx.session.flush()
        few = statements(ctx, deal)
        for number in range(30):
            ctx.session.add(type(house.users["rep"])(mail=f"m{number}@x.example", mail_norm=f"m{number}@x.example", name=f"M{number}", role_id=house.users["rep"].role_id, state="active"))
        ctx.session.flush()
        assert statements(ctx, deal) == few <= 12
