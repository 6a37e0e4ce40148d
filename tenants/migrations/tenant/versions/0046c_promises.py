"""Promises: next contacts that are kept or broken."""

from alembic import op

revision = "0046c"
down_revision = "0046b"

# Frozen here: what the models say later is another revision's.
CONTACTED = "GREATEST(CASE WHEN kind <> 'note' THEN happened_at END, CASE WHEN coalesce(next_contact_kind, '') NOT IN ('task', 'promise') THEN done_at END)"
KINDS = "'call', 'mail', 'message', 'visit', 'meeting', 'task', 'promise'"


def upgrade() -> None:
    op.execute("ALTER TABLE activity DROP CONSTRAINT ck_activity_next_contact_kind")
    op.execute(f"ALTER TABLE activity ADD CONSTRAINT ck_activity_next_contact_kind CHECK (next_contact_kind IN ({KINDS})) NOT VALID")
    op.execute("ALTER TABLE activity VALIDATE CONSTRAINT ck_activity_next_contact_kind")
    op.execute("ALTER TABLE activity ADD COLUMN broken_at TIMESTAMP WITH TIME ZONE")
    op.execute(f"ALTER TABLE activity ALTER COLUMN contacted_at SET EXPRESSION AS ({CONTACTED})")
    op.execute("CREATE INDEX ix_activity_promise ON activity (next_contact_on, id) WHERE next_contact_kind = 'promise' AND next_contact_on IS NOT NULL AND deleted_at IS NULL")
