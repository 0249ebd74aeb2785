#!/usr/bin/env python3
"""Writes a simulated group's topics to a broker, with transactions that end in every way, and judges what is read.

    Tests/reference/check_stream_reader.py

The broker is the one in SEGMENTER_TEST_KAFKA; without it everything is skipped.
"""
import copy
import importlib.util
import os
import sys
import time

sys.dont_write_bytecode = True
from checks import Checks
from stream_judge import failures
from stream_kafka import topics_of
from stream_simulator import PARTITIONS, Simulation
from stream_topics import Settings, by_partition

# Kept for ever, and as old or as new as the simulation says.
LASTING = {"retention.ms": "-1", "message.timestamp.after.max.ms": str(2**63 - 1)}


class Broker:
    """Writes entries in transactions of one producer."""

    def __init__(self, bootstrap, name):
        from kafka import KafkaProducer
        self.bootstrap = bootstrap
        self.producer = KafkaProducer(
            bootstrap_servers=bootstrap, transactional_id=name, compression_type="lz4", acks="all",
            max_request_size=4 << 20)
        self.producer.init_transactions()

    def create(self, topics):
        """Makes topics, given as (name, partitions)."""
        from kafka.admin import KafkaAdminClient, NewTopic
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        admin.create_topics([NewTopic(name, count, 1, topic_configs=LASTING) for name, count in topics])
        admin.close()

    def send(self, topic, entries):
        """Writes entries into the open transaction."""
        for entry in entries:
            self.producer.send(
                topic, key=entry.key, value=entry.value, headers=entry.headers, partition=entry.partition,
                timestamp_ms=entry.timestamp)

    def write(self, topic, entries, ends="commit"):
        """One transaction that is committed, aborted or left open."""
        self.producer.begin_transaction()
        self.send(topic, entries)
        self.producer.flush()
        if ends == "commit":
            self.producer.commit_transaction()
        elif ends == "abort":
            self.producer.abort_transaction()

    def commit_offsets(self, group, topic, committed):
        """The group's offsets, as the daemon commits them."""
        from kafka import TopicPartition
        from kafka.structs import OffsetAndMetadata
        self.producer.begin_transaction()
        self.producer.send_offsets_to_transaction({
            TopicPartition(topic, number): OffsetAndMetadata(found.offset, found.metadata, -1)
            for number, found in committed.items()}, group)
        self.producer.commit_transaction()


def runs(entries):
    """Entries without a gap between their offsets: the marker that ends a transaction takes one offset."""
    run = []
    for entry in entries:
        if run and entry.offset != run[-1].offset + 1:
            yield run
            run = []
        run.append(entry)
    yield run


def write_all(broker, group, topics):
    """Every topic; between the records lie aborted ones and markers."""
    names = {
        "state": f"{group}-state", "changes": f"{group}-changes", "dead_letters": f"{group}-dead-letters",
        "model": f"{group}-model"}
    broker.create([(name, 1 if topic == "model" else PARTITIONS) for topic, name in names.items()])
    broker.create([(f"{group}-input", PARTITIONS)])
    for entries in by_partition(topics.input).values():
        for run in runs(entries):
            broker.write(f"{group}-input", run)
    for topic, name in names.items():
        entries = getattr(topics, topic)
        third = len(entries) // 3
        broker.write(name, entries[:third])
        broker.write(name, entries[third:third + 3], ends="abort")
        broker.write(name, entries[third:])
    broker.commit_offsets(group, f"{group}-input", topics.committed)
    broker.write(names["changes"], topics.changes[:2], ends="open")


def contents(entries):
    """What entries hold, without their offsets."""
    return [(entry.partition, entry.timestamp, entry.key, entry.value, entry.headers) for entry in entries]


def check(checks, bootstrap, group, topics, settings):
    """Writes, reads and judges."""
    broker = Broker(bootstrap, group)
    write_all(broker, group, topics)
    read = topics_of(bootstrap, f"{group}-input", group, f"{group}-changes")
    checks.equal("input: the same records at the same offsets", read.input, topics.input)
    for name in ("changes", "dead_letters", "state", "model"):
        checks.equal(f"{name}: what was committed, and nothing else", contents(getattr(read, name)), contents(
            getattr(topics, name)))
    checks.equal("committed offsets and metadata", read.committed, topics.committed)
    checks.none("what was read passes", failures(read, settings))
    for number in read.ends:
        spoiled = copy.copy(read)
        spoiled.committed = {**read.committed, number: copy.copy(read.committed[number])}
        spoiled.committed[number].offset += 1
        checks.equal(f"an offset too high in partition {number} is found", bool(failures(spoiled, settings)), True)
    broker.producer.abort_transaction()
    broker.producer.close()


def main():
    """Runs the checks."""
    checks, bootstrap = Checks(), os.environ.get("SEGMENTER_TEST_KAFKA")
    group = f"reader-{os.getpid()}-{int(time.time())}"
    settings = Settings(f"{group}-input")
    topics = Simulation(settings, seed=7).run()
    checks.none("what will be written passes", failures(topics, settings))
    # Where a log begins with a gap, it cannot be written with the same offsets.
    first = {entries[0].offset for entries in by_partition(topics.input).values()}
    checks.equal("what will be written begins at 0", first, {0})
    if bootstrap is None:
        checks.skip("reading from a broker", "there is none; set SEGMENTER_TEST_KAFKA")
    elif importlib.util.find_spec("kafka") is None:
        checks.skip("reading from a broker", "no kafka-python; pip install -r Tests/reference/requirements.txt")
    else:
        check(checks, bootstrap, group, topics, settings)
    checks.finish()


if __name__ == "__main__":
    main()
