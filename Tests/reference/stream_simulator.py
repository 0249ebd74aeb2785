"""A slow daemon in memory: makes a consistent set of topics, so that the oracle can be tried without a broker.

Customers come from the slow reference; segments, sweeps, commits and the state log are simulated by the design.
"""
import json
import random
import zlib
from datetime import datetime, timedelta, timezone

from checks import money
from contracts import MOVED
from random_log import START, random_lines
from rfm import Reference
from stream_models import DAY_MS, Model, number_of, point_of, score_of
from stream_records import Broken, Tombstone, decoded
from stream_state import COUNTERS, HeldOrder, Purchases, Row, StateRecord, Tail, written
from stream_topics import Committed, Entry, Topics

PARTITIONS, COMMIT_RECORDS, ROWS_PER_PART = 2, 25, 4
START_MS = int(START.timestamp() * 1000)
STEP = 2**20
# Model versions by the round of commits from which on they hold: the third is a new generation without s2.
VERSIONS = {
    8: (1, 1, {"s1": [-0.5, 0.6, 0.2], "s2": [0.3, -0.4, -0.6], "s3": [1.5, -1.2, 0.3], "s4": [0.4, 0.2, 1.2]}),
    16: (1, 2, {"s1": [-0.4, 0.7, 0.1], "s2": [0.4, -0.3, -0.5], "s3": [1.3, -1.1, 0.2], "s4": [0.3, 0.1, 1.1]}),
    26: (2, 1, {"s1": [-0.5, 0.5, 0.0], "s3": [1.2, -0.9, 0.1], "s4": [0.2, -0.2, 0.9], "s5": [0.2, -0.4, -0.9]}),
}
SCALER = {
    "mean": [0.05, 1.6, 4.0], "sd": [0.05, 0.6, 0.9], "lower": [0.0, 0.1, 0.5], "upper": [0.5, 3.5, 7.0],
    "clamp": [8.0] * 3}
CUTS = {"recency": [0.5, 2.0, 5.0, 9.0], "frequency": [1, 3, 6, 12], "monetary": [10.0, 50.0, 150.0, 400.0]}


def text_of(ms):
    """A time as the daemon writes it."""
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def hashed(text, size):
    """Some hash of so many bits."""
    return (zlib.crc32(text.encode()) << 32 | zlib.adler32(text.encode())) % (1 << size)


def inputs(seed, events, customers, erasures):
    """Entries by partition: random lines, and a share of erasures, wrong keys, other currencies, gaps in offsets."""
    source = random.Random(f"inputs {seed}")
    found = {number: [] for number in range(PARTITIONS)}
    offsets = [0] * PARTITIONS
    for number, line in enumerate(random_lines(seed, events, customers, broken_share=0.03)):
        name = line.split('"')[3] if line.startswith('{"customer_id":"c') else ""
        key, value, draw = name.encode() or None, line.encode(), source.random()
        # Many towards the end, so that some are of rows that no walk has passed since.
        if draw < erasures * (8 if number > events - 100 else 1):
            key, value = f"c{source.randrange(customers)}".encode(), None
        elif 0.99 < draw and name:
            key = b"other"
        elif 0.985 < draw and name:
            value = line.replace("{", '{"currency":"XTS",', 1).encode()
        partition = zlib.crc32(key or b"") % PARTITIONS
        offsets[partition] += source.random() < 0.02
        time, headers = START_MS + number * 1_800_000, [("trace", b"%d" % number)]
        found[partition].append(Entry(partition, offsets[partition], time, key, value, headers))
        offsets[partition] += 1
    return found


class SimulatedRow:
    """What the daemon keeps of a customer beside the figures of the reference."""

    def __init__(self, number, name, birth):
        self.number, self.name, self.birth = number, name, birth
        self.sequence, self.segment, self.since, self.left = 0, None, None, None
        self.evaluated = self.contribution = None


class SimulatedPartition:
    """One input partition and its owner's state."""

    def __init__(self, number, entries, simulation):
        self.number, self.entries, self.simulation = number, entries, simulation
        self.settings = simulation.settings
        self.reference = Reference()
        self.rows, self.numbers, self.free, self.freed = {}, [], [], []
        self.counters = dict.fromkeys(COUNTERS, 0)
        self.cursor = self.walk = self.sequence = self.offset = self.next = 0
        self.touched = set()

    def commit(self):
        """Processes the next records and writes one transaction."""
        for entry in self.entries[self.next:self.next + COMMIT_RECORDS]:
            self.process(entry)
            self.offset = entry.offset + 1
            self.sweep()
        self.next += COMMIT_RECORDS
        self.sequence += 1
        self.write_state()

    def process(self, entry):
        """One record."""
        self.counters["records"] += 1
        found = decoded(entry, self.settings)
        if isinstance(found, Broken):
            self.counters["dead_letters"] += 1
            self.simulation.bury(entry, sorted(found.codes)[0])
        elif isinstance(found, Tombstone):
            self.erase(found.customer, entry.timestamp)
        else:
            self.apply(entry, found)

    def erase(self, name, time):
        """Forgets a customer at a record's time; one who is not known is ignored."""
        row = self.rows.pop(name, None)
        if row is None:
            self.counters["ignored"] += 1
            return
        self.counters["applied"] += 1
        self.counters["erased"] += 1
        del self.reference.customers[name]
        self.numbers[row.number] = None
        self.freed.append(row.number)
        self.touched.discard(row.number)
        if row.sequence:
            self.simulation.publish(self.number, name, None, self.headers(row, row.sequence + 1, text_of(time), MOVED))

    def apply(self, entry, record):
        """One good record: state, then the decision."""
        name, known = record.customer, self.reference.customers.get(record.customer)
        before, latest = self.reference.duplicates, known.latest if known else None
        self.reference.take([record])
        if self.reference.duplicates > before:
            self.counters["duplicates"] += 1
            return
        self.counters["applied"] += 1
        customer = self.reference.customers[name]
        reason = record.kind
        if record.kind == "purchase":
            customer.latest = record.time if latest is None else max(latest, record.time)
            reason = "late_purchase" if latest is not None and record.time < latest else "purchase"
        if name not in self.rows:
            number = self.free.pop() if self.free else len(self.numbers)
            self.rows[name] = SimulatedRow(number, name, entry.offset)
            if number == len(self.numbers):
                self.numbers.append(None)
            self.numbers[number] = self.rows[name]
        row = self.rows[name]
        self.touched.add(row.number)
        cause = {"topic": self.settings.input_topic, "partition": self.number, "offset": entry.offset}
        self.evaluate(row, reason, record.time, cause)

    def sweep(self):
        """One row of the walk: evaluates and learns it."""
        if not self.numbers:
            return
        if self.cursor >= len(self.numbers):
            self.cursor, self.walk = 0, self.walk + 1
        row = self.numbers[self.cursor]
        self.cursor += 1
        if row is not None:
            self.touched.add(row.number)
            self.evaluate(row, None, None, None)
            self.learn(row)

    def point(self, row, at, model):
        """The customer's point; `None` without a purchase."""
        customer = self.reference.customers[row.name]
        return point_of(customer, at, model, self.settings) if customer.latest is not None else None

    def wanted(self, row, at, model):
        """The segment that the row moves to at a time; `None` where it stays."""
        distances = model.distances(self.point(row, at, model))
        nearest = min(distances, key=lambda name: (distances[name], number_of(name)))
        if row.segment is None or row.segment not in distances:
            return nearest if nearest != row.segment else None
        back = row.left is not None and row.left[0] == nearest and at - row.left[1] <= self.settings.return_ms
        least = self.settings.return_margin if back else self.settings.margin
        near = distances[nearest] <= (1 - least) * distances[row.segment]
        return nearest if near and nearest != row.segment else None

    def evaluate(self, row, reason, time, cause):
        """Publishes a change where the row moves."""
        model, at = self.simulation.model, self.reference.clock
        if model is None or at is None or self.point(row, at, model) is None:
            return
        before, row.evaluated = row.evaluated, at
        to = self.wanted(row, at, model)
        if to is None:
            return
        if cause is None:
            reason, time = self.reason_of_sweep(row, before, at, to, model)
        self.publish(row, "first_seen" if row.segment is None else reason, time, cause, at, to, model)

    def reason_of_sweep(self, row, before, at, to, model):
        """(reason, effective_at) of a change without a cause."""
        if before is None or row.segment is None or self.wanted(row, before, model) is not None:
            return "model_changed", at
        low, high = before, at
        while high - low > 60_000:
            middle = (low + high) // 2
            low, high = (low, middle) if self.wanted(row, middle, model) == to else (middle, high)
        return "elapsed", high

    def publish(self, row, reason, time, cause, at, to, model):
        """Writes a change and moves the row."""
        point = self.point(row, at, model)
        distances = model.distances(point)
        before, own = distances.get(row.segment), distances[to]
        names = self.simulation.names
        row.sequence += 1
        data = {
            "customer_id": row.name, "sequence": row.sequence,
            "from": {"id": row.segment, "name": names[row.segment]} if row.segment else None,
            "to": {"id": to, "name": names[to]}, "reason": reason, "effective_at": text_of(time),
            "evaluated_at": text_of(at), "model": {"generation": model.generation, "version": model.version},
            "features": [round(value, 6) for value in point], "distance": round(own, 6),
            "previous_distance": None if before is None else round(before, 6),
            "margin": None if before is None else round(1 - own / before, 6), "rfm": self.rfm(row, at, model),
            "cause": cause, "origin": "backlog"}
        kind = "segmenter.customer.reassigned.v1" if reason == "model_changed" else MOVED
        headers = self.headers(row, row.sequence, data["effective_at"], kind)
        self.simulation.publish(self.number, row.name, data, headers)
        if row.segment is not None:
            row.left = (row.segment, at)
        row.segment, row.since = to, time

    def rfm(self, row, at, model):
        """The member `rfm`."""
        customer, digits = self.reference.customers[row.name], self.settings.digits
        frequency, monetary = customer.decayed(max(at, customer.latest))
        net, count = customer.gross - customer.refunded, customer.order_count
        score = score_of(customer, at, model, digits)
        return {
            "recency_days": round(max(0, at - customer.latest) / DAY_MS, 6), "frequency": count,
            "monetary": money(net, digits), "average_order": money(round(net / count) if count else 0, digits),
            "currency": "EUR", "decayed_frequency": round(frequency, 6),
            "decayed_monetary": money(round(monetary), digits), "score": score, "cell": f"cell {score}"}

    def headers(self, row, sequence, time, kind):
        """The attributes of a change or a tombstone."""
        named = {
            "ce_specversion": "1.0", "ce_id": f"{self.number}-{row.birth}-{sequence}", "ce_source": "segmenter/g",
            "ce_subject": row.name, "ce_time": time, "ce_type": kind, "content-type": "application/json"}
        return [(name, text.encode()) for name, text in named.items()]

    def learn(self, row):
        """Renews what the row contributes to the sums."""
        model, at = self.simulation.model, self.reference.clock
        point = self.point(row, at, model) if model is not None and at is not None else None
        if point is not None:
            distances = list(model.distances(point).values())
            row.contribution = (
                distances.index(min(distances)), model.generation, [round(value * STEP) for value in point])

    def write_state(self):
        """The records of one commit; the rows that the commit touched, the freed ones in the first part."""
        base = self.reference.clock or 0
        rows = [self.state_row(self.numbers[number]) for number in sorted(self.touched)]
        chunks = [rows[at:at + ROWS_PER_PART] for at in range(0, len(rows), ROWS_PER_PART)] or [[]]
        for part, chunk in enumerate(chunks):
            tail = self.tail() if part + 1 == len(chunks) else None
            self.simulation.append("state", self.number, None, written(StateRecord(
                0x1234_5678_9ABC_DEF0, self.sequence, part, len(chunks), self.offset, self.walk, base, chunk,
                self.freed if part == 0 else [], tail)), [])
        self.free, self.freed, self.touched = self.free + self.freed, [], set()

    def state_row(self, row):
        """A row as the state log holds it."""
        customer = self.reference.customers[row.name]
        state = Row(
            row.number, row.name.encode(), row.birth, customer.gross, customer.refunded, customer.order_count,
            sequence=row.sequence, evaluated=row.evaluated, contribution=row.contribution)
        if customer.latest is not None:
            frequency, state.monetary = customer.decayed(customer.last)
            state.purchases = Purchases(
                customer.last, customer.first, frequency, customer.purchase_days, 0, customer.first_day_spend)
        if row.segment is not None:
            state.segment = (number_of(row.segment), row.since)
        if row.left is not None:
            state.left = (number_of(row.left[0]), row.left[1])
        state.held = [
            HeldOrder(hashed(name, 48), order.first, order.gross, order.refunded, 0.5)
            for name, order in customer.held.items()]
        state.transactions = [hashed(name, 48) for name in customer.transactions]
        return state

    def tail(self):
        """What the last part ends with."""
        model = self.simulation.model
        count = len(model.centroids) if model else 0
        counts, sums = [0] * count, [[0] * 3 for _ in range(count)]
        for row in self.rows.values():
            if model and row.contribution and row.contribution[1] == model.generation:
                counts[row.contribution[0]] += 1
                sums[row.contribution[0]] = [a + b for a, b in zip(sums[row.contribution[0]], row.contribution[2])]
        clock = sorted((time, hashed(name, 64)) for name, time in self.reference.newest.items())
        return Tail(
            clock, self.reference.clock or 0, START_MS, len(self.numbers), min(self.cursor, len(self.numbers)), 0, 0,
            model.generation if model else 0, counts, sums, [0] * count, 3 if model else 0, dict(self.counters))


class Simulation:
    """Runs every partition in turns, a commit each."""

    def __init__(self, settings, seed=1, events=1800, customers=60, erasures=0.008):
        self.settings, self.model, self.names = settings, None, {}
        self.written = {name: [] for name in ("changes", "dead_letters", "state", "model")}
        self.offsets, self.wall = {}, START_MS + 400 * DAY_MS
        self.input = inputs(seed, events, customers, erasures)
        self.parts = [SimulatedPartition(number, entries, self) for number, entries in self.input.items()]

    def append(self, topic, partition, key, value, headers):
        """Writes a record at the wall's time."""
        offset = self.offsets.get((topic, partition), 0)
        self.offsets[topic, partition] = offset + 1
        self.written[topic].append(Entry(partition, offset, self.wall, key, value, headers))

    def publish(self, partition, name, data, headers):
        """Writes a change, or a tombstone."""
        value = None if data is None else json.dumps(data, separators=(",", ":")).encode()
        self.append("changes", partition, name.encode(), value, headers)

    def bury(self, entry, code):
        """Writes a dead letter."""
        named = {
            "code": code, "message": "as a test", "topic": self.settings.input_topic, "partition": entry.partition,
            "offset": entry.offset, "timestamp": entry.timestamp}
        headers = entry.headers + [(f"segmenter.error.{name}", str(value).encode()) for name, value in named.items()]
        self.append("dead_letters", entry.partition, entry.key, entry.value, headers)

    def learn(self, generation, version, centroids):
        """Publishes a model and takes it over."""
        self.names.update({name: f"Segment {name}" for name in centroids if name not in self.names})
        value = {
            "generation": generation, "version": version, "features": ["recency", "frequency", "average_order"],
            "scaler": SCALER, "cuts": CUTS, "trainer": {}, "segments": [
                {"id": name, "name": self.names[name], "customers": 0, "centroid": centroid}
                for name, centroid in centroids.items()]}
        self.append("model", 0, b"%d-%d" % (generation, version), json.dumps(value).encode(), [])
        self.model = Model(
            generation, version, value["features"], SCALER, centroids, dict(self.names), CUTS, self.wall)

    def run(self):
        """The topics after all records."""
        for turn in range(max(len(part.entries) for part in self.parts) // COMMIT_RECORDS + 1):
            self.wall += 1000
            if turn in VERSIONS:
                self.learn(*VERSIONS[turn])
            for part in self.parts:
                self.wall += 10
                if part.next < len(part.entries):
                    part.commit()
        entries = {name: sorted(found, key=lambda e: (e.partition, e.offset)) for name, found in self.written.items()}
        return Topics(
            input=[entry for part in self.parts for entry in part.entries], **entries,
            committed={part.number: Committed(part.offset, f"segmenter:{part.sequence}") for part in self.parts},
            starts={part.number: 0 for part in self.parts}, ends={part.number: part.offset for part in self.parts})
