"""Judges changes beside input, models and state rows: numbers, causes, envelopes, last states."""
import json
from collections import Counter, defaultdict

from change_oracle import birth_of, envelope_problems, reason_problems
from checks import instant
from stream_decisions import life_problems
from stream_models import number_of
from stream_topics import by_partition

ORIGINS = ("live", "backlog")


class Bad(Exception):
    """A change that cannot be read."""


def event_of(entry):
    """A change as one object, the way a structured CloudEvent has it; `None` for a tombstone."""
    if entry.value is None:
        return None
    event = {name.removeprefix("ce_"): entry.header(name) for name, _ in entry.headers if name.startswith("ce_")}
    event["datacontenttype"] = entry.header("content-type")
    try:
        event["data"] = json.loads(entry.value)
        check_shape(event["data"])
    except (ValueError, KeyError, TypeError, AttributeError) as why:
        raise Bad(f"is no change: {why!r}") from None
    if "id" not in event:
        raise Bad("has no ce_id")
    return event


def check_shape(data):
    """Raises where a member is missing that the other checks count on, or is of another kind."""
    for name in ("evaluated_at", "effective_at"):
        instant(data[name])
    for place in (data["from"] or data["to"], data["to"]):
        str.encode(place["id"] + place["name"])
    cause = {"topic": "", "partition": 0, "offset": 0} if data["cause"] is None else data["cause"]
    for names, within in (
            (("generation", "version"), data["model"]), (("sequence",), data), (("frequency",), data["rfm"]),
            (("partition", "offset"), cause)):
        for name in names:
            within[name].bit_length()
    place = (0,) if data["features"] is None else (data["distance"], *data["features"])
    for value in (data["rfm"]["recency_days"], data["rfm"]["decayed_frequency"], *place):
        float(value)
    for value in (data["previous_distance"] or 0, data["margin"] or 0):
        float(value)
    for name in ("decayed_monetary", "average_order", "monetary"):
        float(data["rfm"][name])
    str.encode(data["customer_id"] + data["reason"] + data["origin"] + data["rfm"]["score"] + data["rfm"]["cell"])
    str.encode(cause["topic"] + data["rfm"]["currency"])


def change_checks(partitions, entries, models, settings):
    """Every check on changes as (name, problems)."""
    unread, repeated, seen, written = [], [], {}, defaultdict(list)
    for entry in entries:
        try:
            event = event_of(entry)
        except Bad as why:
            unread.append(f"{entry.where}: {why}")
            continue
        if event is not None:
            bytes_of = (entry.partition, entry.key, entry.value, entry.headers)
            if event["id"] in seen:
                if not settings.torn or seen[event["id"]] != bytes_of:
                    repeated.append(f"{entry.where}: ce_id `{event['id']}` has come before")
                continue
            seen[event["id"]] = bytes_of
        written[entry.partition].append((entry, event))
    yield "changes: can be read", unread
    yield "changes: each ce_id once", repeated
    yield "changes: envelopes", envelopes(written, models)
    yield "changes: causes", causes(written, partitions, settings)
    yield "changes: clocks", clocks(written, partitions)
    histories, strays = histories_of(written, partitions)
    yield "changes: born by a record", strays
    yield "changes: numbered, from the `to` before", numbers(histories)
    yield "changes: the last is the row's", lasts(histories, partitions)
    yield "changes: erasures", erasures(written, histories, partitions)
    yield "changes: decisions recompute", decisions(histories, partitions, models, settings)
    yield "changes: a score has one cell", cells(written)


def envelopes(written, models):
    """What is wrong with each record on its own, and with the model that it cites."""
    for number, changes in written.items():
        for entry, event in changes:
            if event is None:
                continue
            data, where = event["data"], entry.where
            yield from (f"{where}: {words}" for words in envelope_problems(event, ORIGINS))
            if entry.key != data["customer_id"].encode("utf-8", "surrogateescape"):
                yield f"{where}: the key is {entry.key!r}, the customer `{data['customer_id']}`"
            if not event["id"].startswith(f"{number}-"):
                yield f"{where}: `{event['id']}` lies in partition {number}"
            cited = (data["model"]["generation"], data["model"]["version"])
            model = models.get(cited)
            if model is None:
                yield f"{where}: cites the model {cited}, which the model topic does not hold"
            elif model.written > entry.timestamp:
                yield f"{where}: cites {cited}, written {model.written - entry.timestamp} ms after it"
            elif model.names.get(data["to"]["id"]) != data["to"]["name"]:
                yield f"{where}: to is {data['to']}, the model has {model.names}"


def causes(written, partitions, settings):
    """What is wrong with reasons and with the records that are named as the cause."""
    for number, changes in written.items():
        if number not in partitions:
            yield f"there are changes in partition {number}, which the input does not have"
            continue
        replay, whole = partitions[number].replay, partitions[number].whole
        records = {}
        for life in replay.lives.values():
            records.update({offset: (record, reason) for offset, record, counts, reason, _ in life.records if counts})
        for entry, event in changes:
            if event is None:
                continue
            cause = event["data"]["cause"]
            if cause is not None and (cause["topic"], cause["partition"]) != (settings.input_topic, number):
                yield f"{entry.where}: the cause is {cause}"
            if whole:
                yield from (f"{entry.where}: {words}" for words in reason_problems(event, records))
            if cause is None and event["data"]["reason"] != "elapsed" and \
                    event["data"]["effective_at"] != event["data"]["evaluated_at"]:
                yield f"{entry.where}: effective_at is not the clock, {event['data']['evaluated_at']}"


def clocks(written, partitions):
    """Where the clock went back, or is behind the data."""
    for number, changes in written.items():
        clock_at = {}
        if number in partitions:
            for life in partitions[number].replay.lives.values():
                clock_at.update({offset: clock for offset, _, _, _, clock in life.records})
        newest = None
        for entry, event in changes:
            if event is None:
                continue
            at, cause = instant(event["data"]["evaluated_at"]), event["data"]["cause"]
            if newest is not None and at < newest:
                yield f"{entry.where}: evaluated {newest - at} ms before the change before it"
            newest = max(at, newest or at)
            reached = clock_at.get(cause["offset"]) if cause else None
            if reached is not None and at < reached and partitions[number].whole:
                yield f"{entry.where}: evaluated at {at}, the input has reached {reached}"


def histories_of(written, partitions):
    """(changes by (partition, birth offset), what has no life in the input to belong to)."""
    histories, strays = defaultdict(list), []
    for number, changes in written.items():
        lives = partitions[number].replay.lives if number in partitions else {}
        for entry, event in changes:
            if event is None:
                continue
            born = birth_of(event).rpartition("-")[2]
            life = lives.get(int(born)) if born.isdecimal() else None
            if life is None or life.customer != event["data"]["customer_id"]:
                if number in partitions and partitions[number].whole:
                    strays.append(f"{entry.where}: `{event['id']}` was not born at offset {born}")
                continue
            histories[number, life.birth].append((entry, event))
    return histories, strays


def numbers(histories):
    """What is wrong with numbers and with `from`, life by life."""
    for history in histories.values():
        before = None
        for place, (entry, event) in enumerate(history):
            data = event["data"]
            if data["sequence"] != place + 1:
                yield f"{entry.where}: `{event['id']}` comes as number {place + 1}"
            if data["from"] != before:
                yield f"{entry.where}: `{event['id']}` is from {data['from']}, before it was {before}"
            if data["from"] is not None and data["from"]["id"] == data["to"]["id"]:
                yield f"{entry.where}: `{event['id']}` does not move"
            before = data["to"]


def lasts(histories, partitions):
    """Where a row is not as the last change of its customer left it."""
    for part in partitions.values():
        # Of a customer whose first record is no longer there it cannot be told what changes are of this life.
        for name, row in part.rows.items() if part.whole else ():
            life = part.replay.living.get(name)
            history = histories.get((part.number, life.birth), []) if life else []
            yield from (f"partition {part.number} `{name}`: {words}" for words in last_problems(row, history))
        for birth, sequence in part.log.sequences.items():
            if (count := len(histories.get((part.number, birth), []))) < sequence and part.whole:
                yield f"partition {part.number}: a row born at {birth} states change {sequence}, {count} are written"


def last_problems(row, history):
    """What is wrong between a row and the changes of its customer."""
    if row.sequence != len(history):
        yield f"the row's last change is number {row.sequence}, the topic holds {len(history)}"
    if not history:
        if row.segment is not None:
            yield f"is in s{row.segment[0]} without a change"
        return
    data = history[-1][1]["data"]
    expected = (number_of(data["to"]["id"]), instant(data["effective_at"]))
    if row.segment != expected:
        yield f"the row's segment and since are {row.segment}, by the last change {expected}"
    if data["from"] is not None:
        times = {instant(data["evaluated_at"]), instant(data["effective_at"])}
        if row.left is None or row.left[0] != number_of(data["from"]["id"]) or row.left[1] not in times:
            yield f"the row left {row.left}, by the last change {data['from']['id']} at {sorted(times)}"


def erasures(written, histories, partitions):
    """Where tombstones of changes and erased lives do not go together."""
    for part in partitions.values():
        if not part.whole:
            continue
        expected = Counter(
            life.customer for life in part.replay.lives.values()
            if life.erased_at is not None and (part.number, life.birth) in histories)
        found, living = Counter(), set()
        for entry, event in written.get(part.number, []):
            name = (entry.key or b"").decode("utf-8", "surrogateescape")
            if event is None:
                found[name] += 1
                if name not in living:
                    yield f"{entry.where}: a tombstone of `{name}`, of whom nothing was published"
                living.discard(name)
            elif name in living or event["data"]["sequence"] == 1:
                living.add(name)
        for name in found.keys() | expected.keys():
            if found[name] != expected[name]:
                yield f"partition {part.number}: {found[name]} tombstones of `{name}`, erased {expected[name]} times"


def decisions(histories, partitions, models, settings):
    """What does not recompute."""
    for (number, birth), history in histories.items():
        if partitions[number].whole:
            yield from life_problems(partitions[number].replay.lives[birth], history, models, settings)


def cells(written):
    """Scores that come with two cells."""
    known = {}
    for changes in written.values():
        for entry, event in changes:
            if event is not None:
                rfm = event["data"]["rfm"]
                if known.setdefault(rfm["score"], rfm["cell"]) != rfm["cell"]:
                    yield f"{entry.where}: {rfm['score']} is `{rfm['cell']}`, elsewhere `{known[rfm['score']]}`"
