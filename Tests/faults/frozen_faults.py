"""A process that is frozen for longer than its session and its transaction live, and thaws (a zombie)."""
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from harness import Failed, scenario, wait_until
from operating import records
from proxy import END_TXN

# Its commit is asked for, and the answer, or the question, is lost.
INSIDE_END_TXN = "inside EndTxn"
# Where it freezes: anywhere; with a transaction open; with its offsets sent, so that only the commit is to come; or
# with that under way.
STEPS = (None, "commit.state-written", "commit.offsets-sent", INSIDE_END_TXN)
# Session and transaction live 10 s, and the broker looks once a second.
FROZEN_S = (12, 20)
BUSY = {"sweep__period": "2s", "commit__interval_ms": 50}
# It may ask for a restart, but nobody is its twin.
RESTARTED = (69, 70, 75)


@scenario(cluster="odd")
def frozen_alone(bench):
    """SIGSTOP past session and transaction, SIGCONT, nobody else: it goes on and commits nothing twice."""
    return in_parallel(bench, alone)


@scenario(cluster="odd")
def frozen_beside_another(bench):
    """SIGSTOP, another takes the partitions over, SIGCONT: the zombie commits nothing, and both go on."""
    return in_parallel(bench, beside)


@scenario(cluster="odd")
def frozen_with_successor(bench):
    """SIGSTOP, a start of the same name, SIGCONT: the zombie ends with 80 and leaves its successor alone."""
    return in_parallel(bench, succeeded)


def in_parallel(bench, body):
    """Runs a body at each step, in groups of their own."""
    parts = [bench.sibling(f"{body.__name__}-{number}") for number in range(len(STEPS))]
    # Of all processes only the one that loses an answer goes through the proxy.
    parts[STEPS.index(INSIDE_END_TXN)].proxy = bench.cluster.proxy()
    with ThreadPoolExecutor(len(parts)) as pool:
        return "; ".join(word for word in pool.map(lambda pair: guarded(body, *pair), zip(parts, STEPS)) if word)


def guarded(body, bench, step):
    """Runs the body, drains and judges; a failure is noted with its step."""
    try:
        bench.feed(rate=150)
        word = body(bench, step)
        bench.drain()
        bench.judge()
        return word
    except Failed as failure:
        bench.check(f"frozen at {step or 'any moment'}", False, str(failure))
        return None
    finally:
        bench.close()


def freeze(bench, one, step):
    """Freezes it: at any moment, in a commit that has no answer, or at a failpoint, which it passes once thawed."""
    if step == INSIDE_END_TXN:
        bench.wait_progress(100)
        rule = bench.proxy.add(END_TXN, bench.random.choice(["request", "answer"]), "lose", spare=3)
        wait_until("a commit has no answer", lambda: rule.used)
    elif step:
        one.wait_words(f"failpoint {step}: delay")
        # The process must not leave the failpoint before it is frozen, whatever else the machine does.
        time.sleep(0.2)
    else:
        bench.wait_progress(100)
        time.sleep(bench.random.random())
    one.send(signal.SIGSTOP)


def start(bench, step, **settings):
    """An instance that will wait at the step for a second, or goes through the proxy."""
    one = bench.instance("one", starts=False, **BUSY, **settings)
    if step == INSIDE_END_TXN:
        return one.start(kafka__bootstrap__servers=bench.proxy.address)
    return one.start(f"{step}:delay:{bench.random.randrange(20, 40)}" if step else None, delay_ms=1_500)


def alone(bench, step):
    """Nobody takes over."""
    one = start(bench, step)
    freeze(bench, one, step)
    time.sleep(bench.random.uniform(*FROZEN_S))
    one.send(signal.SIGCONT)
    before = bench.committed()
    wait_until("it goes on or ends", lambda: not one.is_alive or bench.committed() > before + 100)
    if one.is_alive:
        return None
    code = one.wait_exit()
    bench.check("it asks for a restart", code in RESTARTED, f"it ended with {code}: {one.words()[-300:]}")
    one.start()
    return f"at {step} it ended with {code}"


def beside(bench, step):
    """Another instance of the group takes over."""
    one = start(bench, step)
    two = bench.instance("two", **BUSY)
    two.wait_words("restored")
    freeze(bench, one, step)
    two.wait_words(r"the group gives us 4 partitions", 40)
    bench.wait_progress(100)
    time.sleep(bench.random.uniform(0, 8))
    one.send(signal.SIGCONT)
    bench.wait_progress(300)
    wait_until(
        "the zombie owns half again or has ended",
        lambda: not one.is_alive or sorted(map(len, bench.owners().values())) == [2, 2], 60)
    word = None
    if not one.is_alive:
        code = one.wait_exit()
        bench.check("it asks for a restart", code in RESTARTED, f"it ended with {code}: {one.words()[-300:]}")
        one.start()
        word = f"at {step} it ended with {code}"
    bench.wait_progress(300)
    bench.check("the healthy one goes on", two.is_alive, two.words()[-300:])
    bench.check("the thawed one goes on", one.is_alive, one.words()[-300:])
    return word


def succeeded(bench, step):
    """A supervisor starts another of the same name."""
    one = start(bench, step)
    freeze(bench, one, step)
    if bench.random.random() < 0.5:
        time.sleep(bench.random.uniform(*FROZEN_S))
    newer = bench.instance("one", **BUSY)
    bench.wait_progress(100)
    time.sleep(bench.random.uniform(0, 12))
    one.send(signal.SIGCONT)
    code = one.wait_exit(60)
    bench.check("the zombie ends with 80", code == 80, f"it ended with {code}: {one.words()[-300:]}")
    bench.wait_progress(300)
    bench.check("its successor goes on", newer.is_alive, newer.words()[-300:])
    bench.check("nothing fences its successor", "starting again" not in newer.words(), newer.words()[-300:])


@scenario()
def zombie_trainer(bench):
    """The trainer is stopped with a model about to go out, another takes over, it goes on: its model never appears."""
    # With the model taken into a commit that has not begun, and with it written.
    steps = ("commit.model-taken", "commit.model-written")
    parts = [bench.sibling(step.split(".")[1]) for step in steps]
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(lambda pair: guarded(overtaken, *pair), zip(parts, steps)))


def overtaken(bench, step):
    """The trainer freezes at the step; another trains before it goes on."""
    one = bench.instance("one", starts=False, **BUSY)
    one.start(f"{step}:delay:{bench.random.randrange(1, 3)}", delay_ms=1_500)
    freeze(bench, one, step)
    topic = f"{bench.group}-model"
    before = len(records(bench, topic))
    two = bench.instance("two", **BUSY)
    two.wait_words("the group gives us 4 partitions", 40)
    wait_until("another trains", lambda: len(records(bench, topic)) > before, pause=0.5)
    one.send(signal.SIGCONT)
    bench.wait_progress(600)
    if not one.is_alive:
        code = one.wait_exit()
        bench.check("it asks for a restart", code in RESTARTED, f"it ended with {code}: {one.words()[-300:]}")
    published, written = records(bench, topic), records(bench, topic, "read_uncommitted")
    keys = [entry.key for entry in published]
    bench.check("each model is published by one trainer", len(set(keys)) == len(keys), str(keys))
    if step == "commit.model-written":
        bench.check("the zombie's model was written, and is not there", len(written) > len(published), str(keys))
