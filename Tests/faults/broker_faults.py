"""Faults of brokers and of the way to them: killed, stopped, slow, cut, and answers that never come."""
import time

from harness import scenario, wait_until
from proxy import END_TXN

# A commit often is a fault within a commit often.
BUSY = {"sweep__period": "2s", "commit__interval_ms": 50}
UNCERTAIN = "looking into the state log"


def started(bench, **settings):
    """An instance that has its first model, and a feeder that survives what brokers do: it may write a record twice."""
    bench.feed(**{"kafka.message.timeout.ms": 300_000, "kafka.enable.idempotence": "false"})
    one = bench.instance("one", **BUSY, **settings)
    one.wait_words("fitted model")
    return one


def state_topics(bench):
    """What a scenario's broker keeps, Kafka's own topics included."""
    return [bench.input, bench.changes, f"{bench.group}-state", "__consumer_offsets", "__transaction_state"]


@scenario(cluster="odd")
def broker_killed(bench):
    """kill -9 of the only broker, which comes back: the same process goes on, nothing lost, nothing doubled."""
    one = started(bench)
    for _ in range(bench.count or (1 if bench.kind == "quick" else 10)):
        bench.wait_progress(600)
        bench.cluster.kill()
        time.sleep(bench.random.choice([0.1, 5]))
        bench.cluster.restart()
    bench.drain()
    bench.check("it is still the first process", one.is_alive, one.words()[-300:])
    bench.judge()


@scenario(cluster="odd")
def broker_paused(bench):
    """The only broker stops longer than sessions and transactions last, and goes on: nothing lost, nothing doubled."""
    one = started(bench)
    for seconds in [14] if bench.kind == "quick" else [3, 14, 25, 70]:
        bench.wait_progress(600)
        bench.cluster.pause()
        time.sleep(seconds)
        bench.cluster.resume()
    bench.drain()
    bench.check("it is still the first process", one.is_alive, one.words()[-300:])
    bench.judge()


@scenario(cluster="odd")
def stopped_without_broker(bench):
    """SIGTERM while the only broker stands still or is dead: an end within 10 s that says that nothing is lost."""
    one = started(bench)
    moments = ("at work", "restoring", "starting")
    for way in ("paused", "killed"):
        for moment in moments if bench.kind == "long" else ("at work", bench.random.choice(moments[1:])):
            if not one.is_alive:
                at = "restore.offsets-known:delay" if moment == "restoring" else "start.producer-made:delay"
                one.start(failpoint=at if moment != "at work" else None, delay_ms=1_500)
                one.wait_words("failpoint" if moment != "at work" else "restored 4 partitions")
            if moment == "at work":
                bench.wait_progress(400)
            bench.cluster.pause() if way == "paused" else bench.cluster.kill()
            time.sleep(bench.random.choice([0, 1, 4] if bench.kind == "quick" else [0, 1, 4, 14]))
            began = time.monotonic()
            code = one.stop(40)
            seconds = time.monotonic() - began
            at = f"{way}, {moment}"
            bench.check(f"{at}: it ends within 10 s", seconds <= 10, f"{seconds:.1f} s")
            bench.check(f"{at}: it ends with 75, or with 0", code in (0, 75), f"it ended with {code}")
            bench.check(f"{at}: it says why", code == 0 or "nothing is lost" in one.words(), one.words()[-300:])
            bench.cluster.resume() if way == "paused" else bench.cluster.restart()
    one.start()
    bench.drain()
    bench.judge()


@scenario(cluster="odd")
def generator_without_broker(bench):
    """kill -9 of the broker under `generate`: it ends with 69 and a sentence; one that comes back is waited for."""
    fast = {"events": 99_999_999, "customers": 1_000}
    for options, seconds in (({**fast, "rate": 2_000}, 0), (fast, 0), ({**fast, "rate": 2_000}, 3)):
        feeder = bench.generate(**{**options, **({} if seconds else {"kafka.message.timeout.ms": 4_000})})
        before = sum(bench.cluster.ends(bench.input).values())
        wait_until("records come", lambda: sum(bench.cluster.ends(bench.input).values()) > before + 2_000, pause=0.5)
        bench.cluster.kill()
        if seconds:
            time.sleep(seconds)
        else:
            code = feeder.wait(30)
            bench.check("it ends with 69", code == 69, f"it ended with {code}")
            words = (bench.folder / "feeder.log").read_text()
            bench.check("it says why", "the broker went away" in words.splitlines()[-1], words[-300:])
        bench.cluster.restart()
        if seconds:
            before = sum(bench.cluster.ends(bench.input).values())
            wait_until("it goes on", lambda: sum(bench.cluster.ends(bench.input).values()) > before + 2_000, pause=0.5)
            feeder.kill()
            feeder.wait()


@scenario(cluster="three")
def one_of_three_killed(bench):
    """kill -9 of the broker that leads, that knows the group, that knows the transactions: two others go on."""
    one = started(bench)
    cluster = bench.cluster
    finders = [
        ("coordinator of the group", lambda _: cluster.coordinator("__consumer_offsets", bench.group)),
        ("coordinator of transactions", lambda _: cluster.coordinator("__transaction_state", f"{bench.group}-one"))]
    # Each of three leads one of four partitions at least.
    if bench.kind == "long":
        finders.append(("leader", lambda round: cluster.leader(f"{bench.group}-state", round % 4)))
    for round in range(bench.count or (1 if bench.kind == "quick" else 5)):
        for what, node in finders:
            number = node(round)
            cluster.kill(number)
            began = time.monotonic()
            bench.wait_progress(400)
            bench.check(f"without the {what} it goes on within 60 s", time.monotonic() - began < 60)
            cluster.restart(number)
            cluster.wait_whole(state_topics(bench))
    bench.drain()
    bench.check("it is still the first process", one.is_alive, one.words()[-300:])
    bench.judge()


@scenario(cluster="three")
def one_of_three_paused(bench):
    """The broker that knows the transactions stops for longer than they last, then goes on with what it believes."""
    one = started(bench)
    cluster = bench.cluster
    finders = [lambda: cluster.coordinator("__transaction_state", f"{bench.group}-one")]
    if bench.kind == "long":
        finders += [
            lambda: cluster.coordinator("__consumer_offsets", bench.group),
            lambda: cluster.leader(f"{bench.group}-state", 0)]
    for node in finders:
        number = node()
        cluster.pause(number)
        time.sleep(15)
        cluster.resume(number)
        cluster.wait_whole(state_topics(bench))
        bench.wait_progress(400)
    bench.drain()
    bench.check("it is still the first process", one.is_alive, one.words()[-300:])
    bench.judge()


@scenario(cluster="odd")
def slow_way(bench):
    """Answers that come up to 400 ms late, and connections that are cut every second: all goes on."""
    proxy = bench.cluster.proxy()
    one = started(bench, kafka__bootstrap__servers=bench.cluster.proxied)
    proxy.delay_s = 0.4
    bench.wait_progress()
    proxy.delay_s, cuts = 0.0, 0
    until = time.monotonic() + (8 if bench.kind == "quick" else 120)
    while time.monotonic() < until:
        time.sleep(bench.random.random() * 2)
        cuts += proxy.cut()
    bench.drain()
    bench.check("it is still the first process", one.is_alive, one.words()[-300:])
    bench.judge()
    return f"{cuts} connections cut"


def resolved(bench, *rules, looks_min=0, torn=False):
    """Feeds while commits meet these rules; each must be used up. A connection that is cut the client mends itself."""
    proxy = bench.cluster.proxy()
    one = started(bench, kafka__bootstrap__servers=bench.cluster.proxied)
    for stage, action, times, seconds in rules:
        rule = proxy.add(END_TXN, stage, action, times=times, seconds=seconds, spare=bench.random.randrange(2, 9))
        # After each that has no answer the outcome is waited for, and two heartbeats of the group.
        wait_until(
            f"{action} of the {stage} of a commit, {times} times", lambda: rule.used == times, timeout=60 + 30 * times)
        bench.wait_progress()
    bench.drain()
    bench.check("it is still the first process", one.is_alive, one.words()[-300:])
    looks = one.words().count(UNCERTAIN)
    bench.check("it looked into the state log", looks >= looks_min, f"{looks} times, not {looks_min}")
    bench.judge(torn=torn)
    return f"{looks} looks into the state log"


@scenario(cluster="odd")
def commit_answers_cut(bench):
    """A commit happens, the answer is cut off: what is in the log is not sent again."""
    return resolved(bench, ("answer", "cut", 5 if bench.kind == "quick" else 100, 0))


@scenario(cluster="odd")
def commit_requests_cut(bench):
    """A commit is cut off before the broker hears of it: it is sent again."""
    return resolved(bench, ("request", "cut", 5 if bench.kind == "quick" else 100, 0))


@scenario(cluster="odd")
def commit_answers_lost(bench):
    """The answer to a commit never comes, on a connection that stays; later the question is lost, too."""
    times = 1 if bench.kind == "quick" else 10
    return resolved(bench, ("answer", "lose", times, 0), ("request", "lose", times, 0), looks_min=2 * times)


@scenario(cluster="odd")
def commit_requests_late(bench):
    """A commit reaches the broker after its connection was cut: where it ends the next transaction, nothing is lost."""
    times = 3 if bench.kind == "quick" else 40
    # The protocol cannot tell the late request from the next one's: changes that were written by then come again.
    return resolved(bench, ("request", "cut and hold", times, 0.6), ("request", "hold", 1, 12), torn=True)
