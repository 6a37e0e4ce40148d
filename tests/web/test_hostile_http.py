"""Requests that no browser sends: smuggled, oversized, with two faces, from the wrong host (RELIABILITY 2)."""

import re
import time

import pytest

from infra import telemetry_metrics
from tests.support.served import Served
from web import redirects

SECOND = "GET /healthz?smuggled HTTP/1.1\r\nHost: {host}\r\n\r\n"


@pytest.fixture(scope="module")
def served(world, tmp_path_factory):
    with Served(tmp_path_factory.mktemp("served"), threads=4) as served:
        yield served


# X22: what two parsers could read differently. {host} and {second} are filled in.
POST = "POST /healthz HTTP/1.1\r\nHost: {host}\r\n"
GET = "GET /healthz HTTP/1.1\r\nHost: {host}\r\n"
CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n"
SMUGGLING = {
    "length and chunks": POST + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{second}",
    "chunks and length": POST + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n{second}",
    "two codings": POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{second}",
    "chunked then identity": POST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{second}",
    "unknown coding": POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{second}",
    "space before the colon": POST + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{second}",
    "vertical tab": POST + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n{second}",
    "chunks in 1.0": (POST + "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n{second}").replace("1.1", "1.0", 1),
    "folded coding": POST + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n{second}",
    "folded header": GET + "X-A: b\r\n c\r\n\r\n{second}",
    "bare line feeds": "GET /healthz HTTP/1.1\nHost: {host}\n\n{second}",
    "one bare line feed": POST + "X-A: b\nContent-Length: 50\r\n\r\n{second}",
    "bare carriage return": GET + "X-A: b\rX-B: c\r\n\r\n{second}",
    "two lengths": POST + "Content-Length: 0\r\nContent-Length: 50\r\n\r\n{second}",
    "two equal lengths": POST + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc{second}",
    "list of lengths": POST + "Content-Length: 0, 50\r\n\r\n{second}",
    "length with a sign": POST + "Content-Length: +0\r\n\r\n{second}",
    "negative length": POST + "Content-Length: -1\r\n\r\n{second}",
    "hexadecimal length": POST + "Content-Length: 0x0\r\n\r\n{second}",
    "length with underscore": POST + "Content-Length: 1_0\r\n\r\n{second}",
    "Arabic digits": POST + "Content-Length: \u0660\r\n\r\n{second}",
    "chunk with prefix": CHUNKED + "0x0\r\n\r\n{second}",
    "negative chunk": CHUNKED + "-1\r\n\r\n{second}",
    "chunk ended by a line feed": CHUNKED + "0\n\n{second}",
    "line feed in an extension": CHUNKED + "2;\nxx\r\n0\r\n\r\n{second}",
    "chunk longer than said": CHUNKED + "1\r\nabb0\r\n\r\n{second}",
    "length as a trailer": CHUNKED + "0\r\nContent-Length: 5\r\n\r\n{second}",
    "space in a name": GET + "X A: b\r\n\r\n{second}",
    "NUL": GET + "X-A: b\x00c\r\n\r\n{second}",
    "no colon": GET + "Nonsense\r\n\r\n{second}",
    "space before the first header": "GET /healthz HTTP/1.1\r\n X: y\r\nHost: {host}\r\n\r\n{second}",
    "version 0.9": "GET /healthz\r\n{second}",
    "odd method": GET.replace("GET ", "GET\x0b ") + "\r\n{second}",
    "two hosts": GET + "Host: evil.example\r\n\r\n{second}",
}


@pytest.mark.parametrize("name", SMUGGLING)
def test_no_second_request_hides_in_a_first(served, world, name):
    second = SECOND.format(host=world.acme.host)
    answer, closed = served.raw(SMUGGLING[name].format(host=world.acme.host, second=second).encode())
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.[01] ([0-9]{3})", answer)]
    assert closed
    assert statuses and all(status >= 400 for status in statuses), statuses
    assert b"\r\n\r\nok\n" not in answer


def test_the_corpus_can_see_a_second_response(served, world):
    """Negative control: two honest requests on one connection give two answers, the hidden one's words among them."""
    second = SECOND.format(host=world.acme.host)
    answer, _ = served.raw((second + second).encode())
    assert answer.count(b"\r\n\r\nok\n") >= 1


def test_headers_in_place_of_a_path_are_dropped(served, world):
    answer, _ = served.raw(f"GET /api/v1/me HTTP/1.1\r\nHost: {world.acme.host}\r\nSCRIPT_NAME: /api\r\nPATH_INFO: /healthz\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 401")


# X15: the host names the tenant, and only the host.
def test_a_host_is_read_without_case_closing_dot_or_port(world):
    slug = world.acme.tenant.slug
    token = world.api("owner").client.environ_base["HTTP_AUTHORIZATION"]
    for host in (f"{slug}.localhost", f"{slug.upper()}.LOCALHOST", f"{slug}.localhost.", f"{slug}.localhost:8000", f"{slug}.Localhost.:80"):
        answer = world.app.test_client().get("/api/v1/me", headers={"Host": host, "Authorization": token})
        assert answer.status_code == 200 and answer.json["workspace"] == world.acme.tenant.name, host


@pytest.mark.parametrize("host", [
    "{acme}.localhost.evil.example", "{acme}.localhost..", "{acme}.localhost@{globex}.localhost", "{globex}.localhost@{acme}.localhost", "{acme}%2elocalhost",
    "x.{acme}.localhost", "{acme}\u3002localhost", "{acme}.localhost:80:90", "{acme}.localhost/{globex}", "{acme} .localhost", "\u0430cme.localhost",
    "{acme}.localhost,{globex}.localhost", "[{acme}.localhost]", "xn--cme-7ed.localhost", "{acme}.127.0.0.1", "", ".", ":", "-.localhost",
])
def test_a_host_that_is_not_quite_a_tenants_leads_nowhere(world, host):
    host = host.format(acme=world.acme.tenant.slug, globex=world.globex.tenant.slug).encode().decode("latin-1")
    token = world.api("owner").client.environ_base["HTTP_AUTHORIZATION"]
    answer = world.app.test_client().get("/api/v1/me", headers={"Host": host, "Authorization": token})
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize(("head", "status"), [
    ("GET /api/v1/me HTTP/1.1\r\n", b"400"), ("GET /api/v1/me HTTP/1.0\r\n", b"400"), ("GET /api/v1/me HTTP/1.1\r\nHost:\r\n", b"400"),
    ("GET /api/v1/me HTTP/1.1\r\nHost: {acme}\r\nHost: {acme}\r\n", b"400"), ("GET /api/v1/me HTTP/1.1\r\nHost: {acme}\r\nHost: {globex}\r\n", b"400"),
    ("GET http://{globex}/api/v1/me HTTP/1.1\r\nHost: {acme}\r\n", b"400"), ("GET //{globex}/api/v1/me HTTP/1.1\r\nHost: {acme}\r\n", b"404"),
])
def test_a_missing_a_second_or_an_absolute_host_is_refused(served, world, head, status):
    token = world.api("owner").client.environ_base["HTTP_AUTHORIZATION"]
    head = head.format(acme=world.acme.host, globex=world.globex.host)
    answer, _ = served.raw(f"{head}Authorization: {token}\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b" ", 2)[1] == status


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host", "X-Tenant", "X-Forwarded-Server"])
def test_no_other_header_names_the_tenant(world, header):
    client = world.api("owner")
    answer = client.get("/api/v1/me", headers={header: f"host={world.globex.host}" if header == "Forwarded" else world.globex.host})
    assert answer.json["workspace"] == world.acme.tenant.name


def test_a_session_of_one_tenant_is_nobody_in_another(world):
    cookie = world.browser("owner").client.get_cookie("tendero", domain=world.acme.host).value
    client = world.app.test_client(use_cookies=False)
    stolen = {"Host": world.globex.host, "Cookie": f"tendero={cookie}"}
    assert client.get("/settings/profile", headers={**stolen, "HX-Request": "true"}).status_code == 401
    assert "/sign-in" in client.get("/settings/profile", headers=stolen).headers["Location"]
    assert client.get("/settings/profile", headers={**stolen, "Host": world.acme.host}).status_code == 200  # the cookie is alive


def test_a_token_of_one_tenant_is_nobody_in_another(world):
    token = world.api("owner").client.environ_base["HTTP_AUTHORIZATION"]
    answer = world.app.test_client().get("/api/v1/me", headers={"Host": world.globex.host, "Authorization": token})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")


# X18: nothing personal stays in anybody's cache.
def test_no_personal_answer_may_be_shared(app, world):
    loose = []
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        if guard is None or guard.kind not in ("needs", "token") or rule.arguments or "GET" not in rule.methods:
            continue
        client = world.api("owner") if guard.kind == "token" else world.browser("owner")
        control = client.get(rule.rule).headers["Cache-Control"]
        if "no-store" not in control and "private" not in control or "public" in control or "s-maxage" in control:
            loose.append((rule.rule, control))
    assert loose == []


# X20: nothing of the installation is open to tenants.
@pytest.mark.parametrize("path", ["/console", "/metrics", "/?__debugger__=yes&cmd=resource&f=style.css", "/rq", "/rq/", "/admin", "/setup", "/install", "/operator", "/debug", "/.env", "/.git/config"])
def test_no_door_of_the_machine_room_is_open_to_tenants(world, path):
    for client in (world.browser(None), world.browser("owner")):
        answer = client.get(path)
        assert answer.status_code in (303, 404) or path.startswith("/?"), path
        assert "traceback" not in answer.get_data(as_text=True).lower() and answer.mimetype != "text/css"
        assert "tendero_request_seconds" not in answer.get_data(as_text=True)


def metrics(app, host, remote="127.0.0.1", **headers):
    return app.test_client().get("/metrics", headers={"Host": host, **headers}, environ_base={"REMOTE_ADDR": remote})


def test_metrics_are_for_this_machine_alone(app, world):
    assert metrics(app, "127.0.0.1:8000").status_code == 200
    assert b"tendero_scheduler_age_seconds" in metrics(app, "127.0.0.1").data
    closed = [metrics(app, world.acme.host), metrics(app, "localhost"), metrics(app, "127.0.0.1", remote="192.0.2.7"),
              metrics(app, "127.0.0.1", **{"X-Forwarded-For": "127.0.0.1"}), metrics(app, "127.0.0.1.evil.example")]
    assert [answer.status_code for answer in closed] == [404] * len(closed)


def test_metrics_open_to_a_token_outside_the_tenants_hosts(app, world, monkeypatch):
    from dataclasses import replace

    from infra.config import settings
    from web import telemetry_http

    monkeypatch.setattr(telemetry_http, "settings", lambda found=replace(settings(), metrics_token="m" * 32): found)
    right, wrong = {"Authorization": "Bearer " + "m" * 32}, {"Authorization": "Bearer " + "n" * 32}
    assert metrics(app, "localhost", remote="192.0.2.7", **right).status_code == 200
    assert metrics(app, "localhost", remote="192.0.2.7", **wrong).status_code == 404
    assert metrics(app, world.acme.host, remote="192.0.2.7", **right).status_code == 404


def test_metrics_hold_no_tenant(app, world):
    world.browser("owner").get("/settings/profile")
    told = telemetry_metrics.exposed(0, 0.0, 0.0).decode()
    assert "settings.profile" in told
    assert not any(word in told for word in (str(world.acme.tenant.id), world.acme.tenant.slug, world.acme.tenant.schema_name))


# X23: bodies made to hurt.
def sign_in_page(app):
    return next(rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("session.") and "POST" in rule.methods and not rule.arguments)


def test_ten_thousand_parts_are_refused_in_time(served, world):
    part = "--b\r\nContent-Disposition: form-data; name=\"f{}\"\r\n\r\nx\r\n"
    body = "".join(part.format(n) for n in range(10_000)) + "--b--\r\n"
    began = time.monotonic()
    status, _, _ = served.get(sign_in_page(world.app), world.acme.host, method="POST", body=body.encode(), **{"Content-Type": "multipart/form-data; boundary=b", "Sec-Fetch-Site": "same-origin"})
    assert (status, time.monotonic() - began < 2) == (413, True)


def test_the_number_of_parts_is_what_refuses_them(app):
    """Negative control: the same form with the limit off is read."""
    body = "".join(f"--b\r\nContent-Disposition: form-data; name=\"f{n}\"\r\n\r\nx\r\n" for n in range(3000)) + "--b--\r\n"
    with app.test_request_context("/", method="POST", data=body, content_type="multipart/form-data; boundary=b") as made:
        made.request.max_form_parts = 100_000
        assert len(made.request.form) == 3000
    assert app.config["MAX_FORM_PARTS"] == 2000


@pytest.mark.parametrize("path", ["/api/v1/accounts", "sign-in"])
def test_an_oversized_body_is_refused_before_it_is_sent(served, world, path):
    """Only its length is announced: the answer comes without waiting for it."""
    path = sign_in_page(world.app) if path == "sign-in" else path
    token = world.api("owner").client.environ_base["HTTP_AUTHORIZATION"]
    kind = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"
    began = time.monotonic()
    head = f"POST {path} HTTP/1.1\r\nHost: {world.acme.host}\r\nAuthorization: {token}\r\nContent-Type: {kind}\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 90000000\r\n\r\n"
    answer, _ = served.raw(head.encode() + b"x" * 100, wait=3)
    assert answer.split(b" ", 2)[1] == b"413"
    assert time.monotonic() - began < 4


def test_chunks_without_end_are_cut_off(served, world):
    token = world.api("owner").client.environ_base["HTTP_AUTHORIZATION"]
    head = f"POST /api/v1/accounts HTTP/1.1\r\nHost: {world.acme.host}\r\nAuthorization: {token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer, _ = served.raw(head.encode() + b"10000\r\n" + b"x" * 65536 + b"\r\n", wait=0.5)
    assert answer == b""  # it still listens: half a megabyte might be honest
    answer, _ = served.raw(head.encode() + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 20, wait=3)
    assert answer.split(b" ", 2)[1] == b"413"


# X29: next= leads to our own pages.
@pytest.mark.parametrize("value", [
    "//evil.example", "\\\\evil.example", "/\\evil.example", "https:evil.example", "https://evil.example", "http:///evil.example", "javascript:alert(1)",
    "%2f%2fevil.example", "/%2fevil.example", "/%5cevil.example", "/%252fevil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example",
    "///evil.example", "////evil.example", "/@evil.example", "evil.example", "@evil.example", ".evil.example", "data:text/html,x", "/a\r\nSet-Cookie: x", "/\x00",
    "/../..//evil.example", "/a/../../x", "//evil.example@acme.localhost", "\u2215\u2215evil.example", "/\u2028/x", "?//x", "#x", "", None, "/" + "a" * 3000, "/%0d%0aX: y",
    "http:/evil.example", "/;@evil.example", "\x0b//x", "/%00",
])
def test_next_never_leaves_this_host(value):
    assert redirects.safe_next(value) == "/"


@pytest.mark.parametrize("value", ["/", "/accounts", "/accounts?q=a%20b&sort=-name&next=/x", "/accounts/0198c0de-0000-7000-8000-000000000000", "/a?filter[name][eq]=x", "/a#b", "/a?u=https://x.example/"])
def test_next_leads_to_our_own_pages(value):
    assert redirects.safe_next(value) == value
