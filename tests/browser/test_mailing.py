"""From writing a mailing to leaving it: it arrives once, the link works for strangers, the next one stays away."""

import re
from uuid import uuid4

from core.parties.actions import create_contact
from tests.support.world import House


def write_and_send(page, url, subject, people):
    page.goto(f"{url}/mailings/new")
    page.locator("html[data-ready]").wait_for()
    page.fill("[name=subject]", subject)
    page.fill("[name=body]", "Dear {{ contact.name }},\n\nwe open **earlier** on Monday.")
    page.check("[name=tags][value=news]")
    page.click("text=Save draft")
    page.wait_for_url(re.compile(r"/mailings/[0-9a-f-]{36}$"))
    page.click("main >> text=Send")
    page.wait_for_url("**/sending")
    page.get_by_role("button", name=re.compile(rf"Send to {people} p")).click()
    page.wait_for_url(re.compile(r"/mailings/[0-9a-f-]{36}$"))


def test_a_mailing_arrives_and_who_leaves_gets_no_other(person, server, sign_in, mails):
    tag = uuid4().hex[:6]
    house = House(f"post-{tag}")
    with house.ctx() as ctx:
        create_contact(ctx, name="Anna <b>Ahlberg</b>", mail=f"anna@{tag}.example", tags=["news"])
        create_contact(ctx, name="Bo Berg", mail=f"bo@{tag}.example", tags=["news"])
    writer = person()
    url = sign_in(writer, house, "manager")
    write_and_send(writer.page, url, "Opening hours", 2)
    letter = mails(f"anna@{tag}.example")[0]
    assert letter["subject"] == "Opening hours" and "Anna <b>Ahlberg</b>" in letter["text"] and "<b>Ahlberg" not in letter["html"]
    link = re.search(r"https?://\S+/unsubscribe/[^\s>]+", letter["text"])[0]

    stranger = person(java_script_enabled=False)
    stranger.page.goto(link)
    stranger.page.click("button:has-text('Unsubscribe')")
    assert "unsubscribe" in stranger.page.url and stranger.page.locator("h1").is_visible()

    write_and_send(writer.page, url, "Second news", 1)
    mails(f"bo@{tag}.example", 2)
    assert len(mails(f"anna@{tag}.example")) == 1
    writer.page.reload()
    assert "Bo Berg" in writer.page.locator("#content").inner_text()
