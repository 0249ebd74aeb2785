#!/usr/bin/env python3
"""Asks the learner's parts of the built program for answers, and judges them by numpy, scipy and scikit-learn.

    Tests/reference/check_learner.py [--program PATH]

The answers come from `Benchmarks learner`, which is built beside the program. Every law is also shown answers that are
a little wrong, and must notice. Needs Tests/reference/requirements.txt.
"""
import copy
import os
import random
import sys
import warnings

sys.dont_write_bytecode = True
# Before numpy is there: threads that wait for each other make small problems slow, and sums depend on their number.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
import learner_laws as laws
import learner_spoilers as spoilers
import numpy
from checks import Checks, answers_of, program_of
from learner_points import (
    degenerate_clouds, labels_of, planted_cloud, purchases_of, random_clouds, real_clouds, starts_of)

STARTS = 4
SEEDS = 200
FITS = 30


def of_points(clouds):
    """(law's name, law, request) of k-means and of measures, for each cloud."""
    for cloud in clouds:
        for seed in range(STARTS):
            start = starts_of(cloud, seed)
            request = cloud.request("lloyd", start=start.ravel().tolist())
            yield f"Lloyd, {cloud.name}, start {seed}", laws.lloyd, request
            # Where labels can be doubted or a cluster runs empty scikit-learn goes another way, by design.
            if cloud.is_plain and laws.textbook(cloud.points, start)[3]:
                yield f"Lloyd beside scikit-learn, {cloud.name}, start {seed}", laws.lloyd_peer, request
            labels = labels_of(cloud, seed)
            yield f"measures, {cloud.name}, labels {seed}", laws.quality, cloud.request("quality", labels=labels)
            pair = {"op": "adjusted_rand", "one": labels, "other": labels_of(cloud, seed + 100)}
            yield f"adjusted Rand index, {cloud.name}, labels {seed}", laws.adjusted_rand, pair


def of_seeds(clouds):
    """The same of starts and fits over many seeds."""
    for cloud in clouds:
        request = cloud.request("seeds", k=cloud.k, seed=1, repeats=SEEDS)
        yield f"k-means++, {cloud.name}", laws.seeds, request
    for cloud in clouds[-3:]:
        request = cloud.request("fit", k=cloud.k, seed=1, repeats=FITS, restarts=10)
        yield f"fits, {cloud.name}", laws.fit, request
    for groups in (3, 4, 6):
        for seed in (1, 2):
            request = planted_cloud(groups, seed).request("choose_k", seed=seed, planted=groups)
            yield f"k: auto, {groups} groups, seed {seed}", laws.choose_k, request


def of_numbers():
    """The same of sums, cuts and assignments."""
    source = random.Random(5)
    ties = [(step + 0.5) / 2**20 for step in range(-300, 300)]
    values = ties + [source.uniform(-64, 64) for _ in range(2000)] + [0.0, -0.0, 64.0, -64.0, 8.0, -8.0, 2.0**-40]
    yield "fixed point", laws.fixed_point, {"op": "fixed_point", "values": values}
    for seed in range(1, 7):
        request = {
            "op": "stream", "purchases": purchases_of(seed), "partitions": seed % 3 + 1, "k": 2 + seed,
            "half_life_days": [30, 90, 365][seed % 3], "batch": 40, "fit_after": 12}
        yield f"sums of a stream, seed {seed}", laws.stream_sums, request
        yield f"decayed sums of a stream, seed {seed}", laws.stream_decay, request
    shares = [0.2, 0.25, 0.4, 0.5, 0.6, 0.75, 0.8, 0.005, 0.995, 1.0]
    for name, numbers in (
        ("uniform", [source.randrange(0, 100_000) for _ in range(5000)]),
        ("log-normal", [int(source.lognormvariate(8, 3)) for _ in range(5000)]),
        ("small", [source.randrange(1, 9) for _ in range(300)]),
        ("at powers of two", [2**power + shift for power in range(1, 62) for shift in (-1, 0, 1)]),
        ("below zero", [source.randrange(-500, 500) for _ in range(1000)]),
        ("the largest", [2**63 - 1, 2**62, 2**62 - 1, 2**53 + 1]), ("one", [4711]), ("alike", [77] * 50),
    ):
        yield f"cuts, {name}", laws.cuts, {"op": "cuts", "values": numbers, "quantiles": shares}
    for rows, columns, most in (
        (1, 1, 9), (2, 2, 9), (5, 5, 3), (6, 6, 0), (6, 10, 100), (20, 20, 1000), (64, 64, 10**6), (10, 64, 50)):
        for seed in (1, 2, 3):
            costs = numpy.random.default_rng(seed).integers(-most, most + 1, (rows, columns)).tolist()
            request = {"op": "assignment", "cost": costs}
            yield f"assignment of {rows} to {columns} up to {most}, seed {seed}", laws.assignment, request


def main():
    """Judges every answer, and then what is spoiled of it."""
    # Of points in few places scikit-learn warns that it found fewer clusters.
    warnings.filterwarnings("ignore", module="sklearn")
    checks, program = Checks(), program_of(sys.argv)
    known = random_clouds()
    real = real_clouds(checks)
    cases = list(of_points(known + degenerate_clouds() + real))
    cases += list(of_seeds(known[:4] + known[12:14] + real)) + list(of_numbers())
    found = answers_of("learner", program, [request for _, _, request in cases])
    unnoticed, tried = {}, {}
    for (name, law, request), answer in zip(cases, found, strict=True):
        checks.none(name, law(request, answer))
        for what, spoil in spoilers.of(law):
            spoiled = copy.deepcopy(answer)
            # What there is nothing to spoil of is left.
            if not spoil(request, spoiled, random.Random(name)):
                continue
            place = f"{law.__name__}: {what}"
            tried[place] = tried.get(place, 0) + 1
            if next(iter(law(request, spoiled)), None) is None:
                unnoticed.setdefault(place, []).append(f"nobody noticed it in `{name}`")
    for law in {law for _, law, _ in cases}:
        for what, _ in spoilers.of(law):
            place = f"{law.__name__}: {what}"
            checks.none(f"spoiled {place}, {tried.get(place, 0)} times: found", unnoticed.get(place, []) if tried.get(
                place) else ["it was never tried"])
    checks.finish()


if __name__ == "__main__":
    main()
