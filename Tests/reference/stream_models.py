"""Models as the model topic holds them, and what a customer is under one: point, distances, scores."""
import json
import math
from dataclasses import dataclass, field

from model_oracle import FEATURES, distance, scaled, scores_of, signed_log
from checks import money
from rule_oracle import table_of, table_problems

DAY_MS = 86_400_000
# Less decayed frequency than this has no average order.
FREQUENCY_MIN = 1e-6
# The keys of records that are no models, but say how one was in a sweep.
HEALTH = b"health-"


@dataclass
class Model:
    """One version."""
    generation: int
    version: int
    features: list
    scaler: dict
    # By segment id.
    centroids: dict
    names: dict
    cuts: dict
    # When its record was written, ms.
    written: int
    # `kmeans` or `rules`, and the rules of the cells.
    kind: str = "kmeans"
    rules: list = field(default_factory=list)

    def distances(self, point):
        """By segment id: how far its centroid is."""
        return {name: distance(point, centroid) for name, centroid in self.centroids.items()}


def number_of(segment):
    """The number in a segment's id; -1 where it has none."""
    return int(segment[1:]) if segment[:1] == "s" and segment[1:].isdecimal() else -1


def models_of(entries):
    """(models by (generation, version), what is wrong with the topic)."""
    models, values, problems, newest = {}, {}, [], (0, 0)
    for entry in entries:
        if entry.partition != 0:
            problems.append(f"{entry.where}: lies in partition {entry.partition}")
        if entry.key is not None and entry.key.startswith(HEALTH):
            problems += (f"{entry.where}: {words}" for words in health_problems(entry, newest))
            continue
        try:
            model = model_of(entry)
        except (ValueError, KeyError, TypeError) as why:
            problems.append(f"{entry.where}: is no model: {why!r}")
            continue
        cited = (model.generation, model.version)
        if entry.key != b"%d-%d" % cited:
            problems.append(f"{entry.where}: the key is {entry.key!r}, the model {cited[0]}-{cited[1]}")
        if cited in models:
            # The current one is repeated daily, and after an uncertain commit.
            if values[cited] != entry.value:
                problems.append(f"{entry.where}: {cited} comes again and differs")
            continue
        if cited < newest:
            problems.append(f"{entry.where}: {cited} comes behind {newest}")
        newest = max(newest, cited)
        models[cited], values[cited] = model, entry.value
        problems += (f"{entry.where}: {words}" for words in shape_problems(model))
    return models, problems


def health_problems(entry, newest):
    """What is wrong with a record of a model's health on its own, behind models up to `newest`."""
    try:
        value = json.loads(entry.value)
        cited, sweep, customers = (value["generation"], value["version"]), value["sweep"], value["customers"]
        segments = value["segments"]
        if entry.key != HEALTH + b"%d-%d" % (cited[0], sweep):
            yield f"the key is {entry.key!r}, the health that of sweep {sweep} of generation {cited[0]}"
        if cited > newest:
            yield f"the health of {cited} comes before that model; the newest is {newest}"
        if sum(segment["nearest"] for segment in segments) != customers:
            yield f"of {customers} customers {[segment['nearest'] for segment in segments]} are nearest to segments"
        if sum(segment["customers"] for segment in segments) > customers:
            yield f"of {customers} customers {[segment['customers'] for segment in segments]} are in segments"
    except (ValueError, KeyError, TypeError) as why:
        yield f"is no model's health: {why!r}"


def model_of(entry):
    """The model that a record holds."""
    value = json.loads(entry.value)
    return Model(
        value["generation"], value["version"], value["features"], value["scaler"],
        {segment["id"]: segment["centroid"] for segment in value["segments"]},
        {segment["id"]: segment["name"] for segment in value["segments"]}, value["cuts"], entry.timestamp,
        value.get("kind", "kmeans"), value.get("rules", []))


def shape_problems(model):
    """What is wrong with one model on its own."""
    count = len(model.features)
    for name in ("mean", "sd", "lower", "upper"):
        if len(model.scaler[name]) != count:
            yield f"{len(model.scaler[name])} values of {name}, {count} features"
    if any(len(centroid) != count for centroid in model.centroids.values()):
        yield f"a centroid has not {count} values"
    if model.rules:
        yield from table_problems(model.rules)
    if model.kind == "rules" and set(model.names.values()) != set(table_of(model.rules).values()):
        yield f"segments are {sorted(model.names.values())}, not the names of the rules"
    if len(set(model.names.values())) != len(model.names):
        yield f"names are not unique: {sorted(model.names.values())}"


def point_of(customer, at, model, settings):
    """The scaled features at the time `at`; `None` where the model has others than the default ones."""
    if model.features != FEATURES:
        return None
    days = max(0, at - customer.latest) / DAY_MS
    frequency, monetary = customer.decayed(max(at, customer.latest), settings.half_life_days)
    average = signed_log(monetary / 10**settings.digits / frequency) if frequency >= FREQUENCY_MIN else 0.0
    raw = (0.5 * math.log1p(days / 30), math.log1p(frequency), average)
    return [scaled(value, model.scaler, index) for index, value in enumerate(raw)]


def score_of(customer, at, model, digits):
    """The three scores as text."""
    row = {
        "recency_days": max(0, at - customer.latest) / DAY_MS, "orders": customer.order_count,
        "net": money(customer.gross - customer.refunded, digits)}
    return "".join(scores_of(row, model.cuts))
