"""The pages of quotes as people use them without script, what programs are told, and what the customer sees by his link."""

import io
import re
from dataclasses import replace
from decimal import Decimal as D

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from core.deals import actions as deals
from core.parties import actions as parties
from core.products import actions as products
from core.products import arranging
from core.quotes import drafting, lining, mailing, queries, sending
from core.quotes.models import Quote
from tests.support.statements import counted
from web.quotes import customer


@pytest.fixture(autouse=True)
def counted_anew(monkeypatch):
    """Each test is a network of its own."""
    monkeypatch.setattr(customer, "WINDOW", 0.001)


@pytest.fixture
def rep(world):
    return world.browser("rep")


@pytest.fixture(scope="module")
def tray(world):
    with world.acme.ctx("owner") as ctx:
        tax = arranging.add_tax_code(ctx, name="VAT 19", percent="19")
        return products.create_product(ctx, code="TRAY", name="Steel tray", price="100", cost="60", tax_code_id=tax.id).id


@pytest.fixture
def quote(world, tray):
    """A quote of the rep's over two trays, with an option; still a draft."""
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        found = drafting.create_quote(ctx, name="Trays for Kiel", account_id=account.id)
        lining.save_lines(ctx, found, [{"product_id": tray, "quantity": "2"}, {"name": "Engraving", "unit_price": "12.50", "choice": "optional"}])
        return found.id


def sent(world, quote):
    with world.acme.ctx("rep") as ctx:
        version = sending.send_quote(ctx, queries.one_quote(ctx, quote))
        return version.token, version.proof


def read(world, quote):
    with world.acme.ctx("owner") as ctx:
        found = queries.one_quote(ctx, quote)
        return found, queries.newest(ctx, found)


def typed(text):
    """What the fields of the lines' form hold, as a browser sends it back."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", text):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1].startswith(("l", "rows", "_version")) and name[1] not in found:
            found[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select[^>]*name="(l\d+-[^"]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'selected value="([^"]*)"', body)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_quote_from_a_deal_is_written_line_by_line_by_enter(world, rep, tray):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Hof Kiel")
        ctx.session.flush()
        deal = deals.create_deal(ctx, name="Forty trays", account_id=account.id).id
    assert f"/quotes/new?deal={deal}" in rep.get(f"/deals/{deal}").get_data(as_text=True)
    form = rep.get(f"/quotes/new?deal={deal}").get_data(as_text=True)
    assert "Hof Kiel" in form and "From the deal Forty trays" in form
    answer = rep.post("/quotes", {"name": "Forty trays", "account_id": str(account.id), "account_id_text": "Hof Kiel", "deal_id": str(deal), "currency": "EUR"})
    assert answer.status_code == 303 and answer.location.endswith("/lines")
    page = rep.get(answer.location).get_data(as_text=True)
    fields = typed(page)
    assert fields["rows"] == "1"
    again = rep.post(answer.location, fields | {"l0-product_id_text": "tray", "l0-quantity": "3"})
    assert again.status_code == 303 and "next=1" in again.location
    page = rep.get(again.location.split("#")[0]).get_data(as_text=True)
    assert "Steel tray" in page and "357.00 EUR" in page and "is the product" in page and len(re.findall(r"name=\"l1-product_id_text\"[^>]* autofocus", page)) == 1
    fields = typed(page)
    assert fields["rows"] == "2" and fields["l0-unit_price"] == "100"
    rep.post(answer.location, fields | {"l1-product_id_text": "Delivery", "l1-unit_price": "20"})
    page = rep.get(answer.location).get_data(as_text=True)
    assert "Delivery" in page and "377.00 EUR" in page
    fields = typed(page)
    rep.post(answer.location, fields | {"up": "1"})
    assert [one.name for one in lines(world, deal)] == ["Delivery", "Steel tray"]
    rep.post(answer.location, typed(rep.get(answer.location).get_data(as_text=True)) | {"gone": "0", "back": "1"})
    assert [one.name for one in lines(world, deal)] == ["Steel tray"]
    assert "Forty trays" in rep.get(f"/deals/{deal}").get_data(as_text=True)


def lines(world, deal):
    from sqlalchemy import select

    from core.quotes.models import Quote

    with world.acme.ctx("owner") as ctx:
        found = ctx.session.execute(select(Quote).where(Quote.deal_id == deal)).scalar_one()
        return queries.lines_of(ctx, queries.newest(ctx, found))


def test_what_is_wrong_is_said_by_line_and_what_was_typed_stays(world, rep, quote):
    url = f"/quotes/{quote}/lines"
    fields = typed(rep.get(url).get_data(as_text=True))
    answer = rep.post(url, fields | {"l1-unit_price": "twelve", "l0-discount": "200"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Line 1: " in page and "Line 2: " in page and 'value="twelve"' in page
    stale = fields | {"_version": "1"}
    assert rep.post(url, fields | {"l0-quantity": "3"}).status_code == 303
    assert rep.post(url, stale).status_code == 409


def test_the_list_finds_by_number_and_filters(world, rep, quote):
    sent(world, quote)
    found, _ = read(world, quote)
    page = rep.get("/quotes").get_data(as_text=True)
    assert found.number in page and "238.00 EUR" in page and "Nordlicht" in page
    assert found.number in rep.get(f"/quotes?q={found.number.lower()}").get_data(as_text=True)
    assert found.number not in rep.get("/quotes?filter[state][eq]=accepted").get_data(as_text=True)
    assert found.number in rep.get(f"/search?q={found.number}").get_data(as_text=True)
    csv = rep.post("/quotes/exports", {})
    assert csv.status_code == 200 and found.number in csv.get_data(as_text=True)
    assert "Excel (XLSX)" in rep.get("/quotes/exports/new?columns=number,account").get_data(as_text=True)
    answer = rep.post("/quotes/exports", {"format": "xlsx", "fields": "view", "columns": "number,account,total,sent_at"})
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data())).get_sheet_by_index(0).to_python()
    assert head == ["Subject", "Number", "Account", "Total", "Sent on"] and [found.number, "Nordlicht", 238.0] in [row[1:4] for row in rows]
    assert rep.post("/quotes/exports", {"format": "vcard"}).status_code == 422


@pytest.mark.parametrize("room", ["quotes", "deals"])
def test_a_list_taken_out_names_no_account_to_whoever_may_not_read_accounts(world, quote, room):
    from core.transfer.exporting import Filters
    from core.transfer.wanted import Wanted, take_out

    def taken():
        with world.acme.ctx("rep") as ctx:
            actor = replace(ctx.actor, permissions=frozenset({f"{room}.read", f"{room}.export", *kept}))
            file = io.BytesIO()
            take_out(replace(ctx, actor=actor), Wanted(room, Filters()), file)
            return file.getvalue().decode()

    with world.acme.ctx("rep") as ctx:
        deals.create_deal(ctx, name="Trays", account_id=ctx.session.get_one(Quote, quote).account_id)
    kept = ("accounts.read",)
    assert "Nordlicht" in taken()
    kept = ()
    assert "Nordlicht" not in taken()


def test_it_is_sent_revised_withdrawn_and_answered_on_its_page(world, rep, quote):
    assert rep.post(f"/quotes/{quote}/sending", {"valid_until": "2020-01-01"}).status_code == 422
    answer = rep.post(f"/quotes/{quote}/sending", {"valid_until": "2099-01-01"})
    page = rep.get(answer.location).get_data(as_text=True)
    found, version = read(world, quote)
    assert f"{found.number} is sent" in page and f"/quote/{version.token}" in page and "What the customer told you" in page
    assert rep.post(f"/quotes/{quote}/deletion").status_code == 303 and read(world, quote)[0].deleted_at is None
    assert rep.post(f"/quotes/{quote}/versions").location.endswith("/lines")
    rep.post(f"/quotes/{quote}/sending", {})
    assert [one.state for one in versions(world, quote)] == ["sent", "superseded"]
    assert rep.post(f"/quotes/{quote}/acceptance", {"name": ""}).status_code == 422
    assert rep.post(f"/quotes/{quote}/refusal", {"name": "Inga", "note": "Too dear"}).status_code == 303
    page = rep.get(f"/quotes/{quote}").get_data(as_text=True)
    assert "Too dear" in page and "by a colleague" in page and "declined the quote" in page
    reader = world.browser("colleague").get(f"/quotes/{quote}")
    assert reader.status_code == 404


def versions(world, quote):
    with world.acme.ctx("owner") as ctx:
        return queries.versions(ctx, queries.one_quote(ctx, quote))


def test_the_customer_chooses_writes_and_accepts_without_signing_in(world, quote):
    token, proof = sent(world, quote)
    stranger = world.browser()
    answer = stranger.get(f"/quote/{token}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "Steel tray" in page and "238.00 EUR" in page and "Engraving" in page and "Margin" not in page and "60" not in re.sub(r"<[^>]+>", "", page).replace("2026", "")
    assert answer.headers["Referrer-Policy"] == "no-referrer" and answer.headers["Cache-Control"] == "no-store" and "noindex" in answer.headers["X-Robots-Tag"]
    option = re.search(r'name="option" value="([^"]+)"', page)[1]
    assert "250.50 EUR" in stranger.get(f"/quote/{token}?option={option}").get_data(as_text=True)
    assert stranger.post(f"/quote/{token}/comments", {"name": "Inga", "note": "When can you deliver?"}).status_code == 303
    assert "When can you deliver?" in world.browser("rep").get(f"/quotes/{quote}").get_data(as_text=True)
    assert stranger.post(f"/quote/{token}/acceptance", {"name": ""}).status_code == 422
    assert stranger.post(f"/quote/{token}/acceptance", {"name": "<b>Inga</b>", "option": option}).status_code == 303
    page = stranger.get(f"/quote/{token}").get_data(as_text=True)
    assert "Accepted by &lt;b&gt;Inga&lt;/b&gt;" in page and "250.50 EUR" in page and "Accept this quote" not in page
    found, version = read(world, quote)
    assert (found.state, found.total, version.decided_name, version.decided_from) == ("accepted", D("250.50"), "<b>Inga</b>", "127.0.0.1")
    assert stranger.post(f"/quote/{token}/refusal", {"name": "Inga"}).status_code == 409
    assert "Valid: " in stranger.get(f"/quote/check/{proof}").get_data(as_text=True)


def test_a_paper_says_whether_it_holds_and_an_old_link_leads_nowhere(world, rep, quote):
    token, proof = sent(world, quote)
    rep.post(f"/quotes/{quote}/versions")
    rep.post(f"/quotes/{quote}/sending", {})
    stranger = world.browser()
    page = stranger.get(f"/quote/check/{proof}").get_data(as_text=True)
    assert "Superseded by version 2" in page and "Who answers for it" in page and "Steel tray" not in page and token not in page
    assert stranger.post(f"/quote/{token}/acceptance", {"name": "Inga"}).status_code == 409
    assert "Version 2 has taken the place" in stranger.get(f"/quote/{token}").get_data(as_text=True)
    rep.post(f"/quotes/{quote}/withdrawal")
    second = versions(world, quote)[0]
    assert "Withdrawn" in stranger.get(f"/quote/check/{second.proof}").get_data(as_text=True)


def test_a_link_opens_nothing_elsewhere(world, quote):
    token, proof = sent(world, quote)
    other = world.browser(house=world.globex)
    for path in (f"/quote/{token}", f"/quote/check/{proof}", f"/quote/{proof}", f"/quote/check/{token}", "/quote/x", "/quote/" + "a" * 3000):
        assert other.get(path).status_code == 404
    for path in (f"/quote/{proof}", f"/quote/check/{token}"):
        assert world.browser().get(path).status_code == 404


def test_who_looks_too_often_waits(world, quote, monkeypatch):
    token, _ = sent(world, quote)
    monkeypatch.setattr(customer, "WINDOW", 60)
    stranger = world.browser()
    seen = {stranger.post(f"/quote/{token}/comments", {"note": ""}).status_code for _ in range(25)}
    assert seen == {422, 429}


def test_a_conflict_is_asked_about_and_approved_on_the_page(world, rep, quote, tray):
    with world.acme.ctx("owner") as ctx:
        account = queries.one_quote(ctx, quote).account_id
        theirs = drafting.create_quote(ctx, name="The owner's", account_id=account)
        lining.save_lines(ctx, theirs, [{"product_id": tray, "discount": "15"}])
        sending.send_quote(ctx, theirs)
    assert "Conflicts with a quote of Owner that still holds" in rep.get(f"/quotes/{quote}/lines").get_data(as_text=True)
    answer = rep.post(f"/quotes/{quote}/sending", {})
    assert answer.status_code == 422 and "Ask for approval first" in answer.get_data(as_text=True)
    assert rep.post(f"/quotes/{quote}/approval-request", {"note": ""}).status_code == 422
    assert rep.post(f"/quotes/{quote}/approval-request", {"note": "Agreed by phone"}).status_code == 303
    manager = world.browser("manager")
    assert "Agreed by phone" in manager.get("/approvals").get_data(as_text=True) and "Agreed by phone" not in rep.get("/approvals").get_data(as_text=True)
    assert manager.post(f"/quotes/{quote}/approval", {"note": ""}).status_code == 303 and "Agreed by phone" not in manager.get("/approvals").get_data(as_text=True)
    assert rep.post(f"/quotes/{quote}/sending", {}).status_code == 303


def test_the_margin_is_shown_to_whom_the_cost_is(world, rep, quote):
    for path in (f"/quotes/{quote}", f"/quotes/{quote}/lines"):
        assert "Margin" in world.browser("owner").get(path).get_data(as_text=True) or path.endswith("lines")
        assert "Margin" not in rep.get(path).get_data(as_text=True)


def test_the_page_of_a_quote_takes_as_many_statements_for_sixty_lines_as_for_two(world, rep, quote, tray):
    def statements():
        with counted() as found:
            rep.get(f"/quotes/{quote}/lines")
        return len(found)

    few = statements()
    with world.acme.ctx("rep") as ctx:
        lining.save_lines(ctx, queries.one_quote(ctx, quote), [{"product_id": tray}] * 60)
    assert statements() <= few


def test_programs_begin_write_send_and_read_quotes(world, tray):
    api = world.api("rep")
    account = api.json("POST", "/api/v1/accounts", {"name": "By program"}).json["id"]
    quote = api.json("POST", "/api/v1/quotes", {"name": "By program", "account_id": account}).json
    assert quote["state"] == "draft" and quote["total"]["currency"] == "EUR"
    path = f"/api/v1/quotes/{quote['id']}"
    at = lambda: {"If-Match": f'"{api.get(f"{path}/versions").json["data"][0]["version"]}"'}  # noqa: E731
    rows = {"lines": [{"product_id": str(tray), "quantity": "2"}, {"kind": "section", "name": "More"}]}
    assert api.json("PUT", f"{path}/lines", rows).status_code == 428
    seen = at()
    written = api.json("PUT", f"{path}/lines", rows, headers=seen).json
    assert api.json("PUT", f"{path}/lines", rows, headers=seen).status_code == 412  # somebody wrote meanwhile
    assert [one["name"] for one in written["lines"]] == ["Steel tray", "More"] and written["lines"][0]["cost"] is None
    assert world.api("owner").get(f"{path}/versions").json["data"][0]["lines"][0]["cost"] == "60"
    wrong = api.json("PUT", f"{path}/lines", {"lines": [{"name": "Work"}]}, headers=at())
    assert wrong.status_code == 422 and wrong.json["errors"][0]["field"] == "lines.0.unit_price"
    version = api.json("POST", f"{path}/sendings", {}).json
    assert version["state"] == "sent" and "/quote/" in version["link"] and "/quote/check/" in version["check_link"]
    assert api.json("POST", f"{path}/acceptances", {"name": "Inga"}).json["state"] == "accepted"
    assert api.get("/api/v1/quotes?filter[state][eq]=accepted").json["data"]
    assert api.get(f"/api/v1/quotes?q={api.get(path).json['number']}").json["data"][0]["id"] == quote["id"]


def test_one_deleted_lies_in_the_bin_of_quotes_and_comes_back(world, rep, quote):
    assert rep.post(f"/quotes/{quote}/deletion").status_code == 303
    assert str(quote) in rep.get("/recycle-bin/quotes").get_data(as_text=True) and f"/quotes/{quote}\"" not in rep.get("/quotes?view=all").get_data(as_text=True)
    rep.post("/recycle-bin/quotes", {"id": str(quote)})
    assert rep.get(f"/quotes/{quote}").status_code == 200


def test_the_list_counts_its_quotes_and_not_their_money(world, quote):
    text = world.browser("owner").get("/quotes?columns=total,net").text
    with world.acme.ctx("owner") as ctx:
        number = ctx.session.execute(select(func.count()).select_from(Quote).where(Quote.deleted_at.is_(None))).scalar_one()
    assert re.findall(r'data-walked="([^"]*)"', text) == [str(number)] and "238.00" in text


def test_the_link_is_mailed_in_the_quotes_language_and_what_became_of_the_letter_is_shown(world, quote):
    rep = world.browser("rep")
    assert rep.post(f"/quotes/{quote}/letters", {"to": "inga@nordlicht.example"}).status_code == 422  # nothing was sent yet
    with world.acme.ctx("rep") as ctx:
        drafting.edit_draft(ctx, queries.one_quote(ctx, quote), language="es")
    token, _ = sent(world, quote)
    refused = rep.post(f"/quotes/{quote}/letters", {"to": "nobody", "message": "Typed here"})
    assert refused.status_code == 422 and "Typed here" in refused.text
    assert rep.post(f"/quotes/{quote}/letters", {"to": "inga@nordlicht.example", "message": "As we said.\nUntil Friday?"}).status_code == 303
    page = rep.get(f"/quotes/{quote}").text
    assert "inga@nordlicht.example" in page and "Waiting" in page
    with world.acme.ctx("owner") as ctx:
        letter = mailing.letters_of(ctx, queries.one_quote(ctx, quote))[0]
        number = queries.one_quote(ctx, quote).number
    assert letter.lang == "es" and number in letter.subject and token in letter.body_text and "As we said.\nUntil Friday?" in letter.body_text and "238" in letter.body_text
    assert letter.reply_to == world.acme.users["rep"].mail and letter.purpose == "transactional"
    assert world.browser("reader").post(f"/quotes/{quote}/letters", {"to": "x@y.example"}).status_code == 403
    made = world.api("rep").json("POST", f"/api/v1/quotes/{quote}/letters", {"to": "kai@nordlicht.example"})
    assert made.status_code == 201 and made.json["to_mail"] == "kai@nordlicht.example"
    assert world.api("rep").json("POST", f"/api/v1/quotes/{quote}/letters", {"to": "x\r\nBcc: y@z.example"}).status_code == 422


def test_options_are_noted_for_the_version_that_waits_while_the_next_is_written_and_stay_ticked(world, quote):
    sent(world, quote)
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        option = next(one.id for one in queries.lines_of(ctx, queries.newest(ctx, queries.one_quote(ctx, quote))) if one.choice)
        drafting.revise(ctx, queries.one_quote(ctx, quote))
    assert f'value="{option}"' in rep.get(f"/quotes/{quote}").text
    again = rep.post(f"/quotes/{quote}/acceptance", {"name": "", "option": str(option)})
    assert again.status_code == 422 and f'value="{option}" checked' in again.text
    assert rep.post(f"/quotes/{quote}/acceptance", {"name": "Inga", "option": str(option)}).status_code == 303
    with world.acme.ctx("owner") as ctx:
        version = queries.version_numbered(ctx, queries.one_quote(ctx, quote), 1)
    assert version.chosen == [str(option)] and version.accepted_total == D("250.50")


def test_texts_typed_over_somebody_elses_lines_stay_in_the_form(world, quote, tray):
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        version = queries.newest(ctx, queries.one_quote(ctx, quote)).version
        lining.save_lines(ctx, queries.one_quote(ctx, quote), [{"product_id": tray}])
    answer = rep.post(f"/quotes/{quote}/draft", {"_version": version, "intro": "Typed with care", "currency": "EUR", "language": "en", "relief": ""})
    assert answer.status_code == 409 and "Typed with care" in answer.text


def test_the_account_is_told_what_was_changed_in_the_words_of_its_reader(world, rep, quote):
    """Not by the names of columns: on the account's timeline as on the quote's."""
    with world.acme.ctx("rep") as ctx:
        found = queries.one_quote(ctx, quote)
        drafting.edit_draft(ctx, found, intro="Dear you")
        account = found.account_id
    pages = [rep.get(f"/accounts/{account}").text, rep.get(f"/quotes/{quote}").text]
    assert all("changed <b>Text before the lines</b>" in page and "changed <b>the lines</b>" in page for page in pages)


def test_an_accepted_quote_asks_whether_its_deal_is_won(world, rep, tray):
    """Only while the deal is open, and only whoever may move it; another amount is named; moved from there it can be taken back."""
    with world.acme.ctx("rep") as ctx:
        deal = deals.create_deal(ctx, name="Forty trays", account_id=parties.create_account(ctx, name="Nordlicht").id, amount="900")
        ctx.session.flush()
        found = drafting.create_quote(ctx, name="Trays", deal_id=deal.id)
        lining.save_lines(ctx, found, [{"product_id": tray, "quantity": "2"}])
        quote, deal = found.id, deal.id
    assert "still open" not in rep.get(f"/quotes/{quote}").text
    token, _ = sent(world, quote)
    assert world.browser().post(f"/quote/{token}/acceptance", {"name": "Inga"}).status_code == 303
    page = rep.get(f"/quotes/{quote}").text
    assert "Its deal is still open" in page and "The deal says 900.00 EUR, the quote 200.00 EUR." in page
    assert "still open" not in world.browser("reader").get(f"/quotes/{quote}").text
    form = re.search(rf'action="(/deals/{deal}/stage)".*?</form>', page, re.S)
    answer = rep.post(form[1], dict(re.findall(r'name="(stage_id|_version)" value="([^"]+)"', form[0])))
    assert answer.status_code == 303 and "Forty trays is won" in rep.get(answer.location).text
    assert "still open" not in rep.get(f"/quotes/{quote}").text
