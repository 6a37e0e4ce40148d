"""Five hundred schemas walked to a new version: a column and an index, with one worker and with two."""

import shutil
import tempfile
import textwrap
import time
from pathlib import Path

from tenants import ddl, entry, provisioning
from tenants import migration as runner
from tenants.models import Tenant
from tests.bench.figures import Aim
from tests.bench.ground import say

REVISION = '''
"""A column and an index more."""
import sqlalchemy as sa
from alembic import op
revision = "{name}"
down_revision = "{before}"
def upgrade():
    op.add_column("app_user", sa.Column("bench_{name}", sa.Text()))
    op.create_index("ix_app_user_bench_{name}", "app_user", ["bench_{name}"])
'''
BARE = """BEGIN; SET LOCAL lock_timeout = '2s'; SET LOCAL search_path = {schema}, ext; ALTER TABLE app_user ADD COLUMN bench_bare text;
CREATE INDEX ix_app_user_bench_bare ON app_user (bench_bare); UPDATE schema_version SET version = version; COMMIT"""


def measure(ground, subject) -> None:
    with ground.hurry():
        schemas = make_schemas(ground.size(500))
    floor = bare_walk(ground, schemas)
    here, head = ddl.HERE, runner.head("tenant")
    folder = Path(tempfile.mkdtemp(prefix="tendero-bench-"))
    try:
        for history in ("tenant", "control"):
            shutil.copytree(here / history, folder / history)
        for name, workers in (("9998", 1), ("9999", 2)):
            (folder / "tenant" / "versions" / f"{name}_next.py").write_text(textwrap.dedent(REVISION).format(name=name, before=head))
            head, ddl.HERE = name, folder
            runner.clear_cache()
            report = runner.migrate_tenants(workers=workers)
            assert not report.failed and len(report.done) >= len(schemas), report.failed
            subject.add(f"migrate {len(report.done)} schemas, {workers} worker{'s'[: workers - 1]}", report.seconds / len(report.done) * 1000, "ms a tenant",
                        floor=floor, floor_is="bare psycopg sending the two statements in one message, one connection", aim=Aim(most=5))
    finally:
        ddl.HERE = here
        runner.clear_cache()
        shutil.rmtree(folder)


def make_schemas(wanted: int) -> list[str]:
    """The names of at least that many schemas that the walk will visit."""
    started = time.monotonic()
    with entry.control() as session:
        found = [row.schema_name for row in session.query(Tenant).where(Tenant.state.in_(runner.WALKED))]
    found += [provisioning.provision().schema_name for _ in range(wanted - len(found))]
    say(f"{wanted} schemas: {time.monotonic() - started:.0f} s")
    return found


def bare_walk(ground, schemas: list[str]) -> float:
    """Milliseconds a schema of the same change without our runner."""
    with ground.owner() as connection:
        started = time.monotonic()
        for schema in schemas:
            connection.execute(BARE.format(schema=schema))
        return (time.monotonic() - started) / len(schemas) * 1000
