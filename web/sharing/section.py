"""Sharing as a part of the page that says who can see a record: what is shared, and the form."""

from typing import Any

from wtforms import SelectField
from wtforms.fields import DateField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from core.base.context import Context
from core.base.records import kind_of, path_of
from core.base.words import N_
from core.sharing import actions
from infra import i18n
from web.forms import Form

LEVELS = {"read": N_("May look"), "write": N_("May look and change")}


class ShareForm(Form):
    """With whom ("user:key" or "team:key"), for what, how long."""

    whom = SelectField(N_("With whom"), [InputRequired()])
    level = SelectField(N_("What they may do"), choices=[SelectChoice(*one) for one in LEVELS.items()], default="read")
    until = DateField(N_("Until"), [Optional()])


def share_form(ctx: Context, sent: Any = None) -> ShareForm:
    """The form with everybody who works here but oneself, and the teams."""
    form = ShareForm(sent)
    form.level.choices = [SelectChoice(value, i18n.gettext(ctx.locale, text)) for value, text in LEVELS.items()]
    people, teams, team = *actions.offered(ctx), i18n.gettext(ctx.locale, N_("Team"))
    form.whom.choices = [
        SelectChoice("", i18n.gettext(ctx.locale, N_("Choose a person or team"))),
        *(SelectChoice(f"user:{one.id}", one.name) for one in people),
        *(SelectChoice(f"team:{one.id}", f"{one.name} ({team})") for one in teams),
    ]
    return form


def share_values(ctx: Context, record: Any, form: ShareForm | None = None) -> dict[str, Any]:
    """What sharing/_section.html needs."""
    able = actions.can_share(ctx, record)
    return {"shares": {
        "rows": actions.shares_on(ctx, record), "levels": LEVELS, "able": able, "form": form or share_form(ctx) if able else None,
        "action": f"{path_of(kind_of(record), record.id)}/shares",
    }}
