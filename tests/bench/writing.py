"""A contact and an account made by their forms through the real application; the server syncs each commit to disk."""

from uuid import uuid4

from psycopg import sql

from tests.bench.figures import Aim, race
from tests.bench.requests import Visitor, recorded

FACTS = """
WITH said AS (INSERT INTO fact (kind, actor_id, actor_name, subject_type, subject_id) VALUES ('account.created', %(by)s, 'Owner', 'account', %(id)s) RETURNING id, at)
INSERT INTO fact_subject (fact_id, subject_id, at) SELECT id, %(id)s, at FROM said
"""


def measure(ground, subject) -> None:
    owner = Visitor.signed_in(ground.app, ground.big, "owner")
    for kind, path in (("contact", "/contacts"), ("account", "/accounts")):
        def ours(path=path) -> None:
            answer = owner.ask(path, form())
            assert answer.status == 303, (path, answer.status, answer.body[-800:])

        def bare(kind=kind) -> None:
            insert(ground, kind)

        ours()
        with recorded() as statements:
            ours()
        value, floor = race(ground.size(60), ours, bare)
        subject.add(f"create {kind}", value, "ms", floor=floor, aim=Aim(most=15),
                    floor_is="bare psycopg: the row, its fact and its place on the timeline in one synced transaction")
        subject.add("  its statements", len(statements), "")


def form() -> dict[str, str]:
    tag = uuid4().hex[:10]
    return {"name": f"Ольга Müller {tag}", "kind": "company", "mail": f"m{tag}@example.com", "phone": "+34 600 112 233", "owner_id": "",
            "tags": "new", "is_customer": "1"}


def insert(ground, kind: str) -> None:
    """What the use case must write at the least."""
    house, given = ground.big, form()
    connection = ground.floor
    scope = sql.SQL("BEGIN; SET LOCAL ROLE {}; SET LOCAL search_path = {}, ext").format(
        sql.Identifier(house.tenant.role_name), sql.Identifier(house.tenant.schema_name))
    connection.execute(scope, prepare=False)
    row = connection.execute(
        sql.SQL("INSERT INTO {} (name, mail, mail_norm, phone, tags) VALUES (%(name)s, %(mail)s, %(mail)s, %(phone)s, ARRAY['new']) RETURNING id").format(sql.Identifier(kind)),
        given).fetchone()
    connection.execute(FACTS, {"by": house.users["owner"].id, "id": row[0]})
    connection.execute("COMMIT")
