"""Settings with the cast: who sees what, what is saved, what is kept even when the plan withholds."""

import io
import json
import re
import tarfile
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.audit import actions as audit
from core.base.errors import Conflict
from core.base.facts import Fact
from core.identity import queries as people
from core.parties.actions import create_account
from tenants import backup, entry, registry, settings, takeout
from tenants.models import Run, Tenant
from tests.support.forms import hidden_of
from tests.support.world import House
from web.settings.sections import SECTIONS
from workers.jobs.audit import key_of
from workers.jobs.takeout import run as run_takeout

PAGES = {"/settings/": "everybody", "/settings/profile": "everybody", "/settings/members": ("owner", "manager"), "/settings/workspace/": ("owner",), "/settings/data/": ("owner",), "/settings/audit/": ("owner",)}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["owner", "manager", "rep", "reader"])
def test_each_section_opens_for_its_people_only(world, path, who):
    allowed = PAGES[path] == "everybody" or who in PAGES[path]
    assert world.browser(who).get(path).status_code == (200 if allowed else 403)


def test_the_list_of_sections_shows_what_may_be_opened(world):
    assert "/settings/data/" in world.browser("owner").get("/settings/profile").text
    assert "/settings/data/" not in world.browser("rep").get("/settings/profile").text


def found(page):
    """(sections, bits) that a list of sections shows."""
    shown = [(depth, text) for depth, text in re.findall(r'<li data-words="[^"]*"><a (class="nav")?[^>]*>(?:<svg.*?</svg><span>)?([^<]+)<', page)]
    return [text for depth, text in shown if depth], [text for depth, text in shown if not depth]


@pytest.mark.parametrize("query, sections, bits", [
    ("password", ["Profile"], ["Password"]), ("TIME  zone", ["Profile", "Workspace"], ["Time zone", "Time zone"]), ("seats", ["People", "Subscription"], ["Seats", "Seats"]),
    ("audit", ["Audit"], []), ("archive", ["Your data"], []), ("<script>", [], []), ("zzz", [], []),
    ("", [one.text for one in SECTIONS], []),
])
def test_the_search_of_the_sections_answers_without_script(world, query, sections, bits):
    page = world.browser("owner").get("/settings/", query_string={"q": query}).text
    assert found(page) == (sections, bits) and "<script>\"" not in page
    assert ('mute none" hidden' in page) == bool(sections)


def test_the_search_speaks_the_readers_language_and_finds_only_what_he_may_open(world):
    reader = world.browser("reader")
    reader.post("/settings/profile", {"locale": "ru"})
    assert found(reader.get("/settings/?q=парол").text) == (["Профиль"], ["Пароль"])
    assert found(reader.get("/settings/").text)[0] == ["Профиль", "Уведомления", "Теги", "Воронки", "Планы контактов", "Шаблоны печати", "Почта"]
    reader.post("/settings/profile", {"locale": "en"})


@pytest.mark.parametrize("path, section", [
    ("/settings/profile", "Profile"), ("/settings/members", "People"), ("/settings/workspace/", "Workspace"), ("/settings/tokens/", "API tokens"),
    ("/subscription", "Subscription"), ("/settings/data/", "Your data"), ("/settings/audit/", "Audit"), ("/settings/teams/", "Teams"), ("/settings/roles/", "Roles"), ("/settings/samples", "Sample data"), ("/settings/signing-in/", "Sign-in rules"),
])
def test_each_section_stands_beside_the_list_and_says_where_one_is(world, path, section):
    page = world.browser("owner").get(path).text
    sets = page[page.index('class="sets"'):page.index('class="pad"')]
    assert len(found(sets)[0]) == len(SECTIONS)
    assert re.findall(r'aria-current="page">.*?<span>([^<]+)<', sets) == [section]
    side = page[page.index('id="side"'):page.index("</nav>", page.index('id="side"'))]
    assert re.findall(r'aria-current="page".*?<span>([^<]+)<', side) == ["Subscription" if section == "Subscription" else "Settings"]


def test_a_bit_leads_to_a_place_that_is_there(world):
    owner = world.browser("owner")
    for href in set(re.findall(r'<li data-words="[^"]*" hidden><a href="([^"]+)"', owner.get("/settings/").text)):
        path, _, place = href.partition("#")
        assert f'id="{place}"' in owner.get(path).text or place == "cancellation", href  # only who rents can cancel


def test_a_section_says_who_changed_it_and_when(world):
    path, house = "/settings/workspace/", world.globex
    owner = world.browser("owner", house)
    owner.post(path, {"hue": "160"})
    owner.post(path, {"hue": "190"})
    page = owner.get(path).text
    said = "Changed by Owner on"
    company, new_people = page.split('id="new-people"')
    assert said in company
    assert (said in new_people) == any({"locale", "timezone"} & set(fact.params["changes"]) for fact in workspace_facts(house))
    rep = world.browser("rep", House(f"sections-{uuid4().hex[:6]}"))  # other tests change the name of the one of before
    assert said not in rep.get("/settings/profile").text
    rep.post("/settings/profile", {"timezone": "Europe/Vilnius"})
    rep.post("/settings/profile", {"timezone": "UTC"})
    assert "Changed by Rep" in rep.get("/settings/profile").text


def workspace_facts(house):
    with house.ctx() as ctx:
        return ctx.session.execute(select(Fact).where(Fact.kind == "workspace.changed")).scalars().all()


def test_one_section_of_the_workspace_saves_nothing_of_the_other(world):
    path, house = "/settings/workspace/", world.globex
    owner = world.browser("owner", house)
    owner.post(path, workspace(name="Globex", hue="262"))
    sections = re.findall(r'<form method="post" action="/settings/workspace/".*?</form>', owner.get(path).text, re.S)
    loaded = [hidden_of(section, path) for section in sections]
    assert [sorted(name for name in one if name not in ("_version", "_once")) for one in loaded] == [["_was_currency", "_was_hue", "_was_name"], ["_was_clock", "_was_date_format", "_was_first_day", "_was_locale", "_was_number_format", "_was_timezone"]]
    assert owner.post(path, loaded[1] | {"locale": "es", "timezone": "Europe/Madrid"}).status_code == 303
    assert owner.post(path, loaded[0] | {"name": "Globex 2", "hue": "262", "currency": "EUR"}).status_code == 303
    row = house.fresh()
    assert (row.name, row.hue, row.locale, row.timezone) == ("Globex 2", 262, "es", "Europe/Madrid")
    owner.post(path, workspace(name="Globex"))


def test_access_is_taken_away_only_once_the_address_is_typed(world):
    owner, leaver = world.browser("owner"), world.acme.users["colleague"]
    session = world.browser("colleague")
    for typed in ("", "someone@else.example", leaver.name):
        answer = owner.post("/settings/members/disabling", {"person": str(leaver.id), "typed": typed})
        assert answer.status_code == 422 and 'id="typed-err"' in answer.text and session.get("/settings/profile").status_code == 200
    assert owner.post("/settings/members/disabling", {"person": "x", "typed": leaver.mail}).status_code == 422
    assert world.browser("manager").post("/settings/members/disabling", {"person": str(leaver.id), "typed": leaver.mail}).status_code == 403
    try:
        assert owner.post("/settings/members/disabling", {"person": str(leaver.id), "typed": f" {leaver.mail.upper()}"}).status_code == 303
        assert session.get("/settings/profile").status_code == 303
    finally:
        with world.acme.ctx() as ctx:
            people.one_user(ctx, leaver.id).state = "active"


def test_taking_access_away_is_offered_where_nothing_else_may_be_written(world, access):
    access("read_only")
    page = world.browser("owner").get("/settings/members").text
    assert 'id="leaving"' in page and 'id="member"' not in page


def workspace(**changed):
    return {"name": "Acme", "hue": "262", "currency": "EUR", "locale": "en", "timezone": "UTC", **changed}


def test_the_workspace_takes_name_colour_language_and_zone(world):
    browser = world.browser("owner", world.globex)
    browser.post("/settings/workspace/", workspace(name="Globex"))
    answer = browser.post("/settings/workspace/", workspace(name="Globex & Söhne", hue="160", locale="ko", timezone="Asia/Seoul"))
    assert answer.status_code == 303
    row = world.globex.fresh()
    assert (row.name, row.hue, row.locale, row.timezone) == ("Globex & Söhne", 160, "ko", "Asia/Seoul")
    page = browser.get("/settings/workspace/").text
    assert "--hue:160" in page and "Globex &amp; Söhne" in page
    with world.globex.ctx() as ctx:
        fact = ctx.session.execute(select(Fact).where(Fact.kind == "workspace.changed").order_by(Fact.id.desc())).scalars().first()
        assert fact.params["changes"]["hue"] == [262, 160]


@pytest.mark.parametrize("field, value", [("name", ""), ("name", "x" * 121), ("hue", "1"), ("hue", "red"), ("locale", "xx"), ("timezone", "Mars/Base")])
def test_a_wrong_value_is_named_and_nothing_is_saved(world, field, value):
    before = world.acme.fresh().name
    answer = world.browser("owner").post("/settings/workspace/", workspace(**{"name": "Other", field: value}))
    assert answer.status_code == 422 and world.acme.fresh().name == before


def test_only_who_may_manage_settings_changes_the_workspace(world):
    assert world.browser("manager").post("/settings/workspace/", workspace(name="Mine")).status_code == 403
    assert world.acme.fresh().name != "Mine"


def test_the_language_of_the_profile_is_kept_and_speaks_at_once(world):
    browser = world.browser("colleague")
    browser.post("/settings/profile", {"name": "Colleague", "locale": "ru", "timezone": "Europe/Moscow"})
    assert 'lang="ru"' in browser.get("/settings/profile").text
    assert 'lang="ru"' in world.browser("colleague").get("/settings/profile").text


def test_the_profile_in_two_windows_is_merged(world):
    """Different fields never meet; the same one shows mine, theirs and how it was."""
    path, browser = "/settings/profile", world.browser("colleague")
    browser.post(path, {"name": "Before", "locale": "en", "timezone": "UTC"})
    loaded = hidden_of(browser.get(path).text, path)
    assert browser.post(path, loaded | {"name": "First window", "locale": "en", "timezone": "UTC"}).status_code == 303
    assert browser.post(path, loaded | {"name": "Before", "locale": "en", "timezone": "Europe/Madrid"}).status_code == 303
    answer = browser.post(path, loaded | {"name": "Second window", "locale": "es", "timezone": "UTC"})
    assert answer.status_code == 409 and all(value in answer.text for value in ("First window", "Second window", "Before"))
    now = user_of(world, "colleague")
    assert (now.name, now.timezone, now.locale) == ("First window", "Europe/Madrid", "en")
    assert browser.post(path, hidden_of(answer.text, path) | {"keep_name": "mine"}).status_code == 303
    now = user_of(world, "colleague")
    assert (now.name, now.timezone, now.locale) == ("Second window", "Europe/Madrid", "es")


def user_of(world, who):
    with world.acme.ctx() as ctx:
        return people.one_user(ctx, world.acme.users[who].id)


def test_two_who_edit_the_workspace_meet_only_in_the_same_field(world):
    path, house = "/settings/workspace/", world.globex
    first, second = world.browser("owner", house), world.browser("owner", house)
    first.post(path, workspace(name="Globex", hue="262", locale="en", timezone="UTC"))
    loaded = hidden_of(second.get(path).text, path)
    assert first.post(path, loaded | workspace(name="Globex", hue="160", locale="ko")).status_code == 303
    assert second.post(path, loaded | workspace(name="Globex & Co", hue="262", timezone="Asia/Seoul")).status_code == 303
    row = house.fresh()
    assert (row.name, row.hue, row.locale, row.timezone) == ("Globex & Co", 160, "ko", "Asia/Seoul")
    answer = second.post(path, loaded | workspace(name="Globex", hue="25"))
    assert answer.status_code == 409 and all(word in answer.text for word in ("Green", "Red", "Blue", "Owner"))
    assert house.fresh().hue == 160
    assert second.post(path, hidden_of(answer.text, path) | {"keep_hue": "theirs"}).status_code == 303 and house.fresh().hue == 160
    assert second.post(path, hidden_of(answer.text, path) | {"keep_hue": "mine"}).status_code == 303 and house.fresh().hue == 25


def test_two_at_once_on_the_workspace_lose_nothing(world):
    """Both hold the same version when they save; the directory's row lock sends one after the other."""
    import threading

    house = world.globex
    with house.ctx() as ctx:
        settings.change_workspace(ctx, name="Start", hue=262)
        version = settings.workspace(ctx).version
    gate, outcomes = threading.Barrier(2), []

    def write(name):
        with house.ctx() as ctx:
            gate.wait()
            try:
                settings.change_workspace(ctx, version=version, original={"name": "Start"}, name=name)
                outcomes.append(name)
            except Conflict as conflict:
                outcomes.append(conflict.fields["name"])

    threads = [threading.Thread(target=write, args=(name,)) for name in ("A", "B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = house.fresh().name
    loser = "B" if winner == "A" else "A"
    assert sorted(map(str, outcomes)) == sorted([winner, str((loser, winner, "Start"))])


def test_a_role_given_meanwhile_is_asked_about(world):
    path = f"/settings/members/{world.acme.users['colleague'].id}/role"
    loaded = hidden_of(world.browser("owner").get("/settings/members").text, path)
    assert loaded["_was_role"] == "sales"
    try:
        assert world.browser("owner").post(path, loaded | {"role": "manager"}).status_code == 303
        owner = world.browser("owner")
        answer = owner.post(path, loaded | {"role": "reader"})
        assert answer.status_code == 409 and all(word in answer.text for word in ("Manager", "Read only", "Salesperson"))
        assert user_of(world, "colleague").role.code == "manager"
        assert owner.post(path, hidden_of(answer.text, path) | {"keep_role": "theirs"}).status_code == 303 and user_of(world, "colleague").role.code == "manager"
        assert owner.post(path, hidden_of(answer.text, path) | {"keep_role": "mine"}).status_code == 303 and user_of(world, "colleague").role.code == "reader"
    finally:
        world.browser("owner").post(path, {"role": "sales"})


def test_a_changed_name_does_not_stand_in_the_way_of_a_role(world):
    """The person's own profile and the role that an administrator gives are different fields of one record."""
    path = f"/settings/members/{world.acme.users['rep'].id}/role"
    loaded = hidden_of(world.browser("owner").get("/settings/members").text, path)
    world.browser("rep").post("/settings/profile", {"name": "Rep", "locale": "en", "timezone": "Europe/Vilnius"})
    assert world.browser("owner").post(path, loaded | {"role": "manager"}).status_code == 303
    assert user_of(world, "rep").role.code == "manager" and user_of(world, "rep").timezone == "Europe/Vilnius"
    world.browser("owner").post(path, {"role": "sales"})


def test_the_role_that_one_has_ends_no_session(world):
    rep = world.browser("rep")
    world.browser("owner").post(f"/settings/members/{world.acme.users['rep'].id}/role", {"role": "sales"})
    assert rep.get("/settings/profile").status_code == 200


@pytest.fixture
def access(world):
    """access("suspended"): what the plan lets acme do, as billing would store it."""
    def become(state):
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == world.acme.tenant.id).values(access=state))
        registry.forget()

    yield become
    become("active")


def ordered_run(world):
    with entry.control() as session:
        query = select(Run.id).where(Run.tenant_id == world.acme.tenant.id, Run.kind == "export").order_by(Run.created_at.desc())
        return session.execute(query).scalars().first()


@pytest.mark.parametrize("state", ["active", "read_only", "suspended"])
def test_everything_can_be_taken_out_whatever_the_plan_says(world, access, state):
    access(state)
    browser = world.browser("owner")
    assert browser.post("/settings/data/").status_code == 303
    run_id = ordered_run(world)
    assert "progress" in browser.get("/settings/data/").text
    run_takeout(None, run_id=str(run_id))
    assert f"/settings/data/{run_id}/downloads" in browser.get("/settings/data/").text
    answer = browser.post(f"/settings/data/{run_id}/downloads")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"] and answer.is_streamed
    with tarfile.open(fileobj=io.BytesIO(answer.data)) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))["manifest"]
        users = archive.extractfile("tables/app_user.csv").read().decode()
    assert manifest["tables"]["app_user"]["rows"] == 6 and "owner@" in users and "argon2" not in users
    with world.acme.ctx() as ctx:
        kinds = ctx.session.execute(select(Fact.kind).where(Fact.params["run"].as_string() == str(run_id))).scalars().all()
    assert sorted(kinds) == ["takeout.asked", "takeout.downloaded"]


def test_writing_is_withheld_where_taking_out_is_not(world, access):
    """The negative control of the test above: the same state does refuse."""
    access("read_only")
    assert world.browser("owner").post("/settings/workspace/", workspace()).status_code == 402


def test_a_second_export_waits_for_the_first(world):
    browser = world.browser("owner")
    browser.post("/settings/data/")
    assert browser.post("/settings/data/").status_code == 422
    run_takeout(None, run_id=str(ordered_run(world)))


def test_an_export_that_was_given_up_says_so_and_the_next_may_begin(world):
    browser = world.browser("owner")
    browser.post("/settings/data/")
    with entry.control() as session:
        run = session.get(Run, ordered_run(world))
        run.data = {**run.data, "try": {"step": "tables", "n": 8, "next": "2026-01-01T00:00:00+00:00"}}
    assert run_takeout(None, run_id=str(run.id)) == {"refused": "run_broke_off"}
    text = browser.get("/settings/data/").text
    assert "broke off again and again" in text and "<progress" not in text
    assert browser.post("/settings/data/").status_code == 303
    run_takeout(None, run_id=str(ordered_run(world)))


def test_another_workspaces_export_is_not_to_be_had(world):
    world.browser("owner").post("/settings/data/")
    run_id = ordered_run(world)
    run_takeout(None, run_id=str(run_id))
    assert world.browser("owner", world.globex).post(f"/settings/data/{run_id}/downloads").status_code == 404
    assert world.browser("rep").post(f"/settings/data/{run_id}/downloads").status_code == 403


def test_an_operators_backup_is_not_offered_to_the_customer(world):
    backup.export(world.acme.tenant, "operator")
    backup_run = ordered_run(world)
    browser = world.browser("owner")
    assert str(backup_run) not in browser.get("/settings/data/").text
    assert browser.post(f"/settings/data/{backup_run}/downloads").status_code == 404


def test_archives_go_after_seven_days(world):
    world.browser("owner").post("/settings/data/")
    run_id = ordered_run(world)
    run_takeout(None, run_id=str(run_id))
    with entry.control() as session:
        run = session.get_one(Run, run_id)
        run.finished_at -= takeout.KEPT
        archive = run.data["archive"]
    assert world.browser("owner").post(f"/settings/data/{run_id}/downloads").status_code == 404
    takeout.clear_old(entry.utcnow())
    from pathlib import Path

    assert not Path(archive).exists()


def test_the_audit_says_who_changed_what_from_what_to_what(world):
    world.browser("rep").post("/settings/profile", {"name": "Rita <b>", "locale": "en", "timezone": "UTC"})
    rep = world.acme.users["rep"].id
    page = world.browser("owner").get(f"/settings/audit/?person={rep}&table=app_user").text
    assert "<del>Rep</del>" in page and "<ins>Rita &lt;b&gt;</ins>" in page
    other = world.browser("owner").get(f"/settings/audit/?person={world.acme.users['manager'].id}").text
    assert "Rita" not in other.split('id="log"')[1]


def test_the_audit_says_how_far_it_is_sealed_and_that_it_takes_a_minute(world):
    before = world.browser("owner").get("/settings/audit/").text
    assert "within 60 seconds" in before
    with world.acme.ctx() as ctx:
        audit.seal(ctx, key_of(ctx.tenant.id))
    after = world.browser("owner").get("/settings/audit/").text
    assert "sealed into the chain" in after


def test_the_audit_goes_on_by_pages_without_gap_or_repetition(world):
    for n in range(60):
        with world.acme.ctx("manager") as ctx:
            ctx.session.get_one(type(world.acme.users["manager"]), ctx.actor.id).name = f"Manager {n}"
    seen, url = [], f"/settings/audit/?person={world.acme.users['manager'].id}"
    while url:
        text = world.browser("owner").get(url).text
        seen += re.findall(r"<ins>(Manager \d+)</ins>", text)
        more = re.search(r'href="([^"]*before=[^"]*)"', text)
        url = more[1].replace("&amp;", "&") if more else None
    assert seen == [f"Manager {n}" for n in reversed(range(60))]


@pytest.mark.parametrize("query", ["before=x", "before=2026-01-01~y", "person=me", "table=';--", "before=9999-99-99T00:00:00Z~00000000-0000-0000-0000-000000000000"])
def test_a_made_up_query_of_the_audit_is_an_answer_not_an_error(world, query):
    assert world.browser("owner").get(f"/settings/audit/?{query}").status_code == 200


def test_sessions_name_browser_and_system():
    from web.settings.agents import named

    assert named("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0") == "Firefox, Windows"
    assert named("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36 Edg/156.0") == "Edge, Android"
    assert named("curl/8") == "curl/8" and named(None) == ""


def test_an_export_that_is_stopped_leaves_nothing_and_the_next_may_begin(world, monkeypatch):
    """Before a worker takes it, and in the middle of its last step."""
    browser, folder = world.browser("owner"), backup.exports_folder()
    browser.post("/settings/data/")
    first = ordered_run(world)
    assert f"/settings/data/{first}/cancellation" in browser.get("/settings/data/").text
    assert browser.post(f"/settings/data/{first}/cancellation").status_code == 303
    assert run_takeout(None, run_id=str(first)) == {"refused": "run_cancelled"}
    assert browser.post(f"/settings/data/{first}/cancellation").status_code == 422
    browser.post("/settings/data/")
    second, before = ordered_run(world), set(folder.iterdir())
    pack = dict(backup.EXPORT_STEPS)["pack"]
    stopping = lambda run, tenant: browser.post(f"/settings/data/{second}/cancellation") and pack(run, tenant)  # noqa: E731
    monkeypatch.setattr(backup, "EXPORT_STEPS", [(name, stopping if name == "pack" else act) for name, act in backup.EXPORT_STEPS])
    assert run_takeout(None, run_id=str(second)) == {"refused": "run_cancelled"}
    assert set(folder.iterdir()) == before
    page = browser.get("/settings/data/").text
    assert "Stopped" in page and f"/settings/data/{second}/downloads" not in page


def test_nobody_else_stops_an_export(world):
    world.browser("owner").post("/settings/data/")
    run_id = ordered_run(world)
    assert world.browser("owner", world.globex).post(f"/settings/data/{run_id}/cancellation").status_code == 404
    assert world.browser("rep").post(f"/settings/data/{run_id}/cancellation").status_code == 403
    run_takeout(None, run_id=str(run_id))


def test_the_rows_of_lists_are_as_high_as_their_reader_wants_them(world):
    reader = world.browser("reader")
    assert "data-density" not in reader.get("/accounts").text
    assert reader.post("/settings/profile", {"density": "roomy"}).status_code == 303
    assert '<html lang="en" data-theme="auto" data-density="roomy">' in reader.get("/accounts").text
    assert "data-density" not in world.browser("owner").get("/accounts").text
    assert reader.post("/settings/profile", {"density": "huge"}).status_code == 422
    reader.post("/settings/profile", {"density": "normal"})


@pytest.mark.parametrize(("asked", "found"), [("2fa", "Sign-in rules"), ("two-factor", "Profile"), ("users", "People"), ("gdpr", "Privacy"), ("timezone", "Workspace"), ("currency", "Workspace")])
def test_settings_are_found_by_the_words_people_use(world, asked, found):
    text = world.browser("owner").get(f"/settings/?q={asked}").text
    assert re.search(rf'<li data-words="[^"]*"><a class="nav"[^>]*>(?:(?!</a>).)*<span>{found}</span>', text, re.S), asked


def test_the_workspace_s_currency_is_changed_for_what_comes_new(world):
    owner, house = world.browser("owner", world.globex), world.globex
    with house.ctx() as ctx:
        before = ctx.tenant.currency
    try:
        assert owner.post("/settings/workspace/", {"currency": "QQQ"}).status_code == 422
        assert owner.post("/settings/workspace/", {"currency": "SEK"}).status_code == 303
        with house.ctx() as ctx:
            assert ctx.tenant.currency == "SEK" and create_account(ctx, name="Svea", annual_revenue="5").currency == "SEK"
    finally:
        owner.post("/settings/workspace/", {"currency": before})
