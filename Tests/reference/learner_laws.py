"""What must hold of the learner's answers, by numpy, scipy, scikit-learn and Python's integers.

Each law takes a request and its answer and yields what is wrong with it.
"""
import functools
import math
from fractions import Fraction

import numpy
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn import metrics
from sklearn.cluster import KMeans, kmeans_plusplus

ITERATIONS_MAX = 300


def points_of(request):
    """The request's points, one row each."""
    return numpy.array(request["points"], dtype=float).reshape(-1, request["features"])


def is_near(found, expected, tolerance):
    """Whether two numbers differ by no more than this share of the larger, or by as much below 1."""
    return found is not None and abs(found - expected) <= tolerance * max(1.0, abs(expected))


# k-means

def textbook(points, start):
    """Lloyd's iterations: the first of equally near centroids wins, one without points keeps its place.

    Returns centroids, labels, inertia and whether each cluster had points all the way.
    """
    centroids, labels, is_full = start.copy(), None, True
    for _ in range(ITERATIONS_MAX):
        squared = numpy.zeros((len(points), len(centroids)))
        for feature in range(points.shape[1]):
            squared += (points[:, feature, None] - centroids[None, :, feature]) ** 2
        nearest = squared.argmin(axis=1)
        inertia = squared.min(axis=1).sum()
        if labels is not None and (nearest == labels).all():
            break
        labels = nearest
        for cluster in range(len(centroids)):
            members = points[labels == cluster]
            is_full = is_full and len(members) > 0
            if len(members):
                # One after the other, as the program adds: a tie is then decided by the same bits.
                centroids[cluster] = numpy.add.accumulate(members)[-1] / len(members)
    return centroids, labels, inertia, is_full


def differs(name, answer, centroids, labels, inertia):
    """Where an answer is not these centroids, labels and inertia."""
    found = numpy.array(answer["centroids"]).reshape(centroids.shape)
    wrong = int((numpy.array(answer["labels"]) != labels).sum())
    if wrong:
        yield f"{wrong} labels are not {name}'s"
    away = (numpy.abs(found - centroids) / numpy.maximum(1.0, numpy.abs(centroids))).max()
    if not away <= 1e-9:
        yield f"a centroid is {away:.3g} from {name}'s"
    if not is_near(answer["inertia"], inertia, 1e-9):
        yield f"inertia {answer['inertia']!r}, {name}'s {inertia!r}"


def lloyd(request, answer):
    """Lloyd's iterations end where the textbook's do, ties and empty clusters included."""
    points = points_of(request)
    start = numpy.array(request["start"]).reshape(-1, request["features"])
    centroids, labels, inertia, _ = textbook(points, start)
    if not answer["converged"]:
        yield "it did not converge"
    yield from differs("the textbook", answer, centroids, labels, inertia)


def lloyd_peer(request, answer):
    """They end where scikit-learn's do; it moves an empty cluster elsewhere, so such starts are left out before."""
    points = points_of(request)
    start = numpy.array(request["start"]).reshape(-1, request["features"])
    peer = KMeans(len(start), init=start, n_init=1, tol=0, max_iter=ITERATIONS_MAX, algorithm="lloyd").fit(points)
    yield from differs("scikit-learn", answer, peer.cluster_centers_, peer.labels_, peer.inertia_)


def inertia_of(points, centroids):
    """The sum of squared distances to the nearest centroid."""
    return cdist(points, centroids, "sqeuclidean").min(axis=1).sum()


def is_alike(own, peers):
    """(difference of the means, three standard errors of it) of two sets of numbers."""
    error = math.sqrt(numpy.var(own, ddof=1) / len(own) + numpy.var(peers, ddof=1) / len(peers))
    return numpy.mean(own) - numpy.mean(peers), 3 * error + 1e-9 * abs(numpy.mean(peers))


# What the peer says is kept, for the answers that are spoiled afterwards.

@functools.lru_cache
def start_inertias(points, features, k, count):
    """The inertias of scikit-learn's greedy k-means++ starts; points as bytes."""
    points = numpy.frombuffer(points).reshape(-1, features)
    return [inertia_of(points, kmeans_plusplus(points, k, random_state=seed)[0]) for seed in range(count)]


@functools.lru_cache
def fit_inertias(points, features, k, restarts, count):
    """The inertias of scikit-learn's fits; points as bytes."""
    points = numpy.frombuffer(points).reshape(-1, features)
    return [KMeans(k, n_init=restarts, random_state=seed).fit(points).inertia_ for seed in range(count)]


def seeds(request, answer):
    """The inertia of greedy k-means++ starts is, in the mean over the seeds, that of scikit-learn's."""
    points, k, count = points_of(request), request["k"], request["repeats"]
    for start in answer["starts"]:
        if len(start) != k * request["features"]:
            yield f"a start of {len(start)} numbers"
            return
    own = [inertia_of(points, numpy.array(start).reshape(k, -1)) for start in answer["starts"]]
    peers = start_inertias(points.tobytes(), request["features"], k, count)
    difference, most = is_alike(own, peers)
    if not abs(difference) <= most:
        yield f"mean inertia {numpy.mean(own):.4f}, scikit-learn's {numpy.mean(peers):.4f}, allowed ± {most:.4f}"


def fit(request, answer):
    """Whole fits are, in the mean over the seeds, no worse than scikit-learn's with as many restarts."""
    points, k = points_of(request), request["k"]
    peers = fit_inertias(points.tobytes(), request["features"], k, request["restarts"], request["repeats"])
    difference, most = is_alike(answer["inertias"], peers)
    if not difference <= most:
        yield f"inertia is {difference:.4f} more than scikit-learn's, allowed {most:.4f}"


# Sums

def fixed(value):
    """A number in units of 2^-20, half to even, exactly."""
    return round(Fraction(value) * 2**20)


def fixed_point(request, answer):
    """Fixed point rounds half to even, exactly."""
    for value, found in zip(request["values"], answer["integers"], strict=True):
        if found != fixed(value):
            yield f"{value!r} is {found}, exactly {fixed(value)}"


def stream_sums(_, answer):
    """After a sweep the sums are those of what every customer contributes once, exactly."""
    centroids = numpy.array(answer["centroids"])
    k, features = centroids.shape
    counts, sums, squares = [0] * k, [0] * (k * features), [0] * k
    for customer in answer["customers"]:
        point = numpy.array(customer["scaled"])
        cluster = int(((centroids - point) ** 2).sum(axis=1).argmin())
        values = [fixed(value) for value in customer["scaled"]]
        counts[cluster] += 1
        squares[cluster] += sum(value * value >> 20 for value in values)
        for feature, value in enumerate(values):
            sums[cluster * features + feature] += value
    for name, expected in (("counts", counts), ("sums", sums), ("squares", squares)):
        if answer[name] != expected:
            yield f"{name} are {answer[name]}, exactly {expected}"
    if answer["total"] != len(answer["customers"]):
        yield f"{answer['total']} customers are counted, there are {len(answer['customers'])}"


def stream_decay(request, answer):
    """Decayed sums are those over all purchases at the clock, whatever their order."""
    half_life = request["half_life_days"] * 86_400_000
    purchases = {}
    for customer, time, amount in request["purchases"]:
        purchases.setdefault(customer, []).append((time, amount))
    if sorted(purchases) != sorted(customer["customer"] for customer in answer["customers"]):
        yield "these are not the customers who bought"
    for customer in answer["customers"]:
        bought = purchases.get(customer["customer"], [])
        weights = [2.0 ** ((time - answer["clock_ms"]) / half_life) for time, _ in bought]
        frequency = math.fsum(weights)
        monetary = math.fsum(weight * amount for weight, (_, amount) in zip(weights, bought))
        if not abs(customer["frequency"] - frequency) <= 1e-12 * frequency:
            yield f"customer {customer['customer']}: frequency {customer['frequency']!r}, by definition {frequency!r}"
        # It is reported in whole minor units.
        if not abs(customer["monetary_minor"] - monetary) <= 1e-12 * monetary + 0.5:
            yield f"customer {customer['customer']}: monetary {customer['monetary_minor']}, by definition {monetary!r}"


# Histograms and measures

def cuts(request, answer):
    """A cut lies in the bin of the quantile itself: at least it, and above it by less than 1/32 of it."""
    values = sorted(max(0, value) for value in request["values"])
    for share, cut in zip(request["quantiles"], answer["cuts"], strict=True):
        exact = values[max(0, math.ceil(len(values) * share) - 1)]
        # The upper edge of the bin: 32 bins an octave, below 64 a bin a value.
        width = 1 if exact < 64 else 2 ** (exact.bit_length() - 6)
        edge = exact // width * width + width - 1
        if cut != edge:
            yield f"the {share} quantile is {exact}, its bin ends at {edge}, the cut is {cut}"


def quality(request, answer):
    """Silhouettes, Calinski-Harabasz and Davies-Bouldin are scikit-learn's; where it refuses, so do we."""
    points, labels = points_of(request), numpy.array(request["labels"])
    if not 2 <= len(set(request["labels"])) < len(labels):
        if answer["silhouettes"] is not None:
            yield "there is a measure of labels that are too few or too many"
        return
    # Of distances that are computed one by one: the peer's own way loses half the digits of near points.
    expected = metrics.silhouette_samples(cdist(points, points), labels, metric="precomputed")
    away = numpy.abs(numpy.array(answer["silhouettes"]) - expected).max()
    if not away <= 1e-10:
        yield f"a silhouette is {away:.3g} off"
    for name, value in (
        ("silhouette", expected.mean()), ("calinski_harabasz", metrics.calinski_harabasz_score(points, labels)),
        ("davies_bouldin", davies_bouldin(points, labels)),
    ):
        if not is_near(answer[name], value, 1e-10):
            yield f"{name} is {answer[name]!r}, scikit-learn's {value!r}"
    peer = metrics.davies_bouldin_score(points, labels)
    # The peer loses digits, for the same reason, where points are far from the origin.
    if not is_near(answer["davies_bouldin"], peer, 1e-10 if numpy.abs(points).max() < 1e3 else 1e-6):
        yield f"davies_bouldin is {answer['davies_bouldin']!r}, scikit-learn's own {peer!r}"
    simplified = simplified_silhouettes(points, labels)
    away = numpy.abs(numpy.array(answer["simplified_silhouettes"]) - simplified).max()
    if not away <= 1e-10 or not is_near(answer["simplified_silhouette"], simplified.mean(), 1e-10):
        yield f"a simplified silhouette is {away:.3g} off"


def davies_bouldin(points, labels):
    """By the definition, in the corners as scikit-learn; distances are computed one by one."""
    groups = [points[labels == name] for name in numpy.unique(labels)]
    means = numpy.array([group.mean(axis=0) for group in groups])
    spreads = numpy.array([cdist(group, [mean]).mean() for group, mean in zip(groups, means)])
    apart = cdist(means, means)
    if numpy.allclose(spreads, 0) or numpy.allclose(apart, 0):
        return 0.0
    apart[apart == 0] = numpy.inf
    return ((spreads[:, None] + spreads) / apart).max(axis=1).mean()


def simplified_silhouettes(points, labels):
    """By the definition: distances to the clusters' means."""
    names, own, sizes = numpy.unique(labels, return_inverse=True, return_counts=True)
    means = numpy.array([points[labels == name].mean(axis=0) for name in names])
    distances = cdist(points, means)
    within = distances[numpy.arange(len(points)), own]
    distances[numpy.arange(len(points)), own] = numpy.inf
    nearest = distances.min(axis=1)
    larger = numpy.maximum(within, nearest)
    contrast = numpy.divide(nearest - within, larger, out=numpy.zeros(len(points)), where=larger > 0)
    return numpy.where(sizes[own] == 1, 0.0, contrast)


def adjusted_rand(request, answer):
    """The adjusted Rand index is scikit-learn's."""
    expected = metrics.adjusted_rand_score(request["one"], request["other"])
    if not is_near(answer["value"], expected, 1e-10):
        yield f"it is {answer['value']!r}, scikit-learn's {expected!r}"


def assignment(request, answer):
    """Every row has a column of its own, and integer costs come to exactly scipy's least total."""
    cost = numpy.array(request["cost"], dtype=float)
    columns = answer["columns"]
    if len(columns) != len(cost) or len(set(columns)) != len(columns):
        yield f"columns {columns} are not one for each row"
        return
    own = int(cost[range(len(cost)), columns].sum())
    rows, best = linear_sum_assignment(cost)
    least = int(cost[rows, best].sum())
    if own != least:
        yield f"the total is {own}, scipy's {least}"


def choose_k(request, answer):
    """Of planted groups, far apart, the number is found; the silhouettes are those of fits as good as the peer's."""
    points = points_of(request)
    if answer["chosen"] != request["planted"]:
        yield f"{answer['chosen']} of {request['planted']} groups"
    peer = KMeans(request["planted"], n_init=10, random_state=1).fit(points)
    expected = simplified_silhouettes(points, peer.labels_).mean()
    if not is_near(answer["silhouettes"][request["planted"] - 2], expected, 1e-9):
        yield f"the silhouette of {request['planted']} is {answer['silhouettes'][request['planted'] - 2]}, {expected}"
