"""Where a run's time goes: the seconds of each file and folder, told at the end and written to var/, by setting, test and tidying up."""

import json
from collections import Counter
from pathlib import Path

SHOWN, WORTH_TELLING = 40, 1000  # files; tests: of a smaller run nothing is told
OUTPUT = Path(__file__).resolve().parents[2] / "var" / "time-spent.json"


class TimeSpent:
    """A plugin of the process that gathers the reports."""

    def __init__(self):
        self.files: Counter[str] = Counter()
        self.tests: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report):
        self.files[report.nodeid.partition("::")[0]] += report.duration
        self.tests[report.nodeid] += report.duration

    def pytest_terminal_summary(self, terminalreporter):
        if len(self.tests) < WORTH_TELLING:
            return
        OUTPUT.parent.mkdir(exist_ok=True)
        OUTPUT.write_text(json.dumps({"files": dict(self.files.most_common()), "tests": dict(self.tests.most_common(1000))}, indent=1))
        terminalreporter.section(f"{self.files.total() / 60:.0f} minutes of work in {len(self.files)} files; the longest")
        for name, seconds in self.files.most_common(SHOWN):
            terminalreporter.line(f"{seconds:7.1f} s  {name}")
