"""What a next contact is to be, and when somebody was last in touch by an entry."""

from alembic import op

revision = "0046"
down_revision = "0043c"

# Frozen here: what the models say later is another revision's.
CONTACTED = "GREATEST(CASE WHEN kind <> 'note' THEN happened_at END, CASE WHEN next_contact_kind IS DISTINCT FROM 'task' THEN done_at END)"
OPEN = "next_contact_on IS NOT NULL AND done_at IS NULL AND deleted_at IS NULL"


def upgrade() -> None:
    op.execute("ALTER TABLE activity ADD COLUMN next_contact_kind TEXT")
    op.execute("ALTER TABLE activity ADD CONSTRAINT ck_activity_next_contact_kind CHECK (next_contact_kind IN ('call', 'mail', 'message', 'visit', 'meeting', 'task')) NOT VALID")
    op.execute("ALTER TABLE activity VALIDATE CONSTRAINT ck_activity_next_contact_kind")
    op.execute(f"ALTER TABLE activity ADD COLUMN contacted_at TIMESTAMP WITH TIME ZONE GENERATED ALWAYS AS ({CONTACTED}) STORED")
    for about in ("account", "contact"):
        op.execute(
            f"CREATE INDEX ix_activity_{about}_contacted ON activity ({about}_id, contacted_at DESC) WHERE {about}_id IS NOT NULL AND contacted_at IS NOT NULL AND deleted_at IS NULL"
        )
        op.execute(f"CREATE INDEX ix_activity_{about}_next ON activity ({about}_id, next_contact_on) WHERE {about}_id IS NOT NULL AND {OPEN}")
