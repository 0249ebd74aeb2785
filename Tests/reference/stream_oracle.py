#!/usr/bin/env python3
"""Judges what `segmenter run` wrote for a group: input, changes, dead letters, state, models, committed offsets.

    Tests/reference/stream_oracle.py --bootstrap HOST:PORT --input TOPIC --group GROUP [OPTION…]

Reads under read_committed with kafka-python, so that nothing is shared with the program but the bytes.
Ends with 1 when anything is wrong; the last line is `N passed, N failed, N skipped`.
"""
import argparse
import sys
import time

sys.dont_write_bytecode = True
from checks import Checks
from stream_judge import judge
from stream_kafka import topics_of
from stream_topics import Settings


def arguments():
    """The options, read."""
    parser = argparse.ArgumentParser(description="Judges the topics of one group of `segmenter run`.")
    parser.add_argument("--bootstrap", required=True, help="bootstrap servers")
    parser.add_argument("--input", required=True, help="topic of purchase records")
    parser.add_argument("--group", required=True, help="the group that wrote the topics")
    parser.add_argument("--changes", help="topic of changes [segment-changes]")
    parser.add_argument("--dead-letters", help="topic of dead letters [<group>-dead-letters]")
    parser.add_argument("--currency", default="EUR", help="the input's currency [EUR]")
    parser.add_argument("--digits", type=int, default=2, help="digits of the currency [2]")
    parser.add_argument("--half-life-days", type=float, default=90.0, help="half-life of decayed values [90]")
    parser.add_argument("--transactions", type=int, default=8, help="window of transaction ids [8]")
    parser.add_argument("--orders", type=int, default=2, help="window of orders [2]")
    parser.add_argument(
        "--partitioned-by-customer", action="store_true", help="record keys are not the customer ids")
    parser.add_argument("--drained", action="store_true", help="the input must have been read to its end")
    parser.add_argument(
        "--torn", action="store_true", help="let a torn commit pass: a change or dead letter that comes twice byte by "
        "byte, a committed offset one commit behind the log's")
    parser.add_argument("--state-only", action="store_true", help="leave out changes and models")
    return parser.parse_args()


def main():
    """Reads and judges."""
    options = arguments()
    began = time.monotonic()
    topics = topics_of(options.bootstrap, options.input, options.group, options.changes, options.dead_letters)
    read = time.monotonic()
    settings = Settings(
        options.input, options.currency, options.digits, not options.partitioned_by_customer, options.half_life_days,
        options.transactions, options.orders, torn=options.torn, drained=options.drained)
    checks = Checks()
    for name, problems in judge(topics, settings):
        if options.state_only and name.startswith(("changes", "model")):
            continue
        checks.none(name, problems)
    print(
        f"        {len(topics.input)} records, {len(topics.changes)} changes, {len(topics.dead_letters)} dead letters, "
        f"{len(topics.state)} state records, {len(topics.model)} models; read in {read - began:.1f} s, judged in "
        f"{time.monotonic() - read:.1f} s")
    checks.equal("there is something to judge", bool(topics.input and (topics.state or topics.changes)), True)
    checks.finish()


if __name__ == "__main__":
    main()
