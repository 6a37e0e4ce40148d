"""How large each tenant is: for the operator's list and for whoever decides where to put the next one."""

from sqlalchemy import update

from infra.db import database
from tenants import entry
from tenants.models import Tenant

SIZES = """
SELECT n.nspname, sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname ~ '^t[0-9a-z]{1,20}$' GROUP BY 1"""


def measure() -> int:
    """Write every schema's size to the directory; returns how many were measured."""
    count = 0
    for cluster in database().names():
        with database().owner(cluster) as connection:
            sizes = connection.execute(SIZES).fetchall()
        with entry.control() as session:
            for schema, size in sizes:
                session.execute(update(Tenant).where(Tenant.schema_name == schema, Tenant.cluster == cluster).values(size_bytes=size))
        count += len(sizes)
    return count
