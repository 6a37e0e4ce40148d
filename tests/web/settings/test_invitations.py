"""Invitations through the doors: the page of the people, the page behind the link, the API."""

import re
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update

from core.audit.models import AuditEntry
from core.identity import inviting, queries, teams
from core.identity.models import Invitation, User
from infra import limits
from web.session import joining

PASSWORD = "a sentence that is long"


@pytest.fixture(autouse=True)
def unlimited(world):
    """Each test begins with no invitation waiting and nothing counted."""
    from infra.redis import client

    with world.acme.ctx() as ctx:
        ctx.session.execute(delete(Invitation).where(Invitation.state == "waiting"))
    for key in client().scan_iter(f"{limits.PREFIX}:invit*"):
        client().delete(key)


def new_mail():
    return f"new-{uuid4().hex[:8]}@people.example"


def invite(world, mail=None, **values):
    """The invitation made on the page, and the path of its link."""
    mail = mail or new_mail()
    answer = world.browser("owner").post("/settings/invitations/", {"mail": mail, "name": "", "role": "sales", "team_id": ""} | values)
    assert answer.status_code == 303, answer.text
    return found(world, mail)


def found(world, mail):
    with world.acme.ctx() as ctx:
        invitation = ctx.session.execute(select(Invitation).where(Invitation.mail == mail, Invitation.state == "waiting")).scalar_one()
        return invitation.id, inviting.link_of(ctx.tenant, invitation).removeprefix(ctx.tenant.url)


def people(world, mail):
    with world.acme.ctx() as ctx:
        return len(ctx.session.execute(select(User.id).where(User.mail_norm == mail)).all())


def text_of(answer):
    """The page without what differs from page to page."""
    return re.sub(r'nonce="[^"]*"|content="[^"]*"', "", answer.text)


def test_inviting_stands_first_and_who_waits_below(world):
    owner, mail = world.browser("owner"), new_mail()
    page = owner.get("/settings/members").text
    assert page.index("<h2>Invite by mail") < page.index("<h2>Add person") and 'id="invited"' not in page
    key, _ = invite(world, mail, name="Nina <b>Ng</b>")
    page = owner.get("/settings/members").text
    assert "Nina &lt;b&gt;Ng" in page and mail in page and "Expired" not in page and "invited by Owner" in page
    with world.acme.ctx() as ctx:
        ctx.session.execute(update(Invitation).where(Invitation.id == key).values(expires_at=ctx.now - timedelta(seconds=1)))
    assert "Expired" in owner.get("/settings/members").text
    assert "/settings/invitations/" not in world.browser("manager").get("/settings/members").text


def test_what_was_typed_stays_when_it_is_refused(world):
    owner, mail = world.browser("owner"), new_mail()
    invite(world, mail)
    answer = owner.post("/settings/invitations/", {"mail": mail, "name": "Nina", "role": "manager", "team_id": ""})
    assert answer.status_code == 422 and "invited already" in answer.text and 'value="Nina"' in answer.text
    for values in ({}, {"mail": "x"}, {"mail": new_mail(), "role": "emperor"}, {"mail": new_mail(), "role": "sales", "team_id": "x"}, {"mail": "a\r\nBcc: b@c.example", "role": "sales"},
                   {"mail": new_mail(), "role": "sales", "team_id": str(uuid4())}, {"mail": world.acme.users["rep"].mail, "role": "sales"}, {"mail": "x" * 300, "role": "sales"}):
        assert owner.post("/settings/invitations/", values).status_code == 422, values


def test_whoever_follows_the_link_joins_and_is_signed_in(world):
    with world.acme.ctx() as ctx:
        team = teams.create_team(ctx, name=f"Desk {uuid4().hex[:4]}").id
    mail = new_mail()
    _, path = invite(world, mail, name="Nina Ng", role="manager", team_id=str(team))
    guest = world.browser()
    page = guest.get(path)
    assert page.status_code == 200 and "Owner invites you" in page.text and mail in page.text and 'value="Nina Ng"' in page.text
    answer = guest.post(path, {"name": "Nina Ng", "password": PASSWORD})
    assert answer.status_code == 303 and answer.headers["Location"] == "/"
    for one in (page, answer):
        assert (one.headers["Referrer-Policy"], one.headers["Cache-Control"], one.headers["X-Robots-Tag"]) == ("no-referrer", "no-store", "noindex")
    assert guest.get("/").status_code == 200 and "Nina Ng" in guest.get("/settings/profile").text and guest.get("/settings/members").status_code == 200
    assert "Nina Ng" in world.browser("owner").get(f"/settings/teams/{team}").text
    with world.acme.ctx() as ctx:
        assert "invitation" in set(ctx.session.execute(select(AuditEntry.table_name)).scalars())


def test_looking_changes_nothing(world):
    """Scanners of mail follow every link."""
    mail = new_mail()
    _, path = invite(world, mail)
    for _ in range(3):
        assert world.browser().get(path).status_code == 200
    assert world.browser().client.head(path, base_url=f"http://{world.acme.host}").status_code == 200 and people(world, mail) == 0


@pytest.mark.parametrize("values", [{}, {"name": "", "password": PASSWORD}, {"name": "Nina", "password": "short"}, {"name": "Nina", "password": "administrator"},
                                    {"name": "N" * 101, "password": PASSWORD}, {"name": "Nina\x00", "password": PASSWORD}, {"name": "Nina", "password": "x" * 5000}])
def test_what_is_typed_wrong_does_not_use_the_link_up(world, values):
    mail = new_mail()
    _, path = invite(world, mail)
    guest = world.browser()
    answer = guest.post(path, values)
    assert answer.status_code in (400, 422) and people(world, mail) == 0 and PASSWORD not in answer.text
    assert guest.post(path, {"name": "Nina", "password": PASSWORD, "mail": "boss@x.example", "role": "admin", "is_owner": "y"}).status_code == 303
    with world.acme.ctx() as ctx:
        user = queries.user_by_mail(ctx.session, mail)
        assert user.role.code == "sales" and not user.is_owner


def dead_links(world):
    """Every kind of link that opens nothing."""
    key, path = invite(world)
    id, nonce, signature = path.rsplit("/", 1)[1].split(".")
    yield "wrong signature", f"/invitation/{id}.{nonce}.{'0' * 64}"
    yield "another nonce", f"/invitation/{id}.2.{signature}"
    yield "another key", f"/invitation/{uuid4()}.{nonce}.{signature}"
    yield "garbage", "/invitation/%3Cb%3E%27--%0A"
    yield "very long", "/invitation/" + "a" * 3000
    with world.globex.ctx() as ctx:
        foreign = inviting.invite(ctx, mail=new_mail(), role="sales")
        yield "of another tenant", inviting.link_of(ctx.tenant, foreign).removeprefix(ctx.tenant.url)
    with world.acme.ctx() as ctx:
        inviting.revoke(ctx, inviting.one_invitation(ctx, key))
    yield "revoked", path
    key, path = invite(world)
    with world.acme.ctx() as ctx:
        ctx.session.execute(update(Invitation).where(Invitation.id == key).values(expires_at=ctx.now - timedelta(seconds=1)))
    yield "expired", path
    key, path = invite(world)
    world.browser("owner").post(f"/settings/invitations/{key}/sending")
    yield "sent again", path
    _, path = invite(world)
    assert world.browser().post(path, {"name": "N", "password": PASSWORD}).status_code == 303
    yield "used", path


def test_every_dead_link_says_the_same_and_makes_nobody(world):
    with world.acme.ctx() as ctx:
        before = len(queries.users(ctx))
    said, kinds = set(), 0
    for why, path in dead_links(world):
        for answer in (world.browser().get(path), world.browser().post(path, {"name": "Eve", "password": PASSWORD})):
            assert answer.status_code == 404 and "no longer valid" in answer.text and answer.headers["Referrer-Policy"] == "no-referrer", why
            said.add(re.sub(r"/invitation/[^\"?]*", "", text_of(answer)))
        kinds += 1
    with world.acme.ctx() as ctx:
        assert len(queries.users(ctx)) == before + 1  # the one who used the last of them
    assert kinds == 10 and len(said) == 1


def test_with_the_signature_off_a_made_up_link_would_let_in(world, monkeypatch):
    """Negative control."""
    key, _ = invite(world)
    monkeypatch.setattr(inviting, "_signature", lambda *_: "0" * 64)
    assert world.browser().post(f"/invitation/{key}.1.{'0' * 64}", {"name": "Eve", "password": PASSWORD}).status_code == 303


def test_two_who_accept_at_once_make_one_person(world):
    for _ in range(3):
        mail = new_mail()
        _, path = invite(world, mail)
        met, said = threading.Barrier(3), []

        def accept(path=path, met=met, said=said):
            guest = world.browser()
            met.wait()
            said.append(guest.post(path, {"name": "Nina", "password": PASSWORD}).status_code)

        threads = [threading.Thread(target=accept) for _ in range(3)]
        [one.start() for one in threads]
        [one.join() for one in threads]
        assert sorted(said) == [303, 404, 404] and people(world, mail) == 1


def test_another_site_can_not_send_the_form(world):
    mail = new_mail()
    _, path = invite(world, mail)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert world.browser().post(path, {"name": "N", "password": PASSWORD}, headers=headers).status_code == 403
    assert people(world, mail) == 0


def test_a_network_that_tries_links_is_slowed_down(world, monkeypatch):
    _, path = invite(world)
    said = [world.browser().get(f"/invitation/{uuid4()}.1.{'0' * 64}").status_code for _ in range(31)]
    assert said == [404] * 30 + [429]
    assert world.browser().post(path, {"name": "N", "password": PASSWORD}).status_code == 429
    monkeypatch.setattr(joining, "check_invitation", lambda ip: None)  # negative control
    assert world.browser().post(path, {"name": "N", "password": PASSWORD}).status_code == 303


def test_a_tenant_can_not_write_to_the_whole_world(world, monkeypatch):
    owner, taken = world.browser("owner"), {"mail": world.acme.users["rep"].mail, "role": "sales", "team_id": ""}
    said = [owner.post("/settings/invitations/", taken).status_code for _ in range(61)]
    assert said == [422] * 60 + [429]
    assert world.api("owner").json("POST", "/api/v1/invitations", {"mail": new_mail()}).status_code == 429


def test_sending_again_and_revoking_on_the_page(world):
    owner, mail = world.browser("owner"), new_mail()
    key, before = invite(world, mail)
    assert owner.post(f"/settings/invitations/{key}/sending").status_code == 303
    assert found(world, mail)[1] != before
    for who in ("manager", "rep", "reader"):
        assert world.browser(who).post(f"/settings/invitations/{key}/sending").status_code == 403
        assert world.browser(who).post(f"/settings/invitations/{key}/revocation").status_code == 403
    assert world.browser("owner", world.globex).post(f"/settings/invitations/{key}/revocation").status_code == 404
    assert owner.post(f"/settings/invitations/{key}/revocation").status_code == 303 and 'id="invited"' not in owner.get("/settings/members").text
    for act in ("sending", "revocation"):
        answer = owner.post(f"/settings/invitations/{key}/{act}")
        assert answer.status_code == 422 and "accepted or revoked meanwhile" in answer.text


def test_the_seats_of_the_plan_hold_on_the_page_and_at_the_door(world):
    from tenants import entry
    from tenants.models import Tenant

    _, path = invite(world)
    with world.acme.ctx() as ctx:
        taken, before = queries.seats_taken(ctx), world.acme.tenant.limits

    def limit(limits):
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == world.acme.tenant.id).values(limits=limits))
        world.acme.fresh()

    limit({"seats": taken + 1})
    try:
        answer = world.browser("owner").post("/settings/invitations/", {"mail": new_mail(), "role": "sales", "team_id": ""})
        assert answer.status_code == 422 and f"All {taken + 1} seats" in answer.text
        limit({"seats": taken})
        answer = world.browser().post(path, {"name": "N", "password": PASSWORD})
        assert answer.status_code == 422 and f"All {taken} seats" in answer.text
        limit({"seats": taken + 1})
        assert world.browser().post(path, {"name": "N", "password": PASSWORD}).status_code == 303
    finally:
        limit(before or {})


@pytest.mark.parametrize("lang, words", [("es", "Unirse a"), ("zh", "加入"), ("ko", "참여"), ("ru", "Присоединиться")])
def test_the_page_speaks_the_language_asked_for(world, lang, words):
    _, path = invite(world)
    assert words in world.browser().get(f"{path}?lang={lang}").text


def test_programs_invite_list_and_revoke_and_never_see_the_link(world):
    api, mail = world.api("owner"), new_mail()
    made = api.json("POST", "/api/v1/invitations", {"mail": mail, "name": "Nina", "role": "manager"})
    assert made.status_code == 201 and made.json["state"] == "waiting" and "nonce" not in made.json
    signature = found(world, mail)[1].rsplit(".", 1)[1]
    key, listed = made.json["id"], api.json("GET", f"/api/v1/invitations?filter[mail][eq]={mail}")
    assert [one["id"] for one in listed.json["data"]] == [key] and signature not in listed.text + made.text
    assert api.json("GET", f"/api/v1/invitations/{key}").json["mail"] == mail
    assert api.json("POST", "/api/v1/invitations", {"mail": mail}).json["code"] == "invited_already"
    for body in ({}, {"mail": 1}, {"mail": mail, "state": "accepted"}, {"mail": new_mail(), "invited_by": str(uuid4())}, {"mail": new_mail(), "role": "emperor"}, {"mail": new_mail(), "team_id": str(uuid4())}):
        assert api.json("POST", "/api/v1/invitations", body).status_code in (400, 422), body
    assert api.json("DELETE", f"/api/v1/invitations/{key}").status_code == 428
    assert world.api("owner", world.globex).json("DELETE", f"/api/v1/invitations/{key}", headers={"If-Match": '"1"'}).status_code == 404
    assert world.api("rep").json("DELETE", f"/api/v1/invitations/{key}", headers={"If-Match": '"1"'}).status_code == 403
    assert api.json("DELETE", f"/api/v1/invitations/{key}", headers={"If-Match": f'"{made.json["version"]}"'}).status_code == 204
    assert api.json("GET", f"/api/v1/invitations/{key}").json["state"] == "revoked"
