"""State records, read and written by their format; see `StateRecord` for the fields in their order.

Integers are unsigned LEB128 (`varint`) or the same by zigzag; fixed ones are little endian.
"""
import struct
from dataclasses import dataclass, field
from typing import Optional

FORMAT = 1
PURCHASED, EVICTED, EVALUATED, SEGMENT, LEFT, CANDIDATE, CONTRIBUTED = (1 << bit for bit in range(7))
COUNTERS = ("records", "applied", "duplicates", "dead_letters", "ignored", "outside_window", "erased")


class Damaged(Exception):
    """Bytes that are no state record."""


@dataclass
class HeldOrder:
    """An order in the window; amounts in minor units."""
    hash: int
    time: int
    gross: int
    refunded: int
    share: float


@dataclass
class Purchases:
    """What a row has once its customer has bought."""
    last: int
    first: int
    frequency: float
    days: int
    recent_days: int
    first_day_spend: int


@dataclass
class Row:
    """One customer; times in ms, money in minor units, (segment number, ms) where a segment has a time."""
    number: int
    id: bytes
    birth: int
    gross: int = 0
    refunded: int = 0
    orders: int = 0
    monetary: float = 0.0
    sequence: int = 0
    evicted: bool = False
    purchases: Optional[Purchases] = None
    evaluated: Optional[int] = None
    segment: Optional[tuple] = None
    left: Optional[tuple] = None
    candidate: Optional[tuple] = None
    # (cluster, generation mod 65536, values in units of 2^-20)
    contribution: Optional[tuple] = None
    held: list = field(default_factory=list)
    # Hashes of transaction ids, and the place of the oldest.
    transactions: list = field(default_factory=list)
    oldest: int = 0


@dataclass
class Tail:
    """What only the last part of a commit holds."""
    clock_customers: list
    now: int
    start: int
    row_count: int
    cursor: int
    warmth: int
    warmth_start: int
    generation: int
    counts: list
    sums: list
    squares: list
    features: int
    counters: dict


@dataclass
class StateRecord:
    """One record of the state topic."""
    fingerprint: int
    sequence: int
    part: int
    parts: int
    offset: int
    walk: int
    base: int
    rows: list
    erased: list
    tail: Optional[Tail]
    # Values of every contribution in the record.
    features: int = 3


class Reader:
    """Takes values off the front of bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        """So many bytes."""
        if self.at + count > len(self.data):
            raise Damaged(f"ends at byte {len(self.data)}, {count} more are wanted at {self.at}")
        self.at += count
        return self.data[self.at - count:self.at]

    def fixed(self, count):
        """An unsigned integer of so many bytes."""
        return int.from_bytes(self.take(count), "little")

    def double(self):
        """A 64-bit float."""
        return struct.unpack("<d", self.take(8))[0]

    def varint(self):
        """Unsigned LEB128 of at most 64 bits."""
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
            if shift > 63:
                raise Damaged(f"an integer at byte {self.at} is longer than 64 bits")
        if value >> 64:
            raise Damaged(f"an integer before byte {self.at} is larger than 64 bits")
        return value

    def zigzag(self):
        """Signed LEB128."""
        value = self.varint()
        return (value >> 1) ^ -(value & 1)


class Writer:
    """The counterpart of `Reader`."""

    def __init__(self):
        self.data = bytearray()

    def fixed(self, value, count):
        """An unsigned integer of so many bytes."""
        self.data += value.to_bytes(count, "little")

    def double(self, value):
        """A 64-bit float."""
        self.data += struct.pack("<d", value)

    def varint(self, value):
        """Unsigned LEB128."""
        while value > 127:
            self.data.append(value & 127 | 128)
            value >>= 7
        self.data.append(value)

    def zigzag(self, value):
        """Signed LEB128."""
        self.varint(value << 1 if value >= 0 else (-value << 1) - 1)


def parsed(data):
    """The record that bytes hold; `Damaged` where they hold none."""
    if data is None:
        raise Damaged("has no value")
    source = Reader(data)
    if (version := source.fixed(1)) != FORMAT:
        raise Damaged(f"format version is {version}, not {FORMAT}")
    fingerprint = source.fixed(8)
    sequence, part, parts, offset, walk = (source.varint() for _ in range(5))
    base, features = source.zigzag(), source.varint()
    rows, number = [], -1
    for _ in range(source.varint()):
        number += source.zigzag()
        rows.append(parsed_row(source, number, base, features))
    erased = [source.varint() for _ in range(source.varint())]
    tail = parsed_tail(source) if part + 1 == parts else None
    if source.at != len(data):
        raise Damaged(f"{len(data) - source.at} bytes are left over")
    return StateRecord(fingerprint, sequence, part, parts, offset, walk, base, rows, erased, tail, features)


def parsed_row(source, number, base, features):
    """One row; its contribution has so many features."""
    name = bytes(source.take(source.varint()))
    flags = source.fixed(1)
    row = Row(number, name, source.zigzag(), source.zigzag(), source.zigzag(), source.zigzag(), source.double())
    row.sequence, row.evicted = source.varint(), bool(flags & EVICTED)
    if flags & PURCHASED:
        last = base - source.zigzag()
        first = last - source.varint()
        row.purchases = Purchases(
            last, first, source.double(), source.varint(), source.fixed(4), source.zigzag())
    if flags & EVALUATED:
        row.evaluated = base - source.zigzag()
    for flag, member in ((SEGMENT, "segment"), (LEFT, "left"), (CANDIDATE, "candidate")):
        if flags & flag:
            setattr(row, member, (source.varint(), base - source.zigzag()))
    if flags & CONTRIBUTED:
        cluster, generation = source.varint(), source.varint()
        row.contribution = (cluster, generation, [source.zigzag() for _ in range(features)])
    for _ in range(source.varint()):
        row.held.append(HeldOrder(
            source.fixed(6), base - source.zigzag(), source.varint(), source.varint(), source.double()))
    if count := source.varint():
        row.oldest = source.fixed(1)
        row.transactions = [source.fixed(6) for _ in range(count)]
    return row


def parsed_tail(source):
    """What the last part ends with."""
    customers = [(source.zigzag(), source.fixed(8)) for _ in range(source.fixed(1))]
    now, start = (source.zigzag(), source.zigzag()) if customers else (0, 0)
    row_count, cursor, warmth = source.varint(), source.varint(), source.fixed(1)
    warmth_start, generation, k, features = (source.varint() for _ in range(4))
    counts = [source.zigzag() for _ in range(k)]
    sums = [[source.zigzag() for _ in range(features)] for _ in range(k)]
    squares = [source.zigzag() for _ in range(k)]
    counters = {name: source.varint() for name in COUNTERS}
    return Tail(
        customers, now, start, row_count, cursor, warmth, warmth_start, generation, counts, sums, squares, features,
        counters)


def written(record):
    """The bytes of a record."""
    out = Writer()
    out.fixed(FORMAT, 1)
    out.fixed(record.fingerprint, 8)
    for value in (record.sequence, record.part, record.parts, record.offset, record.walk):
        out.varint(value)
    out.zigzag(record.base)
    out.varint(record.features)
    out.varint(len(record.rows))
    number = -1
    for row in record.rows:
        out.zigzag(row.number - number)
        number = row.number
        write_row(out, row, record.base)
    out.varint(len(record.erased))
    for number in record.erased:
        out.varint(number)
    if record.tail is not None:
        write_tail(out, record.tail)
    return bytes(out.data)


def write_row(out, row, base):
    """One row."""
    out.varint(len(row.id))
    out.data += row.id
    present = (
        row.purchases, row.evicted or None, row.evaluated, row.segment, row.left, row.candidate, row.contribution)
    out.fixed(sum(1 << bit for bit, member in enumerate(present) if member is not None), 1)
    for value in (row.birth, row.gross, row.refunded, row.orders):
        out.zigzag(value)
    out.double(row.monetary)
    out.varint(row.sequence)
    if bought := row.purchases:
        out.zigzag(base - bought.last)
        out.varint(bought.last - bought.first)
        out.double(bought.frequency)
        out.varint(bought.days)
        out.fixed(bought.recent_days, 4)
        out.zigzag(bought.first_day_spend)
    if row.evaluated is not None:
        out.zigzag(base - row.evaluated)
    for pair in (row.segment, row.left, row.candidate):
        if pair is not None:
            out.varint(pair[0])
            out.zigzag(base - pair[1])
    if row.contribution is not None:
        cluster, generation, values = row.contribution
        out.varint(cluster)
        out.varint(generation)
        for value in values:
            out.zigzag(value)
    out.varint(len(row.held))
    for order in row.held:
        out.fixed(order.hash, 6)
        out.zigzag(base - order.time)
        out.varint(order.gross)
        out.varint(order.refunded)
        out.double(order.share)
    out.varint(len(row.transactions))
    if row.transactions:
        out.fixed(row.oldest, 1)
        for transaction in row.transactions:
            out.fixed(transaction, 6)


def write_tail(out, tail):
    """What the last part ends with."""
    out.fixed(len(tail.clock_customers), 1)
    for time, name in tail.clock_customers:
        out.zigzag(time)
        out.fixed(name, 8)
    if tail.clock_customers:
        out.zigzag(tail.now)
        out.zigzag(tail.start)
    out.varint(tail.row_count)
    out.varint(tail.cursor)
    out.fixed(tail.warmth, 1)
    for value in (tail.warmth_start, tail.generation, len(tail.counts), tail.features):
        out.varint(value)
    for value in tail.counts + [step for sums in tail.sums for step in sums] + tail.squares:
        out.zigzag(value)
    for name in COUNTERS:
        out.varint(tail.counters[name])
