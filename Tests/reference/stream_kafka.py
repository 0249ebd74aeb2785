"""Reads the topics of a group from a broker under read_committed, with a client that is not librdkafka."""
import time

from stream_topics import Committed, Entry, Topics

# A broker that says nothing for so long says nothing any more.
SILENCE_S = 30


def topics_of(bootstrap, input_topic, group, changes=None, dead_letters=None):
    """Everything that there is now of one group, as plain values."""
    from kafka import KafkaConsumer
    common = {"bootstrap_servers": bootstrap, "isolation_level": "read_committed", "enable_auto_commit": False}
    # Only the committed offsets are asked for in the group's name; it is not joined.
    asker = KafkaConsumer(group_id=group, **common)
    reader = KafkaConsumer(
        group_id=None, auto_offset_reset="none", max_partition_fetch_bytes=16 << 20, fetch_max_bytes=64 << 20,
        check_crcs=False, max_poll_records=10_000, **common)
    try:
        names = {
            "state": f"{group}-state", "model": f"{group}-model", "changes": changes or "segment-changes",
            "dead_letters": dead_letters or f"{group}-dead-letters", "input": input_topic}
        ends = {name: reader.end_offsets(partitions(reader, topic)) for name, topic in names.items()}
        starts = reader.beginning_offsets(list(ends["input"]))
        committed = {place.partition: asker.committed(place, metadata=True) for place in ends["input"]}
        return Topics(
            **{name: entries(reader, ends[name]) for name in names},
            committed={
                number: Committed(found.offset, found.metadata)
                for number, found in committed.items() if found is not None},
            starts={place.partition: offset for place, offset in starts.items()},
            ends={place.partition: offset for place, offset in ends["input"].items()})
    finally:
        asker.close()
        reader.close()


def partitions(consumer, topic):
    """The partitions of a topic; none where there is no such topic."""
    from kafka import TopicPartition
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]


def entries(reader, ends):
    """All committed records below the ends, by partition and offset."""
    starts = reader.beginning_offsets(list(ends)) if ends else {}
    waiting = [place for place, end in ends.items() if starts[place] < end]
    reader.assign(waiting)
    for place in waiting:
        reader.seek(place, starts[place])
    found, heard = {place: [] for place in ends}, time.monotonic()
    while waiting:
        polled = reader.poll(timeout_ms=200)
        for place, records in polled.items():
            found[place] += (
                Entry(place.partition, record.offset, record.timestamp, record.key, record.value, list(record.headers))
                for record in records if record.offset < ends[place])
        # The position passes markers and aborted records, too.
        waiting = [place for place in waiting if reader.position(place) < ends[place]]
        if polled:
            heard = time.monotonic()
        elif time.monotonic() - heard > SILENCE_S:
            raise SystemExit(f"stream_oracle: {waiting} did not come to their ends within {SILENCE_S} s")
    return [entry for place in sorted(found) for entry in found[place]]
