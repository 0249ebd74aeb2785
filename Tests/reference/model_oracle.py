"""What must hold between the model, the customers' features and scores, and the segments they are in."""
import math

FEATURES = ["recency", "frequency", "average_order"]
CLAMP = 8.0
# Centroids are kept in steps of 2^-20, `z_` columns are written with nine digits, changes with six.
STEP = 2.0**-20
# A customer stays unless another centroid is nearer by this; going back takes more.
MARGIN, RETURN_MARGIN = 0.2, 0.3


def signed_log(value):
    """log1p of the size, with the sign."""
    return math.copysign(math.log1p(abs(value)), value)


def scaled(raw, scaler, index):
    """A raw feature as the model sees it."""
    inside = min(max(raw, scaler["lower"][index]), scaler["upper"][index])
    return min(max((inside - scaler["mean"][index]) / scaler["sd"][index], -CLAMP), CLAMP)


def features_of(row, scaler):
    """(least, greatest) of every scaled feature, as exactly as the row's columns are written."""
    frequency = float(row["decayed_frequency"])
    monetary = float(row["decayed_monetary"])
    recency = 0.5 * math.log1p(float(row["recency_days"]) / 30)
    averages = [signed_log((monetary + half) / frequency) if frequency >= 1e-6 else 0.0 for half in (-0.005, 0.005)]
    raw = [(recency, recency), (math.log1p(frequency),) * 2, tuple(averages)]
    return [tuple(scaled(value, scaler, index) for value in pair) for index, pair in enumerate(raw)]


def z_of(row):
    """The customer's point."""
    return [float(row[f"z_{name}"]) for name in FEATURES]


def distance(a, b):
    """Euclidean."""
    return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b)))


def model_problems(model, customers):
    """What is wrong with the model and with features and scores under it."""
    # Rules have no coordinates.
    features = [] if model["kind"] == "rules" else FEATURES
    if model["features"] != features:
        yield f"features are {model['features']}"
    scaler = model["scaler"]
    for index, name in enumerate(features):
        if not scaler["lower"][index] <= scaler["mean"][index] <= scaler["upper"][index]:
            yield f"{name}: mean {scaler['mean'][index]} is outside the winsor bounds"
        if scaler["sd"][index] < 0.05:
            yield f"{name}: sd {scaler['sd'][index]} is below 0.05"
    for name, cuts in model["cuts"].items():
        if len(cuts) != 4 or cuts != sorted(cuts):
            yield f"cuts of {name} are {cuts}"
    cells = {}
    for row in customers:
        if not row["first_purchase"]:
            continue
        for name, value, (least, greatest) in zip(FEATURES, z_of(row), features_of(row, scaler)) if features else ():
            if not least - 2e-9 <= value <= greatest + 2e-9:
                yield f"{row['customer_id']}: z_{name} is {value}, by definition {least} to {greatest}"
        scores = scores_of(row, model["cuts"])
        if (row["r"], row["f"], row["m"]) != scores:
            yield f"{row['customer_id']}: scores are {row['r']}{row['f']}{row['m']}, by the cuts {''.join(scores)}"
        cell = cells.setdefault(scores, row["cell"])
        if cell != row["cell"]:
            yield f"{row['customer_id']}: {''.join(scores)} is `{row['cell']}`, elsewhere `{cell}`"


def scores_of(row, cuts):
    """R, F and M by the cut tables: the fewer days, the more orders, the more net, the higher."""
    # What is written with nine digits is compared within them: a cut is a whole number of minutes.
    days = sum(float(row["recency_days"]) > cut + 1e-9 for cut in cuts["recency"])
    orders = sum(int(row["orders"]) > cut for cut in cuts["frequency"])
    net = sum(round(100 * float(row["net"])) > round(100 * cut) for cut in cuts["monetary"])
    return str(5 - days), str(1 + orders), str(1 + net)


def assignment_problems(changes, customers, model):
    """What is wrong with who is where under the last model."""
    centroids = {segment["id"]: segment["centroid"] for segment in model["segments"]}
    for row in customers:
        if not row["segment_id"]:
            if row["first_purchase"]:
                yield f"{row['customer_id']}: has bought and has no segment"
            continue
        if row["segment_id"] not in centroids:
            yield f"{row['customer_id']}: is in {row['segment_id']}, which the model does not have"
            continue
        point = z_of(row)
        own = distance(point, centroids[row["segment_id"]])
        nearest = min(distance(point, centroid) for centroid in centroids.values())
        if nearest < (1 - RETURN_MARGIN) * own - 1e-6:
            yield f"{row['customer_id']}: is {own} from its centroid and {nearest} from another"
    last = (model["generation"], model["version"])
    for change in changes:
        data = change["data"]
        if (data["model"]["generation"], data["model"]["version"]) != last:
            continue
        found = {name: distance(data["features"], centroid) for name, centroid in centroids.items()}
        if abs(found[data["to"]["id"]] - data["distance"]) > 5e-6:
            yield f"{change['id']}: distance is {data['distance']}, by definition {found[data['to']['id']]}"
        if min(found.values()) < data["distance"] - 5e-6:
            yield f"{change['id']}: {data['to']['id']} is not the nearest"


def stayers(customers, changes, model):
    """Customers who stay where the plain margin would move them, though they did not come from there."""
    centroids = {segment["id"]: segment["centroid"] for segment in model["segments"]}
    left = {}
    for change in changes:
        left[change["data"]["customer_id"]] = (change["data"]["from"] or {}).get("id")
    for row in customers:
        if row["segment_id"] in centroids:
            point = z_of(row)
            own = distance(point, centroids[row["segment_id"]])
            nearest, name = min((distance(point, centroid), name) for name, centroid in centroids.items())
            if nearest < (1 - MARGIN) * own - 1e-6 and left.get(row["customer_id"]) != name:
                yield f"{row['customer_id']}: stays in {row['segment_id']} at {own}, {name} is at {nearest}"
