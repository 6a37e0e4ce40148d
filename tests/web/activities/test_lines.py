"""A line in words: what was understood is shown, and only what was seen is saved."""

import re
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from sqlalchemy import update

from core.activities import actions as log
from core.activities import queries
from core.activities.lines import read_line
from core.identity.models import User
from core.parties import actions as parties
from infra import i18n


@pytest.fixture(scope="module")
def people(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Zeilenhaus")
        sofie = parties.create_contact(ctx, name="Sofie Zeile", account_id=account.id)
        ivan = parties.create_contact(ctx, name="Иван Строкин")
        wang = parties.create_contact(ctx, name="王伟")
        twins = [parties.create_contact(ctx, name=f"Zwilling {n}") for n in (1, 2)]
    with world.acme.ctx("colleague") as ctx:
        hidden = parties.create_contact(ctx, name="Verborgen Zeile")
    return SimpleNamespace(account=account.id, sofie=sofie.id, ivan=ivan.id, wang=wang.id, twins=[one.id for one in twins], hidden=hidden.id)


def said(page):
    """name -> value of the form as it was understood."""
    form = page[page.index('id="understood"'):]
    found = {name: value for name, value in re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', form) if name not in ("was", "who", "_csrf")}
    found |= {name: value for name, value in re.findall(r'<input checked[^>]*? name="(was|who)"[^>]*? value="([^"]*)"', form)}
    kind = re.search(r'<select[^>]*name="kind".*?<option selected value="(\w+)"', form, re.S)
    return found | {"kind": kind[1] if kind else None}


def read(world, line, who="rep"):
    return world.browser(who).get(f"/activities/new?line={quote(line)}").text


def test_what_was_understood_is_shown_and_then_saved(world, people):
    page = read(world, "call Sofie tomorrow 10:00 for 30 min: the frames")
    with world.acme.ctx("rep") as ctx:
        tomorrow = ctx.today + timedelta(days=1)
        assert "Sofie Zeile" not in [row.contact_name for row in queries.timeline(ctx, _contact(ctx, people.sofie)).planned], "reading saves nothing"
    found = said(page)
    assert found.items() >= {"was": "plan", "kind": "call", "who": f"contact:{people.sofie}", "next_contact": f"{tomorrow} 10:00", "next_contact_minutes": "30", "next_contact_note": "the frames"}.items()
    answer = world.browser("rep").post("/activities", found)
    assert answer.location == f"/contacts/{people.sofie}"
    with world.acme.ctx("rep") as ctx:
        row, = queries.timeline(ctx, _contact(ctx, people.sofie)).planned
        assert (row.kind, row.next_contact_kind, row.next_contact_minutes, row.next_contact_note) == ("note", "call", 30, "the frames")
        assert row.next_contact_at.astimezone(ctx.zone).hour == 10 and queries.timeline(ctx, _contact(ctx, people.sofie)).latest is None


def _contact(ctx, key):
    from core.parties.queries import one_contact

    return one_contact(ctx, key)


@pytest.mark.parametrize(("line", "whom", "kind"), [("встреча с Иваном завтра", "ivan", "meeting"), ("明天下午三点拜访王伟", "wang", "visit"), ("visitar Zeilenhaus mañana", "account", "visit"), ("내일 10시에 Sofie에게 전화", "sofie", "call")])
def test_names_are_found_as_each_language_writes_them(world, people, line, whom, kind):
    found = said(read(world, line))
    assert found["kind"] == kind and found["who"].endswith(str(getattr(people, whom)))


def test_what_happened_is_logged_and_a_day_that_is_over_says_so(world, people):
    found = said(read(world, "visited Zeilenhaus yesterday: saw the shop"))
    assert (found["was"], found["kind"], found["who"]) == ("was", "visit", f"account:{people.account}")
    assert world.browser("rep").post("/activities", found).location == f"/accounts/{people.account}"
    page = world.browser("rep").get(f"/accounts/{people.account}").text
    assert "visited" in page and "saw the shop" in page and "Yesterday" in page


def test_of_several_none_is_guessed_and_nobody_is_said(world, people):
    page = read(world, "call Zwilling tomorrow")
    assert "who" not in said(page) and page.count('name="who"') == 2 and "Several may be meant" in page
    answer = world.browser("rep").post("/activities", said(page))
    assert answer.status_code == 422 and "account or person this is about" in answer.text
    assert "Nobody is called Qwxyz" in read(world, "call Qwxyz tomorrow") and "No name was said" in read(world, "call tomorrow") and "No day was said" in read(world, "call Sofie")


@pytest.mark.parametrize("given", [{"next_contact": "whenever"}, {"next_contact": "2020-01-01"}, {"next_contact": ""}, {"who": ""}, {"who": "contact:x"}, {"who": "user:1"}, {"kind": "fax", "was": "was", "next_contact": ""}, {"next_contact_minutes": "9999"}, {"next_contact_minutes": "x"}, {"next_contact_note": "x" * 501}], ids=str)
def test_what_cannot_be_saved_comes_back_with_everything_typed(world, people, given):
    answer = world.browser("rep").post("/activities", {"line": "call Sofie fri", "was": "plan", "kind": "call", "who": f"contact:{people.sofie}", "next_contact": "fri", "next_contact_note": "kept note"} | given)
    if given == {"kind": "fax", "was": "was", "next_contact": ""}:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422 and 'value="call Sofie fri"' in answer.text and ("kept note" in answer.text or "next_contact_note" in given)


def test_nobody_out_of_sight_is_offered_or_written_to(world, people):
    assert "Verborgen" not in read(world, "call Zeile tomorrow") and str(people.hidden) not in read(world, "call Verborgen tomorrow")
    answer = world.browser("rep").post("/activities", {"line": "x", "was": "plan", "kind": "call", "who": f"contact:{people.hidden}", "next_contact": "fri"})
    assert answer.status_code == 422 and "Verborgen" not in answer.text
    with world.acme.ctx("colleague") as ctx:
        assert queries.timeline(ctx, _contact(ctx, people.hidden)).planned == []
    assert world.browser("reader").get("/activities/new?line=call").status_code == 403


def test_the_palette_offers_a_line_that_says_what_to_do_and_no_other(world, people):
    rep = world.browser("rep")
    assert "/activities/new?line=call" in rep.get("/palette?q=call%20Sofie%20tomorrow").text
    assert "/activities/new?line" not in rep.get("/palette?q=Sofie").text + rep.get("/palette?q=call%20Sofie&for=log").text + world.browser("reader").get("/palette?q=call%20Sofie").text


@pytest.mark.parametrize("lang", ["en", "es", "zh", "ko", "ru"])
def test_the_example_that_each_language_shows_is_one_that_is_understood(world, lang):
    with world.acme.ctx("rep") as ctx:
        found = read_line(i18n.gettext(lang, "call Jo tomorrow 10:00"), ctx.today, lang)
        assert (found.kind, found.when.day, found.when.clock.hour, found.was) == ("call", ctx.today + timedelta(days=1), 10, False) and found.who


def test_a_task_stands_on_the_day_and_on_the_record_with_its_sign(world, people):
    with world.acme.ctx("rep") as ctx:
        log.log_activity(ctx, kind="note", contact=_contact(ctx, people.ivan), next_contact="today", next_contact_note="Send it", next_contact_kind="task")
    rep = world.browser("rep")
    assert "Send it" in rep.get("/").text and "Send it" in rep.get(f"/contacts/{people.ivan}").text


@pytest.mark.parametrize("lang", ["ru", "zh"])
def test_every_label_is_said_in_the_readers_language(world, people, lang):
    with world.acme.ctx("owner") as ctx:
        ctx.session.execute(update(User).where(User.id == ctx.actor.id).values(locale=lang))
    page = read(world, "visit Zwilling in 3 days: frames", who="owner")
    with world.acme.ctx("owner") as ctx:
        ctx.session.execute(update(User).where(User.id == ctx.actor.id).values(locale="en"))
    assert f">{i18n.gettext(lang, 'Visit')}</option>" in page
    for label in ("What it is", "With", "Kind", "When", "About", "Minutes", "To be done"):
        assert re.search(rf">{i18n.gettext(lang, label)}\s*<", page), label
