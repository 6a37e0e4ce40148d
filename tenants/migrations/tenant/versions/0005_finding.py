"""Searching the contact log and the mailings; taking the log and a mailing's recipients out."""

from alembic import op

revision = "0005"
down_revision = "0004"

# Frozen here: what the models say later is another revision's.
COLUMNS = (
    "ALTER TABLE mailing ADD COLUMN called_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name || ' ' || subject))) STORED NOT NULL",
    "ALTER TABLE activity ADD COLUMN said_fold TEXT GENERATED ALWAYS AS "
    "(lower(ext.immutable_unaccent(translate(body || ' ' || coalesce(next_contact_note, ''), E'\\n\\t', '  ')))) STORED NOT NULL",
)
INDEXES = (
    "CREATE INDEX ix_activity_happened_at ON activity (happened_at DESC, id DESC) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_mailing_find ON mailing USING gin (called_fold ext.gin_trgm_ops)",
    "CREATE INDEX ix_activity_east_asian ON activity USING gin ((string_to_array(regexp_replace(said_fold, '[^\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]', '', 'g'), NULL))) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_activity_find ON activity USING gin (said_fold ext.gin_trgm_ops) WHERE deleted_at IS NULL",
)
# Of the built-in roles; whoever may do everything ("*") may these too.
NEW_PERMISSIONS = {"activities.export": "'manager', 'sales'", "mailings.export": "'manager'"}


def upgrade() -> None:
    for change in (*COLUMNS, *INDEXES):
        op.execute(change)
    op.execute("ALTER TABLE export_run DROP CONSTRAINT ck_export_run_kind")
    op.execute("ALTER TABLE export_run ADD CONSTRAINT ck_export_run_kind CHECK (kind IN ('accounts', 'contacts', 'activities', 'recipients'))")
    for permission, roles in NEW_PERMISSIONS.items():
        op.execute(
            f"UPDATE role SET permissions = array_append(permissions, '{permission}'), version = version + 1 "  # noqa: S608 (our own names)
            f"WHERE code IN ({roles}) AND NOT '{permission}' = ANY(permissions)"
        )
