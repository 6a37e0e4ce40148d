"""What is hidden of deals, leads and quotes is in no sum, probed by no filter and order, written by no door; what is not hidden goes on (A1)."""

from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.errors import Refused
from core.base.policy import permissions
from core.deals import actions, board, moving, pipelines, queries, staging
from core.deals.models import Deal
from core.identity import queries as people
from core.identity import roles
from core.leads import actions as leads
from core.leads import converting, scoring
from core.leads.models import Lead
from core.parties import actions as parties
from core.parties.models import Contact
from core.performance.measures import measures
from core.quotes.models import Quote
from core.ranking.queries import ranking
from core.reports import actions as reporting
from core.reports import queries as reports
from core.reports.rules import span_of
from tests.support.hidden_values import ALL, DEAL, LEAD, QUOTE, C
from tests.support.world import Browser, House

ROOMS = {"deals": DEAL, "leads": LEAD, "quotes": QUOTE}
# Of these a program writes nothing: a score is made, a campaign comes with a lead.
MADE = {"deals.campaign", "leads.score"}
FIELDS = [name.split(".", 1) for name in ALL if name.partition(".")[0] in ROOMS]


@pytest.mark.parametrize(("room", "name"), FIELDS, ids=".".join)
def test_no_filter_or_order_of_the_api_probes_it(things, clients, room, name):
    value = ROOMS[room][name]
    for asked in (f"filter[{name}][eq]={value}", f"filter[{name}][null]=false", f"sort={name}", f"filter[{name}][in]={value}", f"filter[1][{name}][eq]={value}&filter[2][name][eq]=x", f"filter[1][name][eq]=x&filter[2][{name}][null]=false"):
        answer = clients[1].get(f"/api/v1/{room}?{asked}")
        assert answer.status_code in (403, 422), (asked, answer.json)


@pytest.mark.parametrize("room", ROOMS)
def test_an_answer_of_the_api_leaves_the_members_out(things, clients, owners, room):
    path = f"/api/v1/{room}/{things[f'/{room}/']}"
    gone = set(owners[1].get(path).json) - set(clients[1].get(path).json)
    assert gone == {name for name in ROOMS[room] if name in owners[1].get(path).json} and gone != set()


def body_of(name, value):
    if name.startswith("custom."):
        return {"custom": {name.removeprefix("custom."): value}}
    return {name: {"amount": value, "currency": "EUR"} if name == "amount" else int(value) if name == "probability" else value}


@pytest.mark.parametrize(("room", "name"), [one for one in FIELDS if ".".join(one) not in MADE], ids=".".join)
def test_no_door_writes_it(house, things, clients, room, name):
    page, api = clients
    key, value, model = things[f"/{room}/"], ROOMS[room][name], {"deals": Deal, "leads": Lead, "quotes": Quote}[room]
    with house.ctx() as ctx:
        before = (found := ctx.session.get(model, key)).version, getattr(found, name)
    assert api.json("PATCH", f"/api/v1/{room}/{key}", body_of(name, value), headers={"If-Match": f'"{before[0]}"'}).status_code == 422
    assert api.json("POST", f"/api/v1/{room}", {"name": "New"} | body_of(name, value)).status_code == 422
    assert page.post(f"/{room}/{key}/fields", {name: f"{value}1"}).status_code == 422
    assert page.post(f"/{room}/{key}", {"name": "Same", "_version": str(before[0]), "_was_name": "Same", name: f"{value}1", f"_was_{name}": ""}).status_code in (303, 422)
    with house.ctx() as ctx:
        assert getattr(ctx.session.get(model, key), name) == before[1] and ctx.session.execute(select(model).where(model.name == "New")).first() is None


def test_the_forms_and_pages_have_no_such_fields(things, clients):
    page = clients[0]
    for path, names in ((f"/deals/{things['/deals/']}/edit", DEAL), ("/deals/new", DEAL), (f"/leads/{things['/leads/']}/edit", LEAD), ("/leads/new", LEAD), (f"/quotes/{things['/quotes/']}/edit", QUOTE), ("/quotes/new", QUOTE)):
        text = page.get(path).text
        assert 'name="name"' in text and [name for name in names if f'name="{name}"' in text] == [], path
    assert 'name="loss_reason"' not in page.get(f"/deals/{things['/deals/']}").text


def test_a_sum_of_what_is_hidden_is_not_there_and_never_zero(things, clients, owners):
    for text, told in ((clients[0].get("/deals/board").text, False), (owners[0].get("/deals/board").text, True)):
        assert ("weighted" in text, "/deals/forecast" in text) == (told, told) and "Nordlichter Halle" in text
    assert "No amounts" not in clients[0].get("/deals/board").text and "/deals/stages" in clients[0].get("/deals/board").text
    assert "Revenue" not in clients[0].get("/performance").text and "Revenue" in owners[0].get("/performance").text
    assert clients[0].get("/performance/records?measure=revenue").status_code == 422


def test_why_a_deal_was_lost_stands_in_no_timeline(things, clients, owners):
    for path in (f"/deals/{things['deal lost']}", f"/accounts/{things['account']}?show=changes", f"/contacts/{things['contact']}?show=changes"):
        said = [f"{C} rival" in page.get(path).text for page in (clients[0], owners[0])]
        assert said == [False, True], path
    assert "lost the deal" in clients[0].get(f"/deals/{things['deal lost']}").text


# ---- roles that hide one thing alone ----


@pytest.fixture(scope="module")
def some(app):
    """A house whose salespeople do not see what a test chooses."""
    return House(f"some-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales"})


def hide(house, *names):
    with house.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), permissions=list(permissions()), visibility="all", changing="all", hidden=list(names), protected=[])
    with house.ctx() as ctx:
        house.users["rep"] = next(user for user in people.users(ctx) if user.role.code == "sales")


def test_without_the_probability_amounts_are_added_up_and_nothing_is_weighted(app):
    some = House(f"sums-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales"})  # no deals of other tests
    with some.ctx() as ctx:
        actions.create_deal(ctx, name="Sum", amount="700", probability="33")
    hide(some, "deals.probability")
    with some.ctx("rep") as ctx:
        lane = board.lanes(ctx, pipelines.working(ctx)[0])[0]
        assert [(one.amount, one.weighted) for one in lane.sums] == [(700, None)] and lane.whole.sum.weighted is None
        assert [(one.amount, one.weighted) for one in queries.sums(ctx)] == [(700, None)] and "revenue" in measures(ctx)
    hide(some, "deals.amount")
    with some.ctx("rep") as ctx:
        lane = board.lanes(ctx, pipelines.working(ctx)[0])[0]
        assert lane.sums == [] and lane.whole.sum.number == 0 and lane.number == len(lane.cards) > 0 and lane.cards[0].amount is None
        assert "revenue" not in measures(ctx)
        assert all(one.person.weighted is None for one in ranking(ctx, ctx.session.execute(select(Deal).limit(1)).scalar_one()))


def test_the_amount_of_a_deal_is_in_no_report_of_another(some):
    with some.ctx() as ctx:
        actions.create_deal(ctx, name="Reported", amount="4321")
        report = reporting.hand_in(ctx, span_of(ctx.today, "day")).id
    for names, told in ((["deals.amount"], False), ([], True)):
        hide(some, *names)
        with some.ctx("rep") as ctx:
            lines = [line for line in reports.lines_of(ctx, reports.one(ctx, report)) if line.deal_id]
            assert lines and (Decimal("4321") in [line.amount for line in lines]) is told and all(line.amount is None for line in lines) is not told


def test_a_program_brings_leads_in_though_it_may_not_say_where_they_came_from(app, some):
    hide(some, "leads.source")
    with some.ctx("rep") as ctx:
        made = leads.capture(ctx, came_by="api", name="Came by itself").id
        with pytest.raises(Refused, match="unknown_field"):
            leads.capture(ctx, name="Came", source="typed")
    with some.ctx() as ctx:
        assert ctx.session.get(Lead, made).source == "api"


def test_a_stage_asks_for_what_is_there_whoever_sees_it(some):
    hide(some, "deals.amount")
    with some.ctx() as ctx:
        way = pipelines.working(ctx)[0]
        staging.change_stage(ctx, way.first(), criteria=["amount"])
        second = [one for one in way.stages if one.kind == "open"][1].id
        rich, poor = actions.create_deal(ctx, name="Rich", amount="5").id, actions.create_deal(ctx, name="Poor").id
    with some.ctx("rep") as ctx:
        assert moving.move_deal(ctx, queries.one_deal(ctx, rich), second).stage_id == second
        with pytest.raises(Refused, match="stage_asks") as refused:
            moving.move_deal(ctx, queries.one_deal(ctx, poor), second)
        assert refused.value.params["missing"] == "something that your role does not see"
    with some.ctx() as ctx:
        assert queries.one_deal(ctx, rich).amount == 5


def test_what_is_hidden_of_a_contact_is_hidden_of_the_lead_that_he_was(app, some):
    with some.ctx() as ctx:
        lead = leads.create_lead(ctx, name="Was a lead", mail=f"was@{C}.example", phone="+49 431 7771299", city=f"{C} quay", interest="Lamps")
        converting.convert(ctx, lead)
        key, contact = lead.id, lead.contact_id
    hide(some, "contacts.mail", "contacts.phone")
    page = Browser(app, some, "rep")
    for path in (f"/leads/{key}", f"/leads/{key}/edit", f"/leads/{key}/history", "/leads?columns=mail,phone&view=all", f"/contacts/{contact}", f"/leads?q={C}", f"/search?q=was@{C}"):
        text = page.get(path).text.replace(f"was@{C}&", "").replace(f'value="was@{C}"', "")
        assert f"was@{C}.example" not in text and "7771299" not in text, path
    assert f"{C} quay" in page.get(f"/leads/{key}").text
    hide(some)
    assert f"was@{C}.example" in Browser(app, some, "rep").get(f"/leads/{key}").text


def test_whoever_does_not_see_a_lead_whole_converts_it_whole(some):
    hide(some, "leads.mail", "leads.campaign", "leads.city")
    with some.ctx() as ctx:
        lead = leads.create_lead(ctx, name="Whole", mail=f"whole@{C}.example", city=f"{C} mole", campaign="Autumn", company="Whole Ltd").id
    with some.ctx("rep") as ctx:
        found = ctx.session.get(Lead, lead)
        assert (found.mail, found.city) == (None, None)
        converting.convert(ctx, found, deal={"name": "Whole deal"})
    with some.ctx() as ctx:
        found = ctx.session.get(Lead, lead)
        assert (ctx.session.get(Contact, found.contact_id).mail, ctx.session.get(Deal, found.deal_id).campaign, found.mail) == (f"whole@{C}.example", "Autumn", f"whole@{C}.example")


def test_a_reason_of_a_score_that_goes_by_a_hidden_field_is_not_told(some):
    with some.ctx() as ctx:
        scoring.save_rule(ctx, None, name="From the coast", kind="condition", points=7, conditions=[("city", "eq", "Kiel")])
        scoring.save_rule(ctx, None, name="Is a company", kind="condition", points=5, conditions=[("company", "null", "false")])
        lead = leads.create_lead(ctx, name="Scored", company="Coast Ltd", city="Kiel").id
        ctx.session.flush()
        scoring.rescore(ctx)
    hide(some, "leads.city")
    with some.ctx("rep") as ctx:
        assert scoring.rescore(ctx) == 0
        told = [name for name, _ in scoring.score_of(ctx, ctx.session.get(Lead, lead))[1]]
        assert "Is a company" in told and "From the coast" not in told
    hide(some, "leads.score")
    with some.ctx("rep") as ctx:
        assert scoring.score_of(ctx, ctx.session.get(Lead, lead)) is None


def test_a_contact_who_is_made_of_a_lead_has_nothing_that_its_maker_must_not_write(some):
    with some.ctx() as ctx:
        parties.create_account(ctx, name="Somewhere")
        lead = leads.create_lead(ctx, name="Half", mail=f"half@{C}.example", company="Half Ltd").id
    hide(some, "contacts.mail")
    with some.ctx("rep") as ctx:
        converting.convert(ctx, ctx.session.get(Lead, lead))
    with some.ctx() as ctx:
        found = ctx.session.get(Lead, lead)
        assert (ctx.session.get(Contact, found.contact_id).mail, found.mail) == (None, f"half@{C}.example")
