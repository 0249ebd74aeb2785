#!/usr/bin/env python3
"""Replays logs with the built program, and judges the changes it writes.

    Tests/reference/check_changes.py [--program PATH]

The same input and seed must give the same bytes, with one worker and with two.
"""
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import logs
from change_oracle import by_number, change_problems
from checks import TOP, Checks, generate, program_of, replay, shared_data
from random_log import random_lines


def check(checks, program, name, path, records, *options):
    """One log: its changes, and the same bytes from another worker and from another run."""
    first = replay(program, [path], *options, "--workers", "1")
    checks.none(f"{name}: changes", change_problems(
        first.changes, first.customers, first.summary, first.model, by_number(records)))
    checks.none(f"{name}: there are changes of several reasons", [] if sum(
        1 for count in first.summary["changes"].values() if count) >= 3 else [str(first.summary["changes"])])
    for again, workers in (("again", "1"), ("with 2 workers", "2")):
        other = replay(program, [path], *options, "--workers", workers)
        checks.none(f"{name}: the same bytes {again}", (
            f"{output} differs" for output in first.bytes if first.bytes[output] != other.bytes[output]))
        same = {key: value for key, value in other.summary.items() if not key.startswith(("seconds", "records_per"))}
        checks.none(f"{name}: the same summary {again}", (
            f"{key} is {value}, was {first.summary[key]}" for key, value in same.items()
            if value != first.summary[key]))


def main():
    """Runs the checks."""
    checks, program = Checks(), program_of(sys.argv)
    cdnow = TOP / "replay" / "CDNOW_sample.txt.xz"
    check(checks, program, "CDNOW", cdnow, logs.cdnow(cdnow), "--map", str(TOP / "replay" / "cdnow.yaml"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.json"
        path.write_text("".join(line + "\n" for line in random_lines(4)))
        check(checks, program, "random log", path, logs.generated(path))
        path = Path(folder) / "generated.json"
        generate(program, path, "--events", "60000", "--customers", "3000", "--span", "120", "--seed", "7")
        check(checks, program, "generated log", path, logs.generated(path))
    retail = shared_data("online_retail.csv.xz")
    if retail is None:
        checks.skip("Online Retail", "not found; name the folder of online_retail.csv.xz in SEGMENTER_TEST_DATA")
    else:
        check(
            checks, program, "Online Retail", retail, logs.online_retail(retail), "--map",
            str(TOP / "replay" / "online-retail.yaml"))
    checks.finish()


if __name__ == "__main__":
    main()
