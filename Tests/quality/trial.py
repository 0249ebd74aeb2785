"""One seed of one scenario: ours and the peers on the same stream, and their figures."""
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy
from sklearn.cluster import KMeans

import ours
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
# Recency and frequency are written with 9 and 12 digits, money with two.
COLUMN_ERRORS = (2e-9, 1e-9, 0.0051)


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

    def ours(self, program, options=()):
        """Ours: the whole log for the changes, and up to each moment for the model."""
        stream, curve, day_curve, first, problems = self.stream, {}, {}, window_of(self.stream), []
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log.json"
            stream.write(log)
            paths, _ = ours.replay(program, log, stream.k, self.seed, folder, *options, is_changes=True)
            changes = ours.changes_of(paths["changes"])
            for day in self.moments:
                state = ours.snapshot_of(program, log, stream.k, self.seed, folder, day, *options)
                curve[day] = inertia_ratio(state.points, state.centroids, best_inertia(state.points, stream.k))
                day_curve[day] = self.spaces[day].ratio(state.centroids, state.scaler)
                # `--until` goes by what records say of their time, a day of the reference by when they came.
                if stream.scenario != "late" or day == stream.size.end:
                    problems += differences(day, state, self.days[day - 1].clocked)
        labels = changes.labels(range(first, stream.size.end + 1), len(stream.phases))
        counted = (changes.day > first) & (changes.left >= 0)
        by_model = counted & (changes.reason == "model_changed")
        shown = Shown(
            first, labels, changes.day[counted], changes.customer[counted], changes.left[counted],
            changes.entered[counted], int(by_model.sum()))
        ari, f1 = agreement(labels[-1], self.truth)
        people = (labels >= 0).sum() - (labels[0] >= 0).sum()
        figures = {
            # The end of a replay is a sweep, too.
            **self.reported(curve, day_curve, REPORTED - 1), "ari": ari, "f1": f1, **shown_figures(shown, stream),
            "within_generation": 100 * int((by_model & ~in_first_sweep(changes)).sum()) / people}
        return Trial(figures, curve, problems)

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


def in_first_sweep(changes):
    """Which changes came within the first sweep (a day, and an epoch) of their generation."""
    first = {int(generation): changes.day[changes.generation == generation].min()
             for generation in numpy.unique(changes.generation)}
    begun = numpy.array([first[int(generation)] for generation in changes.generation])
    return changes.day <= begun + 1 + 1 / 60


def differences(day, state, expected):
    """Where the program's customers are not those of the reference."""
    customers, *columns = expected
    order = numpy.argsort(state.customers)
    if not numpy.array_equal(state.customers[order], customers):
        return [f"day {day}: {len(state.customers)} customers, expected {len(customers)}"]
    away = [numpy.abs(own[order] - column).max() for own, column in zip(state.columns, columns)]
    return [f"day {day}: column {index} is {error} off" for index, (error, limit) in
            enumerate(zip(away, COLUMN_ERRORS)) if error > limit]
