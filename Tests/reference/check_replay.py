#!/usr/bin/env python3
"""Replays real logs with the built program, and compares every figure with the slow reference.

    Tests/reference/check_replay.py [--program PATH]

CDNOW ships with the project; Online Retail is read from ../shared/data (or SEGMENTER_TEST_DATA), else skipped.
A log made at random, with late, repeated, loose and cancelling records, is replayed besides.
"""
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import logs
from checks import TOP, Checks, program_of, replay, shared_data
from customer_oracle import customer_problems, dead_letter_problems, summary_problems
from random_log import random_lines
from rfm import Reference


def compare(checks, name, outcome, reference, read, lines, exact_days=True):
    """Everything that the reference knows about a replay."""
    checks.none(f"{name}: counts", summary_problems(outcome.summary, reference, read))
    checks.none(f"{name}: customers", customer_problems(outcome.customers, reference, exact_days))
    checks.none(f"{name}: dead letters", dead_letter_problems(outcome.dead_letters, reference, lines))


def check_cdnow(checks, program):
    """The figures of the CDNOW sample."""
    path = TOP / "replay" / "CDNOW_sample.txt.xz"
    outcome = replay(program, [path], "--map", str(TOP / "replay" / "cdnow.yaml"))
    reference = Reference().take(logs.cdnow(path))
    compare(checks, "CDNOW", outcome, reference, 6919, logs.text_of(path).splitlines())
    rows = outcome.customers
    checks.equal("CDNOW: 2,357 customers", len(rows), 2357)
    checks.equal("CDNOW: $244,091.94", sum(cents(row["gross"]) for row in rows), 24_409_194)
    checks.equal("CDNOW: repeated rows and zero amounts are kept", sum(int(row["orders"]) for row in rows), 6919)
    checks.equal("CDNOW: ids keep their zeros", rows[0]["customer_id"], "0001")


def check_online_retail(checks, program):
    """The figures of Online Retail."""
    path = shared_data("online_retail.csv.xz")
    if path is None:
        checks.skip("Online Retail", "not found; name the folder of online_retail.csv.xz in SEGMENTER_TEST_DATA")
        return
    outcome = replay(program, [path], "--map", str(TOP / "replay" / "online-retail.yaml"))
    reference = Reference().take(logs.online_retail(path))
    compare(checks, "Online Retail", outcome, reference, 541_909, logs.text_of(path).split("\n"))
    rows = {row["customer_id"]: row for row in outcome.customers}
    checks.equal("Online Retail: 541,909 read", outcome.summary["records_read"], 541_909)
    checks.equal("Online Retail: 135,080 without a customer", outcome.summary["dead_letters"]["missing_field"], 135_080)
    checks.equal("Online Retail: 4,372 customers", len(rows), 4372)
    checks.none("Online Retail: only who has bought has a segment", (
        f"{name} has segment `{row['segment_id']}` after purchases of {row['gross']}" for name, row in rows.items()
        if (row["segment_id"] == "") != (row["first_purchase"] == "")))
    first, second = rows["12346"], rows["16446"]
    checks.equal(
        "Online Retail: 12346 takes all back", [first[name] for name in ("orders", "gross", "refunded", "net")],
        ["1", "77183.60", "77183.60", "0.00"])
    checks.equal("Online Retail: 12346's decayed monetary", first["decayed_monetary"].lstrip("-"), "0.00")
    checks.equal("Online Retail: 16446 keeps 2.90", [second[name] for name in ("orders", "net")], ["2", "2.90"])


def check_random(checks, program, seed):
    """A log made at random in which everything happens that state must bear."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.json"
        path.write_text("".join(line + "\n" for line in random_lines(seed)))
        outcome = replay(program, [path])
        reference = Reference().take(logs.generated(path))
        lines = logs.text_of(path).split("\n")
        compare(checks, f"random log {seed}", outcome, reference, len(lines) - 1, lines, exact_days=False)
    checks.none(f"random log {seed}: is adversarial", [] if all((
        reference.duplicates > 50, reference.loose_named > 50, len(reference.dead) > 2,
        any(order.cancelled for customer in reference.customers.values() for order in customer.orders),
    )) else ["it holds too little to be worth replaying"])


def cents(text):
    """Hundredths of a decimal text."""
    return round(float(text) * 100)


def main():
    """Runs the checks."""
    checks, program = Checks(), program_of(sys.argv)
    check_cdnow(checks, program)
    for seed in (1, 2, 3):
        check_random(checks, program, seed)
    check_online_retail(checks, program)
    checks.finish()


if __name__ == "__main__":
    main()
