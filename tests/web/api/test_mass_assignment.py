"""Nobody writes what is not his to write: further members of a body, further fields of a form (RELIABILITY X19)."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.identity.models import ApiToken, User
from tests.web.api.test_idor import send, smallest, tenant_routes

EXTRA = {
    "role": "admin", "role_id": str(uuid4()), "tenant_id": str(uuid4()), "is_admin": True, "is_owner": True, "id": str(uuid4()), "created_at": "2001-01-01T00:00:00Z",
    "created_by": str(uuid4()), "updated_at": "2001-01-01T00:00:00Z", "version": 99, "deleted_at": None, "permissions": ["*"], "state": "active", "price": "0",
    "password_hash": "x", "visibility": "all", "custom_find": "x", "name_fold": "x", "mail_norm": "x", "reminded_at": None, "done_at": None, "token_hash": "x",
}


def writers(app):
    """The API's routes that take a body."""
    for rule in app.url_map.iter_rules():
        operation = getattr(app.view_functions[rule.endpoint], "operation", None)
        if operation is not None and operation.body is not None:
            yield rule, operation


def test_no_route_of_the_api_takes_a_further_member(app, api):
    taken = []
    for rule, operation in writers(app):
        path = rule.rule.removeprefix("/api/v1").replace("<uuid:id>", str(uuid4()))
        for name, value in EXTRA.items():
            if name in operation.body.model_fields:
                continue
            answer = api.call(operation.method, path, {**smallest(operation.body), name: value}, If_Match='"1"')
            if answer.status_code != 422 or name not in {error["field"] for error in answer.json["errors"]}:
                taken.append((operation.method, path, name, answer.status_code))
    assert taken == []


def test_every_body_refuses_what_it_does_not_know(app):
    from pydantic import BaseModel

    def models(model, seen):
        if model in seen:
            return
        seen.add(model)
        for field in model.model_fields.values():
            for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    models(part, seen)

    found: set = set()
    for _, operation in writers(app):
        models(operation.body, found)
    assert found and {model.__name__ for model in found if model.model_config.get("extra") != "forbid"} == set()


def test_a_row_keeps_what_a_refused_body_wanted_to_change(api):
    made = api.get(f"/accounts/{api.account()['id']}").json
    for name, value in EXTRA.items():
        assert api.patch(f"/accounts/{made['id']}", {"city": "Bonn", name: value}, 1).status_code == 422
    assert api.get(f"/accounts/{made['id']}").json == made


def test_a_member_that_may_be_written_is_bounded_by_what_one_sees(caller, world):
    """owner_id is no secret member, yet a salesperson gives nothing to others at will."""
    rep, manager = caller("rep"), caller("manager")
    other = str(world.acme.users["colleague"].id)
    assert rep.post("/accounts", {"name": "A", "owner_id": other}).status_code == 422
    assert manager.post("/accounts", {"name": "A", "owner_id": other}).json["owner_id"] == other


def rows(world):
    """What people are and what their tokens may do."""
    with world.acme.ctx("owner") as ctx:
        people = {user.id: (user.role_id, user.is_owner, user.state, user.password_hash, user.created_at, user.mail) for user in ctx.session.execute(select(User)).scalars()}
        return people, {token.id: token.permissions for token in ctx.session.execute(select(ApiToken)).scalars() if token.name == "test"}


@pytest.mark.parametrize("who", ["rep", "owner"])
def test_no_form_changes_who_one_is(app, world, who):
    """Every form that a person may send, with further fields: roles, states and hashes stay as they are."""
    before = rows(world)
    browser = world.browser(who)
    fields = {**{name: str(value) for name, value in EXTRA.items()}, "name": "Someone", "locale": "en", "timezone": "UTC"}
    for rule, method, kind in tenant_routes(app, arguments=False):
        # Sign-out ends what this test needs; adding people and their roles is what an owner's form there is for.
        if kind == "needs" and method != "GET" and not rule.endpoint.startswith(("session.", "settings.create_member", "settings.end_sessions", "subscription.")):
            send(browser, method, rule.rule, kind, data=fields)
    after = rows(world)
    made = {key: row for key, row in after[0].items() if key not in before[0]}
    assert before[0].items() <= after[0].items() and {row[1:4] for row in made.values()} <= {(False, "program", None)}  # who sends the form of a program gets one
    assert before[1].items() <= after[1].items()


def test_a_profile_form_gives_no_role(world):
    browser = world.browser("rep")
    assert browser.post("/settings/profile", {"name": "Rep", "locale": "en", "timezone": "UTC", "role": "admin", "role_id": str(uuid4()), "is_owner": "1"}).status_code == 303
    with world.acme.ctx("owner") as ctx:
        user = ctx.session.get_one(User, world.acme.users["rep"].id)
        assert (user.role_id, user.is_owner) == (world.acme.users["rep"].role_id, False)
