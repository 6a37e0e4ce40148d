"""One schema made, one claimed from the pool, and what an empty tenant takes on disk."""

from uuid import uuid4

from tenants import ddl, entry, migration, provisioning
from tests.bench.figures import Aim, race


def measure(ground, subject) -> None:
    made: list[str] = []

    def bare() -> None:
        schema = provisioning.opaque_name()
        with ground.owner() as connection:
            connection.execute(script.replace("tbench", schema))
        made.append(schema)

    script = ddl.provision_script("tbench", migration.head("tenant"))
    rounds = ground.size(30)
    before = database_size(ground)
    ours, floor = race(rounds, provisioning.provision, bare)
    subject.add("provision one schema", ours, "ms", floor=floor, floor_is="bare psycopg sending the same script", aim=Aim(most=300))
    subject.add("disk of an empty tenant", (database_size(ground) - before) / (2 * (rounds + 3)) / 1e6, "MB", aim=Aim(most=4))
    subject.add("claim a free schema", race(rounds, claim)[0], "ms", aim=Aim(most=50))
    with ground.owner() as connection:
        for schema in made:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


def claim() -> None:
    with entry.control() as session:
        assert provisioning.claim(session, slug=f"claimed-{uuid4().hex[:12]}", name="Claimed") or provisioning.fill_pool(40)


def database_size(ground) -> int:
    with ground.admin() as connection:
        return connection.execute("SELECT pg_database_size(current_database())").fetchone()[0]
