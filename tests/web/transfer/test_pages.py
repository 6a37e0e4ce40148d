"""The pages of an import through HTTP, with the whole cast."""

import csv
import html
import io
import re
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.parties.actions import create_account, create_contact
from core.parties.models import Account
from core.transfer import fixing, queries, starting, uploading
from core.transfer.models import ExportRun
from tests.support.chunks import one_import_chunk
from tests.support.world import House

MAY, MAY_NOT = ("owner", "manager", "rep", "colleague"), ("reader",)


@pytest.fixture
def tag():
    return f"x{uuid4().hex[:8]}"


def chosen(text: str) -> dict[str, str]:
    """The form of the columns as a browser would send it back untouched."""
    form = text[text.index('id="columns"') :]
    found = dict(re.findall(r'<input[^>]*name="(version)"[^>]*value="(\d+)"', form)) or {"version": re.search(r'name="version"[^>]*value="(\d+)"', form)[1]}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        mark = re.search(r'<option selected value="([^"]*)"', options) or re.search(r'<option value="([^"]*)"', options)
        found[name] = mark[1]
    for tick in re.findall(r"<input[^>]*checked[^>]*type=\"radio\"[^>]*>", form):
        found[re.search(r'name="([^"]+)"', tick)[1]] = re.search(r'value="([^"]*)"', tick)[1]
    return found


def count(house, tag):
    with house.ctx() as ctx:
        return ctx.session.execute(select(func.count()).select_from(Account).where(Account.name.contains(tag), Account.deleted_at.is_(None))).scalar_one()


def test_from_the_file_to_the_result_and_back(world, upload, work, tag):
    browser = world.browser("rep")
    place = upload(f"Company,Sector,Employees\nA {tag},Retail,12\nB {tag},technolgy,many\nC {tag},technolgy,7\n", "rep")
    text = browser.get(place).text
    assert "Company" in text and "Retail · technolgy" in text
    answer = browser.post(f"{place}/check", chosen(text))
    assert answer.status_code == 303
    assert "<progress" in browser.get(place).text
    work("rep")
    text = browser.get(place).text
    assert "Write a whole number" in text and ">many<" in text and "technology" in text and count(world.acme, tag) == 0
    assert browser.post(f"{place}/run", {"version": re.search(r'name="version" value="(\d+)"', text)[1]}).status_code == 303
    work("rep")
    text = browser.get(place).text
    assert "Take the import back" in text and count(world.acme, tag) == 2
    assert browser.post(f"{place}/undo").status_code == 303
    work("rep")
    assert "Taken back" in browser.get(place).text and count(world.acme, tag) == 0


def test_the_maven_file_comes_in_by_the_browser(world, upload, work, data, app):
    house = House(f"mv{uuid4().hex[:6]}")
    browser = world.browser("owner", house)
    place = upload((data / "crm-maven-sales" / "accounts.csv").read_bytes(), house=house, name="accounts.csv")
    browser.post(f"{place}/check", chosen(browser.get(place).text) | {"scale": "1000000"})
    work(house=house)
    text = browser.get(place).text
    assert "technolgy" in text and "technology" in text and "Philipines" in text
    browser.post(f"{place}/run", {"version": re.search(r'name="version" value="(\d+)"', text)[1]})
    work(house=house)
    with house.ctx() as ctx:
        total, hung = ctx.session.execute(select(func.count(), func.count(Account.parent_id)).select_from(Account)).one()
    assert (total, hung) == (85, 15)


@pytest.mark.parametrize("path", ["/imports", "/imports/new"])
def test_who_may_import_sees_the_pages(world, path):
    for who in MAY:
        assert world.browser(who).get(path).status_code == 200
    for who in MAY_NOT:
        assert world.browser(who).get(path).status_code == 403
    assert world.browser(None).get(path).status_code == 303


@pytest.mark.parametrize("verb", ["", "/progress", "/left-out.csv"])
def test_an_import_is_there_for_its_owner_and_those_who_see_all(world, upload, verb, tag):
    place = upload(f"name\nA {tag}\n", "rep")
    for who, status in (("rep", 200), ("manager", 200), ("owner", 200), ("colleague", 404), ("reader", 403)):
        assert world.browser(who).get(place + verb).status_code == status
    assert world.browser("owner", world.globex).get(place + verb).status_code == 404


@pytest.mark.parametrize("verb", ["format", "check", "run", "cancellation", "undo"])
def test_nobody_else_moves_an_import(world, upload, verb, tag):
    place = upload(f"name\nA {tag}\n", "rep")
    assert world.browser("colleague").post(f"{place}/{verb}").status_code == 404
    assert world.browser("reader").post(f"{place}/{verb}").status_code == 403
    assert world.browser("owner", world.globex).post(f"{place}/{verb}").status_code == 404
    assert world.browser("rep").client.post(f"http://{world.acme.host}{place}/{verb}").status_code == 422  # no CSRF token


def test_choices_stay_when_the_form_comes_back(world, upload, tag):
    browser = world.browser("owner")
    place = upload(f"Ort {tag},Wer\nUlm,A\n")
    form = chosen(browser.get(place).text) | {"c0": "city", "c1": "custom", "mode": "both", "on_problem": "stop", "key_field": "mail"}
    answer = browser.post(f"{place}/check", form)
    assert answer.status_code == 422 and "Say which column holds the name." in answer.text
    assert {"c0": "city", "c1": "custom", "mode": "both", "on_problem": "stop", "key_field": "mail"}.items() <= chosen(answer.text).items()


def test_the_encoding_is_chosen_anew(world, upload, tag):
    browser = world.browser("owner")
    place = upload(f"name,city\nИван {tag},Москва\n".encode("cp1251"))
    assert "Москва" in browser.get(place).text
    text = browser.get(place).text
    answer = browser.post(f"{place}/format", {"version": chosen(text)["version"], "encoding": "koi8_r", "delimiter": ","})
    assert answer.status_code == 303 and "Москва" not in browser.get(place).text


BAD = {
    "workbook": (b"PK\x03\x04" + b"\0" * 100, "This file is damaged"), "nothing": (b"", "no rows"), "header only": (b"name,city\n", "no rows"),
    "NUL": (b"name\nA\0\n", "NUL"), "columns": (b"a," * 600, "more than 500 columns"), "quote": (b'a,b\n1,"' + b"x\n" * 100_000, "quotation mark"),
    "picture": (b"\x89PNG\r\n\x1a\n123", "not a text file"),
}


@pytest.mark.parametrize("name", BAD)
def test_hostile_files_get_the_reason_under_the_field(upload, name):
    content, words = BAD[name]
    answer = upload(content, name="customers.csv", status=422)
    assert words in answer.text and 'id="file-err"' in answer.text


def test_no_file_at_all_is_said_so(world):
    answer = world.browser("owner").post("/imports", {"kind": "accounts"}, content_type="multipart/form-data")
    assert answer.status_code == 422 and "Fill in this field." in answer.text


def test_names_of_files_are_shown_and_never_used(world, upload, tag):
    from infra.storage import storage

    before = {str(path) for path in storage().root.rglob("*")} if storage().root.exists() else set()
    place = upload(f"name\nA {tag}\n", name='../../<script>alert(1)</script>"\u202e.csv')
    text = world.browser("owner").get(place).text
    assert "<script>alert" not in text and "\u202e" not in text
    new = {str(path) for path in storage().root.rglob("*") if path.is_file()} - before
    assert len(new) == 1 and re.search(r"/[0-9a-f-]{36}/[0-9a-f]{2}/[0-9a-f]{40}$", new.pop())


def test_cells_of_the_file_are_text_on_the_page(world, upload, tag):
    place = upload(f'name,"<img src=x onerror=alert(1)>"\nA {tag},<b>bold</b>\n')
    text = world.browser("owner").get(place).text
    assert "<img" not in text and "<b>bold" not in text and "&lt;b&gt;bold" in text


def test_a_finished_part_sends_the_browser_to_the_result(world, upload, work, tag):
    browser = world.browser("owner")
    place = upload(f"name\nA {tag}\n")
    browser.post(f"{place}/check", chosen(browser.get(place).text))
    assert "HX-Redirect" not in browser.get(f"{place}/progress").headers
    work()
    assert browser.get(f"{place}/progress").headers["HX-Redirect"] == place


def test_the_rows_left_out_can_be_corrected_and_brought_again(world, upload, work, tag):
    browser = world.browser("owner")
    place = upload(f'name,employees\nA {tag},12\n"=cmd|x {tag}",many\n')
    browser.post(f"{place}/check", chosen(browser.get(place).text))
    work()
    rows = list(csv.reader(io.StringIO(browser.get(f"{place}/left-out.csv").text.removeprefix("\ufeff"))))
    assert rows[0] == ["Line", "Problem", "name", "employees"] and rows[1][0] == "3" and rows[1][2] == f"'=cmd|x {tag}"
    assert rows[1][1].startswith("employees: Write a whole number") and len(rows) == 2


def imported(world, upload, work, text, who="owner"):
    """The address of an import that has run."""
    browser, place = world.browser(who), upload(text, who)
    browser.post(f"{place}/check", chosen(browser.get(place).text))
    work(who)
    browser.post(f"{place}/run", {"version": re.search(r'name="version" value="(\d+)"', browser.get(place).text)[1]})
    work(who)
    return place


def test_the_result_of_each_row_is_taken_as_a_file(world, upload, work, tag):
    place = imported(world, upload, work, f'name,employees\nA {tag},12\n"=cmd|x {tag}",many\n')
    browser = world.browser("owner")
    assert "Result of each row" in browser.get(place).text and "Only the rows that failed: CSV" in browser.get(place).text
    rows = taken(browser.post(f"{place}/exports", {"format": "csv"}))
    assert [(row["Line"], row["Result"], row["name"]) for row in rows] == [("2", "Created", f"A {tag}"), ("3", "Failed", f"'=cmd|x {tag}")]
    assert rows[1]["Reason"].startswith("employees: Write a whole number") and browser.get(urlsplit(rows[0]["Link"]).path).status_code == 200
    assert [row["Line"] for row in taken(browser.post(f"{place}/exports", {"format": "csv", "only": "failed"}))] == ["3"]
    book = browser.post(f"{place}/exports", {"format": "xlsx"})
    assert book.status_code == 200 and book.data.startswith(b"PK")
    assert [browser.post(f"{place}/exports", wrong).status_code for wrong in ({"format": "pdf"}, {"only": "some"})] == [422, 422]


def test_the_result_is_for_whoever_brought_the_file_and_who_takes_such_lists_out(world, upload, work, tag):
    place = imported(world, upload, work, f"name\nA {tag}\n", "rep")
    for who, status in (("rep", 200), ("manager", 200), ("colleague", 404), ("reader", 403)):
        assert world.browser(who).post(f"{place}/exports").status_code == status
    assert world.browser("owner", world.globex).post(f"{place}/exports").status_code == 404


def test_nothing_is_checked_that_was_changed_meanwhile(world, upload, tag):
    browser = world.browser("owner")
    place = upload(f"name,city\nA {tag},Ulm\n")
    old = chosen(browser.get(place).text)
    browser.post(f"{place}/format", {"version": old["version"], "encoding": "utf-8", "delimiter": ";"})
    assert browser.post(f"{place}/check", old).status_code in (409, 422)


# ---- lists taken out ----


def taken(answer):
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "|calc", "＝1+1", "＋1", "－1+1", "＠x", "  =1+1"]


def test_formulas_go_out_as_text_and_numbers_as_numbers(world, tag):
    with world.acme.ctx() as ctx:
        for text in FORMULAS:
            create_account(ctx, name=f"N {tag}", street=text, city=tag, annual_revenue="-12.50", phone="+49 40 1234")
    rows = [row for row in taken(world.browser("owner").post("/accounts/exports", {"q": tag})) if row["City"] == tag]
    assert sorted(row["Street"] for row in rows) == sorted("'" + text.strip() for text in FORMULAS)
    assert {row["Annual revenue"] for row in rows} == {"-12.50"} and {row["Phone"] for row in rows} == {"'+49 40 1234"}


def test_an_export_comes_in_as_it_went_out(world, upload, work, tag):
    with world.acme.ctx() as ctx:
        create_account(ctx, name=f"=A {tag}", phone="+49 40 1234", annual_revenue="-3.50", tags=["a", "b"], notes="two\nlines", is_customer=True, kind="person")
    content = world.browser("owner").post("/accounts/exports", {"q": tag}).data
    house = House(f"rt{uuid4().hex[:6]}")
    browser = world.browser("owner", house)
    place = upload(content, house=house)
    browser.post(f"{place}/check", chosen(browser.get(place).text) | {"key_field": "name"})
    work(house=house)
    text = browser.get(place).text
    browser.post(f"{place}/run", {"version": re.search(r'name="version" value="(\d+)"', text)[1]})
    work(house=house)
    names = ("name", "phone", "annual_revenue", "tags", "notes", "is_customer", "kind")

    def values(where, whose):
        with where.ctx() as ctx:
            return [tuple(getattr(a, n) for n in names) for a in ctx.session.execute(select(Account).where(Account.name.contains(whose))).scalars()]

    assert values(house, tag) == values(world.acme, tag)


def test_one_takes_out_what_one_sees_and_it_is_written_down(world, tag):
    for who in ("rep", "colleague"):
        with world.acme.ctx(who) as ctx:
            account = create_account(ctx, name=f"{who} {tag}")
            ctx.session.flush()
            create_contact(ctx, name=f"p {who} {tag}", account_id=account.id)
    assert [row["Name"] for row in taken(world.browser("rep").post("/accounts/exports", {"q": tag}))] == [f"rep {tag}"]
    assert [(row["Name"], row["Account"]) for row in taken(world.browser("rep").post("/contacts/exports", {"q": tag}))] == [(f"p rep {tag}", f"rep {tag}")]
    assert len(taken(world.browser("manager").post("/accounts/exports", {"q": tag}))) == 2
    with world.acme.ctx() as ctx:
        written = ctx.session.execute(select(ExportRun).where(ExportRun.filters["search"].astext == tag).order_by(ExportRun.id)).scalars().all()
    assert [(run.kind, run.rows, run.created_by == world.acme.users["rep"].id) for run in written] == [("accounts", 1, True), ("contacts", 1, True), ("accounts", 2, False)]


@pytest.mark.parametrize("kind, query", [
    ("accounts", {}), ("accounts", {"role": "customer"}), ("accounts", {"role": "supplier"}), ("accounts", {"kind": "person"}),
    ("accounts", {"kind": "company", "role": "customer"}), ("accounts", {"owner": "me"}), ("accounts", {"tag": "news"}), ("accounts", {"kind": "club"}),
    ("contacts", {}), ("contacts", {"owner": "pool"}), ("contacts", {"tag": "news"}),
    ("contacts", {"kind": "person"}), ("contacts", {"role": "customer"}), ("contacts", {"kind": "club"}), ("contacts", {"owner": "nobody"}),
])
def test_an_export_holds_what_the_list_with_the_same_filters_shows(world, tag, kind, query):
    """The same rows, and where the list refuses a filter the export refuses it too: it must not give everything."""
    with world.acme.ctx("rep") as ctx:
        for number, values in enumerate(({"is_customer": True, "kind": "company"}, {"is_supplier": True, "kind": "person"}, {"is_customer": True, "tags": ["news"], "owner_id": None})):
            create_account(ctx, name=f"A{number} {tag}", **values)
            create_contact(ctx, name=f"C{number} {tag}", **{name: value for name, value in values.items() if name in ("tags", "owner_id")})
    browser = world.browser("rep")
    listed, exported = browser.get(f"/{kind}", query_string={"q": tag, **query}), browser.post(f"/{kind}/exports", {"q": tag, **query})
    assert listed.status_code == exported.status_code
    if exported.status_code == 200:
        assert [row["Name"] for row in taken(exported)] == re.findall(rf">([AC]\d {tag})</a>", listed.text) != []


@pytest.mark.parametrize("path", ["/accounts/exports", "/contacts/exports"])
def test_who_may_take_lists_out(world, path):
    for who, status in (("owner", 200), ("manager", 200), ("rep", 200), ("reader", 403), (None, 303)):
        assert world.browser(who).post(path).status_code == status
    assert world.browser(None).post(path, {"role": "nonsense"}).status_code == 303
    assert world.browser("owner").post("/accounts/exports", {"role": "nonsense"}).status_code == 422


@pytest.mark.parametrize("kind", ["accounts", "contacts"])
def test_looking_at_an_address_takes_nothing_out(world, kind):
    """Taking out writes into the record, so no link, prefetch or foreign form may do it."""

    def written():
        with world.acme.ctx() as ctx:
            return ctx.session.execute(select(func.count()).select_from(ExportRun)).scalar_one()

    browser, before = world.browser("owner"), written()
    for path in (f"/{kind}.csv", f"/{kind}/exports"):
        for method in ("GET", "HEAD"):
            assert browser._open(method, path).status_code in (404, 405)
    assert browser.post(f"/{kind}/exports", {"_csrf": "another"}).status_code == 422 and written() == before
    assert browser.post(f"/{kind}/exports").status_code == 200 and written() == before + 1


def test_a_read_only_workspace_still_takes_its_lists_out(world, tag):
    from sqlalchemy import update

    from tenants import entry, registry
    from tenants.models import Tenant

    house = House(f"ro{uuid4().hex[:6]}")
    for access, status in (("read_only", 402), ("suspended", 402)):
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == house.tenant.id).values(access=access))
        registry.forget()
        browser = world.browser("owner", house)
        assert browser.post("/accounts/exports").status_code == 200
        assert browser.get("/imports/new").status_code == status


@pytest.fixture
def access():
    """access(house, "read_only"): what the plan lets the house do, as billing would store it."""
    from sqlalchemy import update

    from tenants import entry, registry
    from tenants.models import Tenant

    def become(house, state):
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == house.tenant.id).values(access=state))
        registry.forget()

    return become


@pytest.mark.parametrize("state, reading", [("active", 200), ("read_only", 200), ("suspended", 402)])
def test_a_read_only_workspace_looks_at_its_imports(world, upload, work, access, tag, state, reading):
    """Looking is reading; what starts, moves or takes back an import stays withheld, and nothing offers it."""
    house = House(f"ro{uuid4().hex[:6]}")
    browser = world.browser("owner", house)
    draft, done = upload(f"name\nA {tag}\n", house=house), upload(f"name\nB {tag}\n\n", house=house, name="done.csv")
    browser.post(f"{done}/check", chosen(browser.get(done).text))
    work(house=house)
    browser.post(f"{done}/run", {"version": re.search(r'name="version" value="(\d+)"', browser.get(done).text)[1]})
    work(house=house)
    access(house, state)
    for path in ("/imports", draft, f"{draft}?step=columns", done, f"{done}/progress", f"{done}/left-out.csv"):
        assert browser.get(path).status_code == reading, path
    writing = 200 if state == "active" else 402
    assert browser.get("/imports/new").status_code == writing
    offered = [text in browser.get(path).text for path, text in (("/imports", "New import"), (draft, "Check the file"), (done, "Take the import back"))]
    assert offered == [state == "active"] * 3
    if state != "active":
        for path in ("/imports", *(f"{place}/{verb}" for place in (draft, done) for verb in ("format", "check", "run", "cancellation", "undo"))):
            assert browser.post(path).status_code == 402, path


def test_a_token_reads_the_imports_of_a_read_only_workspace_and_starts_none(world, access):
    house = House(f"ro{uuid4().hex[:6]}")
    api = world.api("owner", house, allowed=["imports.read", "imports.run"])
    access(house, "read_only")
    assert api.json("GET", "/api/v1/imports").status_code == 200
    assert api._open("POST", "/api/v1/imports?kind=accounts", data=b"name\nA\n", content_type="text/csv").status_code == 402


def test_the_pages_ask_the_database_little(world, upload, work, tag):
    from tests.support.statements import counted

    browser = world.browser("owner")
    place = upload("name,employees\n" + "".join(f"A{n} {tag},x\n" for n in range(60)))
    browser.post(f"{place}/check", chosen(browser.get(place).text))
    work()
    for path, most in (("/imports", 4), ("/imports/new", 3), (place, 6), (f"{place}/progress", 4), (f"{place}?step=columns", 5)):
        with counted() as sent:
            assert browser.get(path).status_code == 200
        assert len(sent) <= most, (path, sent)


def test_the_lists_have_a_button_that_takes_them_out_with_the_same_filters(world, tag):
    with world.acme.ctx() as ctx:
        create_account(ctx, name=f"A {tag}", kind="person", is_customer=True, tags=["a&b"])
        create_account(ctx, name=f"B {tag}")
    browser = world.browser("owner")
    text = browser.get("/accounts", query_string={"q": tag, "kind": "person", "role": "customer", "tag": "a&b"}, follow_redirects=True).text
    form = re.search(r'<form method="post" action="/accounts/exports".*?</form>', text, re.S)[0]
    fields = {name: html.unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)}
    assert fields == {"_csrf": browser.csrf, "q": tag, "kind": "person", "role": "customer", "tag": "a&b"}
    assert [row["Name"] for row in taken(browser.post("/accounts/exports", fields))] == [f"A {tag}"]
    assert "/accounts/exports" not in world.browser("reader").get(f"/accounts?q={tag}", follow_redirects=True).text


def test_an_import_that_broke_off_says_so_on_its_page_and_in_the_list_and_goes_on_by_a_button(world, upload, work, tag, monkeypatch):
    from uuid import UUID

    from core.transfer import breaking, queries, running

    monkeypatch.setattr(running, "CHUNK", 2)
    browser = world.browser("rep")
    place = upload(f"Company\nA {tag}\nB {tag}\nC {tag}\n", "rep")
    browser.post(f"{place}/check", chosen(browser.get(place).text))
    work("rep")
    browser.post(f"{place}/run")
    key = UUID(place.rsplit("/", 1)[1])

    @contextmanager
    def door():
        with world.acme.ctx("rep") as ctx:
            yield ctx

    with door() as ctx:
        round = queries.one(ctx, key).round
    one_import_chunk(running, door, key, round)
    with world.acme.ctx() as ctx:
        breaking.end_given_up(ctx, key, round)
    text = browser.get(place).text
    assert "broke off again and again" in text and f"{place}/resumption" in text and "Take the import back" in text and "<progress" not in text
    assert "Broke off" in browser.get("/imports").text
    assert world.browser("reader").post(f"{place}/resumption").status_code == 403
    assert browser.post(f"{place}/resumption").status_code == 303
    work("rep")
    assert count(world.acme, tag) == 3 and "Broke off" not in browser.get(place).text


def test_the_list_of_an_import_has_its_records_alone(world, upload, work, tag):
    """A row that says an earlier one again, and one that was there, are not what somebody left out by hand."""
    with world.acme.ctx("owner") as ctx:
        create_account(ctx, name=f"Was {tag}")
        create_account(ctx, name=f"Other {tag}")
    place = upload(f"name\nNew {tag}\nNew {tag}\nWas {tag}\nHand {tag}\n")
    key, owner = place.rsplit("/", 1)[1], world.browser("owner")
    with world.acme.ctx("owner") as ctx:
        run = queries.one(ctx, key)
        uploading.choose_columns(ctx, run, version=run.version, mapping=["name"], mode="create", key_field="name")
        ctx.session.flush()
        uploading.start_check(ctx, run)
    work()
    with world.acme.ctx("owner") as ctx:
        fixing.fix_row(ctx, queries.one(ctx, key), 5, {}, "skip")
    work()
    with world.acme.ctx("owner") as ctx:
        starting.start_run(ctx, queries.one(ctx, key))
    work()
    text = owner.get(place).text
    assert f'href="/accounts?import={key}"' in text and "The same as line 2 of this file." in text
    said = dict(re.findall(r"<dt[^>]*>([^<]+)</dt>\s*<dd[^>]*>\s*(?:<[^>]+>)*(\d+)", text)) or text
    assert [said[name] for name in ("New", "Already there", "Twice in the file", "Left out by hand")] == ["1", "1", "1", "1"], said
    rows = owner.get(f"/accounts?import={key}").text
    assert f"New {tag}" in rows and f"Was {tag}" not in rows and f"Other {tag}" not in rows and "list.csv" in rows
    assert owner.get(f"/contacts?import={key}").status_code == 422 and world.browser("rep").get(f"/accounts?import={key}").status_code == 422
