#!/usr/bin/env python3
"""Spoils the topics of a simulated group, one thing at a time, and looks whether the oracle reports each.

    Tests/reference/stream_oracle_selftest.py

Needs no program and no broker: the topics come from `stream_simulator`. What is not spoiled must pass.
"""
import copy
import json
import random
import sys
from collections import Counter
from dataclasses import replace

sys.dont_write_bytecode = True
from checks import Checks
from stream_judge import failures, judge
from stream_mutations import (
    aged, again, caused, commit, data, double, drop, header, input_of_cause, last_state, later, lose_change, member,
    model_number, moves, of, other_cell, plus, repeat_id, row, second_later, set_counter, set_number, set_purchases,
    stale, state, stray_change, swap_changes, swap_next, swap_partition, swap_state, uncite, unerased, unstated)
from stream_simulator import Simulation
from stream_state import COUNTERS, parsed, written
from stream_topics import Committed, Settings, by_partition

SETTINGS = Settings("transactions", drained=True)
SEEDS = (1, 2)

CHANGES = [
    ("changes: one is lost", lose_change), drop("changes", of("first_seen"), " that is the first"),
    drop("changes", lambda entry: entry.value is None, " tombstone"), double("changes"),
    ("changes: two are swapped", swap_changes), swap_partition("changes"), ("changes: a ce_id repeats", repeat_id),
    ("changes: a tombstone too many", stray_change), member("changes", "key", lambda key: key + b"0"),
    member("changes", "value", lambda value: value[:-1], moves),
    header("changes", "ce_id", lambda text: text[:-1] + str(int(text[-1]) + 1)), header("changes", "ce_type", "moved"),
    header("changes", "ce_subject", "nobody"), header("changes", "ce_time", later),
    header("changes", "ce_source", ""), header("changes", "ce_type", "moved", lambda entry: entry.value is None),
    header("changes", "ce_specversion", "0.3"), header("changes", "content-type", "text/plain"),
    data("sequence", plus(1)), data("sequence", plus(-1)), data("from.id", lambda name: name + "0"),
    data("from", lambda _: None), data("to.id", lambda name: f"s{int(name[1:]) % 5 + 1}"),
    data("to.name", lambda name: name + "!"), data("reason", lambda _: "elapsed", of("purchase"), " of purchase"),
    data("reason", lambda _: "refund", of("purchase"), " of purchase to refund"),
    data("reason", lambda _: "purchase", of("late_purchase"), " of late_purchase"),
    data("reason", lambda _: "purchase", of("elapsed"), " of elapsed"),
    data("effective_at", later), data("evaluated_at", second_later, aged), data("model.version", plus(1)),
    data("model.version", plus(-1)), data("model.generation", plus(1)), data("cause.offset", plus(1), caused),
    data("cause.offset", plus(-1), caused), data("cause.partition", lambda number: 1 - number, caused),
    data("cause.topic", lambda name: name + "0", caused), data("cause", lambda _: None, of("purchase"), " of purchase"),
    data("features", lambda values: [values[0] + 2e-6, *values[1:]]),
    data("features", lambda values: [*values[:2], values[2] - 2e-6], of("elapsed"), " of elapsed"),
    data("distance", plus(2e-6)), data("previous_distance", plus(2e-6)), data("margin", plus(0.001)),
    data("origin", lambda _: "replay"), data("rfm.recency_days", plus(2e-6)), data("rfm.frequency", plus(1)),
    data("rfm.monetary", lambda text: f"{float(text) + 0.01:.2f}"),
    data("rfm.average_order", lambda text: f"{float(text) + 0.02:.2f}"), data("rfm.decayed_frequency", plus(2e-6)),
    data("rfm.decayed_monetary", lambda text: f"{float(text) + 0.02:.2f}"), data("rfm.currency", lambda _: "USD"),
    data("rfm.score", lambda text: text[:2] + str(int(text[2]) % 5 + 1)), ("changes: rfm.cell is off", other_cell),
    data("rfm.frequency", plus(1), of("first_seen"), " of first_seen"), data("features", lambda _: []),
    data("rfm", lambda _: {}), data("cause", lambda _: {}, caused, ", empty"), data("evaluated_at", lambda _: "now"),
    data("distance", lambda _: None), data("features", lambda _: None, words=", null"),
]
LETTERS = [
    drop("dead_letters"), double("dead_letters"), swap_partition("dead_letters"),
    header("dead_letters", "segmenter.error.code", "too_large"), header("dead_letters", "segmenter.error.topic", "x"),
    header("dead_letters", "segmenter.error.offset", lambda text: str(int(text) + 1)),
    header("dead_letters", "segmenter.error.partition", lambda text: str(1 - int(text))),
    header("dead_letters", "segmenter.error.timestamp", lambda text: str(int(text) + 1)),
    header("dead_letters", "segmenter.error.message", ""), header("dead_letters", "trace", "0x"),
    member("dead_letters", "key", lambda key: (key or b"") + b"0"),
    member("dead_letters", "value", lambda value: value + b" ", lambda entry: entry.value is not None),
]
STATE = [
    drop("state"), drop("state", lambda entry: parsed(entry.value).tail is None, " part"),
    drop("state", lambda entry: parsed(entry.value).tail is not None, " last part"), double("state"),
    ("state: two are swapped", swap_state), ("state: a row is stale", stale),
    ("state: a row was never stated", unstated), ("state: an erased row is not given free", unerased),
    swap_partition("state"),
    member("state", "value", lambda value: value[:-1]), member("state", "value", lambda value: value + b"\0"),
    member("state", "value", lambda value: b"\2" + value[1:]), member("state", "value", lambda value: None),
    state("sequence is off", set_number("sequence", 1)), state("fingerprint is off", set_number("fingerprint", 1)),
    state("part is off", set_number("part", 1), lambda record: record.parts > record.part + 2),
    state("walk goes back", set_number("walk", -1), lambda record: record.walk > 0 and record.part),
    *(state(f"a row's {name} is off for a moment", lambda record, name=name: set_number(name, 1)(record.rows[0]),
            lambda record: record.rows and record.sequence < 9) for name in ("orders", "gross", "refunded")),
    state("a counter is off for a moment", set_counter("records"), lambda record: record.tail is not None),
    state("offset goes ahead", set_number("offset", 10**6), lambda record: record.sequence == 5),
    state("parts of one commit disagree", set_number("offset", 1), lambda record: record.tail is None),
    last_state("offset is off by 1", set_number("offset", 1)),
    last_state("offset is off by -1", set_number("offset", -1)),
    last_state("a walk too many has passed", set_number("walk", 2)),
    last_state("the clock is behind", lambda record: setattr(record.tail, "now", record.tail.now - 10**9)),
    last_state("rows are fewer", lambda record: setattr(record.tail, "row_count", record.tail.row_count - 5)),
    last_state("a count is off", lambda record: record.tail.counts.insert(0, record.tail.counts.pop(0) + 1)),
    last_state("a sum is off", lambda record: record.tail.sums[0].insert(0, record.tail.sums[0].pop(0) - 1)),
    *(last_state(f"{name} is off", set_counter(name)) for name in COUNTERS if name != "outside_window"),
    *(row(f"{name} is off by {step}", set_number(name, step)) for name, step in (
        ("orders", 1), ("orders", -1), ("gross", 1), ("gross", -1), ("refunded", 1), ("birth", 1), ("sequence", 1),
        ("sequence", -1), ("monetary", 1e-3))),
    *(row(f"{name} is off by {step}", set_purchases(name, step)) for name, step in (
        ("last", 1), ("last", -1), ("first", 1), ("frequency", 1e-6), ("first_day_spend", 1))),
    row("segment is off", lambda found: setattr(found, "segment", (found.segment[0] + 1, found.segment[1]))),
    row("since is off", lambda found: setattr(found, "segment", (found.segment[0], found.segment[1] + 1))),
    row("left segment is off", lambda found: setattr(found, "left", (found.left[0] + 1, found.left[1])),
        lambda found: found.left is not None),
    row("left segment is lost", lambda found: setattr(found, "left", None), lambda found: found.left is not None),
    row("contribution is lost", lambda found: setattr(found, "contribution", None),
        lambda found: found.contribution is not None and found.contribution[1] == 2),
    row("id is off", lambda found: setattr(found, "id", found.id + b"0")),
]
OTHERS = [
    drop("input"), input_of_cause("a cause is lost", lambda entries, place: entries.pop(place)),
    input_of_cause("a cause is swapped with a record of another", swap_next), input_of_cause("one comes again", again),
    commit("offset is off by 1", lambda found: Committed(found.offset + 1, found.metadata)),
    commit("offset is off by -1", lambda found: Committed(found.offset - 1, found.metadata)),
    commit("offset is 0", lambda found: Committed(0, found.metadata)),
    commit("sequence is off", lambda found: Committed(found.offset, f"segmenter:{int(found.metadata[10:]) + 1}")),
    commit("no metadata", lambda found: Committed(found.offset, "")),
    ("committed: nothing", lambda topics, source: topics.committed.pop(source.randrange(2))),
    ("model: one that is cited is lost", uncite), model_number(0, 1e-4), model_number(2, -1e-4),
    ("model: one is written late", lambda topics, _: setattr(
        topics.model[0], "timestamp", topics.model[0].timestamp + 3_600_000)),
    ("model: two are swapped", lambda topics, _: topics.model.insert(0, topics.model.pop())),
    member("model", "key", lambda key: key + b"0"), member("model", "value", lambda value: value[:-1]),
]
# On topics without erasures: an erased customer may still be one of those who set the clock.
CLOCK = [
    last_state("the clock forgets a customer", lambda record: record.tail.clock_customers.pop()),
    last_state("the clock holds another time", lambda record: record.tail.clock_customers.append(
        (record.tail.clock_customers.pop()[0] + 1, 0))),
]


def harmless(topics):
    """What must not be reported: the log's begin cut off behind two walks, the current model once more."""
    for number, entries in by_partition(topics.state).items():
        walk = parsed(entries[-1].value).walk - 1
        first = next(entry for entry in entries if parsed(entry.value).walk >= walk)
        begin = first.offset - parsed(first.value).part
        topics.state[:] = [
            entry for entry in topics.state if entry.partition != number or entry.offset >= begin]
    again_model = copy.deepcopy(topics.model[-1])
    again_model.offset += 1
    again_model.timestamp += 86_400_000
    topics.model.append(again_model)


def check_simulated(checks, seed, topics):
    """The simulated topics hold enough to be worth spoiling, and pass; their state is written as it is read."""
    reasons = Counter(json.loads(entry.value)["reason"] for entry in topics.changes if entry.value is not None)
    least = {"first_seen": 20, "purchase": 20, "elapsed": 5, "model_changed": 3, "late_purchase": 1, "refund": 1}
    checks.none(f"seed {seed}: changes of every reason", (
        f"{reasons[name]} of {name}, {count} are wanted" for name, count in least.items() if reasons[name] < count))
    checks.none(f"seed {seed}: nothing spoiled, nothing found", failures(topics, SETTINGS))
    checks.none(f"seed {seed}: state is written as it is read", (
        entry.where for entry in topics.state if written(parsed(entry.value)) != entry.value))
    cut = copied(topics)
    harmless(cut)
    checks.equal(f"seed {seed}: a log cut at the front is shorter", len(cut.state) < len(topics.state), True)
    checks.none(f"seed {seed}: a log cut at the front, a model repeated: nothing found", failures(cut, SETTINGS))


def copied(topics):
    """Topics whose lists and entries can be changed; what is inside an entry is replaced, not changed."""
    lists = {
        name: [copy.copy(entry) for entry in getattr(topics, name)]
        for name in ("input", "changes", "dead_letters", "state", "model")}
    return replace(topics, **lists, committed=dict(topics.committed))


def check_spoiled(checks, spoilers, simulated):
    """Each way to spoil topics is noticed on all of them."""
    for name, spoil in spoilers:
        unnoticed = []
        for seed, topics in simulated.items():
            spoiled = copied(topics)
            spoil(spoiled, random.Random(f"{name} {seed}"))
            if next((problem for _, problems in judge(spoiled, SETTINGS) for problem in problems), None) is None:
                unnoticed.append(f"nobody noticed it with the seed {seed}")
        checks.none(f"{name}: found", unnoticed)


def main():
    """Spoils everything."""
    checks = Checks()
    simulated = {seed: Simulation(SETTINGS, seed).run() for seed in SEEDS}
    for seed, topics in simulated.items():
        check_simulated(checks, seed, topics)
    check_spoiled(checks, CHANGES + LETTERS + STATE + OTHERS, simulated)
    check_spoiled(checks, CLOCK, {seed: Simulation(SETTINGS, seed, erasures=0).run() for seed in SEEDS})
    checks.finish()


if __name__ == "__main__":
    main()
