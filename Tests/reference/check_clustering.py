#!/usr/bin/env python3
"""Asks the clusterings of tables for answers, and judges them by scipy and scikit-learn.

    Tests/reference/check_clustering.py [--program PATH]

The answers come from `Benchmarks clustering`, which is built beside the program. Every law is also shown answers that
are a little wrong, and must notice. Needs Tests/reference/requirements.txt.
"""
import copy
import csv
import os
import random
import sys
import warnings

sys.dont_write_bytecode = True
# Before numpy is there: sums depend on the number of threads.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
import clustering_laws as laws
import numpy
from checks import Checks, answers_of, program_of, shared_data
from learner_laws import lloyd, lloyd_peer, textbook
from learner_points import Cloud, blobs, degenerate_clouds, random_clouds, real_clouds, starts_of

LINKAGES = ("ward", "average", "complete", "single")


def small(cloud, most=800):
    """The same with fewer points, where there are many."""
    return Cloud(cloud.name, cloud.points[:most], cloud.k, cloud.is_plain)


def of_lloyd(clouds):
    """(law's name, law, request) of k-means in blocks, of more points than fit in one, too."""
    source = numpy.random.default_rng(3)
    centres = source.normal(0, 6, (4, 5))
    many = Cloud("three blocks", centres[source.integers(0, 4, 9000)] + source.normal(0, 1, (9000, 5)), 4)
    for cloud in clouds:
        start = starts_of(cloud, 1)
        request = cloud.request("lloyd", start=start.ravel().tolist())
        yield f"Lloyd in blocks, {cloud.name}", lloyd, request
        if cloud.is_plain and textbook(cloud.points, start)[3]:
            yield f"Lloyd in blocks beside scikit-learn, {cloud.name}", lloyd_peer, request
    request = many.request("lloyd", start=starts_of(many, 2).ravel().tolist())
    yield "Lloyd in blocks beside scikit-learn, three blocks", lloyd_peer, request


def of_linkages(clouds):
    """The same of agglomerative clustering."""
    for cloud in clouds:
        count = len(cloud.points)
        ks = sorted({1, min(2, count), min(cloud.k, count), min(17, count), count})
        for linkage in LINKAGES:
            request = cloud.request("linkage", linkage=linkage, ks=ks)
            yield f"{linkage} is a tree, {cloud.name}", laws.linkage_tree, request
            if cloud.is_plain:
                yield f"{linkage} beside scipy, {cloud.name}", laws.linkage_peer, request


def of_density(clouds):
    """The same of DBSCAN and its radius."""
    for cloud in clouds:
        distances = numpy.unique(numpy.linalg.norm(cloud.points[:, None] - cloud.points[None], axis=2))
        for neighbours in (1, 4, 9, 2 * len(cloud.points)):
            request = cloud.request("distance_curve", neighbours=neighbours)
            yield f"curve to neighbour {neighbours}, {cloud.name}", laws.distance_curve, request
        for share in (0.005, 0.02, 0.1, 0.5):
            place = int(share * len(distances))
            # Between two distances, so that nothing lies on the radius.
            eps = float(distances[place:place + 2].mean()) or 0.5
            for least in (1, 3, 5, 12):
                request = cloud.request("dbscan", eps=eps, min_points=least)
                yield f"DBSCAN, {cloud.name}, radius {eps:.3g}, {least} rows", laws.dbscan, request


def of_messages(clouds):
    """The same of affinity propagation and mini-batch k-means."""
    for cloud in clouds:
        yield f"affinity propagation, {cloud.name}", laws.affinity, cloud.request("affinity", seed=1)
    for number in range(1, 5):
        cloud = blobs(number)
        request = cloud.request("mini_batch", k=cloud.k, seed=1, repeats=20)
        yield f"mini-batch k-means, {cloud.name}", laws.mini_batch, request


def mall_cloud(name):
    """Income and score as they are."""
    with open(shared_data(name), encoding="utf-8-sig", newline="") as file:
        columns = ("Annual Income (k$)", "Spending Score (1-100)")
        rows = [[float(row[column]) for column in columns] for row in csv.DictReader(file)]
    return Cloud(name, numpy.array(rows), 5)


def of_comparisons(clouds):
    """The same of whole comparisons."""
    source = numpy.random.default_rng(4)
    for groups in (3, 5):
        centres = numpy.array([[0, 30, 40], [40, 0, 0], [20, 60, 0], [60, 20, 60], [0, 0, -50]])[:groups]
        members = source.integers(0, groups, 240)
        cloud = Cloud(f"{groups} planted groups", centres[members] + source.normal(0, 1, (240, 3)), groups)
        request = cloud.request("compare", k=0, seed=groups, planted=groups, members=members.tolist())
        yield f"comparison, {cloud.name}", laws.planted, request
    for cloud in clouds:
        if cloud.name.startswith("Mall"):
            yield "comparison, Mall, income and score", laws.mall, mall_cloud(cloud.name).request(
                "compare", k=0, seed=1)
        yield f"comparison, {cloud.name}", laws.compare, cloud.request("compare", k=0, seed=1)
        yield f"comparison, {cloud.name}, k given", laws.compare, cloud.request("compare", k=3, seed=2)


def shifted(name, step):
    """Moves one number of a list."""
    def spoil(answer, source):
        values = answer.get(name)
        if not values:
            return False
        place = source.randrange(len(values))
        values[place] += step * max(1, abs(values[place])) if isinstance(step, float) else step
        return True
    return spoil


def moved_height(answer, source):
    """Makes one merge higher by more than is allowed."""
    if not answer["merges"]:
        return False
    place = 4 * source.randrange(len(answer["merges"]) // 4) + 2
    answer["merges"][place] += 1e-8 * max(1.0, answer["merges"][place])
    return True


def moved_outcome(name):
    """Makes a number of one outcome greater by 1e-8 of it."""
    def spoil(answer, source):
        known = [outcome for outcome in answer["outcomes"] if outcome[name]]
        if not known:
            return False
        source.choice(known)[name] *= 1 + 1e-8
        return True
    return spoil


def relabelled(answer, source):
    """Gives one row of one outcome another cluster."""
    outcome = source.choice([outcome for outcome in answer["outcomes"] if outcome["k"] > 1])
    place = source.randrange(len(outcome["labels"]))
    outcome["labels"][place] = (outcome["labels"][place] + 1) % outcome["k"]
    return True


SPOILERS = {
    laws.linkage_peer: {"a height": moved_height},
    laws.dbscan: {"a label": shifted("labels", 1), "a core": shifted("cores", 1)},
    laws.distance_curve: {"a distance": shifted("distances", 1e-6)},
    laws.affinity: {"an exemplar": shifted("exemplars", 1), "a label": shifted("labels", 1)},
    laws.mini_batch: {"a centroid": shifted("centroids", 0.01)},
    laws.compare: {
        "a silhouette": moved_outcome("silhouette"), "a Calinski-Harabasz ratio": moved_outcome("calinski_harabasz"),
        "a Davies-Bouldin measure": moved_outcome("davies_bouldin"), "a label": relabelled,
        "agreement": shifted("agreement", 1e-8), "a centroid": shifted("centroids", 1e-6)},
}


def unnoticed(law, spoil, cases):
    """The cases whose spoiled answer a law takes for right."""
    tried = 0
    for name, own, request, answer in cases:
        if own is not law or next(iter(law(request, answer)), None) is not None:
            continue
        # Where the peer did not converge there is nothing to compare.
        if law is laws.affinity and not answer["converged"]:
            continue
        spoiled = copy.deepcopy(answer)
        if spoil(spoiled, random.Random(name)):
            tried += 1
            if next(iter(law(request, spoiled)), None) is None:
                yield f"nobody noticed it in `{name}`"
    if tried == 0:
        yield "it was never tried"


def main():
    """Judges every answer, and then what is spoiled of it."""
    warnings.filterwarnings("ignore", module="sklearn")
    checks, program = Checks(), program_of(sys.argv)
    known, odd, real = random_clouds(), degenerate_clouds(), real_clouds(checks)
    few = [small(cloud) for cloud in real]
    cases = list(of_lloyd(known + odd)) + list(of_linkages(known + odd + few))
    cases += list(of_density([cloud for cloud in known + odd if len(cloud.points) <= 400]))
    cases += list(of_messages([cloud for cloud in known if len(cloud.points) <= 400]))
    cases += list(of_comparisons(few))
    found = answers_of("clustering", program, [request for _, _, request in cases])
    answered = [(*case, answer) for case, answer in zip(cases, found, strict=True)]
    for name, law, request, answer in answered:
        checks.none(name, law(request, answer))
    for law, ways in SPOILERS.items():
        for what, spoil in ways.items():
            checks.none(f"spoiled {law.__name__}, {what}: found", unnoticed(law, spoil, answered))
    checks.finish()


if __name__ == "__main__":
    main()
