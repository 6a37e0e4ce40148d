"""Bulk edits of products, and of their prices by a step."""

from alembic import op

revision = "0099"
down_revision = "0098"

KINDS = "('accounts', 'contacts', 'deals', 'leads', 'products')"
OPERATIONS = "('change', 'owner', 'tags', 'price', 'delete')"
OUTCOMES = "('due', 'same', 'not_yours', 'circle', 'too_many_tags', 'of_lines', 'of_parts', 'no_price', 'unfit', 'since', 'gone', 'changed', 'undone', 'kept')"
STATEMENTS = (
    f"ALTER TABLE bulk_edit DROP CONSTRAINT ck_bulk_edit_kind, ADD CONSTRAINT ck_bulk_edit_kind CHECK (kind IN {KINDS})",
    f"ALTER TABLE bulk_edit DROP CONSTRAINT ck_bulk_edit_operation, ADD CONSTRAINT ck_bulk_edit_operation CHECK (operation IN {OPERATIONS})",
    f"ALTER TABLE bulk_edit_row DROP CONSTRAINT ck_bulk_edit_row_outcome, ADD CONSTRAINT ck_bulk_edit_row_outcome CHECK (outcome IN {OUTCOMES})",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
