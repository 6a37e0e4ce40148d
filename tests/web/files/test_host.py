"""The host of files: one route, nobody signed in, and a link that is good for a minute, one tenant and one file."""

import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import update
from werkzeug.http import parse_options_header
from werkzeug.wrappers import Request

from core.files import actions, links, queries
from core.parties import actions as parties
from infra.config import settings
from tenants import entry, registry
from tenants.models import Tenant

HOST = "http://files.localhost"
DATA = b"%PDF-1.7 an offer"


@pytest.fixture
def account(world):
    with world.acme.ctx("rep") as ctx:
        return parties.create_account(ctx, name="Nordlicht").id


@pytest.fixture
def key(world, account):
    with world.acme.ctx("rep") as ctx:
        return actions.add_file(ctx, ctx.session.get_one(parties.Account, account), source=BytesIO(DATA), name="offer.pdf").id


@pytest.fixture
def link(world, key):
    return world.browser("rep").get(f"/files/{key}/content").headers["Location"]


@pytest.fixture
def later(monkeypatch):
    """later(seconds): the doors' clock goes on."""
    now = entry.utcnow
    return lambda seconds: monkeypatch.setattr(entry, "utcnow", lambda: now() + timedelta(seconds=seconds))


def follow(app, link, method="GET", **rest):
    """As whoever the link was sent to: a client that holds nothing."""
    return app.test_client().open(link, method=method, **rest)


def refused(answer, status=404):
    """A page that says so in words, with nothing of the file or its tenant in it, and no link into a host without pages."""
    text = answer.text
    return answer.status_code == status and "<h1>" in text and not re.search(r"offer|Nordlicht|[Aa]cme|PDF-|href=\"[/?](?!static)", text) and "Set-Cookie" not in answer.headers


def test_the_tenants_host_asks_who_it_is_and_leads_to_the_file(app, world, key):
    answer = world.browser("rep").get(f"/files/{key}/content")
    assert (answer.status_code, answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == (303, "private, no-store", "no-referrer")
    link = urlsplit(answer.headers["Location"])
    assert (link.scheme, link.hostname, link.path) == ("http", "files.localhost", f"/{world.acme.tenant.id}/{key}")
    file = follow(app, answer.headers["Location"])
    assert (file.status_code, file.data, file.mimetype) == (200, DATA, "application/pdf")
    assert parse_options_header(file.headers["Content-Disposition"]) == ("attachment", {"filename": "offer.pdf"})
    closed = {
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
    }
    assert {name: file.headers[name] for name in closed} == closed and "Set-Cookie" not in file.headers and "X-Person" not in file.headers
    head = follow(app, answer.headers["Location"], "HEAD")
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(DATA)))


def test_no_cookie_is_read_and_none_set(app, world, link, monkeypatch):
    """A cookie that came here all the same, of the very owner, is not looked at; nor is a wish for a language kept."""
    client = app.test_client()
    client.set_cookie("tendero", world.browser("owner").client.get_cookie("tendero", domain=world.acme.host).value, domain="files.localhost")
    monkeypatch.setattr(Request, "cookies", property(lambda self: pytest.fail("a cookie was read")))
    good, bad = client.get(f"{link}&lang=zh"), client.get(f"{HOST}/{uuid4()}/{uuid4()}?lang=zh")
    assert (good.status_code, bad.status_code) == (200, 404) and "Set-Cookie" not in good.headers and "Set-Cookie" not in bad.headers
    assert client.get(f"{HOST}/accounts").status_code == 404


def test_the_link_is_good_for_a_minute(app, link, later):
    later(58)
    assert follow(app, link).data == DATA
    later(62)
    answer = follow(app, link, headers={"Accept-Language": "en"})
    assert refused(answer, 410) and "This link was good for a minute" in answer.text


def changed(token, n):
    """The token with another character at place n."""
    return token[:n] + ("0" if token[n] != "0" else "1") + token[n + 1 :]


def forged(world, link, account):
    """name -> a link that we never gave, each a small change of one that we gave."""
    address, _, token = link.partition("?token=")
    until, mark, signature = token.split(".")
    _, tenant, file = urlsplit(address).path.split("/")
    with world.acme.ctx("rep") as ctx:
        other = actions.add_file(ctx, ctx.session.get_one(parties.Account, account), source=BytesIO(b"secret"), name="other.pdf")
        ctx.session.flush()
        own, marks = str(other.id), links.link_to(ctx, other).split(".")[-2]
    made = {
        "no token": address, "an empty one": f"{address}?token=", "words": f"{address}?token=x", "twice as long": f"{link}{signature}",
        "a later end": f"{address}?token={int(until) + 999}.{mark}.{signature}", "other digits": link.replace(until, "１" * 10),
        "another file": f"{HOST}/{tenant}/{own}?token={token}", "another file's bytes": f"{HOST}/{tenant}/{file}?token={until}.{marks}.{signature}",
        "another file with its bytes": f"{HOST}/{tenant}/{own}?token={until}.{marks}.{signature}",
        "another tenant": f"{HOST}/{world.globex.tenant.id}/{file}?token={token}", "the two exchanged": f"{HOST}/{file}/{tenant}?token={token}", "no tenant": f"{HOST}/{uuid4()}/{file}?token={token}",
    }
    return made | {f"signature {n}": f"{address}?token={until}.{mark}.{changed(signature, n)}" for n in (0, 31, 63)}


def test_nothing_that_we_did_not_sign_opens_anything(app, world, link, account):
    assert follow(app, link).status_code == 200
    assert {name: follow(app, one).status_code for name, one in forged(world, link, account).items() if not refused(follow(app, one))} == {}


def test_unsigned_links_would_open_other_files(app, world, link, account, monkeypatch):
    """Negative control: with the comparison off, another file with its bytes is handed out."""
    monkeypatch.setattr(links.crypto, "same", lambda a, b: True)
    opened = {name for name, one in forged(world, link, account).items() if follow(app, one).status_code == 200}
    assert {"another file with its bytes", "a later end", "signature 0"} <= opened


def test_a_signature_of_another_purpose_or_key_is_none(app, world, key, monkeypatch):
    with world.acme.ctx("rep") as ctx:
        attachment = queries.one_file(ctx, key)
        monkeypatch.setattr(links, "PURPOSE", "known-device")
        wrong = links.link_to(ctx, attachment)
        monkeypatch.undo()
        assert refused(follow(app, wrong)) and follow(app, links.link_to(ctx, attachment)).data == DATA


def test_a_link_under_the_key_before_is_still_good(app, link, monkeypatch):
    """SECRET_KEY was exchanged in this very minute."""
    before = settings()
    import dataclasses

    now = dataclasses.replace(before, secret_key="another-" + "y" * 40, previous_secret_keys=(before.secret_key,))
    monkeypatch.setattr(links, "settings", lambda: now)
    assert follow(app, link).data == DATA
    monkeypatch.setattr(links, "settings", lambda: dataclasses.replace(now, previous_secret_keys=()))
    assert refused(follow(app, link))


def test_two_tenants_never_share_a_link(app, world, key, monkeypatch):
    """The same keys of file and bytes under another tenant's address: nothing. Negative control: with the tenant left out of
    what is signed the door opens, and only the other tenant's own schema says that there is no such file."""
    link = world.browser("rep").get(f"/files/{key}/content").headers["Location"]
    foreign, entered = link.replace(str(world.acme.tenant.id), str(world.globex.tenant.id)), []
    enter = entry.enter
    monkeypatch.setattr(entry, "enter", lambda tenant, **rest: entered.append(tenant.id) or enter(tenant, **rest))
    assert refused(follow(app, foreign)) and entered == []
    sign = links.crypto.sign
    monkeypatch.setattr(links.crypto, "sign", lambda key, tenant, *parts: sign(key, *parts))
    unbound = world.browser("rep").get(f"/files/{key}/content").headers["Location"]
    entered.clear()
    assert refused(follow(app, unbound.replace(str(world.acme.tenant.id), str(world.globex.tenant.id)))) and entered == [world.globex.tenant.id]


def test_what_is_gone_is_gone_within_the_minute(app, world, link, key, account):
    rep = world.browser("rep")
    assert rep.post(f"/files/{key}/deletion").status_code == 303 and refused(follow(app, link))
    assert rep.post(f"/files/{key}/restoration").status_code == 303 and follow(app, link).status_code == 200
    assert rep.post(f"/accounts/{account}/deletion").status_code == 303 and refused(follow(app, link))


def test_other_bytes_need_another_link(app, world, link, key):
    with world.acme.ctx("owner") as ctx:
        attachment = queries.one_file(ctx, key)
        from infra.storage import storage

        attachment.stored_key = storage().save(ctx.tenant.id, BytesIO(b"other bytes"), limit=1000).key
    assert refused(follow(app, link))
    assert world.browser("rep").file(f"/files/{key}/content").data == b"other bytes"


@pytest.mark.parametrize(("values", "status"), [
    ({"state": "moving"}, 503), ({"state": "deleted"}, 404), ({"access": "closed"}, 402), ({"rooms_off": ["files"]}, 404), ({"access": "read_only"}, 200),
])
def test_a_tenant_that_is_not_open_hands_out_nothing(app, world, link, values, status):
    def put(**fields):
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == world.acme.tenant.id).values(**fields))
        registry.forget()

    before = {name: getattr(world.acme.fresh(), name) for name in values}
    put(**values)
    try:
        answer = follow(app, link)
        assert answer.status_code == status and (status == 200) == (answer.data == DATA)
    finally:
        put(**before)
    assert follow(app, link).status_code == 200


def test_it_answers_nothing_else_and_nobody_else_answers_that(app, world, link):
    """Every address of every other room, by its owner's cookie: not there. And the link's own path on other hosts: not there."""
    client = app.test_client()
    client.set_cookie("tendero", world.browser("owner").client.get_cookie("tendero", domain=world.acme.host).value, domain="files.localhost")
    asked, wrong = 0, []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in ("handing.content", "static", "healthz", "readyz", "metrics", "domain"):
            continue
        path = re.sub(r"<uuid:[^<>]+>", lambda _: str(uuid4()), rule.rule)
        path = re.sub(r"<[^<>]+>", "x", path)
        for method in rule.methods - {"OPTIONS"}:
            asked, status = asked + 1, client.open(path, method=method, base_url=HOST).status_code
            wrong += [(method, rule.rule, status)] if status not in (404, 405) else []
    assert wrong == [] and asked > 500
    path = link.partition("localhost")[2].partition("/")[2]
    for host in (world.acme.host, "localhost", "ops.localhost"):
        assert app.test_client().get(f"/{path}", base_url=f"http://{host}").status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/_domain?domain=x.example", "/_ui", "/_ui/options", "/", "/sign-in", "/accounts", "/api/v1/openapi.json"])
def test_plumbing_of_other_hosts_is_not_there(app, path):
    assert app.test_client().get(path, base_url=HOST).status_code == 404


def test_who_may_not_see_the_record_gets_no_link(world, key):
    for who in (world.browser("colleague"), world.browser("owner", world.globex)):
        answer = who.get(f"/files/{key}/content")
        assert answer.status_code == 404 and "Location" not in answer.headers
    assert "//files." not in world.browser(None).get(f"/files/{key}/content").headers["Location"]


def test_a_program_gets_the_bytes_at_once(world, key):
    answer = world.api("rep").get(f"/api/v1/files/{key}/content")
    assert (answer.status_code, answer.data) == (200, DATA)


def test_no_tenant_is_called_files(app):
    assert "files" in registry.RESERVED and registry.by_host("files.localhost") is None
