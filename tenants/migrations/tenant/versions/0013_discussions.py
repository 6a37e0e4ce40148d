"""Comments on records, and whom they mention."""

from alembic import op

revision = "0013"
down_revision = "0012"

# Frozen here: what the models say later is another revision's.
TABLES = {
    "comment": """id UUID DEFAULT uuidv7() NOT NULL, record_kind TEXT NOT NULL, record_id UUID NOT NULL, author_id UUID NOT NULL, body TEXT NOT NULL,
        edited_at TIMESTAMP WITH TIME ZONE, deleted_at TIMESTAMP WITH TIME ZONE, deleted_by UUID,
        said_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(translate(body, E'\\n\\t', '  ')))) STORED NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_comment PRIMARY KEY (id), CONSTRAINT ck_comment_body CHECK (char_length(body) BETWEEN 1 AND 10000),
        CONSTRAINT ck_comment_deleted CHECK ((deleted_at IS NULL) = (deleted_by IS NULL)),
        CONSTRAINT fk_comment_author_id FOREIGN KEY(author_id) REFERENCES app_user (id),
        CONSTRAINT fk_comment_deleted_by FOREIGN KEY(deleted_by) REFERENCES app_user (id)""",
    "mention": """id UUID DEFAULT uuidv7() NOT NULL, comment_id UUID NOT NULL, user_id UUID NOT NULL, said TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_mention PRIMARY KEY (id),
        CONSTRAINT fk_mention_comment_id FOREIGN KEY(comment_id) REFERENCES comment (id) ON DELETE CASCADE,
        CONSTRAINT fk_mention_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE""",
}
INDEXES = (
    "CREATE INDEX ix_comment_author_id ON comment (author_id)",
    "CREATE INDEX ix_comment_east_asian ON comment USING gin ((string_to_array(regexp_replace(said_fold, '[^⺀-鿿가-힣豈-\ufaff]', '', 'g'), NULL))) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_comment_find ON comment USING gin (said_fold ext.gin_trgm_ops) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_comment_record ON comment (record_id, record_kind, created_at DESC, id DESC) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_mention_user_id ON mention (user_id)",
    "CREATE UNIQUE INDEX uq_mention_comment_user ON mention (comment_id, user_id)",
)
AUDITED = ("comment",)


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
    # Whoever logs contacts talks to colleagues about them; "*" holds it anyway.
    op.execute(
        "UPDATE role SET permissions = (SELECT array_agg(one ORDER BY one) FROM unnest(array_append(permissions, 'comments.write')) AS one), version = version + 1 "
        "WHERE 'activities.log' = ANY(permissions) AND NOT 'comments.write' = ANY(permissions)"
    )
