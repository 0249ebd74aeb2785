"""Customers' features by their definition (sections 3 to 6 of the design), after each record and at the end of days.

Written apart from the program; `quality_selftest.py` and every run compare it with what the program writes.
"""
from dataclasses import dataclass

import numpy

from streams import BEGIN_MS, DAY_MS

HALF_LIFE_MS = 90.0 * DAY_MS


class Population:
    """What is kept of customers: last purchase, decayed frequency and decayed monetary as of then."""

    def __init__(self, customers):
        self.last = [None] * customers
        self.frequency, self.monetary = [0.0] * customers, [0.0] * customers
        # order: (time, amount, refunded so far)
        self.orders = {}
        self.clock = BEGIN_MS
        self._newest = {}

    def apply(self, customer, time, amount, order):
        """Takes a record; afterwards the customer's row is that of the record's moment."""
        if amount < 0:
            self._refund(customer, -amount, order)
            return
        last = self.last[customer]
        if last is None or time >= last:
            fade = 1.0 if last is None else 2.0 ** ((last - time) / HALF_LIFE_MS)
            self.frequency[customer] = self.frequency[customer] * fade + 1.0
            self.monetary[customer] = self.monetary[customer] * fade + amount
            self.last[customer] = time
        else:
            weight = 2.0 ** ((time - last) / HALF_LIFE_MS)
            self.frequency[customer] += weight
            self.monetary[customer] += amount * weight
        self.orders[order] = (time, amount, 0)
        self._advance(customer, time)

    def _refund(self, customer, amount, order):
        time, gross, before = self.orders[order]
        weight = 2.0 ** ((time - self.last[customer]) / HALF_LIFE_MS)
        self.monetary[customer] -= amount * weight
        if before < gross <= before + amount:
            self.frequency[customer] -= weight
        self.orders[order] = (time, gross, before + amount)

    def _advance(self, customer, time):
        """The clock is the newest time that purchases of three customers have reached."""
        self._newest[customer] = max(time, self._newest.get(customer, time))
        if len(self._newest) > 3:
            del self._newest[min(self._newest, key=self._newest.get)]
        self.clock = max(self.clock, min(self._newest.values()))

    def columns(self, clock):
        """Customers who have bought, and their recency in days, decayed frequency and decayed monetary (major)."""
        customers = numpy.array([number for number, last in enumerate(self.last) if last is not None], dtype=int)
        last = numpy.array([last for last in self.last if last is not None], dtype=float)
        age = numpy.maximum(clock - last, 0)
        fade = 2.0 ** (-age / HALF_LIFE_MS)
        frequency, monetary = numpy.array(self.frequency)[customers], numpy.array(self.monetary)[customers]
        return customers, age / DAY_MS, frequency * fade, monetary * fade / 100


@dataclass
class Day:
    """What arrived on a day, and who is there at its end; raw features."""
    # One row a record, in the order of arrival: the customer's features after it.
    records: numpy.ndarray
    customers: numpy.ndarray
    features: numpy.ndarray
    # The customers' columns by the partition clock, which is where a replay that ends here stands.
    clocked: tuple


def days_of(stream):
    """Every day of a stream; a record counts for the day on which it arrives."""
    population, at, days = Population(len(stream.phases)), 0, []
    arrived = numpy.searchsorted(stream.arrival, numpy.arange(1, stream.size.end + 1), side="left")
    records = list(zip(
        stream.customer.tolist(), stream.time_ms.tolist(), stream.amount.tolist(), stream.order.tolist()))
    for number, end in enumerate(arrived.tolist()):
        seen = []
        for customer, time, amount, order in records[at:end]:
            population.apply(customer, time, amount, order)
            age = max(population.clock - population.last[customer], 0)
            fade = 2.0 ** (-age / HALF_LIFE_MS)
            seen.append((
                age / DAY_MS, population.frequency[customer] * fade, population.monetary[customer] * fade / 100))
        at = end
        seen = numpy.array(seen).reshape(-1, 3)
        customers, *columns = population.columns(BEGIN_MS + (number + 1) * DAY_MS)
        days.append(Day(
            raw_features(*seen.T), customers, raw_features(*columns), population.columns(population.clock)))
    return days


def raw_features(recency_days, frequency, monetary):
    """The three default features; money in major units."""
    usual = numpy.where(frequency >= 1e-6, monetary / numpy.maximum(frequency, 1e-6), 0.0)
    return numpy.column_stack([
        0.5 * numpy.log1p(recency_days / 30), numpy.log1p(numpy.maximum(frequency, 0)),
        numpy.sign(usual) * numpy.log1p(numpy.abs(usual))])


class Scaler:
    """Winsorised at the 0.5 % and 99.5 % quantiles, standardised, clamped to ±8; no deviation below 0.05."""

    def __init__(self, lower, upper, mean, sd):
        self.lower, self.upper, self.mean, self.sd = (numpy.array(each) for each in (lower, upper, mean, sd))

    @classmethod
    def fitted(cls, raw):
        """The scaler of a population."""
        lower, upper = numpy.quantile(raw, [0.005, 0.995], axis=0)
        kept = numpy.clip(raw, lower, upper)
        return cls(lower, upper, kept.mean(axis=0), numpy.maximum(kept.std(axis=0), 0.05))

    def scaled(self, raw):
        """Points as a model of this scaler sees them."""
        return numpy.clip((numpy.clip(raw, self.lower, self.upper) - self.mean) / self.sd, -8, 8)

    def raw(self, scaled):
        """Where points of this space lie among raw features."""
        return scaled * self.sd + self.mean
