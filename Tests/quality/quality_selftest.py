"""The parts of the quality program against slow, obvious figures of their own."""
import random

import numpy

from measures import Shown, flaps_of, lag_of
from population import Population, days_of
from scenarios import SCENARIOS, make
from spark import StreamingKMeans
from streams import BEGIN_MS, DAY_MS, Size

SMALL = Size(120, 60, 80, 40)


def spark_problems():
    """Spark's published formula, written out for one centre that has all points."""
    random_points = numpy.random.default_rng(5)
    for decay in (1.0, 0.9, 0.0):
        model, center, weight = StreamingKMeans(1, decay), numpy.array([1.0, 2.0]), 3.0
        model.set_initial_centers([center], [weight])
        for count in (1, 4, 7):
            points = random_points.normal(size=(count, 2))
            center = (center * weight * decay + points.mean(axis=0) * count) / (weight * decay + count)
            weight = weight * decay + count
            model.update(points)
            if not numpy.allclose(model.centers[0], center, rtol=1e-12) or abs(model.weights[0] - weight) > 1e-12:
                yield f"decay {decay}: {model.centers[0]}, {model.weights[0]}, by the formula {center}, {weight}"
    dying = StreamingKMeans(2, 1.0)
    dying.set_initial_centers([[0.0], [100.0]], [10.0, 0.0])
    dying.update(numpy.zeros((5, 1)))
    if dying.weights.tolist() != [7.5, 7.5] or abs(dying.centers[1][0]) > 1e-13:
        yield f"a centre that dies is at {dying.centers.tolist()} with {dying.weights.tolist()}"


def population_problems():
    """Decayed sums in one step a record, against sums over everything that was bought."""
    for name in ("late", "refund-storm"):
        stream = make(name, 3, SMALL)
        population = Population(len(stream.phases))
        rows = list(zip(
            stream.customer.tolist(), stream.time_ms.tolist(), stream.amount.tolist(), stream.order.tolist()))
        for row in rows:
            population.apply(*row)
        clock = BEGIN_MS + SMALL.end * DAY_MS
        customers, _, frequency, monetary = population.columns(clock)
        for customer in random.Random(1).sample(range(len(customers)), 40):
            mine = [row for row in rows if row[0] == customers[customer]]
            bought = {order: (time, amount) for _, time, amount, order in mine if amount > 0}
            back = {order: -amount for _, _, amount, order in mine if amount < 0}
            weight = {order: 0.5 ** ((clock - time) / (90 * DAY_MS)) for order, (time, _) in bought.items()}
            f = sum(weight[order] for order, (_, amount) in bought.items() if back.get(order, 0) < amount)
            m = sum(weight[order] * (amount - back.get(order, 0)) for order, (_, amount) in bought.items()) / 100
            if abs(f - frequency[customer]) > 1e-9 * (1 + f) or abs(m - monetary[customer]) > 1e-9 * (1 + abs(m)):
                yield f"{name}: {frequency[customer]} and {monetary[customer]}, by the sums {f} and {m}"


def stream_problems():
    """Every scenario makes a stream in the order of arrival, and every customer has a group once it has bought."""
    for name in SCENARIOS:
        stream = make(name, 1, SMALL)
        if (numpy.diff(stream.arrival) < 0).any():
            yield f"{name}: not in the order of arrival"
        truth = stream.truth(SMALL.end)
        if (truth[numpy.unique(stream.customer)] < 0).any():
            yield f"{name}: customers without a group"
        same = make(name, 1, SMALL)
        if not (numpy.array_equal(same.amount, stream.amount) and numpy.array_equal(same.time_ms, stream.time_ms)):
            yield f"{name}: the same seed gives another stream"
        if len(days_of(stream)) != SMALL.end:
            yield f"{name}: not a day for each day"


def shown_problems():
    """Flaps and lags of labels that can be counted by hand."""
    labels = numpy.array([[0, 0, 0]] * 3 + [[1, 1, 0]] + [[0, 1, 0]] * 3 + [[0, 1, 1]] * 2)
    shown = Shown.daily(10, labels, 0)
    if len(shown.day) != 4 or flaps_of(shown) != 1:
        yield f"{len(shown.day)} changes and {flaps_of(shown)} flaps, by hand 4 and 1"

    class Planted:
        moves = [(1, 12.0, 7), (2, 14.5, 7)]
    lag, arrived = lag_of(shown, Planted, {7: 1})
    if (lag, arrived) != (1.75, 100.0):
        yield f"a lag of {lag} days with {arrived} % there, by hand 1.75 and 100"


SELFTESTS = {
    "Spark's rule is its published formula": spark_problems,
    "features are sums over all that was bought": population_problems,
    "streams keep what they promise": stream_problems,
    "flaps and lags are those counted by hand": shown_problems,
}
