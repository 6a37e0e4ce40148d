"""Names that try to become script, markup or another direction of text: shown as they are, run nowhere."""

import json
from io import BytesIO
from uuid import uuid4

import pytest

from core.base.errors import Refused
from core.discussions.actions import add_comment
from core.files.actions import add_file
from core.mailings import drafting
from core.parties.actions import create_account, create_contact
from tests.support.world import House

MINE = ["<script>window.hacked=1</script>", "\"><img src=x onerror=window.hacked=1>", "{{ 7*7 }}", "javascript:window.hacked=1", "</textarea><svg onload=window.hacked=1>", "'-window.hacked=1-'"]


@pytest.fixture(scope="module")
def strings(data):
    """The scripts and markup of the Big List, and a few of ours; what a name may not hold is refused and left out."""
    found = [s for path in sorted((data / "security-strings" / "blns").glob("*.json")) for s in json.loads(path.read_text()) if isinstance(s, str)]
    return [*MINE, *(s for s in found if any(mark in s for mark in "<>\"'{}&") and len(s) <= 150)]


def scroll_to_the_end(someone) -> None:
    """As a person reads a list: the next page comes by itself when the row that leads to it is seen, so it can't be clicked."""
    following = "() => { const next = document.querySelector('a[rel=next]'); next?.scrollIntoView(); return next?.href }"
    while href := someone.page.evaluate(following):
        someone.until("href => document.querySelector('a[rel=next]')?.href !== href", href)


def test_hostile_names_run_nowhere(person, server, sign_in, strings):
    house, kept = House(f"hostile-{uuid4().hex[:6]}"), []
    for value in strings:
        try:
            with house.ctx("manager") as ctx:
                account = create_account(ctx, name=value, tags=["x"], owner_id=house.users["owner"].id)
                ctx.session.flush()
                add_comment(ctx, account, f"@Owner {value}")
                add_file(ctx, account, source=BytesIO(value.encode()), name=value)
                contact = create_contact(ctx, name=value, job_title=value[:100], account_id=account.id, tags=["x"])
                ctx.session.flush()
                kept.append((account.name, account.id, contact.id))
        except Refused:
            continue
    assert len(kept) >= 60, len(kept)
    with house.ctx() as ctx:
        mailing = drafting.draft_mailing(ctx, subject=MINE[0], body=MINE[1] + " {{ contact.name }}", tags=["x"]).id
    someone = person()
    page, url, dialogs = someone.page, sign_in(someone, house), []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    shown = set()
    for path in ["/accounts", "/accounts?q=script", "/contacts", "/", f"/mailings/{mailing}", f"/mailings/{mailing}/sending", "/settings/audit/", "/notifications", "/search?q=script"]:
        page.goto(url + path)
        page.locator("html[data-ready]").wait_for(state="attached")
        shown |= set(page.locator("td.main a.open").all_inner_texts())
        if path in ("/accounts", "/contacts"):
            scroll_to_the_end(someone)
            shown |= set(page.locator("td.main a.open").all_inner_texts())
        assert page.evaluate("[window.hacked, window.__csp]") == [None, []], path
    for name, account_id, contact_id in kept[:: max(1, len(kept) // 12)]:
        for path in (f"/accounts/{account_id}", f"/contacts/{contact_id}", f"/accounts/{account_id}/edit"):
            page.goto(url + path)
            page.locator("html[data-ready]").wait_for(state="attached")
            assert page.evaluate("[window.hacked, window.__csp]") == [None, []], name
        assert page.input_value("[name=name]") == name
    assert dialogs == []
    missing = [name for name, _, _ in kept if " ".join(name.split()) not in {" ".join(s.split()) for s in shown}]
    assert missing == []


def test_a_name_that_came_through_would_be_seen(person, server, sign_in):
    """Negative control: the same markup put into the page unescaped is noticed (the policy stops it and says so)."""
    someone = person()
    page = someone.page
    page.goto(sign_in(someone, House(f"control-{uuid4().hex[:6]}")) + "/accounts")
    page.evaluate("html => document.querySelector('#content').insertAdjacentHTML('beforeend', html)", MINE[1])
    someone.until("window.__csp.length > 0 || window.hacked")
    page.evaluate("window.__csp = []")
    someone.errors.clear()
