"""Judges all topics of one group together: what must hold between input, state, offsets, changes and dead letters."""
from dataclasses import dataclass

from contracts import change_problems, is_purchase, letter_problems as letter_contract
from stream_changes import change_checks
from stream_models import models_of
from stream_replay import PartitionReplay
from stream_restore import restored
from stream_topics import by_partition

# Of what was added up, for values that fade.
RELATIVE = 1e-9
LETTER_BYTES_MAX = 512 * 1000
# A key, or all headers, of more than this are left out of a dead letter.
PART_BYTES_MAX = 512 << 10


@dataclass
class Partition:
    """One input partition: its log, and the replay of its input up to the offset in the log."""
    number: int
    log: object
    rows: dict
    replay: PartitionReplay
    until: int
    # Whether all of the input is still there to be replayed.
    whole: bool
    # Where a record of the log is not what the input comes to up to its offset.
    untrue: list


def judge(topics, settings):
    """Every check as (name, problems); all is well where no check has a problem. Takes plain lists, no broker."""
    models, model_problems = models_of(topics.model)
    inputs, states = by_partition(topics.input), by_partition(topics.state)
    partitions = {}
    for number in topics.partitions():
        log = restored(states.get(number, []))
        committed = topics.committed.get(number)
        until = log.last.offset if log.last else committed.offset if committed else 0
        untrue = []
        stops = [(record.offset, stop(where, record, untrue)) for where, record in log.records]
        replay = PartitionReplay(inputs.get(number, []), until, settings, stops)
        whole = topics.starts.get(number, 0) == 0
        partitions[number] = Partition(number, log, log.by_id(), replay, until, whole, untrue)
    yield "state log: sequences, parts, sums", (
        f"partition {part.number}: {words}" for part in partitions.values() for words in part.log.problems)
    yield "state log: partitions of the input alone", (
        f"state has a partition {number}" for number in states if number not in partitions)
    yield "state log: each record is true at its offset", each(
        partitions, lambda part: part.untrue if part.whole else ())
    yield "committed offsets", each(partitions, lambda part: offset_problems(part, topics, settings))
    yield "customers", each(partitions, lambda part: customer_problems(part, settings) if part.whole else ())
    yield "counters", each(partitions, lambda part: counter_problems(part) if part.whole else ())
    yield "clock", each(partitions, lambda part: clock_problems(part) if part.whole else ())
    yield "dead letters", letter_problems(partitions, topics.dead_letters, settings)
    yield "model topic", model_problems
    yield from change_checks(partitions, topics.changes, models, settings)
    yield "contract of purchases", each(partitions, purchase_problems)
    yield "contract of changes", change_problems(topics.changes)
    yield "contract of dead letters", letter_contract(topics.dead_letters)


def failures(topics, settings):
    """All problems as sentences, each after the name of its check."""
    return [f"{name}: {problem}" for name, problems in judge(topics, settings) for problem in problems]


def each(partitions, problems):
    """The problems of every partition, after its number."""
    return (f"partition {part.number}: {words}" for part in partitions.values() for words in problems(part))


def stop(where, record, untrue):
    """A function of a replay that has come to the record's offset; it adds to `untrue` what the record has wrong."""
    def compare(replay):
        untrue.extend(f"state {where} at {record.offset}: {words}" for words in record_problems(record, replay))
    return compare


def record_problems(record, replay):
    """What a record has wrong of the figures that can be told quickly."""
    for row in record.rows:
        name = row.id.decode("utf-8", "surrogateescape")
        customer = replay.reference.customers.get(name)
        if customer is None:
            yield f"row {row.number} is of `{name}`, whom nobody knows"
            continue
        found = (row.orders, row.gross, row.refunded, row.purchases and row.purchases.last)
        expected = (customer.order_count, customer.gross, customer.refunded, customer.latest)
        if found != expected:
            yield f"orders, gross, refunded and last purchase of `{name}` are {found}, by the records {expected}"
    if record.tail is not None:
        found = tuple(record.tail.counters[name] for name in ("records", "duplicates", "dead_letters", "erased"))
        expected = (replay.records, *replay.counts[1:], replay.erased)
        if found != expected:
            yield f"records, duplicates, dead letters and erased are {found}, by the input {expected}"


def offset_problems(part, topics, settings):
    """What is wrong between the group's offset, the log's and the input's end."""
    committed, last = topics.committed.get(part.number), part.log.last
    end = topics.ends[part.number]
    if last is None:
        if committed is not None:
            yield f"the group committed {committed.offset}, the state log is empty"
        elif settings.drained and topics.starts.get(part.number, 0) < end:
            yield "nothing is committed"
        return
    if part.until > end:
        yield f"the log is at offset {part.until}, the input ends at {end}"
    if settings.drained and part.until < end:
        yield f"the log is at offset {part.until}, the input is not read to its end {end}"
    if committed is None:
        yield f"the log is at offset {part.until}, the group committed nothing"
        return
    if not committed.metadata.startswith("segmenter:"):
        yield f"the group's offset has the metadata `{committed.metadata}`, not `segmenter:{last.sequence}`"
        return
    sequence = committed.metadata.removeprefix("segmenter:")
    if settings.torn and committed.offset <= part.until and sequence == str(last.sequence - 1):
        return
    if committed.offset != part.until:
        yield f"the group committed {committed.offset}, the log is at {part.until}"
    if sequence != str(last.sequence):
        yield f"the group's offset has the metadata `{committed.metadata}`, the log's sequence is {last.sequence}"


def customer_problems(part, settings):
    """What is wrong with the rows beside the replay."""
    customers = part.replay.reference.customers
    dropped = {row.id.decode("utf-8", "surrogateescape") for row in part.log.dropped}
    for name in customers.keys() - part.rows.keys():
        yield f"`{name}` has no row" + (", the sweep has not restated it" if name in dropped else "")
    for name, row in part.rows.items():
        customer = customers.get(name)
        if customer is None:
            yield f"`{name}` has the row {row.number} and no record"
            continue
        for what, found, expected in figures(row, customer, part.replay.living[name], settings):
            if found != expected:
                yield f"`{name}`: {what} is {found}, by the records {expected}"


def figures(row, customer, life, settings):
    """(what, found, expected) of one row."""
    yield "orders", row.orders, customer.order_count
    yield "gross", row.gross, customer.gross
    yield "refunded", row.refunded, customer.refunded
    yield "birth", row.birth, life.birth
    if customer.latest is None or row.purchases is None:
        yield "last purchase", row.purchases and row.purchases.last, customer.latest
        return
    yield "last purchase", row.purchases.last, customer.last
    yield "first purchase", row.purchases.first, customer.first
    yield "first-day spend", row.purchases.first_day_spend, customer.first_day_spend
    frequency, monetary = customer.decayed(customer.last, settings.half_life_days)
    yield "decayed frequency", row.purchases.frequency, near(row.purchases.frequency, frequency, len(customer.orders))
    yield "decayed monetary", row.monetary, near(row.monetary, monetary, customer.gross + customer.refunded)


def near(found, expected, size):
    """What was found where it is as near as can be asked for, else what was expected."""
    return found if abs(found - expected) <= RELATIVE * max(1, size) else expected


def counter_problems(part):
    """What is wrong with the counters in the log beside the replay."""
    if part.log.last is None or part.log.last.tail is None:
        return
    found, replay = part.log.last.tail.counters, part.replay
    applied, duplicates, dead = replay.counts
    # A tombstone is applied to a customer there is; of a stranger it may count as ignored.
    erasures = replay.erased + replay.strangers
    for name, least, greatest in (
            ("records", replay.records, replay.records), ("duplicates", duplicates, duplicates),
            ("dead_letters", dead, dead), ("erased", replay.erased, replay.erased),
            ("applied", applied, applied + erasures), ("ignored", 0, erasures)):
        if not least <= found[name] <= greatest:
            yield f"{name} are {found[name]}, by the input {least}" + (f" to {greatest}" if greatest > least else "")
    parts = sum(found[name] for name in ("applied", "duplicates", "dead_letters", "ignored"))
    if found["records"] not in (parts, parts + replay.erased):
        yield f"records are {found['records']}, applied, duplicates, dead letters and ignored {parts}"


def clock_problems(part):
    """What is wrong with the clock in the log beside the newest purchases of the input."""
    if part.log.last is None or part.log.last.tail is None:
        return
    tail, reference = part.log.last.tail, part.replay.reference
    if reference.clock is not None and tail.now < reference.clock:
        yield f"the clock is {tail.now}, the input has reached {reference.clock}"
    newest = sorted(reference.newest.values())
    # Ahead of the data, by the wall clock, no purchase behind it matters any more.
    held = sorted(time for time, _ in tail.clock_customers)
    if tail.now == reference.clock and not part.replay.erased and held != newest:
        yield f"the clock holds {held}, the newest purchases are {newest}"


def letter_problems(partitions, letters, settings):
    """What is wrong with the dead letters beside the input."""
    seen = {}
    for letter in letters:
        place = (letter.header("segmenter.error.partition"), letter.header("segmenter.error.offset"))
        if None in place or not all(text.isdecimal() for text in place):
            yield f"{letter.where}: has no place in the input, but {place}"
            continue
        number, offset = map(int, place)
        where = f"{letter.where} of {number}/{offset}"
        if (number, offset) in seen:
            if not settings.torn or seen[number, offset] != (letter.key, letter.value):
                yield f"{where}: the record has another dead letter"
            continue
        seen[number, offset] = (letter.key, letter.value)
        if number not in partitions or offset not in partitions[number].replay.entries:
            if number not in partitions or partitions[number].whole:
                yield f"{where}: no such record below the committed offset"
            continue
        yield from (f"{where}: {words}" for words in copy_problems(
            letter, partitions[number].replay.entries[offset], partitions[number].replay, settings))
    for part in partitions.values():
        for offset, codes in part.replay.codes_at.items():
            if (part.number, offset) not in seen:
                yield f"{part.number}/{offset}: is {' or '.join(sorted(codes))} and has no dead letter"


def purchase_problems(part):
    """Records that can be used, and that the published schema refuses."""
    for offset, entry in part.replay.entries.items():
        if entry.value is not None and offset not in part.replay.codes_at and not is_purchase(entry.value):
            yield f"{offset}: is good, but not by its schema: {entry.value[:200]!r}"


def copy_problems(letter, source, replay, settings):
    """What is wrong with one dead letter beside its record."""
    code, codes = letter.header("segmenter.error.code"), replay.codes_at.get(source.offset)
    if codes is None:
        yield f"is `{code}`, but the record is good"
    elif code not in codes:
        yield f"is `{code}`, the record {' or '.join(sorted(codes))}"
    if letter.partition != source.partition:
        yield f"lies in partition {letter.partition}"
    if letter.header("segmenter.error.topic") != settings.input_topic:
        yield f"names the topic `{letter.header('segmenter.error.topic')}`"
    if letter.header("segmenter.error.timestamp") != str(source.timestamp):
        yield f"names the time `{letter.header('segmenter.error.timestamp')}`, the record's is {source.timestamp}"
    if not letter.header("segmenter.error.message"):
        yield "has no message"
    if letter.key != (source.key if len(source.key or b"") <= PART_BYTES_MAX else None):
        yield f"has the key {letter.key!r}, the record {source.key!r}"
    labels = sum(len(name.encode()) + len(value or b"") for name, value in source.headers)
    kept = source.headers if labels <= PART_BYTES_MAX else []
    if letter.headers[:len(kept)] != kept or len(letter.headers) != len(kept) + 6:
        yield "does not have the record's headers and six more"
    if code == "too_large" or source.value is None:
        if letter.value not in (None, b""):
            yield "has a value"
    else:
        short = len(source.value) >= LETTER_BYTES_MAX and len(letter.value or b"") >= LETTER_BYTES_MAX
        if letter.value != source.value and not (short and source.value.startswith(letter.value)):
            yield "has another value than the record"
