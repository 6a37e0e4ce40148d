"""Words of handing over: facts."""

from core.base.words import N_

WORDS = {"user.handed_over": N_("%(actor)s handed what %(name)s looked after over to %(successor)s")}
