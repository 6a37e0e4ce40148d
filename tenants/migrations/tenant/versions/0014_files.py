"""Files on records."""

from alembic import op

revision = "0014"
down_revision = "0013"

# Frozen here: what the models say later is another revision's.
TABLES = {
    "attachment": """id UUID DEFAULT uuidv7() NOT NULL, record_kind TEXT NOT NULL, record_id UUID NOT NULL, name TEXT NOT NULL, size BIGINT NOT NULL,
        sha256 TEXT NOT NULL, mimetype TEXT NOT NULL, stored_key TEXT NOT NULL, thumb_key TEXT, uploaded_by UUID, deleted_at TIMESTAMP WITH TIME ZONE,
        deleted_by UUID, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_attachment PRIMARY KEY (id),
        CONSTRAINT ck_attachment_name CHECK (char_length(name) BETWEEN 1 AND 255), CONSTRAINT ck_attachment_size CHECK (size > 0),
        CONSTRAINT ck_attachment_deleted CHECK ((deleted_at IS NULL) = (deleted_by IS NULL)), CONSTRAINT uq_attachment_stored_key UNIQUE (stored_key),
        CONSTRAINT uq_attachment_thumb_key UNIQUE (thumb_key),
        CONSTRAINT fk_attachment_uploaded_by FOREIGN KEY(uploaded_by) REFERENCES app_user (id) ON DELETE SET NULL,
        CONSTRAINT fk_attachment_deleted_by FOREIGN KEY(deleted_by) REFERENCES app_user (id)""",
}
INDEXES = (
    "CREATE INDEX ix_attachment_deleted_at ON attachment (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX ix_attachment_record ON attachment (record_id, record_kind, created_at DESC, id DESC) WHERE deleted_at IS NULL",
)
AUDITED = ("attachment",)


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} ({columns})")
    for index in INDEXES:
        op.execute(index)
    for table in AUDITED:
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(
                f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()"
            )
    # Whoever comments may put files there too; "*" holds it anyway.
    op.execute(
        "UPDATE role SET permissions = (SELECT array_agg(one ORDER BY one) FROM unnest(array_append(permissions, 'files.write')) AS one), version = version + 1 "
        "WHERE 'comments.write' = ANY(permissions) AND NOT 'files.write' = ANY(permissions)"
    )
