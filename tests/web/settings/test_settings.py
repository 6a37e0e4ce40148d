"""Settings with the cast: who sees what, what is saved, what is kept even when the plan withholds."""

import io
import json
import tarfile

import pytest
from sqlalchemy import select, update

from core.audit import actions as audit
from core.base.facts import Fact
from tenants import backup, entry, registry, takeout
from tenants.models import Run, Tenant
from workers.jobs.audit import key_of
from workers.jobs.takeout import run as run_takeout

PAGES = {"/settings/profile": "everybody", "/settings/members": ("owner", "manager"), "/settings/workspace/": ("owner",), "/settings/data/": ("owner",), "/settings/audit/": ("owner",)}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["owner", "manager", "rep", "reader"])
def test_each_section_opens_for_its_people_only(world, path, who):
    allowed = PAGES[path] == "everybody" or who in PAGES[path]
    assert world.browser(who).get(path).status_code == (200 if allowed else 403)


def test_the_list_of_sections_shows_what_may_be_opened(world):
    assert "/settings/data/" in world.browser("owner").get("/settings/profile").text
    assert "/settings/data/" not in world.browser("rep").get("/settings/profile").text


def workspace(**changed):
    return {"name": "Acme", "hue": "262", "locale": "en", "timezone": "UTC", **changed}


def test_the_workspace_takes_name_colour_language_and_zone(world):
    browser = world.browser("owner", world.globex)
    answer = browser.post("/settings/workspace/", workspace(name="Globex & Söhne", hue="160", locale="ko", timezone="Asia/Seoul"))
    assert answer.status_code == 303
    row = world.globex.fresh()
    assert (row.name, row.hue, row.locale, row.timezone) == ("Globex & Söhne", 160, "ko", "Asia/Seoul")
    page = browser.get("/settings/workspace/").text
    assert "--hue:160" in page and "Globex &amp; Söhne" in page
    with world.globex.ctx() as ctx:
        fact = ctx.session.execute(select(Fact).where(Fact.kind == "workspace.changed")).scalar_one()
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
    import re

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
