"""One seed of one scenario: ours on its stream, through the built program."""
import tempfile
from pathlib import Path

import numpy

import ours
from measures import Shown, agreement, best_inertia, inertia_ratio, shown_figures
from trial import AT_ONCE, EVENT_DAYS, REPORTED, Trial, window_of

# Recency and frequency are written with 9 and 12 digits, money with two.
COLUMN_ERRORS = (2e-9, 1e-9, 0.0051)


def own_trial(field, program, options=()):
    """Ours: the whole log for the changes, and up to each moment for the model."""
    stream, curve, day_curve, first, problems = field.stream, {}, {}, window_of(field.stream), []
    after = stream.size.event + EVENT_DAYS.get(stream.scenario, 0)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.json"
        stream.write(log)
        paths, _ = ours.replay(program, log, stream.k, field.seed, folder, *options, is_changes=True)
        changes = ours.changes_of(paths["changes"])
        for day in field.moments:
            if day == after + REPORTED and stream.scenario not in AT_ONCE:
                continue
            state = ours.snapshot_of(program, log, stream.k, field.seed, folder, day, *options)
            curve[day] = inertia_ratio(state.points, state.centroids, best_inertia(state.points, stream.k))
            day_curve[day] = field.spaces[day].ratio(state.centroids, state.scaler)
            # `--until` goes by what records say of their time, a day of the reference by when they came.
            if stream.scenario != "late" or day == stream.size.end:
                problems += differences(day, state, field.days[day - 1].clocked)
    labels = changes.labels(range(first, stream.size.end + 1), len(stream.phases))
    counted = (changes.day > first) & (changes.left >= 0)
    by_model = counted & (changes.reason == "model_changed")
    shown = Shown(
        first, labels, changes.day[counted], changes.customer[counted], changes.left[counted],
        changes.entered[counted], int(by_model.sum()))
    ari, f1 = agreement(labels[-1], field.truth)
    people = (labels >= 0).sum() - (labels[0] >= 0).sum()
    figures = {
        # The end of a replay is a sweep, too.
        **field.reported(curve, day_curve, REPORTED - 1), "ari": ari, "f1": f1, **shown_figures(shown, stream),
        "within_generation": 100 * int((by_model & ~in_first_sweep(changes)).sum()) / people}
    return Trial(figures, curve, problems)


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
