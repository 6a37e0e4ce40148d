"""The apex: front page, prices, sign-up. No tenant yet."""

import zoneinfo

from flask import Blueprint, g, redirect, request, url_for

from billing import plans, signup
from core.base.errors import Refused
from infra.limits import hit
from tenants import entry
from web import door
from web.guard import public
from web.pages import page
from web.signup.forms import SignUpForm

bp = Blueprint("signup", __name__)
bp.places = ("apex",)
ZONES = {"es": "Europe/Madrid", "zh": "Asia/Shanghai", "ko": "Asia/Seoul", "ru": "Europe/Moscow", "en": "Europe/London"}
MONEY = {"es": "EUR", "zh": "CNY", "ko": "KRW", "ru": "RUB", "en": "USD"}


@bp.get("/")
@public
def index():
    """What Tendero is, for whom, and the way in."""
    return page("signup/index.html")


@bp.get("/prices")
@public
def prices():
    """Plans with their prices and limits, as the catalogue has them."""
    with entry.control() as session:
        offers = plans.offered(session)
    return page("signup/prices.html", offers=offers)


@bp.get("/sign-up")
@public
def new():
    """The form, with language, zone and currency guessed."""
    form = SignUpForm(data={"locale": g.lang, "timezone": _zone(), "currency": MONEY[g.lang], "sample_data": True})
    return page("signup/new.html", form=form)


@bp.get("/sign-up/address")
@public
def address():
    """A free address for the company typed so far, for the hint under the field."""
    company = request.args.get("company", "")[:120].strip()
    return page("signup/address.html", slug=signup.suggest_slug(company) if company else "")


@bp.post("/sign-up")
@public
def create():
    """Make the workspace and hand over the one-time way in."""
    door.check_same_site()
    hit("sign_up", request.remote_addr or "", 20, 3600, closed=True)
    form = SignUpForm(request.form)
    if form.validate():
        try:
            tenant, token = signup.sign_up(
                company=form.company.data, slug=form.slug.data or signup.suggest_slug(form.company.data), mail=form.mail.data,
                password=form.password.data, name=form.name.data, locale=form.locale.data, timezone=form.timezone.data,
                currency=form.currency.data, sample_data=form.sample_data.data, now=entry.utcnow(),
            )
        except Refused as refusal:
            form.take(refusal)
        else:
            return _welcome(tenant, token)
    return page("signup/new.html", form=form, status=422)


def _welcome(tenant, token: str):
    """A page with one button that posts the token to the new workspace's host; its script presses it."""
    url = door.tenant_url(tenant)
    g.form_action = f" {url}"
    response = page("signup/welcome.html", workspace=tenant, action=url + "/enter", token=token)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/sign-in")
@public
def sign_in():
    """Which workspace? Its address leads to its own sign-in page."""
    return page("signup/sign_in.html", workspace=request.args.get("workspace", ""))


@bp.get("/workspace")
@public
def workspace():
    """From the typed address to that workspace's sign-in, whether it exists or not (nothing is told here)."""
    slug = request.args.get("workspace", "").strip().lower()
    from infra.config import settings
    from tenants.registry import SLUG

    if not SLUG.fullmatch(slug):
        return redirect(url_for("signup.sign_in", workspace=slug[:40]), code=303)
    return redirect(settings().tenant_url(slug) + "/sign-in", code=303)


def _zone() -> str:
    zone = ZONES[g.lang]
    return zone if zone in zoneinfo.available_timezones() else "UTC"
