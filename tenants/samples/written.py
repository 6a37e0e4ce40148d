"""The sample company's web form: the leads that came by it, and one enquiry that was held back.

Its public address begins with "sample-", its enquiries' marks with "sample:". It is a sample while it has a sample's name: renamed, it is
somebody's own and stays, as one by which somebody else wrote. Nobody gets a letter of it.
"""

from typing import Any

from sqlalchemy import delete, select

from core.base.context import Context
from core.base.facts import record
from core.base.policy import has
from core.intake import forms, links
from core.intake.models import Enquiry, WebForm
from core.leads.actions import delete_lead
from core.leads.models import Lead
from tenants.samples.beside import PREFIX

CODE = "sample-"
FIELDS = (("name", True), ("company", False), ("mail", False), ("interest", False), ("message", True))


def make(ctx: Context, given: dict[str, Any], names: list[str]) -> None:
    """The form with what was held back of it, where it is missing and the actor may build any. names: those of all languages."""
    if not has(ctx, "forms.manage") or _form(ctx, names) is not None or forms.is_full(ctx):
        return
    texts = {name: given[name] for name in ("title", "intro", "button", "thanks")}
    form = forms.save_form(ctx, None, name=given["name"], fields=[{"name": name, "needed": needed} for name, needed in FIELDS], texts={ctx.locale: texts})
    form.code = f"{CODE}{form.code}"
    ctx.session.flush()  # enquiries name it by key
    if not _enquiries(ctx, "held"):
        record(ctx, "enquiry.held", _sent(ctx, form, "held", given["held"], state="held", held_for="links"))


def write(ctx: Context, lead: Lead, index: int, names: list[str]) -> None:
    """What the lead sent by the form, where that is not kept yet."""
    form = _form(ctx, names)
    if form is None or _enquiries(ctx, index):
        return
    said = {name: value for name, _ in FIELDS if (value := getattr(lead, name))}
    record(ctx, "enquiry.taken", _sent(ctx, form, index, said, state="taken", lead_id=lead.id), about=(lead.id,), form=form.name)


def remove(ctx: Context, names: list[str]) -> None:
    """Its enquiries, the lead that one of them became since, and the form, unless somebody else wrote by it."""
    if not has(ctx, "forms.manage"):
        return
    ours = select(Enquiry.lead_id).where(Enquiry.nonce.startswith(PREFIX))
    for lead in ctx.session.execute(select(Lead).where(Lead.id.in_(ours), Lead.external_id.is_(None), Lead.deleted_at.is_(None))).scalars():
        delete_lead(ctx, lead)
    ctx.session.execute(delete(Enquiry).where(Enquiry.nonce.startswith(PREFIX)).execution_options(synchronize_session="fetch"))
    form = _form(ctx, names)
    if form is not None and not forms.is_used(ctx, form):
        forms.delete_form(ctx, form)


def _form(ctx: Context, names: list[str]) -> WebForm | None:
    return ctx.session.execute(select(WebForm).where(WebForm.code.startswith(CODE), WebForm.name.in_(names)).limit(1)).scalar_one_or_none()


def _enquiries(ctx: Context, mark: int | str) -> list[Enquiry]:
    return list(ctx.session.execute(select(Enquiry).where(Enquiry.nonce == f"{PREFIX}{mark}")).scalars())


def _sent(ctx: Context, form: WebForm, mark: int | str, said: dict[str, str], **more: Any) -> Enquiry:
    mail = (said.get("mail") or "").casefold() or None
    enquiry = Enquiry(form_id=form.id, said=said, mail_norm=mail, lang=ctx.locale, nonce=f"{PREFIX}{mark}", fingerprint=links.fingerprint(ctx, f"{PREFIX}{mark}"), wanted="never", **more)
    ctx.session.add(enquiry)
    ctx.session.flush()  # the fact names it by key
    return enquiry
