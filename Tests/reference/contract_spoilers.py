"""Records that a contract must refuse: what is spoiled in a real one, and purchases in every form there is."""
import copy
import json

GOOD = {"customer_id": "c1", "amount": 1.5, "timestamp": "2025-03-01T10:00:00Z"}
ABSENT = object()
ODD = [True, [], {}]
# Purchases that are tried in the program and in the schema, by member.
VALUES = {
    "customer_id": [
        "c1", 42, -7, 7.0, 7.5, "\u00fc", " ", "x" * 256, "x" * 257, "\u00fc" * 200, "", None,
        ABSENT, *ODD],
    "amount": [
        1, 0, -1, 1.5, -0.0, 1e3, "1.5", "+1", " 1 ", "\t-2", "1.", ".5", "1e2", "-1E-2", "1e+2", "0x10", "", "ten",
        "1,5", "\u0661", "NaN", "--1", "1.2.3", "1e", ".", "- 1", "1_000", None, ABSENT, *ODD],
    "timestamp": [
        "2025-03-01", "2025-03-01T10:00", "2025-03-01 10:00:00", "2025-03-01t10:00:00z", "2025-03-01T10:00:00.1Z",
        "2025-03-01T10:00:00,123456789+01:00", "2025-03-01T10:00:00-0330", "2025-03-01T10:00+05", "2024-02-29",
        "2016-12-31T23:59:60Z", "0001-01-01", "2025-03-01T10", "2025-03-01T24:00:00Z", "2025-03-01T10:60", "2025-13-01",
        "2025-04-31", "2025-02-29", "1900-02-29", "2000-02-29", "2025-02-28", "2024-02-30",
        "2025-00-10", "0000-01-01", "2025-3-1", "20250301", "01.03.2025", 
        "2025-03-01T10:00:00.Z", "2025-03-01T10:00:00.1234567890Z", "2025-03-01T10:00:61Z", "2025-03-01T10:00:00+24:00",
        "2025-03-01T10:00:00+1", "2025-03-01T10:00:00 Z", "2025-03-01Z",
        "2025-03-01  10:00", " 2025-03-01", "1740823200", "now", "",
        1740823200, 1740823200.5,
        1740823200123, 0, -1, -62135596800, -62135596801, -62135596800000, -62135596800001, -10**11,
        10**11 - 1, 10**11, 253402300800000, 10**30, None, ABSENT, *ODD],
    "transaction_id": ["t1", 7, 7.5, "", None, *ODD],
    "order_id": ["o1", 7, 7.5, "", None, *ODD],
    "currency": ["EUR", "eur", "", None, "E-R", "EUROPEANS", "\u20ac", 5, *ODD],
    "type": ["purchase", "PURCHASE", "refund", "Refund", None, "", "sale", "purchases", "refund ", 1, *ODD],
    "more": [None, {"a": [1, {"b": "c"}]}, "x"],
}
SIGNS = [-1, "-1", " -0.50", "-.5", "-0", "-0.00", -0.0, "+0", 0, "-1e2"]
ROOTS = [
    "null", "[]", '"c1"', "{}", "7", '{"customer_id":"c1"',
    '{"customer_id":"a","customer_id":"b","amount":1,"timestamp":1}',
]


def purchase_lines():
    """Lines of JSON, each a purchase in which one member is another, or is none at all."""
    for name, values in VALUES.items():
        for value in values:
            record = {**GOOD, name: value}
            yield json.dumps({key: kept for key, kept in record.items() if kept is not ABSENT})
    for kind in ("purchase", "Purchase", "refund", None):
        for amount in SIGNS:
            yield json.dumps({**GOOD, "amount": amount, "type": kind})
    yield from ROOTS


def spoiled(value, paths):
    """(words, copy) with a member taken away, of another kind, or one too many, at every object of the value."""
    for path in paths:
        *way, name = path.split(".")
        for words, change in (
                ("is absent", lambda place, name: place.pop(name)),
                ("is an array", lambda place, name: place.update({name: ["x"]})),
                ("has another name", lambda place, name: place.update({name + "s": place.pop(name)}))):
            again = copy.deepcopy(value)
            place = again
            for step in way:
                place = place[step]
            change(place, name)
            yield f"{path} {words}", again


def with_value(value, path, other):
    """A copy in which one member is another."""
    again = copy.deepcopy(value)
    *way, name = path.split(".")
    place = again
    for step in way:
        place = place[step]
    place[name] = other
    return again


# Of a structured change: the member, and a value that is not allowed there. What fits the reason is chosen by it.
CHANGES = [
    ("specversion", "0.3"), ("source", ""), ("id", "c42"), ("id", "0-1-0"), ("subject", ""), ("time", "2026-01-01"),
    ("type", "segmenter.customer.moved.v2"), ("datacontenttype", "text/plain"), ("data", None),
    ("data.customer_id", ""), ("data.customer_id", 42), ("data.sequence", 0), ("data.sequence", "1"),
    ("data.to", None), ("data.to.id", "3"), ("data.to.id", "s0"), ("data.to.name", ""), ("data.reason", "churned"),
    ("data.effective_at", "2026-01-01T00:00:00Z"), ("data.evaluated_at", 1767348000), ("data.model.generation", 0),
    ("data.model.version", None), ("data.features", []), ("data.features", ["1"]), ("data.features", None),
    ("data.distance", None), ("data.distance", -0.5), ("data.distance", "0.5"), ("data.margin", 1.5),
    ("data.rfm.recency_days", -1), ("data.rfm.frequency", 1.5), ("data.rfm.monetary", 177.05),
    ("data.rfm.monetary", "177.0"), ("data.rfm.average_order", "EUR 5"), ("data.rfm.currency", "euro"),
    ("data.rfm.score", "105"), ("data.rfm.score", "55"), ("data.rfm.cell", None), ("data.cause", {}),
    ("data.origin", "test"),
]
# The same, of changes with a reason only.
BY_REASON = [
    ("first_seen", "data.from", {"id": "s1", "name": "Loyal"}), ("first_seen", "data.sequence", 2),
    ("first_seen", "data.previous_distance", 0.5), ("first_seen", "data.margin", 0.5),
    ("first_seen", "type", "segmenter.customer.reassigned.v1"), ("purchase", "data.from", None),
    ("purchase", "data.sequence", 1), ("purchase", "data.cause", None), ("purchase", "data.cause.offset", -1),
    ("purchase", "data.cause.partition", "0"), ("purchase", "data.cause.topic", ""), ("refund", "data.cause", None),
    ("late_purchase", "data.cause", None), ("elapsed", "data.margin", None),
    ("elapsed", "data.cause", {"topic": "t", "partition": 0, "offset": 1}), ("elapsed", "data.previous_distance", None),
    ("elapsed", "type", "segmenter.customer.reassigned.v1"), ("elapsed", "data.reason", "first_seen"),
    ("model_changed", "type", "segmenter.customer.moved.v1"), ("model_changed", "data.reason", "elapsed"),
]
# Of a line of dead letters.
LETTERS = [
    ("code", "unknown"), ("code", None), ("message", ""), ("file", None), ("line", 0), ("line", "7"), ("value", None),
    ("encoding", "gzip"), ("encoding", "base64"), ("offset", 1), ("code", "too_large"),
]
# Of the AsyncAPI document: what is broken, and how.
DOCUMENT = [
    ("a reference to no message", "#/components/messages/moved", "#/components/messages/went"),
    ("a reference to no file", "./change.schema.json#/$defs/moved", "./changes.schema.json#/$defs/moved"),
    ("a reference to no part", "change.schema.json#/$defs/headers", "change.schema.json#/$defs/header"),
    ("an action that is none", "action: send", "action: publish"), ("a parameter too few", "{group}-", "{name}-"),
    ("a member that is none", "protocol: kafka", "protocoll: kafka"), ("another version", "3.0.0", "2.6.0"),
    ("an example with another reason", "reason: model_changed", "reason: elapsed"),
    ("an example without a header", "ce_specversion: ", "specversion: "),
    ("an example with an unknown code", "segmenter.error.code: ", "segmenter.error.code: no-"),
    ("a purchase without an amount", "{customer_id: c", "{customer: c"),
]
# Of the headers of a change, and of a dead letter.
HEADERS = [
    ("ce_specversion", "0.3"), ("ce_id", "1"), ("ce_source", ""), ("ce_subject", ""), ("ce_time", "now"),
    ("ce_type", "moved"), ("content-type", "text/plain"), ("trace", "7"),
]
LETTER_HEADERS = [
    ("segmenter.error.code", "unknown"), ("segmenter.error.message", ""), ("segmenter.error.topic", ""),
    ("segmenter.error.partition", "-1"), ("segmenter.error.offset", "x"), ("segmenter.error.timestamp", "now"),
]
