"""Passkeys, and the company's own sign-in."""

from alembic import op

revision = "0011"
down_revision = "0010"

STAMPS = "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID"
VERSIONED = f"{STAMPS}, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL"
# Frozen here: what the models say later is another revision's.
TABLES = {
    "passkey": f"""user_id UUID NOT NULL, name TEXT NOT NULL, rp_id TEXT NOT NULL, credential_id BYTEA NOT NULL, public_key BYTEA NOT NULL,
        sign_count BIGINT NOT NULL, last_used_at TIMESTAMP WITH TIME ZONE, {VERSIONED}, CONSTRAINT uq_passkey_credential_id UNIQUE (credential_id),
        CONSTRAINT fk_passkey_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE""",
    "identity_provider": f"""one BOOLEAN DEFAULT true NOT NULL, name TEXT NOT NULL, issuer TEXT NOT NULL, client_id TEXT NOT NULL, client_secret BYTEA,
        creates_users BOOLEAN DEFAULT false NOT NULL, role_id UUID, only_way BOOLEAN DEFAULT false NOT NULL, discovery JSONB, problem TEXT,
        checked_at TIMESTAMP WITH TIME ZONE, changed_by UUID, {VERSIONED}, CONSTRAINT ck_identity_provider_one CHECK (one), CONSTRAINT uq_identity_provider_one UNIQUE (one),
        CONSTRAINT fk_identity_provider_role_id FOREIGN KEY(role_id) REFERENCES role (id) ON DELETE SET NULL""",
    "user_identity": f"""user_id UUID NOT NULL, issuer TEXT NOT NULL, subject TEXT NOT NULL, {STAMPS},
        CONSTRAINT fk_user_identity_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE""",
}
INDEXES = (
    "CREATE INDEX ix_passkey_user_id ON passkey (user_id)",
    "CREATE INDEX ix_identity_provider_role_id ON identity_provider (role_id)",
    "CREATE UNIQUE INDEX uq_user_identity_subject ON user_identity (issuer, subject)",
    "CREATE UNIQUE INDEX uq_user_identity_user_issuer ON user_identity (user_id, issuer)",
)
AUDITED = {
    "passkey": "'credential_id', 'public_key', 'sign_count', 'last_used_at'", "identity_provider": "'client_secret', 'discovery'", "user_identity": "",
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} (id UUID DEFAULT uuidv7() NOT NULL, {columns}, CONSTRAINT pk_{name} PRIMARY KEY (id))")
    for index in INDEXES:
        op.execute(index)
    for table, secret in AUDITED.items():
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(
                f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture({secret})"
            )
