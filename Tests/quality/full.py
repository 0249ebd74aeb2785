"""The run with all scenarios, seeds and peers."""
import importlib.metadata
import platform
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy

import peers
import targets
from measures import FIGURES
from own import own_trial
from plots import Plot, bars
from report import Results, cell, markdown, write_csv
from scenarios import SCENARIOS
from store import Store
from streams import Size
from trial import BATCH, OURS, Field

HERE = Path(__file__).resolve().parent
MEANINGS = [
    "- Inertia is over that of `KMeans(n_init=20)` on the population of the day, in the method's own space; in the "
    "day's space all methods are measured by a scaler of that day.",
    "- A replay that ends learns one sweep more: its \"three sweeps after\" are two and that one.",
    "- Fed by records a peer sees a customer after each record, and so always one who has just bought; swept it sees "
    "every customer once a day. Their scaler is that of day 365: they could not have it so early.",
    "- Changes, flaps, lag and ids are counted from the day before the event on, in `stationary` and `late` from day "
    "460."]
# A curve of fewer days says nothing.
CURVE_MIN = 5
KAFKA_TRIES = 3
TUNING_SEEDS, TUNED_ON = (9001, 9002), ("stationary", "shock")


def trials(scenario, seed, size, program, folder, methods, options):
    """[(method, trial)] of a seed: what is kept is not made again."""
    store, field, found = Store(folder, program), None, []

    def make(name, made):
        nonlocal field
        field = field or Field(scenario, seed, size)
        if name == OURS:
            return own_trial(field, program, options)
        return field.batch() if name == BATCH else field.peer(name, made)
    for shown, name, made in methods:
        found.append((shown, store.trial(
            lambda: make(name, made), name == OURS, scenario, seed, repr(size), name, repr(made),
            repr(options) if name == OURS else "")))
    return found


def gather(jobs, work):
    """Results of `trials` for every (scenario, seed) of `work`, as they come; each is said on stderr."""
    with ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(trials, scenario, seed, *rest): (scenario, seed) for scenario, seed, *rest in work}
        for number, done in enumerate(as_completed(waiting), start=1):
            scenario, seed = waiting[done]
            print(f"{number}/{len(waiting)} {scenario} {seed}", file=sys.stderr)
            yield scenario, seed, done.result()


def tuned(size, program, folder, jobs):
    """The options of each peer that come to the least mean inertia on seeds of their own."""
    tried = [(f"{name}: {peers.shown(made)}", name, made) for name, made in peers.variants(True)]
    found = Results()
    work = [(scenario, seed, size, program, folder, tried, ()) for scenario in TUNED_ON for seed in TUNING_SEEDS]
    for scenario, seed, results in gather(jobs, work):
        for shown, trial in results:
            found.add(scenario, shown, seed, trial)
    best = {}
    for shown, name, made in tried:
        means = [numpy.mean(found.values(scenario, shown, figure)) for scenario in TUNED_ON
                 for figure in ("inertia", "inertia_3")]
        if name not in best or numpy.mean(means) < best[name][0]:
            best[name] = (numpy.mean(means), made)
    return {name: made for name, (_, made) in best.items()}


def run(options, program):
    """Runs, prints and writes."""
    size = Size(customers=options.customers)
    folder = HERE.parent.parent / ".build" / "quality"
    names = options.scenario or list(SCENARIOS)
    methods = [(OURS, OURS, {})]
    chosen = {}
    if not options.ours:
        chosen = tuned(size, program, folder, options.jobs)
        methods.append((BATCH, BATCH, {}))
        for name, (_, _, defaults, _) in peers.PEERS.items():
            methods.append((name, name, defaults))
            if chosen[name] != defaults:
                methods.append((f"{name}, tuned", name, chosen[name]))
    few = options.peer_seeds or sys.maxsize
    work = [(name, seed, size, program, folder, methods if seed <= few else methods[:1], tuple(options.option))
            for name in names for seed in range(1, (options.seeds or (20 if name == "stationary" else 10)) + 1)]
    gathered, results = {}, Results()
    for scenario, seed, found in gather(options.jobs, work):
        gathered[scenario, seed] = found
    problems = []
    for scenario, seed, *_ in work:
        for method, trial in gathered[scenario, seed]:
            results.add(scenario, method, seed, trial)
            problems += [f"{scenario} {seed}: {problem}" for problem in trial.problems]
    is_whole = not options.scenario and not options.ours
    found = []
    if options.kafka:
        kafka_trials(options, program, folder, results, problems)
    if options.targets or is_whole:
        found = list(targets.from_results(results)) + measured_targets(options, size, program, folder)
    print_figures(results)
    for target in found:
        print(f"{target.name}: {target.measured}, wanted {target.wanted}: {target.word.strip('*')}"
              + (f" ({target.note})" if target.note else ""))
    for problem in problems[:20]:
        print(f"NOT AS THE REFERENCE  {problem}")
    if options.results or is_whole:
        write(results, found, size, chosen, options)
    sys.exit(1 if problems else 0)


def measure(name, function, arguments, program, folder):
    """(name, what one of `targets.jobs` gave)."""
    return name, Store(folder, program).value(lambda: function(program, *arguments), name, repr(arguments))


def measured_targets(options, size, program, folder):
    """The targets that have programs of their own."""
    found, seeds = {}, options.seeds or 10
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(measure, *job, program, folder) for job in targets.jobs(size, seeds)]
        for number, done in enumerate(waiting, start=1):
            name, value = done.result()
            found.setdefault(name, []).append(value)
            if number % 25 == 0:
                print(f"{number}/{len(waiting)} for the targets", file=sys.stderr)
    return list(targets.from_jobs(found)) + targets.elapsed_targets(program, size, min(seeds, 3))


def kafka_trials(options, program, folder, results, problems):
    """Adds the scenarios of a real Kafka."""
    sys.path.insert(0, str(HERE.parent / "faults"))
    import daemon
    from harness import Cluster
    with tempfile.TemporaryDirectory() as scratch:
        cluster = Cluster(Path(scratch) / "kafka", options.port)
        try:
            daemon.throttle(cluster)
            for seed in range(1, options.kafka + 1):
                for group, trial in throttled_trials(daemon, cluster, seed, program).items():
                    results.add("kafka", f"{OURS}, {group}", seed, trial)
                    problems += [f"kafka {seed}, {group}: {problem}" for problem in trial.problems]
                print(f"{seed}/{options.kafka} on Kafka", file=sys.stderr)
        finally:
            cluster.stop()


def throttled_trials(daemon, cluster, seed, program):
    """The groups' trials of a seed, made again where one of them could read all at once."""
    for _ in range(KAFKA_TRIES - 1):
        try:
            return daemon.trials(cluster, seed, program)
        except daemon.ReadAtOnce as found:
            print(f"{found} read everything at once: seed {seed} is made again", file=sys.stderr)
    return daemon.trials(cluster, seed, program)


def words_of(scenario):
    """What happens in a scenario."""
    if scenario in SCENARIOS:
        return SCENARIOS[scenario].__doc__
    return ("`segmenter run` on a real broker, fed the stationary stream through a quota: one instance that is left "
            "alone; one that is killed after a third and stopped after two thirds of it; 1, 3 and then 2 instances.")


def print_figures(results):
    """All figures, for a terminal."""
    for scenario, methods in results.trials.items():
        print(f"\n{scenario}: {words_of(scenario)}")
        for method in methods:
            print(f"  {method}")
            for name, heading, digits, greatest in FIGURES + [("within_generation", "by it in a generation", 4, True)]:
                values = results.values(scenario, method, name)
                if values:
                    print(f"    {heading:26} {cell(values, digits, greatest)}")


def write(results, found, size, chosen, options):
    """Tables and plots."""
    folder = options.results or HERE / "results"
    folder.mkdir(parents=True, exist_ok=True)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("numpy", "scikit-learn", "river"))
    # Paths and ports say nothing of what was measured.
    given, words = iter(sys.argv[1:]), ["Tests/quality/run"]
    for word in given:
        if word in ("--program", "--results", "--port", "--note"):
            next(given, None)
        else:
            words.append(word)
    command = " ".join(words)
    facts = [
        f"Written by `{command}`: "
        f"Python {platform.python_version()}, {versions}, and a port of Spark's StreamingKMeans.", "",
        f"{size.customers} customers, {size.end} days, events on day {size.event}, k as planted, half-life 90 days. "
        "Tuned on other seeds: " + "; ".join(f"{name}: {peers.shown(made)}" for name, made in chosen.items()) + ".", "",
        *([options.note, ""] if options.note else []), *MEANINGS]
    documents = {name: words_of(name) for name in results.trials}
    (folder / "README.md").write_text(markdown(results, documents, facts, found), encoding="utf-8")
    write_csv(results, folder / "figures.csv")
    for scenario in results.trials:
        methods = results.trials[scenario]
        # Of a peer that was tuned, the tuned one.
        shown = [method for method in methods if f"{method}, tuned" not in methods and methods[method]
                 and next(iter(methods[method].values())).curve]
        if not shown or len(results.curve(scenario, shown[0])) < CURVE_MIN:
            continue
        title = f"{scenario}: inertia over that of KMeans(n_init=20)"
        plot = Plot(title, "days after the event", "inertia ratio", is_log=True)
        for method in shown:
            plot.line(method, [(day - size.event, value) for day, value in results.curve(scenario, method)])
        (folder / f"{scenario}.svg").write_text(plot.svg(), encoding="utf-8")
    write_bars(results, folder)


def write_bars(results, folder):
    """The figures of which a picture says more than the table: one picture each, a bar a method."""
    pictures = {"flaps": "changes taken back within 7 days, %", "published": "changes, % of customers a day",
                "inertia": "inertia over that of KMeans(n_init=20), at the end"}
    for figure, words in pictures.items():
        rows = {scenario: {method: float(numpy.mean(results.values(scenario, method, figure))) for method in methods
                           if method != BATCH and f"{method}, tuned" not in methods
                           and results.values(scenario, method, figure)}
                for scenario, methods in results.trials.items()}
        (folder / f"{figure}.svg").write_text(bars(words, rows, is_log=figure == "inertia"), encoding="utf-8")
