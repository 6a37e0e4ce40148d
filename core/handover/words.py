"""Words of handing over: facts and refusals."""

from core.base.words import N_

WORDS = {
    "user.handed_over": N_("%(actor)s handed what %(name)s looked after over to %(successor)s"),
    "user.handed_back": N_("%(actor)s took back what %(name)s had handed over to %(successor)s"),
    "handed_back_already": N_("This was taken back already."),
}
