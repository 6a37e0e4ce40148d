"""Password reset, the second step of signing in, the workspace's rules about it, and sessions that know when they were confirmed."""

from alembic import op

revision = "0010"
down_revision = "0009"

STAMPS = "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID"
VERSIONED = f"{STAMPS}, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL"
# Frozen here: what the models say later is another revision's.
TABLES = {
    "sign_in_step": f"""token_hash BYTEA NOT NULL, kind TEXT NOT NULL, user_id UUID, data JSONB DEFAULT '{{}}'::jsonb NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL, spent_at TIMESTAMP WITH TIME ZONE, tries INTEGER DEFAULT 0 NOT NULL, ip TEXT, agent TEXT, {STAMPS},
        CONSTRAINT ck_sign_in_step_kind CHECK (kind IN ('code', 'passkey', 'sso')), CONSTRAINT uq_sign_in_step_token_hash UNIQUE (token_hash),
        CONSTRAINT fk_sign_in_step_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE""",
    "second_step": f"""user_id UUID NOT NULL, secret BYTEA NOT NULL, confirmed_at TIMESTAMP WITH TIME ZONE, last_step BIGINT,
        recovery_hashes JSONB DEFAULT '[]'::jsonb NOT NULL, {VERSIONED}, CONSTRAINT uq_second_step_user_id UNIQUE (user_id),
        CONSTRAINT fk_second_step_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE""",
    "sign_in_rules": f"""one BOOLEAN DEFAULT true NOT NULL, second_step_from DATE, second_step_roles VARCHAR[] DEFAULT '{{}}' NOT NULL, {VERSIONED},
        CONSTRAINT ck_sign_in_rules_one CHECK (one), CONSTRAINT uq_sign_in_rules_one UNIQUE (one)""",
}
AUDITED = {"second_step": "'secret', 'last_step', 'recovery_hashes'", "sign_in_rules": ""}
CHANGES = (
    "ALTER TABLE app_user ADD COLUMN credential_version INTEGER DEFAULT 1 NOT NULL",
    "ALTER TABLE session ADD COLUMN method TEXT DEFAULT 'password' NOT NULL, ADD COLUMN confirmed_at TIMESTAMP WITH TIME ZONE, "
    "ADD COLUMN second_step_at TIMESTAMP WITH TIME ZONE, ADD CONSTRAINT ck_session_method CHECK (method IN ('password', 'passkey', 'sso'))",
)


def upgrade() -> None:
    for change in CHANGES:
        op.execute(change)
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} (id UUID DEFAULT uuidv7() NOT NULL, {columns}, CONSTRAINT pk_{name} PRIMARY KEY (id))")
    op.execute("CREATE INDEX ix_sign_in_step_user_id ON sign_in_step (user_id)")
    for table, secret in AUDITED.items():
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(
                f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture({secret})"
            )
