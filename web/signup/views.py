"""The apex: front page, prices, sign-up. No tenant yet."""

import zoneinfo

from flask import Blueprint, Response, g, redirect, request, url_for

from billing import plans, signup, signup_again
from core.base.errors import Refused
from infra.config import settings
from infra.limits import hit, network
from tenants import entry
from tenants.registry import SLUG
from web import door
from web.guard import public
from web.pages import page
from web.signup.finding import bp as finding_bp  # noqa: F401 (found here by its kind)
from web.signup.forms import SignUpForm

bp = Blueprint("signup", __name__)
bp.places = ("apex",)
ZONES = {"es": "Europe/Madrid", "zh": "Asia/Shanghai", "ko": "Asia/Seoul", "ru": "Europe/Moscow", "en": "Europe/London"}


@bp.get("/")
@public
def index():
    """What Tendero is, for whom, what it costs, and the way in."""
    return _front("signup/index.html")


@bp.get("/prices")
@public
def prices():
    """Plans with their prices and limits, as the catalogue has them."""
    return _front("signup/prices.html")


@bp.get("/sign-up")
@public
def new():
    """The form, with language and zone guessed; the currency follows from the zone."""
    return _form(SignUpForm(data={"locale": g.lang, "timezone": _zone(), "sample_data": True}))


@bp.get("/sign-up/address")
@public
def address():
    """A free address for the company typed so far, as plain text, for the field below it."""
    hit("sign_up_address", network(request.remote_addr), 60, 60)
    company = request.args.get("company", "")[:120].strip()
    return Response(signup.suggest_slug(company) if company else "", mimetype="text/plain")


@bp.post("/sign-up")
@public
def create():
    """Make the workspace and hand over the one-time way in. The same form sent twice opens the same workspace."""
    door.check_same_site()
    hit("sign_up", network(request.remote_addr), 20, 3600, closed=True)
    form, free = SignUpForm(request.form), ""
    if form.validate():
        try:
            return _welcome(*(_made_already(form) or _sign_up(form)))
        except Refused as refusal:
            made = _made_already(form) if refusal.code == "slug_taken" else None  # by this form's twin, meanwhile
            if made:
                return _welcome(*made)
            form.take(refusal)
            if refusal.code in ("slug_taken", "slug_reserved"):
                free = signup.suggest_slug(form.slug.data)
            if refusal.status != 422:
                return _form(form, status=refusal.status)
    return _form(form, free=free, status=422)


def _made_already(form: SignUpForm):
    return signup_again.same_sign_up(form.company.data, form.mail.data, form.password.data, now=entry.utcnow())


def _sign_up(form: SignUpForm):
    return signup.sign_up(
        company=form.company.data, slug=form.slug.data or signup.suggest_slug(form.company.data), mail=form.mail.data,
        password=form.password.data, name=form.name.data, locale=form.locale.data, timezone=form.timezone.data,
        currency=form.currency.data, sample_data=form.sample_data.data, industry=form.industry.data, now=entry.utcnow(),
    )


def _form(form: SignUpForm, *, free: str = "", status: int = 200):
    """The form as it was typed (a password never comes back), the first thing to repair in focus."""
    wrong = [field.name for field in form if field.errors]
    focus = wrong[0] if wrong else "company"
    return page("signup/new.html", form=form, free=free, focus=focus, trial_days=plans.TRIAL_DAYS, status=status)


def _front(template: str):
    with entry.control() as session:
        offers = plans.offered(session)
    return page(template, offers=offers, trial_days=plans.TRIAL_DAYS, trial_plan=plans.TRIAL_PLAN)


def _welcome(tenant, token: str):
    """A page with one button that posts the token to the new workspace's host; its script presses it."""
    home = door.tenant_url(tenant)
    g.form_action = f" {home}"
    response = page("signup/welcome.html", workspace=tenant, home=home, token=token)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/sign-in")
@public
def sign_in():
    """Which workspace? Its address leads to its own sign-in page."""
    return page("signup/sign_in.html", workspace=request.args.get("workspace", "")[:40], bad="workspace" in request.args)


@bp.get("/workspace")
@public
def workspace():
    """From the typed address to that workspace's sign-in, whether it exists or not (nothing is told here)."""
    typed = request.args.get("workspace", "").strip().lower()
    slug = typed.split("://")[-1].split("/")[0].split(":")[0].removesuffix("." + settings().base_domain)
    if not SLUG.fullmatch(slug):
        return redirect(url_for("signup.sign_in", workspace=typed[:40]), code=303)
    return redirect(settings().tenant_url(slug) + "/sign-in", code=303)


def _zone() -> str:
    zone = ZONES[g.lang]
    return zone if zone in zoneinfo.available_timezones() else "UTC"
