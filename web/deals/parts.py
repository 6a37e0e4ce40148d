"""What belongs to a deal as its page shows it: products, team, competitors, and the forms for them."""

from typing import Any
from uuid import UUID

from flask import url_for

from core.base.context import Context
from core.base.policy import may
from core.base.words import N_
from core.deals import competitors
from core.deals.knowing import may_write
from core.deals.models import Deal
from core.deals.parts import Parts
from core.deals.words import RECUR_LABELS
from infra import i18n
from web.deals.part_forms import MemberForm, RivalForm
from web.deals.saying import money
from web.parties.cells import plain_number


def part_values(ctx: Context, deal: Deal, parts: Parts, names: dict[UUID, str], refused: Any = None) -> dict[str, Any]:
    """What deals/_products.html, _team.html and _rivals.html need. refused: a form of theirs that was."""
    able = may(ctx, "deals.edit", deal)
    member = refused if isinstance(refused, MemberForm) else MemberForm()
    taken = {deal.owner_id, *(UUID(one["user_id"]) for one in parts.team)}
    member.user_id.choices = [("", i18n.gettext(ctx.locale, N_("Choose a colleague"))), *((str(key), name) for key, name in names.items() if key not in taken)]
    return {
        "parts": parts, "can_edit_parts": able, "member_form": member, "member_forms": {one["id"]: MemberForm(data={"role": one["role"], "credit": plain_number(one["credit"]) if one["credit"] else ""}) for one in parts.team}, "rival_form": refused if isinstance(refused, RivalForm) else RivalForm(), "open_part": type(refused).__name__ if refused else "",
        "paid": {word: i18n.gettext(ctx.locale, text) for word, text in RECUR_LABELS.items()}, "known_rivals": [one.name for one in competitors.all_competitors(ctx)] if able else (),
        "owner_said": names.get(deal.owner_id) if deal.owner_id else None, "part_said": lambda amount: money(amount, deal.currency), "lines_url": url_for("deal_lines.edit", id=deal.id) if able and may_write(ctx, "amount") else "",
    }
