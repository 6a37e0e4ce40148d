"""Time and memory of imports: `.venv/bin/python -m tests.core.transfer.measure 10000 100000` prints one line for each size.

Uses the same steps as the worker, in a forked process whose peak memory is read from /proc.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


def list_of(rows: int) -> bytes:
    """A list of accounts with eight columns, a hundredth of the rows with a mistake."""
    lines = ["name,industry,employees,annual revenue,phone,mail,city,parent"]
    for n in range(rows):
        employees = "many" if n % 100 == 7 else str(n % 5000)
        parent = f"Company {n // 10:06d} Ltd" if n % 20 == 3 else ""
        lines.append(f'Company {n:06d} Ltd,Retail,{employees},"{n * 13 % 1000000}.50",+49 40 {n:07d},office{n}@company{n}.example,Hamburg,{parent}')
    return "\n".join(lines).encode()


def peak_mb() -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def import_once(house, rows: int, file: Path) -> dict:
    """Upload, check and run one file; seconds of each, peak memory of this process in MB."""
    from core.transfer import checking, queries, running, starting, uploading
    from infra.db import database

    @contextmanager
    def door():
        with house.ctx() as ctx:
            yield ctx

    database().forget()
    with door() as ctx:
        queries.runs(ctx)  # connections and statements warm
    before, cpu, marks = peak_mb(), time.process_time(), [time.monotonic()]
    with door() as ctx:
        run = uploading.receive_file(ctx, kind="accounts", source=file.open("rb"), name="list.csv")
        uploading.choose_columns(ctx, run, version=run.version, mapping=run.mapping, mode="create", key_field="name")
        uploading.start_check(ctx, run)
        key = run.id
    marks.append(time.monotonic())
    checking.check_file(door, key, 1)
    marks.append(time.monotonic())
    with door() as ctx:
        starting.start_run(ctx, queries.one(ctx, key))
    running.run_import(door, key, 2)
    marks.append(time.monotonic())
    with door() as ctx:
        done = queries.one(ctx, key)
        counts = dict(done.counts)
    upload, check, run = (round(b - a, 2) for a, b in zip(marks, marks[1:], strict=False))
    return {"rows": rows, "upload_s": upload, "check_s": check, "run_s": run, "all_s": round(marks[-1] - marks[0], 2),
            "own_cpu_s": round(time.process_time() - cpu, 2), "load": round(os.getloadavg()[0], 1), "peak_mb": round(peak_mb()), "more_mb": round(peak_mb() - before), "counts": counts}


def measured(house, rows: int) -> dict:
    """The same in a process of its own."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list.csv"
        maker = context.Process(target=lambda: file.write_bytes(list_of(rows)))
        maker.start()
        maker.join()
        child = context.Process(target=lambda: queue.put(import_once(house, rows, file)))
        child.start()
        found = queue.get(timeout=900)
        child.join()
    return found


def main(sizes: list[int]) -> None:
    from infra.config import settings
    from infra.local.stack import Stack
    from tenants import cluster, migration

    with Stack() as env:
        os.environ.update(env, TENDERO_ENV="test", SECRET_KEY="test-secret-" + "x" * 40)
        settings.cache_clear()
        cluster.prepare_cluster(os.environ["DATABASE_ADMIN_URL"])
        migration.migrate_control()
        from tests.support.world import House

        for rows in sizes:
            sys.stdout.write(f"{measured(House(f'm{uuid4().hex[:6]}'), rows)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000, 100_000])
