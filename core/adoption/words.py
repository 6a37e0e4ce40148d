"""Words of who uses the workspace."""

from core.base.words import N_

WORDS = {
    "told.use_fell": N_("Your workspace is used half as much as before: %(now)s active days in two weeks, %(before)s in the two before"),
}
