"""V24, employee: "I answered without knowing what the others had agreed." Sales and service, one customer, the same facts."""

import re
from uuid import uuid4

import pytest

from tests.support.world import Browser, House


@pytest.fixture(scope="module")
def house(app):
    return House(f"facts-{uuid4().hex[:6]}", {"owner": "admin", "anna": "manager", "sven": "service", "mia": "marketing"})


def test_what_one_department_writes_the_other_reads_before_it_answers(app, house):
    anna, sven, mia = (Browser(app, house, who) for who in ("anna", "sven", "mia"))
    account = anna.post("/accounts", {"name": "Nordlicht Optik GmbH", "phone": "+49 40 5557 0142", "kind": "company"}).location
    contact = anna.post("/contacts", {"name": "Sofie Brandt", "mail": "sofie@nordlicht.example", "account_id": account.rsplit("/", 1)[1]}).location
    assert anna.post(f"{account}/activities", {"kind": "call", "body": "Agreed: ten percent until March", "contact_id": contact.rsplit("/", 1)[1]}).status_code == 303
    # Service is called. It finds the customer by his number, and what sales agreed, on the company and on the person alike.
    assert account in sven.get("/search?q=5557 0142", follow_redirects=True).text
    for path in (account, contact):
        page = sven.get(path).text
        assert "Agreed: ten percent until March" in page and "Anna" in page
    # Nothing is entered twice: who begins the same customer anew is shown the one that is there.
    typed = {"name": "Nordlicht Optik", "phone": "040 55570142"}
    assert account in sven.get("/accounts/duplicates", query_string=typed).text
    # What service writes and corrects, sales and marketing see at once, with its author, and only once.
    assert sven.post(f"{contact}/activities", {"kind": "call", "body": "Complains of a scratched lens"}).status_code == 303
    assert sven.post(f"{contact}/fields", {"job_title": "Head of purchasing"}).status_code == 303
    for who in (anna, mia):
        page = who.get(account).text
        assert page.count("Complains of a scratched lens") == 1 and "Sven" in page
        assert "Head of purchasing" in who.get(contact).text
    first, then = (re.search(text, anna.get(account).text).start() for text in ("Complains of a scratched lens", "Agreed: ten percent"))
    assert first < then, "one timeline, the newest first"
    rows = Browser(app, house, "anna").get("/contacts?q=Sofie").text
    assert rows.count('class="open"') == 1 and "Head of purchasing" in rows
