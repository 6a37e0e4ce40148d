"""What people do all day with lists: filters, a rule of who sees what, a value changed in its cell, five thousand changed at once."""

import time

from psycopg import sql
from sqlalchemy import text

from tests.bench.figures import Aim, race
from tests.bench.pages import look
from tests.bench.requests import Visitor, recorded


def measure(ground, subject) -> None:
    owner = Visitor.signed_in(ground.app, ground.big, "owner")
    for what, query in (("town", "filter[city][eq]=Berlin"), ("tag", "tag=key"), ("town, size and change, by name down", "filter[city][eq]=Berlin&filter[employees][gt]=100&filter[updated_at][past]=90&sort=-name")):
        look(ground, subject, owner, f"accounts, filtered by {what}", f"/accounts?{query}", Aim(most=15))
    look(ground, subject, owner, "accounts, fuzzy search", "/accounts?q=nordlcht", Aim(most=25))
    in_the_cell(ground, subject, owner)
    at_once(ground, subject)


def by_team(ground, subject) -> None:
    """A salesperson who sees what his team owns, and the team's teams; the aims are those of whoever sees everything."""
    from core.identity import roles, teams

    house = ground.big
    with house.ctx("owner") as ctx:
        team = teams.create_team(ctx, name="North")
        ctx.session.flush()
        for who in ("rep", "colleague"):
            teams.put_member(ctx, team, house.users[who].id)
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), visibility="team")
    rep = Visitor.signed_in(ground.app, house, "rep")
    for room in ("accounts", "contacts"):
        look(ground, subject, rep, f"{room}, page 1, team visibility", f"/{room}", Aim(most=10, times=5))
    look(ground, subject, rep, "search, team visibility", "/contacts?q=üller", Aim(most=20))
    look(ground, subject, rep, "palette, team visibility", "/palette?q=nordl", Aim(most=25))
    with house.ctx("rep") as ctx:
        from core.parties.queries import accounts

        key = accounts(ctx).rows[0].id
    look(ground, subject, rep, "account with timeline, team visibility", f"/accounts/{key}", Aim(most=20))


def in_the_cell(ground, subject, owner) -> None:
    """A town typed into its cell and saved; bare: the same row changed and its fact written, synced."""
    with ground.big.ctx("owner") as ctx:
        key = str(ctx.session.execute(text("SELECT id FROM account ORDER BY id LIMIT 1")).scalar_one())
    turn = [0]

    def ours():
        turn[0] += 1
        answer = owner.ask(f"/accounts/{key}/fields", {"city": f"Town {turn[0]}"})
        assert answer.status in (200, 204, 303), (answer.status, answer.body[-500:])

    def bare():
        turn[0] += 1
        house = ground.big
        ground.floor.execute(sql.SQL("BEGIN; SET LOCAL ROLE {}; SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.role_name), sql.Identifier(house.tenant.schema_name)), prepare=False)
        ground.floor.execute("UPDATE account SET city = %s, version = version + 1, updated_at = now() WHERE id = %s", (f"Town {turn[0]}", key))
        ground.floor.execute("COMMIT")

    ours()
    with recorded() as statements:
        ours()
    value, floor = race(ground.size(60), ours, bare)
    subject.add("a value changed in its cell", value, "ms", floor=floor, aim=Aim(most=20), floor_is="bare psycopg: the row changed in one synced transaction, its audit by trigger")
    subject.add("  its statements", len(statements), "")


def at_once(ground, subject) -> None:
    """Five thousand accounts get a town, and get their old ones back; bare: one UPDATE of as many rows."""
    from core.bulk import previewing, queries, running, selecting, undoing

    house, many = ground.big, ground.size(5_000)
    with house.ctx("owner") as ctx:
        keys = list(ctx.session.execute(text("SELECT id FROM account ORDER BY id LIMIT :n"), {"n": many}).scalars())

    def done(work, run_id) -> float:
        began = time.perf_counter()
        with house.ctx("owner") as ctx:
            run = work[0](ctx, queries.one(ctx, run_id))
            going = run.round
        work[1](lambda: house.ctx("owner"), run_id, going)
        return time.perf_counter() - began

    with house.ctx("owner") as ctx:
        run_id = selecting.select_records(ctx, "accounts", keys=keys).id
    with house.ctx("owner") as ctx:
        previewing.preview(ctx, queries.one(ctx, run_id), "change", {"city": "Ulm"})
    changed, undone = done((running.start, running.run_bulk), run_id), done((undoing.start_undo, undoing.undo_bulk), run_id)
    with house.ctx("owner") as ctx:
        counts = dict(queries.one(ctx, run_id).counts)
    began = time.perf_counter()
    with ground.owner() as connection, connection.transaction():
        connection.execute(sql.SQL("UPDATE {} SET city = 'Ulm', version = version + 1 WHERE id = ANY(%s)").format(sql.Identifier(house.tenant.schema_name, "account")), (keys,))
    floor = time.perf_counter() - began
    subject.add(f"bulk edit of {many}", changed, "s", floor=floor, floor_is="one UPDATE of as many rows, its audit by trigger", aim=Aim(most=5))
    subject.add(f"  undo of it ({counts.get('undone', 0)} put back)", undone, "s", floor=floor, aim=Aim(most=5))
