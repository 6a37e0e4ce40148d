"""Jobs of quotes: what runs out, and what is about to."""

from core.quotes import expiring
from workers.job import job
from workers.queues import DEFAULT


@job("quotes.expire", queue=DEFAULT)
def expire(ctx):
    """Remind of what runs out soon, and close what has run out."""
    return {"expired": expiring.expire(ctx), "reminded": expiring.remind(ctx)}
