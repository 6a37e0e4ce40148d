"""The whole sign-up as one use case: a claimed schema, a trial, an owner, and a one-time way in.

Three short transactions, because control and tenant are different roles and a thread never holds two connections:
the claim (state provisioning, the slug is ours), the tenant's own part, the opening (state active, trial, login
token). What dies in between leaves a row in 'provisioning' that no host reaches; the sweep of leftovers drops it.
"""

import re
import time
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import available_timezones

from anyascii import anyascii
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from billing import access, plans
from billing.models import BillingAccount, Subscription
from core.base.context import make_context, system
from core.base.errors import Refused
from core.base.outbox import defer, defer_row
from core.base.text import clean_needed
from core.contact_plans import plans as contact_plans
from core.deals import pipelines
from core.documents import starter as print_templates
from core.identity import actions, confirmed_mail
from core.identity.rules import check_new_password, full_name, normal_mail
from core.leads import scoring
from core.post import actions as post
from infra import crypto, i18n
from infra.config import settings
from infra.places import currency_of_zone
from tenants import entry, provisioning, registry, starters
from tenants.models import ControlOrder, LoginToken, Tenant

LOGIN_TOKEN_LIFE = timedelta(seconds=60)
TRIAL_SEATS = 1
# How long a sign-up waits where no schema is free; one is made in 0.2 s once a worker hears of it.
ROOM_SECONDS = 4.0
SLUG_MAX = 40
HUES = (262, 210, 160, 330, 25, 190, 290, 130)


class NoRoom(Refused):
    """No schema is ready: the pool is being filled, come back in a moment."""

    status = 503


def sign_up(
    *, company: str, slug: str, mail: str, password: str, name: str, locale: str = "en", timezone: str = "UTC",
    currency: str = "", sample_data: bool = False, industry: str = "", now: datetime,
) -> tuple[Tenant, str]:
    """(the tenant, a login token for its owner, good once within 60 s). Refuses a bad company, slug, mail, password
    or name by field, a taken or reserved slug (`slug_taken`, `slug_reserved`), an empty pool (`no_room_yet`). currency: where
    none is named it is that of the time zone's country."""
    company, name = clean_needed(company, field="company", max_length=120), full_name(name, "name")
    slug = check_slug(slug)
    mail, mail_norm = normal_mail(mail)
    check_new_password(password)
    chosen = {"locale": i18n.language(locale), "timezone": timezone if timezone in available_timezones() else "UTC",
              "currency": currency if re.fullmatch("[A-Z]{3}", currency) else currency_of_zone(timezone) or "EUR"}
    tenant = _claim(slug, company, chosen, now)
    try:
        user_id = _furnish(tenant, mail=mail, name=name, password=password, sample_data=sample_data, industry=industry, now=now)
        token = _open(tenant, user_id, mail=mail, company=company, now=now)
    except BaseException:
        _let_go(tenant)
        raise
    registry.forget()
    return registry.by_id(tenant.id, fresh=True), token


def check_slug(slug: str) -> str:
    """The slug in lower case; refuses what cannot be a host label (`slug_invalid`) or is ours (`slug_reserved`)."""
    slug = (slug or "").strip().lower()
    if not registry.SLUG.fullmatch(slug) or "--" in slug:
        raise Refused("slug_invalid", field="slug")
    if slug in registry.RESERVED:
        raise Refused("slug_reserved", field="slug")
    return slug


def spend_login_token(token: str, *, now: datetime | None = None) -> tuple[UUID, UUID] | None:
    """(tenant, user) of a live token, which is gone with this call; None for one that is spent, old or invented."""
    alive = LoginToken.expires_at > (now if now is not None else func.now())
    statement = delete(LoginToken).where(LoginToken.token_hash == crypto.token_hash(token), alive)
    with entry.control() as session:
        row = session.execute(statement.returning(LoginToken.tenant_id, LoginToken.user_id)).one_or_none()
    return tuple(row) if row else None


def suggest_slug(company: str) -> str:
    """A free slug that resembles the company's name; "company-…" where its script has no Latin letters here."""
    base = latin(company)[: SLUG_MAX - 4].strip("-") or "company"
    if not registry.SLUG.fullmatch(base):
        base = f"{base}-company" if base[0].isalpha() else f"company-{base}"
    with entry.control() as session:
        query = select(Tenant.slug).where(Tenant.slug.like(f"{base}%"), Tenant.state != "deleted")
        taken = set(session.execute(query).scalars()) | registry.RESERVED
    names = (base, *(f"{base}-{n}" for n in range(2, 1000)))
    return next(name for name in names if name not in taken)


CYRILLIC = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", (
    "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya").replace("_", "").split(" "), strict=True))
INITIALS = "g kk n d tt r m b pp s ss _ j jj ch k t p h".replace("_", "").split(" ")
VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" ")
FINALS = "_ k k k n n n t l k m l l l p l m p p t t ng t t k t p t".replace("_", "").split(" ")
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
LATIN = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "&": " and ", **CYRILLIC}


def latin(text: str) -> str:
    """Letters and digits of a host label; Chinese by its sounds, other scripts that we cannot transliterate fall away."""
    text = HAN.sub(lambda signs: anyascii(signs[0]), text)
    spelled = "".join(LATIN.get(char) or _hangul(char) for char in unicodedata.normalize("NFC", text).casefold())
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _hangul(char: str) -> str:
    """A Korean syllable by the sounds it is put together of; any other character as it is."""
    n = ord(char) - 0xAC00
    return INITIALS[n // 588] + VOWELS[n % 588 // 28] + FINALS[n % 28] if 0 <= n < 11172 else char


def _claim(slug: str, company: str, chosen: dict, now: datetime) -> Tenant:
    """Our own schema under our slug, still closed to every host. Where none is free a worker is asked for more, and
    waited for a little: nobody's first act here shall be to send a form twice."""
    tenant, until = _take(slug, company, chosen), time.monotonic() + ROOM_SECONDS
    if tenant is None:
        with entry.control() as session:
            key = f"sign-up:{int(now.timestamp()) // 10}"
            defer_row(session, ControlOrder, "pool.fill", now=now, due_at=None, queue=None, dedupe=key, asked_by=None, args={})
    while tenant is None and time.monotonic() < until:
        time.sleep(0.2)
        tenant = _take(slug, company, chosen)
    if tenant is None:
        raise NoRoom("no_room_yet")
    return tenant


def _take(slug: str, company: str, chosen: dict) -> Tenant | None:
    hue = HUES[sum(slug.encode()) % len(HUES)]
    try:
        with entry.control() as session:
            tenant = provisioning.claim(session, slug=slug, name=company, hue=hue, **chosen)
            if tenant is not None:
                tenant.state = "provisioning"
            return tenant
    except IntegrityError as error:
        if "uq_tenant_slug" not in str(error.orig):
            raise
        raise Refused("slug_taken", field="slug") from None


def _furnish(tenant: Tenant, *, mail: str, name: str, password: str, sample_data: bool, industry: str, now: datetime) -> UUID:
    """Roles, the owner, and orders for what may follow his first page."""
    with entry.enter(tenant) as session:
        roles = actions.make_roles(session)
        pipelines.make_starter(session)
        contact_plans.make_starter(session)
        scoring.make_starter(session)
        print_templates.make_starter(session)
        ctx = make_context(session, system("sign-up"), tenant.ref(settings().tenant_url(tenant.slug)), now, locale=tenant.locale, timezone=tenant.timezone)
        owner = actions.add_user(ctx, mail=mail, name=name, password=password, role=roles["admin"].code, is_owner=True, confirmed=False)
        params = {"product": "Tendero", "name": name, "company": tenant.name, "url": ctx.tenant.url, "link": confirmed_mail.link_of(ctx.tenant, owner)}
        post.hand_in(ctx, template="welcome", to=mail, to_name=name, params=params, about=owner)
        if industry:
            starters.order(ctx, industry, owner.id)
        if sample_data:
            defer(ctx, "samples.fill", dedupe="first", user_id=owner.id, locale=tenant.locale)
        return owner.id


def _open(tenant: Tenant, user_id: UUID, *, mail: str, company: str, now: datetime) -> str:
    """Trial, access, and the token; from this commit on the tenant's host answers."""
    token = crypto.new_token()
    with entry.control() as session:
        start_trial(session, tenant, company=company, mail=mail, now=now)
        row = session.get_one(Tenant, tenant.id)
        row.state = "active"
        access.recompute(session, row, now)
        session.add(LoginToken(token_hash=crypto.token_hash(token), tenant_id=tenant.id, user_id=user_id, expires_at=now + LOGIN_TOKEN_LIFE))
    return token


def start_trial(session: Session, tenant: Tenant, *, company: str, mail: str, now: datetime) -> Subscription:
    """The account and the trial of a new tenant."""
    session.add(BillingAccount(
        tenant_id=tenant.id, legal_name=company, currency=settings().seller.currency, mail=mail, locale=tenant.locale,
        timezone=tenant.timezone, created_at=now,
    ))
    trial = Subscription(
        tenant_id=tenant.id, plan_version_id=plans.trial_version(session), state="trialing", seats_billed=TRIAL_SEATS,
        trial_end=now + timedelta(days=plans.TRIAL_DAYS), created_at=now,
    )
    session.add(trial)
    session.flush()  # the access function reads it back
    return trial


def _let_go(tenant: Tenant) -> None:
    """A sign-up that failed half-way: free the name at once. The schema may hold rows already, so it is never
    given back to the pool; the sweep of leftovers drops it."""
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.id == tenant.id, Tenant.state == "provisioning").values(slug=None, name=None))
