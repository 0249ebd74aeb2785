"""Faults of the program's own process: killed, stopped, hung, joined by others."""
import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from harness import Failed, scenario, wait_until

# Walks that end often cut the log often; a commit often is a kill within a commit often.
BUSY = {"sweep__period": "2s", "commit__interval_ms": 50}


@scenario()
def sigterm(bench):
    """A stop by SIGTERM ends with 0 within 10 s and loses nothing; the next start reads nothing twice."""
    bench.feed()
    one = bench.instance("one", **BUSY)
    for _ in range(2):
        bench.wait_progress(600)
        stop_soon(bench, one)
        bench.judge(drained=False, stops=False)
        one.start()
    # However far a start has come, a stop is a stop.
    for _ in range(8):
        time.sleep(0.8 * bench.random.random())
        stop_soon(bench, one)
        one.start()
    bench.drain()
    bench.judge()


def stop_soon(bench, one):
    """SIGTERM, which must end the program with 0 within 10 s and without an error."""
    began = time.monotonic()
    code = one.stop(20)
    # Before it has begun, and so before it has said anything, no program can catch the signal.
    if code == -signal.SIGTERM and not one.words():
        return
    bench.check("SIGTERM ends it with 0", code == 0, f"it ended with {code}: {one.words()[-300:]}")
    bench.check("within 10 s", time.monotonic() - began <= 10, f"{time.monotonic() - began:.1f} s")
    bench.check("it stopped, it did not break", " error " not in one.words(), one.words()[-300:])


@scenario()
def kill_at_random(bench):
    """kill -9 at random moments, restarted at once: nothing lost, nothing doubled, nothing torn."""
    kills = bench.count or (20 if bench.kind == "quick" else 300)
    bench.feed()
    one = bench.instance("one", **BUSY)
    bench.wait_progress()
    for number in range(1, kills + 1):
        time.sleep(bench.random.choice([0.05, 0.3, 1, 2, 3]) * bench.random.random() + 0.01)
        one.kill()
        if number % max(5, kills // 10) == 0:
            bench.judge(drained=False, stops=False)
        one.start()
        if number % 5 == 0:
            bench.wait_progress()
    bench.drain()
    topics = bench.judge()
    return f"{kills} kills, {len(topics.input)} records, {len(topics.changes)} changes"


@scenario()
def rules(bench):
    """Segments by rules: kills and a stop; each decision is recomputed from the record and the model topic."""
    bench.feed()
    one = bench.instance("one", segments="rules", **BUSY)
    bench.wait_changes()
    for number in range(3):
        bench.wait_progress(600)
        if number == 1:
            one.stop(20)
        else:
            one.kill()
        bench.judge(drained=False, stops=False)
        one.start()
    bench.wait_progress(600)
    bench.drain()
    topics = bench.judge()
    kinds = {json.loads(entry.value)["kind"] for entry in topics.model}
    bench.check("all models are rules", kinds == {"rules"}, str(kinds))
    return f"{len(topics.input)} records, {len(topics.changes)} changes, {len(topics.model)} models"


@scenario()
def twins(bench):
    """Two instances of one name: the older ends with 80, the newer goes on."""
    bench.feed()
    older = bench.instance("one", **BUSY)
    for _ in range(1 if bench.kind == "quick" else 3):
        bench.wait_progress()
        newer = bench.instance("one", **BUSY)
        code = older.wait_exit(40)
        bench.check("the older ends with 80", code == 80, f"it ended with {code}: {older.words()[-300:]}")
        bench.wait_progress()
        bench.check("the newer goes on", newer.is_alive, newer.words()[-300:])
        older = newer
    bench.drain()
    bench.judge()


@scenario()
def twin_that_is_slow(bench):
    """The newer of two of one name takes 20 s to read the model: then the older ends with 80, and fences nobody."""
    bench.feed()
    older = bench.instance("one", **BUSY)
    older.wait_words("fitted model")
    newer = bench.instance("one", starts=False, **BUSY)
    newer.start(failpoint="start.model-read:delay", delay_ms=20_000)
    newer.wait_words("failpoint start.model-read: delay")
    bench.wait_progress()
    bench.check("meanwhile the older goes on", older.is_alive, older.words()[-300:])
    code = older.wait_exit(60)
    bench.check("the older ends with 80", code == 80, f"it ended with {code}: {older.words()[-300:]}")
    bench.check("the older does not come back", "starting again" not in older.words(), older.words()[-300:])
    bench.wait_progress()
    bench.check("nothing fences the newer", "starting again" not in newer.words(), newer.words()[-300:])
    bench.drain()
    bench.judge()


@scenario()
def hung(bench):
    """A thread that hangs, of whatever kind, ends the process with 70 and is named; the next start goes on."""
    patience_s, parts = 15, []
    for step, words in (
            ("start.producer-made:delay", "worker 0"), ("commit.cut:delay:9", "worker 0"),
            ("fenced.looked:delay", "worker 0"), ("commit.offsets-sent:delay:9", "the committer of worker 0"),
            ("resolve.taken-over:delay", "the committer of worker 0")):
        parts.append((bench.sibling(step.split(":")[0].replace(".", "-")), step, words))
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(lambda part: hang(*part, patience_s), parts))


def hang(bench, step, words, patience_s):
    """A thread stops at the step for longer than the watchdog waits."""
    try:
        bench.feed(rate=100)
        one = bench.instance("one", starts=False, **BUSY)
        before = f"commit.committed:error:5,{step}" if step.startswith("resolve") else step
        one.start(failpoint=before, delay_ms=600_000, patience_ms=patience_s * 1_000)
        if step.startswith("fenced"):
            twin_comes_and_dies(bench, one)
        one.wait_words(f"failpoint {step.split(':')[0]}: delay")
        began = time.monotonic()
        code = one.wait_exit(3 * patience_s)
        seconds = time.monotonic() - began
        bench.check(f"{step}: it ends with 70", code == 70, f"it ended with {code}: {one.words()[-300:]}")
        bench.check(f"{step}: not before its time", seconds > patience_s - 3, f"after {seconds:.1f} s")
        said = f" {words} has not moved for {patience_s} s"
        bench.check(f"{step}: it says `{said}`", said in one.words(), one.words()[-300:])
        one.start()
        bench.drain()
        bench.judge()
    except Failed as failure:
        bench.check(step, False, str(failure))
    finally:
        bench.close()


def twin_comes_and_dies(bench, one):
    """An instance of the same name takes over from one that is at work, and is killed."""
    bench.wait_progress()
    twin = bench.instance(one.name, **BUSY)
    twin.wait_words("restored")
    twin.kill()


@scenario()
def twin_that_dies(bench):
    """An instance of the same name comes and dies: the older is fenced, sees that nobody is left, and goes on."""
    bench.feed()
    one = bench.instance("one", **BUSY)
    twin_comes_and_dies(bench, one)
    one.wait_words("starting again")
    bench.wait_progress()
    bench.check("it is still the first process", one.is_alive, one.words()[-300:])
    bench.drain()
    bench.judge()


@scenario()
def joining_and_leaving(bench):
    """Two instances join and leave beside a third, away for 15 s and more, so that the group lets go of them."""
    seconds = 45 if bench.kind == "quick" else 180
    bench.feed()
    bench.instance("one", **BUSY)
    others = [bench.instance(name, starts=False, **BUSY) for name in ("two", "three")]
    due = {other.name: time.monotonic() + 3 * number for number, other in enumerate(others)}
    end, moves = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for other in others:
            if time.monotonic() < due[other.name]:
                continue
            moves += 1
            if not other.is_alive:
                bench.check("it left for no reason", other.process is None or other.process.returncode in (0, -9))
                other.start()
                due[other.name] = time.monotonic() + bench.random.uniform(3, 12)
            else:
                if bench.random.random() < 0.5:
                    other.kill()
                else:
                    code = other.stop()
                    bench.check("SIGTERM ends it with 0", code == 0, f"it ended with {code}: {other.words()[-300:]}")
                due[other.name] = time.monotonic() + bench.random.uniform(15, 18)
        time.sleep(0.1)
    bench.check("the one that stayed has stayed", bench.instances[0].is_alive, bench.instances[0].words()[-300:])
    bench.drain()
    topics = bench.judge()
    return f"{moves} joins and departures, {len(topics.input)} records"


@scenario()
def handover(bench):
    """Partitions change hands straight after a commit: the next owner sees all of it."""
    times = bench.count or (5 if bench.kind == "quick" else 200)
    bench.feed()
    one = bench.instance("one", starts=False, **BUSY)
    two = bench.instance("two", starts=False, **BUSY)
    for number in range(times):
        # The very moment after a commit is certain, or after the broker has taken it and before it is known.
        step = bench.random.choice(["commit.certain", "commit.committed"])
        one.start(f"{step}:crash:{bench.random.randrange(2, 12)}")
        if number % 2:
            bench.wait_progress(20)
            # The other commits and gives half away, or dies on the way.
            two.start()
            wait_until("it crashes or has shared", lambda: not one.is_alive or "restored" in two.words())
        code = one.wait_exit()
        bench.check("crashed", code == -9, f"it ended with {code}: {one.words()[-300:]}")
        bench.leave(one)
        if number % 2:
            two.wait_words("restored")
            bench.wait_progress(20)
            two.kill()
            bench.leave(two)
    one.start()
    bench.drain()
    topics = bench.judge()
    return f"{times} handovers, {len(topics.input)} records"


@scenario()
def starting_together(bench):
    """Three instances start at once where there is no topic yet: each makes what the others have not."""
    for number in range(3):
        part = bench.sibling(f"{number}")
        part.feed(backlog=1_000)
        for name in ("one", "two", "three"):
            part.instance(name, **BUSY)
        wait_owners(part, 3)
        part.wait_progress()
        part.drain()
        part.stop_all()
        part.close()


@scenario()
def sharing(bench):
    """Two workers in one process, then up to five instances: every partition has one owner, one trains."""
    bench.feed()
    first = bench.instance("one", workers=2, **BUSY)
    wait_owners(bench, 2)
    for count in (3, 4, 5):
        bench.instance(f"instance-{count}", **BUSY)
        wait_owners(bench, count)
        bench.wait_progress()
    code = first.stop()
    bench.check("SIGTERM ends it with 0", code == 0, f"it ended with {code}: {first.words()[-300:]}")
    wait_owners(bench, 3)
    bench.wait_progress()
    bench.drain()
    keys = [record.key for record in bench.judge().model]
    bench.check("each model is published by one trainer", keys and len(set(keys)) == len(keys), str(keys))


def wait_owners(bench, count):
    """Waits until there are so many members, and every input partition is one member's."""
    def shared():
        owners = bench.owners()
        owned = sorted(number for numbers in owners.values() for number in numbers)
        return len(owners) == count and owned == list(range(bench.partitions))
    wait_until(f"{count} members own each partition once", shared, 40)
