"""Two tenants and a fixed cast: whoever writes a page test walks these people through it (HOUSE 28).

acme: owner (administrator), manager, rep, colleague (another salesperson), reader, ex (disabled).
globex: owner. `stranger` is nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, cached_property
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient

from core.base.context import Context, make_context
from core.contact_plans.plans import make_starter as make_plans
from core.deals.pipelines import make_starter
from core.documents import starter as print_templates
from core.identity import actions, queries, tokens
from core.identity.models import User
from core.leads.scoring import make_starter as make_rules
from infra import crypto
from tenants import entry, provisioning, registry
from tenants.models import Tenant
from web import door

PASSWORD = "correct horse battery"
CAST = {"owner": "admin", "manager": "manager", "rep": "sales", "colleague": "sales", "reader": "reader", "ex": "sales"}


@cache
def password_hash() -> str:
    return crypto.hash_password(PASSWORD)


class House:
    """One tenant with its people. `users` by cast name; `ctx(who)` opens a transaction that commits."""

    def __init__(self, slug: str, cast: dict[str, str] = CAST, **values):
        self.tenant = move_in(slug, **values)
        self.users: dict[str, User] = {}
        with entry.enter(self.tenant) as session:
            roles = actions.make_roles(session)
            make_starter(session)
            make_plans(session)
            make_rules(session)
            print_templates.make_starter(session)
            for who, role in cast.items():
                user = User(
                    mail=f"{who}@{slug}.example", mail_norm=f"{who}@{slug}.example", name=who.capitalize(), password_hash=password_hash(),
                    role_id=roles[role].id, role=roles[role], is_owner=who == "owner", mail_confirmed_at=entry.utcnow(), state="disabled" if who == "ex" else "active",
                )
                session.add(user)
                self.users[who] = user
            session.flush()

    @property
    def host(self) -> str:
        return f"{self.tenant.slug}.localhost"

    def fresh(self) -> Tenant:
        """The directory row as it is now."""
        registry.forget()
        return registry.by_id(self.tenant.id, fresh=True)

    @contextmanager
    def ctx(self, who: str = "owner", *, now: datetime | None = None, **rest) -> Iterator[Context]:
        """A context as the web door would make it: same entry, same actor, commit at the end."""
        tenant, user = self.fresh(), self.users[who]
        rest.setdefault("entitlements", door.entitlements_of(tenant))
        with entry.enter(tenant, actor_id=user.id) as session:
            yield make_context(session, queries.actor_of(user), tenant.ref(f"http://{self.host}"), now or entry.utcnow(), **rest)


def move_in(slug: str, **values) -> Tenant:
    """A provisioned, claimed tenant without people."""
    with entry.control() as session:
        tenant = provisioning.claim(session, slug=slug, name=slug.capitalize(), **values)
    if tenant is None:
        provisioning.provision()
        return move_in(slug, **values)
    registry.forget()
    return tenant


class Browser:
    """An HTTP client on one tenant's host, signed in as somebody of the cast (or nobody). Sends the CSRF token itself."""

    def __init__(self, app: Flask, house: House, who: str | None = None):
        self.house, self.csrf = house, ""
        self.client: FlaskClient = app.test_client()
        if who is not None:
            self._sign_in(house.users[who])

    def _sign_in(self, user: User) -> None:
        with entry.enter(self.house.tenant) as session:
            token, row = actions.open_session(session, user, now=entry.utcnow(), ip="127.0.0.1", agent="test")
            self.csrf = row.csrf
        self.client.set_cookie(door.cookie_name(), token, domain=self.house.host)

    def get(self, path: str, **rest):
        return self._open("GET", path, **rest)

    def post(self, path: str, data: dict | None = None, **rest):
        return self._open("POST", path, data={"_csrf": self.csrf, **(data or {})}, **rest)

    def delete(self, path: str, **rest):
        rest.setdefault("headers", {})["X-CSRF-Token"] = self.csrf
        return self._open("DELETE", path, **rest)

    def file(self, path: str, **rest):
        """The file behind a link: the redirect is followed to the host of files, to which a browser sends no cookie of ours."""
        answer = self.get(path)
        return self.client.open(answer.headers["Location"], **rest) if answer.status_code == 303 and "//files." in answer.headers["Location"] else answer

    def json(self, method: str, path: str, body=None, **rest):
        """A request of the API."""
        return self._open(method, path, json=body, **rest)

    def _open(self, method: str, path: str, **rest):
        return self.client.open(path, method=method, base_url=f"http://{self.house.host}", **rest)


class World:
    """Both tenants and the application."""

    def __init__(self, app: Flask):
        self.app, self.tag = app, uuid4().hex[:6]
        self.acme = House(f"acme-{self.tag}")

    @cached_property
    def globex(self) -> House:
        """The other tenant: made where it is first asked for, most modules never do."""
        return House(f"globex-{self.tag}", {"owner": "admin", "rep": "sales"})

    @classmethod
    def of(cls, app: Flask, house: House) -> "World":
        """The same calls on a house that is there, without another tenant beside it."""
        world = cls.__new__(cls)
        world.app, world.acme = app, house
        return world

    def browser(self, who: str | None = None, house: House | None = None) -> Browser:
        return Browser(self.app, house or self.acme, who)

    def api(self, who: str = "owner", house: House | None = None, allowed: list[str] | None = None) -> Browser:
        """A client with that person's API token in its headers."""
        house = house or self.acme
        with house.ctx(who) as ctx:
            secret, _ = tokens.make_token(ctx, name="test", allowed=allowed)
        browser = Browser(self.app, house)
        browser.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return browser
