"""Settings, sign-in rules: who needs a second step or a passkey, from which day on, and from which networks people and tokens come."""

from flask import Blueprint, request, url_for
from wtforms import BooleanField, DateField, SelectMultipleField, TextAreaField, widgets
from wtforms.validators import Length, Optional

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.words import N_
from core.identity import queries, sign_in_rules, single_sign_on
from infra import i18n
from web.editing import BETWEEN, as_loaded, changed, chosen, conflict_page, filled, last_change, version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.forms import labels_of
from web.settings.single_sign_on import ProviderForm, provider_form
from web.words import say_refusal

bp = Blueprint("sign_in", __name__, url_prefix="/settings/signing-in")


class RulesForm(Form):
    """The days from which a second step is needed and passkeys alone count, and of whom; networks, and who must come from them."""

    second_step_from = DateField(N_("Second step needed from"), [Optional()])
    second_step_roles = SelectMultipleField(N_("Only for these roles"), option_widget=widgets.CheckboxInput(), validate_choice=False)
    passkey_from = DateField(N_("Only passkeys count from"), [Optional()])
    endless_tokens = BooleanField(N_("API tokens without an end"))
    passkey_roles = SelectMultipleField(N_("Passkeys only for these roles"), option_widget=widgets.CheckboxInput(), validate_choice=False)
    networks = TextAreaField(N_("Networks"), [Length(max=20_000)])
    networks_people = BooleanField(N_("People come only from these networks"))
    networks_tokens = BooleanField(N_("API tokens come only from these networks"))
    network_roles = SelectMultipleField(N_("Networks only for these roles"), option_widget=widgets.CheckboxInput(), validate_choice=False)


@bp.get("/")
@needs("settings.manage")
def edit(ctx: Context):
    """The rules as they stand, and how many people have a second step."""
    return show_rules(ctx)


@bp.post("/")
@needs("settings.manage", fresh=True)
def update(ctx: Context):
    """Save what was changed. Whoever lacks what is demanded sets it up with his next page."""
    now = sign_in_rules.rules_of(ctx)
    form, was = filled(RulesForm, now)
    if form.validate():
        given = chosen(changed(form, was))
        try:
            with form.attempt(ctx):
                sign_in_rules.change_rules(ctx, address=request.remote_addr, version=version_of_form(), original=was, **given)
                say(ctx, N_("Sign-in rules saved"))
                return see_other("sign_in.edit")
        except Conflict as conflict:
            if conflict.code != "conflict":
                raise
            names = {role.code: i18n.gettext(ctx.locale, role.name) for role in queries.roles(ctx)}
            in_words = lambda value: BETWEEN.join(names.get(one, one) for one in (value.split(BETWEEN) if isinstance(value, str) else value) if one)  # noqa: E731
            said = dict.fromkeys(("second_step_roles", "passkey_roles", "network_roles"), in_words)
            return conflict_page(
                ctx, conflict, given, was, title=i18n.gettext(ctx.locale, N_("Sign-in rules")), action=url_for("sign_in.update"), back=url_for("sign_in.edit"),
                labels=labels_of(form), last=last_change(ctx, now, conflict.fields), say=said,
            )
    return show_rules(ctx, form, was, status=422)


def show_rules(ctx: Context, form: RulesForm | None = None, was: dict | None = None, provider: ProviderForm | None = None, status: int = 200):
    """The rules and the provider; what was refused stands in its form."""
    now, row = sign_in_rules.rules_of(ctx), single_sign_on.provider_of(ctx.session)
    was, version = (was, version_of_form()) if was is not None else (as_loaded(RulesForm(), now), now.version)
    form = form or RulesForm(obj=now)
    form.second_step_roles.choices = form.passkey_roles.choices = form.network_roles.choices = [(role.code, i18n.gettext(ctx.locale, role.name)) for role in queries.roles(ctx)]
    code = single_sign_on.problem_of(row) if row else None
    return page(
        "settings/sign_in.html", block="provider" if request.headers.get("HX-Request") else None, status=status, form=form, was=was, version=version,
        last=last_change(ctx, now, was) if now.id else None, have=sign_in_rules.how_many_have(ctx), row=row, provider=provider or provider_form(ctx, row),
        address=request.remote_addr, problem=say_refusal(Refused(code), ctx.locale) if code else None, redirect_uri=ctx.tenant.url + url_for("single_sign_on.callback"), logout_uri=ctx.tenant.url + url_for("single_sign_on.sign_out"),
    )
