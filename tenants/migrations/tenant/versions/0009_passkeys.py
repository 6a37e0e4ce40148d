"""Passkeys."""

from alembic import op

revision = "0009"
down_revision = "0008"

# Frozen here: what the models say later is another revision's.
TABLE = """CREATE TABLE passkey (
    id UUID DEFAULT uuidv7() NOT NULL, user_id UUID NOT NULL, name TEXT NOT NULL, rp_id TEXT NOT NULL, credential_id BYTEA NOT NULL, public_key BYTEA NOT NULL,
    sign_count BIGINT NOT NULL, last_used_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_passkey PRIMARY KEY (id), CONSTRAINT uq_passkey_credential_id UNIQUE (credential_id),
    CONSTRAINT fk_passkey_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE)"""
SECRET = "'credential_id', 'public_key', 'sign_count', 'last_used_at'"


def upgrade() -> None:
    op.execute(TABLE)
    op.execute("CREATE INDEX ix_passkey_user_id ON passkey (user_id)")
    for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
        op.execute(
            f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON passkey REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture({SECRET})"
        )
