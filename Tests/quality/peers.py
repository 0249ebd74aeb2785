"""The peers, each behind one small interface: `learn(points)` in the order of arrival, `centroids`, after each day.

Fed by records, a peer sees the customer's features after each record. Swept, it sees every customer once a day, as our
sweep does: that takes a pipeline which none of them brings along.
"""
import warnings

import numpy
from sklearn.cluster import KMeans, MiniBatchKMeans

from spark import StreamingKMeans


class Peer:
    """What all have in common: points are kept until a batch of theirs is full."""
    centroids = None

    def __init__(self, k, seed, batch=None):
        self.k, self.seed, self.batch, self._kept = k, seed, batch, []

    def learn(self, points):
        """Takes a day's points; with a batch size only whole batches are learned, the rest waits."""
        if len(points):
            self._kept.append(points)
        waiting = sum(len(part) for part in self._kept)
        if not waiting or (self.batch and waiting < self.batch) or (self.centroids is None and waiting < 50 * self.k):
            return
        points = numpy.concatenate(self._kept)
        size = self.batch or len(points)
        whole = len(points) // size * size
        self._kept = [points[whole:]] if whole < len(points) else []
        for first in range(0, whole, size):
            self.step(points[first:first + size])


class MiniBatch(Peer):
    """scikit-learn's MiniBatchKMeans.partial_fit."""

    def __init__(self, k, seed, batch=1024, reassignment_ratio=0.01):
        super().__init__(k, seed, batch)
        self.model = MiniBatchKMeans(
            k, random_state=seed, reassignment_ratio=reassignment_ratio, n_init=3, batch_size=batch or 1024)

    def step(self, points):
        """One partial_fit."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.model.partial_fit(points)
        self.centroids = self.model.cluster_centers_.copy()


class River(Peer):
    """River's KMeans, point by point."""

    def __init__(self, k, seed, **options):
        super().__init__(k, seed)
        from river.cluster import KMeans as RiverKMeans
        self.model = RiverKMeans(k, seed=seed, **options)

    def step(self, points):
        """One learn_one a point."""
        for first, second, third in points.tolist():
            self.model.learn_one({0: first, 1: second, 2: third})
        centers = self.model.centers
        self.centroids = numpy.array([[centers[j][d] for d in range(3)] for j in range(self.k)])


class Spark(Peer):
    """Spark's StreamingKMeans; the batch is a day."""

    def __init__(self, k, seed, decay=1.0, starts_by_data=False):
        super().__init__(k, seed)
        self.model = StreamingKMeans(k, decay)
        if not starts_by_data:
            self.model.set_random_centers(3, 0.0, seed)

    def step(self, points):
        """One update by a batch."""
        if self.model.centers is None:
            start = KMeans(self.k, n_init=1, random_state=self.seed).fit(points)
            self.model.set_initial_centers(start.cluster_centers_, numpy.zeros(self.k))
        self.model.update(points)
        self.centroids = self.model.centers.copy()


# name: (class, whether it is swept, defaults, what is tried on other seeds)
PEERS = {
    "scikit-learn": (MiniBatch, False, {}, [
        {"batch": 256}, {"batch": 4096}, {"batch": 1024, "reassignment_ratio": 0.0},
        {"batch": 256, "reassignment_ratio": 0.0}]),
    "River": (River, False, {}, [{"halflife": 0.1}, {"halflife": 0.01}, {"halflife": 0.9}]),
    "Spark": (Spark, False, {}, [
        {"starts_by_data": True}, {"starts_by_data": True, "decay": 0.98}, {"starts_by_data": True, "decay": 0.9},
        {"decay": 0.98}]),
    "scikit-learn, swept": (MiniBatch, True, {"batch": 1024}, [
        {"batch": None}, {"batch": None, "reassignment_ratio": 0.0}, {"batch": 256, "reassignment_ratio": 0.0}]),
    "Spark, swept": (Spark, True, {}, [
        {"starts_by_data": True}, {"starts_by_data": True, "decay": 0.8}, {"starts_by_data": True, "decay": 0.3}]),
}


def variants(is_tuned):
    """(name, options) of every peer at its defaults, and of all that is tried when tuning."""
    for name, (_, _, defaults, tried) in PEERS.items():
        yield name, defaults
        if is_tuned:
            for options in tried:
                yield name, options


def made(name, options, k, seed):
    """The peer, and whether it is swept."""
    kind, is_swept, _, _ = PEERS[name]
    return kind(k, seed, **options), is_swept


def shown(options):
    """The options in words."""
    return ", ".join(f"{key} {value}" for key, value in options.items()) or "defaults"
