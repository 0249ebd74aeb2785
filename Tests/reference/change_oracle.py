"""What must hold of the changes that a replay wrote, judged by the records, the customers and the summary alone."""
from collections import Counter

from checks import instant

BY_RECORD = {"purchase", "late_purchase", "refund"}
BY_SWEEP = {"elapsed", "model_changed"}
MOVED, REASSIGNED = "segmenter.customer.moved.v1", "segmenter.customer.reassigned.v1"
RETURN_MS = 7 * 86_400_000
# Written with six digits.
DIGIT = 1e-6


def by_number(records):
    """(record, the reason for a change that it causes) by the record's number; records in the order they come."""
    found, newest = {}, {}
    for record in records:
        if isinstance(record, str):
            continue
        reason = record.kind
        if record.kind == "purchase":
            last = newest.get(record.customer)
            reason = "late_purchase" if last is not None and record.time < last else "purchase"
            newest[record.customer] = record.time if last is None else max(record.time, last)
        found[record.number] = (record, reason)
    return found


def change_problems(changes, customers, summary, model, records):
    """What is wrong, as sentences. `records` has (record, reason) by number, see `by_number`."""
    yield from stream_problems(changes, summary)
    histories = {}
    for change in changes:
        yield from envelope_problems(change)
        yield from reason_problems(change, records)
        histories.setdefault(change["data"]["customer_id"], []).append(change)
    births = Counter()
    for history in histories.values():
        births.update({birth_of(change) for change in history})
        yield from history_problems(history, model)
    yield from (f"birth `{birth}` is shared by {count} customers" for birth, count in births.items() if count > 1)
    yield from final_problems(histories, customers, summary, model)


def birth_of(change):
    """The part of the id that names the customer's first record."""
    return change["id"].rpartition("-")[0]


def stream_problems(changes, summary):
    """What is wrong with the changes as a whole."""
    repeated = [name for name, count in Counter(change["id"] for change in changes).items() if count > 1]
    yield from (f"id `{name}` comes twice" for name in repeated)
    counted = Counter(change["data"]["reason"] for change in changes)
    for reason, count in summary["changes"].items():
        if counted.pop(reason, 0) != count:
            yield f"the summary counts {count} changes with reason {reason}, there are others"
    yield from (f"`{reason}` is no reason" for reason in counted)
    newest = (0, 0)
    for change in changes:
        version = (change["data"]["model"]["generation"], change["data"]["model"]["version"])
        if version < newest:
            yield f"{change['id']}: model {version} comes behind {newest}"
        newest = max(newest, version)


def envelope_problems(change, origins=("replay",)):
    """What is wrong with the CloudEvent around the data, and with the data's own sums."""
    data, where = change["data"], change["id"]
    expected = {
        "specversion": "1.0", "subject": data["customer_id"], "time": data["effective_at"],
        "datacontenttype": "application/json", "type": REASSIGNED if data["reason"] == "model_changed" else MOVED,
    }
    for name, value in expected.items():
        if change.get(name) != value:
            yield f"{where}: {name} is `{change.get(name)}`, not `{value}`"
    if not where.endswith(f"-{data['sequence']}"):
        yield f"{where}: does not end in the sequence {data['sequence']}"
    if not change.get("source"):
        yield f"{where}: has no source"
    if data["origin"] not in origins:
        yield f"{where}: origin is `{data['origin']}`"
    previous, distance = data["previous_distance"], data["distance"]
    if data["from"] is None and previous is not None:
        yield f"{where}: previous_distance without a previous segment"
    if (previous is None) != (data["margin"] is None):
        yield f"{where}: margin and previous_distance do not go together"
    if previous:
        if abs(data["margin"] - (1 - distance / previous)) > DIGIT * (1 + 2 / previous):
            yield f"{where}: margin is {data['margin']}, by definition {1 - distance / previous}"
        if distance > previous + DIGIT:
            yield f"{where}: moved to the farther segment"


def reason_problems(change, records):
    """What is wrong with reason, cause and times, beside the record that is named as the cause."""
    data, where = change["data"], change["id"]
    reason, cause = data["reason"], data["cause"]
    if (reason == "first_seen") != (data["from"] is None):
        yield f"{where}: reason {reason} with from {data['from']}"
    if reason in BY_SWEEP and cause is not None:
        yield f"{where}: reason {reason} with a cause"
    if reason in BY_RECORD and cause is None:
        yield f"{where}: reason {reason} without a cause"
    if reason in ("elapsed", "model_changed") and instant(data["effective_at"]) > instant(data["evaluated_at"]):
        yield f"{where}: effective after it was evaluated"
    if cause is None:
        return
    record, wanted = records.get(cause["offset"], (None, None))
    if record is None or record.customer != data["customer_id"]:
        yield f"{where}: the cause {cause['offset']} is no record of this customer"
        return
    if record.time != instant(data["effective_at"]):
        yield f"{where}: effective_at is {data['effective_at']}, the record's time is {record.time} ms"
    if reason in BY_RECORD and reason != wanted:
        yield f"{where}: reason {reason}, but the record is a {wanted}"


def history_problems(history, model):
    """What is wrong with the changes of one customer, in the order they came."""
    living = {segment["id"] for segment in model["segments"]}
    left = {}
    for number, change in enumerate(history):
        data, where = change["data"], change["id"]
        if data["sequence"] != number + 1:
            yield f"{where}: sequence {data['sequence']} comes as number {number + 1}"
        if birth_of(change) != birth_of(history[0]):
            yield f"{where}: born differently from {history[0]['id']}"
        if number == 0:
            continue
        before = history[number - 1]["data"]
        if data["from"] != before["to"]:
            yield f"{where}: from {data['from']}, but before it was {before['to']}"
        if data["from"] is None or data["to"]["id"] == data["from"]["id"]:
            yield f"{where}: does not move"
            continue
        evaluated = instant(data["evaluated_at"])
        if evaluated < instant(before["evaluated_at"]):
            yield f"{where}: evaluated before the change before it"
        # An id is never used again: what lives at the end was never retired.
        if data["from"]["id"] in living:
            back = data["to"]["id"] in left and evaluated - left[data["to"]["id"]] <= RETURN_MS
            if model.get("kind") == "rules":
                # By rules only a record leads back so soon.
                if back and data["cause"] is None:
                    yield f"{where}: back within 7 days without a record"
                left = {data["from"]["id"]: evaluated}
                continue
            least = 0.3 if back else 0.2
            if data["margin"] is None or data["margin"] < least - 2 * DIGIT:
                yield f"{where}: margin {data['margin']}, at least {least}"
        left = {data["from"]["id"]: evaluated}


def final_problems(histories, customers, summary, model):
    """What is wrong between the last changes, the customers, the model and the summary."""
    counted = Counter()
    for row in customers:
        history = histories.pop(row["customer_id"], None)
        if history is None:
            if row["segment_id"]:
                yield f"{row['customer_id']}: in {row['segment_id']} without a change"
            continue
        last = history[-1]["data"]
        found = (row["segment_id"], row["segment"], row["since"])
        if found != (last["to"]["id"], last["to"]["name"], last["effective_at"]):
            yield f"{row['customer_id']}: is {found}, its last change says {last['to']} {last['effective_at']}"
        counted[row["segment_id"]] += 1
    yield from (f"{name}: has changes but no row" for name in histories)
    for where, segments in (("model", model["segments"]), ("summary", summary["segments"])):
        listed = {segment["id"]: segment["customers"] for segment in segments if segment["customers"]}
        if listed != dict(counted):
            yield f"the {where}'s segments have {listed} customers, the rows {dict(counted)}"
    names = [segment["name"] for segment in model["segments"]]
    if len(set(names)) != len(names):
        yield f"names are not unique: {names}"
    total = sum(counted.values())
    for segment in summary["segments"]:
        if total and abs(segment["share"] - counted[segment["id"]] / total) > DIGIT:
            yield f"{segment['id']}: share {segment['share']}, by definition {counted[segment['id']] / total}"
