"""Forms that the server refuses: what was typed is there, the focus is on what is wrong, and nothing is in the way of anybody (axe)."""

from uuid import uuid4

import pytest

from core.mailings import drafting
from core.parties import actions
from tests.support.world import House

LONG = "x" * 300
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 740}}
# Page -> (its form, what is written into it). Each is refused by the server; what is written is there again.
FORMS = {
    "/accounts/new": ("form#account", {"name": "", "mail": "no address", "website": "nowhere", "phone": "x", "city": "Kiel"}),
    "/contacts/new": ("form#contact", {"name": "", "mail": "no address", "job_title": "Boss"}),
    "/accounts/{account}": ("form#entry", {"body": "Said it", "next_contact": "whenever"}),
    "/settings/tags/": ("form#tag", {"name": "Taken", "description": "Kept text"}),
    "/settings/teams/": ("form#team", {"name": ""}),
    "/settings/fields/new?room=accounts": ("form[data-own-field]", {"label": "", "help": "Some help"}),
    "/settings/members": ("form#invitation", {"mail": "no address"}),
    "/settings/consents/": ("form#purpose", {"name": "", "said": "May we write?"}),
    "/settings/profile": ("form#profile", {"name": LONG}),
    "/settings/workspace/": ("form#workspace", {"name": ""}),
    "/mailings/{mailing}/edit": ("form[data-draft]", {"subject": "", "reply_to": "no address", "body": "Hello"}),
}


@pytest.fixture(scope="module")
def house(server, room):
    found = House(f"refused-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        found.account = actions.create_account(ctx, name="Nordlicht", tags=["Taken"]).id
        found.mailing = drafting.draft_mailing(ctx, subject="News", body="x", tags=["Taken"]).id
    return found


def refused(someone, url, path, form, values):
    """The page after the server said no; the page's own checks are out of the way."""
    page = someone.page
    page.goto(url + path)
    page.locator("html[data-ready]").wait_for(state="attached")
    page.evaluate("form => { for (const el of document.querySelectorAll(`${form} :is(input, textarea, select)`)) { el.required = false; el.removeAttribute('maxlength'); if (['email', 'date', 'url', 'tel'].includes(el.type)) el.type = 'text'; } }", form)
    for name, value in values.items():
        page.locator(f"{form} [name='{name}']").fill(value)
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        page.evaluate("form => document.querySelector(form).requestSubmit()", form)
    assert answer.value.status == 422, (path, answer.value.status)
    page.locator("[aria-invalid=true], [data-errors]").first.wait_for()
    return page


@pytest.mark.parametrize("size", SIZES)
def test_a_refused_form_keeps_the_text_and_leads_to_what_is_wrong(person, sign_in, house, size):
    someone = person(viewport=SIZES[size], reduced_motion="reduce")
    url = sign_in(someone, house, "owner")
    wrong = []
    for path, (form, values) in FORMS.items():
        try:
            looked_at(someone, url, path.format(account=house.account, mailing=house.mailing), form, values, f"{size} refused {path}")
        except Exception as problem:  # all of them are told at once
            wrong.append(f"{path}: {str(problem)[:400]}")
    assert wrong == []


def looked_at(someone, url, path, form, values, where):
    page = refused(someone, url, path, form, values)
    for name, value in values.items():
        assert page.locator(f"{form} [name='{name}']").input_value() == value, name
    someone.until("() => document.activeElement?.matches('[data-errors], [aria-invalid=true]')", seconds=5)
    page.emulate_media(color_scheme="light")
    someone.axe(where=where)
    someone.no_sideways_scroll(where)
    page.emulate_media(color_scheme="dark")
    someone.axe_contrast(f"{where} in the dark")
