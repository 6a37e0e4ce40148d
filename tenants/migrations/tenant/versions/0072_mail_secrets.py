"""What was said in mails stands in no audit, in the form in which it is searched either."""

from alembic import op

revision = "0072"
down_revision = "0071"

SECRET = ("subject", "body", "quoted", "from_mail", "from_name", "to_list", "cc_list", "bcc_list", "other_mail", "refs", "in_reply_to", "message_id", "identity", "said_fold")
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    arguments = ", ".join(f"'{name}'" for name in SECRET)
    for event, tables in AUDITED.items():
        op.execute(f"DROP TRIGGER audit_{event} ON mail_message")
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON mail_message REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture({arguments})")
