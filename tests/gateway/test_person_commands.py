"""`qingting person` on the command line, without a gateway that runs: found, handed out, erased, and not brought back by a restore."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from case_store import cases, holds, readings
from case_store.files import Files
from case_store.store import Store
from tests.case_store.over import MAIL, Over, complain, end
from tests.gateway.commanding import Run, data_dir, run, store, with_admin

__all__ = ["data_dir", "run", "store", "with_admin"]
REASON = ("--reason", "letter of 3 March")
pytestmark = pytest.mark.usefixtures("with_admin")


@pytest.fixture
def over(store: Store, data_dir: Path) -> Over:
    one = complain(store, Files(data_dir / "files"))
    end(store, one, days=4000)
    return one


def test_a_person_is_found_handed_out_and_erased(run: Run, store: Store, over: Over, tmp_path: Path) -> None:
    found = json.loads(run("person", "find", MAIL, "--json").stdout)
    assert [(one["reference"], one["kept"]) for one in found["cases"]] == [(over.reference, None)]
    target = tmp_path / "out.zip"
    told = run("person", "export", MAIL, "--to", str(target))
    assert told.exit_code == 0, told.output
    assert oct(target.stat().st_mode & 0o777) == "0o600"
    names = zipfile.ZipFile(target).namelist()
    assert any(name.endswith("statement.pdf") for name in names)
    assert run("person", "export", MAIL, "--to", str(target)).exit_code == 1  # nothing is written over
    erased = json.loads(run("person", "erase", MAIL, *REASON, "--json").stdout)
    assert erased["done_at"] is not None
    assert erased["counts"]["cases"] == 1
    assert store.read_now(cases.get, over.case).erased_at is not None
    verified = run("audit", "verify")
    assert verified.exit_code == 0
    assert "by person" in verified.stdout
    assert run("person", "find", MAIL).exit_code == 0
    assert run("person", "erase", MAIL, *REASON).exit_code == 1  # nothing is left


def test_who_has_looked_for_a_person_stands_at_each_case(run: Run, store: Store, over: Over) -> None:
    assert run("person", "find", f" {MAIL.upper()} ").exit_code == 0
    [read] = store.read_now(readings.of_case, over.case, 10)
    assert (read.what, read.actor.partition(":")[0]) == ("listed", "operator")
    assert run("person", "find", "nobody@example.com").exit_code == 0
    assert len(store.read_now(readings.of_case, over.case, 10)) == 1


@pytest.mark.parametrize("what", ["find", "export", "erase"])
def test_what_is_no_address_is_named(run: Run, store: Store, what: str, tmp_path: Path) -> None:
    more = {"find": (), "export": ("--to", str(tmp_path / "out.zip")), "erase": REASON}[what]
    refused = run("person", what, "hello", *more)
    assert refused.exit_code == 1
    assert "'hello' is no e-mail address" in refused.stderr
    assert not (tmp_path / "out.zip").exists()


def test_a_hold_is_named_and_leaves_everything(run: Run, store: Store, over: Over) -> None:
    store.write_now(lambda tx: holds.place(tx, over.case, "court", by="Chan", actor="agent:Chan") and None)
    refused = run("person", "erase", MAIL, *REASON, "--even-within-retention")
    assert refused.exit_code == 1
    assert f"{over.reference}: a legal hold stands" in refused.stderr
    assert store.read_now(cases.get, over.case).erased_at is None


def test_two_people_at_one_address_are_told_apart(run: Run, store: Store, over: Over, data_dir: Path) -> None:
    other = complain(store, Files(data_dir / "files"), name="吴兰", content=b"b")
    refused = run("person", "find", MAIL)
    assert refused.exit_code == 1
    assert "吴兰" in refused.stderr
    found = json.loads(run("person", "find", MAIL, "--name", "吴兰", "--json").stdout)
    assert [one["reference"] for one in found["cases"]] == [other.reference]


@pytest.mark.parametrize("listed", [True, False])
def test_a_restore_erases_again_what_the_list_names_and_says_so_where_there_is_none(
    run: Run, store: Store, over: Over, tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    assert run("backup", str(tmp_path / "backup")).exit_code == 0
    assert run("person", "erase", MAIL, *REASON).exit_code == 0
    monkeypatch.setenv("QINGTING_DATA_DIR", str(tmp_path / "fresh"))
    more = ("--erasures", str(data_dir / "erasures.jsonl")) if listed else ()
    restored = run("restore", str(tmp_path / "backup"), *more)
    assert restored.exit_code == 0, restored.output
    case = json.loads(run("case", "show", over.reference, "--json").stdout)["case"]
    assert (case["erased_at"] is not None) is listed
    assert ("no list of erasures was there" in restored.stderr) is not listed
    kept = list((tmp_path / "fresh" / "files").rglob(over.digest))
    assert bool(kept) is not listed
    assert run("audit", "verify").exit_code == 0
