"""In which order two workers take the files of a run."""

from tests.conftest import ROOT
from tests.support.turns import ALONE, LONGEST, part_of


def test_what_runs_alone_comes_first_and_of_the_browsers_tests_the_longest():
    alone, other, long, browser = ("tests/faults/test_mail_kills.py", False), ("tests/core/parties/test_reach.py", False), (LONGEST[0], True), ("tests/browser/test_lists.py", True)
    assert sorted((browser, long, other, alone), key=lambda one: part_of(*one)) == [alone, other, long, browser]


def test_files_that_have_a_turn_of_their_own_are_there():
    assert [path for path in LONGEST if not (ROOT / path).is_file()] == []
    assert [beginning for beginning in ALONE if not [*ROOT.glob(f"{beginning}*")]] == []
