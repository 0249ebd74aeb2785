"""The contracts of `deploy/contracts` as validators of what tests read, from files and from a broker.

Each schema is compiled once, by jsonschema-rs; `check_contracts.py` looks whether jsonschema judges alike.
"""
import json
from functools import cache

import jsonschema_rs

from checks import TOP

FOLDER = TOP / "deploy" / "contracts"
SCHEMAS = ("purchase", "change", "dead-letter")
MOVED = "segmenter.customer.moved.v1"
WORDS_MAX = 300


@cache
def document(name):
    """A schema as it is written."""
    return json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))


def schema_of(name, part=None):
    """A schema, or one of its `$defs`."""
    return document(name) if part is None else {**document(name), "$ref": f"#/$defs/{part}"}


@cache
def validator(name, part=None):
    """The compiled schema."""
    return jsonschema_rs.validator_for(schema_of(name, part))


def refusals(value, name, part=None):
    """What a schema has against a value, as sentences; none where it accepts it."""
    found = validator(name, part)
    if found.is_valid(value):
        return []
    return [
        f"at `{'/'.join(map(str, error.instance_path))}`: {error.message[:WORDS_MAX]}"
        for error in found.iter_errors(value)]


def parsed(data):
    """The value of a JSON text, or the sentence that it is none."""
    try:
        return json.loads(data), []
    except ValueError as why:
        return None, [f"is no JSON: {why}"]


def is_purchase(data):
    """Whether the bytes of an input record are what the contract allows."""
    value, words = parsed(data)
    return not words and validator("purchase").is_valid(value)


def lines_problems(lines, name, part=None):
    """What is wrong with the values of a file, by line."""
    for number, value in enumerate(lines, 1):
        yield from (f"line {number}: {words}" for words in refusals(value, name, part))


def replay_problems(outcome):
    """What is wrong with changes and dead letters that a replay has written to files."""
    yield from lines_problems(outcome.changes, "change", "event")
    for event in outcome.changes:
        yield from event_problems(event)
    yield from lines_problems(outcome.dead_letters, "dead-letter")


def change_problems(entries):
    """What is wrong with the records of a changes topic."""
    return (f"{entry.where}: {words}" for entry in entries for words in change_record_problems(entry))


def change_record_problems(entry):
    """What is wrong with key, headers and value of one change or erasure."""
    headers = texts(entry)
    if len(headers) < len(entry.headers):
        yield "a header comes twice"
    yield from refusals(headers, "change", "headers")
    key = None if entry.key is None else entry.key.decode("utf-8", "replace")
    if key != headers.get("ce_subject"):
        yield f"has the key `{key}` and the ce_subject `{headers.get('ce_subject')}`"
    if entry.value is None:
        if headers.get("ce_type") != MOVED:
            yield f"is an erasure of the type `{headers.get('ce_type')}`"
        return
    data, words = parsed(entry.value)
    yield from words
    if words:
        return
    # In structured mode the attributes stand beside the data, so that the rules between them hold as well.
    event = {name.removeprefix("ce_"): text for name, text in headers.items() if name.startswith("ce_")}
    event |= {"datacontenttype": headers.get("content-type"), "data": data}
    yield from refusals(event, "change", "event")
    yield from event_problems(event)


def event_problems(event):
    """What the attributes of an event say otherwise than its data."""
    data = event.get("data")
    if not isinstance(data, dict):
        return
    for name, other in (("subject", "customer_id"), ("time", "effective_at")):
        if event.get(name) != data.get(other):
            yield f"has the {name} `{event.get(name)}`, the data say `{data.get(other)}`"
    if str(event.get("id")).rpartition("-")[2] != str(data.get("sequence")):
        yield f"has the id `{event.get('id')}` and the sequence {data.get('sequence')}"


def letter_problems(entries):
    """What is wrong with the records of a dead letter topic."""
    for entry in entries:
        value = None if entry.value is None else entry.value.decode("utf-8", "replace")
        for words in refusals(texts(entry), "dead-letter", "headers") + refusals(value, "dead-letter", "value"):
            yield f"{entry.where}: {words}"


def texts(entry):
    """The headers of a record by name, the last of each, as text."""
    return {name: None if value is None else value.decode("utf-8", "replace") for name, value in entry.headers}
