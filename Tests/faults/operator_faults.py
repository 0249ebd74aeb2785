"""What happens to topics and groups while nobody looks: deleted, altered, set by hand, not allowed."""
import json
import time

from harness import scenario
from operating import (
    alter_settings, delete_before, delete_group, goes_on, offsets, producer, ranges, records, refuses, set_offsets,
    settled, state_range)

RESET = "segmenter reset"
WEEK_MS = 7 * 86_400_000


@scenario()
def input_expired(bench):
    """Retention up to the committed offset costs nothing; beyond it, before a start or behind one, is refused (81)."""
    one = settled(bench)
    committed = bench.cluster.committed(bench.group, bench.input)
    delete_before(bench, bench.input, committed)
    one.start()
    one.wait_words("restored 4 partitions")
    bench.generate(events=2_000, customers=500).wait()
    bench.drain()
    one.stop()
    bench.generate(events=2_000, customers=500).wait()
    committed = bench.cluster.committed(bench.group, bench.input)
    one.start(failpoint="restore.compared:delay", delay_ms=4_000)
    one.wait_words("failpoint restore.compared")
    delete_before(bench, bench.input, {1: committed[1] + 2})
    refuses(bench, one, 81, "delete")
    refuses(bench, one, 81, f"partition 1 goes on at offset {committed[1]}", "deleted before they were read", RESET)
    bench.judge(drained=False)


@scenario()
def input_truncated(bench):
    """An input that ends below the committed offset, because it was made anew or cut off, is refused (81)."""
    one = settled(bench)
    before = offsets(bench)
    bench.cluster.admin().delete_topics([bench.input])
    time.sleep(1)
    bench.cluster.make_topic(bench.input, bench.partitions)
    bench.generate(events=40, customers=10).wait()
    refuses(bench, one, 81, "goes on at offset", "lost", RESET)
    set_offsets(bench, {number: (value.offset, value.metadata) for number, value in before.items()})
    refuses(bench, one, 81, "goes on at offset", "lost", RESET)


@scenario()
def partition_count_changed(bench):
    """One partition more than the state was made for is refused (81), while it runs and at a start."""
    other = f"{bench.group}-other"
    bench.cluster.make_topic(f"{other}-state", 3, retention_ms=-1)
    one = bench.instance("two", starts=False, group=other)
    refuses(bench, one, 81, f"`{other}-state`", "has 3 partitions, the input has 4", RESET)
    one = settled(bench)
    bench.feed()
    one.start(kafka__topic__metadata__refresh__interval__ms=500)
    bench.wait_progress()
    bench.end_feeding()
    bench.cluster.admin().create_partitions({bench.input: 5})
    code = one.wait_exit()
    bench.check("the running one ends with 81", code == 81, f"it ended with {code}: {one.words()[-400:]}")
    bench.check("it says why", "has a partition 4 now" in one.words(), one.words()[-400:])
    refuses(bench, one, 81, "has 4 partitions, the input has 5", RESET)


@scenario()
def state_settings_wrong(bench):
    """A state log that retention or compaction would eat is refused (78) with the command; put right, it goes on."""
    one = settled(bench)
    topic = f"{bench.group}-state"
    right = {"retention_ms": -1, "retention_bytes": -1, "cleanup_policy": "delete"}
    for name, wrong in (("retention_ms", WEEK_MS), ("retention_bytes", 1 << 30), ("cleanup_policy", "compact,delete")):
        alter_settings(bench, topic, **{name: wrong})
        name = name.replace("_", ".")
        refuses(bench, one, 78, f"`{topic}`", f"`{name}` is `{wrong}`", "kafka-configs.sh .*--alter .*--add-config")
        alter_settings(bench, topic, **right)
    goes_on(bench, one)


@scenario()
def offsets_reset(bench):
    """Offsets moved by hand are refused (81); put back it goes on; deleted, the log wins; an emptied log is refused."""
    one = settled(bench)
    right = {number: (value.offset, value.metadata) for number, value in offsets(bench).items()}
    offset, metadata = right[2]
    for wrong, words in (
            ((offset - 10, ""), f"was set to {offset - 10} by hand"),
            ((0, ""), "was set to 0 by hand"),
            ((offset - 10, "other:7"), f"was set to {offset - 10} by hand"),
            ((offset + 10, ""), f"has committed offset {offset + 10}, but the state .* ends at {offset}"),
            ((offset + 10, metadata), f"has committed offset {offset + 10}, but the state .* ends at {offset}")):
        set_offsets(bench, {2: wrong})
        refuses(bench, one, 81, words, f"partition 2 of `{bench.input}`", RESET)
    set_offsets(bench, right)
    goes_on(bench, one)
    delete_group(bench)
    goes_on(bench, one)
    delete_before(bench, f"{bench.group}-state", {2: state_range(bench)[2][1]})
    refuses(bench, one, 81, "holds no state: it was lost", RESET)


@scenario()
def quiet_transactional_partition(bench):
    """A partition that ends in a marker, all of which has expired, goes on; so does one that begins with an abort."""
    writer = producer(bench, transactional_id=f"{bench.group}-shop")
    writer.init_transactions()
    def buy(number, ends_well=True):
        writer.begin_transaction()
        for each in range(number):
            name = f"quiet{each}"
            purchase = {"customer_id": name, "amount": "5.00", "timestamp": int(time.time() * 1_000)}
            writer.send(bench.input, json.dumps(purchase).encode(), name.encode(), partition=3)
        writer.commit_transaction() if ends_well else writer.abort_transaction()
    one = settled(bench)
    buy(20)
    one.start()
    bench.drain()
    one.stop()
    end = bench.cluster.ends(bench.input)[3]
    bench.check("the end offset itself is committed", bench.cluster.committed(bench.group, bench.input)[3] == end)
    delete_before(bench, bench.input, {3: end})
    bench.check("all of the partition has expired", ranges(bench, bench.input)[3] == (end, end))
    one.start()
    one.wait_words("restored 4 partitions")
    time.sleep(1)
    buy(7, ends_well=False)
    buy(5)
    goes_on(bench, one)
    writer.close()


@scenario(cluster="odd")
def dead_letters_refused(bench):
    """Without the right to write dead letters it ends with 77 and names the topic; with it nothing was lost."""
    from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType
    letters = f"{bench.group}-dead-letters"
    bench.cluster.make_topic(letters, bench.partitions, max_message_bytes=2_097_152)
    def allow(operation, kind, name):
        rule = ACL("User:segmenter", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name))
        bench.cluster.admin().create_acls([rule])
    allow(ACLOperation.CREATE, ResourceType.CLUSTER, "kafka-cluster")
    allow(ACLOperation.IDEMPOTENT_WRITE, ResourceType.CLUSTER, "kafka-cluster")
    for topic in [bench.input, bench.changes, *(f"{bench.group}-{each}" for each in ("state", "stats", "model"))]:
        allow(ACLOperation.ALL, ResourceType.TOPIC, topic)
    for operation in (ACLOperation.DESCRIBE, ACLOperation.DESCRIBE_CONFIGS):
        allow(operation, ResourceType.TOPIC, letters)
    allow(ACLOperation.ALL, ResourceType.GROUP, bench.group)
    allow(ACLOperation.ALL, ResourceType.TRANSACTIONAL_ID, f"{bench.group}-one")
    bench.feed()
    one = bench.instance(
        "one", starts=False, kafka__bootstrap__servers=bench.cluster.secured, kafka__security__protocol="SASL_SSL",
        kafka__sasl__mechanisms="PLAIN", kafka__sasl__username="segmenter", kafka__sasl__password="secret",
        kafka__ssl__ca__location=bench.cluster.folder / "ca.pem")
    one.start()
    code = one.wait_exit()
    bench.check("it ends with 77", code == 77, f"it ended with {code}: {one.words()[-400:]}")
    bench.check("it names the topic", letters in one.words(), one.words()[-400:])
    bench.check("it says what to ask for", "kafka-acls.sh" in one.words(), one.words()[-400:])
    allow(ACLOperation.WRITE, ResourceType.TOPIC, letters)
    one.start()
    one.wait_words("fitted model")
    goes_on(bench, one)


@scenario()
def large_records(bench):
    """Records of 1 MiB are read; what cannot be used goes to the dead letters cut, with its headers; all goes on."""
    alter_settings(bench, bench.input, max_message_bytes=4 << 20)
    writer = producer(bench)
    def write(name, size, tail, headers=(), key=None):
        start = f'{{"customer_id":"{name}","amount":"7.00","timestamp":{int(time.time() * 1_000)},"note":"'.encode()
        value = start + b"x" * (size - len(start) - len(tail)) + tail
        writer.send(bench.input, value, key or name.encode(), headers=list(headers), partition=1).get(20)
    mebibyte = 1 << 20
    one = bench.instance("one")
    write("whole", mebibyte, b'"}')
    write("broken", mebibyte, b'"')
    write("over", mebibyte + 1, b'"}')
    write("labelled", 600_000, b'"', [("trace", b"t" * 400_000)])
    write("overlabelled", 530_000, b'"', [("trace", b"t" * 530_000)])
    # With all of its headers no producer would send it.
    write("mostly-labels", mebibyte, b'"', [("trace", b"t" * 2_500_000)])
    write("mostly-key", 600, b'"', key=b"k" * 2_500_000)
    writer.close()
    bench.feed()
    one.wait_words("fitted model")
    bench.wait_progress()
    bench.drain()
    bench.judge()
    letters = records(bench, f"{bench.group}-dead-letters")
    # One that has lost its key is known by its value; the generator writes some without a key, too.
    codes = {
        letter.key or (letter.value or b"")[16:26]: letter.header("segmenter.error.code") for letter in letters}
    for name, code in (
            (b"whole", None), (b"broken", "malformed"), (b"over", "too_large"), (b"labelled", "malformed"),
            (b"overlabelled", "malformed"), (b"mostly-labels", "malformed"), (b"mostly-key", "malformed")):
        bench.check(f"{name.decode()} is {code}", codes.get(name) == code, f"it is {codes.get(name)}")
