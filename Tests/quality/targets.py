"""The targets that the segments are held to, each measured: what it is, what was wanted, whether it is met."""
import lzma
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy
from sklearn.cluster import KMeans

import elapsed
import ours
from measures import FLAP_DAYS, agreement, best_inertia, inertia_ratio
from own import in_first_sweep
from scenarios import make, rare
from streams import Size
from trial import OURS

TOP = Path(__file__).resolve().parent.parent.parent
CDNOW, CDNOW_MAP = TOP / "replay" / "CDNOW_sample.txt.xz", TOP / "replay" / "cdnow.yaml"
CDNOW_ORDERS, CDNOW_K = 30, range(3, 9)
RAW_DAYS = (30, 60, 120, 240, 365, 550)
RARE_SIZE = Size(customers=2_000, event=360, end=400)
RARE_SHARES, RARE_F1 = (0.02, 0.015, 0.01, 0.0075, 0.005, 0.0035), 0.95
# Days on which a thousand epochs (60 a sweep, a sweep a day) begin; nothing happens then.
EPOCH_DAYS, EPOCHS_AS_DAYS = (500, 600, 675, 780), 17
# Each of them has a few silent moves, each searched in steps of 15 s.
SILENT_CUSTOMERS = 300
# A larger shop moves a centroid less.
MAKEUP_SIZES = (1_000, 4_000, 16_000)


@dataclass
class Target:
    """One target; `is_met` is `None` where it could not be measured."""
    name: str
    measured: str
    wanted: str
    is_met: object
    note: str = ""

    @property
    def word(self):
        """For tables."""
        return {True: "yes", False: "**no**", None: "not measured"}[self.is_met]


def at_most(name, values, wanted, digits, note="", unit=""):
    """Target of a greatest value: every one of `values` must be within."""
    if not values:
        return Target(name, "–", f"≤ {wanted}{unit}", None, note)
    mean, worst = numpy.mean(values), max(values)
    return Target(name, f"{mean:.{digits}f} mean, {worst:.{digits}f} worst of {len(values)}", f"≤ {wanted}{unit}",
                  bool(worst <= wanted), note)


def from_results(results):
    """The targets that are figures of the scenarios."""
    def values(scenario, figure):
        return results.values(scenario, OURS, figure)
    inertia = values("stationary", "inertia")
    if inertia:
        yield Target("inertia, stationary, mean", f"{numpy.mean(inertia):.5f} of {len(inertia)} seeds", "≤ 1.003",
                     bool(numpy.mean(inertia) <= 1.003))
        yield Target("inertia, stationary, worst", f"{max(inertia):.5f} of {len(inertia)} seeds", "≤ 1.01",
                     max(inertia) <= 1.01)
    yield at_most("inertia three sweeps after the shock, every seed", values("shock", "inertia_3"), 1.02, 4)
    others = "; ".join(
        f"{scenario} {numpy.mean(values(scenario, 'within_generation')):.3f}" for scenario in results.trials
        if scenario != "stationary" and values(scenario, "within_generation"))
    quiet = values("stationary", "within_generation")
    if quiet:
        yield Target(
            "relabelled by the model within a generation, stationary", f"{numpy.mean(quiet):.4f} % a day",
            "≤ 0.02 % a day", bool(numpy.mean(quiet) <= 0.02), f"elsewhere, % a day: {others}" if others else "")
    flaps = values("stationary", "flaps")
    if flaps:
        others = "; ".join(f"{scenario} {numpy.mean(values(scenario, 'flaps')):.1f}" for scenario in results.trials
                           if scenario != "stationary" and values(scenario, "flaps"))
        yield Target("flaps, stationary", f"{numpy.mean(flaps):.2f} % of changes", "≤ 2 %",
                     bool(numpy.mean(flaps) <= 2), f"elsewhere, %: {others}" if others else "")


def raw(program, seed, size):
    """Inertia ratios of a log that begins with nobody, on days on which nothing has settled."""
    stream, found = make("stationary", seed, size), []
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.json"
        stream.write(log)
        for day in RAW_DAYS:
            state = ours.snapshot_of(program, log, stream.k, seed, folder, day)
            found.append(inertia_ratio(state.points, state.centroids, best_inertia(state.points, stream.k)))
    return found


def cdnow(program, k, order):
    """[after the first sweep of the last fit, at the end] of CDNOW with its lines in another order."""
    lines = lzma.open(CDNOW, "rb").read().splitlines(keepends=True)
    shuffled = numpy.random.default_rng(order).permutation(len(lines))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cdnow.txt"
        log.write_bytes(b"".join(lines[index] for index in shuffled))
        options = ("--map", str(CDNOW_MAP))
        paths, _ = ours.replay(program, log, k, order, folder, *options, is_changes=True)
        last = ours.snapshot(paths)
        changes = ours.changes_of(paths["changes"])
        refit = changes.day[changes.generation == changes.generation.max()].min()
        for days in range(1, 15):
            state = ours.snapshot_of(program, log, k, order, folder, refit + days, *options)
            # Purchases carry days only: the fit is made when the next day's come.
            if state.model["generation"] == last.model["generation"]:
                break
    return [inertia_ratio(each.points, each.centroids, best_inertia(each.points, k)) for each in (state, last)]


def rare_f1(program, share, seed):
    """[ours, KMeans(n_init=20) of the last day]: how well a group of this share, ten deviations away, is told."""
    stream = rare(seed, RARE_SIZE, share)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.json"
        stream.write(log)
        state = ours.snapshot(ours.replay(program, log, stream.k, seed, folder)[0])
    truth = stream.truth(RARE_SIZE.end)[state.customers]
    batch = KMeans(stream.k, n_init=20, random_state=1).fit(state.points).labels_
    return [agreement(labels, truth)[1] for labels in (state.published, batch)]


def epochs(program, seed, size):
    """For each pair of days a thousand epochs apart: how many segments keep id and most customers, of how many."""
    stream, found = make("stationary", seed, size), []
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.json"
        stream.write(log)
        for day in EPOCH_DAYS:
            before, after = (ours.snapshot_of(program, log, stream.k, seed, folder, at)
                             for at in (day, day + EPOCHS_AS_DAYS))
            was = dict(zip(before.customers.tolist(), before.published.tolist()))
            kept = 0
            for number in before.ids:
                mine = [was.get(customer) == number for customer in after.customers.tolist()]
                now = after.published[numpy.array(mine)]
                kept += number in after.ids and len(now) > 0 and int(numpy.bincount(now).argmax()) == number
            found.append([kept, len(before.ids), after.model["generation"] - before.model["generation"]])
    return found


def makeup(program, customers):
    """A stationary shop of so many customers: relabelled by the model within a generation, % a day; flaps, %.

    And of the flaps, in %: those in which the model had a part, those in which a silence ends with a purchase.
    """
    size = Size(customers=customers)
    stream = make("stationary", 1, size)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.json"
        stream.write(log)
        paths, _ = ours.replay(program, log, stream.k, 1, folder, is_changes=True)
        changes = ours.changes_of(paths["changes"])
    counted = (changes.day > size.settled) & (changes.left >= 0)
    by_model = counted & (changes.reason == "model_changed")
    within = 100 * (by_model & ~in_first_sweep(changes)).sum() / customers / (size.end - size.settled)
    last, reasons = {}, []
    for index in numpy.nonzero(counted)[0].tolist():
        before = last.get(changes.customer[index])
        last[changes.customer[index]] = index
        if (before is not None and changes.left[index] == changes.entered[before]
                and changes.entered[index] == changes.left[before]
                and changes.day[index] - changes.day[before] <= FLAP_DAYS):
            reasons.append((str(changes.reason[before]), str(changes.reason[index])))
    parts = [sum(is_one(pair) for pair in reasons) for is_one in (
        lambda pair: "model_changed" in pair, lambda pair: pair == ("elapsed", "purchase"))]
    share = 100 * len(reasons) / int(counted.sum())
    return [float(within), share, *(100 * part / max(len(reasons), 1) for part in parts)]


def makeup_targets(found):
    """How the two figures of a quiet shop depend on its size."""
    rows = {customers: found[f"makeup {customers}"][0] for customers in MAKEUP_SIZES}
    for name, at, wanted, unit in (
            ("relabelled by the model within a generation", 0, 0.02, "% a day"), ("flaps", 1, 2, "% of changes")):
        for customers in MAKEUP_SIZES[1:]:
            row = rows[customers]
            note = "" if at == 0 else (
                f"of {row[1]:.2f} % the model has a part in {row[2]:.0f} in a hundred; in {row[3]:.0f} a customer fell "
                "silent and then bought")
            yield Target(f"{name}, stationary, {customers:,} customers", f"{row[at]:.4f} {unit}", f"≤ {wanted} {unit}",
                         row[at] <= wanted, note)


def jobs(size, seeds):
    """(name, function, arguments) of all that is measured beside the scenarios."""
    for seed in range(1, seeds + 1):
        yield "raw", raw, (seed, size)
        yield "epochs", epochs, (seed, size)
        for share in RARE_SHARES:
            yield f"rare {share}", rare_f1, (share, seed)
    for customers in MAKEUP_SIZES:
        yield f"makeup {customers}", makeup, (customers,)
    for order in range(1, min(CDNOW_ORDERS, 3 * seeds) + 1):
        for k in CDNOW_K:
            yield f"cdnow {k}", cdnow, (k, order)


def from_jobs(found):
    """The targets of `jobs`: `found` has the values of every name."""
    days = numpy.array(found["raw"])
    by_day = "; ".join(f"day {day}: {mean:.4f}" for day, mean in zip(RAW_DAYS, days.mean(axis=0)))
    yield at_most("inertia, fed raw purchases only, from nobody on", days.ravel().tolist(), 1.01, 4, by_day)
    first, last = ([row[at] for k in CDNOW_K for row in found[f"cdnow {k}"]] for at in (0, 1))
    by_k = "; ".join(
        f"k {k}: {numpy.mean([row[0] for row in found[f'cdnow {k}']]):.4f} mean, "
        f"{max(row[0] for row in found[f'cdnow {k}']):.4f} worst" for k in CDNOW_K)
    orders = len(found["cdnow 3"])
    yield Target("CDNOW, first sweep after the last fit, mean", f"{numpy.mean(first):.4f} of {orders} orders, k 3–8",
                 "≤ 1.01", bool(numpy.mean(first) <= 1.01),
                 f"{by_k}; at the end of the log {numpy.mean(last):.4f} mean, {max(last):.4f} worst")
    yield Target("CDNOW, first sweep after the last fit, worst", f"{max(first):.4f} of {orders} orders, k 3–8",
                 "≤ 1.03", max(first) <= 1.03)
    yield from rare_targets(found)
    yield from makeup_targets(found)
    kept, all_ids, fits = (sum(row[at] for rows in found["epochs"] for row in rows) for at in range(3))
    spans = sum(len(rows) for rows in found["epochs"])
    yield Target(
        "ids over 1,000 epochs without structural change", f"{kept} of {all_ids} segments in {spans} spans", "all",
        kept == all_ids, f"{fits} new generations fell into these spans")


def rare_targets(found):
    """A rare segment, and the smallest share at which it is still told."""
    rows = {share: numpy.array(found[f"rare {share}"]) for share in RARE_SHARES}
    by_share = "; ".join(
        f"{100 * share:g} %: {own.mean():.3f} mean, {own.min():.3f} worst, KMeans(n_init=20) {batch.mean():.3f}"
        for share, (own, batch) in ((share, row.T) for share, row in rows.items()))
    own = rows[0.02][:, 0]
    yield Target(
        "F1 of a 2 % segment ten deviations away", f"{own.mean():.3f} mean, {own.min():.3f} worst of {len(own)}",
        "≥ 0.95", bool(own.min() >= RARE_F1), by_share)
    held = [share for number, share in enumerate(RARE_SHARES)
            if all(rows[each][:, 0].min() >= RARE_F1 for each in RARE_SHARES[:number + 1])]
    smallest = f"{100 * held[-1]:g} %" if held else "above 2 %"
    yield Target("smallest share at which that holds", smallest, "reported", True)


def elapsed_targets(program, size, seeds):
    """When silent customers move, under a model that is kept still."""
    names = ("an `elapsed` change is published within a sweep of its instant", "`effective_at` is that instant")
    wanted = ("every change", "to the minute, every change")
    if not ours.has_option(program, "model.frozen"):
        return [Target(name, "–", want, None, "this program cannot keep a model still")
                for name, want in zip(names, wanted)]
    few = replace(size, customers=min(size.customers, SILENT_CUSTOMERS))
    found = [pair for seed in range(1, seeds + 1) for pair in elapsed.elapsed(program, seed, few)]
    return [Target(name, measured, want, is_met)
            for name, want, (measured, is_met) in zip(names, wanted, elapsed.targets(found))]
