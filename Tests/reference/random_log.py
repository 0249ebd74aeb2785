"""Purchase records at random in which everything happens that state must bear; the same seed, the same lines."""
import json
import random
from datetime import datetime, timedelta, timezone

START = datetime(2025, 3, 1, tzinfo=timezone.utc)
BROKEN = [
    "{", "[]x", '{"customer_id":"a"}', '{"customer_id":"","amount":1,"timestamp":"2025-03-01T00:00:00Z"}',
    '{"customer_id":"a","amount":"ten","timestamp":"2025-03-01T00:00:00Z"}',
    '{"customer_id":"a","amount":1,"timestamp":"yesterday"}',
    '{"customer_id":"a","amount":-1,"type":"purchase","timestamp":"2025-03-01T00:00:00Z"}',
    '{"customer_id":"a","amount":1e30,"timestamp":"2025-03-01T00:00:00Z"}',
]


def random_lines(seed, events=20_000, customers=300, broken_share=0.01):
    """JSON lines: orders of several lines, late lines, refunds by order, loose and early, repeats, broken lines."""
    source = random.Random(seed)
    orders = {}
    recent = []
    for number in range(events):
        if source.random() < broken_share:
            yield source.choice(BROKEN)
            continue
        if recent and source.random() < 0.02:
            yield source.choice(recent[-20:])
            continue
        customer = f"c{int(customers * source.random() ** 2)}"
        moment = START + timedelta(minutes=30 * number) - timedelta(hours=source.choice([0, 0, 0, 1, 30, 2000]))
        members = {"customer_id": customer, "transaction_id": f"t{number}", "timestamp": time_text(moment, source)}
        known = orders.setdefault(customer, [])
        if source.random() < 0.15:
            members.update(refund(source, known))
        else:
            members.update(purchase(source, known, number))
        if source.random() < 0.1:
            del members["transaction_id"]
        line = json.dumps(members, separators=(",", ":"))
        recent.append(line)
        yield line


def time_text(moment, source):
    """One instant in one of the ways to write it."""
    zone = source.choice(["Z", "+00:00", "+05:30", ""])
    if zone == "+05:30":
        moment += timedelta(hours=5, minutes=30)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{source.randrange(1000):03d}" + zone


def purchase(source, known, number):
    """A line of a new order or of a recent one, or a purchase without an order."""
    amount = f"{source.choice([0, 5, 20, 300]) * source.random():.{source.choice([0, 2, 4])}f}"
    members = {"amount": source.choice([amount, float(amount)])}
    draw = source.random()
    if known and draw < 0.35:
        order = source.choice(known[-3:])
        order[1] += float(amount)
        members["order_id"] = order[0]
    elif draw < 0.85:
        known.append([f"o{number}", float(amount)])
        members["order_id"] = f"o{number}"
    return members


def refund(source, known):
    """A refund of a part, of all or of too much of an order, of an unknown order, or of none."""
    draw = source.random()
    order = source.choice(known[-4:]) if known and draw < 0.7 else [f"x{source.randrange(10**6)}", 12.5]
    amount = round(source.choice([0.3, 1, 1, 1.4]) * order[1], 2)
    members = {"amount": amount, "type": "refund"} if source.random() < 0.5 else {"amount": -amount}
    if draw < 0.85:
        members["order_id"] = order[0]
    return members
