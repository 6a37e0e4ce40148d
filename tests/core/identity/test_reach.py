"""How far people see and change (V8, fault 39): every exit against a model of thirty lines, and who sees what and why."""

from contextlib import contextmanager
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from core.activities import actions as log
from core.activities.models import Activity
from core.base.context import as_actor
from core.base.errors import Forbidden, NotFound
from core.base.policy import changes, is_changeable, is_visible, may, require, sees
from core.identity import absence, queries, roles, seeing
from core.parties import actions
from core.parties import queries as parties
from core.parties.models import Account, Contact
from core.parties.queries import Filters
from core.sharing import actions as sharing
from tenants import entry
from tests.conftest import rolled_back
from tests.core.identity.conftest import PEOPLE, TREE

ROOMS = {"accounts": Account, "contacts": Contact, "activities": Activity}
SHARED_ROOMS = {"accounts": Account, "contacts": Contact}
# (person or team, whose records, level): shared by name beyond every role. One of ana's with pam besides, whose day has passed.
SHARES = (
    ("pam", "bea", "read"), ("pam", "finn", "write"), ("pam", None, "read"), ("hal", "kai", "write"), ("kai", "bea", "write"), ("Porto", "gus", "read"), ("Porto", "jon", "write"),
    ("pia", "jon", "read"), ("bea", "bea", "read"),
)


@pytest.fixture(scope="module")
def records(company):
    """An account, a contact and an entry of the log for everybody, and one of each that belongs to nobody."""
    found = {room: {} for room in ROOMS}
    with company.ctx() as ctx:
        for name in (*PEOPLE, "owner", None):
            owner = company.house.users[name].id if name else None
            account = actions.create_account(ctx, name=f"Acme of {name}", owner_id=owner)
            found["accounts"][name] = account.id
            found["contacts"][name] = actions.create_contact(ctx, name=f"Person of {name}", owner_id=owner).id
            entry_ = log.log_activity(ctx, kind="note", account=account, body=f"Note of {name}")
            entry_.owner_id = owner
            found["activities"][name] = entry_.id
        for whom, owner, level in SHARES:
            for room, model in SHARED_ROOMS.items():
                given = {"team_id": company.team[whom]} if whom in TREE else {"user_id": company.who[whom].id}
                sharing.share(ctx, ctx.session.get(model, found[room][owner]), **given, level=level)
        past = sharing.share(ctx, ctx.session.get(Account, found["accounts"]["ana"]), user_id=company.who["pam"].id)
        past.until = ctx.today - timedelta(days=2)
    return found


# ---- the reference: what HOUSE and the docs say, in plain sets ----

ROLES = {  # role -> (sees, changes, rooms it reads), and exceptions of a room
    "lead": ("team", "team"), "sales": ("own", "own"), "site": ("branch", "own"), "service": ("all", "all"), "reader": ("all", "all"), "looks_far": ("own", "all"), "admin": ("all", "all"),
    "partner": ("named", "named"),
}
EXCEPTIONS = {("looks_far", "contacts"): ("all", "team")}
WIDE = ["named", "own", "team", "branch", "all"]
NO_EDIT = {("reader", room) for room in ROOMS} | {("partner", "activities")}


def above(team):
    return [] if team is None else [team, *above(TREE[team][0])]


def branch_of(team):
    line = above(team)
    return next((one for one in line if TREE[one][1]), line[-1])


def reached(who, wide):
    """Names of those whose records that means."""
    mine = PEOPLE[who][1] if who in PEOPLE else ()
    tops = {"named": [], "own": [], "team": list(mine), "branch": [branch_of(team) for team in mine]}[wide]
    return {who} | {name for name, (_, places, _) in PEOPLE.items() for place in places if set(above(place)) & set(tops)}


def reaches(who, room, owner, verb):
    """May `who` see (0) or change (1) a record of `owner` there?"""
    held = [role for role in (PEOPLE[who][0], *PEOPLE[who][2]) if role in ROLES] if who in PEOPLE else ["admin"]
    if verb == 1 and all((role, room) in NO_EDIT for role in held):
        return False
    wides = []
    for role in held:
        seen, changed = EXCEPTIONS.get((role, room), ROLES[role])
        wides.append(seen if verb == 0 else min(seen, changed, key=WIDE.index))
    wide = max(wides, key=WIDE.index)
    return wide == "all" or (owner is None and wide != "named") or owner in reached(who, wide) or shared_with(who, room, owner, verb)


def shared_with(who, room, owner, verb):
    """Is that person's record shared with him, himself or through a team of his?"""
    names = {who, *(PEOPLE[who][1] if who in PEOPLE else ())}
    return room in SHARED_ROOMS and any(whom in names and whose == owner and (verb == 0 or level == "write") for whom, whose, level in SHARES)


# ---- every exit of the middle ----


def exits(ctx, room, model, key):
    """What each exit says of one record: does it show it, does it let it be changed?"""
    record = ctx.session.get(model, key)
    shown = {
        "visible": is_visible(ctx, record),
        "predicate": ctx.session.execute(select(model.id).where(model.id == key, sees(ctx, model))).first() is not None,
        "detail": found_by(lambda: one(ctx, room, key)),
        "required": found_by(lambda: require(ctx, f"{room}.read", record)),
    }
    changed = {
        "changeable": is_changeable(ctx, record) and may(ctx, f"{room}.edit", record),
        "predicate": may(ctx, f"{room}.edit") and ctx.session.execute(select(model.id).where(model.id == key, changes(ctx, model))).first() is not None,
        "required": found_by(lambda: require(ctx, f"{room}.edit", record)),
    }
    return shown, changed


def one(ctx, room, key):
    from core.activities.queries import one_activity

    return {"accounts": parties.one_account, "contacts": parties.one_contact, "activities": one_activity}[room](ctx, key)


def found_by(look):
    try:
        look()
    except (NotFound, Forbidden):
        return False
    return True


def everybody():
    return (*PEOPLE, "owner")


def test_every_exit_agrees_with_the_model(company, records):
    """At least 3,500 cells here; with the pages and the API (tests/web/test_reach_matrix.py) more than 10,000."""
    wrong, cells = [], 0
    for who in everybody():
        with acting(company, who) as ctx:
            for (room, model), owner in product(ROOMS.items(), (*PEOPLE, "owner", None)):
                said = exits(ctx, room, model, records[room][owner])
                for verb, answers in enumerate(said):
                    for exit_, answer in answers.items():
                        cells += 1
                        if answer is not reaches(who, room, owner, verb):
                            wrong.append((who, room, owner, "changes" if verb else "sees", exit_, answer))
    assert wrong == [] and cells >= 3500


@contextmanager
def acting(company, who, opened=rolled_back):
    """The context with all that person is: further roles too. Rolled back."""
    with opened(company.house, "owner") as ctx:
        yield as_actor(ctx, queries.load_actor(ctx.session, company.house.users[who].id, ctx.now)[1])


def acting_for_good(company, who):
    """The same, committed."""
    return acting(company, who, opened=lambda house, first: house.ctx(first))


def test_lists_counts_and_searches_show_what_the_model_says(company, records):
    for who in everybody():
        with acting(company, who) as ctx:
            for room, ask in (("accounts", parties.accounts), ("contacts", parties.contacts)):
                seen = {owner for owner in (*PEOPLE, "owner", None) if reaches(who, room, owner, 0)}
                page = ask(ctx, limit=100)
                assert {row.id for row in page.rows} == {records[room][owner] for owner in seen} and page.total == len(seen), (who, room)
                hits = ask(ctx, Filters(search="of"), limit=100)
                assert {row.id for row in hits.rows} == {records[room][owner] for owner in seen} and hits.total == len(seen), (who, room)


def test_who_sees_a_record_is_said_of_everybody_with_the_reason(company, records):
    reasons = set()
    with company.ctx() as ctx:
        for room, model in ROOMS.items():
            for owner in (*PEOPLE, "owner", None):
                said = {one.name.lower(): one for one in seeing.who_sees(ctx, ctx.session.get(model, records[room][owner]))}
                for who in everybody():
                    assert (who in said) == reaches(who, room, owner, 0), (who, room, owner)
                    if who in said:
                        assert said[who].changes == reaches(who, room, owner, 1), (who, room, owner)
                        reasons.add(said[who].reason)
    assert reasons == {"nobodys", "owner", "team", "branch", "all", "shared"}


def test_a_reason_names_the_team_the_branch_and_the_role(company, records):
    with company.ctx() as ctx:
        said = {one.name: (one.reason, one.by) for one in seeing.who_sees(ctx, ctx.session.get(Account, records["accounts"]["bea"]))}
    assert said["Ana"] == ("team", "Sales Iberia") and said["Ced"] == ("team", "Madrid") and said["Dan"] == ("branch", "Iberia")
    assert said["Owner"] == ("all", "Administrator") and said["Bea"] == ("owner", "") and "Finn" not in said


def test_a_deputy_sees_and_changes_on_the_days_and_no_longer(company, records):
    key = records["accounts"]["finn"]
    with acting_for_good(company, "finn") as ctx:
        planned = absence.plan_absence(ctx, company.who["finn"], deputy_id=company.who["bea"].id, starts_on=ctx.today, ends_on=ctx.today + timedelta(days=2)).id
    try:
        with acting(company, "bea") as ctx:
            found = parties.one_account(ctx, key)
            require(ctx, "accounts.edit", found)
            assert {one.name: one.reason for one in seeing.who_sees(ctx, found)}["Bea"] == "deputy"
        with company.ctx() as ctx:
            for day, stands_in in ((-1, False), (0, True), (2, True), (3, False)):
                _, actor = queries.load_actor(ctx.session, company.who["bea"].id, ctx.now + timedelta(days=day))
                assert (company.who["finn"].id in actor.stands_in_for) is stands_in, day
    finally:
        with acting_for_good(company, "finn") as ctx:
            absence.cancel_absence(ctx, absence.one_absence(ctx, planned))
    with acting(company, "bea") as ctx, pytest.raises(NotFound):
        parties.one_account(ctx, key)


def test_a_team_that_moves_takes_its_peoples_records_along(company, records):
    from core.identity import teams

    with company.ctx() as ctx:
        team = teams.one_team(ctx, company.team["Porto"])
        teams.edit_team(ctx, team, parent_id=company.team["Nordics"])
        _, finn = queries.load_actor(ctx.session, company.who["finn"].id, entry.utcnow())
        assert company.who["dan"].id in finn.colleagues(ctx.session, finn.id, "team")
        teams.edit_team(ctx, team, parent_id=company.team["Sales Iberia"])
        assert company.who["dan"].id not in finn.colleagues(ctx.session, finn.id, "team")


@pytest.mark.parametrize("broken", ["wide", "pool", "further", "shares", "partner"])
def test_the_matrix_would_see_a_mistake(company, records, monkeypatch, broken):
    """Negative control: everybody sees his branch; nobody sees what is nobody's; further roles are forgotten; a share to
    look is one to change; a partner is a colleague."""
    from core.base import policy

    if broken == "wide":
        monkeypatch.setattr(policy, "width", lambda actor, room: ("branch", "branch"))
    elif broken == "pool":
        real = policy._reach
        monkeypatch.setattr(policy, "_reach", lambda ctx, model, *rest: real(ctx, model, *rest) & model.owner_id.is_not(None))
    elif broken == "shares":  # whoever may look may change
        real = policy.shared_keys
        monkeypatch.setattr(policy, "shared_keys", lambda actor, model, writing=False: real(actor, model))
    elif broken == "partner":  # he sees what is nobody's, like the others
        real = policy.width
        monkeypatch.setattr(policy, "width", lambda actor, room: tuple("own" if wide == "named" else wide for wide in real(actor, room)))
    else:
        monkeypatch.setattr(queries.Further, "of", classmethod(lambda cls, row: queries.Further()))
    with pytest.raises(AssertionError):
        test_every_exit_agrees_with_the_model(company, records)


def test_whoever_sees_little_gives_new_records_to_those_he_sees_only(company):
    from core.base.errors import Refused

    with acting(company, "ced") as ctx:
        assert actions.create_account(ctx, name="For Bea", owner_id=company.who["bea"].id).owner_id == company.who["bea"].id
        with pytest.raises(Refused, match="owner_not_you"):
            actions.create_account(ctx, name="For Finn", owner_id=company.who["finn"].id)


def test_a_role_of_other_rooms_neither_widens_nor_narrows(company):
    """kai reads all by his first role; the further one only writes mailings, whatever its reach says."""
    with rolled_back(company.house, "owner") as ctx:
        role = roles.one_role(ctx, "mail_only")
        role.visibility = role.changing = "own"
        ctx.session.flush()
        _, kai = queries.load_actor(ctx.session, company.who["kai"].id, ctx.now)
        assert kai.scopes["accounts"] == ("all", "all") and "mailings.edit" in kai.permissions
