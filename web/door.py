"""The web door: host -> tenant -> session -> user -> ctx. Returning commits, raising rolls back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Request, abort, g, request
from sqlalchemy import text

from core.base.context import Actor, Context, make_context
from core.base.entitlements import Entitlements
from core.base.formats import Formats
from core.identity import actions, networks, queries, sign_in_rules, stepping, viewing
from core.identity.models import SignIn
from infra import crypto, i18n, limits, telemetry
from infra.config import settings
from infra.passkeys import Host
from tenants import entry, registry
from tenants.models import Tenant

HOST = re.compile(r"^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NONE_CHOSEN = Formats()
# What somebody who looks through another's eyes can still do: stop looking, and sign out.
OWN_EYES = frozenset({"people.end_viewing", "session.destroy"})
# What an open page asks by itself: nobody need sit before it, so it keeps no session alive.
ASKED_BY_ITSELF = frozenset({"live.show"})

# Where somebody may go who has to set up a second step, or a passkey, before anything else: to do so, and out.
SETTING_UP = frozenset({"second_step.show", "second_step.create", "second_step.confirm", "session.destroy"})
ADDING_A_KEY = frozenset({"passkeys.first", "passkeys.new", "passkeys.create", "session.destroy"})


class StepFirst(Exception):
    """The workspace demands a second step or a passkey, and this session lacks it. endpoint: where it is set up."""

    def __init__(self, endpoint: str):
        super().__init__(endpoint)
        self.endpoint = endpoint


@dataclass(frozen=True)
class Place:
    """Where a request landed. kind: apex, ops, files, tenant."""

    kind: str
    tenant: Tenant | None = None


def find_place(req: Request) -> Place:
    """The place that the Host names, from nothing a client controls but the Host itself; anything odd is 400 or 404."""
    if len(req.headers.getlist("Host")) != 1 or not req.environ.get("RAW_URI", "/").startswith("/"):
        abort(400)  # an absolute address could name another host than Host does
    host = (req.headers["Host"]).lower().rsplit(":", 1)[0] if ":" in req.headers["Host"] else req.headers["Host"].lower()
    host = host.removesuffix(".")
    if not HOST.fullmatch(host):
        abort(400)
    base = settings().base_domain
    fixed = {base: "apex", f"www.{base}": "apex", f"ops.{base}": "ops", f"files.{base}": "files"}
    if settings().local:
        fixed["127.0.0.1"] = "apex"
    if host in fixed:
        return Place(fixed[host])
    tenant = registry.by_host(host)
    if tenant is None or tenant.state in ("free", "provisioning", "deleted"):
        abort(404)
    return Place("tenant", tenant)


def cookie_name() -> str:
    """__Host- binds the cookie to one host over https; only plain localhost goes without (DECISIONS 2)."""
    return "__Host-tendero" if settings().cookie_secure else "tendero"


def set_session_cookie(response, token: str) -> None:
    response.set_cookie(
        cookie_name(), token, max_age=int(queries.ABSOLUTE.total_seconds()), secure=settings().cookie_secure,
        httponly=True, samesite="Lax", path="/",
    )


def drop_session_cookie(response) -> None:
    """The session's end: its cookie, and whatever of it this browser holds (drafts, briefs, pages)."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    response.delete_cookie(cookie_name(), secure=settings().cookie_secure, httponly=True, samesite="Lax", path="/")


def step_cookie_name() -> str:
    """What a browser holds between two steps of signing in: another cookie, so that it never passes for a session."""
    return cookie_name() + "-step"


def set_step_cookie(response, token: str) -> None:
    life = int(stepping.VALID.total_seconds())
    response.set_cookie(step_cookie_name(), token, max_age=life, secure=settings().cookie_secure, httponly=True, samesite="Lax", path="/")


def drop_step_cookie(response) -> None:
    response.delete_cookie(step_cookie_name(), secure=settings().cookie_secure, httponly=True, samesite="Lax", path="/")


def entitlements_of(tenant: Tenant) -> Entitlements:
    """The stored answer of billing, as a value (billing writes it, the directory row carries it)."""
    return Entitlements(access=tenant.access, limits=tenant.limits or {}, features=frozenset(tenant.features or ()), until=tenant.access_until)


def tenant_url(tenant: Tenant) -> str:
    return settings().tenant_url(tenant.slug or "")


def here() -> Host:
    """The host of this very request, which the door has found to be this tenant's, as passkeys and providers name it; its
    pages come by the public scheme."""
    return Host(rp_id=request.host.rsplit(":", 1)[0].lower().removesuffix("."), origin=f"{settings().public_scheme}://{request.host.lower()}")


def place() -> Place:
    return g.place


def among_files() -> bool:
    """Is this the host of files, where no cookie is read or set?"""
    return getattr(g.get("place"), "kind", None) == "files"


@contextmanager
def signed_in() -> Iterator[Context]:
    """The context of the person behind the session cookie; 401 without one. One transaction."""
    tenant = _placed_tenant()
    token = request.cookies.get(cookie_name())
    if not token:
        abort(401)
    if request.mimetype == "multipart/form-data":
        # Files are unpacked for nobody who isn't signed in.
        with entry.enter(tenant) as session:
            if queries.session_of(session, token, entry.utcnow()) is None:
                abort(401)
    take_form()
    touched = False
    with entry.enter(tenant) as session:
        now = entry.utcnow()
        row = queries.session_of(session, token, now)
        if row is None:
            abort(401)
        _check_network(row)
        check_csrf(row.csrf)
        g.sign_in, g.csrf = row, row.csrf
        own = queries.actor_of(row.user)
        user, actor = viewing.eyes_of(session, row, own, now) or (row.user, own)
        g.viewing = user is not row.user
        ctx = _context(session, tenant, actor, now, row.user.locale, user.timezone, Formats.of(row.user))
        touched = request.endpoint not in ASKED_BY_ITSELF and actions.touch_session(row, now)
        try:
            if g.viewing and request.method not in SAFE_METHODS and request.endpoint not in OWN_EYES:
                viewing.refuse_change()
            _check_steps(ctx, row)
            yield ctx
        except BaseException:
            g.sign_in = g.ctx = None  # rolled back: the page that says so stands on nothing of this transaction
            raise
    if touched:
        entry.note_activity(tenant)


def _check_network(row: SignIn) -> None:
    """Of every request, not only of signing in: a session that is carried elsewhere opens nothing there."""
    if request.endpoint != "session.destroy" and row.rules is not None and row.rules.networks_people:
        g.lang = i18n.language(row.user.locale)
        networks.check_person(row.rules, {row.user.role.code, *row.user.further.codes}, request.remote_addr, user_id=row.user.id, way="session")


def _check_steps(ctx: Context, row: SignIn) -> None:
    """What the workspace's rules ask for comes before anything else."""
    if sign_in_rules.asks_for_passkey(ctx, row.user, row, row.rules):
        if request.endpoint not in ADDING_A_KEY:
            raise StepFirst("passkeys.first")
    elif request.endpoint not in SETTING_UP and sign_in_rules.asks_for_second_step(ctx, row.user, row, row.rules):
        raise StepFirst("second_step.show")


@contextmanager
def with_token(*, by_address: bool = False) -> Iterator[Context]:
    """The context of the person behind an API token; 401 without one. by_address: or behind a token in the address, made for feeds; in a
    header such a one is none, and in an address no other is: addresses stand in logs and in other people's programs."""
    tenant = _placed_tenant()
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    in_address = by_address and request.method in SAFE_METHODS and "key" in request.args
    if in_address:
        scheme, token = "bearer", request.args["key"]
    if scheme.lower() != "bearer" or not token:
        abort(401)
    with entry.enter(tenant) as session:
        now = entry.utcnow()
        row = queries.token_user(session, token.strip(), now, for_feed=in_address)
        if row is None:
            # Wrong tokens alone are counted: a forgotten script must not shut out its neighbours' right ones.
            limits.hit("api_wrong_token", limits.network(request.remote_addr), 30, 60, closed=True)
            abort(401)
        networks.check_token(row.rules, networks.codes_of_token(row), request.remote_addr, user_id=row.user_id)
        actions.touch_token(session, row, now)
        actor = queries.actor_of_token(row)
        yield _context(session, tenant, actor, now, row.user.locale, row.user.timezone)


@contextmanager
def as_stranger(permissions: frozenset[str] = frozenset()) -> Iterator[Context]:
    """A context on a tenant's public pages: nobody signed in, only these permissions (unsubscribe, sign-in)."""
    tenant = _placed_tenant()
    take_form()
    with entry.enter(tenant) as session:
        actor = Actor(id=None, name="", kind="public", permissions=permissions, visibility="all" if permissions else "own")
        yield _context(session, tenant, actor, entry.utcnow(), public_language(tenant.locale), tenant.timezone)


def _context(session, tenant: Tenant, actor: Actor, now, locale: str, timezone: str, formats: Formats = NONE_CHOSEN) -> Context:
    if request.method not in SAFE_METHODS and actor.id:
        session.execute(text(f"SET LOCAL tendero.actor = '{actor.id}'"))  # noqa: S608 (a UUID)
    ctx = make_context(
        session, actor, tenant.ref(tenant_url(tenant)), now, locale=i18n.language(locale), timezone=timezone,
        entitlements=entitlements_of(tenant), request_id=g.request_id,
        formats=formats.over(Formats.of(tenant)),
    )
    g.ctx, g.lang, g.actor = ctx, ctx.locale, actor
    telemetry.add(user=actor.id)
    return ctx


def _placed_tenant() -> Tenant:
    tenant = g.place.tenant
    if tenant is None:
        abort(404)
    return tenant


def public_language(fallback: str = "en") -> str:
    """Language of a page for strangers: the link's ?lang, then the cookie, then the tenant's, then the browser's."""
    for code in (request.args.get("lang"), request.cookies.get("lang")):
        if code and i18n.language(code) == code.split("-")[0].lower():
            return i18n.language(code)
    if g.place.kind == "tenant":
        return i18n.language(fallback)
    return i18n.negotiate([code for code, _ in request.accept_languages])


def take_form() -> None:
    """The whole form, read before a transaction is opened: a slow sender holds no connection (RELIABILITY X23)."""
    if request.method not in SAFE_METHODS:
        request.form  # noqa: B018 (Werkzeug reads and keeps it at the first look)


def check_csrf(expected: str) -> None:
    """Refuse an unsafe request without the session's token, or that another site sent."""
    if request.method in SAFE_METHODS:
        return
    check_same_site()
    given = request.headers.get("X-CSRF-Token") or request.form.get("_csrf", "")
    if not crypto.same(given, expected):
        from core.base.errors import Refused

        raise Refused("form_expired")


def check_same_site() -> None:
    """For forms before sign-in: the browser says that the page itself sent it (Fetch Metadata, or Origin)."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (origin and origin != "null" and origin.split("://")[-1] != request.host):
        abort(403)


def sign_in_row() -> SignIn | None:
    return g.get("sign_in")
