"""A house with somebody from whom everything that can be is hidden, and records with a canary in every field; made once for all files here."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from core.base import hiding
from core.base.policy import permissions
from core.consent import queries as consents
from core.consent import recording
from core.custom_fields import actions as defining
from core.identity import queries as people
from core.identity import roles
from core.mailings import audience
from core.mailings.models import Mailing
from core.transfer import checking, preparing
from tenants import entry
from tests.house.test_cast_walks import token_for
from tests.support.hidden_values import ALL, C, make
from tests.support.world import Browser, House
from web.api import shell


@pytest.fixture(scope="package")
def house(app):
    """A house with somebody who may do everything that a role can give, and to whom every field that can be is hidden."""
    found = House(f"blind-{uuid4().hex[:6]}", {"owner": "admin", "blind": "sales"})
    with found.ctx() as ctx:
        for room in hiding.GUARDED:
            defining.create_field(ctx, room=room, kind="text", key="hush", label="Own", is_searched=True, in_list=True)
        defining.create_field(ctx, room="contacts", kind="text", key="shown", label="Shown to all", is_searched=True)
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), permissions=list(permissions()), visibility="all", changing="all", hidden=ALL)
    with found.ctx() as ctx:
        found.users["blind"] = next(user for user in people.users(ctx) if user.role.code == "sales")
    return found


@pytest.fixture(scope="package")
def things(house, app):
    """Records with a canary in every field, edited, written about, imported, written to."""
    with house.ctx() as ctx:
        _, contact, found = make(ctx)
        recording.add_usual(ctx)
        recording.record_consent(ctx, contact, consents.purposes(ctx)[0].id, given=True, source="form")
    owner = Browser(app, house)
    owner.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, 'owner')}"
    found["/activities/"] = owner.json("POST", "/api/v1/activities", {"kind": "call", "body": "x", "contact_id": str(found["/contacts/"]), "next_contact_on": (entry.utcnow() + timedelta(days=1)).date().isoformat()}).json["id"]
    csv = f"name,city,phone,Own\nSudlicht,{C} town,+49 431 7771237,{C} own\n".encode()
    found["/imports/"] = owner.client.post("/api/v1/imports?dry_run=true", base_url=f"http://{house.host}", data=csv, content_type="text/csv").json["id"]
    found["/mailings/"] = owner.json("POST", "/api/v1/mailings", {"subject": "News", "body": "Dear {{ contact.greeting }}", "audience": "everyone"}).json["id"]
    bulk = {"kind": "contacts", "ids": [str(found["/contacts/"])], "changes": {"notes": f"{C} bulk", "custom": {"hush": f"{C} bulk"}}}
    found["/bulk-edits/"] = owner.json("POST", "/api/v1/bulk-edits", bulk).json["id"]
    checking.check_file(door_of(house, "owner"), UUID(found["/imports/"]), 1)
    with house.ctx() as ctx:
        audience.freeze(ctx, ctx.session.get(Mailing, found["/mailings/"]))
    return {start: str(key) for start, key in found.items()}


def door_of(house, who):
    """Short transactions of that person, as a worker opens them."""

    @contextmanager
    def door():
        with house.ctx(who) as ctx:
            yield ctx

    return door


def clients_of(app, house, who):
    """(pages, API) of one person."""
    token = Browser(app, house)
    token.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token_for(house, who)}"
    return Browser(app, house, who), token


@pytest.fixture(scope="package")
def clients(house, app):
    patch = pytest.MonkeyPatch()
    patch.setattr(shell, "BURST", 1_000_000)
    patch.setattr(preparing, "PER_HOUR", 1_000)
    yield clients_of(app, house, "blind")
    patch.undo()


@pytest.fixture(scope="package")
def owners(house, app, clients):
    return clients_of(app, house, "owner")
