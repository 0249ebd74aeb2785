"""What an operator can do to topics and groups, and what scenarios need to judge a refusal."""
import json
import re
import sys
import time

from harness import TOP, Failed, wait_until

sys.path.insert(0, str(TOP / "Tests" / "reference"))
from stream_kafka import entries, partitions


def settled(bench, **settings):
    """An instance that has read everything there is and was stopped."""
    bench.feed()
    one = bench.instance("one", **settings)
    one.wait_words("fitted model")
    bench.drain()
    bench.check("it ends with 0 at SIGTERM", one.stop() == 0, one.words()[-300:])
    return one


def goes_on(bench, one, **options):
    """It starts, reads what comes, and the oracle has nothing to say."""
    if bench.feeder is None:
        bench.feed()
    if not one.is_alive:
        one.start(**options)
    bench.wait_progress()
    bench.drain()
    bench.judge()


def refuses(bench, one, code, *patterns, **options):
    """It ends by itself, with this code and words that match, and deletes nothing of the state log."""
    before = state_range(bench)
    if not one.is_alive:
        one.start(**options)
    found = one.wait_exit()
    words = one.words()
    bench.check(f"it ends with {code}", found == code, f"it ended with {found}: {words[-400:]}")
    for pattern in patterns:
        bench.check(f"it says `{pattern}`", re.search(pattern, words), words[-400:])
    # Other partitions may go on before the one that is refused is looked at: what grows may be swept and shortened.
    after = state_range(bench)
    same = all(after[number] == found for number, found in before.items() if after[number][1] == found[1])
    bench.check("nothing of the state log is deleted", same, f"{before}, {after}")


def state_range(bench):
    """Where every partition of the state log begins and ends."""
    return ranges(bench, f"{bench.group}-state")


def ranges(bench, topic):
    """Where every partition of a topic begins and ends: (first, behind the last)."""
    reader = consumer(bench)
    try:
        places = partitions(reader, topic)
        ends = reader.end_offsets(places)
        return {place.partition: (first, ends[place]) for place, first in reader.beginning_offsets(places).items()}
    finally:
        reader.close()


def records(bench, topic, isolation="read_committed"):
    """All records of a topic."""
    reader = consumer(bench, isolation)
    try:
        return entries(reader, reader.end_offsets(partitions(reader, topic)))
    finally:
        reader.close()


def consumer(bench, isolation="read_uncommitted"):
    """A reader of kafka-python that is in no group."""
    from kafka import KafkaConsumer
    return KafkaConsumer(
        bootstrap_servers=bench.cluster.bootstrap, group_id=None, auto_offset_reset="none", isolation_level=isolation,
        max_partition_fetch_bytes=16 << 20, check_crcs=False)


def producer(bench, **options):
    """A producer of kafka-python."""
    from kafka import KafkaProducer
    return KafkaProducer(bootstrap_servers=bench.cluster.bootstrap, max_request_size=4 << 20, **options)


def delete_before(bench, topic, offsets):
    """Deletes what lies before the offsets, by partition."""
    from kafka import TopicPartition
    bench.cluster.admin().delete_records({TopicPartition(topic, number): at for number, at in offsets.items()})


def alter_settings(bench, topic, **settings):
    """Changes settings of a topic, `_` for `.`."""
    from kafka.admin import ConfigResource, ConfigResourceType
    configs = {name.replace("_", "."): str(value) for name, value in settings.items()}
    bench.cluster.admin().alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs)])


def offsets(bench):
    """The group's offsets with their metadata, by partition."""
    found = bench.cluster.admin().list_group_offsets({bench.group: None})[bench.group]
    return {place.partition: value for place, value in found.items() if place.topic == bench.input}


def remove_members(bench):
    """Removes the instances from the group: being static, they do not leave when they end."""
    from kafka.admin import MemberToRemove
    names = {one.name for one in bench.instances}
    bench.cluster.admin().remove_group_members(bench.group, [MemberToRemove(group_instance_id=name) for name in names])


def set_offsets(bench, wanted):
    """Sets offsets (offset, metadata) of the group, by partition, after its members were removed."""
    from kafka import TopicPartition
    from kafka.structs import OffsetAndMetadata
    told = {
        TopicPartition(bench.input, number): OffsetAndMetadata(offset, metadata, -1)
        for number, (offset, metadata) in wanted.items()}
    remove_members(bench)
    def is_done():
        answer = bench.cluster.admin().alter_group_offsets(bench.group, told)
        return all(error.errno == 0 for error in answer.values())
    wait_until("the group is empty", is_done, timeout=40, pause=1)


def delete_group(bench):
    """Deletes the group with its offsets, after its members were removed."""
    remove_members(bench)
    def is_done():
        try:
            answer = bench.cluster.admin().delete_groups([bench.group])
        except Exception as error:  # The client raises what the broker refuses.
            if "NonEmpty" in type(error).__name__:
                return False
            raise
        return "NonEmpty" not in repr(answer)
    wait_until("the group is empty", is_done, timeout=40, pause=1)
    if offsets(bench):
        raise Failed("the group still has offsets")


def write_wide_rows(bench, customers=7_000, partition=1):
    """Purchases of so many customers with ids of 250 bytes, in one partition: their rows fill several state records."""
    writer = producer(bench, linger_ms=50)
    for number in range(customers):
        name = f"{bench.random.getrandbits(64):016x}-{number:-<233}"
        purchase = {"customer_id": name, "amount": "9.00", "timestamp": int(time.time() * 1_000)}
        writer.send(bench.input, json.dumps(purchase).encode(), name.encode(), partition=partition)
    writer.close()
