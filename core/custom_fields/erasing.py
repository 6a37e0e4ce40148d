"""Values of a field taken out of every record, chunk by chunk."""

from uuid import UUID

from sqlalchemy import any_, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text, Uuid

from core.base.stepping import Door
from core.custom_fields.fields import ROOMS
from core.custom_fields.models import CustomField

CHUNK = 1000


def erase(door: Door, field_id: UUID) -> int:
    """How many records lost a value. Each chunk is one short transaction; asked again, it goes on."""
    done = 0
    while True:
        with door() as ctx:
            row = ctx.session.get(CustomField, field_id)
            if row is None or row.erased_at is None:
                return done
            table = ROOMS[row.room].model.__table__
            keys = list(ctx.session.execute(select(table.c.id).where(table.c.custom.has_key(row.key)).order_by(table.c.id).limit(CHUNK).with_for_update()).scalars())
            less = table.c.custom.op("-")(literal([row.key], ARRAY(Text)))
            ctx.session.execute(update(table).where(table.c.id == any_(literal(keys, ARRAY(Uuid)))).values(custom=less, version=table.c.version + 1, updated_at=ctx.now))
            done += len(keys)
            if len(keys) < CHUNK:
                return done
