"""Deals from a file that are there already, and what happens to deals between a file's check, its run and its undo."""

from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update

from core.custom_fields import actions as own
from core.deals import moving, pipelines, snapshots, staging
from core.deals.forecast_models import ForecastLine
from core.deals.models import Deal, DealLine
from core.parties import actions as parties
from core.parties.models import Account, Contact
from core.products import actions as products
from core.products.models import Product
from core.transfer import queries
from core.transfer.exporting import Shape
from core.transfer.models import ImportMapping
from core.transfer.wanted import Wanted, write
from tests.core.transfer.conftest import Import
from tests.core.transfer.test_deals_in import deal, furnish
from tests.support.statements import counted
from tests.support.world import House
from web.transfer import wording


@pytest.fixture(scope="module")
def trade(app):
    house = House(f"dk{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        furnish(ctx)
    return house


@pytest.fixture
def bring(trade):
    """bring(content, mode=…): a file of deals, checked."""
    with trade.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))
    return lambda content, who="owner", **choices: Import(trade, who).upload(content, kind="deals").choose(**choices).check()


@pytest.fixture
def tag():
    return f"x{uuid4().hex[:8]}"


def test_an_import_is_taken_back_after_a_night_that_kept_the_forecast(bring, trade, tag):
    one = bring(f"name,amount,close date\n{tag},5,2031-01-31\n").run()
    with trade.ctx() as ctx:
        assert snapshots.keep_day(ctx)
        assert ctx.session.execute(select(ForecastLine.id).join(Deal, Deal.id == ForecastLine.deal_id).where(Deal.name == tag)).first()
    assert one.undo().counts["undone"] == 1 and deal(trade, tag) is None


def test_a_link_that_went_out_of_sight_between_check_and_run_is_refused_and_not_written(bring, trade, tag):
    with trade.ctx() as ctx:
        gone, hidden = parties.create_account(ctx, name=f"Gone {tag}", owner_id=trade.users["rep"].id), parties.create_account(ctx, name=f"Hidden {tag}", owner_id=trade.users["rep"].id)
        ctx.session.flush()
        ana = parties.create_contact(ctx, name=f"Ana {tag}", account_id=hidden.id, owner_id=trade.users["rep"].id)
        drill = products.create_product(ctx, code=tag, name=f"Drill {tag}", price="9")
        ctx.session.flush()
        keys = [(Account, gone.id), (Account, hidden.id), (Contact, ana.id), (Product, drill.id)]
    content = f"name,account,contact,product,amount\nA {tag},Gone {tag},,,\nB {tag},Hidden {tag},,,\nC {tag},,Ana {tag},,\nD {tag},,,{tag},5\nE {tag},,,,\n"
    one = bring(content, "rep")
    assert one.said() == [] and one.counts == {"create": 5}
    with trade.ctx() as ctx:
        for (model, key), change in zip(keys, ({"deleted_at": ctx.now}, {"owner_id": trade.users["manager"].id}, {"deleted_at": ctx.now}, {"deleted_at": ctx.now}), strict=True):
            ctx.session.execute(update(model).where(model.id == key).values(**change))
    assert one.run().counts == {"created": 1, "failed": 4}
    assert one.said() == [(2, 1, "link_not_found"), (3, 1, "link_not_found"), (4, 2, "link_not_found"), (5, 3, "product_not_named")]


def known_one(bring, trade, tag, standing=",,"):
    bring(f"deal id,name,pipeline,stage,state\n{tag},{tag},{standing}\n").run()
    return deal(trade, tag)


@pytest.mark.parametrize("standing", ["state\nwon", "pipeline\nService", "stage\nWon", "stage\nlost", "pipeline,state\nservice,Won"])
def test_a_file_that_says_less_of_where_a_known_deal_stands_moves_nothing(bring, trade, tag, standing):
    known_one(bring, trade, tag, "Service,Won,")
    columns, cells = standing.split("\n")
    one = bring(f"deal id,{columns},notes\n{tag},{cells},n\n", mode="update")
    assert one.said() == ([(2, 1, "deal_moves_elsewhere")] if cells == "lost" else [])
    assert cells == "lost" or one.run().counts == {"updated": 1}


def test_a_word_that_names_no_stage_anywhere_is_refused_and_one_of_another_s_pipeline_only_of_new_deals(bring, trade, tag):
    with trade.ctx() as ctx:
        old = pipelines.create_pipeline(ctx, name=f"Old {tag}")
        ctx.session.flush()
        staging.add_stage(ctx, old, name=f"Wait {tag}")
        bring_in = pipelines.one_way(ctx, old.id)
        wait = next(one for one in bring_in.stages if one.name == f"Wait {tag}")
    known_one(bring, trade, tag, f"Old {tag},Wait {tag},")
    with trade.ctx() as ctx:
        found = ctx.session.execute(select(Deal).where(Deal.stage_id == wait.id)).scalar_one()
        moving.move_deal(ctx, found, next(one.id for one in bring_in.stages if one.kind == "won"))
        pipelines.archive_pipeline(ctx, pipelines.one_way(ctx, old.id).row)
    one = bring(f"deal id,name,pipeline,stage,notes\n{tag},{tag},Old {tag},won,n\nn{tag},New,Old {tag},won,n\nm{tag},New,Nowhere,,n\n", mode="both")
    assert one.said() == [(3, 2, "pipeline_not_named"), (4, 2, "pipeline_not_named")] and one.counts == {"update": 1, "problem": 2, "noted": 2}


def test_our_own_list_comes_back_and_changes_nothing(app):
    house = House(f"dr{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        furnish(ctx)
        pipelines.create_pipeline(ctx, name="Old")
    content = "deal id,name,pipeline,stage,amount,currency,probability,forecast,close date,closed on,loss reason,product\n"
    content += "1,A,Service,Survey,1200.5,USD,35,Commit,2031-01-31,,,\n2,B,Service,Won,5,,,,,2025-03-01,,D1\n3,C,Old,Lost,,,,,,2025-03-02,Price,\n4,D,,,,,,,,,,\n5,E,,Qualified,,,,,,,,\n"
    Import(house).upload(content, kind="deals").check().run()
    with house.ctx() as ctx:
        pipelines.archive_pipeline(ctx, next(way.row for way in pipelines.ways(ctx) if way.row.name == "Old"))
    for shape in (Shape(), Shape(names=True)):
        out = BytesIO()
        with house.ctx() as ctx:
            write(ctx, Wanted("deals", shape=shape), out)
        one = Import(house).upload(out.getvalue(), kind="deals").choose(mode="update", key_field="external_id").check()
        assert one.said() == [] and one.run().counts == {"skipped": 5}


def test_a_deal_s_own_word_is_changed_to_what_its_stage_says_anyway(bring, trade, tag):
    bring(f"deal id,name,pipeline,stage,probability,forecast\n{tag},{tag},Service,Survey,35,Commit\n").run()
    before = deal(trade, tag)
    with trade.ctx() as ctx:
        stage = pipelines.stages(ctx)[before.stage_id]
    one = bring(f"deal id,stage,probability,forecast\n{tag},Survey,{stage.probability},{stage.forecast}\n", mode="update").run()
    after = deal(trade, tag)
    assert (before.probability, before.forecast) == (35, "commit") and one.counts == {"updated": 1} and (after.probability, after.forecast) == (stage.probability, stage.forecast)


def test_what_a_stage_asks_for_may_come_from_the_person_and_from_what_every_deal_begins_with(app, tag):
    house = House(f"ds{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        furnish(ctx)
        own.create_field(ctx, room="deals", kind="text", label="Kind", preset="new")
        ctx.session.flush()
        staging.change_stage(ctx, next(way for way in pipelines.ways(ctx) if way.row.name == "Service").first(), criteria=["account_id", "custom.kind"])
    one = Import(house).upload("name,pipeline,stage,contact\nA,Service,Survey,ana@acme.example\nB,Service,Survey,\n", kind="deals").check()
    assert one.said() == [(3, 2, "stage_asks")] and one.run().counts == {"created": 1, "failed": 1} and deal(house, "A").account_id


def test_a_next_step_needs_a_day_only_where_the_deal_has_none(bring, trade, tag):
    bring(f"deal id,name,next step due\n{tag},{tag},2031-01-31\n{tag}2,{tag}2,\n").run()
    one = bring(f"deal id,next step\n{tag},Call\n{tag}2,Call\n", mode="update")
    assert one.said() == [(3, 1, "next_step_needs_day")] and one.run().counts == {"updated": 1, "failed": 1} and deal(trade, tag).next_step == "Call"


@pytest.mark.parametrize("cell", ["9999-12-31T23:30:00-05:00", "9999-12-31", "0001-01-01", "0001-01-01T00:30:00+14:00", "1899-12-31"])
def test_a_day_beyond_the_calendar_is_named_at_its_cell(bring, trade, tag, cell):
    one = bring(f"name,state,closed on\nA {tag},won,{cell}\nB {tag},won,2025-01-31\n")
    assert one.said() == [(2, 2, "not_a_date")] and one.run().counts == {"created": 1, "failed": 1}
    assert bring(f"name,state,close date\nA {tag},won,0001-01-01\n").said() == [(2, 2, "not_a_date")]


def test_a_line_of_a_deal_is_in_whole_coins_and_no_larger_than_one_may_be(bring, trade, tag):
    one = bring(f"name,amount,currency,product\nA {tag},5.50,JPY,D1\nB {tag},10000000000000,,D1\nC {tag},10000000000000,,\n")
    assert one.said() == [(3, 1, "deal_lines_too_large")] and one.run().counts == {"created": 2, "failed": 1}
    found = deal(trade, f"A {tag}")
    with trade.ctx() as ctx:
        line = ctx.session.execute(select(DealLine).where(DealLine.deal_id == found.id)).scalar_one()
    assert found.amount == line.amount == line.unit_price == Decimal(6)


def test_names_of_what_would_change_are_asked_for_once_however_many_rows_there_are(bring, trade, tag):
    with trade.ctx() as ctx:
        for name in ("Before", "After"):
            parties.create_account(ctx, name=f"{name} {tag}")
    bring("deal id,name,account\n" + "".join(f"{tag}{n},{tag}{n},Before {tag}\n" for n in range(4))).run()
    found = {}
    for number in (1, 4):
        one = bring("deal id,account\n" + "".join(f"{tag}{n},After {tag}\n" for n in range(number)), mode="update", key_field="external_id")
        with trade.ctx() as ctx, counted() as statements:
            said = wording.said_changes(ctx, queries.one(ctx, one.id))
        assert [line for row in said for line in row["lines"]] == [("Account", f"Before {tag}", f"After {tag}")] * number
        found[number] = len(statements)
    assert found[4] == found[1]
