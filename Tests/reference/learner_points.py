"""Points for the checks of the learner: random, degenerate and real ones, and labels and starts for them."""
import csv
import math
import sys
from dataclasses import dataclass

import numpy

sys.dont_write_bytecode = True
from checks import TOP, shared_data
from logs import cdnow

DAY_MS = 86_400_000


@dataclass
class Cloud:
    """Points, one row each; where `is_plain` no two distances are nearly equal, so that labels are beyond doubt."""
    name: str
    points: numpy.ndarray
    k: int
    is_plain: bool = True

    @property
    def features(self):
        """The number of coordinates."""
        return self.points.shape[1]

    def request(self, op, **members):
        """A request about these points."""
        return {"op": op, "points": self.points.ravel().tolist(), "features": self.features, **members}


def blobs(seed):
    """Normal groups about random centres, some of them overlapping."""
    source = numpy.random.default_rng(seed)
    k, features, count = source.integers(2, 9), source.integers(1, 7), source.integers(40, 500)
    centres = source.normal(0, 4, (k, features))
    members = source.integers(0, k, count)
    points = centres[members] + source.normal(0, source.uniform(0.3, 2), (count, features))
    return Cloud(f"groups {seed}", points, int(k))


def random_clouds():
    """Groups, a uniform cube, a heavy tail, and a cloud far from the origin."""
    source = numpy.random.default_rng(7)
    return [blobs(seed) for seed in range(1, 13)] + [
        Cloud("uniform", source.uniform(-1, 1, (600, 3)), 6),
        Cloud("heavy tail", source.standard_t(2, (400, 4)), 5),
        Cloud("far away", source.normal(0, 1, (300, 2)) + 1e4, 4),
        Cloud("tiny", source.normal(0, 1e-4, (200, 3)), 4),
    ]


def degenerate_clouds():
    """Points in one place, in few places, on a line, on a grid full of ties, and as many clusters as points."""
    source = numpy.random.default_rng(8)
    grid = numpy.array([[x, y] for x in range(8) for y in range(8)], dtype=float)
    line = numpy.arange(40, dtype=float)[:, None] * numpy.ones((1, 3))
    return [
        Cloud("one place", numpy.full((30, 3), 2.5), 3, is_plain=False),
        Cloud("two places", numpy.repeat([[0.0, 0.0], [4.0, 2.0]], 10, axis=0), 4, is_plain=False),
        Cloud("integers, many twice", source.integers(0, 4, (200, 2)).astype(float), 5, is_plain=False),
        Cloud("grid", grid, 4, is_plain=False),
        Cloud("line", line, 3, is_plain=False),
        Cloud("as many clusters as points", source.normal(0, 1, (6, 2)), 6, is_plain=False),
        Cloud("one far off", numpy.vstack([source.normal(0, 1, (99, 2)), [[1e6, 1e6]]]), 4, is_plain=False),
        Cloud("one point", numpy.array([[1.0, 2.0]]), 1, is_plain=False),
    ]


def standardised(rows):
    """Columns of mean 0 and standard deviation 1."""
    points = numpy.array(rows, dtype=float)
    return (points - points.mean(axis=0)) / points.std(axis=0)


def cdnow_points():
    """Recency, frequency and average order of the CDNOW sample's customers, as logarithms."""
    customers = {}
    records = list(cdnow(TOP / "replay" / "CDNOW_sample.txt.xz"))
    for record in records:
        customers.setdefault(record.customer, []).append(record)
    end = max(record.time for record in records)
    rows = []
    for bought in customers.values():
        last = max(record.time for record in bought)
        spent = sum(record.amount for record in bought) / 100
        rows.append([
            0.5 * math.log1p((end - last) / DAY_MS / 30), math.log1p(len(bought)), math.log1p(spent / len(bought))])
    return standardised(rows)


def real_clouds(checks):
    """CDNOW, which is shipped, and two tables of customers that lie beside the clone."""
    clouds = [Cloud("CDNOW", cdnow_points(), 6, is_plain=False)]
    for name, k, delimiter, columns in (
        ("Mall_Customers.csv", 5, ",", ["Age", "Annual Income (k$)", "Spending Score (1-100)"]),
        ("marketing_campaign.csv", 4, None, ["Recency", "MntWines", "MntMeatProducts", "NumWebPurchases"]),
    ):
        path = shared_data(name)
        if path is None:
            checks.skip(name, f"not found; name the folder of {name} in SEGMENTER_TEST_DATA")
            continue
        with open(path, encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            table = csv.DictReader(file, delimiter=delimiter or max("\t;,", key=first.count))
            rows = [[float(row[column]) for column in columns] for row in table]
        clouds.append(Cloud(name, standardised(rows), k, is_plain=False))
    return clouds


def starts_of(cloud, seed):
    """Points of the cloud to start from; with an odd seed one centroid is where nobody is near."""
    source = numpy.random.default_rng(seed)
    count = len(cloud.points)
    start = cloud.points[source.choice(count, cloud.k, replace=cloud.k > count)].copy()
    if seed % 2 and cloud.k > 1:
        start[source.integers(1, cloud.k)] = cloud.points.max(axis=0) + 1e7
    return start


def labels_of(cloud, seed):
    """Labels that follow the points in part: by the nearest of some of them, a tenth of them by chance."""
    source = numpy.random.default_rng(seed)
    centres = cloud.points[source.choice(len(cloud.points), min(cloud.k, len(cloud.points)), replace=False)]
    labels = ((cloud.points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    stray = source.random(len(labels)) < 0.1
    labels[stray] = source.integers(0, cloud.k, stray.sum())
    # Labels need not begin at 0, nor be without gaps.
    return (labels * 3 - 4).tolist()


def purchases_of(seed, customers=150, count=3000):
    """[customer, ms, minor units] in the order of arrival, a tenth of them late; large amounts hide no rounding."""
    source = numpy.random.default_rng(seed)
    times = numpy.sort(source.integers(0, 400 * DAY_MS, count)) + 1_700_000_000_000
    late = source.random(count) < 0.1
    times[late] -= source.integers(0, 25 * DAY_MS, late.sum())
    who = (source.random(count) * source.random(count) * customers).astype(int)
    amounts = numpy.exp(source.normal(27.6, 1, count)).astype(int)
    return [[int(one), int(time), int(amount)] for one, time, amount in zip(who, times, amounts)]


def planted_cloud(groups, seed):
    """Normal groups, far apart in each of three features."""
    centres = numpy.array([[0, 30, 40], [10, 0, 20], [20, 50, 0], [30, 20, 50], [40, 40, 10], [50, 10, 30]])
    source = numpy.random.default_rng(seed)
    points = centres[source.integers(0, groups, 600)] + source.normal(0, 1, (600, 3))
    return Cloud(f"{groups} planted groups", points, groups)
