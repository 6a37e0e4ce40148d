"""Words for refusals of tags."""

from core.base.words import N_

WORDS = {"too_many_tags": N_("Use at most %(max)s tags.")}
