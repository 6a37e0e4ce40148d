"""Pages of accounts and contacts: lists, forms, conflicts, hostile input, statements."""

import re

import pytest
from sqlalchemy import func, select, text

from core.parties import actions, queries
from core.parties.models import Account, Contact
from tests.support.statements import counted

HX = {"HX-Request": "true"}


def hidden(page, name):
    """The value of a hidden field."""
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def form_of(page):
    """All fields of the edit form as a browser would send them back."""
    part = page[page.index('data-draft="'):]
    fields = {name: value for name, value in re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', part) if not name.startswith("is_")}
    fields |= {name: value.strip("\r\n") for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', part)}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', part, re.S):
        chosen = re.search(r'<option selected[^>]*value="([^"]*)"|<option[^>]*value="([^"]*)"[^>]*selected', options)
        fields[name] = (chosen[1] or chosen[2] or "") if chosen else ""
    fields |= {name: "1" for name in re.findall(r'<input [^>]*checked[^>]*name="(is_[a-z]+)"', part)}
    return fields


def test_why_no_tax_is_due_is_chosen_shown_found_and_changed_where_it_stands(world):
    rep = world.browser("rep")
    place = rep.post("/accounts", {"name": "Norrsken Sverige", "tax_relief": "AE"}).location
    page = rep.get(place).text
    assert "Why no tax is due" in page and "Reverse charge" in page
    listed = rep.get("/accounts?columns=tax_relief&filter[tax_relief][eq]=AE&view=all").text
    assert "Norrsken Sverige" in listed and "Reverse charge" in listed and "Norrsken Sverige" not in rep.get("/accounts?filter[tax_relief][eq]=E&view=all").text
    form = form_of(rep.get(f"{place}/edit").text)
    assert form["tax_relief"] == "AE"
    assert rep.post(place, form | {"tax_relief": "because"}).status_code == 422
    assert "Exempt" in rep.post(f"{place}/fields", {"tax_relief": "E"}, headers=HX).text
    assert "Reverse charge" in rep.get(f"{place}/history").text  # what it was
    rep.post(place, form_of(rep.get(f"{place}/edit").text) | {"tax_relief": ""})
    with world.acme.ctx("owner") as ctx:
        assert ctx.session.execute(select(Account.tax_relief).where(Account.name == "Norrsken Sverige")).scalar_one() is None


def test_an_account_is_made_and_shown(world):
    browser = world.browser("rep")
    answer = browser.post("/accounts", {"name": "Nordlicht Optik GmbH", "city": "Hamburg", "is_customer": "y", "tags": "fair, VIP", "website": "nordlicht.example"})
    page = browser.get(answer.location).text
    for shown in ("Nordlicht Optik GmbH", "Hamburg", "Customer", "fair", "nordlicht.example", "created this account"):
        assert shown in page
    assert "Nordlicht Optik GmbH added" in page and "Nordlicht Optik GmbH added" not in browser.get(answer.location).text


@pytest.mark.parametrize("things", ["accounts", "contacts"])
def test_the_whole_form_as_a_browser_sends_it_is_accepted(world, records, things):
    """Every field that was left empty is sent as empty, on a new record and on an old one."""
    rep = world.browser("rep")
    answer = rep.post(f"/{things}", form_of(rep.get(f"/{things}/new").text) | {"name": "As sent"})
    assert answer.status_code == 303
    again = rep.post(answer.location, form_of(rep.get(f"{answer.location}/edit").text) | {"notes": "two\r\nlines"})
    assert again.status_code == 303
    with world.acme.ctx() as ctx:
        record = ctx.session.get(Account if things == "accounts" else Contact, answer.location.rsplit("/", 1)[1])
        assert (record.version, record.notes) == (2, "two\nlines")


def test_an_account_named_without_script_is_found_by_its_name(world, records):
    browser = world.browser("rep")
    answer = browser.post("/contacts", {"name": "Typed", "account_id": "", "account_id_text": "nordlicht  OPTIK"})
    assert answer.status_code == 422  # several of that name
    key = browser.post("/accounts", {"name": "Only One Such"}).location.rsplit("/", 1)[1]
    contact = browser.post("/contacts", {"name": "Typed", "account_id": "", "account_id_text": "only one SUCH"}).location.rsplit("/", 1)[1]
    with world.acme.ctx() as ctx:
        assert str(ctx.session.get(Contact, contact).account_id) == key


@pytest.mark.parametrize(("field", "value", "says"), [
    ("name", "", "required"), ("name", "x" * 10_000, "200"), ("name", "bad\x01name", "control characters"), ("name", "evil\u202egnp.exe", "control characters"),
    ("mail", "half@", "mail address"), ("employees", "a lot", "whole number"), ("website", "javascript:alert(1)", "web address"), ("annual_revenue", "much", "digits"),
    ("notes", "x" * 20_001, "20000"), ("parent_id", "nonsense", "listed values"), ("phone", "ring me", "phone number"),
])
def test_a_bad_field_brings_the_form_back_with_everything_typed(world, records, field, value, says):
    typed = {"name": "Kept Name", "city": "Kept City", "notes": "Kept\nnotes", "employees": "12", field: value}
    for path in ("/accounts", f"/accounts/{records.account}"):
        answer = world.browser("rep").post(path, typed)
        assert answer.status_code == 422 and "Kept City" in answer.text
        if path == "/accounts" or field != "notes":
            error = re.search(rf'id="{field}-err">.*?<span>(.*?)</span>', answer.text, re.S)
            assert error and says in error[1], error
        if field != "name":
            assert "Kept Name" in answer.text
    with world.acme.ctx() as ctx:
        assert ctx.session.get(Account, records.account).city == "Hamburg"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "{% raw %}", "'; DROP TABLE account; --", "%(actor)s %s %d", "\\x00", "=1+1", "😀" * 40])
def test_hostile_names_are_only_text(world, hostile):
    browser = world.browser("rep")
    answer = browser.post("/accounts", {"name": hostile, "city": hostile, "tags": hostile.replace(",", " ")[:50], "notes": hostile})
    assert answer.status_code == 303
    key = answer.location.rsplit("/", 1)[1]
    browser.post(f"/accounts/{key}/activities", {"kind": "call", "body": hostile, "next_contact": "tomorrow", "next_contact_note": hostile})
    browser.post("/contacts", {"name": hostile, "account_id": key, "job_title": hostile})
    for path in (answer.location, f"{answer.location}/edit", "/accounts", "/contacts", "/", f"/palette?q={key}", "/search?q=alert"):
        page = browser.get(path)
        assert page.status_code == 200 and "<script>alert" not in page.text and "<img src=x" not in page.text and ">49<" not in page.text
    with world.acme.ctx() as ctx:
        assert ctx.session.get(Account, key).name == hostile


@pytest.mark.parametrize("query", [
    "q=%00", "q=%E2%80%AE", "sort=name%3B%20DROP", "sort=created_by", "owner=%27%20OR%201", "kind=x", "role=is_admin", "cursor=AAAA", "cursor=%00", "cursor=" + "a" * 3000,
    "tag=%00a", "cursor=eyJhIjoxfQ", "rows=1&cursor=W10",
])
def test_an_address_that_was_tampered_with_is_refused_in_words(world, query):
    for path in ("/accounts", "/contacts"):
        answer = world.browser("owner").get(f"{path}?{query}")
        assert answer.status_code == (400 if "%00" in query else 422) and b"Traceback" not in answer.data, (path, query)


@pytest.mark.parametrize("query", ["q=" + "%25_" * 200, "q=" + "a" * 5000, "q=%27%22%3B--", "tag=%7Ba%2Cb%7D", "q=%5C", "q=%F0%9F%98%80", "q=%ff%fe", "unknown=1", "rows=x"])
def test_a_strange_address_is_answered(world, query):
    for path in ("/accounts", "/contacts", "/search", "/palette"):
        assert world.browser("owner").get(f"{path}?{query}").status_code == 200


def test_the_form_merges_two_people_and_asks_about_the_same_field(world, records):
    rep, manager, path = world.browser("rep"), world.browser("manager"), f"/accounts/{records.account}"
    first, second = form_of(rep.get(f"{path}/edit").text), form_of(manager.get(f"{path}/edit").text)
    assert manager.post(path, second | {"city": "Lübeck", "industry": "Retail"}).status_code == 303
    assert rep.post(path, first | {"phone": "040 999 99"}).status_code == 303
    with world.acme.ctx() as ctx:
        account = queries.one_account(ctx, records.account)
        assert (account.city, account.industry, account.phone, account.is_customer) == ("Lübeck", "Retail", "040 999 99", True)
    answer = rep.post(path, first | {"city": "Plön", "country": "Germany"})
    assert answer.status_code == 409 and all(value in answer.text for value in ("Lübeck", "Plön", "Hamburg", "Manager"))
    with world.acme.ctx() as ctx:
        assert queries.one_account(ctx, records.account).country is None  # nothing half-saved
    choice = answer.text[answer.text.index('class="conflict"'):]
    sent = {name: value for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', choice)}
    assert rep.post(path, sent | {"keep_city": "mine"}).status_code == 303
    with world.acme.ctx() as ctx:
        account = queries.one_account(ctx, records.account)
        assert (account.city, account.country, account.industry) == ("Plön", "Germany", "Retail")


def test_in_a_conflict_the_others_value_can_stay(world, records):
    rep, path = world.browser("rep"), f"/accounts/{records.account}"
    first = form_of(rep.get(f"{path}/edit").text)
    world.browser("manager").post(f"{path}/fields", {"city": "Lübeck", "_was_city": "Hamburg", "_version": "1"}, headers=HX)
    answer = rep.post(path, first | {"city": "Plön", "country": "Germany"})
    choice = answer.text[answer.text.index('class="conflict"'):]
    sent = {name: value for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', choice)}
    rep.post(path, sent | {"keep_city": "theirs"})
    with world.acme.ctx() as ctx:
        account = queries.one_account(ctx, records.account)
        assert (account.city, account.country) == ("Lübeck", "Germany")


def test_a_value_is_edited_where_it_stands(world, records):
    rep, path = world.browser("rep"), f"/accounts/{records.account}/fields"
    answer = rep.post(path, {"city": "Kiel", "_was_city": "Hamburg", "_version": "1"}, headers=HX)
    assert answer.status_code == 200 and 'id="prop-city"' in answer.text and 'data-version="2"' in answer.text and "<html" not in answer.text
    again = rep.post(path, {"phone": "040 777 77", "_was_phone": "040 555 01", "_version": "1"}, headers=HX)
    assert again.status_code == 200  # another field: no conflict
    clash = rep.post(path, {"city": "Plön", "_was_city": "Hamburg", "_version": "1"}, headers=HX)
    assert (clash.status_code, clash.headers["HX-Retarget"]) == (409, "#modal") and "Kiel" in clash.text and "<html" not in clash.text
    bad = rep.post(path, {"mail": "half@", "_was_mail": "", "_version": "3"}, headers=HX)
    assert bad.status_code == 422 and "mail address" in bad.text
    assert rep.post(path, {"deleted_at": "2020-01-01"}, headers=HX).status_code == 422
    assert rep.post(path, {"city": "Ulm"}).status_code == 303  # without script


@pytest.mark.parametrize(("typed", "kept", "doubted"), [("DE 136695976", "DE136695976", False), ("de136695977", "DE136695977", True), ("12-3456789", "123456789", False)])
def test_a_vat_number_whose_check_digit_does_not_fit_is_kept_and_said(world, typed, kept, doubted):
    rep = world.browser("rep")
    page = rep.get(rep.post("/accounts", {"name": "Taxed", "vat_id": typed}).location).text
    assert kept in page and ("The check digit does not fit" in page) is doubted
    refused = rep.post("/accounts", {"name": "Taxed", "vat_id": "DE12"})
    assert refused.status_code == 422 and "not how VAT numbers of that country are written" in refused.text and 'value="DE12"' in refused.text


def test_deleting_leaves_a_way_back(world, records):
    rep = world.browser("rep")
    for path in (f"/contacts/{records.contact}", f"/accounts/{records.account}"):
        page = rep.get(rep.post(f"{path}/deletion").location).text
        undo = re.search(rf'action="({path}/restoration)"', page)[1]
        assert rep.get(path).status_code == 404
        assert world.browser("colleague").post(undo).status_code == 404 and world.browser("reader").post(undo).status_code == 403
        assert rep.post(undo).status_code == 303 and rep.get(path).status_code == 200


def test_a_list_shows_fifty_and_the_next_ones_by_a_real_link(world):
    with world.globex.ctx() as ctx:
        ctx.session.execute(text("INSERT INTO contact (name) SELECT 'Person ' || lpad(i::text, 3, '0') FROM generate_series(1, 120) i"))
    browser, seen, path = world.browser("owner", world.globex), [], "/contacts?q=person"
    while path:
        page = browser.get(path).text
        names = re.findall(r'class="open" href="[^"]+">(Person \d+)<', page)
        assert len(names) in (50, 20)
        seen += names
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = following[1].replace("&amp;", "&") if following else None
    assert seen == [f"Person {i:03}" for i in range(1, 121)]
    first = browser.get("/contacts?q=person").text
    rows = browser.get(re.search(r'hx-get="([^"]+rows=1)"', first)[1].replace("&amp;", "&"), headers=HX).text
    assert rows.count("<tr") == 51 and "<table" not in rows and "<html" not in rows and "120 entries" in first


def test_the_search_box_gets_the_list_alone(world, records):
    part = world.browser("rep").get("/accounts?q=nord", headers=HX).text
    assert 'id="list"' in part and "Nordlicht" in part and "<html" not in part and 'role="search"' not in part


def test_an_empty_list_says_what_to_do_and_a_fruitless_search_what_to_drop(world):
    from tests.support.world import House

    browser = world.browser("owner", House("empty" + world.acme.tenant.slug[-6:]))
    page = browser.get("/accounts").text
    assert "No accounts yet" in page and 'href="/accounts/new"' in page
    page = browser.get("/accounts?q=zzz&role=supplier").text
    assert "Nothing found" in page and "Without Role" in page and 'href="/accounts?q=zzz"' in page


def test_the_preview_is_a_part(world, records):
    for path in (f"/accounts/{records.account}", f"/contacts/{records.contact}"):
        part = world.browser("rep").get(path, headers=HX | {"HX-Target": "aside#peek"}).text
        assert "<h2>" in part and "data-close-peek" in part and "<html" not in part and "Wants a quote" in part


def test_duplicates_are_shown_and_block_nothing(world, records):
    rep = world.browser("rep")
    path = rep.post("/accounts", {"name": "Quittenhof Kelterei"}).location
    part = rep.get("/accounts/duplicates?name=Quittenhof+Kelteri", headers=HX).text
    assert path in part and "similar name" in part
    assert path not in rep.get(f"/accounts/duplicates?name=Quittenhof+Kelterei&_id={path.rsplit('/', 1)[1]}").text
    hidden_part = world.browser("colleague").get("/contacts/duplicates?mail=sofie@nordlicht.example").text
    assert "no access" in hidden_part and "Sofie" not in hidden_part and str(records.contact) not in hidden_part
    assert rep.post("/accounts", {"name": "Quittenhof Kelterei"}).status_code == 303


@pytest.mark.parametrize(("path", "most"), [
    ("/accounts", 5), ("/contacts", 5), ("/contacts?q=sofie", 6), ("/accounts/{account}", 10), ("/contacts/{contact}", 10), ("/", 4), ("/palette?q=nord", 4), ("/accounts/new", 3),
])
def test_pages_send_few_statements(world, records, path, most):
    browser, path = world.browser("rep"), path.format(account=records.account, contact=records.contact)
    browser.get(path)
    with counted() as sent:
        assert browser.get(path).status_code == 200
    assert len(sent) <= most, sent


def test_more_rows_send_no_more_statements(world):
    with world.globex.ctx() as ctx:
        account = actions.create_account(ctx, name="Many people")
        key = account.id
    browser = world.browser("owner", world.globex)
    counts = []
    for _ in range(2):
        browser.get(f"/accounts/{key}")  # the directory of tenants is read at most every few seconds
        with counted() as sent:
            browser.get(f"/accounts/{key}")
        counts.append(len(sent))
        with world.globex.ctx() as ctx:
            for i in range(20):
                actions.create_contact(ctx, name=f"P{i}", account_id=key)
    assert counts[0] == counts[1]


def test_nothing_is_made_twice_by_one_form(world, records):
    """The count of rows after a refused form is what it was before."""
    with world.acme.ctx() as ctx:
        before = ctx.session.execute(select(func.count()).select_from(Account)).scalar_one()
    world.browser("rep").post("/accounts", {"name": "X", "mail": "half@"})
    with world.acme.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Account)).scalar_one() == before


def test_a_number_reads_the_same_in_the_list_and_on_the_record(world):
    with world.acme.ctx("rep") as ctx:
        account = actions.create_account(ctx, name="One Spelling", country="DE", phone="0421 / 33 44-55")
        ctx.session.flush()
        contact = actions.create_contact(ctx, name="One Speller", account_id=account.id, mobile="0171 7771236")
        ctx.session.flush()
        keys = account.id, contact.id
    rep = world.browser("rep")
    for path, asked, said in ((f"/accounts/{keys[0]}", "/accounts?q=One+Spelling&columns=phone", "+49 421 334455"), (f"/contacts/{keys[1]}", "/contacts?q=One+Speller&columns=mobile", "+49 171 7771236")):
        assert said in rep.get(path).text and said in re.sub(r"<[^>]+>", "", rep.get(asked).text)
    answer = rep.post(f"/contacts/{keys[1]}/fields", {"mobile": "0171 7771237", "_cell": "1", "_columns": "mobile"})
    assert "+49 171 7771237</td>" in answer.text and 'data-raw="0171 7771237"' in answer.text


def test_an_account_s_page_opens_its_website_and_says_when_it_was_founded(world):
    with world.acme.ctx("rep") as ctx:
        account = actions.create_account(ctx, name="Openable", website="openable.example", founded_year=1987, annual_revenue="500000")
        contact = actions.create_contact(ctx, name="Without Account")
        ctx.session.flush()
        keys = account.id, contact.id
        assert account.currency == ctx.tenant.currency
        other = actions.create_account(ctx, name="Said", annual_revenue="5", currency="CHF")
        later = actions.create_account(ctx, name="Later")
        ctx.session.flush()
        actions.edit_account(ctx, later, annual_revenue="7")
        actions.edit_account(ctx, other, annual_revenue="8")
        assert (other.currency, later.currency) == ("CHF", ctx.tenant.currency)
    rep = world.browser("rep")
    text = rep.get(f"/accounts/{keys[0]}").text
    assert 'href="https://openable.example" target="_blank" rel="noopener noreferrer"' in text
    assert re.search(r"<dt>Founded in</dt><dd>.{0,600}1987", text)
    assert f'href="/contacts/{keys[1]}/edit#account_id"' in rep.get(f"/contacts/{keys[1]}").text
