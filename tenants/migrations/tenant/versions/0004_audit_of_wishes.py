"""The database writes down who blocked an address, and who wished for fewer mails."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for table, secret in (("suppression", "mail_hash"), ("mail_wish", "address_hash")):
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(
                f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('{secret}')"
            )
