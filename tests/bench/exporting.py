"""The whole list of contacts taken out, as CSV and as a workbook, each in a process of its own as a worker would be: time and memory."""

import multiprocessing
import os
import resource
import tempfile
import time
from pathlib import Path
from uuid import UUID

from psycopg import sql

from tests.bench.figures import Aim


def measure(ground, subject) -> None:
    from infra.db import database

    house, rows = ground.big, ground.size(100_000)
    floor = bare_export(ground, house)
    database().close()  # what follows forks: each process makes its own connections
    for shape in ("csv", "xlsx"):
        few, many = taken_out(house, shape, rows // 10), taken_out(house, shape, rows)
        subject.add(f"export of {many['rows']:,} contacts as {shape}", many["seconds"], "s", floor=floor, floor_is="bare psycopg: COPY of the same table to a file", aim=Aim(most=None if ground.quick else 2))
        subject.add("  size of the file", many["mb"], "MB")
        subject.add("  memory that ten times the rows add", many["peak_mb"] - few["peak_mb"], "MB", aim=Aim(most=20))


def bare_export(ground, house) -> float:
    """Seconds that the server takes to send the table as CSV."""
    with ground.admin() as connection, tempfile.TemporaryFile() as file:
        started = time.monotonic()
        query = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT (FORMAT csv)").format(sql.Identifier(house.tenant.schema_name, "contact"))
        with connection.cursor().copy(query) as copy:
            for piece in copy:
                file.write(piece)
        return time.monotonic() - started


def taken_out(house, shape: str, rows: int) -> dict:
    """rows, seconds, mb of the file, peak_mb of the process that wrote it."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=lambda: queue.put(_write(house, shape, rows)))
    child.start()
    found = queue.get(timeout=900)
    child.join()
    return found


def _write(house, shape: str, rows: int) -> dict:
    from sqlalchemy import select

    from core.parties.models import Contact
    from core.parties.queries import Filters
    from core.transfer.exporting import Shape
    from core.transfer.wanted import Wanted, write
    from infra.db import database

    database().forget()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list"
        with house.ctx("owner") as ctx:
            keys: list[UUID] = list(ctx.session.execute(select(Contact.id).order_by(Contact.name_fold, Contact.id).limit(rows)).scalars())
            wanted = Wanted("contacts", filters=Filters(), shape=Shape(shape), keys=None if rows > len(keys) else keys)
            started = time.monotonic()
            with file.open("wb") as out:
                number = write(ctx, wanted, out, scratch=Path(folder))
            seconds = time.monotonic() - started
        size = os.path.getsize(file) / 1e6
    return {"rows": number, "seconds": seconds, "mb": size, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
