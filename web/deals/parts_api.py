"""What belongs to a deal, for programs: its products, its team, its competitors, and the list of competitors."""

from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.words import N_
from core.deals import competitors, lines, queries, team
from core.deals.models import Deal, DealLine
from web.api import shell
from web.products.api_bodies import LinePartOut

bp = shell.api_blueprint("deal_parts_api")


class DealLineIn(shell.Body):
    """One product. id: of a line that is there. unit_price left out: what the product costs this customer today. times: how many payments count, of one that is paid again and again."""

    id: UUID | None = None
    product_id: UUID | None = None
    name: shell.Line | None = None
    quantity: shell.Digits | None = None
    unit_price: shell.Digits | None = None
    discount: shell.Digits | None = None
    recurs: Literal["once", "month", "quarter", "year"] | None = None
    times: int | None = Field(None, ge=1, le=120)


class DealLinesIn(shell.Body):
    """All of them, in their order: those that are left out go."""

    lines: list[DealLineIn] = Field([], max_length=lines.MOST)


class DealLineOut(shell.Out):
    """Numbers are strings, null for whoever does not know them; amounts in the currency of the deal, without tax. parts: of a bundle."""

    id: UUID
    product_id: UUID | None
    name: str
    quantity: str
    unit_price: str | None
    discount: str | None
    recurs: str
    times: int
    amount: str | None
    parts: list[LinePartOut]

    @classmethod
    def of(cls, line: DealLine) -> "DealLineOut":
        return cls(**{name: str(value) if isinstance(value := getattr(line, name), Decimal) else value for name in cls.model_fields})


class DealMemberIn(shell.Body):
    """user_id must be given. credit: in percent; the owner has what is left of a hundred."""

    user_id: UUID | None = None
    role: shell.Line | None = Field(None, max_length=60)
    credit: shell.Digits | None = None


class DealMemberPatch(shell.Body):
    role: shell.Line | None = Field(None, max_length=60)
    credit: shell.Digits | None = None


class DealMemberOut(shell.Out):
    id: UUID
    version: int
    user_id: UUID
    role: str | None
    credit: str

    @classmethod
    def of(cls, row: object) -> "DealMemberOut":
        return cls(**{name: str(value) if isinstance(value := getattr(row, name), Decimal) else value for name in cls.model_fields})


class DealCompetitorIn(shell.Body):
    """Of the list by key, or by a name that joins it. took_it: the customer bought there."""

    competitor_id: UUID | None = None
    name: shell.Line | None = Field(None, max_length=100)
    note: shell.Line | None = Field(None, max_length=500)
    took_it: bool = False


class DealCompetitorOut(shell.Out):
    id: UUID
    version: int
    competitor_id: UUID
    note: str | None
    took_it: bool


class CompetitorFields(shell.Body):
    website: shell.Line | None = None
    strengths: shell.Text | None = None
    weaknesses: shell.Text | None = None


class CompetitorIn(CompetitorFields):
    name: shell.Line = Field(max_length=100)


class CompetitorPatch(CompetitorFields):
    name: shell.Line | None = Field(None, max_length=100)


class CompetitorOut(shell.Out):
    id: UUID
    version: int
    name: str
    website: str | None
    strengths: str | None
    weaknesses: str | None


def _deal(ctx: Context, id: UUID) -> Deal:
    return queries.one_deal(ctx, id)


@shell.resource_route(bp, "GET", "/deals/<uuid:id>/lines", "deals.read", answer=DealLineOut, paged=True, summary=N_("The products of a deal"))
def list_deal_lines(ctx: Context, id: UUID):
    return shell.Page([DealLineOut.of(one) for one in lines.lines_of(ctx, _deal(ctx, id))], None)


@shell.resource_route(bp, "PUT", "/deals/<uuid:id>/lines", "deals.edit", body=DealLinesIn, answer=DealLineOut, paged=True, versioned=True, summary=N_("Write the products of a deal; they make its amount"))
def write_deal_lines(ctx: Context, id: UUID, version: int, body):
    found = lines.save_lines(ctx, _deal(ctx, id), [one.model_dump(exclude_unset=True) for one in body.lines], version=version)
    return shell.Page([DealLineOut.of(one) for one in found], None)


@shell.resource_route(bp, "GET", "/deals/<uuid:id>/members", "deals.read", answer=DealMemberOut, paged=True, summary=N_("Who works on a deal beside its owner"))
def list_deal_members(ctx: Context, id: UUID):
    return shell.Page([DealMemberOut.of(row) for row, _ in team.members(ctx, _deal(ctx, id))], None)


@shell.resource_route(bp, "POST", "/deals/<uuid:id>/members", "deals.edit", body=DealMemberIn, answer=DealMemberOut, status=201, summary=N_("Take somebody into the team of a deal"))
def add_deal_member(ctx: Context, id: UUID, body):
    return team.add_member(ctx, _deal(ctx, id), **{"user_id": None} | body.given())


@shell.resource_route(bp, "PATCH", "/deal-members/<uuid:id>", "deals.edit", body=DealMemberPatch, answer=DealMemberOut, versioned=True, summary=N_("Change somebody's part in a deal"))
def change_deal_member(ctx: Context, id: UUID, version: int, body):
    deal, row = team.one_member(ctx, id)
    return team.change_member(ctx, deal, row, version=version, **{"role": row.role, "credit": row.credit} | body.given())


@shell.resource_route(bp, "DELETE", "/deal-members/<uuid:id>", "deals.edit", status=204, versioned=True, summary=N_("Take somebody out of the team of a deal"))
def remove_deal_member(ctx: Context, id: UUID, version: int):
    deal, row = team.one_member(ctx, id)
    team.remove_member(ctx, deal, shell.at_version(ctx, row, version, "deals.edit"))


@shell.resource_route(bp, "GET", "/deals/<uuid:id>/competitors", "deals.read", answer=DealCompetitorOut, paged=True, summary=N_("Who else wants a deal"))
def list_rivals(ctx: Context, id: UUID):
    return shell.Page([row for row, _ in competitors.of_deal(ctx, _deal(ctx, id))], None)


@shell.resource_route(bp, "POST", "/deals/<uuid:id>/competitors", "deals.edit", body=DealCompetitorIn, answer=DealCompetitorOut, status=201, summary=N_("Say who else wants a deal"))
def name_rival(ctx: Context, id: UUID, body):
    return competitors.name_in_deal(ctx, _deal(ctx, id), competitor_id=body.competitor_id, named=body.name, note=body.note, took_it=body.took_it)


@shell.resource_route(bp, "DELETE", "/deal-competitors/<uuid:id>", "deals.edit", status=204, versioned=True, summary=N_("They do not want it after all"))
def remove_rival(ctx: Context, id: UUID, version: int):
    deal, row = competitors.one_of_deal(ctx, id)
    competitors.take_out(ctx, deal, shell.at_version(ctx, row, version, "deals.edit"))


@shell.resource_route(bp, "GET", "/competitors", "deals.read", answer=CompetitorOut, paged=True, summary=N_("List competitors"))
def list_competitors(ctx: Context):
    return shell.Page(competitors.all_competitors(ctx), None)


@shell.resource_route(bp, "POST", "/competitors", "competitors.edit", body=CompetitorIn, answer=CompetitorOut, status=201, summary=N_("Add a competitor"))
def add_competitor(ctx: Context, body):
    return competitors.add_competitor(ctx, **body.given())


@shell.resource_route(bp, "GET", "/competitors/<uuid:id>", "deals.read", answer=CompetitorOut, summary=N_("Get a competitor"))
def get_competitor(ctx: Context, id: UUID):
    return competitors.one_competitor(ctx, id)


@shell.resource_route(bp, "PATCH", "/competitors/<uuid:id>", "competitors.edit", body=CompetitorPatch, answer=CompetitorOut, versioned=True, summary=N_("Change a competitor"))
def change_competitor(ctx: Context, id: UUID, version: int, body):
    return competitors.edit_competitor(ctx, competitors.one_competitor(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/competitors/<uuid:id>", "competitors.edit", status=204, versioned=True, summary=N_("Delete a competitor"))
def delete_competitor(ctx: Context, id: UUID, version: int):
    competitors.remove_competitor(ctx, shell.at_version(ctx, competitors.one_competitor(ctx, id), version, "competitors.edit"))
