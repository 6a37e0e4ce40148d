"""Merges for programs: look first with dry_run, merge, and take back. And the one question whether a record is there already."""

from typing import Annotated, Any
from uuid import UUID

from flask import g
from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.policy import require
from core.base.words import N_
from core.merging import pairs, queries, running, undoing
from core.merging.choosing import checked, chosen, journal, room_of
from core.merging.models import KINDS, STATES, Merge
from core.parties import queries as parties
from core.parties.beside_models import DuplicatePair
from core.parties.duplicates import Match
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("merging_api")
Kind = Annotated[str, Field(json_schema_extra={"enum": list(KINDS)}, max_length=20)]


class MergeIn(shell.Body):
    """survivor_id stays, the others go into it. choices: field -> id of the record whose value stays, or "all" (tags, notes);
    "custom.<key>" for own fields. Without a choice the survivor's value stays, and an empty one is filled. dry_run: nothing is changed."""

    kind: Kind
    survivor_id: UUID
    ids: list[UUID] = Field(min_length=1, max_length=10)
    choices: dict[str, Annotated[str, Field(max_length=40)]] | None = Field(None, max_length=200)
    dry_run: bool = False


class MergeOut(shell.Out):
    """A merge. moves, stays: what hangs on the losers, by table and column (dry_run). counts: outcome -> rows. kept: fields that
    an undo left because somebody changed them since."""

    id: UUID | None
    version: int
    kind: str
    state: str
    survivor_id: UUID
    loser_ids: list[UUID]
    counts: dict[str, int]
    rows_done: int
    rows_todo: int
    kept: list[str]
    changes: dict[str, Any] | None = None
    moves: dict[str, int] | None = None
    stays: dict[str, int] | None = None
    created_at: shell.Moment | None
    finished_at: shell.Moment | None

    @classmethod
    def of(cls, record: Merge) -> "MergeOut":
        """Without the names of fields that are hidden from the actor: one's own fields are called as they please."""
        found, away = cls.model_validate(record), hidden(g.ctx, room_of(record.kind))
        return found.model_copy(update={"kept": [name for name in found.kept if name not in away]})


MERGES = shell.Listing({
    "id": Column(Merge.id), "kind": Column(Merge.kind, choices=KINDS), "state": Column(Merge.state, choices=STATES),
    "survivor_id": Column(Merge.survivor_id), "created_at": Column(Merge.created_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/merges", "merges.read", listing=MERGES, answer=MergeOut, summary=N_("List merges"))
def list_merges(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, Merge))


@shell.resource_route(
    bp, "POST", "/merges", "merges.run", body=MergeIn, answer=MergeOut, status=201, summary=N_("Merge records"),
    description=N_("Up to 500 entries are moved before the answer, more in the background: ask GET until state is done. With dry_run nothing is changed. DELETE takes a merge back, for 30 days."),
)
def create_merge(ctx: Context, body):
    losers = [key for key in body.ids if key != body.survivor_id]
    if body.dry_run:
        return _preview(ctx, body.kind, body.survivor_id, losers, body.choices or {})
    return running.merge(ctx, body.kind, body.survivor_id, losers, choices=body.choices)


@shell.resource_route(bp, "GET", "/merges/<uuid:id>", "merges.read", answer=MergeOut, summary=N_("Look at a merge"))
def get_merge(ctx: Context, id: UUID):
    return queries.one(ctx, id)


@shell.resource_route(bp, "DELETE", "/merges/<uuid:id>", "merges.run", answer=MergeOut, versioned=True, summary=N_("Take a merge back"))
def undo_merge(ctx: Context, id: UUID, version: int):
    return undoing.undo(ctx, queries.one(ctx, id), version=version)


def _preview(ctx: Context, kind: str, survivor_id: UUID, losers: list[UUID], choices: dict[str, str]) -> MergeOut:
    records = running.held(ctx, kind, survivor_id, losers)
    for one in records:
        running.allowed(ctx, kind, one)
    counted = queries.preview(ctx, kind, records)
    changes = chosen(ctx, kind, records, checked(ctx, kind, [one.id for one in records], choices))
    told = {name: after for name, (_, after) in journal(records[0], changes).items() if name != "mail_norm"}
    return MergeOut(
        id=None, version=records[0].version, kind=kind, state="previewed", survivor_id=survivor_id, loser_ids=losers, counts={}, rows_done=0, rows_todo=sum(map(sum, counted.values())), kept=[],
        changes=told, moves={name: moves for name, (moves, _) in counted.items() if moves}, stays={name: stays for name, (_, stays) in counted.items() if stays}, created_at=None, finished_at=None,
    )


class MatchOut(shell.Out):
    """A record that may be the same. score: how likely, 0 to 1. Without id and name: somebody else's, which is there and may not be known."""

    id: UUID | None
    name: str | None
    score: float
    reasons: list[str]


class MatchesOut(shell.Out):
    data: list[MatchOut]


class CandidateParams(shell.Params):
    """What is known of the record. All that is given counts."""

    kind: Kind = "account"
    name: str | None = Field(None, max_length=200)
    mail: str | None = Field(None, max_length=200)
    phone: str | None = Field(None, max_length=60)
    mobile: str | None = Field(None, max_length=60)
    birthday: str | None = Field(None, max_length=10)
    street: str | None = Field(None, max_length=200)
    postcode: str | None = Field(None, max_length=20)
    city: str | None = Field(None, max_length=200)
    website: str | None = Field(None, max_length=200)
    vat_id: str | None = Field(None, max_length=60)
    limit: int = Field(3, ge=1, le=20)


@shell.resource_route(bp, "GET", "/duplicates", "merges.read", params=CandidateParams, answer=MatchesOut, summary=N_("Is a record there already?"))
def list_likely(ctx: Context, params):
    if params.kind not in KINDS:
        raise Refused("unknown_value", field="kind")
    require(ctx, f"{room_of(params.kind)}.read")
    candidate = params.model_dump(exclude={"kind", "limit"}, exclude_none=True) | {"type": params.kind}
    return MatchesOut(data=[match_out(match) for match in parties.likely_duplicates(ctx, candidate, limit=params.limit)])


def match_out(match: Match) -> MatchOut:
    return MatchOut(id=match.id, name=match.name, score=match.score, reasons=list(match.reasons))


class PairOut(shell.Out):
    """Two records that may be the same."""

    id: UUID
    score: float
    reasons: list[str]
    a_id: UUID
    a_name: str
    b_id: UUID
    b_name: str


class PairsOut(shell.Out):
    data: list[PairOut]


class PairParams(shell.Params):
    kind: Kind = "account"
    state: Annotated[str, Field(json_schema_extra={"enum": ["open", "later", "not_duplicates"]}, max_length=20)] = "open"
    limit: int = Field(50, ge=1, le=200)


@shell.resource_route(bp, "GET", "/duplicates/pairs", "merges.read", params=PairParams, answer=PairsOut, summary=N_("Pairs that may be the same"))
def list_pairs(ctx: Context, params):
    if params.kind not in KINDS or params.state not in pairs.DECISIONS:
        raise Refused("unknown_value", field="kind" if params.kind not in KINDS else "state")
    return PairsOut(data=[PairOut(**row._mapping) for row in pairs.pairs(ctx, params.kind, state=params.state, limit=params.limit)])


class DecisionIn(shell.Body):
    """not_duplicates is remembered: the two are not offered as duplicates of one another again."""

    state: Annotated[str, Field(json_schema_extra={"enum": ["open", "later", "not_duplicates"]}, max_length=20)] = ""


class DecidedOut(shell.Out):
    id: UUID
    kind: str
    a_id: UUID
    b_id: UUID
    state: str
    decided_at: shell.Moment | None


@shell.resource_route(bp, "POST", "/duplicates/pairs/<uuid:id>/decision", "merges.run", body=DecisionIn, answer=DecidedOut, summary=N_("Decide on a pair"))
def decide_pair(ctx: Context, id: UUID, body) -> DuplicatePair:
    return pairs.decide(ctx, id, body.state)
