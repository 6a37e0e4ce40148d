"""Bulk edits of deals and leads."""

from alembic import op

revision = "0093"
down_revision = "0092"

KINDS = "('accounts', 'contacts', 'deals', 'leads')"
OUTCOMES = "('due', 'same', 'not_yours', 'circle', 'too_many_tags', 'of_lines', 'unfit', 'since', 'gone', 'changed', 'undone', 'kept')"
STATEMENTS = (
    f"ALTER TABLE bulk_edit DROP CONSTRAINT ck_bulk_edit_kind, ADD CONSTRAINT ck_bulk_edit_kind CHECK (kind IN {KINDS})",
    f"ALTER TABLE bulk_edit_row DROP CONSTRAINT ck_bulk_edit_row_outcome, ADD CONSTRAINT ck_bulk_edit_row_outcome CHECK (outcome IN {OUTCOMES})",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
