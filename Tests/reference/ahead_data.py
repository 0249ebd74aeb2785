"""What `check_ahead.py` asks about."""
import lzma
from collections import defaultdict
from datetime import date, datetime

import numpy
from checks import shared_data

WEEK_DAYS = 7


def cdnow(path, until=date(1997, 9, 30)):
    """Frequency, recency, age (weeks) and mean value of the CDNOW customers, by id; purchases of a day are one."""
    spent = defaultdict(lambda: defaultdict(float))
    with lzma.open(path, "rt") as file:
        for line in file:
            _, customer, day, _, dollars = line.split()
            day = datetime.strptime(day, "%Y%m%d").date()
            if day <= until:
                spent[customer][day] += float(dollars)
    return histories(
        [(sorted(days), until, sum(days.values()) - days[min(days)]) for _, days in sorted(spent.items())])


def histories(customers):
    """Requests' columns of (days, end, money after the first day)."""
    rows = [(
        len(days) - 1, (days[-1] - days[0]).days / WEEK_DAYS, (end - days[0]).days / WEEK_DAYS,
        later / (len(days) - 1) if len(days) > 1 else 0.0) for days, end, later in customers]
    return {name: [row[at] for row in rows] for at, name in enumerate(("frequency", "recency", "age", "value"))}


def of_customers(rows):
    """The same of the customers file of a replay."""
    result = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["customer_id"]):
        first, last = (datetime.fromisoformat(row[name]) for name in ("first_purchase", "last_purchase"))
        frequency = int(row["purchase_days"]) - 1
        end = last.timestamp() / 86400 + float(row["recency_days"])
        result["frequency"].append(frequency)
        result["recency"].append((last.date() - first.date()).days / WEEK_DAYS)
        result["age"].append((int(end + 1e-6) - int(first.timestamp() // 86400)) / WEEK_DAYS)
        later = float(row["gross"]) - float(row["first_day_spend"])
        result["value"].append(later / frequency if frequency else 0.0)
    return dict(result)


def simulated_customers(seed, count=3000):
    """Customers who buy and leave as the models say."""
    source = numpy.random.default_rng(seed)
    r, alpha, a, b = [(0.6, 5.0, 0.9, 2.2), (1.8, 9.0, 1.4, 4.0), (0.3, 3.0, 0.5, 3.0)][seed]
    p, q, v = [(5.0, 4.0, 20.0), (2.0, 3.0, 9.0), (8.0, 6.0, 900.0)][seed]
    columns = {"frequency": [], "recency": [], "age": [], "value": []}
    for _ in range(count):
        rate, leave, age = source.gamma(r, 1 / alpha), source.beta(a, b), source.uniform(10, 60)
        bought, last, at = 0, 0.0, source.exponential(1 / rate)
        while at <= age:
            bought, last = bought + 1, at
            if source.random() < leave:
                break
            at += source.exponential(1 / rate)
        scale = source.gamma(q, 1 / v)
        mean = source.gamma(p * bought, 1 / (scale * bought)) if bought else 0.0
        for name, value in zip(columns, (bought, last, age, mean), strict=True):
            columns[name].append(value)
    return columns


def some_histories():
    """Histories at all ends: new, silent, busy, both."""
    rows = [
        (0, 0.0, 0.0), (0, 0.0, 1.0), (0, 0.0, 80.0), (1, 1.0, 1.0), (1, 0.5, 70.0), (2, 30.0, 38.0), (7, 20.0, 39.0),
        (30, 38.0, 39.0), (30, 12.0, 60.0), (100, 59.0, 60.0), (400, 100.0, 104.0)]
    return {
        "frequency": [row[0] for row in rows], "recency": [row[1] for row in rows], "age": [row[2] for row in rows],
        "value": [10.0 if row[0] else 0.0 for row in rows]}


def groceries():
    """How many items there are, and the baskets as their numbers; `None` where the file is not there."""
    path = shared_data("groceries.csv.xz")
    if path is None:
        return None
    with lzma.open(path, "rt") as file:
        lines = [line.strip().split(",") for line in file if line.strip()]
    numbers = {name: number for number, name in enumerate(sorted({name for line in lines for name in line}))}
    return len(numbers), [[numbers[name] for name in line] for line in lines]


def random_baskets(seed):
    """Small baskets with items that go together, some empty, some with an item twice."""
    source = numpy.random.default_rng(seed)
    items = 12
    baskets = []
    for _ in range(400):
        basket = [item for item in range(items) if source.random() < 0.05 + 0.04 * item]
        if 3 in basket:
            basket += [4, 3]
        baskets.append(basket)
    return items, baskets


def tables():
    """(name, points, labels of 0 and 1) of tables that a classifier learns."""
    for seed, rows, features in ((1, 300, 3), (2, 1200, 8), (3, 90, 1)):
        source = numpy.random.default_rng(seed)
        # Trees of scikit-learn compare numbers of 32 bits.
        points = source.normal(size=(rows, features)).astype(numpy.float32).astype(float)
        points *= numpy.geomspace(1, 4, features)
        points = points.astype(numpy.float32).astype(float)
        logit = points @ source.normal(size=features) * 0.6 - 1
        labels = (source.random(rows) < 1 / (1 + numpy.exp(-logit))).astype(int)
        yield f"{rows} rows of {features}", points, labels


def probabilities(rows, classes):
    """Probabilities with ties."""
    source = numpy.random.default_rng(rows + classes)
    raw = source.integers(1, 12, (rows, classes)).astype(float)
    return (raw / raw.sum(axis=1, keepdims=True)).tolist()
