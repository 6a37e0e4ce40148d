"""What is handed over: runs and their rows."""

from core.handover.run_models import RUN_HARMLESS, RUN_KINDS, HandoverRow, HandoverRun  # noqa: F401 (one door to all tables)

HARMLESS = RUN_HARMLESS
RECORD_KINDS = RUN_KINDS
