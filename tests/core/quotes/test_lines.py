"""Lines take texts, prices and reasons from the catalogue; totals and taxes follow; what a line cost is told to nobody who must not know."""

from decimal import Decimal as D

import pytest
from sqlalchemy import select

from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.products import actions as products
from core.products import arranging, rating
from core.products.words import REASONS
from core.quotes import drafting, lining, queries
from core.quotes.models import QuoteLine
from core.quotes.paper import paper_of
from core.quotes.rules import counted, margin, off_list, sums
from infra import i18n


def save(ctx, quote, *rows, **more):
    draft = lining.save_lines(ctx, quote, rows, **more)
    return draft, queries.lines_of(ctx, draft)


def kept(lines):
    """Lines as a form sends them back."""
    return [{"id": one.id, "kind": one.kind, "choice": one.choice, "product_id": one.product_id, "name": one.name, "description": one.description, "quantity": one.quantity, "unit_price": one.unit_price, "discount": one.discount, "tax_code_id": one.tax_code_id} for one in lines]


def test_a_line_copies_the_catalogue_with_price_and_reasons(ctx, quote, tray):
    draft, (line,) = save(ctx, quote, {"product_id": tray.id, "quantity": "2"})
    assert (line.name, line.description, line.sku, line.unit_price, line.amount, line.tax_percent) == ("Tray", "Of steel", "TRAY", D("100"), D("200"), D("19"))
    assert [one["code"] for one in line.reasons] == ["own_price"] and not line.is_own
    assert (draft.net, draft.total, quote.total) == (D("200"), D("238"), D("238"))
    products.edit_product(ctx, tray, name="Other", price="1")
    draft, (line,) = save(ctx, quote, *kept([line]))
    assert (line.name, line.unit_price) == ("Tray", D("100"))


def test_the_price_follows_the_quantity_until_somebody_writes_his_own(ctx, quote, tray):
    _, (line,) = save(ctx, quote, {"product_id": tray.id, "quantity": "2"})
    _, (line,) = save(ctx, quote, kept([line])[0] | {"quantity": "10"})
    assert line.unit_price == D("90") and [one["code"] for one in line.reasons] == ["list_price", "from_quantity"]
    _, (line,) = save(ctx, quote, kept([line])[0] | {"unit_price": "85"})
    assert line.is_own and off_list(line.unit_price, line.list_price) == D("-5.6")
    _, (line,) = save(ctx, quote, kept([line])[0] | {"quantity": "2"})
    assert line.unit_price == D("85") and line.list_price == D("100") and off_list(line.unit_price, line.list_price) == D("-15.0")


def test_options_and_alternatives_count_when_they_are_chosen(ctx, quote, tray, rack):
    rows = [{"kind": "section", "name": "Ovens"}, {"product_id": tray.id}, {"product_id": rack.id, "choice": "alternative"}, {"product_id": rack.id, "choice": "optional"}, {"kind": "text", "name": "By lorry"}]
    draft, lines = save(ctx, quote, *rows)
    assert counted(lines) == {1} and draft.net == D("100")
    assert counted(lines, [lines[3].id]) == {1, 3} and counted(lines, [lines[2].id]) == {2} and counted(lines, [str(lines[2].id), str(lines[3].id)]) == {2, 3}
    assert sums(lines, "EUR", gross=False, relief=None, chosen=[lines[2].id, lines[3].id]).gross == D("118.76")


@pytest.mark.parametrize(("row", "code", "field"), [
    ({"name": "Work", "unit_price": "ten"}, "not_an_amount", "lines.1.unit_price"), ({"name": "Work", "unit_price": "1", "discount": "101"}, "not_a_percent", "lines.1.discount"),
    ({"name": "Work", "unit_price": "1", "quantity": "0"}, "quantity_positive", "lines.1.quantity"), ({"name": "Work"}, "line_needs", "lines.1.unit_price"), ({"unit_price": "1"}, "line_needs", "lines.1.name"),
    ({"name": "Work", "unit_price": "1", "choice": "maybe"}, "unknown_value", "lines.1.choice"), ({"name": "Work", "unit_price": "1", "colour": "red"}, "unknown_field", "lines.1.colour"),
    ({"name": "Work", "unit_price": "1", "tax_code_id": "7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11"}, "tax_code_unknown", "lines.1.tax_code_id"),
    ({"product_id": "7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11"}, "product_unknown", "lines.1.product_id"), ({"name": "Work", "unit_price": "-1"}, "not_an_amount", "lines.1.unit_price"),
])
def test_what_a_line_can_not_say_names_the_line(ctx, quote, row, code, field):
    with pytest.raises(Refused) as refused:
        save(ctx, quote, {"name": "Good", "unit_price": "1"}, row)
    assert (refused.value.code, refused.value.field) == (code, field) or code == "unknown_field" == refused.value.code


def test_lines_are_changed_moved_and_taken_away_and_a_stale_form_is_a_conflict(ctx, quote, tray, rack):
    draft, (a, b) = save(ctx, quote, {"product_id": tray.id}, {"product_id": rack.id})
    seen = draft.version
    draft, lines = save(ctx, quote, *kept([b, a]), version=seen)
    assert [one.id for one in lines] == [b.id, a.id]
    save(ctx, quote, *kept([b]))
    with pytest.raises(Conflict):
        save(ctx, quote, *kept([b]), version=seen)


def test_a_quote_in_another_currency_keeps_the_rate_of_the_day(ctx, account, tray):
    rating.add_currency(ctx, "USD")
    rating.store_rate(ctx, currency="USD", rate="2")
    quote = drafting.create_quote(ctx, name="In dollars", account_id=account.id, currency="USD")
    draft, (line,) = save(ctx, quote, {"product_id": tray.id})
    assert (draft.rate, draft.rate_on, line.unit_price, line.cost) == (D("2"), ctx.today, D("200"), D("120"))
    with pytest.raises(Refused) as refused:
        drafting.create_quote(ctx, name="In pounds", currency="GBP")
    assert (refused.value.code, refused.value.field) == ("currency_unknown", "currency")


def test_exempt_and_reverse_charge_take_no_tax_and_gross_prices_hold_it(ctx, quote, tray):
    draft, lines = save(ctx, quote, {"product_id": tray.id})
    drafting.edit_draft(ctx, quote, relief="AE")
    assert draft.total == draft.net == D("100") and draft.taxes[0]["category"] == "AE"
    with pytest.raises(Refused) as refused:
        drafting.edit_draft(ctx, quote, relief="", gross=True)
    assert refused.value.code == "gross_with_lines"  # prices that were written would say something else
    save(ctx, quote)
    drafting.edit_draft(ctx, quote, relief="", gross=True)
    draft, lines = save(ctx, quote, {"product_id": tray.id})
    assert draft.gross and draft.total == D("119.00") and draft.net == D("100")


def test_the_margin_is_told_to_whom_the_cost_is(world):
    with world.acme.ctx("owner") as ctx:
        tray = products.create_product(ctx, code="TOLD", name="Tray", price="100", cost="60")
        quote = drafting.create_quote(ctx, name="Forty trays", owner_id=world.acme.users["rep"].id)
        _, lines = save(ctx, quote, {"product_id": tray.id})
        assert margin(lines, {0: lines[0].amount}).percent == D("40.0")
        key = quote.id
    with world.acme.ctx("rep") as ctx:
        lines = queries.lines_of(ctx, queries.draft_of(ctx, queries.one_quote(ctx, key)))
        assert [one.cost for one in lines] == [None] and margin(lines, {0: lines[0].amount}) is None
        assert list(queries.costs_of(ctx, queries.draft_of(ctx, queries.one_quote(ctx, key))).values()) == [D("60")]
        with pytest.raises(Forbidden):
            ctx.session.execute(select(QuoteLine.cost))


def test_who_does_not_see_the_quote_does_not_work_on_it(world):
    with world.acme.ctx("owner") as ctx:
        quote = drafting.create_quote(ctx, name="The owner's")
    with world.acme.ctx("rep") as ctx, pytest.raises(NotFound):
        lining.save_lines(ctx, quote, [{"name": "Work", "unit_price": "1"}])


def test_the_paper_says_what_came_off_in_its_own_language_and_nothing_of_ours(ctx, quote, tray):
    lining.save_lines(ctx, quote, [{"product_id": tray.id, "quantity": "10"}, {"product_id": tray.id, "quantity": "10", "unit_price": "70"}])
    draft = queries.newest(ctx, quote)
    draft.language = "es"
    first, own = paper_of(ctx, draft).lines
    assert first.reason == i18n.gettext("es", REASONS["from_quantity"], quantity="10") and "Many" not in first.reason and own.reason == ""


def test_the_paper_counts_what_is_offered_and_says_why_no_tax_is_taken_in_its_language(ctx, quote, tray):
    lining.save_lines(ctx, quote, [{"product_id": tray.id}, {"kind": "section", "name": "Racks"}, {"product_id": tray.id}, {"kind": "text", "name": "Free"}, {"product_id": tray.id}])
    draft = drafting.edit_draft(ctx, quote, relief="AE", language="es")
    paper = paper_of(ctx, draft)
    assert [one.position for one in paper.lines] == ["1", "1", "1.1", "", "1.2"]
    assert paper.tax_note == i18n.gettext("es", "Reverse charge: the customer owes the tax.") != "Reverse charge: the customer owes the tax." and paper.net == paper.total


def test_a_line_that_is_named_twice_is_counted_as_it_is_stored(ctx, quote, tray):
    _, (line,) = save(ctx, quote, {"product_id": tray.id})
    draft, lines = save(ctx, quote, *kept([line]), *kept([line]))
    assert len(lines) == 2 and draft.total == D("238.00")


def test_another_product_in_a_line_brings_its_own_tax_and_price(ctx, quote, tray):
    low = arranging.add_tax_code(ctx, name="VAT 7", percent="7")
    book = products.create_product(ctx, code="BOOK", name="Book", price="20", tax_code_id=low.id)
    bare = products.create_product(ctx, code="BARE", name="Without a price", tax_code_id=low.id)
    _, (line,) = save(ctx, quote, {"product_id": tray.id})
    _, (line,) = save(ctx, quote, kept([line])[0] | {"product_id": book.id, "name": None})
    assert (line.tax_percent, line.unit_price, line.name) == (D("7"), D("20"), "Book")
    with pytest.raises(Refused) as refused:
        save(ctx, quote, kept([line])[0] | {"product_id": bare.id, "name": None})
    assert refused.value.code == "line_needs"


def test_an_amount_that_no_column_holds_is_refused_by_its_line(ctx, quote):
    with pytest.raises(Refused) as refused:
        save(ctx, quote, {"name": "Everything", "unit_price": "999999999999", "quantity": "1000"})
    assert (refused.value.code, refused.value.field) == ("amount_too_large", "lines.0.unit_price")


def test_an_alternative_under_another_heading_takes_nobodys_place(ctx, quote, tray, rack):
    _, lines = save(ctx, quote, {"product_id": tray.id}, {"kind": "section", "name": "Racks"}, {"product_id": rack.id, "choice": "alternative"})
    assert counted(lines, [lines[2].id]) == {0, 2}
