"""The door of the host of files: no cookie, no session, no person. A signed link of this minute opens one file."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import abort, g, request

from core.base.context import Context, make_context, system
from core.base.errors import NotFound
from core.base.rooms import is_off
from core.files import links
from core.files.models import Attachment
from infra import telemetry
from tenants import entry, registry
from tenants.models import Tenant
from web.door import entitlements_of, tenant_url
from web.guard import check
from web.plumbing import refuse_unsettled


@contextmanager
def following(permission: str, tenant_id: UUID, id: UUID) -> Iterator[tuple[Context, Attachment]]:
    """The file that the address names, by its signature alone; then whether its tenant is open and the file still there. What
    the person may see was asked by the tenant's host, when it signed."""
    now = entry.utcnow()
    mark = links.check(tenant_id, id, request.args.get("token", ""), now)
    tenant = _open(registry.by_id(tenant_id))
    with entry.enter(tenant) as session:
        ctx = make_context(session, system("a signed link to a file"), tenant.ref(tenant_url(tenant)), now, locale=g.lang, entitlements=entitlements_of(tenant), request_id=g.request_id)
        check(ctx, permission)
        if is_off(ctx, "files"):
            raise NotFound()
        yield ctx, links.followed(ctx, id, mark)


def _open(tenant: Tenant | None) -> Tenant:
    """A tenant that is served now; its own host would say the same."""
    if tenant is None or tenant.state in ("free", "provisioning", "deleted"):
        abort(404)
    telemetry.add(tenant=tenant.id)
    refuse_unsettled(tenant)
    return tenant
