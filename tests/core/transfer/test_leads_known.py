"""Leads from a file that are there already, who is told of whom, and to whom the new ones go and when."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from core.base.outbox import Order
from core.leads import actions, assigning, clock, judging
from core.leads.importable import FOLLOW
from core.leads.models import Lead
from core.parties import actions as parties
from core.transfer import problems, queries
from core.transfer.models import ImportMapping
from tests.core.transfer.conftest import Import
from tests.core.transfer.test_leads_in import afterwards, leads
from tests.core.transfer.test_rights import seen_as
from tests.support.statements import counted
from tests.support.world import House
from workers.jobs.leads import follow_import


@pytest.fixture(scope="module")
def office(app):
    return House(f"lk{uuid4().hex[:6]}")


@pytest.fixture
def bring(office):
    with office.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))
    return lambda content, at=None, **choices: Import(at or office).upload(content, kind="leads").choose(**choices).check()


@pytest.fixture
def tag():
    return f"x{uuid4().hex[:8]}"


def returned(house, tag, **given):
    with house.ctx() as ctx:
        lead = actions.create_lead(ctx, name=f"Gone {tag}", **given)
        ctx.session.flush()
        judging.judge(ctx, lead, "returned", reason="no_budget")
        return lead.id


def test_what_a_known_lead_is_is_no_reason_to_refuse_its_row_but_another_state_or_reason_is(bring, office, tag):
    returned(office, tag, external_id=tag)
    for row, said in (("returned,", []), ("returned,no_budget", []), (",no_need", [(2, 2, "lead_state_kept")]), ("converted,", [(2, 1, "lead_state_kept")]), ("returned,other", [(2, 2, "lead_state_kept")])):
        one = bring(f"external id,state,reason,city\n{tag},{row},Kiel\n", mode="update")
        assert one.said() == said, row
    assert bring(f"external id,state,city\n{tag},returned,Kiel\n", mode="update").run().counts == {"updated": 1}


def test_a_lead_that_is_over_is_not_found_by_its_address_and_one_that_is_open_is(bring, office, tag):
    gone = returned(office, tag, mail=f"a@{tag}.example")
    with office.ctx() as ctx:
        actions.create_lead(ctx, name=f"Open {tag}", mail=f"b@{tag}.example")
    one = bring(f"name,email\nAgain {tag},a@{tag}.example\nAgain too {tag},b@{tag}.example\n", mode="both", key_field="mail")
    assert one.counts == {"create": 1, "update": 1} and one.run().counts == {"created": 1, "updated": 1}
    found = leads(office, tag)
    assert found.keys() == {"Gone", "Again", "Again too"} and found["Gone"].id == gone


def test_who_may_be_known_is_named_to_those_alone_who_see_him(bring, office, tag):
    with office.ctx("colleague") as ctx:
        acme = parties.create_account(ctx, name=f"Acme {tag} GmbH")
        parties.create_contact(ctx, name=f"Ana Ruiz {tag}", mail=f"ana@{tag}.example", account_id=acme.id)
        actions.create_lead(ctx, name=f"Open {tag}", mail=f"open@{tag}.example")
    one = bring(f"name,company,email\nA. Ruiz,,ana@{tag}.example\nSomebody,Acme {tag} GmbH,\nOpen again,,open@{tag}.example\n", key_field="")
    assert [code for _, _, code in one.said()] == ["lead_known", "lead_company_known", "lead_open_already"]
    for scopes, known in (({}, 3), ({"contacts": ("own", "own"), "accounts": ("own", "own"), "leads": ("own", "own")}, 0)):
        with seen_as(office, "manager", scopes=scopes)() as ctx:
            run = queries.one(ctx, one.id)
            assert len(queries.troubles(ctx, run)) == sum(len(line.notes) for line in problems.lines(ctx, run)) == known
            assert all(tag not in str(group.params) for group in problems.groups(ctx, run))


def spain(house, who=("rep", "colleague")):
    with house.ctx() as ctx:
        assigning.save_rule(ctx, None, name="Spain", way="turn", user_ids=[house.users[one].id for one in who], conditions=[["country", "eq", "Spain"]])


def test_only_new_leads_go_to_somebody_not_those_that_a_file_changed(app, bring, tag):
    house = House(f"ln{uuid4().hex[:6]}")
    spain(house)
    with house.ctx() as ctx:
        actions.create_lead(ctx, name=f"Inbox {tag}", mail=f"in@{tag}.example", country="Spain", owner_id=None)
    one = bring(f"name,email,country,city\nInbox {tag},in@{tag}.example,Spain,Kiel\nNew {tag},new@{tag}.example,Spain,\n", house, mode="both", key_field="mail").run()
    afterwards(house)
    found = leads(house, tag)
    assert one.counts == {"created": 1, "updated": 1} and found["Inbox"].owner_id is None and found["New"].owner_id is not None


def test_they_wait_until_somebody_works_where_the_workspace_says_so_and_can_still_be_taken_back(app, bring, tag):
    house = House(f"lw{uuid4().hex[:6]}")
    spain(house)
    with house.ctx() as ctx:
        clock.change_clock(ctx, hours="4", days=[0, 1, 2, 3, 4, 5, 6], opens="0:00", closes="24:00", holidays=[ctx.tenant_today.isoformat()], only_open=True)
    one = bring(f"name,country\nA {tag},Spain\nB {tag},Spain\n", house).run()
    assert afterwards(house) == 1 and {lead.owner_id for lead in leads(house, tag).values()} == {None}
    with house.ctx() as ctx:
        order = ctx.session.execute(select(Order).where(Order.name == FOLLOW, Order.state == "waiting")).scalar_one()
        assert ctx.now < order.due_at <= ctx.now + timedelta(days=1, hours=1)
    with house.ctx(now=order.due_at) as ctx:
        assert follow_import(ctx, **order.args)["assigned"] == 2
    assert None not in {lead.owner_id for lead in leads(house, tag).values()} and one.undo().counts["undone"] == 2


def test_many_go_to_somebody_with_one_statement_each_beside_those_of_a_few(app, tag):
    house, sent = House(f"lm{uuid4().hex[:6]}"), []
    spain(house)
    spain(house, ("manager",))
    for number in (2, 60):
        with house.ctx() as ctx:
            keys = [actions.create_lead(ctx, name=f"{number}.{n} {tag}", country="Spain", owner_id=None).id for n in range(number)]
            ctx.session.flush()
            with counted() as statements:
                assert len(assigning.assign_all(ctx, keys)) == number
            sent.append(len(statements))
            ctx.session.flush()
            assert sorted(ctx.session.execute(select(Lead.owner_id).where(Lead.id.in_(keys))).scalars()) == sorted([house.users["rep"].id, house.users["colleague"].id] * (number // 2))
    assert sent[0] <= 10 and sent[1] - sent[0] <= 58  # the lead's own row: its version is counted
