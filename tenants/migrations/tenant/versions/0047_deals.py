"""Deals, the pipelines and stages they go through, and since when each stood in which; every workspace begins with one pipeline."""

from alembic import op

revision = "0047"
down_revision = "0042d"

STATEMENTS = (
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
# What a role holds -> what it may from now on, as new workspaces have it. Whoever sees only what names him gets none.
LOOKS, SELLS = "activities.read,accounts.read", "activities.read,accounts.create,accounts.edit,accounts.delete,accounts.export"
GRANTS = (
    (LOOKS, ("deals.read",)), (SELLS, ("deals.create", "deals.edit", "deals.delete", "deals.export")), (f"{LOOKS},accounts.export,billing.manage", ("deals.export",)),
    (f"{SELLS},accounts.reassign,tags.manage", ("pipelines.manage",)),
)
STARTER = (
    ("new", "New", "open", 10, "grey", "14"), ("qualified", "Qualified", "open", 30, "blue", "14"), ("proposal", "Quote sent", "open", 60, "violet", "21"),
    ("negotiation", "Negotiating", "open", 80, "amber", "21"), ("won", "Won", "won", 100, "green", "NULL"), ("lost", "Lost", "lost", 0, "red", "NULL"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("export_run", "prepared_export"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind, ADD CONSTRAINT ck_{table}_kind CHECK (kind IN ('accounts', 'contacts', 'deals', 'activities', 'recipients', 'audit')) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_kind")
    op.execute("ALTER TABLE hand_over ADD COLUMN deal_ids UUID[] DEFAULT '{}' NOT NULL")
    for held, names in GRANTS:
        more = ", ".join(f"'{name}'" for name in names)
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY[{more}]::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions @> '{{{held}}}'::varchar[] AND visibility <> 'named'"
        )
    # A schema that nobody has moved into yet gets its pipeline at the sign-up.
    op.execute("INSERT INTO pipeline (name, code) SELECT 'Sales', 'sales' WHERE EXISTS (SELECT FROM role)")
    for place, (code, name, kind, probability, colour, stale) in enumerate(STARTER):
        op.execute(
            "INSERT INTO deal_stage (pipeline_id, name, code, kind, position, probability, colour, stale_after) "
            f"SELECT id, '{name}', '{code}', '{kind}', {place}, {probability}, '{colour}', {stale} FROM pipeline"
        )
    for table in ("pipeline", "deal_stage", "pipeline_team", "deal"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
