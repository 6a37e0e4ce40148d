"""Mailings through /api/v1."""

import pytest

from core.mailings import queries

TEXT = {"subject": "News for {{ contact.name }}", "body": "Hello", "tags": ["news"]}


def test_a_draft_is_made_started_once_and_its_recipients_listed(news):
    api = news.api("manager")
    made = api.json("POST", "/api/v1/mailings", TEXT, headers={"Idempotency-Key": "draft-1"})
    again = api.json("POST", "/api/v1/mailings", TEXT, headers={"Idempotency-Key": "draft-1"})
    assert made.status_code == 201 and made.json == again.json and made.json["state"] == "draft"
    place = f"/api/v1/mailings/{made.json['id']}"
    assert api.json("POST", f"{place}/sending", {"expected": 5}).json["code"] == "mailing_count_changed"
    assert api.json("POST", f"{place}/sending", {"expected": 120}).json["total"] == 120
    second = api.json("POST", f"{place}/sending", {})
    assert second.status_code == 422 and second.json["code"] == "mailing_wrong_state"
    seen, cursor = [], ""
    while cursor is not None:
        page = api.json("GET", f"{place}/recipients?limit=50&filter[state][eq]=queued" + (f"&cursor={cursor}" if cursor else "")).json
        seen, cursor = seen + [row["address"] for row in page["data"]], page["next_cursor"]
    assert len(seen) == len(set(seen)) == 120
    with news.acme.ctx() as ctx:
        assert queries.one(ctx, made.json["id"]).state == "sending"


@pytest.mark.parametrize("wrong,field", [
    ({"subject": "x\r\nBcc: y@evil.example"}, "subject"), ({"from_name": "x\ny"}, "from_name"), ({"reply_to": "no"}, "reply_to"), ({"body": "{{ x }}"}, "body"),
    ({"audience": "all of them"}, "audience"), ({"state": "sending"}, "state"), ({"started_at": "2026-01-01"}, "started_at"), ({"tags": "news"}, "tags"),
])
def test_a_wrong_body_is_problem_json_with_its_field(news, wrong, field):
    answer = news.api("manager").json("POST", "/api/v1/mailings", TEXT | wrong)
    assert answer.status_code == 422 and answer.mimetype == "application/problem+json" and answer.json["field"] == field


@pytest.mark.parametrize("method,path", [("GET", ""), ("GET", "/recipients"), ("POST", "/sending")])
def test_the_cast_walks_the_api(news, draft, method, path):
    place = f"/api/v1/mailings/{draft}{path}"
    body = {} if method == "POST" else None
    assert news.api("rep").json(method, place, body).status_code == 403
    assert news.api("manager", allowed=["mailings.read"]).json(method, place, body).status_code == (200 if method == "GET" else 403)
    assert news.api("owner", news.globex).json(method, place, body).status_code == 404
    assert news.browser().json(method, place, body).status_code == 401
    assert news.api("manager", allowed=["contacts.read"]).json(method, place, body).status_code == 403
