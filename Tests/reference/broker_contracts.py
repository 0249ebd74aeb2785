#!/usr/bin/env python3
"""Validates by the contracts what tests have left on a broker: all records with headers of a change or dead letter.

    Tests/reference/broker_contracts.py --bootstrap HOST:PORT

Reads all topics under read_committed; the last line is `N passed, N failed, N skipped`.
"""
import argparse
import sys

sys.dont_write_bytecode = True
from checks import Checks
from contracts import change_problems, letter_problems
from stream_kafka import entries, partitions


def read(bootstrap):
    """(changes, dead letters) of all topics, each as (topic, entries)."""
    from kafka import KafkaConsumer
    reader = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, isolation_level="read_committed", enable_auto_commit=False,
        auto_offset_reset="none", check_crcs=False, max_poll_records=10_000)
    changes, letters = [], []
    try:
        for topic in sorted(reader.topics()):
            found = entries(reader, reader.end_offsets(partitions(reader, topic)))
            for kept, header in ((changes, "ce_type"), (letters, "segmenter.error.code")):
                of_topic = [entry for entry in found if entry.header(header) is not None]
                if of_topic:
                    kept.append((topic, of_topic))
    finally:
        reader.close()
    return changes, letters


def main():
    """Reads and judges."""
    parser = argparse.ArgumentParser(description="Validates changes and dead letters on a broker by their contracts.")
    parser.add_argument("--bootstrap", required=True, help="bootstrap servers")
    changes, letters = read(parser.parse_args().bootstrap)
    checks = Checks()
    for words, topics, problems in (("changes", changes, change_problems), ("dead letters", letters, letter_problems)):
        count = sum(len(found) for _, found in topics)
        checks.none(f"{count} {words} of {len(topics)} topics", [] if count else ["there are none"])
        checks.none(f"{words} are as their contract says", (
            f"{topic} {problem}" for topic, found in topics for problem in problems(found)))
    checks.finish()


if __name__ == "__main__":
    main()
