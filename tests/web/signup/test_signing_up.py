"""From the public page to an open workspace: nothing typed is lost, nothing is made twice, the token opens once."""

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from billing import plans, signup
from infra.config import settings
from tenants import entry, provisioning
from tenants.models import LoginToken, Tenant

PASSWORD = "a good long password"


@pytest.fixture(scope="module")
def catalogue(app):
    with entry.control() as session:
        plans.load(session)


@pytest.fixture
def room(catalogue, monkeypatch):
    """Two schemas wait for a company; the hourly limit by address has a test of its own."""
    provisioning.fill_pool(2)
    monkeypatch.setattr("web.signup.views.hit", lambda *a, **k: None)


@pytest.fixture
def visitor(app, room):
    return app.test_client()


def typed(**changed):
    tag = uuid4().hex[:8]
    return {"company": f"Nordlicht {tag}", "slug": f"n-{tag}", "name": "Sofie Brandt", "mail": f"sofie@{tag}.example", "password": PASSWORD,
            "locale": "es", "currency": "EUR", "timezone": "Europe/Madrid", **changed}


def sign_up(client, data, **rest):
    return client.post("/sign-up", data=data, base_url="http://localhost", **rest)


def token_of(answer):
    return re.search(r'name="token" value="([^"]+)"', answer.text)[1]


def enter(app, slug, token, **rest):
    client = app.test_client()
    return client, client.post("/enter", data={"token": token}, base_url=f"http://{slug}.localhost", **rest)


def test_the_token_of_the_welcome_page_opens_the_workspace_in_its_language(app, visitor):
    data = typed()
    answer = sign_up(visitor, data)
    client, opened = enter(app, data["slug"], token_of(answer), headers={"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"})
    assert answer.status_code == 200 and opened.status_code == 303
    profile = client.get("/settings/profile", base_url=f"http://{data['slug']}.localhost")
    assert profile.status_code == 200 and 'lang="es"' in profile.text and data["mail"] in profile.text


def test_the_page_may_post_to_the_new_host_and_nowhere_else(visitor):
    data = typed()
    policy = sign_up(visitor, data).headers["Content-Security-Policy"]
    assert f"form-action 'self' {settings().tenant_url(data['slug'])};" in policy


def test_the_token_opens_once_on_its_own_host_within_a_minute(app, visitor, world):
    data = typed()
    token = token_of(sign_up(visitor, data))
    elsewhere, refused = enter(app, world.acme.tenant.slug, token)
    assert refused.headers["Location"].endswith("/sign-in") and elsewhere.get_cookie("tendero", domain=world.acme.host) is None
    assert enter(app, data["slug"], token)[1].headers["Location"].endswith("/sign-in"), "a token shown to a wrong host is spent"
    data = typed()
    token = token_of(sign_up(visitor, data))
    with entry.control() as session:
        session.execute(update(LoginToken).values(expires_at=func.now()))
    assert enter(app, data["slug"], token)[1].headers["Location"].endswith("/sign-in")


@pytest.mark.parametrize("field, value", [("company", ""), ("company", "x" * 121), ("slug", "A b"), ("slug", "admin"), ("name", ""), ("mail", "no address"), ("password", "short"), ("password", ""), ("locale", "xx"), ("timezone", "Mars/Base")])
def test_a_refused_form_keeps_what_was_typed_and_names_the_field(visitor, field, value):
    data = typed(**{field: value})
    answer = sign_up(visitor, data)
    assert answer.status_code == 422
    wrong = re.search(rf'<(?:input|select)[^>]* id="{field}"[^>]*', answer.text)[0]
    assert 'aria-invalid="true"' in wrong
    if field in ("company", "slug", "name", "mail", "password"):
        assert "autofocus" in wrong
    for name in ("company", "name", "mail", "slug"):
        if data[name]:
            assert f'value="{data[name]}"' in answer.text
    assert PASSWORD not in answer.text
    with entry.control() as session:
        assert session.execute(select(Tenant.id).where(Tenant.name == data["company"], Tenant.state == "active")).first() is None


def test_a_taken_address_is_named_with_a_free_one(visitor):
    first = typed()
    sign_up(visitor, first)
    answer = sign_up(visitor, typed(slug=first["slug"]))
    assert answer.status_code == 422 and f"{first['slug']}-2" in answer.text


def workspaces(company):
    with entry.control() as session:
        return session.execute(select(Tenant.slug).where(Tenant.name == company, Tenant.state != "deleted")).scalars().all()


def test_the_same_form_sent_twice_makes_one_workspace_and_both_answers_open_it(app, visitor):
    data = typed(slug="")
    first, second = sign_up(visitor, data), sign_up(visitor, data)
    assert len(workspaces(data["company"])) == 1
    slug = workspaces(data["company"])[0]
    assert [enter(app, slug, token_of(a))[1].headers["Location"] for a in (first, second)] == ["/", "/"]


def test_a_double_click_makes_one_workspace(app, room):
    data = typed()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: sign_up(app.test_client(), data), range(2)))
    assert workspaces(data["company"]) == [data["slug"]]
    assert [a.status_code for a in answers] == [200, 200]


def test_somebody_elses_sign_up_with_the_same_name_is_a_workspace_of_its_own(visitor):
    data = typed(slug="")
    sign_up(visitor, data)
    sign_up(visitor, {**data, "password": "another good password"})
    assert len(workspaces(data["company"])) == 2


def test_without_a_ready_schema_the_form_comes_back_to_be_sent_again(app, visitor, monkeypatch):
    monkeypatch.setattr(signup, "ROOM_SECONDS", 0.3)
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.state == "free").values(state="deleted"))
    data = typed()
    answer = sign_up(visitor, data)
    provisioning.fill_pool(1)
    assert answer.status_code == 503 and f'value="{data["company"]}"' in answer.text
    assert sign_up(visitor, data).status_code == 200


def test_another_site_cannot_sign_anybody_up(visitor):
    data = typed()
    assert sign_up(visitor, data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert workspaces(data["company"]) == []


def test_sign_ups_from_one_address_are_counted(app, catalogue):
    codes = [sign_up(app.test_client(), typed(mail="bad"), environ_base={"REMOTE_ADDR": "203.0.113.7"}).status_code for _ in range(21)]
    assert codes == [422] * 20 + [429]


@pytest.mark.parametrize("company, expected", [("Nordlicht Optik GmbH", "nordlicht-optik-gmbh"), ("Ёжик и Ко", "ezhik-i-ko"), ("上海激光", "shanghaijiguang"), ("<b>&", "b-and"), ("", "")])
def test_an_address_is_offered_for_every_script(visitor, company, expected):
    answer = visitor.get("/sign-up/address", query_string={"company": company}, base_url="http://localhost")
    assert answer.mimetype == "text/plain" and answer.text.startswith(expected)


def test_the_chooser_leads_to_the_sign_in_of_what_was_typed(visitor):
    target = settings().tenant_url("acme") + "/sign-in"
    for said in ("acme", " ACME ", "acme.localhost", "http://acme.localhost:8000/today"):
        answer = visitor.get("/workspace", query_string={"workspace": said}, base_url="http://localhost")
        assert answer.headers["Location"] == target
    again = visitor.get("/workspace", query_string={"workspace": "not an address"}, base_url="http://localhost", follow_redirects=True)
    assert 'aria-invalid="true"' in again.text and 'value="not an address"' in again.text


def test_prices_stand_on_the_front_page_and_the_price_page(visitor):
    for path in ("/", "/prices"):
        text = visitor.get(path, base_url="http://localhost").text
        assert "€9.00" in text and "€190.00" in text


def test_public_pages_are_light(visitor):
    """GUIDE 6.9: under 30 kB in all, without the font that the product has as well."""
    import brotli

    from web.plumbing import DIST, _manifest

    style = len((DIST / (_manifest()["app.css"] + ".br")).read_bytes())
    icons = len((DIST / (_manifest()["icons.svg"] + ".br")).read_bytes())
    for path in ("/", "/prices", "/sign-up", "/sign-in"):
        assert len(brotli.compress(visitor.get(path, base_url="http://localhost").data)) + style + icons < 30_000, path


def test_no_public_page_but_sign_up_and_welcome_has_a_script(visitor):
    for path in ("/", "/prices", "/sign-in"):
        assert "<script" not in visitor.get(path, base_url="http://localhost").text
