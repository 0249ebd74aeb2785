"""When a silent customer moves: the instant by the model and the customer's own purchases, against what was published.

Under a model that never moves the instant is a matter of definition: the first minute after the customer's last
evaluation by a record at which another centroid is nearest and nearer by the margin.
"""
import json
import tempfile
from pathlib import Path

import numpy

import ours
from checks import instant
from measures import nearest
from population import HALF_LIFE_MS, Scaler, raw_features
from scenarios import make
from streams import DAY_MS

MINUTE_MS, EPOCH_MS = 60_000, 1_440_000
MARGIN, RETURN_MARGIN, RETURN_MS = 0.2, 0.3, 7 * DAY_MS
# So far back the instant is looked for, in sweeps (days).
SWEEPS_BACK = 3


class Silence:
    """A customer's way through the model while it buys nothing."""

    def __init__(self, rows, last, model):
        fade = 2.0 ** ((rows[:, 0] - last) / HALF_LIFE_MS)
        self.last, self.frequency, self.monetary = last, fade.sum(), (rows[:, 1] * fade).sum() / 100
        self.scaler = Scaler(*(model["scaler"][name] for name in ("lower", "upper", "mean", "sd")))
        self.ids = [segment["id"] for segment in model["segments"]]
        self.centroids = numpy.array([segment["centroid"] for segment in model["segments"]])

    def first(self, times, own, target, left):
        """The first of `times` at which it moves from `own` to `target`; `left` is (segment, when) or nothing."""
        fade = 2.0 ** (-(times - self.last) / HALF_LIFE_MS)
        points = self.scaler.scaled(raw_features(
            (times - self.last) / DAY_MS, self.frequency * fade, self.monetary * fade))
        index, squared = nearest(points, self.centroids)
        mine = ((points - self.centroids[self.ids.index(own)]) ** 2).sum(axis=1)
        is_return = (left is not None and left[0] == target) & (times - (left[1] if left else 0) <= RETURN_MS)
        margin = numpy.where(is_return, RETURN_MARGIN, MARGIN)
        moves = (index == self.ids.index(target)) & (numpy.sqrt(squared) < (1 - margin) * numpy.sqrt(mine))
        found = numpy.nonzero(moves)[0]
        return times[found[0]] if len(found) else None


def elapsed(program, seed, size):
    """[(minutes from the instant to `effective_at`, days from it to the publishing)] of every `elapsed` change.

    A change whose instant is not found has not-a-number; `None` where the program cannot keep a model still.
    """
    stream = make("stationary", seed, size)
    with tempfile.TemporaryDirectory() as folder:
        log, fixed = Path(folder) / "log.json", Path(folder) / "fixed.json"
        stream.write(log)
        paths, _ = ours.replay(program, log, stream.k, seed, folder)
        model = json.loads(paths["model"].read_text(encoding="utf-8"))
        paths["model"].rename(fixed)
        paths, _ = ours.replay(
            program, log, stream.k, seed, folder, "--model.frozen", "--model.file", str(fixed),
            is_changes=True)
        changes = [json.loads(line)["data"] for line in paths["changes"].read_text(encoding="utf-8").splitlines()]
    rows = {}
    for customer, time, amount in zip(stream.customer.tolist(), stream.time_ms.tolist(), stream.amount.tolist()):
        rows.setdefault(f"c{customer}", []).append((time, amount))
    rows = {name: numpy.array(mine, dtype=float) for name, mine in rows.items()}
    return figures(changes, rows, model)


def figures(changes, rows, model):
    """The figures of `elapsed`, change by change."""
    found, before, left = [], {}, {}
    for data in changes:
        customer, at = data["customer_id"], instant(data["evaluated_at"])
        if data["reason"] == "elapsed":
            last = at - round(data["rfm"]["recency_days"] * DAY_MS)
            mine = rows[customer]
            mine = mine[mine[:, 0] <= last + 1000]
            last = mine[-1, 0]
            start = max(last, before[customer], at - SWEEPS_BACK * DAY_MS)
            # `effective_at` is a whole number of minutes after the evaluation before, so none is looked for.
            times = numpy.append(numpy.arange(start, at, 1_000.0 * 15), at)
            moved = Silence(mine, last, model).first(times, data["from"]["id"], data["to"]["id"], left.get(customer))
            if moved is None:
                found.append((numpy.nan, numpy.nan))
            else:
                found.append(((instant(data["effective_at"]) - moved) / MINUTE_MS, (at - moved) / DAY_MS))
        if data["from"]:
            left[customer] = (data["from"]["id"], at)
        before[customer] = at
    return found


def targets(found):
    """What `elapsed` found, over all seeds, as (measured, whether it is met) of the instant and of the minute."""
    if not found:
        return None
    rows = numpy.array(found)
    known = rows[~numpy.isnan(rows[:, 0])]
    sweep = 1 + EPOCH_MS / DAY_MS
    within, right = known[:, 1] <= sweep, numpy.abs(known[:, 0]) <= 1
    missing = len(rows) - len(known)
    return (
        (f"{int(within.sum())} of {len(rows)} changes, the latest {known[:, 1].max():.3f} d after it",
         bool(within.all() and not missing)),
        (f"{int(right.sum())} of {len(rows)} changes, the farthest {numpy.abs(known[:, 0]).max():.2f} min off",
         bool(right.all() and not missing)))
