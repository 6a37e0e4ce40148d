"""Use cases about web forms: build, change, close, open again, delete; and how a stranger finds one."""

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Select, func, literal, select

from core.base.cleaning import key, line
from core.base.context import Context
from core.base.editing import read_anew
from core.base.errors import Gathered, NotFound, Refused, present
from core.base.facts import record
from core.base.policy import permissions_off, require, visible
from core.base.text import clean_needed
from core.consent.models import ConsentPurpose
from core.custom_fields.fields import Own, fields_of
from core.identity.models import User
from core.intake import rules
from core.intake.models import CONFIRMED, Enquiry, WebForm
from core.leads.assigning import readers

MOST_FORMS = 100
# What a stranger can fill in of the workspace's own fields: nothing that names people or records of it.
OWN_KINDS = frozenset({"text", "long_text", "whole", "decimal", "date", "yes_no", "choice", "choices", "mail", "phone", "link"})


def own_offered(ctx: Context) -> list[Own]:
    """The own fields of leads that a form may ask for."""
    return [one for one in fields_of(ctx, "leads") if one.kind in OWN_KINDS]


def offered(ctx: Context) -> list[str]:
    """The names of all fields that a form may ask for."""
    return [*rules.OFFERED, *(one.name for one in own_offered(ctx))]


def forms(ctx: Context) -> list[WebForm]:
    """All of them by name."""
    return list(ctx.session.execute(all_forms(ctx).order_by(func.lower(WebForm.name), WebForm.id)).scalars())


def all_forms(ctx: Context) -> Select:
    """The forms, for whoever reads them page by page."""
    require(ctx, "forms.manage")
    return visible(ctx, WebForm)


def one_form(ctx: Context, form_id: UUID) -> WebForm:
    """A form; NotFound otherwise."""
    return present(ctx.session.execute(all_forms(ctx).where(WebForm.id == form_id)).scalar_one_or_none())


def by_code(ctx: Context, code: str) -> WebForm:
    """The form of a public address, closed ones too; NotFound for any other, and where the room is off."""
    check_on(ctx)
    return present(ctx.session.execute(select(WebForm).where(WebForm.code == code)).scalar_one_or_none())


def check_on(ctx: Context) -> None:
    """NotFound where the workspace goes without leads, and so without forms."""
    if "enquiries.send" in permissions_off(ctx.tenant.rooms_off):
        raise NotFound()


def leads_to(ctx: Context, form: WebForm) -> str | None:
    """Where a sender is led afterwards; none: he reads the thanks."""
    return rules.leads_to(form.redirect_url, [own_host(ctx), *form.hosts])


def owner_of(ctx: Context, form: WebForm) -> UUID | None:
    """Whose its leads are, while he works here and may see leads; none: the rules of assignment decide."""
    wanted = form.lead_owner_id
    return wanted if wanted is not None and wanted in readers(ctx, User.id == wanted) else None


def own_host(ctx: Context) -> str:
    """The tenant's own host, with its port where there is one."""
    return urlsplit(ctx.tenant.url).netloc.lower()


def save_form(ctx: Context, form: WebForm | None, **given: Any) -> WebForm:
    """A form, new or changed: name, fields, texts, purpose_id, source, campaign, lead_owner_id, hosts, redirect_url, confirmed. All that is
    wrong is refused together."""
    require(ctx, "forms.manage")
    values = _checked(ctx, form, given)
    if form is None:
        if is_full(ctx):
            raise Refused("too_many_items", field="name", max=MOST_FORMS)
        form = WebForm(code=secrets.token_urlsafe(9), **values)
        ctx.session.add(form)
    for name, value in values.items():
        setattr(form, name, value)
    ctx.session.flush()  # the fact names it by key
    record(ctx, "web_form.saved", form, name=form.name)
    return form


def is_full(ctx: Context) -> bool:
    """Has the workspace as many forms as it may have?"""
    return ctx.session.execute(select(func.count()).select_from(WebForm)).scalar_one() >= MOST_FORMS


def close(ctx: Context, form: WebForm, state: str = "closed") -> None:
    """Nobody sends anything by it from now on; state "open": again."""
    require(ctx, "forms.manage")
    if state not in ("open", "closed"):
        raise Refused("unknown_value", field="state")
    if form.state != state:
        form.state = state
        record(ctx, f"web_form.{state}", form, name=form.name)


def is_used(ctx: Context, form: WebForm) -> bool:
    """Did anything come by it?"""
    return ctx.session.execute(select(literal(1)).select_from(Enquiry).where(Enquiry.form_id == form.id).limit(1)).first() is not None


def delete_form(ctx: Context, form: WebForm) -> None:
    """It is gone, with its address. Refused once anything came by it: then it is closed, and what came stays."""
    require(ctx, "forms.manage")
    read_anew(ctx, form)  # whoever sends by it at this moment is before it or after it (hold_open)
    if is_used(ctx, form):
        raise Refused("form_used")
    record(ctx, "web_form.deleted", form, name=form.name)
    ctx.session.delete(form)
    ctx.session.flush()  # what its sender's request waits for


def hold_open(ctx: Context, form: WebForm) -> None:
    """For whoever sends by it: it stays until his enquiry is kept. Refuses a closed form; NotFound where it was deleted meanwhile."""
    state = present(ctx.session.execute(select(WebForm.state).where(WebForm.id == form.id).with_for_update(key_share=True, read=True)).scalar_one_or_none())
    if state != "open":
        raise Refused("form_closed")


def wrong_values(ctx: Context, given: dict[str, Any]) -> list[Refused]:
    """Which of these values no form would take: for whoever refuses others of them before a use case sees any. Where senders are led is
    judged beside the websites alone."""
    wrong = Gathered()
    _cleaned(ctx, None, {name: value for name, value in given.items() if name != "redirect_url" or "hosts" in given}, wrong)
    return wrong.errors


def _checked(ctx: Context, form: WebForm | None, given: dict[str, Any]) -> dict[str, Any]:
    """The values to be written; all that is wrong is refused together. Of a new form all are asked."""
    wrong = Gathered()
    values = _cleaned(ctx, form, given if form is not None else dict.fromkeys(CHECKS) | {"confirmed": "never"} | given, wrong)
    if not wrong.fields & {"fields", "confirmed"} and values.keys() & {"fields", "confirmed"}:
        with wrong.taking():
            rules.check_confirmable(*(values[name] if name in values else getattr(form, name) for name in ("fields", "confirmed")))
    wrong.settle()
    return values


def _cleaned(ctx: Context, form: WebForm | None, given: dict[str, Any], wrong: Gathered) -> dict[str, Any]:
    """Each of the given values by itself, and where senders are led with the websites that are named."""
    values: dict[str, Any] = {}
    if unknown := given.keys() - CHECKS.keys() - {"redirect_url"}:
        raise Refused("unknown_field", field=min(unknown))
    for name in (name for name in CHECKS if name in given):
        with wrong.taking():
            values[name] = CHECKS[name](ctx, given[name])
    hosts = values.get("hosts", form.hosts if form is not None else [])
    if "redirect_url" in given or "hosts" in values:
        with wrong.taking():
            values["redirect_url"] = rules.checked_redirect(given.get("redirect_url", form.redirect_url if form is not None else None), [own_host(ctx), *hosts])
    return values


def _purpose(ctx: Context, value: Any) -> UUID | None:
    wanted = key(value, "purpose_id")
    if wanted is not None and ctx.session.execute(visible(ctx, ConsentPurpose).where(ConsentPurpose.id == wanted)).first() is None:
        raise Refused("unknown_value", field="purpose_id")
    return wanted


def _owner(ctx: Context, value: Any) -> UUID | None:
    wanted = key(value, "lead_owner_id")
    if wanted is not None and wanted not in readers(ctx):
        raise Refused("owner_unknown", field="lead_owner_id")
    return wanted


def _confirmed(value: Any) -> str:
    if value not in CONFIRMED:
        raise Refused("unknown_value", field="confirmed")
    return str(value)


# What a form is made of, beside the page to which its senders are led: how each value is looked at.
CHECKS: dict[str, Callable[[Context, Any], Any]] = {
    "name": lambda ctx, value: clean_needed(value, field="name", max_length=100), "fields": lambda ctx, value: rules.checked_fields(value or [], offered(ctx)), "texts": lambda ctx, value: rules.checked_texts(value or {}),
    "source": lambda ctx, value: line(value, "source"), "campaign": lambda ctx, value: line(value, "campaign"), "hosts": lambda ctx, value: rules.checked_hosts(value),
    "purpose_id": _purpose, "lead_owner_id": _owner, "confirmed": lambda ctx, value: _confirmed(value),
}
