"""Files from upload to the end, and taken back: 10,000 and 100,000 contacts into the large tenant, where each is compared with all that are
there, 10,000 accounts into it, 100,000 into an empty one; each in a process of its own as a worker would be, time and peak memory."""

import csv
import io
import time
from uuid import uuid4

from psycopg import sql
from sqlalchemy import text

from tests.bench.figures import Aim
from tests.bench.fill import analyse
from tests.core.transfer.measure import list_of, measured
from tests.support.world import House

COLUMNS = ("name", "industry", "employees", "annual_revenue", "phone", "mail", "city")


def measure(ground, subject) -> None:
    from infra.db import database

    house, few, many = ground.big, ground.size(10_000), ground.size(100_000)
    database().close()  # what follows forks: each process makes its own connections
    empty = House(f"import-{uuid4().hex[:6]}")
    added, names = {}, names_of(house, few)
    for rows in (few, many):
        whole(subject, f"import {rows:,} contacts beside many, compared with all of them", measured(house, rows, "contacts", names), Aim(most=None if ground.quick else rows / 2_500))
    for rows, into, aim in ((few, house, Aim(most=4 if not ground.quick else None)), (many, empty, Aim(most=40 if not ground.quick else None))):
        floor = bare_import(ground, into, rows)
        analyse(ground, into)  # the floor's dead rows are like those that come, and would be looked at beside each of them
        database().close()
        found = measured(into, rows)
        whole(subject, f"import {rows:,} accounts", found, aim, floor=floor, floor_is="bare psycopg: COPY into a table of its own, one INSERT … SELECT, audited, rolled back")
        added[rows] = found["more_mb"]
    subject.add("memory that ten times the rows add", added[many] - added[few], "MB", aim=Aim(most=20))


def whole(subject, name: str, found: dict, aim: Aim, **floor) -> None:
    """One import: until it had run, its parts, and what it took to take it back."""
    assert found["counts"].get("created", 0) > found["rows"] * 0.9, found
    assert found["counts"]["undone"] == found["counts"]["created"], found
    subject.add(name, found["all_s"], "s", aim=aim, **floor)
    for part in ("upload", "check", "run"):
        subject.add(f"  of that {part}", found[f"{part}_s"], "s")
    subject.add("  peak memory of the process", found["peak_mb"], "MB")
    subject.add("  taking it back", found["undo_s"], "s")


def names_of(house, rows: int) -> list[str]:
    from infra.db import database

    with house.ctx() as ctx:
        found = [name for name, in ctx.session.execute(text("SELECT name FROM contact ORDER BY id LIMIT :n"), {"n": rows})]
    database().close()
    return found


def bare_import(ground, house, rows: int) -> float:
    """Seconds; rolled back, so that the rows are new to the import afterwards."""
    lines = list(csv.reader(io.StringIO(list_of(rows).decode())))[1:]
    with ground.admin() as connection, connection.transaction(force_rollback=True):
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        started = time.monotonic()
        connection.execute(f"CREATE TEMP TABLE staged ({', '.join(f'{name} text' for name in COLUMNS)}) ON COMMIT DROP")
        with connection.cursor().copy("COPY staged FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line[: len(COLUMNS)])
        connection.execute("""INSERT INTO account (name, industry, employees, annual_revenue, phone, mail, city) SELECT name, industry,
            CASE WHEN employees ~ '^[0-9]+$' THEN employees::int END, annual_revenue::numeric, phone, mail, city FROM staged""")
        return time.monotonic() - started
