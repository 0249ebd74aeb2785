"""Every named step of a start, a restore, a commit, a revocation: the program crashes, fails or waits there."""
import re
from concurrent.futures import ThreadPoolExecutor

from harness import TOP, Failed, scenario, wait_until
from operating import write_wide_rows
from process_faults import twin_comes_and_dies

SOURCE = TOP / "Sources/Pipeline/Stream/Failpoint.swift"
# Of an injected error the program may end, with a code that asks for a restart.
ENDED = (69, 70, 75)
# What leads to the looking up of a commit.
UNCERTAIN = "commit.committed:error"


def failpoints():
    """The names of all failpoints, as the program declares them."""
    return re.findall(r'^  case \w+ = "([a-z.-]+)"', SOURCE.read_text(), re.MULTILINE)


@scenario()
def failpoints_crash(bench):
    """kill -9 at every named step: each is visited, and nothing is lost or doubled."""
    return visit_all(bench, "crash")


@scenario()
def failpoints_error(bench):
    """An error at every named step: the program goes on, or ends with a code that asks for a restart."""
    return visit_all(bench, "error")


@scenario()
def failpoints_delay(bench):
    """A wait of 12 s, longer than a transaction and a session live, at every named step."""
    return visit_all(bench, "delay")


def visit_all(bench, action):
    """Visits every failpoint, several groups at a time; a note of how many were visited."""
    names = failpoints()
    bench.check("the failpoints are found", len(names) >= 27, f"{len(names)} in {SOURCE}")
    bench.random.shuffle(names)
    groups = 11 if action == "delay" else 6
    parts = [bench.sibling(f"{action}-{number}") for number in range(groups)]
    with ThreadPoolExecutor(groups) as pool:
        lives = list(pool.map(lambda pair: visit(*pair, action), zip(parts, (names[n::groups] for n in range(groups)))))
    return f"{len(names)} steps visited; {', '.join(word for words in lives for word in words) or 'none ended it'}"


def visit(bench, names, action):
    """Visits failpoints one after the other in one group; says which of them ended the program with an error."""
    said = []
    try:
        bench.feed(rate=100, customers=800, backlog=2_000)
        one = bench.instance("one", starts=False, sweep__period="1s", commit__interval_ms=50)
        one.start()
        bench.wait_committed(above=2_000)
        one.kill()
        for name in names:
            situation = SITUATIONS.get(name) or SITUATIONS.get(name.split(".")[0])
            if not bench.check(f"{name} is a known situation", situation is not None):
                continue
            word = situation(bench, one, name, action)
            if word:
                said.append(word)
            if not one.is_alive:
                one.start()
            bench.wait_progress(20)
            one.kill()
        one.start()
        bench.drain()
        bench.judge()
    except Failed as failure:
        bench.check(f"{action}, {' '.join(names)}", False, str(failure))
    finally:
        bench.close()
    return said


def alone(bench, one, name, action):
    """Of a start, a restore or a commit: a life of its own leads there."""
    nth = 1 if name.startswith(("start", "restore")) else bench.random.randrange(1, 6)
    if name == "commit.log-cut":
        nth = 1
    one.start(f"{name}:{action}:{nth}")
    return after(bench, one, name, action)


def resolving(bench, one, name, action):
    """The outcome of a commit is made uncertain."""
    one.start(f"{UNCERTAIN}:{bench.random.randrange(1, 4)},{name}:{action}")
    return after(bench, one, name, action)


def revoking(bench, one, name, action):
    """Another instance joins, and leaves again."""
    one.start(f"{name}:{action}")
    bench.wait_progress(20)
    two = bench.instance(f"two-{name.split('.')[1]}", sweep__period="1s")
    word = after(bench, one, name, action)
    two.wait_words("restored")
    bench.wait_progress(20)
    two.kill()
    bench.leave(two)
    return word


def parting(bench, one, name, action):
    """So much is read at once that a commit has state records of several parts."""
    write_wide_rows(bench)
    one.start(f"{name}:{action}:{bench.random.randrange(1, 3)}")
    return after(bench, one, name, action)


def modelling(bench, one, name, action):
    """The first model is fitted, of a group of its own."""
    part = bench.sibling("model")
    try:
        part.feed(rate=100, customers=800, backlog=2_000)
        first = part.instance("one", starts=False, sweep__period="1s", commit__interval_ms=50)
        first.start(f"{name}:{action}")
        word = after(part, first, name, action)
        if not first.is_alive:
            first.start()
        part.drain()
        part.judge()
        one.start()
        return word
    finally:
        part.close()


def fenced(bench, one, name, action):
    """A twin takes over and dies."""
    one.start(f"{name}:{action}")
    twin_comes_and_dies(bench, one)
    return after(bench, one, name, action)


def after(bench, one, name, action):
    """Waits until the step is reached and until what must follow has."""
    one.wait_words(f"failpoint {re.escape(name)}: {action}\n")
    if action == "crash":
        code = one.wait_exit(10)
        bench.check(f"{name}: crashed", code == -9, f"it ended with {code}")
        return None
    if action == "delay":
        bench.wait_progress(20)
        bench.check(f"{name}: it outlives a delay", one.is_alive, one.words()[-300:])
        return None
    before = bench.committed()
    wait_until(f"{name}: it goes on or ends", lambda: not one.is_alive or bench.committed() > before + 20)
    if one.is_alive:
        return None
    code = one.wait_exit()
    bench.check(f"{name}: it asks for a restart", code in ENDED, f"it ended with {code}: {one.words()[-300:]}")
    return f"{name} ended it with {code}"


SITUATIONS = {
    "start": alone, "restore": alone, "commit": alone, "resolve": resolving, "revoke": revoking, "fenced": fenced,
    "commit.part-written": parting, "commit.model-taken": modelling,
    "commit.model-written": modelling}
