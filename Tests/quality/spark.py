"""The update rule of Spark MLlib's StreamingKMeans, ported from its documentation and source (Spark 3.5).

    c' = (c · n · a + x · m) / (n · a + m)        n' = n · a + m

for a centre c of weight n, the m points of a batch nearest to it with mean x, and the decay factor a (by batches; by
points a is raised to the number of points in the batch). A half-life h is a = 0.5^(1/h). A centre whose weight falls
below 1e-8 of the greatest is put beside the one of the greatest, and both share the weight.
"""
import numpy


class StreamingKMeans:
    """Centres and their weights."""

    def __init__(self, k, decay_factor=1.0, time_unit="batches"):
        self.k, self.decay_factor, self.time_unit = k, decay_factor, time_unit
        self.centers = self.weights = None

    def set_random_centers(self, dimensions, weight, seed):
        """Centres drawn from the standard normal distribution."""
        self.centers = numpy.random.default_rng(seed).normal(size=(self.k, dimensions))
        self.weights = numpy.full(self.k, float(weight))

    def set_initial_centers(self, centers, weights):
        """Centres that the caller knows."""
        self.centers, self.weights = numpy.array(centers, dtype=float), numpy.array(weights, dtype=float)

    def update(self, points):
        """Takes one batch."""
        squared = ((points[:, None, :] - self.centers[None, :, :]) ** 2).sum(axis=2)
        nearest = squared.argmin(axis=1)
        discount = self.decay_factor if self.time_unit == "batches" else self.decay_factor ** len(points)
        self.weights *= discount
        for center in range(self.k):
            mine = points[nearest == center]
            if len(mine):
                self.weights[center] += len(mine)
                part = len(mine) / max(self.weights[center], 1e-16)
                self.centers[center] = (1 - part) * self.centers[center] + part * mine.mean(axis=0)
        self._split_where_one_dies()

    def _split_where_one_dies(self):
        largest, smallest = int(self.weights.argmax()), int(self.weights.argmin())
        if self.weights[smallest] < 1e-8 * self.weights[largest]:
            self.weights[[largest, smallest]] = (self.weights[largest] + self.weights[smallest]) / 2
            center = self.centers[largest].copy()
            apart = 1e-14 * numpy.maximum(numpy.abs(center), 1.0)
            self.centers[largest], self.centers[smallest] = center + apart, center - apart
