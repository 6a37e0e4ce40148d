"""Jobs of documents: the fonts that some of them need."""

from infra import fonts
from infra.config import settings
from workers.job import Again, job
from workers.queues import BULK


@job("documents.fonts", queue=BULK, lease=900, steps=True)
def bring_fonts(door) -> dict:
    """Have them here; where they are, nothing happens."""
    try:
        return {"fresh": fonts.bring(settings().fonts_dir)}
    except fonts.FontsFailed as problem:
        raise Again(str(problem)) from problem
