"""Who would get what, before anything is given: a row for each record, made by one statement for each kind.

An account goes by the chosen way; a contact, deal, lead, quote or next contact goes with its account (or its person) where that is given
too, else as the way says of those without.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, case, column, delete, func, insert, literal, select

from core.base.context import Context
from core.base.errors import Refused
from core.base.hiding import unhidden
from core.base.policy import require
from core.base.sets import given_rows
from core.base.stepping import held
from core.handover.owning import OWNED, kinds_here, of
from core.handover.run_models import WAYS, HandoverRow, HandoverRun
from core.identity import queries as people
from core.identity.models import User
from core.leads.assigning import readers
from core.parties import columns  # noqa: F401 (it declares the list by whose conditions rules go)
from core.parties.models import Account
from core.views.filtering import Filters, where_of

MOST_RULES, MOST_CONDITIONS, MOST_PEOPLE, MOST_RECORDS = 20, 5, 50, 50_000
_ACCOUNT, _CHOSEN = column("account", Uuid()), column("chosen", Uuid())


def plan(ctx: Context, user_id: UUID, *, way: str, people_: Sequence[UUID] = (), rules: Sequence[Mapping[str, Any]] = (), by_hand: Mapping[UUID, UUID] | None = None, until: date | None = None) -> HandoverRun:
    """Write down who would get what of somebody's. people_: the successors; with rules and by hand the first of them gets what no rule and no
    choice names. rules: [{"to": key, "conditions": [(field, operator, value), …]}], the first that holds. Refuses whoever can't take over."""
    require(ctx, "handovers.run")
    leaver = people.one_user(ctx, user_id)
    known = successors(ctx, leaver)
    _among(known, list(dict.fromkeys((by_hand or {}).values())), "by_hand")
    wanted = {"people": _among(known, people_), "rules": [_rule(ctx, known, one) for one in rules], "hand": {str(account): str(to) for account, to in (by_hand or {}).items()}}
    _check(ctx, way, wanted, until)
    run = HandoverRun(name=leaver.name, from_id=leaver.id, by_id=ctx.actor.id, way=way, wanted=wanted, until=until)
    ctx.session.add(run)
    ctx.session.flush()  # its rows name it by key
    return fill(ctx, run)


def choose(ctx: Context, run: HandoverRun, chosen: Mapping[UUID, UUID]) -> HandoverRun:
    """By hand: these accounts go to these people; what hangs on them goes along."""
    require(ctx, "handovers.run")
    run = held(ctx, HandoverRun, run.id)
    if run.state != "planned" or run.way != "hand":
        raise Refused("handover_not_now")
    _among(successors(ctx, people.one_user(ctx, run.from_id)), list(dict.fromkeys(chosen.values())))
    run.wanted = run.wanted | {"hand": run.wanted["hand"] | {str(account): str(to) for account, to in chosen.items()}}
    ctx.session.execute(delete(HandoverRow).where(HandoverRow.run_id == run.id))
    return fill(ctx, run)


def fill(ctx: Context, run: HandoverRun) -> HandoverRun:
    """The rows of a plan, and their counts. As many statements as there are kinds, however many records."""
    position = 0
    with unhidden(ctx.session):  # a rule acts on fields without telling them
        for kind in kinds_here(ctx):
            position += ctx.session.execute(_rows(ctx, run, kind, position), execution_options={"preserve_rowcount": True}).rowcount
            if position > MOST_RECORDS:
                raise Refused("handover_too_many", max=MOST_RECORDS)
    counts: dict[str, dict[str, int]] = {}
    for to_id, kind, number in ctx.session.execute(select(HandoverRow.to_id, HandoverRow.kind, func.count()).where(HandoverRow.run_id == run.id).group_by(HandoverRow.to_id, HandoverRow.kind)):
        counts.setdefault(str(to_id), {})[kind] = number
    run.counts, run.outcomes = counts, {"due": position}
    ctx.session.flush()
    return run


def successors(ctx: Context, leaver: User) -> dict[UUID, str]:
    """Who may take over: works here, and may work on accounts."""
    return {key: name for key, name in readers(ctx, User.id != leaver.id, permission="accounts.edit").items()}


def check_successors(ctx: Context, run: HandoverRun) -> None:
    """Refuses, by name, where somebody who is still to be given something has left since, or may not work on accounts any more."""
    coming = select(HandoverRow.to_id).where(HandoverRow.run_id == run.id, HandoverRow.outcome == "due")
    rows = ctx.session.execute(select(User.id, User.name).where(User.id.in_(coming)).order_by(User.name))
    known = successors(ctx, people.one_user(ctx, run.from_id))
    gone = [row.name for row in rows if row.id not in known]
    if gone:
        raise Refused("handover_successors_left", names=", ".join(gone))


def _rows(ctx: Context, run: HandoverRun, kind: str, offset: int) -> Any:
    one = OWNED[kind]
    place = func.row_number().over(order_by=one.order)
    to = _by_way(ctx, run, kind, place)
    for link in reversed(one.links):  # its account's successor, else its person's
        there = select(HandoverRow.to_id).where(HandoverRow.run_id == run.id, HandoverRow.record_id == link, HandoverRow.kind.in_(("accounts", "contacts")))
        to = func.coalesce(there.limit(1).correlate(one.table).scalar_subquery(), to)
    rows = select(literal(run.id, Uuid()), offset + place, literal(kind), one.model.id, to, literal("due")).where(*of(ctx, kind, run.from_id))
    return insert(HandoverRow).from_select(["run_id", "position", "kind", "record_id", "to_id", "outcome"], rows, include_defaults=False)


def _by_way(ctx: Context, run: HandoverRun, kind: str, place: ColumnElement) -> ColumnElement:
    """Who gets a record by the way alone."""
    among = [UUID(key) for key in run.wanted["people"]]
    first: ColumnElement = literal(among[0], Uuid())
    if run.way == "turn":
        return case(*(((place - 1) % len(among) == turn, literal(key, Uuid())) for turn, key in enumerate(among)))
    if run.way == "rules" and kind == "accounts":
        return case(*((and_(*_holds(ctx, one)), literal(UUID(one["to"]), Uuid())) for one in run.wanted["rules"]), else_=first)
    if run.way == "hand" and kind == "accounts" and run.wanted["hand"]:
        chosen = given_rows([{"account": account, "chosen": to} for account, to in run.wanted["hand"].items()], (_ACCOUNT, _CHOSEN), name="chosen")
        return func.coalesce(select(chosen.c.chosen).where(chosen.c.account == Account.id).correlate(Account.__table__).scalar_subquery(), first)
    return first


def _holds(ctx: Context, rule: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    return where_of(ctx, "accounts", Filters(where=tuple((one[0], one[1], one[2]) for one in rule["conditions"])))


def _rule(ctx: Context, known: Collection[UUID], given: Mapping[str, Any]) -> dict[str, Any]:
    """One rule as it is kept; refuses a condition that the list of accounts would refuse."""
    found = {"to": str(given["to"]), "conditions": [[str(part) for part in one] for one in given["conditions"]]}
    if not 1 <= len(found["conditions"]) <= MOST_CONDITIONS:
        raise Refused("handover_rule_empty", field="rules")
    _among(known, [UUID(found["to"])])
    _holds(ctx, found)
    return found


def _among(known: Collection[UUID], keys: Sequence[UUID], field: str = "people") -> list[str]:
    """Refuses whoever can't take over (`successors`)."""
    if len(keys) > MOST_PEOPLE:
        raise Refused("too_many_items", field=field, max=MOST_PEOPLE)
    if any(key not in known for key in keys):
        raise Refused("owner_unknown", field=field)
    return [str(key) for key in dict.fromkeys(keys)]


def _check(ctx: Context, way: str, wanted: Mapping[str, Any], until: date | None) -> None:
    if way not in WAYS:
        raise Refused("unknown_value", field="way")
    if not wanted["people"]:
        raise Refused("required", field="people")
    if way == "rules" and not wanted["rules"]:
        raise Refused("required", field="rules")
    if len(wanted["rules"]) > MOST_RULES:
        raise Refused("too_many_items", field="rules", max=MOST_RULES)
    if until is not None and until < ctx.tenant_today:
        raise Refused("handover_over", field="until")
