"""What a leaver hands over is a handover like any other. What can still be taken back becomes such a one, with its rows; the memory that it had of
its own goes. Whoever could hand over at somebody's leaving so far goes on doing so."""

from alembic import op

revision = "0073"
down_revision = "0072"

YOUNG = "h.undone_at IS NULL AND h.created_at > now() - interval '30 days'"
WENT = (
    f"SELECT h.id, h.to_id, 1 AS place, b.kind, r.record_id FROM hand_over h CROSS JOIN LATERAL unnest(h.run_ids) AS run(id) JOIN bulk_edit b ON b.id = run.id JOIN bulk_edit_row r ON r.run_id = b.id AND r.outcome = 'changed' WHERE {YOUNG} "  # noqa: S608 (constants)
    + "".join(f"UNION SELECT h.id, h.to_id, {place}, '{kind}', one FROM hand_over h CROSS JOIN LATERAL unnest(h.{column}) AS one WHERE {YOUNG} " for place, kind, column in ((2, "deals", "deal_ids"), (3, "leads", "lead_ids"), (4, "quotes", "quote_ids")))  # noqa: S608 (constants)
    + f"UNION SELECT h.id, h.to_id, 5, 'activities', n.activity_id FROM hand_over h JOIN handed_next n ON n.hand_over_id = h.id WHERE {YOUNG}"  # noqa: S608 (constants)
)
STATEMENTS = (
    "INSERT INTO handover_run (id, name, from_id, by_id, way, state, counts, outcomes, rows_done, position, round, started_at, finished_at, created_at, created_by) "
    "SELECT h.id, u.name, h.from_id, coalesce(who.id, h.to_id), 'one', 'done', jsonb_build_object(h.to_id::text, k.counts), jsonb_build_object('given', k.number), k.number, k.number, 1, h.created_at, h.created_at, h.created_at, h.created_by "
    "FROM hand_over h JOIN app_user u ON u.id = h.from_id LEFT JOIN app_user who ON who.id = h.created_by "
    f"JOIN (SELECT id, sum(number)::integer AS number, jsonb_object_agg(kind, number) AS counts FROM (SELECT id, kind, count(*) AS number FROM ({WENT}) AS found GROUP BY id, kind) AS each GROUP BY id) AS k ON k.id = h.id",  # noqa: S608 (constants)
    "INSERT INTO handover_row (run_id, position, kind, record_id, to_id, outcome) "
    f"SELECT id, row_number() OVER (PARTITION BY id ORDER BY place, kind, record_id), kind, record_id, to_id, 'given' FROM ({WENT}) AS found",  # noqa: S608 (constants)
    "UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(array_append(permissions, 'handovers.run')) AS one), version = version + 1 "
    "WHERE permissions @> ARRAY['users.disable', 'bulk_edits.run', 'activities.edit']::varchar[] AND NOT permissions && ARRAY['handovers.run', '*']::varchar[]",
    "DROP TABLE handed_next",
    "DROP TABLE hand_over",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
