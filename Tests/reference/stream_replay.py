"""Replays one partition of the input up to an offset, slowly: lives of customers, counts, codes.

A life begins with the first applied record of a customer and ends with its erasure.
"""
from dataclasses import dataclass, field
from typing import Optional

from logs import Record
from rfm import Reference
from stream_records import Broken, Tombstone, decoded


@dataclass
class Life:
    """One customer between its birth and its erasure."""
    customer: str
    birth: int
    # (offset, record, whether it counts, the reason that a change it causes has, the data's clock after it)
    records: list = field(default_factory=list)
    erased_at: Optional[int] = None


class PartitionReplay:
    """What the records of one partition below `until` come to.

    `stops` are (offset, function): each is called once all records below its offset have been taken.
    """

    def __init__(self, entries, until, settings, stops=()):
        self.reference = Reference(settings.transactions, settings.orders)
        self.living, self.lives = {}, {}
        # By offset: who a record is of (customer), the codes that fit (broken), the entry itself.
        self.customer_at, self.codes_at, self.entries = {}, {}, {}
        self.records = self.erased = self.strangers = 0
        waiting = sorted(stops, key=lambda stop: stop[0], reverse=True)
        for entry in entries:
            while waiting and waiting[-1][0] <= entry.offset:
                waiting.pop()[1](self)
            if entry.offset < until:
                self.entries[entry.offset] = entry
                self.records += 1
                self._take(entry, decoded(entry, settings))
        for _, function in reversed(waiting):
            function(self)

    @property
    def counts(self):
        """(applied, duplicates, dead letters)."""
        return self.reference.applied, self.reference.duplicates, len(self.codes_at)

    def _take(self, entry, found):
        if isinstance(found, Broken):
            self.codes_at[entry.offset] = found.codes
        elif isinstance(found, Tombstone):
            self._erase(entry, found.customer)
        else:
            self._apply(found)

    def _erase(self, entry, name):
        life = self.living.pop(name, None)
        if life is None:
            self.strangers += 1
            return
        life.erased_at = entry.offset
        self.erased += 1
        del self.reference.customers[name]

    def _apply(self, record: Record):
        name, offset = record.customer, record.number
        self.customer_at[offset] = name
        known = self.reference.customers.get(name)
        reason = record.kind
        if known is not None and record.kind == "purchase" and known.latest is not None:
            reason = "late_purchase" if record.time < known.latest else "purchase"
        before = self.reference.duplicates
        self.reference.take([record])
        counts = self.reference.duplicates == before
        customer = self.reference.customers[name]
        if counts and record.kind == "purchase":
            customer.latest = max(record.time, record.time if customer.latest is None else customer.latest)
        life = self.living.get(name)
        if life is None:
            life = self.living[name] = Life(name, offset)
            self.lives[offset] = life
        life.records.append((offset, record, counts, reason, self.reference.clock))
