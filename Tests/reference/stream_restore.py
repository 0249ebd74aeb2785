"""Restores one partition of the state log by the rules of its format, and says what is wrong with the log."""
from dataclasses import dataclass, field

from stream_state import Damaged, parsed

# A row that was last stated so many walks before the last record is dropped.
KEPT_WALKS = 1


@dataclass
class Restored:
    """What the log of one partition comes to."""
    # Rows by their number, and the last record.
    rows: dict = field(default_factory=dict)
    last: object = None
    # (where, record) of all of them, in their order.
    records: list = field(default_factory=list)
    dropped: list = field(default_factory=list)
    # By birth offset: the greatest sequence of a change that any record states, erased customers' included.
    sequences: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)

    def by_id(self):
        """Rows by customer id; a second row of one customer is a problem."""
        found = {}
        for row in self.rows.values():
            name = row.id.decode("utf-8", "surrogateescape")
            if name in found:
                self.problems.append(f"`{name}` has the rows {found[name].number} and {row.number}")
            found[name] = row
        return found


def restored(entries):
    """The state after all entries of one partition, in their order."""
    result, walks, before = Restored(), {}, None
    for entry in entries:
        try:
            record = parsed(entry.value)
        except (Damaged, OverflowError) as why:
            result.problems.append(f"state {entry.where}: {why}")
            continue
        result.problems += (f"state {entry.where}: {words}" for words in order_problems(record, before))
        result.records.append((entry.where, record))
        for row in record.rows:
            result.rows[row.number] = row
            walks[row.number] = record.walk
            result.sequences[row.birth] = max(row.sequence, result.sequences.get(row.birth, 0))
        for number in record.erased:
            result.rows.pop(number, None)
        before = record
    if before is None:
        return result
    result.last = before
    if before.tail is None:
        result.problems.append(f"the log ends in part {before.part} of {before.parts} of sequence {before.sequence}")
    for number in [number for number in result.rows if walks[number] < before.walk - KEPT_WALKS]:
        result.dropped.append(result.rows.pop(number))
    result.problems += tail_problems(result)
    return result


def order_problems(record, before):
    """What is wrong with one record behind another."""
    if record.part >= record.parts:
        yield f"part {record.part} of {record.parts}"
    if before is None:
        if record.part != 0:
            yield f"the log begins with part {record.part} of sequence {record.sequence}"
        if record.sequence == 0:
            yield "sequence is 0, the first is 1"
        return
    if record.fingerprint != before.fingerprint:
        yield f"fingerprint {record.fingerprint:016x} follows {before.fingerprint:016x}"
    if record.offset < before.offset:
        yield f"offset {record.offset} follows {before.offset}"
    if record.walk < before.walk:
        yield f"walk {record.walk} follows {before.walk}"
    expected = (before.sequence, before.part + 1) if before.part + 1 < before.parts else (before.sequence + 1, 0)
    if (record.sequence, record.part) != expected:
        yield f"sequence {record.sequence} part {record.part} follows {before.sequence} part {before.part}"
    elif record.part and (record.parts, record.offset, record.walk, record.base) != (
            before.parts, before.offset, before.walk, before.base):
        yield f"part {record.part} of sequence {record.sequence} disagrees with the part before"


def tail_problems(result):
    """What is wrong between the rows and the last part of the last commit."""
    tail = result.last.tail
    if tail is None:
        return
    for row in result.rows.values():
        if row.number >= tail.row_count:
            yield f"row {row.number} of `{row.id.decode('utf-8', 'replace')}`, but there are {tail.row_count} rows"
    if tail.cursor > tail.row_count:
        yield f"the sweep stands at row {tail.cursor} of {tail.row_count}"
    if tail.generation == 0:
        return
    counts = [0] * len(tail.counts)
    sums = [[0] * tail.features for _ in tail.counts]
    for row in result.rows.values():
        if row.contribution is None or row.contribution[1] != tail.generation % 65_536:
            continue
        cluster = row.contribution[0]
        if cluster >= len(counts):
            yield f"row {row.number} contributes to cluster {cluster} of {len(counts)}"
            continue
        counts[cluster] += 1
        sums[cluster] = [a + b for a, b in zip(sums[cluster], row.contribution[2])]
    if counts != tail.counts:
        yield f"counts of the clusters are {tail.counts}, the rows contribute {counts}"
    if sums != tail.sums:
        yield f"sums of the clusters are {tail.sums}, the rows contribute {sums}"
