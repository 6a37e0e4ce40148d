"""What is kept and for how long, in one list, with how much of it the next night would take."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from core.base.context import Context
from core.base.policy import require
from core.base.words import N_
from core.bulk.models import BulkEdit
from core.bulk.undoing import KEPT_FOR as JOURNAL
from core.files.actions import KEPT as FILES
from core.files.models import Attachment
from core.intake import tidying as enquiries
from core.intake.models import Enquiry
from core.privacy import purging
from core.transfer.models import MOVING, ImportRun
from core.transfer.tidying import KEPT as IMPORTS


@dataclass(frozen=True)
class Kept:
    """One kind of data. days: how long; none while the workspace lasts. over: how many records the next night takes."""

    what: str
    days: int | None
    over: int | None
    why: str


def kept(ctx: Context) -> list[Kept]:
    """The list. Nothing is changed."""
    require(ctx, "privacy.manage")
    days, going = purging.bin_days(ctx), purging.would_go(ctx)
    return [
        Kept(N_("Accounts, contacts, deals, leads and quotes in the recycle bin"), days, sum(going.values()), N_("So that a mistake can be taken back.")),
        Kept(N_("Deleted files"), FILES.days, _count(ctx, Attachment, Attachment.deleted_at < ctx.now - FILES), N_("So that a mistake can be taken back.")),
        Kept(N_("Files and rows of imports"), IMPORTS.days, _count(ctx, ImportRun, ImportRun.updated_at < ctx.now - IMPORTS, ImportRun.state.not_in(MOVING), ImportRun.file_key != ""), N_("So that an import can be taken back.")),
        Kept(N_("Journals of bulk edits"), JOURNAL.days, _count(ctx, BulkEdit, BulkEdit.erased_at.is_(None), BulkEdit.finished_at < ctx.now - JOURNAL), N_("So that a bulk edit can be taken back.")),
        Kept(N_("Enquiries that were held back, thrown away or never confirmed"), enquiries.KEPT.days, _count(ctx, Enquiry, *enquiries.over(ctx.now)), N_("So that one taken for spam is found again. What became a lead is kept with its lead.")),
        Kept(N_("Exports of everything"), timedelta(days=7).days, None, N_("So that they can be downloaded.")),
        Kept(N_("Audit, timelines and the consent ledger"), None, None, N_("They prove what happened. Of an erased person they hold nothing that names him.")),
    ]


def _count(ctx: Context, model, *where) -> int:
    return ctx.session.execute(select(func.count()).select_from(model).where(*where)).scalar_one()
