"""Words for what billing refuses."""

from core.base.words import N_  # noqa: F401

WORDS: dict[str, str] = {}
