"""Compares the customers that a replay wrote with the reference, column by column."""
from checks import instant, money

EMPTY_WITHOUT_PURCHASE = (
    "segment_id", "segment", "since", "first_purchase", "last_purchase", "recency_days", "decayed_frequency",
    "decayed_monetary", "average_order", "r", "f", "m", "cell")


def customer_problems(rows, reference, exact_days=True):
    """What is wrong with the rows of `--customers`, as sentences.

    `exact_days`: purchase days can be counted exactly (no customer's records come more than a month late).
    """
    ids = [row["customer_id"] for row in rows]
    if ids != sorted(ids, key=str.encode):
        yield "rows are not in the order of the customer id"
    if len(set(ids)) != len(ids):
        yield "a customer id comes twice"
    for missing in set(reference.customers) - set(ids):
        yield f"{missing}: has no row"
    for row in rows:
        customer = reference.customers.get(row["customer_id"])
        if customer is None:
            yield f"{row['customer_id']}: is nobody's id"
            continue
        for column, problem in row_problems(row, customer, reference.clock, exact_days):
            yield f"{row['customer_id']}: {column} {problem}"


def row_problems(row, customer, clock, exact_days):
    """(column, what is wrong) for one customer."""
    exact = {
        "orders": str(customer.order_count), "gross": money(customer.gross), "refunded": money(customer.refunded),
        "net": money(customer.gross - customer.refunded),
    }
    if not customer.orders:
        exact.update({column: "" for column in EMPTY_WITHOUT_PURCHASE})
        exact.update(purchase_days="0", first_day_spend="0.00")
        exact.update({column: "" for column in row if column.startswith("z_")})
    else:
        exact["first_day_spend"] = money(customer.first_day_spend)
        if exact_days:
            exact["purchase_days"] = str(customer.purchase_days)
    for column, expected in exact.items():
        if row[column] != expected:
            yield column, f"is `{row[column]}`, by definition `{expected}`"
    if customer.orders:
        yield from decayed_problems(row, customer, clock)


def decayed_problems(row, customer, clock):
    """What is wrong with times and decayed values of a customer who has bought."""
    for column, expected in (("first_purchase", customer.first), ("last_purchase", customer.last)):
        if instant(row[column]) != expected:
            yield column, f"is `{row[column]}`, by definition {expected} ms"
    age = max(0, clock - customer.last)
    if abs(float(row["recency_days"]) - age / 86_400_000) > 1e-9:
        yield "recency_days", f"is {row['recency_days']}, by definition {age / 86_400_000}"
    frequency, monetary = customer.decayed(customer.last + age)
    # 1e-12 of what was added up, beside half of the last digit that is written.
    if abs(float(row["decayed_frequency"]) - frequency) > 1e-12 * max(1, len(customer.orders)) + 5.1e-13:
        yield "decayed_frequency", f"is {row['decayed_frequency']}, by definition {frequency!r}"
    turnover = customer.gross + customer.refunded
    if abs(100 * float(row["decayed_monetary"]) - monetary) > 0.5 + 1e-12 * max(1, turnover) + 1e-6:
        yield "decayed_monetary", f"is {row['decayed_monetary']}, by definition {monetary / 100!r}"
    count = customer.order_count
    average = (customer.gross - customer.refunded) / count if count else 0
    if abs(100 * float(row["average_order"]) - average) > 0.5 + 1e-6:
        yield "average_order", f"is {row['average_order']}, by definition {average / 100!r}"


def summary_problems(summary, reference, read):
    """What is wrong with the counts of `--summary json`."""
    expected = {
        "records_read": read, "applied": reference.applied, "duplicates": reference.duplicates,
        "customers": len(reference.customers),
    }
    for name, value in expected.items():
        if summary[name] != value:
            yield f"{name} is {summary[name]}, by definition {value}"
    dead = {code: count for code, count in summary["dead_letters"].items() if count}
    if dead != reference.dead:
        yield f"dead_letters are {dead}, by definition {reference.dead}"
    if instant(summary["clock"]) != reference.clock:
        yield f"clock is {summary['clock']}, by definition {reference.clock} ms"


def dead_letter_problems(letters, reference, lines, checked_max=2000):
    """What is wrong with `--dead-letters`, beside the lines of the file they came from."""
    counted = {}
    for letter in letters:
        counted[letter["code"]] = counted.get(letter["code"], 0) + 1
    if counted != reference.dead:
        yield f"codes are {counted}, by definition {reference.dead}"
    for letter in letters[:checked_max]:
        if not letter["message"]:
            yield f"line {letter['line']}: no message"
        value = letter["value"] if isinstance(letter["value"], str) else None
        if value is None or value.rstrip("\r\n") != lines[letter["line"] - 1].rstrip("\r\n"):
            yield f"line {letter['line']}: the value is not what stands there"
