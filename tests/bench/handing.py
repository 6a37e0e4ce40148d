"""Handing over 5,000 records of somebody who leaves to two colleagues in turn: the plan, the handover chunk by chunk, and taking it back."""

import time
from uuid import UUID

from psycopg import sql

from core.handover import giving, planning, queries
from core.handover.run_models import HandoverRun
from tests.bench.figures import Aim
from tests.bench.fill import analyse

LEAVER, SUCCESSORS = "reader", ("rep", "colleague")
# Of 5,000 records: accounts, people at them, next contacts with them, deals of theirs.
MINE = (
    "UPDATE account SET owner_id = %(leaver)s WHERE id IN (SELECT id FROM account WHERE deleted_at IS NULL ORDER BY id LIMIT %(many)s * 3 / 10)",
    """UPDATE contact SET owner_id = %(leaver)s WHERE id IN (SELECT c.id FROM contact c JOIN account a ON a.id = c.account_id
       WHERE a.owner_id = %(leaver)s AND c.deleted_at IS NULL AND c.restricted_at IS NULL ORDER BY c.id LIMIT %(many)s * 3 / 10)""",
    """UPDATE activity SET owner_id = %(leaver)s, next_contact_on = current_date, done_at = NULL WHERE id IN (SELECT t.id FROM activity t
       JOIN account a ON a.id = t.account_id WHERE a.owner_id = %(leaver)s AND t.deleted_at IS NULL ORDER BY t.id LIMIT %(many)s * 3 / 10)""",
    """INSERT INTO deal (name, pipeline_id, stage_id, state, account_id, owner_id, amount, currency, stage_since)
       SELECT 'To hand over ' || row_number() OVER (), s.pipeline_id, s.id, 'open', a.id, %(leaver)s, 100, 'EUR', now()
       FROM (SELECT id FROM account WHERE owner_id = %(leaver)s ORDER BY id LIMIT %(many)s / 10) a, (SELECT id, pipeline_id FROM deal_stage WHERE kind = 'open' ORDER BY position LIMIT 1) s""",
)


def measure(ground, subject) -> None:
    house, many = ground.big, ground.size(5_000)
    prepare(ground, house, many)
    with house.ctx("manager") as ctx:
        began = time.perf_counter()
        run = planning.plan(ctx, house.users[LEAVER].id, way="turn", people_=[house.users[who].id for who in SUCCESSORS])
        planned, run_id, due = time.perf_counter() - began, run.id, run.outcomes["due"]
    assert due >= many * 0.8, (due, many)
    given = worked(house, giving.start, giving.run_handover, run_id, "done")
    back = worked(house, giving.start_undo, giving.undo_handover, run_id, "undone")
    floor = bare(ground, house, run_id)
    one = {"floor": floor, "floor_is": "bare psycopg: one UPDATE for each kind of as many rows in one transaction, their audit by trigger"}
    subject.add(f"handover of {due} records planned", planned, "s", aim=Aim())
    subject.add(f"handover of {due} records", given, "s", aim=Aim(), **one)
    subject.add("  taken back", back, "s", aim=Aim(), **one)


def prepare(ground, house, many: int) -> None:
    """They become the leaver's, who has none beside them."""
    with ground.hurry(), ground.admin() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        for statement in MINE:
            connection.execute(statement, {"leaver": house.users[LEAVER].id, "many": many})
    analyse(ground, house)


def worked(house, begin, go_on, run_id: UUID, state: str) -> float:
    """Begun as a page does, done as a worker does, chunk by chunk; seconds."""
    began = time.perf_counter()
    with house.ctx("manager") as ctx:
        going = begin(ctx, queries.one(ctx, run_id)).round
    go_on(lambda: house.ctx("manager"), run_id, going)
    spent = time.perf_counter() - began
    with house.ctx("manager") as ctx:
        run = ctx.session.get(HandoverRun, run_id)
        assert run.state == state and run.outcomes.get("kept", 0) == run.outcomes.get("since", 0) == 0, (run.state, run.outcomes)
    return spent


def bare(ground, house, run_id: UUID) -> float:
    """What must be written at the least, rolled back."""
    with ground.owner() as connection, connection.transaction(force_rollback=True):
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        began = time.perf_counter()
        for kind, table in (("accounts", "account"), ("contacts", "contact"), ("deals", "deal"), ("activities", "activity")):
            change = sql.SQL("UPDATE {} t SET owner_id = r.to_id, version = version + 1, updated_at = now() FROM handover_row r WHERE r.run_id = %s AND r.kind = %s AND r.record_id = t.id")
            connection.execute(change.format(sql.Identifier(table)), (run_id, kind))
        return time.perf_counter() - began
