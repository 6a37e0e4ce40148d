"""The palette and the search page: groups, links to the very entry, few statements."""

import re
from datetime import timedelta

import pytest

from core.activities import actions as log
from core.mailings import drafting
from core.parties import actions
from infra import i18n
from tests.support.statements import counted
from web.search.views import EXCERPT, KINDS, excerpt


@pytest.fixture(scope="module")
def filled(world):
    with world.acme.ctx("owner") as ctx:
        account = actions.create_account(ctx, name="Quagga Optik <b>")
        ctx.session.flush()
        person = actions.create_contact(ctx, name="Quentin Quagga", account_id=account.id)
        ctx.session.flush()
        first = log.log_activity(ctx, kind="call", account=account, body="First talk about the axolotl", happened_at=ctx.now - timedelta(days=200))
        for n in range(40):
            log.log_activity(ctx, kind="note", account=account, body=f"Later {n}", happened_at=ctx.now - timedelta(days=n))
        recent = log.log_activity(ctx, kind="call", contact=person, body="Quagga <i>yesterday</i>", happened_at=ctx.now - timedelta(hours=5))
        mailing = drafting.draft_mailing(ctx, name="Quagga news", subject="Hello", body="x", tags=["a"])
        ctx.session.flush()
        world.keys = {"account": account.id, "first": first.id, "recent": recent.id, "mailing": mailing.id}
    return world


def links(text):
    return re.findall(r'(?:data-href|class="rel" href)="([^"]+)"', text)


def test_the_palette_shows_each_kind_under_its_heading(filled):
    part = filled.browser("owner").get("/palette?q=quagga").text
    order = [part.index(f'role="presentation">{title}<') for title in ("Accounts", "Contacts", "Contact log", "Mailings")]
    assert order == sorted(order) and "&lt;i&gt;yesterday" in part and "<i>" not in part
    assert f"/mailings/{filled.keys['mailing']}" in links(part)


@pytest.mark.parametrize("lang", ["es", "zh", "ko", "ru"])
def test_the_headings_are_translated(lang):
    assert all(i18n.gettext(lang, heading) != heading for heading, _ in KINDS.values())


@pytest.mark.parametrize("path", ["/palette", "/search"])
@pytest.mark.parametrize(("q", "key"), [("axolotl", "first"), ("quagga yesterday", "recent")])
def test_a_hit_of_the_log_leads_to_the_entry_itself(filled, path, q, key):
    """Also where forty newer ones stand before it."""
    browser = filled.browser("owner")
    (url,) = (link for link in links(browser.get(path, query_string={"q": q}).text) if "#a-" in link)
    address, anchor = url.split("#")
    page = browser.get(address)
    assert anchor == f"a-{filled.keys[key]}" and page.status_code == 200 and f'id="{anchor}"' in page.text
    assert ("Later 0" in page.text) == (key == "recent")


@pytest.mark.parametrize("at", ["x", "~", "2026-01-01~a", "2026-01-01T00:00:00~01900000-0000-7000-8000-000000000000", "%00"])
def test_a_place_that_is_not_ours_is_refused(filled, at):
    assert filled.browser("owner").get(f"/accounts/{filled.keys['account']}?at={at}").status_code in (400, 422)


@pytest.mark.parametrize("path", ["/palette?q=quagga", "/search?q=quagga"])
def test_all_kinds_cost_one_statement(filled, path):
    browser = filled.browser("owner")
    browser.get(path)
    with counted() as sent:
        assert browser.get(path).status_code == 200
    assert len(sent) <= 4, sent


def test_a_role_without_mailings_finds_none(filled):
    assert "Quagga news" not in filled.browser("rep").get("/palette?q=quagga").text
    assert "Quagga news" in filled.browser("reader").get("/palette?q=quagga").text


def test_an_excerpt_shows_the_word_that_was_looked_for():
    text = "word " * 100 + "Needle here\nand " + "more " * 100
    assert "Needle here and" in excerpt(text, ["needle"]) and len(excerpt(text, ["needle"])) == EXCERPT + 2
    assert excerpt("short", ["x"]) == "short" and excerpt(text, []).startswith("word word")
