"""Faults of the program's own process: killed, stopped, frozen, joined by others."""
import time

from harness import scenario

# Walks that end often cut the log often; a commit often is a kill within a commit often.
BUSY = {"sweep__period": "2s", "commit__interval_ms": 50}


@scenario()
def sigterm(bench):
    """A stop by SIGTERM ends with 0 within 10 s and loses nothing; the next start reads nothing twice."""
    bench.feed()
    one = bench.instance("one", **BUSY)
    for _ in range(3):
        bench.wait_progress(600)
        began = time.monotonic()
        code = one.stop(20)
        bench.check("SIGTERM ends it with 0", code == 0, f"it ended with {code}")
        bench.check("within 10 s", time.monotonic() - began <= 10, f"{time.monotonic() - began:.1f} s")
        bench.check("it stopped, it did not break", "error" not in one.words(), one.words()[-300:])
        bench.judge(drained=False, stops=False)
        one.start()
    bench.drain()
    bench.judge()


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
