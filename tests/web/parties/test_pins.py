"""Pinned views in the side bar of every page: one's own, of lists that one may open, without a statement more."""

import re

from core.identity import roles
from tests.web.parties.test_lists import save


def side(text):
    return re.findall(r'<a class="nav"[^>]*href="([^"]*view=[^"]*)"[^>]*>', text[: text.index("</nav>")])


def test_a_view_is_pinned_seen_on_every_page_and_unpinned(world):
    rep = world.browser("rep")
    where = save(rep, "Pinned one", "{}").location
    key = where.partition("view=")[2]
    assert side(rep.get("/").text) == [] and "Pin to the side bar" in rep.get(where).text
    assert rep.post(f"/lists/views/{key}/pin").status_code == 303
    page = rep.get(where).text
    assert "Unpin" in page and side(page) == [f"/accounts?view={key}"] and 'aria-current="page"' in re.search(r'<a class="nav"[^>]*view=[^>]*>', page)[0]
    assert side(rep.get("/contacts").text) == [f"/accounts?view={key}"] == side(rep.get("/settings/profile").text)
    assert side(world.browser("manager").get("/").text) == []
    assert rep.post(f"/lists/views/{key}/pin/deletion").status_code == 303
    assert side(rep.get("/").text) == []


def test_what_one_does_not_find_is_not_pinned(world):
    key = save(world.browser("rep"), "Mine alone", "{}").location.partition("view=")[2]
    assert world.browser("colleague").post(f"/lists/views/{key}/pin").status_code == 404
    assert world.browser("owner", world.globex).post(f"/lists/views/{key}/pin").status_code == 404


def pinned(browser, name, room="accounts"):
    """The side bar's address of a new view that was pinned."""
    where = browser.post("/lists/views", {"room": room, "name": name, "query": "{}"}).location
    key = where.partition("view=")[2]
    assert browser.post(f"/lists/views/{key}/pin").status_code == 303
    return f"/{room}?view={key}"


def test_a_view_of_a_list_that_one_may_not_open_any_more_leaves_the_bar(world):
    reader = world.browser("reader")
    accounts, contacts = pinned(reader, "Accounts there"), pinned(reader, "People there", "contacts")
    assert set(side(reader.get("/settings/profile").text)) == {accounts, contacts}
    with world.acme.ctx() as ctx:
        role = roles.one_role(ctx, "reader")
        before = list(role.permissions)
        roles.edit_role(ctx, role, permissions=[one for one in before if not one.startswith("contacts.")])
    try:
        assert side(reader.get("/settings/profile").text) == [accounts]
    finally:
        with world.acme.ctx() as ctx:
            roles.edit_role(ctx, roles.one_role(ctx, "reader"), permissions=before)


def test_through_a_colleagues_eyes_ones_own_are_not_among_his(world):
    owner = world.browser("owner")
    mine = pinned(owner, "Mine")
    assert mine in side(owner.get("/accounts").text)
    assert owner.post(f"/settings/members/{world.acme.users['rep'].id}/eyes").status_code == 303
    page = owner.get("/accounts").text
    assert mine not in side(page)
