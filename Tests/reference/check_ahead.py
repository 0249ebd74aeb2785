#!/usr/bin/env python3
"""Asks what looks ahead (forecasts, baskets, campaigns, classifiers) for answers, and judges them by lifetimes,
mlxtend and scikit-learn.

    Tests/reference/check_ahead.py [--program PATH]

The answers come from `Benchmarks ahead`, which is built beside the program. Every law is also shown answers that are a
little wrong, and must notice. Needs Tests/reference/requirements.txt.
"""
import copy
import os
import sys
import warnings

sys.dont_write_bytecode = True
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
import ahead_data as data
import ahead_laws as laws
import numpy
from checks import TOP, Checks, answers_of, program_of, replay


def of_forecasts(cdnow):
    """(law's name, law, request) of forecasts."""
    for weeks in (13, 39):
        yield f"CDNOW, {weeks} weeks", laws.cdnow, {"op": "forecast", "weeks": weeks, **cdnow}
    for seed in range(3):
        request = {"op": "forecast", "weeks": 26, **data.simulated_customers(seed)}
        yield f"simulated customers, seed {seed}", laws.forecast, request
    for name, parameters in (
        ("CDNOW's parameters", [0.243, 4.414, 0.793, 2.426]), ("a is 1", [0.5, 6.0, 1.0, 2.0]),
        ("a + b is 1", [0.7, 3.0, 0.4, 0.6]), ("a + b below 1", [0.2, 9.0, 0.1, 0.3]),
        ("a large", [2.0, 12.0, 5.5, 9.0]), ("hardly anyone leaves", [1.1, 5.0, 0.02, 8.0]),
    ):
        for weeks in (0.5, 10.0, 104.0):
            histories = data.some_histories()
            yield f"BG/NBD, {name}, {weeks} weeks", laws.purchasing, {
                "op": "purchasing", "parameters": parameters, "weeks": weeks, **histories}


def of_baskets(checks):
    """The same of baskets."""
    known = data.groceries()
    if known is None:
        checks.skip("groceries", "`groceries.csv.xz` is not beside the clone")
    items, baskets = known or (0, [])
    for support, length in ((0.01, 4), (0.005, 3), (0.02, 2), (0.1, 4)) if known else ():
        yield f"groceries, support {support}, up to {length} items", laws.baskets, {
            "op": "baskets", "items": items, "baskets": baskets, "support": support, "confidence": 0.05,
            "length": length}
    for seed in range(4):
        items, baskets = data.random_baskets(seed)
        yield f"random baskets, seed {seed}", laws.baskets, {
            "op": "baskets", "items": items, "baskets": baskets, "support": 0.07, "confidence": 0.0, "length": 5}


def of_responses():
    """The same of campaigns and classifiers."""
    for seed in range(3):
        source = numpy.random.default_rng(seed)
        labels = source.integers(0, 5, 900)
        response = (source.random(900) < numpy.array([0.02, 0.1, 0.15, 0.3, 0.0])[labels]).astype(int)
        for value in ([], [11.0]):
            yield f"campaign, seed {seed}, value {value}", laws.campaign, {
                "op": "campaign", "labels": labels.tolist(), "response": response.tolist(), "cost": 3.0,
                "value": value}
    for name, points, labels in data.tables():
        rows, features = points.shape
        plain = {"points": points.ravel().tolist(), "features": features, "labels": labels.tolist()}
        for c in (1.0, 0.01, 100.0):
            yield f"logistic regression, {name}, C {c}", laws.logistic, {"op": "logistic", "c": c, **plain}
        for depth, leaf in ((2, 20), (4, 7)):
            yield f"tree, {name}, depth {depth}", laws.tree, {"op": "tree", "depth": depth, "leaf": leaf, **plain}
        classes = numpy.random.default_rng(rows).integers(0, 3, rows)
        yield f"classifiers, {name}", laws.classifiers, {
            "op": "classifiers", "seed": 7, **plain,
            "labels": (labels + (labels > 0) * (points[:, 0] > 0)).tolist()}
        for count in (2, 3):
            probabilities = data.probabilities(rows, count)
            yield f"measures, {name}, {count} classes", laws.quality, {
                "op": "quality", "probabilities": probabilities, "labels": (classes % count).tolist()}


def main():
    """Judges every answer, and then what is spoiled of it."""
    warnings.filterwarnings("ignore")
    checks, program = Checks(), program_of(sys.argv)
    log = TOP / "replay" / "CDNOW_sample.txt.xz"
    cdnow = data.cdnow(log)
    cases = list(of_forecasts(cdnow)) + list(of_baskets(checks)) + list(of_responses())
    found = answers_of("ahead", program, [request for _, _, request in cases])
    unnoticed, tried = [], 0
    for (name, law, request), answer in zip(cases, found, strict=True):
        checks.none(name, law(request, answer) if "error" not in answer else [answer["error"]])
        for what, spoil in laws.spoilers(law):
            spoiled = copy.deepcopy(answer)
            if "error" in answer or spoil(spoiled) is False:
                continue
            tried += 1
            if not list(law(request, spoiled)):
                unnoticed.append(f"{name}: {what}")
    checks.none(f"what is spoiled is noticed, {tried} times", unnoticed if tried else ["nothing was tried"])
    stream(checks, program, log, cdnow, found[0])
    checks.finish()


def stream(checks, program, log, cdnow, of_file):
    """What the stream keeps of customers gives the same fit as the file that it read."""
    outcome = replay(program, [log], "--map", str(TOP / "replay" / "cdnow.yaml"), "--until", "1997-09-30")
    kept = data.of_customers(outcome.customers)
    for name in ("frequency", "recency", "age"):
        checks.equal(f"the customers file of a replay tells each customer's {name}", kept[name], cdnow[name])
    wrong = [pair for pair in zip(kept["value"], cdnow["value"]) if abs(pair[0] - pair[1]) > 1e-9]
    checks.none("the customers file of a replay tells what each customer spends", wrong)
    ids = " ".join(row["customer_id"] for row in outcome.customers)
    answer = answers_of("ahead", program, [{
        "op": "stream", "weeks": 13, "file": outcome.bytes["customers"].decode(), "ids": ids}])[0]
    if "error" in answer:
        checks.none("the customers file of a replay is read", [answer["error"]])
        return
    near = [
        f"{name}: {answer[name]} beside {of_file[name]}" for name in ("parameters", "log_likelihood", "spending")
        if not numpy.allclose(answer[name], of_file[name], rtol=1e-6, atol=0)]
    checks.none("the customers file of a replay gives the same fit as the log", near)


if __name__ == "__main__":
    main()
