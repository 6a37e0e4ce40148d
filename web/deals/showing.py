"""The page of a deal, also when something of it was refused."""

from typing import Any
from uuid import UUID

from core.base.beside import of as beside_record
from core.base.context import Context
from core.deals import parts, queries
from core.identity import queries as people
from web.deals.forms import MoveForm
from web.deals.parts import part_values
from web.deals.record import deal_values
from web.mail.section import mail_section
from web.pages import page
from web.parties.chips import know
from web.parties.record import beside, is_for_drawer
from web.quotes.section import quotes_section


def show_deal(ctx: Context, id: UUID, move: MoveForm | None = None, status: int = 200, *, refused: Any = None):
    """The page of a deal; `move`: one that was refused; refused: a form of what belongs to it that was."""
    found = queries.deal_page(ctx, id)
    deal, account_name, contact_name, colours = found[:4]
    know(deal.tags, colours)
    move = move or MoveForm(data={"stage_id": str(deal.stage_id)})
    names = people.user_names(ctx)
    values = deal_values(ctx, deal, names, found.idle_since, getattr(found, "last_contact", None)) | part_values(ctx, deal, parts.of(found, names), names, refused)
    move.stage_id.choices = values["choices"]
    template = "deals/peek.html" if is_for_drawer() else "deals/show.html"
    return page(template, status=status, deal=deal, account_name=account_name, contact_name=contact_name, move=move, quotes=quotes_section(ctx, deal, beside_record(found).get("quotes")), mails=mail_section(ctx, deal, beside_record(found).get("mails")), **values, **beside(ctx, deal))
