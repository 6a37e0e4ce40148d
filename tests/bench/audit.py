"""What it costs that the database itself writes down who changed what: the same statements without the triggers."""

from psycopg import sql

from tests.bench.figures import Aim, race

ROWS = 10_000
CREATE = "INSERT INTO account (name, phone, mail) SELECT 'Audited ' || n, '+34 600 ' || n, 'a' || n || '@a.example' FROM generate_series(1, %s) n"
CHANGE = "UPDATE contact SET job_title = 'Chief ' || version, version = version + 1 WHERE id IN (SELECT id FROM contact ORDER BY id LIMIT %s)"


def measure(ground, subject) -> None:
    house, rows = ground.big, ground.size(ROWS)
    for name, statement, count, times in (
        ("create one account", CREATE, 1, 60), ("change one contact", CHANGE, 1, 60),
        (f"create {rows:,} accounts at once", CREATE, rows, 3), (f"change {rows:,} contacts at once", CHANGE, rows, 3),
    ):
        def run(enabled: bool, statement=statement, count=count) -> None:
            scoped(ground, house, statement, count, enabled)

        with_triggers, without = race(times, lambda: run(True), lambda: run(False), warm=2 if count == 1 else 0)
        subject.add(f"audited: {name}", with_triggers, "ms", floor=without, floor_is="the same statement with the triggers off",
                    aim=Aim(times=2) if count == 1 else Aim())


def scoped(ground, house, statement: str, count: int, enabled: bool) -> None:
    """In the owner's name, rolled back: the tenant stays as it was. Disabling belongs to the same transaction in both
    cases, so that what the locks cost is on both sides."""
    with connection_of(ground) as connection, connection.transaction(force_rollback=True):
        connection.execute(sql.SQL("SET LOCAL search_path = {}, ext").format(sql.Identifier(house.tenant.schema_name)))
        connection.execute("SET LOCAL session_replication_role = origin" if enabled else "SET LOCAL session_replication_role = replica")
        connection.execute(statement, (count,))


def connection_of(ground):
    import contextlib

    if "audit_connection" not in ground.__dict__:
        import psycopg

        ground.audit_connection = psycopg.connect(ground.env["DATABASE_ADMIN_URL"], autocommit=True)
    return contextlib.nullcontext(ground.audit_connection)
