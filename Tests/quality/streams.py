"""Purchase streams with planted truth: who belongs to which group is known for every customer and every day.

A customer has phases (from, to, group): in each it buys like that group, at its own pace and price. A scenario decides
the phases, and what happens to the purchases that come of them: prices rise, records come late, orders go back.
"""
import json
from dataclasses import dataclass, field

import numpy

DAY_MS = 86_400_000
# 2024-01-01T00:00:00Z
BEGIN_MS = 1_704_067_200_000


@dataclass(frozen=True)
class Group:
    """How customers of a group buy: share of all customers, days between orders, price of an order in minor units."""
    name: str
    share: float
    interval: float
    price: float


GROUPS = [
    Group("often, small", 0.25, 9, 1_200), Group("often, large", 0.15, 12, 12_000),
    Group("monthly, medium", 0.20, 30, 4_000), Group("monthly, large", 0.15, 30, 40_000),
    Group("rare, small", 0.15, 110, 900), Group("rare, large", 0.10, 110, 25_000),
]


@dataclass(frozen=True)
class Size:
    """How large a scenario is, in customers and days; `event` is the day on which what it plants happens."""
    customers: int = 1_000
    event: int = 730
    end: int = 820
    # From this day on the published changes of a scenario without an event are counted.
    settled: int = 460


@dataclass
class Stream:
    """Records in the order of their arrival, and the truth. A negative amount is a refund of the order it names."""
    scenario: str
    k: int
    size: Size
    customer: numpy.ndarray
    time_ms: numpy.ndarray
    amount: numpy.ndarray
    order: numpy.ndarray
    # The day on which each is seen.
    arrival: numpy.ndarray
    phases: list
    # (customer, day, group): planted moves, after which a published change is due.
    moves: list = field(default_factory=list)

    def truth(self, day):
        """The group of every customer on a day; -1 before its first phase."""
        found = numpy.full(len(self.phases), -1)
        for customer, phases in enumerate(self.phases):
            for begin, _, group in phases:
                if begin <= day:
                    found[customer] = group
        return found

    def write(self, path, shift_ms=0):
        """Writes the records as JSON lines, each `shift_ms` later than planted."""
        times = (self.time_ms + shift_ms).astype("datetime64[ms]")
        stamps = numpy.datetime_as_string(times, unit="ms")
        with open(path, "w", encoding="ascii") as file:
            file.writelines(self.lines(stamps))

    def lines(self, stamps):
        """The records as JSON lines with these times."""
        for customer, order, amount, stamp in zip(
                self.customer.tolist(), self.order.tolist(), self.amount.tolist(), stamps):
            yield json.dumps({
                "customer_id": f"c{customer}", "order_id": f"o{order}", "amount": amount / 100, "currency": "EUR",
                "type": "refund" if amount < 0 else "purchase", "timestamp": f"{stamp}Z"}) + "\n"


class Shop:
    """Customers with their phases; draws their purchases."""

    def __init__(self, seed, size, groups=GROUPS):
        self.random, self.size, self.groups = numpy.random.default_rng(seed), size, list(groups)
        shares = numpy.array([group.share for group in groups])
        counts = numpy.floor(shares / shares.sum() * size.customers).astype(int)
        counts[0] += size.customers - counts.sum()
        first = self.random.permutation(numpy.repeat(numpy.arange(len(groups)), counts))
        joined = self.random.uniform(0, 60, size.customers)
        self.phases = [[(begin, size.end, int(group))] for begin, group in zip(joined, first)]
        self.moves = []
        # What is added beside the phases: (customer, day, price).
        self.extra = []

    def members(self, group):
        """The customers who begin in a group."""
        return [customer for customer, phases in enumerate(self.phases) if phases[0][2] == group]

    def move(self, customer, day, group):
        """From `day` on a customer buys like another group; `None`: not at all, which is a group of its own."""
        begin, end, old = self.phases[customer][-1]
        kind = len(self.groups) + old if group is None else group
        self.phases[customer][-1:] = [(begin, day, old), (day, end, kind)]
        self.moves.append((customer, day, kind))

    def join(self, day, group):
        """A new customer."""
        self.phases.append([(day, self.size.end, group)])
        self.moves.append((len(self.phases) - 1, day, group))

    def purchases(self):
        """(customer, day, price) of all purchases, in the order of time."""
        parts = [numpy.array(self.extra, dtype=float).reshape(-1, 3)]
        for customer, phases in enumerate(self.phases):
            pace, price = numpy.exp(self.random.normal(0, [0.12, 0.2]))
            for number, (begin, end, kind) in enumerate(phases):
                if kind >= len(self.groups):
                    continue
                group = self.groups[kind]
                count = int(1.6 * (end - begin) / (group.interval * pace)) + 12
                gaps = self.random.gamma(3, group.interval * pace / 3, count)
                # The first gap of a customer who comes from elsewhere is a whole one; a new customer buys at once.
                days = begin + numpy.cumsum(gaps) - (gaps[0] if number == 0 else 0)
                days = days[days < end]
                prices = group.price * price * numpy.exp(self.random.normal(0, 0.3, len(days)))
                parts.append(numpy.column_stack([numpy.full(len(days), customer), days, prices]))
        rows = numpy.concatenate(parts)
        return rows[numpy.argsort(rows[:, 1], kind="stable")]

    def stream(self, scenario, rows, order=None, arrival=None, k=None):
        """The stream of these purchases; `arrival` is the day on which each is seen, where that is not its own."""
        order = numpy.arange(len(rows)) if order is None else order
        arrival = rows[:, 1] if arrival is None else arrival
        by_arrival = numpy.argsort(arrival, kind="stable")
        rows, order = rows[by_arrival], order[by_arrival]
        amount = numpy.rint(rows[:, 2]).astype(numpy.int64)
        amount[amount == 0] = 1
        return Stream(
            scenario, k or len(self.groups), self.size, rows[:, 0].astype(int),
            BEGIN_MS + numpy.rint(rows[:, 1] * DAY_MS).astype(numpy.int64), amount, order,
            arrival[by_arrival], self.phases, self.moves)
