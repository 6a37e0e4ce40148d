"""Settings about people: roles, teams, days away, who sees a record, and through a colleague's eyes."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.base import hiding
from core.base.facts import Fact
from core.identity import absence, queries, roles, teams
from core.identity.models import Absence, SignIn, Team, UserRole
from core.parties import actions as parties
from web.settings.permission_words import FIELD_WORDS


def hidden(page, action):
    """The hidden fields of the form that goes to `action`."""
    form = page[page.index(f'action="{action}"'):]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[: form.index("</form>")]))


def role_page(world, code):
    with world.acme.ctx() as ctx:
        role = roles.one_role(ctx, code)
        return f"/settings/roles/{role.id}"


def sent(owner, path, **changed):
    """A role's form as the page has it, some values changed."""
    page = owner.get(path).text
    boxes = re.findall(r'<input checked[^>]*name="permissions"[^>]*value="([^"]+)"|<input [^>]*name="permissions"[^>]*value="([^"]+)"[^>]*checked', page)
    values = hidden(page, path) | {"permissions": [one or other for one, other in boxes]}
    for name in ("name", "visibility", "changing"):
        values[name] = values[f"_was_{name}"]
    return values | changed


def test_the_roles_say_how_many_have_them_and_how_far_they_reach(world):
    page = world.browser("owner").get("/settings/roles/").text
    for text in ("Administrator", "Managing director", "Team lead", "Salesperson", "Own records", "All records"):
        assert text in page
    assert 'name="like"' in page and 'name="like"' not in world.browser("manager").get("/settings/roles/").text


def test_a_role_is_copied_changed_and_deleted(world):
    owner = world.browser("owner")
    made = owner.post("/settings/roles/", {"name": "Inside sales", "like": "sales"})
    path = made.headers["Location"]
    assert made.status_code == 303 and 'value="Inside sales"' in owner.get(path).text
    values = sent(owner, path, visibility="team", changing="own", changes_contacts="own", sees_contacts="all")
    values["permissions"] = [one for one in values["permissions"] if not one.startswith("imports.")]
    assert owner.post(path, values).status_code == 303
    with world.acme.ctx() as ctx:
        role = next(one for one in queries.roles(ctx) if one.name == "Inside sales")
        assert (role.visibility, role.changing, role.scopes) == ("team", "own", {"contacts": ["all", "own"]})
        assert "imports.run" not in role.permissions and {"home.read", "profile.edit", "accounts.edit"} <= set(role.permissions)
    assert owner.post(f"{path}/deletion").status_code == 303 and owner.get(path).status_code == 404


def test_two_who_change_a_role_at_once_are_asked(world):
    owner = world.browser("owner")
    path = owner.post("/settings/roles/", {"name": "Met", "like": "reader"}).headers["Location"]
    mine, theirs = sent(owner, path, name="Met mine"), sent(owner, path, name="Met theirs")
    assert owner.post(path, theirs).status_code == 303
    asked = owner.post(path, mine)
    assert asked.status_code == 409 and "Met mine" in asked.text and "Met theirs" in asked.text
    assert owner.post(path, hidden(asked.text, path) | {"keep_name": "mine", "name": "Met mine"}).status_code == 303
    assert "Met mine" in owner.get(path).text


def test_the_administrators_role_offers_no_form(world):
    owner = world.browser("owner")
    path = role_page(world, "admin")
    assert 'name="permissions"' not in owner.get(path).text
    assert owner.post(path, {"name": "Boss", "permissions": []}).status_code == 422
    assert owner.post(f"{path}/original").status_code == 422


@pytest.mark.parametrize("values", [
    {"name": ""}, {"name": "x" * 61}, {"name": "x\x00y"}, {"visibility": "world"}, {"permissions": ["*"]}, {"permissions": ["users.fly"]}, {"sees_accounts": "moon"},
])
def test_a_role_that_makes_no_sense_is_refused_and_keeps_what_was_typed(world, values):
    owner = world.browser("owner")
    path = role_page(world, "service")
    answer = owner.post(path, sent(owner, path, **values))
    assert answer.status_code in (400, 422)
    with world.acme.ctx() as ctx:
        assert roles.one_role(ctx, "service").name == "Service" and "users.fly" not in roles.one_role(ctx, "service").permissions


def test_a_built_in_role_is_put_back(world):
    owner = world.browser("owner")
    path = role_page(world, "purchasing")
    assert owner.post(path, sent(owner, path, visibility="own", name="Buyers")).status_code == 303
    assert owner.post(f"{path}/original").status_code == 303
    with world.acme.ctx() as ctx:
        assert (roles.one_role(ctx, "purchasing").name, roles.one_role(ctx, "purchasing").visibility) == ("Purchasing", "all")


def test_a_team_is_made_moved_filled_and_deleted(world):
    owner, rep = world.browser("owner"), world.acme.users["rep"]
    north = owner.post("/settings/teams/", {"name": "North", "parent_id": "", "is_branch": "y"}).headers["Location"]
    desk = owner.post("/settings/teams/", {"name": "Desk", "parent_id": north.rsplit("/", 1)[1]}).headers["Location"]
    assert owner.post(f"{desk}/members", {"person": str(rep.id), "leads": "y"}).status_code == 303
    page = owner.get("/settings/teams/").text
    assert page.index("North") < page.index("Desk") and "depth-1" in page and "Branch" in page and "Rep" in page
    assert "Desk" in owner.get("/settings/members").text
    assert owner.post(north, hidden(owner.get(north).text, north) | {"name": "North", "parent_id": desk.rsplit("/", 1)[1]}).status_code == 422
    assert owner.post("/settings/teams/", {"name": "north", "parent_id": ""}).status_code == 422
    assert owner.post(f"{desk}/removals", {"person": str(rep.id)}).status_code == 303 and owner.post(f"{desk}/removals", {"person": "x"}).status_code == 422
    assert owner.post(f"{north}/deletion").status_code == 303 and owner.get(north).status_code == 404 and owner.get(desk).status_code == 200
    owner.post(f"{desk}/deletion")


def test_further_roles_add_up_on_the_next_page(world):
    owner, colleague = world.browser("owner"), world.acme.users["colleague"]
    theirs = world.browser("colleague")
    assert theirs.get("/mailings/").status_code == 403
    path = f"/settings/members/{colleague.id}"
    assert owner.post(f"{path}/roles", {"further": ["marketing"]}).status_code == 303
    assert theirs.get("/mailings/").status_code == 200 and "Marketing" in owner.get(path).text
    assert owner.post(f"{path}/roles", {"further": ["admin"]}).status_code == 422
    assert owner.post(f"{path}/roles", {}).status_code == 303 and theirs.get("/mailings/").status_code == 403
    with world.acme.ctx() as ctx:
        assert ctx.session.execute(select(UserRole).where(UserRole.user_id == colleague.id)).first() is None


def test_whoever_is_away_chooses_a_deputy_and_the_deputy_sees(world):
    rep, colleague, deputy = world.browser("rep"), world.browser("colleague"), world.acme.users["colleague"]
    with world.acme.ctx("rep") as ctx:
        key, today = parties.create_account(ctx, name="Rep's own").id, ctx.today
    assert colleague.get(f"/accounts/{key}").status_code == 404
    values = {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=1)).isoformat(), "deputy_id": str(deputy.id)}
    assert rep.post("/settings/profile/absence", values).status_code == 303
    assert colleague.get(f"/accounts/{key}").status_code == 200 and "Rep&#39;s own" in colleague.get("/accounts").text
    assert "Stands in for Rep" in colleague.get(f"/accounts/{key}/sight").text
    with world.acme.ctx() as ctx:
        planned = ctx.session.execute(select(Absence.id)).scalar_one()
    assert colleague.post(f"/settings/absences/{planned}/cancellation").status_code == 404
    assert rep.post(f"/settings/absences/{planned}/cancellation").status_code == 303
    assert colleague.get(f"/accounts/{key}").status_code == 404


@pytest.mark.parametrize("values", [{}, {"starts_on": "x", "ends_on": "y", "deputy_id": "z"}, {"starts_on": "2020-01-01", "ends_on": "2020-01-02"}, {"ends_on": "0001-01-01"}])
def test_days_that_make_no_sense_keep_what_was_typed(world, values):
    rep = world.browser("rep")
    given = {"starts_on": "2031-01-05", "ends_on": "2031-01-06", "deputy_id": str(world.acme.users["colleague"].id)} | values if values else {}
    answer = rep.post("/settings/profile/absence", given)
    assert answer.status_code == 422 and 'id="absence"' in answer.text
    with world.acme.ctx() as ctx:
        assert absence.absences(ctx, world.acme.users["rep"].id) == []


def test_an_administrator_looks_through_a_colleagues_eyes_and_it_is_written_down(world):
    owner, rep = world.browser("owner"), world.acme.users["rep"]
    with world.acme.ctx() as ctx:
        other = parties.create_account(ctx, name="Owner's secret deal").id
    assert owner.get(f"/accounts/{other}").status_code == 200
    assert owner.post(f"/settings/members/{rep.id}/eyes").status_code == 303
    page = owner.get("/accounts").text
    assert "You see the workspace as Rep does. Nothing can be changed." in page and "secret deal" not in page and owner.get(f"/accounts/{other}").status_code == 404
    for path, data in (("/accounts", {"name": "By whom?"}), ("/settings/profile", {"name": "Hijacked"}), (f"/accounts/{other}/deletion", {}), ("/settings/sessions/end", {})):
        answer = owner.post(path, data)
        assert answer.status_code == 403 and "through somebody else" in answer.text, path
    assert owner.post("/settings/profile/eyes").status_code == 303 and owner.get(f"/accounts/{other}").status_code == 200
    with world.acme.ctx() as ctx:
        fact = ctx.session.execute(select(Fact).where(Fact.kind == "user.viewed_as").order_by(Fact.at.desc())).scalars().first()
        assert (fact.actor_id, fact.subject_id) == (world.acme.users["owner"].id, rep.id)


@pytest.mark.parametrize("who", ["manager", "rep", "reader"])
def test_nobody_else_looks_through_others_eyes(world, who):
    assert world.browser(who).post(f"/settings/members/{world.acme.users['colleague'].id}/eyes").status_code == 403


def test_whoever_may_look_never_gains_by_it(world):
    """A role with the right alone can't look through an administrator's eyes, nor a disabled colleague's."""
    with world.acme.ctx() as ctx:
        role = roles.create_role(ctx, name=f"Support {uuid4().hex[:4]}", permissions=["users.read", "users.view_as"], visibility="all", changing="all")
        roles.give_further_roles(ctx, queries.one_user(ctx, world.acme.users["reader"].id), [role.code])
    reader = world.browser("reader")
    assert reader.post(f"/settings/members/{world.acme.users['owner'].id}/eyes").status_code == 422
    assert reader.post(f"/settings/members/{world.acme.users['ex'].id}/eyes").status_code == 422
    with world.acme.ctx() as ctx:
        roles.give_further_roles(ctx, queries.one_user(ctx, world.acme.users["reader"].id), [])


def test_the_right_to_look_that_ends_ends_the_look(world):
    owner = world.browser("owner")
    owner.post(f"/settings/members/{world.acme.users['rep'].id}/eyes")
    with world.acme.ctx() as ctx:
        ctx.session.execute(SignIn.__table__.update().where(SignIn.viewing_id.is_not(None)).values(user_id=world.acme.users["manager"].id))
    assert "Nothing can be changed" not in owner.get("/accounts").text


def test_without_the_refusal_a_change_would_be_made_in_anothers_name(world, monkeypatch):
    """Negative control."""
    from core.identity import viewing

    monkeypatch.setattr(viewing, "refuse_change", lambda: None)
    owner = world.browser("owner")
    owner.post(f"/settings/members/{world.acme.users['rep'].id}/eyes")
    assert owner.post("/accounts", {"name": "In Rep's name"}).status_code == 303


def test_who_can_see_a_record_stands_on_its_page(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Seen by whom").id
        contact = parties.create_contact(ctx, name="Also seen", owner_id=None).id
    page = world.browser("rep").get(f"/accounts/{account}").text
    assert f'href="/accounts/{account}/sight"' in page
    said = re.sub("<form.*?</form>", "", world.browser("rep").get(f"/accounts/{account}/sight").text, flags=re.DOTALL)  # whom it could be shared with
    assert "Owns it" in said and "Sees all records as Administrator" in said and "Colleague" not in said
    assert "belongs to nobody" in world.browser("reader").get(f"/contacts/{contact}/sight").text
    assert world.browser("colleague").get(f"/accounts/{account}/sight").status_code == 404


def test_changes_of_roles_and_teams_are_in_the_audit(world):
    with world.acme.ctx() as ctx:
        team = teams.create_team(ctx, name="Audited")
        teams.put_member(ctx, team, world.acme.users["rep"].id)
        ctx.session.flush()
        key = team.id
    with world.acme.ctx() as ctx:
        tables = set(ctx.session.execute(select(AuditEntry.table_name).where(AuditEntry.actor_id == world.acme.users["owner"].id)).scalars())
        assert {"team", "team_member"} <= tables
        ctx.session.delete(ctx.session.get_one(Team, key))


def test_every_permission_has_words_where_people_choose(app):
    from core.base.policy import permissions
    from web.settings.permission_words import GROUPS

    assert sorted(name for _, group in GROUPS for name, _ in group) == sorted(permissions())


def test_programs_read_roles_and_teams(world):
    api = world.api("owner")
    with world.acme.ctx() as ctx:
        top = teams.create_team(ctx, name="Read by programs", is_branch=True)
        teams.create_team(ctx, name="Inner", parent_id=top.id)
        key = str(top.id)
    assert {one["code"] for one in api.get("/api/v1/roles").json["data"]} >= {"admin", "sales", "team_lead"}
    assert [one["name"] for one in api.get(f"/api/v1/teams?filter[parent_id][eq]={key}").json["data"]] == ["Inner"]
    assert world.api("rep").get("/api/v1/roles").status_code == 403


def test_a_role_hides_and_protects_fields_on_its_page(world):
    owner = world.browser("owner")
    path = owner.post("/settings/roles/", {"name": "Counter", "like": "sales"}).headers["Location"]
    text = owner.get(path).text
    assert 'name="hidden"' in text and 'value="contacts.birthday"' in text and 'aria-label="Birthday: Hidden"' in text
    assert 'aria-label="Owner: Read only"' in text and 'aria-label="Owner: Hidden"' not in text
    sent = {"_was_hidden": "", "_was_protected": "", "hidden": ["contacts.birthday", "accounts.annual_revenue"], "protected": ["accounts.owner_id"]}
    assert owner.post(path, sent).status_code == 303
    with world.acme.ctx() as ctx:
        role = next(one for one in queries.roles(ctx) if one.name == "Counter")
        assert (role.hidden, role.protected) == (["accounts.annual_revenue", "contacts.birthday"], ["accounts.owner_id"])
        assert role.permissions == roles.one_role(ctx, "sales").permissions
    assert owner.post(path, {"_was_hidden": "", "hidden": ["contacts.name"]}).status_code == 422
    assert owner.post(path, {"_was_hidden": "accounts.annual_revenue, contacts.birthday"}).status_code == 303
    found = next(one for one in world.api("owner").get("/api/v1/roles").json["data"] if one["name"] == "Counter")
    assert (found["hidden"], found["protected"]) == ([], ["accounts.owner_id"])


def test_two_who_hide_fields_at_once_choose(world):
    owner = world.browser("owner")
    path = owner.post("/settings/roles/", {"name": "Twice", "like": "sales"}).headers["Location"]
    version = re.search(r'name="_version" value="([0-9]+)"', owner.get(path).text)[1]
    assert owner.post(path, {"_version": version, "_was_hidden": "", "hidden": ["contacts.birthday"]}).status_code == 303
    met = owner.post(path, {"_version": version, "_was_hidden": "", "hidden": ["contacts.notes"]})
    assert met.status_code == 409 and "Birthday" in met.text and "Notes" in met.text


def test_every_field_that_can_be_withheld_has_a_word():
    assert {(room, name) for room, one in hiding.GUARDED.items() for name in one.fields if name not in FIELD_WORDS[room]} == set()
