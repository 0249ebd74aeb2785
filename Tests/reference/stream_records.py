"""Reads records of the input topic in the default member names, by the design's section 3.

Where a record is broken in several ways, any of their codes is right: `Broken` holds all that were found.
"""
import json
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from logs import MINOR_MAX, Record, milliseconds

DAY_MS = 86_400_000
# Epoch numbers from here on are milliseconds: in seconds it would be the year 5138.
SECONDS_MAX = 100_000_000_000


@dataclass
class Broken:
    """A record that cannot be used, with every code that fits it."""
    codes: set


@dataclass
class Tombstone:
    """A null value: the customer is to be erased."""
    customer: str


def decoded(entry, settings):
    """A `Record` (its number is the offset), a `Tombstone` or a `Broken`."""
    key = None if entry.key is None else entry.key.decode("utf-8", "surrogateescape")
    if entry.value is None:
        return Broken({"missing_field"}) if not key else Tombstone(key)
    if len(entry.value) > settings.record_bytes_max:
        return Broken({"too_large"})
    members = parsed(entry.value, settings.depth_max)
    if members is None:
        return Broken({"malformed"})
    codes = set()
    name = customer_of(members, settings, codes)
    amount, kind = amount_of(members, settings, codes)
    time = time_of(members, codes)
    if time is not None and time > entry.timestamp + DAY_MS:
        codes.add("future_timestamp")
    if settings.keyed and name is not None and key != name:
        codes.add("key_mismatch")
    texts = {field: label_of(members.get(field), codes) for field in ("order_id", "transaction_id")}
    if codes:
        return Broken(codes)
    return Record(entry.offset, name, amount, time, kind, texts["order_id"], texts["transaction_id"])


def parsed(value, depth_max):
    """The members of a JSON object; `None` where it is none, lies too deep or has a mapped member twice."""
    mapped = {"customer_id", "amount", "timestamp", "transaction_id", "order_id", "currency", "type"}

    def once(pairs):
        # The outermost object comes last.
        nonlocal pairs_of_root
        pairs_of_root = pairs
        return dict(pairs)

    pairs_of_root = []
    try:
        members = json.loads(value.decode("utf-8"), parse_float=Decimal, object_pairs_hook=once, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None
    names = [name for name, _ in pairs_of_root if name in mapped]
    if not isinstance(members, dict) or len(set(names)) < len(names) or depth(members) > depth_max:
        return None
    return members


def refuse(name):
    """NaN and infinities are no JSON."""
    raise ValueError(name)


def depth(value):
    """How deep arrays and objects lie in each other; the root counts."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


def customer_of(members, settings, codes):
    """The customer id as text."""
    value = members.get("customer_id")
    if value is None or value == "":
        codes.add("missing_field")
    elif isinstance(value, bool) or not isinstance(value, (str, int)):
        codes.add("invalid_customer_id")
    elif len(str(value).encode("utf-8", "surrogatepass")) > settings.id_bytes_max:
        codes.add("invalid_customer_id")
    else:
        return str(value)
    return None


def amount_of(members, settings, codes):
    """(size in minor units, kind)."""
    value, named, currency = members.get("amount"), members.get("type"), members.get("currency")
    if currency not in (None, "", settings.currency):
        codes.add("unknown_currency")
    if value is None or value == "":
        codes.add("missing_field")
        return None, None
    try:
        if isinstance(value, (dict, list, bool)):
            raise InvalidOperation
        exact = Decimal(value.strip() if isinstance(value, str) else value)
        if not exact.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        codes.add("invalid_amount")
        return None, None
    if exact.adjusted() > 30:
        codes.add("amount_overflow")
        return None, None
    amount = int(exact.scaleb(settings.digits).to_integral_value(rounding=ROUND_HALF_EVEN))
    if abs(amount) > MINOR_MAX:
        codes.add("amount_overflow")
    if named == "refund" or (named != "purchase" and amount < 0):
        return abs(amount), "refund"
    if amount < 0:
        codes.add("invalid_amount")
    return amount, "purchase"


def time_of(members, codes):
    """Milliseconds since 1970."""
    value = members.get("timestamp")
    if value is None or value == "":
        codes.add("missing_field")
        return None
    try:
        if isinstance(value, bool) or isinstance(value, (dict, list)):
            raise ValueError
        if not isinstance(value, str):
            exact = Decimal(value)
            return int(exact if abs(exact) >= SECONDS_MAX else exact * 1000)
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except (ValueError, InvalidOperation):
        codes.add("invalid_timestamp")
        return None
    return milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))


def label_of(value, codes):
    """An order or transaction id as text; an empty one is none."""
    if value is None or value == "":
        return None
    if isinstance(value, (dict, list, bool)):
        codes.add("malformed")
        return None
    return str(value)
