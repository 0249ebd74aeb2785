"""What must hold of the clusterings of tables, by scipy and scikit-learn.

Each law takes a request and its answer and yields what is wrong with it.
"""
import functools
import warnings

import numpy
from learner_laws import davies_bouldin, is_alike, is_near, points_of
from scipy.cluster import hierarchy
from scipy.spatial.distance import cdist
from sklearn import cluster, metrics

HEIGHT_TOLERANCE = 1e-9
INDEX_TOLERANCE = 1e-10
STABLE_MIN = 0.95


def merges_of(answer):
    """The merges, one a row: two clusters, height, rows."""
    return numpy.array(answer["merges"]).reshape(-1, 4)


def is_same(one, other):
    """Whether two labellings part the rows in the same way."""
    return len(set(zip(one, other))) == len(set(one)) == len(set(other))


# Agglomerative

def linkage_tree(request, answer):
    """The merges are a tree, the lowest first, and each labelling has as many clusters as it should."""
    merges = merges_of(answer)
    count = len(points_of(request))
    if count > 1 and not hierarchy.is_valid_linkage(merges):
        yield "the merges are no tree"
    if not (numpy.diff(merges[:, 2]) >= -1e-12 * numpy.abs(merges[1:, 2])).all():
        yield "a merge is lower than the one before"
    for k, labels in zip(request["ks"], answer["labels"], strict=True):
        if sorted(set(labels)) != list(range(k)):
            yield f"labels {sorted(set(labels))} of {k} clusters"


def linkage_peer(request, answer):
    """Heights are scipy's and the clusters scikit-learn's, where no two distances are nearly equal."""
    points = points_of(request)
    merges, expected = merges_of(answer), hierarchy.linkage(points, request["linkage"])
    away = numpy.abs(merges[:, 2] - expected[:, 2]) / numpy.maximum(1.0, expected[:, 2])
    if not away.max() <= HEIGHT_TOLERANCE:
        yield f"a height is {away.max():.3g} from scipy's"
    wrong = int((merges[:, [0, 1, 3]] != expected[:, [0, 1, 3]]).any(axis=1).sum())
    if wrong:
        yield f"{wrong} merges are not scipy's"
    for k, labels in zip(request["ks"], answer["labels"], strict=True):
        peer = cluster.AgglomerativeClustering(n_clusters=k, linkage=request["linkage"]).fit(points)
        if not is_same(labels, peer.labels_.tolist()):
            yield f"{k} clusters are not scikit-learn's"


# DBSCAN

def dbscan(request, answer):
    """Labels, cores and noise are scikit-learn's, exactly."""
    points = points_of(request)
    # By distances that are computed one by one: the peer's own way loses half the digits of near points.
    peer = cluster.DBSCAN(eps=request["eps"], min_samples=request["min_points"], metric="precomputed")
    peer.fit(cdist(points, points))
    if answer["cores"] != peer.core_sample_indices_.tolist():
        yield f"{len(answer['cores'])} cores, scikit-learn's are {len(peer.core_sample_indices_)}"
    wrong = int((numpy.array(answer["labels"]) != peer.labels_).sum())
    if wrong:
        yield f"{wrong} labels are not scikit-learn's"


def distance_curve(request, answer):
    """Distances are numpy's, and the radius is where the sorted curve lies farthest below its chord."""
    points = points_of(request)
    column = min(request["neighbours"], len(points)) - 1
    expected = numpy.sort(cdist(points, points), axis=1)[:, column]
    away = (numpy.abs(numpy.array(answer["distances"]) - expected) / numpy.maximum(1.0, expected)).max()
    if not away <= 1e-9:
        yield f"a distance is {away:.3g} off"
        return
    curve = numpy.sort(answer["distances"])
    if curve[0] == curve[-1]:
        if answer["eps"] != (curve[-1] if curve[-1] > 0 else 1):
            yield f"the radius of a level curve at {curve[-1]!r} is {answer['eps']!r}"
        return
    chord = curve[0] + (curve[-1] - curve[0]) * numpy.linspace(0, 1, len(curve))
    knee = curve[(chord - curve).argmax()]
    above = curve[curve > knee]
    radius = (knee + above[0]) / 2 if len(above) else knee
    if not is_near(answer["eps"], radius, 1e-9):
        yield f"the radius is {answer['eps']!r}, by the chord {radius!r}"


# Affinity propagation

@functools.lru_cache
def affinity_peer(points, features):
    """(exemplars, labels, whether it converged) of scikit-learn; points as bytes."""
    points = numpy.frombuffer(points).reshape(-1, features)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        peer = cluster.AffinityPropagation(random_state=1).fit(points)
    has_converged = not any("converge" in str(warning.message) for warning in caught)
    return peer.cluster_centers_indices_.tolist(), peer.labels_.tolist(), has_converged


def affinity(request, answer):
    """Exemplars and clusters are scikit-learn's where it converges; where it does not, so is said."""
    exemplars, labels, has_converged = affinity_peer(points_of(request).tobytes(), request["features"])
    if answer["converged"] != has_converged:
        yield f"converged is {answer['converged']}, scikit-learn's {has_converged}"
    if not has_converged:
        return
    if not is_same(answer["labels"], labels):
        yield "the clusters are not scikit-learn's"
        return
    # Of two rows either is as good an exemplar: chance decides, there as here.
    pairs = {label for label in labels if labels.count(label) == 2}
    for label, exemplar in enumerate(exemplars):
        own = answer["labels"][exemplar]
        if label not in pairs and answer["exemplars"][own] != exemplar:
            yield f"exemplar {answer['exemplars'][own]}, scikit-learn's {exemplar}"


# Mini-batch k-means

@functools.lru_cache
def mini_batch_peer(points, features, k, count):
    """The inertias of scikit-learn's fits; points as bytes."""
    points = numpy.frombuffer(points).reshape(-1, features)
    return [
        cluster.MiniBatchKMeans(k, n_init=3, random_state=seed).fit(points).inertia_ for seed in range(count)]


def mini_batch(request, answer):
    """Labels are of the nearest centroid; over the seeds the inertia is, in the mean, no worse than scikit-learn's."""
    points = points_of(request)
    squared = cdist(points, numpy.array(answer["centroids"]).reshape(-1, request["features"]), "sqeuclidean")
    if not numpy.allclose(squared[range(len(points)), answer["labels"]], squared.min(axis=1), rtol=1e-9, atol=1e-12):
        yield "a label is not of the nearest centroid"
    if not is_near(answer["inertias"][0], squared.min(axis=1).sum(), 1e-9):
        yield f"inertia {answer['inertias'][0]!r}, by the centroids {squared.min(axis=1).sum()!r}"
    peers = mini_batch_peer(points.tobytes(), request["features"], request["k"], request["repeats"])
    difference, most = is_alike(answer["inertias"], peers)
    # They end a little above the inertia of k-means, each in its way: 1 % says nothing.
    if not difference <= most + 0.01 * numpy.mean(peers):
        yield f"inertia is {difference:.4f} more than scikit-learn's {numpy.mean(peers):.4f}, allowed {most:.4f}"


# Whole comparisons

def outcomes_of(answer):
    """Outcomes by algorithm."""
    return {outcome["algorithm"]: outcome for outcome in answer["outcomes"]}


def compare(request, answer):
    """Indices, sizes and agreement are those of the labels, by scikit-learn."""
    if "error" in answer:
        yield f"it ended: {answer['error']}"
        return
    points = points_of(request)
    every = [numpy.array(outcome["labels"]) for outcome in answer["outcomes"]]
    for outcome, labels in zip(answer["outcomes"], every, strict=True):
        for problem in indices(points, outcome, labels):
            yield f"{outcome['algorithm']}: {problem}"
    agreement = numpy.array(answer["agreement"]).reshape(len(every), -1)
    expected = numpy.array([[metrics.adjusted_rand_score(one, other) for other in every] for one in every])
    if not numpy.abs(agreement - expected).max() <= INDEX_TOLERANCE:
        yield f"agreement is {numpy.abs(agreement - expected).max():.3g} from scikit-learn's"
    taken = every[answer["chosen"]]
    means = numpy.array([points[taken == label].mean(axis=0) for label in range(taken.max() + 1)])
    if not numpy.allclose(numpy.array(answer["centroids"]).reshape(means.shape), means, rtol=1e-9, atol=1e-9):
        yield "the centroids are not the means of what is taken"


def indices(points, outcome, labels):
    """What is wrong with the indices of one outcome."""
    sizes = numpy.bincount(labels[labels >= 0]).tolist()
    if outcome["sizes"] != sizes or sizes != sorted(sizes, reverse=True):
        yield f"sizes {outcome['sizes']}, of the labels {sizes}"
    if not is_near(outcome["noise_share"], (labels < 0).mean(), 1e-12):
        yield f"noise {outcome['noise_share']!r}"
    if len(outcome["stability"]) != len(sizes) or not all(0 <= value <= 1 for value in outcome["stability"]):
        yield f"stability {outcome['stability']}"
    points, labels = points[labels >= 0], labels[labels >= 0]
    if not 2 <= len(sizes) < len(labels):
        if outcome["silhouette"] is not None:
            yield "there is an index of labels that are too few or too many"
        return
    for name, value in (
        ("silhouette", metrics.silhouette_score(cdist(points, points), labels, metric="precomputed")),
        ("calinski_harabasz", metrics.calinski_harabasz_score(points, labels)),
        ("davies_bouldin", davies_bouldin(points, labels)),
    ):
        if not is_near(outcome[name], value, INDEX_TOLERANCE):
            yield f"{name} is {outcome[name]!r}, scikit-learn's {value!r}"


def planted(request, answer):
    """Of groups that lie far apart the number is chosen, every told algorithm finds them, and they are stable."""
    yield from compare(request, answer)
    if answer["k"] != request["planted"]:
        yield f"{answer['k']} of {request['planted']} groups"
    if {k for _, k in answer["votes"]} != {request["planted"]}:
        yield f"votes {answer['votes']}"
    members = request["members"]
    for name in ("k-means", "mini-batch k-means", "ward", "average linkage", "complete linkage", "single linkage"):
        outcome = outcomes_of(answer)[name]
        if not is_same(outcome["labels"], members):
            yield f"{name} does not find the groups"
        elif not min(outcome["stability"]) >= STABLE_MIN:
            yield f"{name} has a stability of {min(outcome['stability'])}"


def mall(request, answer):
    """Five clusters of income and score have the inertia and the sizes that everybody finds, and five are chosen."""
    yield from compare(request, answer)
    outcome = outcomes_of(answer)["k-means"]
    points, labels = points_of(request), numpy.array(outcome["labels"])
    inertia = sum(((points[labels == label] - points[labels == label].mean(axis=0)) ** 2).sum() for label in range(5))
    if sorted(outcome["sizes"]) != [22, 23, 35, 39, 81]:
        yield f"sizes {outcome['sizes']}"
    if not is_near(inertia, 44448.4554479, 1e-11):
        yield f"inertia {inertia!r}"
    if answer["k"] != 5 or dict(answer["votes"])["silhouette"] != 5 or dict(answer["votes"])["elbow"] != 5:
        yield f"k = {answer['k']}, votes {answer['votes']}"
    tried = next(one for one in answer["candidates"] if one["k"] == 5)
    if not is_near(tried["inertia"], inertia, 1e-12) or not is_near(
            tried["silhouette"], outcome["silhouette"], 1e-12):
        yield f"among the numbers that were tried 5 has inertia {tried['inertia']!r}"
