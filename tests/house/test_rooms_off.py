"""With each room that may be off, off: the cast finds no trace of it on any page, in the API, in its description; every
address of it is not found, whatever the method. On again, all is as before (PRODUCT A2)."""

import re
from uuid import uuid4

import pytest

from core.base.rooms import switches
from tenants import rooms
from tests.support.things import account, bulk_edit, comment, file, mailing, run
from tests.support.world import Browser
from tests.web.api.test_idor import filled
from web.api import shell

CAST = ("owner", "manager", "rep", "reader")
# Room -> what stands on pages where it is on, and nowhere where it is off: beginnings of its addresses, and its words.
TRACES = {
    "mailings": (r"/mailings\b", r"\bmailings?\b"),
    "discussions": (r"/comments\b", r"/following\b", r"\bcomments?\b(?! on what you follow)", r"\bdiscussions?\b", r"\bmention(s|ed)?\b(?! you, comments)"),
    "files": (r'"/files\b', r"/files\"", r"<h2>Files\b", r"\bAdd files\b", r"\bPut files\b"),
    "imports": (r"/imports\b", r"\bimports?\b"),
    "leads": (r"/leads\b", r"\bleads\b(?! the)", r"\b(new|create) lead\b"),
    "mail": (r'href="/mail(/|\?|")', r"\bconversations? by mail\b", r"/settings/mail/", r"\bwrite a mail\b"),
    "bulk_edits": (r"/bulk-edits\b", r"/bulk\b", r"\bbulk edits?\b"),
}
# Pages that name rooms by their nature: the one where they are switched, the log of that, what the plan holds, all keys.
NAMING = ("/settings/rooms", "/settings/starter", "/settings/audit", "/subscription", "/settings/data", "/settings/retention")
KEY = str(uuid4())


@pytest.fixture(scope="module", autouse=True)
def unhurried():
    patch = pytest.MonkeyPatch()
    patch.setattr(shell, "BURST", 1_000_000)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def things(world):
    """One of everything, on one account and beside it."""
    key = comment(world)
    page = world.browser("rep").get("/api/v1/comments")
    assert page.status_code == 401
    on = world.api("rep").get(f"/api/v1/comments/{key}").json["record_id"]
    return {"account": on, "other": account(world), "comment": key, "file": file(world), "run": run(world), "mailing": mailing(world), "bulk_edit": bulk_edit(world)}


def switch(world, name, off):
    with world.acme.ctx("owner") as ctx:
        rooms.switch_rooms(ctx, **({"off": [name]} if off else {"on": [name]}))
    assert (name in world.acme.fresh().rooms_off) is off


@pytest.fixture
def off(world, things, request):
    switch(world, request.param, True)
    yield request.param
    switch(world, request.param, False)


def room_of(app, endpoint):
    return next((name for name in switches() if app.is_away(endpoint, frozenset({name}))), None)


def pages(app, away=""):
    """Addresses without a key of every page that is not of that room."""
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        if guard and guard.kind == "needs" and "GET" in rule.methods and not rule.arguments and room_of(app, rule.endpoint) != away:
            yield rule.rule


def shown(browser, path):
    """What a page says, without what only its machinery says."""
    answer = browser.get(path, follow_redirects=False)
    assert answer.status_code < 500, path
    text = answer.get_data(as_text=True)
    text = re.sub(r"<script\b.*?</script>|<link\b[^>]*>|<svg\b.*?</svg>", "", text, flags=re.DOTALL)
    return text


def traces(text, name):
    return sorted({match.group(0).lower() for pattern in TRACES[name] for match in re.finditer(pattern, text, re.IGNORECASE)})


@pytest.mark.parametrize("off", TRACES, indirect=True)
def test_no_page_has_a_trace(app, world, things, off):
    extra = [f"/accounts/{things['account']}", f"/accounts/{things['account']}?show=changes", "/search?q=Walked", "/palette?q=Walked", "/notifications?show=all",
             f"/settings/roles/{world.acme.users['rep'].role_id}", f"/accounts/{things['account']}/history"]
    wrong, read = [], 0
    for who in CAST:
        browser = world.browser(who)
        for path in (*pages(app, off), *extra):
            if path.startswith(NAMING):
                continue
            read += 1
            wrong += [(who, path, found) for found in traces(shown(browser, path), off)]
    assert wrong == [], "\n" + "\n".join(map(str, wrong))
    assert read > 100


@pytest.mark.parametrize("off", TRACES, indirect=True)
def test_every_address_of_it_is_not_found(app, world, off):
    """Like an address that never was: the same answer for whoever signs in and for strangers, for any method."""
    page, api, stranger = world.browser("owner"), world.api("owner"), Browser(app, world.acme)
    asked, wrong = 0, []
    for rule in app.url_map.iter_rules():
        if room_of(app, rule.endpoint) != off:
            continue
        path = filled(rule, KEY) if rule.arguments else rule.rule
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            for who in (page, api, stranger):
                asked += 1
                status = who._open(method, path, headers={"X-CSRF-Token": who.csrf}).status_code
                if status != 404:
                    wrong.append((method, path, status))
        if path.endswith("/") and page.get(path.rstrip("/")).status_code != 404:
            wrong.append(("without the slash", path))
    assert wrong == [] and asked > 60
    assert page.get(f"/nothing-{KEY}").status_code == 404


@pytest.mark.parametrize("off", TRACES, indirect=True)
def test_programs_hear_nothing_of_it(app, world, off):
    api = world.api("owner")
    spec = api.get("/api/v1/openapi.json")
    declared = [path for path in spec.json["paths"] if any(re.search(rf"^/api/v1{beginning}", path) for beginning in ("/mailings", "/comments", "/files", "/imports", "/bulk-edits", "/leads", "/mail/"))]
    rule = {"mailings": "/mailings", "discussions": "/comments", "files": "/files", "imports": "/imports", "bulk_edits": "/bulk-edits", "leads": "/leads", "mail": "/mail/"}[off]
    assert declared and not [path for path in declared if path.startswith(f"/api/v1{rule}")]
    prefixes = switches()[off].permissions
    gone = {name for name in world.api("manager").get("/api/v1/me").json["permissions"]}
    assert not [name for name in gone if name.partition(".")[0] in prefixes]
    for role in api.get("/api/v1/roles?limit=100").json["data"]:
        assert not [name for name in role["permissions"] if name.partition(".")[0] in prefixes and name not in switches()[off].owed], role["code"]
    for told in api.get("/api/v1/notifications").json["data"]:
        assert told["kind"] not in switches()[off].told


@pytest.mark.parametrize("name", TRACES)
def test_the_walk_sees_what_is_on(app, world, things, name):
    """Negative control, and "as before": on, the same pages are full of it."""
    browser = world.browser("owner")
    found = [path for path in (*pages(app), f"/accounts/{things['account']}", "/search?q=Walked") if traces(shown(browser, path), name)]
    assert found, name


def test_what_was_there_comes_back(world, things):
    for name in TRACES:
        switch(world, name, True)
    for name in TRACES:
        switch(world, name, False)
    api = world.api("rep")
    for path in (f"comments/{things['comment']}", f"files/{things['file']}", f"imports/{things['run']}", f"bulk-edits/{things['bulk_edit']}"):
        assert api.get(f"/api/v1/{path}").status_code == 200, path
    assert world.api("manager").get(f"/api/v1/mailings/{things['mailing']}").status_code == 200


def test_a_role_keeps_the_fields_that_it_hides_of_a_room_that_was_off(world):
    api = world.api("owner")
    with world.acme.ctx("owner") as ctx:
        from core.identity import roles

        path = f"/api/v1/roles/{roles.one_role(ctx, 'marketing').id}"
    told = api.get(path)
    assert api.json("PATCH", path, {"hidden": ["leads.phone", "accounts.phone"], "protected": ["leads.notes"]}, headers={"If-Match": told.headers["ETag"]}).status_code == 200
    switch(world, "leads", True)
    try:
        told = api.get(path)
        assert (told.json["hidden"], told.json["protected"]) == (["accounts.phone"], [])
        assert api.json("PATCH", path, {"hidden": ["accounts.mail"], "protected": []}, headers={"If-Match": told.headers["ETag"]}).json["hidden"] == ["accounts.mail"]
    finally:
        switch(world, "leads", False)
    told = api.get(path)
    assert (sorted(told.json["hidden"]), told.json["protected"]) == (["accounts.mail", "leads.phone"], ["leads.notes"])
    assert api.json("PATCH", path, {"hidden": [], "protected": []}, headers={"If-Match": told.headers["ETag"]}).status_code == 200


def test_a_role_keeps_what_it_held_of_a_room_that_was_off(world):
    owner = world.browser("owner")
    with world.acme.ctx("owner") as ctx:
        from core.identity import roles

        role = roles.one_role(ctx, "marketing")
        held, key = set(role.permissions), role.id
    switch(world, "mailings", True)
    try:
        api, path = world.api("owner"), f"/api/v1/roles/{key}"
        told = api.get(path)
        kept = [name for name in told.json["permissions"] if name != "imports.run"]
        changed = api.json("PATCH", path, {"permissions": kept}, headers={"If-Match": told.headers["ETag"]})
        assert changed.status_code == 200, changed.json
        refused = api.json("PATCH", path, {"permissions": [*kept, "mailings.send"]}, headers={"If-Match": changed.headers["ETag"]})
        assert refused.status_code == 422 and refused.json["code"] == "unknown_permission"
        assert "mailings" not in owner.get(f"/settings/roles/{key}").text
    finally:
        switch(world, "mailings", False)
    with world.acme.ctx("owner") as ctx:
        assert set(roles.one_role(ctx, "marketing").permissions) == held - {"imports.run"}


def test_somebody_can_still_leave_a_mailing_that_was_sent(app, world):
    """Whoever has a link has a right to it, whatever the workspace goes without."""
    switch(world, "mailings", True)
    try:
        stranger = Browser(app, world.acme)
        from core.mailings import unsubscribing

        with world.acme.ctx("owner") as ctx:
            token = unsubscribing.make_token(ctx.tenant, unsubscribing.link_for(ctx, "leaver@people.example", uuid4()))
        rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == "public.unsubscribe")
        assert stranger.get(re.sub(r"<[^>]+>", token, rule.rule)).status_code == 200
    finally:
        switch(world, "mailings", False)


def test_only_who_may_change_the_workspace_switches(world):
    assert world.browser("manager").get("/settings/rooms/").status_code == 403
    assert world.browser("manager").post("/settings/rooms/", {"on": []}).status_code == 403
    owner = world.browser("owner")
    assert owner.post("/settings/rooms/", {"on": ["mailings", "kitchen"], "_was_on": "mailings"}).status_code == 422
    assert owner.post("/settings/rooms/", {"on": ["mailings"], "_was_on": "mailings, files"}).status_code == 303
    assert world.acme.fresh().rooms_off == ["files"]
    assert "Files" in owner.get("/settings/rooms/").text
    owner.post("/settings/rooms/", {"on": ["mailings", "files"], "_was_on": "mailings"})
    assert world.acme.fresh().rooms_off == []


def test_the_audit_says_who_switched_what(world):
    switch(world, "imports", True)
    switch(world, "imports", False)
    assert "rooms off" in world.browser("owner").get("/settings/audit/?table=workspace").text
