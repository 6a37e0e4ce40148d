"""Whole numbers as people write them: groups of three are read, a fraction is never taken for a larger number."""

import pytest

from core.base.cleaning import whole_number
from core.base.errors import Refused

READ = {"7": 7, " 12 ": 12, "12,000": 12_000, "12.000": 12_000, "12 000": 12_000, "1\u202f234\u00a0567": 1_234_567, "1'234": 1234, "+5": 5, "-5": -5, 9: 9, "": None, None: None, "  ": None}


@pytest.mark.parametrize(("typed", "meant"), READ.items(), ids=repr)
def test_it_is_read(typed, meant):
    assert whole_number(-10, 10_000_000)(typed, "number") == meant


@pytest.mark.parametrize("typed", ["0.5", "1,7", "1.5", 12.0, "12.0", "1 2", "1.23.4", "1234,567", "٣", "1e3", "-", "1,2345", "0x1"])
def test_what_is_no_whole_number_is_refused(typed):
    with pytest.raises(Refused) as refused:
        whole_number(0, 10_000_000)(typed, "number")
    assert (refused.value.code, refused.value.field) == ("not_whole", "number")
