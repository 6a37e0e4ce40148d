"""A quote on paper: the PDF and the workbook say what the page says; the customer gets his by his link."""

import io
import re

import pytest
import python_calamine
from pypdf import PdfReader
from sqlalchemy import select

from core.credit import actions as credit
from core.documents.samples import RECORDS
from core.identity import roles
from core.loyalty import actions as loyalty
from core.mail.models import MailMessage
from core.parties import queries as parties
from core.parties.actions import create_account, edit_account
from core.products import price_lists
from core.quotes import drafting, lining, queries, sending
from tests.web.quotes.test_pages import quote, sent, tray  # noqa: F401 (fixtures)
from web.quotes import papers


@pytest.fixture(autouse=True)
def counted_anew(monkeypatch):
    monkeypatch.setattr(papers, "WINDOW", 0.001)


def text_of(answer):
    assert answer.status_code == 200 and answer.mimetype == "application/pdf", answer.status_code
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages))


def test_a_draft_says_that_it_is_one_and_a_sent_version_has_its_number_and_totals(world, quote):  # noqa: F811
    rep = world.browser("rep")
    draft = text_of(rep.get(f"/quotes/{quote}/document.pdf?version=1"))
    assert "Steel tray" in draft and "Nordlicht" in draft and "238.00" in draft and "draft" in draft.lower()
    sent(world, quote)
    with world.acme.ctx("rep") as ctx:
        number = queries.one_quote(ctx, quote).number
    text = text_of(rep.get(f"/quotes/{quote}/document.pdf?version=1"))
    assert number in text and "238.00" in text and "Engraving" in text
    assert rep.get(f"/quotes/{quote}/document.pdf?version=2").status_code == 404


def test_the_workbook_has_the_same_lines(world, quote):  # noqa: F811
    answer = world.browser("rep").get(f"/quotes/{quote}/document.xlsx?version=1")
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    cells = [cell for row in rows for cell in row]
    assert any("Steel tray" in str(one) for one in cells) and 238 in cells and "Engraving" in str(cells)


def test_the_customer_gets_his_version_by_his_link_and_nothing_else(world, quote):  # noqa: F811
    token, proof = sent(world, quote)
    client, base = world.app.test_client(), f"http://{world.acme.host}"
    assert "238.00" in text_of(client.get(f"/quote/{token}/document.pdf", base_url=base))
    assert "This quote as PDF" in client.get(f"/quote/{token}", base_url=base).text
    for wrong in (f"/quote/{proof}/document.pdf", "/quote/x/document.pdf", f"/quotes/{quote}/document.pdf?version=1"):
        assert client.get(wrong, base_url=base).status_code in (302, 303, 401, 404), wrong
    assert client.get(f"/quote/{token}/document.pdf", base_url=f"http://{world.globex.host}").status_code == 404
    with world.acme.ctx("rep") as ctx:
        sending.withdraw(ctx, queries.one_quote(ctx, quote))
    assert client.get(f"/quote/{token}/document.pdf", base_url=base).status_code == 404


@pytest.mark.parametrize("is_sent", [False, True])
def test_no_paper_goes_by_mail_that_says_less_than_the_customers_own(world, quote, is_sent):  # noqa: F811
    with world.acme.ctx("owner") as ctx:
        found = queries.one_quote(ctx, quote)
        edit_account(ctx, parties.one_account(ctx, found.account_id), vat_id="DE811569869")
        was = roles.one_role(ctx, "sales").hidden
    if is_sent:
        sent(world, quote)

    def mailed(hidden):
        with world.acme.ctx("owner") as ctx:
            roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=hidden)
        return world.browser("rep").post("/mail/", {"to": "berta@customer.example", "subject": f"Trays {is_sent}", "body": "Here it is.", "kind": "quote", "key": str(quote), "paper": "1"})

    refused, kept = mailed(["accounts.vat_id"]), mailed(["accounts.notes"])
    assert refused.status_code == 422 and "Your role does not show you all that this paper says of the customer." in refused.text and kept.status_code == 303
    with world.acme.ctx("owner") as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), hidden=list(was))
        assert ctx.session.execute(select(MailMessage).where(MailMessage.subject == f"Trays {is_sent}")).scalar_one()


def test_the_paper_says_no_cost_and_no_reason_of_ours(world, quote):  # noqa: F811
    text = text_of(world.browser("owner").get(f"/quotes/{quote}/document.pdf?version=1"))
    assert "60.00" not in text and "own price" not in text


def test_lines_follow_tier_and_grade_of_the_customer_and_do_not_tell_the_grade(world, tray):  # noqa: F811
    with world.acme.ctx("owner") as ctx:
        price_lists.set_tier(ctx, tier="Gold", percent="10")
        him = create_account(ctx, name="Graded")
        ctx.session.flush()
        credit.set_grade(ctx, parties.one_account(ctx, him.id), grade="big_good", reason="x", until_on="2099-01-01")
        loyalty.set_tier(ctx, him, tier="Gold", reason="x", until_on="2099-01-01")
        found = drafting.create_quote(ctx, name="Graded quote", account_id=him.id)
        lining.save_lines(ctx, found, [{"product_id": tray, "quantity": "1"}])
        line = queries.lines_of(ctx, queries.newest(ctx, found))[0]
        assert line.unit_price == 100 * (100 - 10) / 100 * (100 - 5) / 100 and [one["code"] for one in line.reasons] == ["own_price", "standing_discount", "kept_discount"]
        key = found.id
    page = world.browser("owner").get(f"/quotes/{key}/lines").text
    assert "Minus 10 % for the tier Gold." in page and "that this customer always gets" in page and "Big, pays well" not in page


def test_print_templates_are_looked_at_with_quotes_that_one_sees(world, quote):  # noqa: F811
    with world.acme.ctx("rep") as ctx:
        assert quote in {key for key, _ in RECORDS["quote"].offered(ctx)}
        assert RECORDS["quote"].paper(ctx, quote).customer.name == "Nordlicht"
    with world.acme.ctx("colleague") as ctx:
        assert quote not in {key for key, _ in RECORDS["quote"].offered(ctx)}
