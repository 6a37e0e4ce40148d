"""Manifest, service worker and the marks that it goes by."""

import re
from pathlib import Path

from core.parties.actions import create_account
from infra import icons
from web import plumbing

ROOT = Path(__file__).resolve().parents[2]


def account(world, who="rep", **values):
    with world.acme.ctx(who) as ctx:
        return create_account(ctx, name="Nordlicht Ö", **values).id


def test_the_manifest_says_the_workspaces_name_to_a_browser_without_a_cookie(world):
    answer = world.browser().get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json" and answer.json["name"] == world.acme.tenant.name
    for icon in answer.json["icons"]:
        picture = world.browser().get(icon["src"])
        assert picture.mimetype == "image/png" and picture.data.startswith(b"\x89PNG")


def test_the_worker_names_the_files_of_this_build(world):
    text = world.browser().get("/sw.js")
    assert text.mimetype == "text/javascript" and text.headers["Cache-Control"] == "no-cache"
    assert plumbing.asset("app.css") in text.text and plumbing.asset("app.js") in text.text
    for name in re.findall(r'"(/static/[^"]+)"', text.text.partition("\n")[0]):
        assert world.browser().get(name).status_code == 200


def test_only_a_records_whole_page_is_marked_for_keeping(world):
    key, rep = account(world), world.browser("rep")
    assert rep.get(f"/accounts/{key}").headers["X-Brief"] == "Nordlicht%20%C3%96"
    for path, headers in ((f"/accounts/{key}", {"HX-Request": "true", "HX-Target": "aside#peek"}), (f"/accounts/{key}/edit", {}), ("/accounts", {}), ("/", {}), ("/settings/profile", {})):
        assert "X-Brief" not in rep.get(path, headers=headers).headers, path
    refused = rep.post(f"/accounts/{key}/activities", {"kind": "note", "body": ""})
    assert "X-Brief" not in refused.headers


def test_the_mark_differs_by_person_and_rights_and_is_the_same_otherwise(world):
    marks = {who: world.browser(who).get("/").headers["X-Person"] for who in ("owner", "rep", "colleague")}
    assert len(set(marks.values())) == 3 and world.browser("rep").get("/accounts").headers["X-Person"] == marks["rep"]
    assert "X-Person" not in world.browser().get("/sign-in").headers


def test_who_looks_through_anothers_eyes_keeps_nothing(world):
    key = account(world)
    owner = world.browser("owner")
    assert owner.post(f"/settings/members/{world.acme.users['rep'].id}/eyes").status_code == 303
    shown = owner.get(f"/accounts/{key}")
    assert "You see the workspace as" in shown.text and "X-Brief" not in shown.headers and "X-Person" not in shown.headers


def test_the_device_learns_which_records_are_still_seen(world):
    own, others = account(world), account(world, "colleague")
    paths = [f"/accounts/{own}", f"/accounts/{others}", "/settings/profile", "/accounts/no-key"]
    answer = world.browser("rep").get("/offline/seen?" + "&".join(f"path={path}" for path in paths))
    assert answer.json == {"seen": [f"/accounts/{own}"]}
    assert world.browser("owner").get(f"/offline/seen?path=/accounts/{others}").json == {"seen": [f"/accounts/{others}"]}


def test_the_drawn_icons_are_the_mark():
    """The numbers of the drawing are those of the SVG: who changes one changes both."""
    svg = (ROOT / "web" / "ui" / "static" / "mark.svg").read_text()
    (x1, y1, x2, _), (x3, y3, _, y4) = icons.BARS
    assert f'd="M{x1:g} {y1:g}h{x2 - x1:g}M{x3:g} {y3:g}v{y4 - y3:g}"' in svg and f'stroke-width="{icons.STROKE * 2:g}"' in svg
    assert f'viewBox="0 0 {icons.FIELD:g} {icons.FIELD:g}"' in svg and f'rx="{icons.CORNER:g}"' in svg and f'fill="#{"".join(f"{part:02x}" for part in icons.BLUE)}"' in svg
