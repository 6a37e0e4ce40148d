"""Imports of workbooks, cards and directories; corrections before an import runs; companies filled by contacts' rows."""

from alembic import op

revision = "0021"
down_revision = "0020"

# Frozen here: what the models say later is another revision's.
RUN = (
    "format TEXT DEFAULT 'csv' NOT NULL", "table_key TEXT", "sheets JSONB DEFAULT '[]'::jsonb NOT NULL", "sheet TEXT DEFAULT '' NOT NULL",
    "header_row INTEGER DEFAULT 1 NOT NULL", "fills_accounts BOOLEAN DEFAULT false NOT NULL",
)
FIX = """CREATE TABLE import_fix (
    run_id UUID NOT NULL, line INTEGER NOT NULL, "column" INTEGER NOT NULL, text TEXT NOT NULL,
    CONSTRAINT pk_import_fix PRIMARY KEY (run_id, line, "column"),
    CONSTRAINT fk_import_fix_run_id FOREIGN KEY(run_id) REFERENCES import_run (id) ON DELETE CASCADE)"""


def upgrade() -> None:
    for column in RUN:
        op.execute(f"ALTER TABLE import_run ADD COLUMN {column}")
    op.execute("ALTER TABLE import_run ADD CONSTRAINT ck_import_run_format CHECK (format IN ('csv', 'workbook', 'vcard', 'ldif'))")
    for column in ("cells JSONB", "choice TEXT", "account_before JSONB", "further JSONB"):
        op.execute(f"ALTER TABLE import_row ADD COLUMN {column}")
    op.execute(FIX)
