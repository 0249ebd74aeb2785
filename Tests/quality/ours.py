"""Ours through the built program: the whole log once, and the state of chosen days by `--until`."""
import csv
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy

from population import Scaler, raw_features
from streams import BEGIN_MS, DAY_MS


@dataclass
class Snapshot:
    """The program's state on a day: customers by number, what is published of them, the points, the model."""
    customers: numpy.ndarray
    published: numpy.ndarray
    points: numpy.ndarray
    # Recency in days, decayed frequency, decayed monetary.
    columns: tuple
    model: dict

    @property
    def centroids(self):
        """One row a segment."""
        return numpy.array([segment["centroid"] for segment in self.model["segments"]])

    @property
    def raw(self):
        """The raw features."""
        return raw_features(*self.columns)

    @property
    def scaler(self):
        """The model's scaler."""
        found = self.model["scaler"]
        return Scaler(found["lower"], found["upper"], found["mean"], found["sd"])

    @property
    def ids(self):
        """The segments' numbers, in the model's order."""
        return [number_of(segment["id"]) for segment in self.model["segments"]]


def number_of(name):
    """3 of `s3`; -1 of nothing."""
    return int(name[1:]) if name else -1


def replay(program, log, k, seed, folder, *options, is_changes=False):
    """Runs the program; (paths of customers, model and changes, the summary)."""
    paths = {name: Path(folder) / name for name in ("customers", "model", *(["changes"] if is_changes else []))}
    command = [program, "replay", str(log), "--k", str(k), "--seed", str(seed), "--summary", "json", *options]
    for name, path in paths.items():
        command += [f"--{name}", str(path)]
    settingless = {name: value for name, value in os.environ.items() if not name.startswith("SEGMENTER_")}
    ended = subprocess.run(command, capture_output=True, check=False, env=settingless)
    if ended.returncode != 0:
        raise SystemExit(f"quality: {' '.join(command)} ended with {ended.returncode}: {ended.stderr.decode()}")
    return paths, json.loads(ended.stdout)


def has_option(program, name):
    """Whether a replay of this program knows an option."""
    shown = subprocess.run([program, "replay", "--help"], capture_output=True, text=True, check=True).stdout
    return f"--{name}" in shown


def stamp(day, shift_ms=0):
    """The program's word for a moment, in days since the stream began."""
    moment = numpy.datetime64(int(BEGIN_MS + shift_ms + day * DAY_MS), "ms")
    return f"{numpy.datetime_as_string(moment, unit='ms')}Z"


def snapshot(paths):
    """What a replay wrote of its end."""
    with open(paths["customers"], encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    at = {name: index for index, name in enumerate(header)}
    rows = [line for line in lines if line[at["first_purchase"]]]
    scaled = [index for index, name in enumerate(header) if name.startswith("z_")]

    def column(name):
        return numpy.array([float(row[at[name]]) for row in rows])
    return Snapshot(
        customers=numpy.array([int(row[0][1:]) for row in rows]),
        published=numpy.array([number_of(row[at["segment_id"]]) for row in rows]),
        points=numpy.array([[float(row[index]) for index in scaled] for row in rows]),
        columns=tuple(column(name) for name in ("recency_days", "decayed_frequency", "decayed_monetary")),
        model=json.loads(Path(paths["model"]).read_text(encoding="utf-8")))


def snapshot_of(program, log, k, seed, folder, day, *options):
    """The state on a day."""
    return snapshot(replay(program, log, k, seed, folder, "--until", stamp(day), *options)[0])


@dataclass
class Changes:
    """Published changes, one an element: day, customer, segment before (-1: none) and after, reason, generation."""
    day: numpy.ndarray
    customer: numpy.ndarray
    left: numpy.ndarray
    entered: numpy.ndarray
    reason: numpy.ndarray
    generation: numpy.ndarray
    version: numpy.ndarray

    def labels(self, days, customers):
        """What is published on each of `days` (ascending) of each of so many customers; -1 for nobody yet."""
        found, current, at = numpy.full((len(days), customers), -1, dtype=numpy.int32), numpy.full(customers, -1), 0
        for number, day in enumerate(days):
            end = int(numpy.searchsorted(self.day, day, side="right"))
            # The last of one customer's changes wins.
            for index in range(at, end):
                current[self.customer[index]] = self.entered[index]
            at = max(at, end)
            found[number] = current
        return found


def changes_of(path, shift_ms=0):
    """The changes of a file, in the order of time."""
    rows = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            data = json.loads(line)["data"]
            model = data["model"]
            rows.append((
                data["evaluated_at"], int(data["customer_id"][1:]), number_of((data["from"] or {}).get("id")),
                number_of(data["to"]["id"]), data["reason"], model["generation"], model["version"]))
    moments = numpy.array([row[0].rstrip("Z") for row in rows], dtype="datetime64[ms]").astype(numpy.int64)
    columns = [numpy.array([row[index] for row in rows]) for index in range(1, 7)]
    by_time = numpy.argsort(moments, kind="stable")
    days = (moments - BEGIN_MS - shift_ms) / DAY_MS
    return Changes(days[by_time], *(column[by_time] for column in columns))
