"""Faults of the state log: torn, shortened while it is read, read for too long, written by a newer program."""
import re
import sys
import time

from harness import TOP, Failed, scenario, wait_until
from operating import (
    delete_before, goes_on, offsets, producer, records, refuses, set_offsets, settled, state_range, write_wide_rows)
from proxy import DELETE_RECORDS, END_TXN, FETCH

sys.path.insert(0, str(TOP / "Tests" / "reference"))
from stream_state import parsed, written

BUSY = {"sweep__period": "2s", "commit__interval_ms": 50}


def state_log(bench, isolation="read_committed"):
    """The records of the state log as (entry, record)."""
    return [(entry, parsed(entry.value)) for entry in records(bench, f"{bench.group}-state", isolation)]


@scenario()
def torn_offset(bench):
    """The log has a commit whose offset the group has not, with our own metadata: the log wins, nothing comes twice."""
    # Walks as long as they are by default: nothing is deleted meanwhile.
    one = settled(bench)
    found = {}
    for entry, record in state_log(bench):
        found.setdefault(entry.partition, []).append(record)
    last = {number: of_it[-1] for number, of_it in found.items()}
    torn = {
        number: [record for record in of_it if record.offset < last[number].offset] for number, of_it in found.items()}
    number = max(torn, key=lambda each: len(torn[each]))
    if not torn[number]:
        raise Failed("every partition was read in one commit")
    earlier = torn[number][-1]
    set_offsets(bench, {number: (earlier.offset, f"segmenter:{earlier.sequence}")})
    one.start()
    one.wait_words("restored 4 partitions")
    goes_on(bench, one)
    return f"partition {number} at {earlier.offset} of {last[number].offset}"


@scenario(cluster="odd")
def torn_between_partitions(bench):
    """A commit of unknown outcome that the log has of some partitions only is sent again where it is absent."""
    proxy = bench.cluster.proxy()
    bench.feed()
    one = bench.instance("one", starts=False, kafka__bootstrap__servers=bench.cluster.proxied, **BUSY)
    # Time enough to read all topics on a machine that does much else.
    one.start(failpoint="resolve.taken-over:delay", delay_ms=15_000)
    one.wait_words("fitted model")
    bench.wait_progress()
    # What the commit is asked for never arrives, so the new producer ends the transaction without it.
    rule = proxy.add(END_TXN, "request", "lose", spare=bench.random.randrange(2, 9))
    wait_until("a commit is lost", lambda: rule.used)
    one.wait_words("failpoint resolve.taken-over")
    missing = aborted(bench, f"{bench.group}-state")
    if len({entry.partition for entry in missing}) < 2:
        raise Failed(f"the lost commit is of {len(missing)} partitions")
    chosen = {missing[0].partition}
    # As if the broker had kept these partitions' part of it: state, changes and dead letters, but no offset.
    copied = [(f"{bench.group}-state", entry) for entry in missing]
    for topic in (bench.changes, f"{bench.group}-dead-letters"):
        copied += [(topic, entry) for entry in aborted(bench, topic)]
    writer = producer(bench)
    for topic, entry in copied:
        if entry.partition in chosen:
            writer.send(topic, entry.value, entry.key, headers=entry.headers, partition=entry.partition)
    writer.flush()
    writer.close()
    one.wait_words(r"of a commit of \d+ partitions the log has 1\b")
    bench.wait_progress()
    bench.drain()
    bench.judge()
    return f"{len(copied)} records of the commit, of partition {missing[0].partition} taken for committed"


@scenario()
def torn_between_parts(bench):
    """kill -9 between the parts of one partition's state record: the part that was written counts for nothing."""
    bench.feed()
    one = bench.instance("one", starts=False, **BUSY)
    for nth in (1,) if bench.kind == "quick" else (1, 2):
        write_wide_rows(bench)
        # The part has its time to arrive before the process dies.
        step = "commit.part-written"
        one.start(failpoint=f"{step}:delay:{nth},{step}:crash:{nth}", delay_ms=1_000)
        code = one.wait_exit()
        bench.check("crashed", code == -9, f"it ended with {code}: {one.words()[-300:]}")
        lost = [parsed(entry.value) for entry in aborted(bench, f"{bench.group}-state")]
        parts = [record for record in lost if record.parts > 1]
        bench.check("a part of several was written", parts, f"{len(lost)} records")
        bench.check("not all of them", all(record.part + 1 < record.parts for record in parts), str(len(parts)))
    goes_on(bench, one)
    several = [record for _, record in state_log(bench) if record.parts > 1]
    bench.check("records of several parts are committed in the end", several)


def aborted(bench, topic):
    """The records of a topic that came last and count for nothing."""
    seen = {entry.where for entry in records(bench, topic)}
    last = {}
    for entry in records(bench, topic, "read_uncommitted"):
        last.setdefault(entry.partition, []).append(entry)
    found = []
    for entries in last.values():
        tail = []
        for entry in reversed(entries):
            if entry.where in seen:
                break
            tail.append(entry)
        found += reversed(tail)
    return found


@scenario(cluster="odd")
def restore_overtaken(bench):
    """The log is shortened between the look at its beginning and the first read: it is read again from the start."""
    proxy = bench.cluster.proxy()
    bench.feed()
    proxied = {"kafka__bootstrap__servers": bench.cluster.proxied}
    # Nothing is deleted, so a walk and more can be, later.
    proxy.add(DELETE_RECORDS, "request", "cut", times=1_000_000)
    one = bench.instance("one", **proxied, sweep__period="1s", commit__interval_ms=50)
    bench.wait_progress(1_500)
    wait_until("the log has walks to spare", lambda: needless(bench), pause=0.5)
    bench.drain()
    one.stop()
    proxy.rules.clear()
    one.start(failpoint="restore.offsets-known:delay", delay_ms=3_000)
    one.wait_words("failpoint restore.offsets-known")
    proxy.add(FETCH, "request", "hold", times=1_000_000, seconds=4)
    time.sleep(4.5)
    delete_before(bench, f"{bench.group}-state", needless(bench))
    proxy.rules.clear()
    one.wait_words("was shortened while it was read")
    one.wait_words("restored 4 partitions")
    goes_on(bench, one)


def needless(bench):
    """Where the walk before the last began in every partition, if something lies before it, which may go."""
    first, last, low = {}, {}, {}
    for entry, record in state_log(bench):
        low.setdefault(entry.partition, entry.offset)
        first.setdefault((entry.partition, record.walk), entry.offset)
        last[entry.partition] = record.walk
    found = {number: first.get((number, walk - 1)) for number, walk in last.items()}
    return found if found and all(at is not None and at > low[number] for number, at in found.items()) else None


@scenario()
def restore_too_long(bench):
    """A restore longer than `max.poll.interval.ms`: the group lets it go, it comes back, and the figures are right."""
    one = settled(bench)
    bench.feed()
    one.start(
        failpoint="restore.record-read:delay:3", delay_ms=25_000, kafka__max__poll__interval__ms=10_000,
        kafka__session__timeout__ms=10_000)
    one.wait_words("failpoint restore.record-read")
    one.wait_words("restored 4 partitions")
    bench.check("the group had let it go", "_MAX_POLL_EXCEEDED" in one.words(), one.words()[-400:])
    bench.wait_progress()
    bench.drain()
    bench.judge()
    return f"restored {len(re.findall('restored', one.words()))} times"


@scenario()
def unknown_format(bench):
    """A state record of a format that it does not know is refused (81) with its place; nothing is deleted."""
    one = settled(bench)
    topic, end = f"{bench.group}-state", state_range(bench)[1][1]
    last = [record for entry, record in state_log(bench) if entry.partition == 1][-1]
    last.sequence += 1
    newer = bytes([2]) + written(last)[1:]
    writer = producer(bench)
    writer.send(topic, newer, partition=1).get(20)
    writer.close()
    refuses(bench, one, 81, f"`{topic}`, partition 1, offset {end}", "2")
    refuses(bench, one, 81, f"`{topic}`, partition 1, offset {end}", "segmenter reset")


@scenario()
def settings_changed(bench):
    """A state made under another half-life is refused (81) and named; with the old one it goes on."""
    one = settled(bench)
    refuses(bench, one, 81, "half", "segmenter reset", model__half_life_days=30)
    goes_on(bench, one)
