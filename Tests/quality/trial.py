"""One seed of one scenario: the peers on its stream, and their figures."""
from dataclasses import dataclass

import numpy
from sklearn.cluster import KMeans

import peers
from measures import DaySpace, Shown, agreement, best_inertia, inertia_ratio, nearest, shown_figures
from population import Scaler, days_of
from scenarios import make

# How many days an event takes.
EVENT_DAYS = {"shock": 1, "new-segment": 10, "silence": 30, "refund-storm": 3}
# Sweeps after the event at which inertia is measured (a sweep is a day), and the one that is reported by itself.
SWEEPS, REPORTED = (-5, 1, 2, 3, 5, 10, 20, 40), 3
# Where nothing happens at once these will do.
FEW_SWEEPS, AT_ONCE = (2, 3), ("shock", "new-segment", "refund-storm")
OURS, BATCH = "segmenter", "KMeans(n_init=20) of the day"


@dataclass
class Trial:
    """What one method gave on one seed: its figures, inertia by day, and problems of the reference."""
    figures: dict
    curve: dict
    problems: list


def moments_of(stream):
    """The days at whose end inertia is measured."""
    event, end = stream.size.event + EVENT_DAYS.get(stream.scenario, 0), stream.size.end
    sweeps = SWEEPS if stream.scenario in AT_ONCE else FEW_SWEEPS
    return sorted({day for day in (event + each for each in sweeps) if day < end} | {end})


def window_of(stream):
    """The first day of which changes are counted."""
    return stream.size.settled if stream.scenario in ("stationary", "late") else stream.size.event - 1


class Field:
    """A stream unfolded once, on which methods are tried."""

    def __init__(self, scenario, seed, size):
        self.stream, self.seed = make(scenario, seed, size), seed
        self.days, self.moments = days_of(self.stream), moments_of(self.stream)
        self.scaler = Scaler.fitted(self.days[size.event // 2].features)
        self.spaces = {day: DaySpace(self.days[day - 1].features, self.stream.k) for day in self.moments}
        self.best = {
            day: best_inertia(self.scaler.scaled(self.days[day - 1].features), self.stream.k) for day in self.moments}
        self.truth = self.stream.truth(size.end)

    def reported(self, curve, day_curve, sweeps):
        """The figures of inertia: at the end, and so many days after the event."""
        after = self.stream.size.event + EVENT_DAYS.get(self.stream.scenario, 0) + sweeps
        end = self.stream.size.end
        return {"inertia": curve[end], "inertia_3": curve.get(after, curve[end]), "inertia_day": day_curve[end]}

    def batch(self):
        """What k-means over the whole population of the last day comes to, for comparison."""
        space = self.spaces[self.stream.size.end]
        labels = numpy.full(len(self.truth), -1)
        labels[self.days[-1].customers] = KMeans(self.stream.k, n_init=20, random_state=1).fit(space.points).labels_
        ari, f1 = agreement(labels, self.truth)
        return Trial({"inertia": 1.0, "inertia_3": 1.0, "inertia_day": 1.0, "ari": ari, "f1": f1}, {}, [])

    def peer(self, name, options):
        """A peer: fed day by day, its labels shown at the end of each day."""
        stream, first, labels, by_model, curve, day_curve = self.stream, window_of(self.stream), [], 0, {}, {}
        peer, is_swept = peers.made(name, options, stream.k, self.seed)
        for number, day in enumerate(self.days, start=1):
            before = peer.centroids
            peer.learn(self.scaler.scaled(day.features if is_swept else day.records))
            if peer.centroids is None or (number < first and number not in self.moments):
                continue
            points = self.scaler.scaled(day.features)
            now = numpy.full(len(stream.phases), -1, dtype=numpy.int32)
            now[day.customers] = nearest(points, peer.centroids)[0]
            if number >= first:
                labels.append(now)
            if number > first:
                by_model += int((nearest(points, before)[0] != now[day.customers]).sum())
            if number in self.moments:
                curve[number] = inertia_ratio(points, peer.centroids, self.best[number])
                day_curve[number] = self.spaces[number].ratio(peer.centroids, self.scaler)
        shown = Shown.daily(first, numpy.array(labels), by_model)
        ari, f1 = agreement(labels[-1], self.truth)
        figures = {**self.reported(curve, day_curve, REPORTED), "ari": ari, "f1": f1, **shown_figures(shown, stream)}
        return Trial(figures, curve, [])
