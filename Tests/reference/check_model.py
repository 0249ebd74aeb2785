#!/usr/bin/env python3
"""Replays logs with the built program, and judges the model it learns, beside scikit-learn's k-means.

    Tests/reference/check_model.py [--program PATH]

Needs numpy and scikit-learn (Tests/reference/requirements.txt) for the comparison; the rest runs without.
"""
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from checks import TOP, Checks, generate, program_of, replay, shared_data
from model_oracle import assignment_problems, model_problems, stayers, z_of
import rule_oracle

# (events, customers, seed) of stationary logs: nobody falls silent, nothing is broken, a year long.
STATIONARY = [(200_000, 4000, 1), (200_000, 4000, 2), (300_000, 20_000, 3)]


def check(checks, name, outcome):
    """What must hold of every model."""
    checks.none(f"{name}: features and scores", model_problems(outcome.model, outcome.customers))
    checks.none(f"{name}: segments", assignment_problems(outcome.changes, outcome.customers, outcome.model))
    checks.none(f"{name}: who stays, stays by the margin", stayers(outcome.customers, outcome.changes, outcome.model))


def check_rules(checks, name, files, *options):
    """Segments by rules: the table, who is where, and the cuts beside numpy's quantiles."""
    outcome = replay(*files, "--segments", "rules", *options)
    checks.none(f"{name}: rules cover each cell once", rule_oracle.table_problems(outcome.model["rules"], True))
    checks.none(f"{name}: scores and cells", model_problems(outcome.model, outcome.customers))
    checks.none(
        f"{name}: segments are cells",
        rule_oracle.assignment_problems(outcome.changes, outcome.customers, outcome.model))
    try:
        import numpy
    except ImportError as why:
        checks.skip(f"{name}: cuts beside numpy", f"{why}; pip install -r Tests/reference/requirements.txt")
        return
    checks.none(
        f"{name}: cuts are within a bin of numpy's quantiles",
        rule_oracle.cut_problems(outcome.customers, outcome.model["cuts"], numpy.quantile))


def check_peer(checks, name, outcome):
    """The centroids beside `KMeans(n_init=20)` on the same points."""
    try:
        import numpy
        from sklearn.cluster import KMeans
    except ImportError as why:
        checks.skip(f"{name}: beside scikit-learn", f"{why}; pip install -r Tests/reference/requirements.txt")
        return
    points = numpy.array([z_of(row) for row in outcome.customers if row["first_purchase"]])
    centroids = numpy.array([segment["centroid"] for segment in outcome.model["segments"]])
    squared = ((points[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)
    own, best = squared.min(axis=1).sum(), KMeans(len(centroids), n_init=20, random_state=1).fit(points)
    ratio = own / best.inertia_
    print(f"        {name}: inertia {own:.2f}, scikit-learn's {best.inertia_:.2f}, ratio {ratio:.5f}")
    checks.none(f"{name}: inertia within 1 % of scikit-learn's", [] if ratio <= 1.01 else [f"ratio {ratio:.5f}"])
    # One more step of k-means moves a centroid that is the mean of its customers hardly at all.
    nearest = squared.argmin(axis=1)
    means = numpy.array([points[nearest == cluster].mean(axis=0) for cluster in range(len(centroids))])
    away = numpy.sqrt(((means - centroids) ** 2).sum(axis=1)).max()
    print(f"        {name}: a centroid is at most {away:.6f} from the mean of its customers")
    checks.none(f"{name}: centroids are means", [] if away <= 0.05 else [f"one is {away:.6f} away"])


def main():
    """Runs the checks."""
    checks, program = Checks(), program_of(sys.argv)
    cdnow = TOP / "replay" / "CDNOW_sample.txt.xz"
    check(checks, "CDNOW", replay(program, [cdnow], "--map", str(TOP / "replay" / "cdnow.yaml")))
    check_rules(checks, "CDNOW by rules", (program, [cdnow], "--map", str(TOP / "replay" / "cdnow.yaml")))
    retail = shared_data("online_retail.csv.xz")
    if retail is None:
        checks.skip("Online Retail", "not found; name the folder of online_retail.csv.xz in SEGMENTER_TEST_DATA")
    else:
        check(checks, "Online Retail", replay(program, [retail], "--map", str(TOP / "replay" / "online-retail.yaml")))
        check_rules(
            checks, "Online Retail by rules",
            (program, [retail], "--map", str(TOP / "replay" / "online-retail.yaml")))
    for events, customers, seed in STATIONARY:
        name = f"stationary log {seed}"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "stationary.json"
            generate(
                program, path, "--events", str(events), "--customers", str(customers), "--span", "365", "--seed",
                str(seed), "--silent", "0", "--broken", "0")
            outcome = replay(program, [path])
        check(checks, name, outcome)
        check_peer(checks, name, outcome)
    checks.finish()


if __name__ == "__main__":
    main()
