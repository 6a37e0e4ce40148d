"""The pages of mailings through HTTP, with the whole cast."""

import re

import pytest
from sqlalchemy import func, select, update

from core.mailings import queries, running
from core.mailings.models import Mailing, MailingRecipient
from tests.support.forms import hidden_of

WRITERS, READERS, OTHERS = ("owner", "manager"), ("reader",), ("rep", "colleague")
FORM = {"subject": "Spring", "body": "Dear {{ contact.name }}", "from_name": "Acme", "reply_to": "info@acme.example", "audience": "any", "tags": "news"}


def state(world, mailing_id) -> str:
    with world.acme.ctx() as ctx:
        return queries.one(ctx, mailing_id).state


@pytest.mark.parametrize("path", ["/mailings/", "/mailings/{id}"])
def test_who_may_read_reads(news, draft, path):
    for who in (*WRITERS, *READERS):
        assert news.browser(who).get(path.format(id=draft)).status_code == 200
    for who in OTHERS:
        assert news.browser(who).get(path.format(id=draft)).status_code == 403
    assert news.browser().get(path.format(id=draft)).status_code == 303
    assert news.browser("owner", news.globex).get(f"/mailings/{draft}").status_code == 404


@pytest.mark.parametrize("path", ["/mailings/new", "/mailings/{id}/edit", "/mailings/{id}/sending", "/mailings/reach"])
def test_who_may_write_writes(news, draft, path):
    for who in WRITERS:
        assert news.browser(who).get(path.format(id=draft)).status_code == 200
    for who in (*READERS, *OTHERS):
        assert news.browser(who).get(path.format(id=draft)).status_code == 403


@pytest.mark.parametrize("path", [
    "/mailings/", "/mailings/{id}", "/mailings/{id}/sending", "/mailings/{id}/pause", "/mailings/{id}/resumption", "/mailings/{id}/cancellation",
    "/mailings/{id}/resending", "/mailings/{id}/tests", "/mailings/{id}/copies", "/mailings/{id}/deletion",
])
def test_no_verb_for_those_who_may_not(news, draft, path):
    for who in (*READERS, *OTHERS):
        assert news.browser(who).post(path.format(id=draft), FORM).status_code == 403
    assert news.browser("owner", news.globex).post(path.format(id=draft), FORM | {"expected": "1"}).status_code in ((404,) if "{id}" in path else (303,))
    assert news.browser().post(path.format(id=draft), FORM).status_code == 303
    assert state(news, draft) == "draft"


def test_the_side_bar_shows_it_to_those_who_may_read(news):
    assert 'href="/mailings/"' in news.browser("manager").get("/mailings/").text
    assert 'href="/mailings/"' not in news.browser("rep").get("/settings/profile").text


def test_a_draft_is_written_changed_copied_and_thrown_away(news):
    browser = news.browser("manager")
    answer = browser.post("/mailings/", FORM)
    place = answer.headers["Location"]
    assert answer.status_code == 303 and "Dear Sofie Brandt" in browser.get(place).text and "120 people would get this now" in browser.get(place).text
    page = browser.get(f"{place}/edit").text
    assert browser.post(place, hidden_of(page, place) | FORM | {"subject": "Summer"}).status_code == 303
    assert "Summer" in browser.get(place).text
    copy = browser.post(f"{place}/copies")
    assert copy.status_code == 303 and "Copy of Summer" in browser.get(copy.headers["Location"]).text
    assert browser.post(f"{place}/deletion").status_code == 303 and browser.get(place).status_code == 404


@pytest.mark.parametrize("wrong,words", [
    ({"subject": ""}, "subject-err"), ({"body": "{{ contact.password }}"}, "contact.password"), ({"subject": "x\r\nBcc: all@evil.example"}, "line breaks"),
    ({"from_name": "x\nBcc: y"}, "line breaks"), ({"reply_to": "no mail"}, "name@example.com"), ({"audience": "sideways"}, "audience"), ({"tags": "x" * 61}, "60"),
])
def test_a_refused_form_comes_back_with_everything_that_was_typed(news, wrong, words):
    with news.acme.ctx() as ctx:
        before = ctx.session.execute(select(func.count()).select_from(Mailing)).scalar_one()
    answer = news.browser("owner").post("/mailings/", FORM | {"body": "A text worth keeping"} | wrong)
    assert answer.status_code == 422 and words in answer.text
    assert "body" in wrong or "A text worth keeping" in answer.text
    with news.acme.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Mailing)).scalar_one() == before


def mailing_of(world, id) -> Mailing:
    with world.acme.ctx() as ctx:
        return queries.one(ctx, id)


def test_two_who_change_different_fields_of_a_draft_never_meet(news, draft):
    place = f"/mailings/{draft}"
    mine, theirs = (hidden_of(news.browser(who).get(f"{place}/edit").text, place) for who in ("owner", "manager"))
    same = {"subject": mine["_was_subject"], "body": mine["_was_body"], "from_name": mine["_was_from_name"], "audience": "any", "tags": "news", "name": mine["_was_name"]}
    assert news.browser("manager").post(place, theirs | same | {"body": "The manager's text"}).status_code == 303
    assert news.browser("owner").post(place, mine | same | {"from_name": "The owner"}).status_code == 303
    now = mailing_of(news, draft)
    assert (now.body, now.from_name, now.tags, now.version) == ("The manager's text", "The owner", ["news"], 3)


def test_two_who_change_the_same_field_of_a_draft_see_three_values(news, draft):
    place, owner = f"/mailings/{draft}", news.browser("owner")
    loaded = hidden_of(owner.get(f"{place}/edit").text, place)
    news.browser("manager").post(place, loaded | {"body": "The manager's text\nof two lines", "subject": loaded["_was_subject"], "tags": ["b&w"], "audience": "all"})
    answer = owner.post(place, loaded | {"body": "The owner's text", "subject": "Winter", "tags": ["news", "b&w"], "audience": "everyone"})
    assert answer.status_code == 409 and 'class="conflict"' in answer.text and "Manager" in answer.text
    for value in ("The owner&#39;s text", "The manager&#39;s text", "Dear **{{ contact.name }}**", "Only who has all of these tags", "news, b&amp;w"):
        assert value in answer.text, value
    assert mailing_of(news, draft).subject == loaded["_was_subject"]  # nothing half-saved
    sent = hidden_of(answer.text, place) | {"keep_body": "theirs", "keep_tags": "mine", "keep_audience": "theirs"}
    assert owner.post(place, sent).status_code == 303
    now = mailing_of(news, draft)
    assert (now.body, now.subject, now.tags, now.audience) == ("The manager's text\nof two lines", "Winter", ["news", "b&w"], "all")


def test_a_refused_draft_still_knows_what_it_was_loaded_with(news, draft):
    """The second try after an error must not take the other's change for its own beginning."""
    place, owner = f"/mailings/{draft}", news.browser("owner")
    loaded = hidden_of(owner.get(f"{place}/edit").text, place)
    news.browser("manager").post(place, loaded | {"body": "The manager's text", "subject": loaded["_was_subject"], "tags": "news"})
    refused = owner.post(place, loaded | {"body": "{{ wrong }}", "subject": loaded["_was_subject"], "tags": "news"})
    assert refused.status_code == 422
    again = hidden_of(refused.text, place)
    assert {name: value for name, value in again.items() if name != "_once"} == {name: value for name, value in loaded.items() if name != "_once"}
    assert owner.post(place, again | {"body": "The owner's text", "subject": loaded["_was_subject"], "tags": "news"}).status_code == 409


def test_it_is_sent_to_as_many_as_were_shown(news, draft):
    browser = news.browser("manager")
    page = browser.get(f"/mailings/{draft}/sending").text
    assert "Send to 120 people" in page and 'name="expected" value="120"' in page
    for wrong in ("119", "", "x", "-1", "9" * 30):
        assert browser.post(f"/mailings/{draft}/sending", {"expected": wrong}).status_code == 422
    assert state(news, draft) == "draft"
    assert browser.post(f"/mailings/{draft}/sending", {"expected": "120"}).status_code == 303 and state(news, draft) == "sending"
    assert browser.post(f"/mailings/{draft}/sending", {"expected": "120"}).status_code == 422 and browser.get(f"/mailings/{draft}/sending").status_code == 303
    assert browser.get(f"/mailings/{draft}/edit").status_code == 422 and browser.post(f"/mailings/{draft}/deletion").status_code == 422
    for verb, after in (("pause", "paused"), ("resumption", "sending"), ("cancellation", "cancelled")):
        assert browser.post(f"/mailings/{draft}/{verb}").status_code == 303 and state(news, draft) == after


def test_every_recipient_is_shown_with_its_state_page_by_page(news, draft):
    browser = news.browser("reader")
    with news.acme.ctx() as ctx:
        running.start_mailing(ctx, draft)
        some = select(MailingRecipient.id).where(MailingRecipient.mailing_id == draft).order_by(MailingRecipient.id).limit(3)
        ctx.session.execute(update(MailingRecipient).where(MailingRecipient.id.in_(some)).values(state="unknown", reason="interrupted", provider_reply="<b>x</b>"))
    seen, place = [], f"/mailings/{draft}"
    while place:
        page = browser.get(place).text
        seen += re.findall(r"p\d+@people\.example", page)
        found = re.search(r'<a class="btn" href="([^"]+)" rel="next">', page)
        place = found.group(1).replace("&amp;", "&") if found else None
    assert len(seen) == len(set(seen)) == 120
    page = browser.get(f"/mailings/{draft}?state=unknown").text
    assert len(re.findall(r"p\d+@people\.example", page)) == 3 and "Send again to them" not in page and "&lt;b&gt;x&lt;/b&gt;" in page
    owner = news.browser("owner")
    assert "Send again to them" in owner.get(f"/mailings/{draft}").text
    assert owner.post(f"/mailings/{draft}/resending").status_code == 303
    assert "<i>" not in page and "<script>" not in page.replace("<script type", "").split("</head>")[1]


def test_the_counts_renew_themselves_until_the_last(news, draft):
    browser = news.browser("owner")
    with news.acme.ctx() as ctx:
        running.start_mailing(ctx, draft)
    answer = browser.get(f"/mailings/{draft}", headers={"HX-Request": "true"})
    part = answer.text
    assert "HX-Refresh" not in answer.headers and part.lstrip().startswith("<section") and 'hx-trigger="every 2s"' in part and "<html" not in part
    with news.acme.ctx() as ctx:
        ctx.session.execute(update(MailingRecipient).where(MailingRecipient.mailing_id == draft).values(state="sent", sent_at=ctx.now))
        ctx.session.execute(update(Mailing).where(Mailing.id == draft).values(state="done"))
    answer = browser.get(f"/mailings/{draft}", headers={"HX-Request": "true"})
    assert "every 2s" not in answer.text and "120" in answer.text
    assert answer.headers["HX-Refresh"] == "true", "the list of people below would say that they wait still"


def test_the_reach_and_the_preview_answer_whole_and_in_part(news):
    browser = news.browser("manager")
    for headers, whole in (({}, True), ({"HX-Request": "true"}, False)):
        reach = browser.get("/mailings/reach?audience=all&tags=news&tags=b%26w", headers=headers).text
        preview = browser.post("/mailings/preview", FORM | {"body": "Hi {{ contact.greeting }} <script>{{ x }}"}, headers=headers).text
        assert "60 people would get this now" in reach and "Hi Dear Ms Brandt &lt;script&gt;{{ x }}" in preview
        assert ("<html" in reach) == whole == ("<html" in preview)


@pytest.mark.parametrize("query", ["before=x", "before=2026-01-01_x", "before=2026-01-01T00:00:00_01a201d2-c889-7e34-8540-000000000000", "after=x"])
def test_a_broken_page_link_says_so(news, draft, query):
    path = "/mailings/" if query.startswith("before") else f"/mailings/{draft}"
    assert news.browser("owner").get(f"{path}?{query}").status_code == 422


def test_a_test_mail_is_ordered_for_oneself(news, draft):
    from core.base.outbox import Order

    assert news.browser("manager").post(f"/mailings/{draft}/tests").status_code == 303
    with news.acme.ctx() as ctx:
        args = ctx.session.execute(select(Order.args).where(Order.name == "mailings.test").order_by(Order.created_at.desc())).scalars().first()
    assert args == {"mailing_id": str(draft), "user_id": str(news.acme.users["manager"].id)}


def test_the_list_finds_and_filters(news, draft):
    browser = news.browser("owner")
    with news.acme.ctx() as ctx:
        name = queries.one(ctx, draft).name
    assert name.split()[1] in browser.get(f"/mailings/?q={name.split()[1]}&state=draft").text
    assert "Nothing found" in browser.get("/mailings/?q=%25%25_no").text
    assert "Nothing found" in browser.get(f"/mailings/?state=cancelled&q={name.split()[1]}").text


def test_pages_ask_the_database_a_few_times_whatever_they_show(news, draft, statements):
    """Session, profile flashes and the page's own: no statement a row."""
    browser = news.browser("owner")
    with news.acme.ctx() as ctx:
        running.start_mailing(ctx, draft)
    counts = {}
    for path in ("/mailings/", f"/mailings/{draft}", "/mailings/new"):
        browser.get(path)
        statements.clear()
        assert browser.get(path).status_code == 200
        counts[path] = len([s for s in statements if "control." not in s])
    assert counts["/mailings/"] <= 3 and counts[f"/mailings/{draft}"] <= 6 and counts["/mailings/new"] <= 6, counts
