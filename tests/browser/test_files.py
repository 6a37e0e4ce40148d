"""Files go up from the page, one by one; what is refused is named; a file that would run runs nothing."""

from pathlib import Path
from uuid import uuid4

import pytest

from core.parties.actions import create_account
from tests.support.pictures import SVG, picture
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    return House(f"files-{uuid4().hex[:6]}")


def test_files_are_added_refused_and_fetched(person, sign_in, house):
    with house.ctx("rep") as ctx:
        key = create_account(ctx, name="Nordlicht").id
    anna = person(accept_downloads=True)
    anna.page.on("dialog", lambda dialog: pytest.fail(f"a file spoke: {dialog.message}"))
    anna.page.goto(f"{sign_in(anna, house, 'rep')}/accounts/{key}")
    anna.until("() => document.documentElement.dataset.ready !== undefined")
    good = {"name": "photo.png", "mimeType": "image/png", "buffer": picture()}
    evil = {"name": "a name \u5408\u540c that is much too long for its place.svg", "mimeType": "image/svg+xml", "buffer": SVG}
    anna.page.set_input_files("#upload-files", [good, evil, {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}])
    anna.until("() => document.querySelectorAll('.filed > li').length === 2 && document.querySelector('#files [data-errors]')?.textContent.includes('empty.txt: This file is empty.')")
    anna.until("() => document.activeElement.matches('#files [data-errors]')")
    anna.no_sideways_scroll("with files")
    anna.axe(where="with files and a refusal")
    with anna.page.expect_download() as fetched:
        anna.page.click(".filed a >> nth=0")
    assert fetched.value.suggested_filename == evil["name"] and "//files.localhost:" in fetched.value.url and Path(fetched.value.path()).read_bytes() == SVG
    assert anna.context.cookies(fetched.value.url) == []
    anna.page.reload()
    assert anna.page.locator(".filed > li").count() == 2
    anna.page.set_viewport_size({"width": 360, "height": 740})
    anna.no_sideways_scroll("with files, narrow")
    # Drawn by a worker, shown as a picture of ours.
    small = "document.querySelector('.filed li:last-child a').href.replace('/content', '/thumbnail')"
    anna.until(f"() => fetch({small}).then(answer => answer.status === 200 && answer.headers.get('content-type') === 'image/webp')", seconds=20)


def test_a_file_opened_in_the_window_after_all_runs_nothing(person, sign_in, house):
    """Its own address, without `download`: the browser saves it from the host of files; and it may not be shown in a frame."""
    from io import BytesIO

    from core.files.actions import add_file

    with house.ctx("rep") as ctx:
        key = add_file(ctx, create_account(ctx, name="Evil"), source=BytesIO(b"<!doctype html><script>document.title = 'ran'</script>"), name="page.html").id
    anna = person(accept_downloads=True)
    url = sign_in(anna, house, "rep")
    anna.page.goto(f"{url}/notifications")
    with anna.page.expect_download() as saved:
        anna.page.evaluate(f"() => document.querySelector('main').insertAdjacentHTML('afterbegin', '<a id=its href=/files/{key}/content>its</a>')")
        anna.page.click("#its")
    assert "//files.localhost:" in saved.value.url and anna.page.title() != "ran" and "/notifications" in anna.page.url
