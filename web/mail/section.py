"""The conversations that hang on a record, as a part of its page; nothing for those who read no mails."""

from datetime import datetime
from typing import Any

from flask import url_for

from core.base.context import Context
from core.base.policy import may
from core.base.rooms import is_off


def mail_section(ctx: Context, record: Any, found: dict[str, Any] | None) -> dict[str, Any] | None:
    """What mail/_beside.html needs, of what core.mail.beside told with the record."""
    if found is None or is_off(ctx, "mail"):
        return None
    rows = [{**row, "at": datetime.fromisoformat(row["at"])} for row in found["rows"]]
    return {"number": found["number"], "rows": rows, "new_url": url_for("mail.new", **{record.__tablename__: record.id}) if may(ctx, "mail.send") else ""}
