"""Looking at imports is a permission of its own: who may import keeps it, in roles and in narrowed tokens."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("role", "api_token"):
        op.execute(
            f"UPDATE {table} SET permissions = array_append(permissions, 'imports.read') "  # noqa: S608 (our own names)
            "WHERE 'imports.run' = ANY (permissions) AND NOT 'imports.read' = ANY (permissions)"
        )
