"""Rows that failed in an import are put right in a further one."""

from alembic import op

revision = "0043b"
down_revision = "0043"


def upgrade() -> None:
    op.execute("ALTER TABLE import_run ADD COLUMN follows_id UUID")
    op.execute("ALTER TABLE import_run ADD CONSTRAINT fk_import_run_follows_id FOREIGN KEY (follows_id) REFERENCES import_run (id) ON DELETE SET NULL NOT VALID")
    op.execute("ALTER TABLE import_run VALIDATE CONSTRAINT fk_import_run_follows_id")
    op.execute("CREATE UNIQUE INDEX uq_import_run_follows_id ON import_run (follows_id) WHERE state <> 'undone'")
    op.execute("ALTER TABLE import_run DROP CONSTRAINT ck_import_run_format, ADD CONSTRAINT ck_import_run_format CHECK (format IN ('csv', 'workbook', 'vcard', 'ldif', 'rows')) NOT VALID")
    op.execute("ALTER TABLE import_run VALIDATE CONSTRAINT ck_import_run_format")
