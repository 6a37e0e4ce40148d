"""The first step of every command, with a stand-in for the environment's Python: stamps, resuming, failures."""

import subprocess
import sys
import time

import pytest

from infra import bootstrap

# Notes what it was asked for, and fails while a file named "broken" lies beside it.
PYTHON = """#!/bin/sh
echo "$@" >> "{folder}/asked"
[ ! -e "{folder}/broken" ]
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project whose .venv exists and whose Python is the stand-in."""
    for name in ("requirements", ".venv/bin", "web/ui/templates", "infra"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("run", "fit", "test", "node"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}==1\n")
    (tmp_path / "infra" / "assets.py").write_text("")
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(PYTHON.format(folder=tmp_path))
    python.chmod(0o755)
    (tmp_path / ".venv" / ".stamp-venv").write_text("")
    for name, value in (("ROOT", tmp_path), ("VENV", tmp_path / ".venv"), ("PYTHON", python)):
        monkeypatch.setattr(bootstrap, name, value)
    monkeypatch.setenv("TENDERO_HOME", str(tmp_path / "var"))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: "/usr/bin/npm")
    return tmp_path


def asked(root):
    file = root / "asked"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return [line.rpartition("/")[2] if "pip" in line else line for line in lines]


def test_each_lock_is_installed_with_hashes_once_and_again_when_it_changes(root):
    bootstrap.ensure()
    assert "--require-hashes" in (root / "asked").read_text()
    assert asked(root) == ["run.txt", "-m infra.assets"]
    bootstrap.ensure()
    assert asked(root) == []
    bootstrap.ensure(test=True)
    assert asked(root) == ["fit.txt", "test.txt"]
    (root / "requirements" / "run.txt").write_text("run==2\n")
    (root / "web" / "ui" / "templates" / "page.html").write_text("<p>")
    bootstrap.ensure(test=True)
    assert asked(root) == ["run.txt", "-m infra.assets"]


def test_what_fits_models_comes_when_it_is_wanted_and_into_its_own_environment_alone(root, monkeypatch, capfd):
    monkeypatch.setattr(sys, "prefix", str(root / ".venv"))
    bootstrap.bring("fit")
    bootstrap.bring("fit")
    assert asked(root) == ["fit.txt"]
    monkeypatch.setattr(sys, "prefix", "/elsewhere")
    with pytest.raises(SystemExit):
        bootstrap.bring("fit")
    assert asked(root) == [] and "/elsewhere" in capfd.readouterr().err


def test_without_npm_the_packaged_one_is_installed_first(root, monkeypatch):
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    bootstrap.ensure()
    assert asked(root) == ["run.txt", "node.txt", "-m infra.assets"]


def test_a_failing_step_ends_with_one_sentence_and_the_next_run_goes_on_there(root, capfd):
    (root / "broken").touch()
    with pytest.raises(SystemExit) as ended:
        bootstrap.ensure()
    assert ended.value.code == 1
    *_, sentence = capfd.readouterr().err.splitlines()
    assert sentence.startswith("Installing requirements/run.txt failed:") and sentence.endswith("goes on from here.")
    (root / "broken").unlink()
    asked(root)
    bootstrap.ensure()
    assert asked(root) == ["run.txt", "-m infra.assets"]


def test_it_needs_nothing_but_the_standard_library_and_is_quick_when_warm(root):
    bootstrap.ensure()
    code = ("import sys; sys.path.insert(0, sys.argv[1]); from infra import bootstrap; from infra.local import browser; "
            "outside = [n for n, m in sys.modules.items() if 'site-packages' in (getattr(m, '__file__', '') or '')]; "
            "assert not outside, outside")
    real = str(bootstrap.Path(bootstrap.__file__).resolve().parents[1])
    subprocess.run([sys.executable, "-I", "-S", "-c", code, real], check=True)
    started = time.perf_counter()
    bootstrap.ensure()
    assert time.perf_counter() - started < 0.15


def test_the_terminal_takes_the_running_stack_unless_it_was_given_a_database(root, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert bootstrap.local_environment() == {}
    (root / "var").mkdir(exist_ok=True)
    (root / "var" / "env.json").write_text('{"DATABASE_URL": "postgresql:///x"}')
    assert bootstrap.local_environment() == {"DATABASE_URL": "postgresql:///x"}
    monkeypatch.setenv("DATABASE_URL", "postgresql:///y")
    assert bootstrap.local_environment() == {}
