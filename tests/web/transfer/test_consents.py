"""Consents in a list, by the browser: offered as columns, named where they are refused, shown before anything is written."""

import pytest

from core.consent import recording
from core.parties.actions import create_contact
from tests.support.statements import counted
from tests.web.transfer.test_pages import chosen


@pytest.fixture(scope="module")
def asked(world):
    """A purpose; one person who has taken it back, one of whom nothing is known."""
    with world.acme.ctx() as ctx:
        news = recording.add_purpose(ctx, name="Fair news")
        gone, there = (create_contact(ctx, name=name, mail=f"{name.lower()}@consents.example", source="before") for name in ("Wanda", "Xaver"))
        ctx.session.flush()
        recording.record_consent(ctx, gone, news.id, given=False, source="phone")
        return gone.id, there.id


def test_a_no_is_named_before_anything_is_written_and_a_yes_stands_on_the_page_of_its_person(world, upload, work, asked):
    browser = world.browser("owner")
    place = upload("Name,Mail,Consent: Fair news\nWanda,wanda@consents.example,yes\nXaver,xaver@consents.example,yes\n", kind="contacts")
    with counted() as sent:
        text = browser.get(place).text
    assert "Consent: Fair news" in text and len(sent) <= 6, sent
    browser.post(f"{place}/check", chosen(text) | {"mode": "both", "key_field": "mail"})
    work()
    text = browser.get(place).text
    assert "This person has withdrawn consent to this." in text and "Agreed" in text
    assert "This person has withdrawn consent to this." in browser.get(f"{place}/problems").text
    browser.post(f"{place}/run")
    work()
    assert "Import" in browser.get(f"/contacts/{asked[1]}").text
    assert ">Withdrew<" not in browser.get(f"/contacts/{asked[1]}").text


def test_consents_are_columns_of_contacts_alone(world, upload, asked):
    place = upload("Name,Consent: Fair news\nYara,yes\n", kind="contacts")
    assert 'value="consent.' in world.browser("owner").get(place).text
    listed = upload("Name,Consent: Fair news\nYara,yes\n", kind="accounts")
    assert 'value="consent.' not in world.browser("owner").get(listed).text
