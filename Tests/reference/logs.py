"""Reads event logs into purchase records, one obvious step after the other.

Written from the design's section 3, with nothing of the program's: Python's csv, json, decimal and zoneinfo.
"""
import csv
import io
import json
import lzma
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Optional
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# The largest sum of minor units that fits 64 bits.
MINOR_MAX = 2**63 - 1


@dataclass
class Record:
    """A purchase record; money in minor units with its sign, time in ms since 1970."""
    number: int
    customer: str
    amount: int
    time: int
    kind: str
    order: Optional[str] = None
    transaction: Optional[str] = None


class Rejected(Exception):
    """A record that cannot be used; the words are the dead letter's code."""


def milliseconds(moment):
    """The whole milliseconds since 1970 of a datetime with a zone, the rest cut off."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def minor(text, factor="1"):
    """`text` × `factor` in hundredths, rounded half to even once."""
    try:
        product = Decimal(text) * Decimal(factor)
    except InvalidOperation:
        raise Rejected("invalid_amount") from None
    if not product.is_finite():
        raise Rejected("invalid_amount")
    value = int((product * 100).to_integral_value(rounding=ROUND_HALF_EVEN))
    if abs(value) > MINOR_MAX:
        raise Rejected("amount_overflow")
    return value


def kind_of(value, named):
    """What a record does: `type: refund` wins over the sign, which is judged after rounding."""
    if named == "refund":
        return "refund"
    if named == "purchase" and value < 0:
        raise Rejected("invalid_amount")
    return "refund" if value < 0 else "purchase"


def text_of(path):
    """The whole text of a file, unpacked when its name ends in .xz; a byte order mark is no text."""
    opened = lzma.open(path, "rb") if str(path).endswith(".xz") else open(path, "rb")
    with opened as file:
        return file.read().decode("utf-8-sig")


def online_retail(path):
    """(record or code) for every line of Online Retail, times read as London's."""
    london = ZoneInfo("Europe/London")
    for number, line in enumerate(csv.DictReader(io.StringIO(text_of(path), newline=""))):
        if not line["CustomerID"]:
            yield "missing_field"
            continue
        try:
            amount = minor(line["Quantity"], line["UnitPrice"])
            local = datetime.strptime(line["InvoiceDate"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=london)
            yield Record(
                number, str(int(Decimal(line["CustomerID"]))), amount, milliseconds(local.astimezone(timezone.utc)),
                kind_of(amount, None), order=line["InvoiceNo"])
        except Rejected as why:
            yield str(why)


def cdnow(path):
    """Every purchase of the CDNOW sample, by the day, in the order of time."""
    records = []
    for number, line in enumerate(text_of(path).splitlines()):
        _, customer, day, _, dollars = line.split()
        moment = datetime.strptime(day, "%Y%m%d").replace(tzinfo=timezone.utc)
        amount = minor(dollars)
        records.append(Record(number, customer, amount, milliseconds(moment), kind_of(amount, None)))
    return sorted(records, key=lambda record: record.time)


def generated(path):
    """(record or code) for every line of our own generator's JSON, in file order; broken lines are `malformed`."""
    for number, line in enumerate(text_of(path).split("\n")):
        if line:
            try:
                yield generated_record(number, line)
            except Rejected as why:
                yield str(why)


def generated_record(number, line):
    """One record in the default member names."""
    try:
        members = json.loads(line, parse_float=Decimal)
    except ValueError:
        raise Rejected("malformed") from None
    for name in ("customer_id", "amount", "timestamp"):
        if members.get(name) in (None, ""):
            raise Rejected("missing_field")
    if isinstance(members["amount"], (dict, list, bool)):
        raise Rejected("invalid_amount")
    amount = minor(str(members["amount"]).strip())
    named = members.get("type")
    try:
        moment = datetime.fromisoformat(str(members["timestamp"]).replace("Z", "+00:00"))
    except ValueError:
        raise Rejected("invalid_timestamp") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    kind = kind_of(amount, named)
    return Record(
        number, str(members["customer_id"]), abs(amount), milliseconds(moment), kind,
        order=members.get("order_id") or None, transaction=members.get("transaction_id") or None)
