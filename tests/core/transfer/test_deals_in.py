"""Deals from a file: account, person, pipeline, stage and product by name, won and lost on their day; the history of stages begins with the import."""

import csv
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select

from core.base.errors import Refused
from core.base.facts import timeline
from core.custom_fields import actions as own
from core.deals import actions, lines, moving, pipelines, staging
from core.deals.columns import deals_where
from core.deals.models import Deal, DealLine, DealStage, DealStay
from core.identity.models import User
from core.notifications.models import Notification
from core.parties import actions as parties
from core.parties.models import Account
from core.products import actions as products
from core.transfer import previewing, queries
from core.transfer.exporting import Filters, Shape
from core.transfer.models import ImportMapping
from core.transfer.wanted import Wanted, write
from tests.core.transfer.conftest import Import
from tests.support.world import House


@pytest.fixture(scope="module")
def trade(app):
    """A workspace with two pipelines, accounts and people of the same name, and a product."""
    house = House(f"di{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        furnish(ctx)
    return house


def furnish(ctx):
    acme, other = parties.create_account(ctx, name="Acme GmbH", website="https://www.acme.example", external_id="A-1"), parties.create_account(ctx, name="Other", mail="office@other.example")
    ctx.session.flush()
    parties.create_contact(ctx, name="Ana Ruiz", account_id=acme.id, mail="ana@acme.example")
    parties.create_contact(ctx, name="Ana Ruiz", account_id=other.id)
    products.create_product(ctx, code="D1", name="Drill Pro", price="9")
    way = pipelines.create_pipeline(ctx, name="Service")
    ctx.session.flush()
    staging.add_stage(ctx, way, name="Survey", probability=40)


@pytest.fixture
def bring(trade):
    """Without choices remembered from another test."""
    with trade.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))
    return lambda who="owner", at=None: Import(at or trade, who)


@pytest.fixture
def tag():
    return f"x{uuid4().hex[:8]}"


def deal(house, name):
    with house.ctx() as ctx:
        return ctx.session.execute(select(Deal).where(Deal.name == name, Deal.deleted_at.is_(None))).scalar_one_or_none()


def told(house, found):
    """(stage's name, account's name, stays, facts) of a deal."""
    with house.ctx() as ctx:
        stays = ctx.session.execute(select(DealStay.stage_id, DealStay.entered_at, DealStay.left_at).where(DealStay.deal_id == found.id)).all()
        account = ctx.session.execute(select(Account.name).where(Account.id == found.account_id)).scalar_one_or_none()
        return ctx.session.get(DealStage, found.stage_id).name, account, [tuple(one) for one in stays], [fact.kind for fact in ctx.session.execute(timeline(found.id)).scalars()]


def test_a_deal_comes_in_with_what_its_row_names(bring, trade, tag):
    content = "Deal name,Company,Contact,Pipeline,Stage,Amount,Expected close,Next step,Next step due,Deal owner,Notes\n"
    content += f"One {tag},acme.example,Ana Ruiz,service,survey,1200.50 USD,2027-01-31,Call,2026-12-24,{trade.users['rep'].mail},n\nTwo {tag},office@other.example,,,,,,,,,\nThree {tag},a-1,ana@acme.example,,Qualified,5,,,,,\nFour {tag},A-1,,,,,,,,,\n"
    one = bring().upload(content, kind="deals").check()
    assert one.row.mapping == ["name", "account_id", "contact_id", "pipeline_id", "stage_id", "amount", "closes_on", "next_step", "next_step_on", "owner_id", "notes"]
    assert one.said() == [(4, 1, "link_not_found")] and one.run().counts == {"created": 3, "failed": 1}
    found = deal(trade, f"One {tag}")
    stage, account, stays, facts = told(trade, found)
    assert (stage, account, found.amount, found.currency, found.closes_on, found.owner_id, found.state) == ("Survey", "Acme GmbH", Decimal("1200.50"), "USD", date(2027, 1, 31), trade.users["rep"].id, "open")
    assert stays == [(found.stage_id, found.stage_since, None)] and facts == ["deal.imported"] and datetime.now(UTC) - found.stage_since < timedelta(hours=1)
    with trade.ctx() as ctx:
        assert found.contact_id is not None and [fact.kind for fact in ctx.session.execute(timeline(found.contact_id)).scalars()][0] == "deal.imported"
        assert ctx.session.execute(select(func.count()).select_from(Notification).where(Notification.record_kind == "deal")).scalar_one() == 0
    two, four = deal(trade, f"Two {tag}"), deal(trade, f"Four {tag}")
    assert told(trade, two)[1] == "Other" and told(trade, four)[1] == "Acme GmbH" and two.currency == trade.tenant.ref("http://x").currency


def test_won_and_lost_ones_are_closed_on_their_day(bring, trade, tag):
    content = f"Name,Stage,Close date,Loss reason,Closed on\nW {tag},Won,2025-03-01,,\nL {tag},lost,2025-03-02,Price,\nN {tag},Lost,,,2025-03-03 14:30\nR {tag},Lost,2099-01-01,,\n"
    one = bring().upload(content, kind="deals").check()
    assert one.said() == [] and one.run().counts == {"created": 4}
    won, lost, day, far = (deal(trade, f"{name} {tag}") for name in "WLNR")
    assert (won.state, won.closed_at.date(), won.stage_since) == ("won", date(2025, 3, 1), won.closed_at) and told(trade, won)[2] == [(won.stage_id, won.closed_at, None)]
    assert (lost.state, lost.loss_reason) == ("lost", "Price") and day.loss_reason == "Not said"
    with trade.ctx() as ctx:
        assert day.closed_at.astimezone(ctx.zone).strftime("%Y-%m-%d %H:%M") == "2025-03-03 14:30"
    assert datetime.now(UTC) - far.closed_at < timedelta(hours=1)


@pytest.mark.parametrize(("column", "cell", "code"), [
    ("stage", "Nowhere", "stage_not_named"), ("pipeline", "Nowhere", "pipeline_not_named"), ("account", "Nobody", "link_not_found"), ("contact", "Ana Ruiz", "link_not_one"), ("product", "Hammer", "product_not_named"),
    ("amount", "-5", "amount_negative"), ("amount", "lots", "not_an_amount_here"), ("currency", "QQQ", "not_a_currency"), ("close date", "2026-02-30", "not_a_date"), ("probability", "120", "not_whole"),
    ("forecast", "sure", "unknown_value"), ("state", "asleep", "unknown_value"), ("owner", "Nobody", "no_such_user"), ("next step", "Call", "next_step_needs_day"), ("notes", "a\x07", "control_character"),
])
def test_what_cannot_be_taken_is_named_by_line_and_column_and_loses_nothing(bring, trade, tag, column, cell, code):
    out = StringIO()
    csv.writer(out).writerows([["name", column], [f"Good {tag}", ""], [f"Bad {tag}", cell]])
    one = bring().upload(out.getvalue(), kind="deals").check()
    assert one.said() == [(3, 1, code)] and one.run().counts == {"created": 1, "failed": 1}
    assert deal(trade, f"Good {tag}") and deal(trade, f"Bad {tag}") is None


def test_every_cell_that_does_not_fit_is_named_at_once(bring, tag):
    one = bring().upload(f"name,account,stage,amount\nA {tag},Nobody,Nowhere,many\n", kind="deals").check()
    assert sorted(one.said()) == [(2, 1, "link_not_found"), (2, 2, "stage_not_named"), (2, 3, "not_an_amount_here")]


def test_a_stage_that_is_none_of_its_state_and_a_closing_day_to_come_are_refused(bring, tag):
    one = bring().upload(f"name,stage,state\nA {tag},Qualified,won\n", kind="deals").check()
    assert one.said() == [(2, 2, "stage_of_other_state")]
    assert bring().upload(f"name,state,closed on\nB {tag},won,2099-01-01\n", kind="deals").check().said() == [(2, 2, "closed_in_future")]


def test_what_a_stage_asks_for_is_asked_of_a_row_too(bring, trade, tag):
    with trade.ctx() as ctx:
        way = next(way for way in pipelines.ways(ctx) if way.row.name == "Service")
        staging.change_stage(ctx, way.first(), criteria=["amount"])
    try:
        one = bring().upload(f"name,pipeline,stage,amount\nA {tag},Service,Survey,\nB {tag},Service,Survey,5\n", kind="deals").check()
        assert one.said() == [(2, 2, "stage_asks")] and one.counts == {"create": 1, "problem": 1, "noted": 1}
    finally:
        with trade.ctx() as ctx:
            staging.change_stage(ctx, next(way for way in pipelines.ways(ctx) if way.row.name == "Service").first(), criteria=[])


def test_two_deals_may_have_one_name_and_a_known_number_is_changed(bring, trade, tag):
    same = bring().upload(f"name,amount\nSame {tag},1\nSame {tag},2\n", kind="deals").check()
    assert same.row.key_field == "" and same.run().counts == {"created": 2}
    bring().upload(f"deal id,name,amount,stage\n{tag},First,5,Qualified\n", kind="deals").check().run()
    one = bring().upload(f"deal id,name,amount,stage\n{tag},First,6,qualified\n", kind="deals").choose(mode="both").check()
    with trade.ctx() as ctx:
        (change,) = previewing.changes(ctx, queries.one(ctx, one.id))
        assert change.lines == [("amount", "5.00", "6.00")]
    assert one.run().counts == {"updated": 1} and deal(trade, "First").amount == 6
    assert told(trade, deal(trade, "First"))[3] == ["deal.edited", "deal.imported"]
    assert one.undo().counts["undone"] == 1 and deal(trade, "First").amount == 5


def test_a_file_moves_no_deal_and_leaves_the_amount_of_lines_alone(bring, trade, tag):
    bring().upload(f"deal id,name,amount,product\n{tag},D {tag},5,drillpro\n", kind="deals").check().run()
    found = deal(trade, f"D {tag}")
    with trade.ctx() as ctx:
        (line,) = lines.lines_of(ctx, ctx.session.get(Deal, found.id))
        assert (line.name, line.quantity, line.unit_price, line.amount, found.amount) == ("Drill Pro", 1, 5, 5, 5)
    moved = bring().upload(f"deal id,stage\n{tag},Negotiating\n", kind="deals").choose(mode="update").check()
    assert moved.said() == [(2, 1, "deal_moves_elsewhere")]
    assert bring().upload(f"deal id,amount\n{tag},7\n", kind="deals").choose(mode="update").check().said() == [(2, 1, "amount_of_lines")]


def test_an_import_is_taken_back_but_for_deals_that_somebody_moved(bring, trade, tag):
    one = bring().upload(f"name,amount,product\nA {tag},5,D1\nB {tag},5,D1\n", kind="deals").check().run()
    with trade.ctx() as ctx:
        moved = ctx.session.execute(select(Deal).where(Deal.name == f"B {tag}")).scalar_one()
        moving.move_deal(ctx, moved, next(stage.id for stage in pipelines.ways(ctx)[0].stages if stage.code == "negotiation"))
    assert one.undo().counts | {"created": 0} == {"created": 0, "undone": 1, "kept": 1} and deal(trade, f"A {tag}") is None and deal(trade, f"B {tag}")


def test_a_salesperson_links_only_what_he_sees_and_makes_deals_his_own(bring, trade, tag):
    with trade.ctx() as ctx:
        parties.create_account(ctx, name=f"Hidden {tag}", owner_id=trade.users["manager"].id)
    one = bring("rep").upload(f"name,account\nA {tag},Hidden {tag}\nB {tag},\n", kind="deals").check()
    assert one.said() == [(2, 1, "link_not_found")] and one.run().counts == {"created": 1, "failed": 1}
    assert deal(trade, f"B {tag}").owner_id == trade.users["rep"].id


def test_a_name_or_a_product_is_needed(bring):
    with pytest.raises(Refused, match="import_needs_name"):
        bring().upload("account,amount\nAcme GmbH,5\n", kind="deals").choose()


@pytest.mark.parametrize("shape", [Shape(), Shape("xlsx"), Shape(names=True)])
def test_what_the_export_says_comes_in_elsewhere_the_same(app, shape):
    full, empty = House(f"df{uuid4().hex[:6]}"), House(f"de{uuid4().hex[:6]}")
    for house in (full, empty):
        with house.ctx() as ctx:
            furnish(ctx)
            own.create_field(ctx, room="deals", kind="whole", label="Seats")
    content = "Number elsewhere,Name,Pipeline,Stage,Account,Contact,Amount,Currency,Probability in percent,Forecast,Expected close,Next step,Next step due,Owner,Source,Why it was lost,Notes,Closed on,Seats,Engaged\n"
    content += f"1,Ä \"\"x\"\",Service,Survey,Acme GmbH,ana@acme.example,1200.5,USD,35,Commit,2027-01-31,Call,2026-12-24,{full.users['rep'].name},Fair,,\"a\nb\",,7,yes\n".replace('Ä ""x""', '"Ä ""x"""')
    content += "2,Won one,,Won,Other,,10,,,,,,,,,,,2025-03-01 09:30,,\n3,Lost one,,Lost,,,,,,,,,,,,Price,,2025-03-02,,\n4,Bare,,,,,,,,,,,,,,,,,,\n"
    first = Import(full).upload(content, kind="deals").check()
    assert first.said() == [] and first.run().counts == {"created": 4}

    def out(house, shape=Shape(names=True)):
        file = BytesIO()
        with house.ctx() as ctx:
            write(ctx, Wanted("deals", shape=shape), file)
        return file.getvalue()

    def rows(house):
        return [{name: value for name, value in row.items() if name != "created_at"} for row in csv.DictReader(StringIO(out(house).decode("utf-8-sig")))]

    one = Import(empty).upload(out(full, shape), kind="deals", name="d.xlsx" if shape.format == "xlsx" else "d.csv").check()
    assert one.said() == [] and one.run().counts == {"created": 4}
    assert [{**row, "contact_id": ""} for row in rows(empty)] == [{**row, "contact_id": ""} for row in rows(full)] and rows(full)[-1]["closed_at"]
    with empty.ctx() as ctx:
        assert ctx.session.execute(select(Deal.probability).order_by(Deal.external_id)).scalars().all() == [35, None, None, None]
        assert ctx.session.execute(select(func.count()).select_from(Deal).where(*deals_where(ctx, Filters(brought=str(one.id))))).scalar_one() == 4


def test_the_real_pipeline_comes_in_as_it_is_with_its_published_sums(data, app):
    folder, house = data / "crm-maven-sales", House(f"mv{uuid4().hex[:6]}")
    rows = list(csv.DictReader((folder / "sales_pipeline.csv").open()))
    with house.ctx() as ctx:
        for number, name in enumerate(sorted({row["sales_agent"] for row in rows})):
            ctx.session.add(User(mail=f"a{number}@maven.example", mail_norm=f"a{number}@maven.example", name=name, role_id=house.users["rep"].role_id, state="active"))
        for row in csv.DictReader((folder / "products.csv").open()):
            products.create_product(ctx, code=row["product"], name=row["product"], price=row["sales_price"])
        way = pipelines.ways(ctx)[0].row
        for name in ("Prospecting", "Engaging"):
            staging.add_stage(ctx, way, name=name)
    Import(house).upload((folder / "accounts.csv").read_bytes()).choose().check().run()
    one = Import(house).upload((folder / "sales_pipeline.csv").read_bytes(), kind="deals", name="sales_pipeline.csv")
    assert one.row.mapping == ["external_id", "owner_id", "product", "account_id", "stage_id", "custom", "closes_on", "amount"]
    one.choose().check()
    assert one.said() == [] and one.run().counts == {"created": 8800}
    with house.ctx() as ctx:
        states = dict(tuple(row) for row in ctx.session.execute(select(Deal.state, func.count()).group_by(Deal.state)))
        assert states == {"won": 4238, "lost": 2473, "open": 2089}
        assert ctx.session.execute(select(func.sum(Deal.amount)).where(Deal.state == "won")).scalar_one() == 10_005_534
        assert ctx.session.execute(select(func.count()).select_from(Deal).where(Deal.account_id.is_(None))).scalar_one() == 1425
        best = ctx.session.execute(select(User.name, func.sum(Deal.amount)).join(Deal, Deal.owner_id == User.id).where(Deal.state == "won").group_by(User.name).order_by(func.sum(Deal.amount).desc()).limit(3)).all()
        assert [tuple(row) for row in best] == [("Darcel Schlecht", 1_153_214), ("Vicki Laflamme", 478_396), ("Kary Hendrixson", 454_298)]
        lined = dict(tuple(row) for row in ctx.session.execute(select(DealLine.name, func.count()).group_by(DealLine.name)))
        assert lined == Counter("GTX Pro" if row["product"] == "GTXPro" else row["product"] for row in rows if row["close_value"])
        assert ctx.session.execute(select(func.count()).select_from(DealStay)).scalar_one() == 8800
        days = {row["opportunity_id"]: row["close_date"] for row in rows if row["deal_stage"] in ("Won", "Lost")}
        closed = {number: moment.astimezone(ctx.zone).date().isoformat() for number, moment in ctx.session.execute(select(Deal.external_id, Deal.closed_at).where(Deal.closed_at.is_not(None)))}
        assert closed == days and time(12) in {moment.astimezone(ctx.zone).time() for moment in ctx.session.execute(select(Deal.closed_at).where(Deal.state == "won").limit(5)).scalars()}


def test_a_row_of_a_file_becomes_what_the_use_case_makes_of_the_same(bring, trade, tag):
    bring().upload(f"name,account,amount,source\nFile {tag},Acme GmbH,5,Fair\n", kind="deals").check().run()
    with trade.ctx() as ctx:
        acme = ctx.session.execute(select(Account.id).where(Account.name == "Acme GmbH")).scalar_one()
        actions.create_deal(ctx, name=f"Hand {tag}", account_id=acme, amount="5", source="Fair")
    left = {"id", "name", "name_fold", "created_at", "updated_at", "stage_since"}
    one, other = ({name: getattr(found, name) for name in Deal.__table__.c.keys() if name not in left and name != "custom_find"} for found in (deal(trade, f"File {tag}"), deal(trade, f"Hand {tag}")))
    assert one == other
