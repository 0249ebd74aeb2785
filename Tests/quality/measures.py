"""What is measured of a method: by its centroids on a day's population, and by the segments that it shows over time."""
from dataclasses import dataclass

import numpy
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from population import Scaler

FLAP_DAYS = 7
# (figure, heading, digits, whether the greatest is the worst)
FIGURES = [
    ("inertia", "inertia at the end", 4, True), ("inertia_3", "three sweeps after", 4, True),
    ("inertia_day", "in the day's space", 4, True), ("ari", "ARI", 3, False), ("f1", "rarest F1", 3, False),
    ("model_relabels", "by the model, % a day", 3, True), ("published", "published, % a day", 3, True),
    ("flaps", "flaps, %", 2, True), ("lag", "lag, days", 1, True), ("arrived", "arrived, %", 1, False),
    ("ids_kept", "ids kept, %", 2, False)]


def nearest(points, centroids):
    """The nearest centroid of each point, and the squared distance to it."""
    squared = (points**2).sum(axis=1)[:, None] - 2 * points @ centroids.T + (centroids**2).sum(axis=1)[None, :]
    found = squared.argmin(axis=1)
    return found, numpy.maximum(squared[numpy.arange(len(points)), found], 0)


def best_inertia(points, k):
    """What `KMeans(n_init=20)` comes to."""
    return KMeans(k, n_init=20, random_state=1).fit(points).inertia_


def inertia_ratio(points, centroids, best):
    """The inertia of centroids over the best."""
    return float(nearest(points, centroids)[1].sum() / best)


class DaySpace:
    """The space of a day's own scaler, in which methods of different scalers can be compared."""

    def __init__(self, raw, k):
        self.scaler = Scaler.fitted(raw)
        self.points = self.scaler.scaled(raw)
        self.best = best_inertia(self.points, k)

    def ratio(self, centroids, scaler):
        """The inertia ratio of the centroids of another scaler's space."""
        return inertia_ratio(self.points, self.scaler.scaled(scaler.raw(centroids)), self.best)


def agreement(labels, truth):
    """(ARI, F1 of the rarest group) of the customers who have both a label and a group."""
    both = (labels >= 0) & (truth >= 0)
    labels, truth = labels[both], truth[both]
    groups, sizes = numpy.unique(truth, return_counts=True)
    rarest = truth == groups[sizes.argmin()]
    f1 = 0.0
    for label in numpy.unique(labels):
        mine = labels == label
        f1 = max(f1, 2 * (mine & rarest).sum() / (mine.sum() + rarest.sum()))
    return float(adjusted_rand_score(truth, labels)), float(f1)


@dataclass
class Shown:
    """What a method shows over days: `labels[day - first][customer]`, and the changes between (and within) the days."""
    first: int
    labels: numpy.ndarray
    day: numpy.ndarray
    customer: numpy.ndarray
    left: numpy.ndarray
    entered: numpy.ndarray
    # Customers relabelled because the model moved, over all days.
    by_model: int

    @classmethod
    def daily(cls, first, labels, by_model):
        """Of a method that shows labels once a day."""
        moved = (labels[1:] != labels[:-1]) & (labels[1:] >= 0) & (labels[:-1] >= 0)
        day, customer = numpy.nonzero(moved)
        return cls(first, labels, day + first + 1, customer, labels[day, customer], labels[day + 1, customer], by_model)


def flaps_of(shown):
    """Changes A→B after which the next is B→A within seven days."""
    by_customer = numpy.lexsort((shown.day, shown.customer))
    customer, day = shown.customer[by_customer], shown.day[by_customer]
    left, entered = shown.left[by_customer], shown.entered[by_customer]
    returns = (customer[1:] == customer[:-1]) & (left[1:] == entered[:-1]) & (entered[1:] == left[:-1])
    return int((returns & (day[1:] - day[:-1] <= FLAP_DAYS)).sum())


def majorities(labels, truth):
    """The label that most customers of each group have: {group: label}."""
    found = {}
    for group in numpy.unique(truth[truth >= 0]):
        mine = labels[(truth == group) & (labels >= 0)]
        if len(mine):
            found[int(group)] = int(numpy.bincount(mine).argmax())
    return found


def shown_figures(shown, stream):
    """The figures of what was shown, from the first of its days to the last."""
    last = shown.first + len(shown.labels) - 1
    truths = [stream.truth(day) for day in range(shown.first, last + 1)]
    kept = steps = 0
    before = majorities(shown.labels[0], truths[0])
    for labels, truth in zip(shown.labels[1:], truths[1:]):
        now = majorities(labels, truth)
        both = [group for group in now if group in before]
        steps += len(both)
        kept += sum(now[group] == before[group] for group in both)
        before = now
    people = (shown.labels >= 0).sum() - (shown.labels[0] >= 0).sum()
    changes = len(shown.day)
    lag, arrived = lag_of(shown, stream, majorities(shown.labels[-1], truths[-1]))
    return {
        "model_relabels": 100 * shown.by_model / people, "published": 100 * changes / people,
        "flaps": 100 * flaps_of(shown) / changes if changes else 0.0, "lag": lag, "arrived": arrived,
        # Of all steps from day to day, those in which a group's most frequent segment stays.
        "ids_kept": 100 * kept / steps}


def lag_of(shown, stream, targets):
    """(median days from a planted move to the published one, share of moves that arrived).

    Who is in the group's segment before it moves is not counted: a segment may move with its customers.
    """
    lags, missed = [], 0
    for customer, day, group in stream.moves:
        start = int(numpy.ceil(day)) - shown.first
        if start < 1 or group not in targets:
            continue
        own = shown.labels[:, customer]
        if own[start - 1] == targets[group]:
            continue
        there = numpy.nonzero(own[start:] == targets[group])[0]
        if len(there):
            lags.append(start + there[0] + shown.first - day)
        else:
            missed += 1
    if not lags and not missed:
        return numpy.nan, numpy.nan
    return float(numpy.median(lags)) if lags else numpy.nan, 100 * len(lags) / (len(lags) + missed)
