"""Pinned views in the side bar of every page: one's own, of lists that one may open, without a statement more."""

import re

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
