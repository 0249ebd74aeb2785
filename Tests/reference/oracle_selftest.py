#!/usr/bin/env python3
"""Spoils what a replay wrote, one thing at a time, and looks whether the checks notice each.

    Tests/reference/oracle_selftest.py [--program PATH]

A check that lets a spoiled output pass proves nothing about a good one.
"""
import copy
import random
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import logs
from change_oracle import by_number, change_problems
from checks import Checks, program_of, replay
from customer_oracle import customer_problems, dead_letter_problems, summary_problems
from model_oracle import assignment_problems, model_problems
from random_log import random_lines
from rfm import Reference


class Replay:
    """One replay, what the reference makes of its input, and every check on it."""

    def __init__(self, program, path):
        self.outcome = replay(program, [path])
        self.lines = logs.text_of(path).split("\n")
        self.reference = Reference().take(logs.generated(path))
        self.records = by_number(logs.generated(path))

    def problems(self, outcome):
        """All that the checks find."""
        yield from summary_problems(outcome.summary, self.reference, len(self.lines) - 1)
        yield from customer_problems(outcome.customers, self.reference, exact_days=False)
        yield from dead_letter_problems(outcome.dead_letters, self.reference, self.lines)
        yield from change_problems(
            outcome.changes, outcome.customers, outcome.summary, outcome.model, self.records)
        yield from model_problems(outcome.model, outcome.customers)
        yield from assignment_problems(outcome.changes, outcome.customers, outcome.model)


def settled(outcome, source, reason=None):
    """The place of a change that is not a customer's first; with the reason, if one is named."""
    return source.choice([
        place for place, change in enumerate(outcome.changes)
        if change["data"]["from"] and reason in (None, change["data"]["reason"])])


def bought(outcome, source):
    """A customer's row with a segment."""
    return source.choice([row for row in outcome.customers if row["segment_id"]])


def drop(name):
    """Takes away one entry of a list."""
    def spoil(outcome, source):
        entries = getattr(outcome, name)
        del entries[source.randrange(len(entries))]
    return f"{name}: one is dropped", spoil


def double(name):
    """Puts one entry of a list twice."""
    def spoil(outcome, source):
        entries = getattr(outcome, name)
        place = source.randrange(len(entries))
        entries.insert(place, copy.deepcopy(entries[place]))
    return f"{name}: one is doubled", spoil


def swap(outcome, source):
    """Two changes of one customer in the other order."""
    place = settled(outcome, source)
    customer = outcome.changes[place]["data"]["customer_id"]
    before = max(n for n in range(place) if outcome.changes[n]["data"]["customer_id"] == customer)
    outcome.changes[place], outcome.changes[before] = outcome.changes[before], outcome.changes[place]


def swap_rows(outcome, source):
    """Two customers in the other order."""
    place = source.randrange(1, len(outcome.customers))
    rows = outcome.customers
    rows[place], rows[place - 1] = rows[place - 1], rows[place]


def row(column, change):
    """A customer's column is changed."""
    def spoil(outcome, source):
        chosen = bought(outcome, source)
        before = chosen[column]
        chosen[column] = change(before)
        assert chosen[column] != before
    return f"customers: {column} is off", spoil


def data(name, change, reason=None):
    """A member of a change's data is changed."""
    def spoil(outcome, source):
        members = outcome.changes[settled(outcome, source, reason)]["data"]
        members[name] = change(members[name])
    return f"changes: {name} is off" + (f" of {reason}" if reason else ""), spoil


def envelope(name, value):
    """A member of the CloudEvent is changed."""
    def spoil(outcome, source):
        outcome.changes[settled(outcome, source)][name] = value
    return f"changes: {name} is `{value}`", spoil


def letter(name, change):
    """A member of a dead letter is changed."""
    def spoil(outcome, source):
        chosen = source.choice(outcome.dead_letters)
        chosen[name] = change(chosen[name])
    return f"dead letters: {name} is off", spoil


def count(*path):
    """A count of the summary or of the model is one too high."""
    def spoil(outcome, _):
        place = getattr(outcome, path[0])
        for step in path[1:-1]:
            place = place[step]
        place[path[-1]] += 1
    return " ".join(map(str, path)) + " is one too high", spoil


def centroid(outcome, source):
    """A centroid stands elsewhere."""
    source.choice([s for s in outcome.model["segments"] if s["customers"] > 10])["centroid"][0] += 0.2


def plus(step, digits):
    """A number as text, a step further."""
    return lambda text: f"{float(text) + step:.{digits}f}"


def later(text):
    """A time one millisecond on."""
    return f"{text[:-4]}{(int(text[-4:-1]) + 1) % 1000:03d}Z"


SPOILED = [
    drop("changes"), drop("customers"), drop("dead_letters"), double("changes"), double("customers"),
    double("dead_letters"), ("changes: two are swapped", swap), ("customers: two are swapped", swap_rows),
    row("orders", lambda text: str(int(text) + 1)), row("gross", plus(0.01, 2)), row("refunded", plus(0.01, 2)),
    row("net", plus(0.01, 2)), row("first_purchase", later), row("last_purchase", later),
    row("recency_days", plus(2e-9, 9)), row("decayed_frequency", plus(1e-9, 12)),
    row("decayed_monetary", plus(0.02, 2)), row("average_order", plus(0.02, 2)), row("first_day_spend", plus(0.01, 2)),
    row("segment_id", lambda text: text + "0"), row("segment", lambda text: text + "!"), row("since", later),
    row("r", lambda text: str(int(text) % 5 + 1)), row("f", lambda text: str(int(text) % 5 + 1)),
    row("m", lambda text: str(int(text) % 5 + 1)), row("cell", lambda text: "Lost" if text != "Lost" else "New"),
    row("z_recency", plus(1e-5, 9)), row("z_frequency", plus(1e-5, 9)), row("z_average_order", plus(-1e-3, 9)),
    data("sequence", lambda n: n + 1), data("from", lambda s: {"id": s["id"] + "0", "name": s["name"]}),
    data("to", lambda s: {"id": s["id"], "name": s["name"] + "!"}), data("from", lambda s: None),
    data("reason", lambda r: "elapsed", "purchase"), data("reason", lambda r: "late_purchase", "purchase"),
    data("reason", lambda r: "refund", "purchase"), data("reason", lambda r: "purchase", "elapsed"),
    data("reason", lambda r: "first_seen", "elapsed"), data("effective_at", later), data("margin", lambda m: m + 0.01),
    data("distance", lambda d: d + 0.01), data("previous_distance", lambda d: d + 0.01),
    data("cause", lambda c: {**c, "offset": c["offset"] + 1}, "purchase"), data("cause", lambda c: None, "purchase"),
    data("origin", lambda o: "live"), data("model", lambda m: {**m, "generation": 0}),
    envelope("specversion", "0.3"), envelope("id", "0-0-1"), envelope("subject", "nobody"), envelope("source", ""),
    envelope("type", "segmenter.customer.moved.v2"), envelope("time", "2020-01-01T00:00:00.000Z"),
    letter("code", lambda code: "too_large"), letter("line", lambda line: line + 1),
    letter("value", lambda value: value + "x"), letter("message", lambda message: ""),
    count("summary", "records_read"), count("summary", "applied"), count("summary", "duplicates"),
    count("summary", "customers"), count("summary", "changes", "purchase"), count("summary", "changes", "elapsed"),
    count("summary", "dead_letters", "malformed"), count("summary", "segments", 0, "customers"),
    count("model", "segments", 0, "customers"), ("model: a centroid is moved", centroid),
]


def main():
    """Spoils every output."""
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.json"
        path.write_text("".join(line + "\n" for line in random_lines(5, events=8000)))
        whole = Replay(program_of(sys.argv), path)
    checks.none("nothing spoiled: nothing found", whole.problems(whole.outcome))
    for name, spoil in SPOILED:
        spoiled = copy.deepcopy(whole.outcome)
        spoil(spoiled, random.Random(name))
        found = next(iter(whole.problems(spoiled)), None)
        checks.none(f"{name}: found", [] if found else ["no check noticed it"])
    checks.finish()


if __name__ == "__main__":
    main()
