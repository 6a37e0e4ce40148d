"""Files on record pages: uploaded, listed, fetched under headers that let nothing run, and for programs."""

import re
from html import unescape
from io import BytesIO
from uuid import uuid4

import pytest
from werkzeug.http import parse_options_header

from core.files import queries
from core.parties import actions as parties
from infra import limits
from tests.support.pictures import HTML, MARKUP, POLYGLOT, SVG, picture, png_head
from tests.support.statements import counted
from workers.jobs import files as jobs


@pytest.fixture(scope="module")
def places(world):
    """(kind, key) of an account and of a person of the rep's."""
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        return [("accounts", account.id), ("contacts", parties.create_contact(ctx, name="Sofie", account_id=account.id).id)]


def upload(browser, place, *files, **rest):
    kind, key = place
    return browser.post(f"/{kind}/{key}/files", {"files": [(BytesIO(data), name) for name, data in files]}, content_type="multipart/form-data", **rest)


def newest(world, place):
    kind, key = place
    with world.acme.ctx("rep") as ctx:
        return ctx.session.execute(queries.files(ctx).where(queries.Attachment.record_id == key).order_by(queries.Attachment.id.desc())).scalars().first().id


@pytest.mark.parametrize("n", [0, 1])
def test_several_files_go_up_at_once_and_stand_on_the_page(world, places, n):
    rep = world.browser("rep")
    answer = upload(rep, places[n], ("Offer \u5408\u540c <1>.pdf", b"%PDF-1.7 x" * 200), ("photo.png", picture()))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/{places[n][0]}/{places[n][1]}#files")
    page = rep.get(f"/{places[n][0]}/{places[n][1]}").text
    assert "Offer \u5408\u540c &lt;1&gt;.pdf" in page and "photo.png" in page and "2 kB \u00b7 Rep" in page and "added the file" in page


def test_what_is_refused_is_named_and_what_is_good_stays(world, places):
    rep = world.browser("rep")
    answer = upload(rep, places[0], ("empty & odd.txt", b""), ("good.txt", b"good"), ("bomb.png", png_head(65_500, 65_500)))
    text = unescape(answer.text)
    assert answer.status_code == 422 and "empty & odd.txt: This file is empty." in text and "bomb.png: This picture has too many pixels." in text and "good.txt: " not in text
    page = rep.get(f"/accounts/{places[0][1]}").text
    assert "good.txt" in page and "bomb.png" not in page
    assert upload(rep, places[0]).status_code == 422


def test_in_place_the_part_alone_comes_back(world, places):
    part = upload(world.browser("rep"), places[0], ("part.txt", b"x"), headers={"HX-Request": "true"})
    assert part.status_code == 200 and part.text.lstrip().startswith("<section") and "part.txt" in part.text


def closed(answer):
    """Do the headers of a file let nothing in it run, and hand it out as a file to keep?"""
    policy, kind = answer.headers["Content-Security-Policy"], answer.headers.get("Content-Disposition", "")
    return (
        "sandbox" in policy and "default-src 'none'" in policy and "script-src" not in policy and answer.headers["X-Content-Type-Options"] == "nosniff"
        and kind.startswith("attachment") and answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    )


CORPUS = [*((name, data) for name, data, _ in MARKUP), ("poly.gif", POLYGLOT), ("poly.js", POLYGLOT), ("x.html", picture("GIF") + HTML), ("x.pdf", b"%PDF-1.7\n" + HTML), ("noext", SVG)]


@pytest.mark.parametrize(("name", "data"), CORPUS, ids=[f"{name}-{n}" for n, (name, _) in enumerate(CORPUS)])
def test_nothing_that_could_run_is_ever_shown(world, places, name, data):
    """X5: handed out as bytes to keep, as no type that a browser runs, and with no small picture of it."""
    rep = world.browser("rep")
    assert upload(rep, places[0], (name, data)).status_code in (303, 422)
    if name not in rep.get(f"/accounts/{places[0][1]}").text:
        return  # refused: a polyglot whose picture says that it is huge
    key = newest(world, places[0])
    answer = rep.file(f"/files/{key}/content")
    assert answer.data == data and closed(answer)
    assert answer.mimetype not in ("text/html", "image/svg+xml", "application/xml", "text/xml", "application/xhtml+xml", "text/javascript", "application/javascript")
    jobs.draw(lambda: world.acme.ctx("rep"), file_id=str(key))
    small = rep.get(f"/files/{key}/thumbnail")
    assert small.status_code == 404 or (small.mimetype == "image/webp" and small.data[8:12] == b"WEBP" and b"script" not in small.data and b"alert" not in small.data)


def test_a_file_given_out_as_it_says_it_is_would_be_seen(world, places, monkeypatch):
    """Negative control: told as its own type and without the headers."""
    from web.files import handing

    monkeypatch.setattr(handing, "TOLD", ("",))
    monkeypatch.setattr(handing, "closed", lambda response, cache: response)
    rep = world.browser("rep")
    upload(rep, places[0], ("a.svg", SVG))
    answer = rep.file(f"/files/{newest(world, places[0])}/content")
    assert answer.mimetype == "image/svg+xml"
    with pytest.raises((AssertionError, KeyError)):
        assert closed(answer)


@pytest.mark.parametrize("name", ["a\"b;c.txt", "\u5408\u540c \u20ac.txt", "x\r\nSet-Cookie: a=b.txt", "../../up.txt", "n" * 300 + ".txt", "per%20cent%0a.txt"])
def test_its_name_reaches_the_browser_whole_and_breaks_no_header(world, places, name):
    from core.files.rules import shown_name

    with world.acme.ctx("rep") as ctx:
        from core.files import actions

        key = actions.add_file(ctx, ctx.session.get_one(parties.Account, places[0][1]), source=BytesIO(b"x"), name=name).id
    answer = world.browser("rep").file(f"/files/{key}/content")
    kind, options = parse_options_header(answer.headers["Content-Disposition"])
    assert (kind, options["filename"]) == ("attachment", shown_name(name)) and "Set-Cookie" not in answer.headers


def test_the_right_is_asked_each_time(world, places):
    rep = world.browser("rep")
    upload(rep, places[0], ("mine.png", picture()))
    key = newest(world, places[0])
    jobs.draw(lambda: world.acme.ctx("rep"), file_id=str(key))
    paths = [f"/files/{key}/content", f"/files/{key}/thumbnail"]
    assert [rep.file(path).status_code for path in paths] == [200, 200]
    for who in (world.browser("colleague"), world.browser("owner", world.globex)):
        assert [who.get(path).status_code for path in (*paths, f"/files/{key}/edit", f"/accounts/{places[0][1]}/files")] == [404] * 4
        assert [who.post(path).status_code for path in (f"/files/{key}", f"/files/{key}/deletion")] == [404] * 2
        assert upload(who, places[0], ("x.txt", b"x")).status_code == 404
    assert world.browser(None).get(paths[0]).status_code == 303
    with world.acme.ctx("manager") as ctx:
        parties.change_owner(ctx, ctx.session.get_one(parties.Account, places[0][1]), world.acme.users["colleague"].id)
    try:
        assert [rep.get(path).status_code for path in paths] == [404, 404]
    finally:
        with world.acme.ctx("manager") as ctx:
            parties.change_owner(ctx, ctx.session.get_one(parties.Account, places[0][1]), world.acme.users["rep"].id)


def test_one_renames_deletes_and_brings_back(world, places):
    rep = world.browser("rep")
    upload(rep, places[0], ("old.txt", b"x"))
    key = newest(world, places[0])
    form = rep.get(f"/files/{key}/edit").text
    assert 'value="old.txt"' in form and 'name="_version" value="1"' in form
    assert rep.post(f"/files/{key}", {"name": "", "_version": "1"}).status_code == 422
    assert rep.post(f"/files/{key}", {"name": "new.txt", "_version": "1"}).status_code == 303
    assert rep.post(f"/files/{key}", {"name": "late.txt", "_version": "1"}).status_code == 409
    assert "new.txt" in rep.get(f"/accounts/{places[0][1]}").text
    assert rep.post(f"/files/{key}/deletion").status_code == 303
    page = rep.get(f"/accounts/{places[0][1]}").text
    assert f"/files/{key}/content" not in page and f"/files/{key}/restoration" in page and rep.get(f"/files/{key}/content").status_code == 404
    assert rep.post(f"/files/{key}/restoration").status_code == 303 and rep.file(f"/files/{key}/content").status_code == 200


def test_a_reader_fetches_and_puts_nothing_there(world, places):
    upload(world.browser("rep"), places[0], ("read me.txt", b"x"))
    reader = world.browser("reader")
    page = reader.get(f"/accounts/{places[0][1]}").text
    assert "read me.txt" in page and 'id="upload"' not in page and f"/files/{newest(world, places[0])}/edit" not in page
    assert reader.file(f"/files/{newest(world, places[0])}/content").data == b"x"
    assert upload(reader, places[0], ("x.txt", b"x")).status_code == 403


def test_more_files_send_no_more_statements(world, places):
    rep, path = world.browser("rep"), f"/accounts/{places[0][1]}"
    rep.get(path)
    with counted() as few:
        rep.get(path)
    upload(rep, places[0], *((f"n{n}.txt", b"x") for n in range(5)))
    rep.get(path)
    with counted() as more:
        rep.get(path)
    assert len(more) == len(few)


def test_a_flood_of_uploads_is_slowed_down(world, places, monkeypatch):
    monkeypatch.setattr(limits, "hit", lambda name, *_, **__: (_ for _ in ()).throw(limits.TooOften(7)) if name == "uploads" else None)
    answer = upload(world.browser("rep"), places[0], ("x.txt", b"x"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def post(api, data, **params):
    return api.client.post("/api/v1/files", base_url=f"http://{api.house.host}", query_string=params, data=data, content_type="application/octet-stream")


def test_programs_put_files_there_and_fetch_them(world, places):
    api, on = world.api("rep"), {"record_kind": "account", "record_id": str(places[0][1])}
    made = post(api, SVG, name="../logo.png", **on)
    assert made.status_code == 201 and (made.json["name"], made.json["mimetype"], made.json["size"]) == ("logo.png", "image/svg+xml", len(SVG))
    path = f"/api/v1/files/{made.json['id']}"
    fetched = api.get(f"{path}/content")
    assert fetched.data == SVG and closed(fetched) and fetched.mimetype == "application/octet-stream"
    assert api.json("PATCH", path, {"name": "mark.svg"}, headers={"If-Match": '"1"'}).json["name"] == "mark.svg"
    assert made.json["id"] in {one["id"] for one in api.get(f"/api/v1/files?filter[record_id][eq]={places[0][1]}").json["data"]}
    assert world.api("colleague").get("/api/v1/files").json["data"] == []
    for who in (world.api("colleague"), world.api("owner", world.globex)):
        assert who.get(path).status_code == who.get(f"{path}/content").status_code == 404
    assert api.json("DELETE", path, headers={"If-Match": '"2"'}).status_code == 204 and api.get(f"{path}/content").status_code == 404
    for wrong in ({"record_kind": "app_user"}, {"record_id": str(uuid4())}):
        assert post(api, b"x", name="x", **(on | wrong)).status_code == 422
    assert post(api, b"", name="x", **on).status_code == 422 and post(api, b"x", **on).status_code == 422


def test_the_description_says_that_a_file_is_a_file(world):
    spec = world.browser(None).get("/api/v1/openapi.json").json
    assert re.search(r"\*/\*.*binary", str(spec["paths"]["/api/v1/files/{id}/content"]["get"]["responses"]["200"]))
