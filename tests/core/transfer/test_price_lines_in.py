"""Prices of price lists from a file: found by list, product, quantity and day; taken back; and out again as they came in."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from core.base.errors import Forbidden, NotFound, Refused
from core.base.facts import timeline
from core.products import actions, arranging, price_lists, rating
from core.products.price_models import PriceBook, PriceListLine
from core.transfer import previewing, queries, results, running, starting
from core.transfer.exporting import Shape
from core.transfer.models import ImportMapping
from core.transfer.wanted import Wanted, from_json, write
from tests.core.transfer.conftest import Import
from tests.support.chunks import one_import_chunk
from tests.support.world import House

HEADER = "Price list,Product code,Category,Of what,What it says,Price or percent,Currency,From the quantity,First day,Last day\n"


@pytest.fixture(scope="module")
def shop(app):
    """A workspace with products, a category and a second currency."""
    house = House(f"pl{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        arranging.add_category(ctx, name="Tools")
        rating.add_currency(ctx, "USD")
        for code, name in (("D1", "Drill"), ("D2", "Saw"), ("T1", "Twin"), ("T2", "Twin"), ("=1+1", "Formula")):
            actions.create_product(ctx, code=code, name=name, price="100")
    return house


@pytest.fixture
def bring(shop):
    """Without choices remembered from another test."""
    with shop.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))
    return lambda content, mode="both", who="owner", at=None: Import(at or shop, who).upload(content, kind="price_lines").choose(mode=mode).check()


@pytest.fixture
def book(shop):
    with shop.ctx() as ctx:
        return price_lists.add_list(ctx, name=f"List {uuid4().hex[:8]}")


def lines(house, book):
    with house.ctx() as ctx:
        rows = price_lists.lines(ctx, ctx.session.get(PriceBook, book.id))
        return [(row.code, row.category, row.PriceListLine.way, row.PriceListLine.value, row.PriceListLine.from_quantity, row.PriceListLine.starts_on, row.PriceListLine.ends_on) for row in rows]


def taken_out(house, book, shape=Shape(), who="owner"):
    with house.ctx(who) as ctx:
        out = BytesIO()
        write(ctx, from_json(Wanted("price_lines", list_id=book.id, shape=shape).as_json()), out)
        return out.getvalue()


def test_prices_come_in_with_all_that_a_line_may_say(bring, shop, book):
    one = bring(
        HEADER + f"{book.name},d1,,,,80,,,,\n{book.name.upper()},D1,,,,\"70,50 €\",,10,2026-01-01,2026-12-31\n{book.name},,tools,,percent off,5 %,,,,\n{book.name},,,All products,Percent more,3,,,,\n{book.name},Saw,,,,7,EUR,,,\n"
    )
    assert one.said() == [] and one.row.key_field == "place" and lines(shop, book) == []
    assert one.run().counts == {"created": 5}
    assert lines(shop, book) == [
        ("D1", None, "price", Decimal("80"), 0, None, None), ("D1", None, "price", Decimal("70.5"), 10, date(2026, 1, 1), date(2026, 12, 31)), ("D2", None, "price", Decimal("7"), 0, None, None),
        (None, "Tools", "discount", Decimal("5"), 0, None, None), (None, None, "markup", Decimal("3"), 0, None, None),
    ]


def test_a_line_that_is_there_is_changed_and_what_will_change_is_shown_before(bring, shop, book):
    bring(HEADER + f"{book.name},D1,,,percent off,5,,,,\n{book.name},D2,,,,5,,,,\n").run()
    one = bring(f"price list,sku,price\n{book.name},D1,90\n{book.name},D2,5.00\n{book.name},T1,8\n")
    assert one.counts == {"update": 2, "create": 1}
    with shop.ctx() as ctx:
        [change] = previewing.changes(ctx, queries.one(ctx, one.id))
    assert change.name == f"{book.name}: D1 Drill" and change.line == 2 and {name: str(after) for name, _, after in change.lines} == {"way": "price", "value": "90"}
    assert one.run().counts == {"updated": 1, "skipped": 1, "created": 1}
    assert lines(shop, book)[0][:4] == ("D1", None, "price", Decimal("90"))
    with shop.ctx() as ctx:
        assert {fact.kind for fact in ctx.session.execute(timeline(book.id)).scalars()} == {"catalogue.changed"}


def test_each_wrong_row_is_named_with_its_line_and_the_right_ones_come_in(bring, shop, book):
    wrong = [
        ("Nobody's list,D1,,,,1,,,,", "list_unknown"), ("{},nothing,,,,1,,,,", "product_unknown"), ("{},Twin,,,,1,,,,", "product_not_one"), ("{},,nothing,,,1,,,,", "category_unknown"),
        ("{},D1,,,,minus,,,,", None), ("{},D1,,,,-1,,,,", "not_an_amount"), ("{},D1,,,,1e999,,,,", None), ("{},D1,,,,,,,,", "required"), ("{},D1,,,,1,,-5,,", "quantity_positive"), ("{},D1,,,,1,,1000000000000,,", "quantity_positive"),
        ("{},D1,,,,1,,1.2345,,", "too_many_decimals"), ("{},D1,,,,1,,,2026-02-30,", None), ("{},D1,,,,1,,,2026-02-02,2026-02-01", "days_turned"), ("{},D1,,,,1 USD,,,,", "list_in_currency"), ("{},D1,,,,1,USD,,,", "list_in_currency"),
        ("{},D1,,,,1 net,,,,", "amount_beside_unread"), ("{},D1,,,,5 %,,,,", "amount_beside_unread"), ("{},D1,,,percent off,101,,,,", "not_a_percent"), ("{},D1,,,a margin over the cost,100,,,,", "margin_too_high"), ("{},D1,tools,,,1,,,,", "line_of_two"),
        ("{},,,,,1,,,,", "required"), ("{},D1,,nonsense,,1,,,,", None), ("{},D1,,,nonsense,1,,,,", None), ("=cmd|'/c calc'!A1,D1,,,,1,,,,", "list_unknown"), ("{},D1,,,,\"=HYPERLINK(\"\"http://x\"\")\",,,,", None),
    ]
    one = bring(HEADER + "".join(text.format(book.name) + "\n" for text, _ in wrong) + f"{book.name},D2,,,,3,,,,\n")
    said = {}
    for line, _, code in one.said():
        said.setdefault(line, []).append(code)
    assert sorted(said) == list(range(2, len(wrong) + 2))
    assert {line: code for line, (_, code) in enumerate(wrong, 2) if code and code not in said[line]} == {}
    assert one.run().counts == {"created": 1, "failed": len(wrong)} and len(lines(shop, book)) == 1


def test_two_rows_that_say_the_same_are_named_and_the_first_counts(bring, shop, book):
    one = bring(HEADER + f"{book.name},D1,,,,1,,10,,\n{book.name},d1,,,,2,,10.000,,\n{book.name},Drill,,,,3,,10,2026-01-01,\n")
    assert one.counts == {"create": 2, "duplicate": 1}
    with shop.ctx() as ctx:
        assert queries.said_before(ctx, queries.one(ctx, one.id)) == {3: 2}
    one.run()
    assert [line[3] for line in lines(shop, book)] == [1, 3]


def test_it_is_taken_back_but_for_what_somebody_touched_since(bring, shop, book):
    bring(HEADER + f"{book.name},D1,,,,1,,,,\n{book.name},D2,,,,2,,,,\n").run()
    one = bring(f"price list,sku,price\n{book.name},D1,10\n{book.name},D2,20\n{book.name},T1,30\n{book.name},T2,40\n").run()
    bring(f"price list,sku,price\n{book.name},D2,21\n{book.name},T2,41\n").run()
    one.undo()
    assert [line[0::3][:2] for line in lines(shop, book)] == [("D1", 1), ("D2", 21), ("T2", 41)]
    assert (one.row.counts["undone"], one.row.counts["kept"]) == (2, 2)
    with shop.ctx() as ctx:
        assert [row.name for row in queries.kept(ctx, queries.one(ctx, one.id))] == [f"{book.name}: D2 Saw", f"{book.name}: T2 Twin"]
        run = queries.one(ctx, one.id)
        told = {row.line: [code for _, code, _ in row.reasons] for row in results.results(ctx, run)}
    assert told == {2: ["row_as_before"], 3: ["row_kept"], 4: ["row_gone_again"], 5: ["row_kept"]}


def test_one_that_is_stopped_keeps_what_is_in_and_is_taken_back(bring, shop, book, monkeypatch):
    one = bring(HEADER + "".join(f"{book.name},D1,,,,{number},,{number},,\n" for number in range(1, 4))).start()
    monkeypatch.setattr(running, "CHUNK", 2)
    one_import_chunk(running, one.door, one.id, one.row.round)
    assert (one.row.rows_done, one.row.rows_total) == (2, 3)
    with shop.ctx() as ctx:
        starting.cancel(ctx, queries.one(ctx, one.id))
    running.run_import(one.door, one.id, one.row.round)
    assert one.row.state == "cancelled" and [line[3] for line in lines(shop, book)] == [1, 2]
    one.undo()
    assert lines(shop, book) == []


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("names", [True, False])
def test_what_goes_out_comes_in_again(bring, shop, book, format, names):
    bring(HEADER + f"{book.name},D1,,,,80.1234,,,,\n{book.name},D1,,,,70,,10.5,2026-01-01,2026-12-31\n{book.name},,tools,,discount,5,,,,\n{book.name},,,all,margin,3,,,,\n{book.name},=1+1,,,,6,,,,\n").run()
    before, data = lines(shop, book), taken_out(shop, book, Shape(format, names=names))
    one = bring(data)
    assert one.said() == [] and one.counts == {"update": 5}
    assert one.run().counts == {"skipped": 5}
    with shop.ctx() as ctx:
        ctx.session.execute(delete(PriceListLine).where(PriceListLine.price_list_id == book.id))
    assert bring(data).run().counts == {"created": 5} and lines(shop, book) == before


def test_no_cell_that_goes_out_is_a_formula(bring, shop, book):
    bring(HEADER + f"{book.name},=1+1,,,,6,,,,\n").run()
    assert b",=1+1" not in taken_out(shop, book) and b"'=1+1" in taken_out(shop, book)


def test_only_who_manages_price_lists_brings_them_in_takes_them_out_or_back(bring, shop, book):
    for call in (lambda: bring(HEADER + f"{book.name},D1,,,,1,,,,\n", who="rep"), lambda: taken_out(shop, book, who="rep")):
        with pytest.raises(Forbidden):
            call()
    one = bring(HEADER + f"{book.name},D1,,,,1,,,,\n").run()
    with shop.ctx("rep") as ctx, pytest.raises((NotFound, Forbidden)):
        queries.one(ctx, one.id)


def test_another_workspace_s_lists_and_products_are_unknown(bring, shop, book, house):
    with house.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))
    one = bring(HEADER + f"{book.name},D1,,,,1,,,,\n{book.id},D1,,,,1,,,,\n", at=house)
    assert {code for _, _, code in one.said()} == {"list_unknown", "product_unknown"} and one.counts == {"problem": 2, "noted": 2}
    with pytest.raises(NotFound):
        taken_out(house, book)


def test_a_list_that_is_gone_when_it_runs_keeps_its_rows_out(bring, shop, book):
    one = bring(HEADER + f"{book.name},D1,,,,1,,,,\n")
    with shop.ctx() as ctx:
        price_lists.delete_list(ctx, price_lists.one_list(ctx, book.id))
    assert one.run().counts == {"failed": 1} and one.said()[0][2] == "list_unknown"


def test_a_line_that_somebody_added_meanwhile_is_changed_not_doubled(bring, shop, book):
    one = bring(HEADER + f"{book.name},D1,,,,1,,,,\n")
    with shop.ctx() as ctx:
        product = ctx.session.execute(select(actions.Product.id).where(actions.Product.code == "D1")).scalar_one()
        price_lists.add_line(ctx, price_lists.one_list(ctx, book.id), product_id=product, value="5")
    assert one.run().counts == {"updated": 1} and [line[3] for line in lines(shop, book)] == [1]


def test_columns_that_are_needed_are_asked_for(bring, shop, book):
    for header, code in (("sku,price", "import_needs_price_list"), ("price list,price", "import_needs_product"), ("price list,sku", "import_needs_price")):
        with pytest.raises(Refused) as refused:
            bring(header + "\n" + ",".join("1" for _ in header.split(",")) + "\n")
        assert refused.value.code in (code, "import_key_not_mapped")
