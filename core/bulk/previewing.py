"""The preview: what would happen to each record. Nothing is written into the tenant's records."""

from collections.abc import Mapping
from typing import Any

from core.base.context import Context
from core.base.errors import Refused
from core.base.finding import plan_afresh
from core.base.policy import require
from core.base.stepping import held
from core.bulk import wishes
from core.bulk.deciding import decide, tally
from core.bulk.models import BulkEdit, BulkEditRow


def preview(ctx: Context, run: BulkEdit, operation: str, given: Mapping[str, Any]) -> BulkEdit:
    """Say what the run would do; asked again, it says it anew. Refuses what `wishes.make` refuses, and a run that has begun."""
    require(ctx, "bulk_edits.run", run)
    run = held(ctx, BulkEdit, run.id)
    if run.state not in ("selected", "previewed"):
        raise Refused("bulk_not_now", state=run.state)
    wish = wishes.make(ctx, run.kind, operation, given)
    plan_afresh(ctx.session)
    decide(ctx, wish, BulkEditRow.run_id == run.id)
    run.operation, run.wanted, run.state = operation, wish.plain(), "previewed"
    run.counts = tally(ctx, run)
    ctx.session.flush()  # the answer shows the version to which the yes is given
    return run
