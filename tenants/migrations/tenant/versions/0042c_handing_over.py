"""A handing over remembers what went along, so that it is taken back whole."""

from alembic import op

revision = "0042c"
down_revision = "0042b"

AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    op.execute("""CREATE TABLE hand_over (
        id UUID DEFAULT uuidv7() NOT NULL, from_id UUID NOT NULL, to_id UUID NOT NULL, run_ids UUID[] DEFAULT '{}' NOT NULL, undone_at TIMESTAMP WITH TIME ZONE,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
        CONSTRAINT pk_hand_over PRIMARY KEY (id), CONSTRAINT fk_hand_over_from_id FOREIGN KEY(from_id) REFERENCES app_user (id) ON DELETE CASCADE,
        CONSTRAINT fk_hand_over_to_id FOREIGN KEY(to_id) REFERENCES app_user (id) ON DELETE CASCADE)""")
    op.execute("CREATE INDEX ix_hand_over_from_id ON hand_over (from_id)")
    op.execute("CREATE INDEX ix_hand_over_to_id ON hand_over (to_id)")
    op.execute("""CREATE TABLE handed_next (
        hand_over_id UUID NOT NULL, activity_id UUID NOT NULL, CONSTRAINT pk_handed_next PRIMARY KEY (hand_over_id, activity_id),
        CONSTRAINT fk_handed_next_hand_over_id FOREIGN KEY(hand_over_id) REFERENCES hand_over (id) ON DELETE CASCADE,
        CONSTRAINT fk_handed_next_activity_id FOREIGN KEY(activity_id) REFERENCES activity (id) ON DELETE CASCADE)""")
    op.execute("CREATE INDEX ix_handed_next_activity_id ON handed_next (activity_id)")
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON hand_over REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
