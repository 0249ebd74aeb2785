"""Recomputes decisions: the customer's figures by its records, its point and distances by the cited model."""
from checks import instant, money
from rfm import Reference
from rule_oracle import table_of
from stream_models import DAY_MS, number_of, point_of, score_of

# Half of the sixth digit, and what two computations of one value may differ by.
HALF_DIGIT = 5e-7 + 1e-9
EXACT = 1e-9
MINUTE_MS = 60_000


def life_problems(life, history, models, settings):
    """What is wrong with the decisions of one life, walked along its records."""
    walk, left = Walk(life, settings), None
    causes = [event["data"]["cause"]["offset"] if event["data"]["cause"] else None for _, event in history]
    for place, (entry, event) in enumerate(history):
        data = event["data"]
        model = models.get((data["model"]["generation"], data["model"]["version"]))
        if model is None:
            continue
        if causes[place] is not None:
            found = walk.to_cause(causes[place], data, model)
        else:
            ahead = next((cause for cause in causes[place:] if cause is not None), None)
            found = walk.to_match(ahead, data, model)
        yield from (f"{entry.where} `{event['id']}`: {words}" for words in found)
        if model.kind == "rules":
            yield from (f"{entry.where} `{event['id']}`: {words}" for words in rule_problems(
                data, None if found else walk, model, left, settings))
            if data["from"] is not None:
                left = (data["from"]["id"], instant(data["evaluated_at"]))
            continue
        if data["features"] is None or data["distance"] is None:
            yield f"{entry.where} `{event['id']}`: no features or no distance, by a model of clusters"
            continue
        point = data["features"]
        if not found and (exact := walk.point(instant(data["evaluated_at"]), model)) is not None:
            point = exact
        elif len(point) != len(model.features):
            continue
        slack = EXACT if point is not data["features"] else 4 * HALF_DIGIT
        yield from (f"{entry.where} `{event['id']}`: {words}" for words in decision_problems(
            data, point, slack, model, left, settings))
        if not found and data["reason"] == "elapsed":
            yield from (f"{entry.where} `{event['id']}`: {words}" for words in elapsed_problems(
                data, walk, model, left, settings))
        if data["from"] is not None:
            left = (data["from"]["id"], instant(data["evaluated_at"]))


class Walk:
    """A customer's records, applied one after the other as changes ask for them."""

    def __init__(self, life, settings):
        self.life, self.settings = life, settings
        self.reference = Reference(settings.transactions, settings.orders)
        self.next = 0

    @property
    def customer(self):
        """The customer after the records so far."""
        return self.reference.customers[self.life.customer]

    def advance(self):
        """Applies the next record."""
        _, record, counts, _, _ = self.life.records[self.next]
        self.reference.take([record])
        if counts and record.kind == "purchase":
            latest = self.customer.latest
            self.customer.latest = record.time if latest is None else max(latest, record.time)
        self.next += 1

    def to_cause(self, offset, data, model):
        """Applies records up to the cause; what is then wrong with the change's figures."""
        if self.next and self.life.records[self.next - 1][0] > offset:
            return [f"its cause {offset} lies before the record of an earlier change"]
        while self.next < len(self.life.records) and self.life.records[self.next][0] <= offset:
            self.advance()
        if not self.next or self.life.records[self.next - 1][0] != offset:
            return [f"its cause {offset} is no record of this life"]
        return list(self.mismatches(data, model))

    def to_match(self, ahead, data, model):
        """Applies records until the change's figures are right, at most up to the next cause; else what is wrong."""
        problems = ["nothing has been bought before it"]
        while True:
            if self.next and self.looks_right(data):
                problems = list(self.mismatches(data, model))
                if not problems:
                    return []
            if self.next >= len(self.life.records):
                break
            if ahead is not None and self.life.records[self.next][0] >= ahead:
                break
            self.advance()
        if self.next and len(problems) == 1 and problems[0].startswith("nothing"):
            problems = ["no state of the customer has its figures; after the last record that can be: "]
            problems += self.mismatches(data, model)
            return [problems[0] + "; ".join(problems[1:])]
        return problems

    def looks_right(self, data):
        """Whether recency and net, which are cheap to tell, are the change's."""
        customer, rfm = self.customer, data["rfm"]
        if customer.latest is None:
            return False
        days = max(0, instant(data["evaluated_at"]) - customer.latest) / DAY_MS
        if abs(days - rfm["recency_days"]) > HALF_DIGIT:
            return False
        return rfm["monetary"] == money(customer.gross - customer.refunded, self.settings.digits)

    def point(self, at, model):
        """The customer's point; `None` where it has none or the model has other features."""
        return point_of(self.customer, at, model, self.settings) if self.customer.latest is not None else None

    def mismatches(self, data, model):
        """What is wrong with the figures of a change beside the customer as it is."""
        customer, rfm, at, digits = self.customer, data["rfm"], instant(data["evaluated_at"]), self.settings.digits
        if customer.latest is None:
            yield "the customer has not bought"
            return
        frequency, monetary = customer.decayed(max(at, customer.latest), self.settings.half_life_days)
        net, count = customer.gross - customer.refunded, customer.order_count
        for name, expected in (
                ("recency_days", max(0, at - customer.latest) / DAY_MS), ("decayed_frequency", frequency)):
            if abs(rfm[name] - expected) > HALF_DIGIT:
                yield f"{name} is {rfm[name]}, by the records {expected:.7f}"
        for name, expected in (("frequency", count), ("monetary", money(net, digits)),
                               ("currency", self.settings.currency)):
            if rfm[name] != expected:
                yield f"{name} is {rfm[name]}, by the records {expected}"
        for name, expected in (("decayed_monetary", monetary), ("average_order", net / count if count else 0)):
            if abs(float(rfm[name]) * 10**digits - expected) > 0.5 + 1e-6 + EXACT * abs(expected):
                yield f"{name} is {rfm[name]}, by the records {expected / 10**digits}"
        if digits == 2 and rfm["score"] != score_of(customer, at, model, digits):
            yield f"score is {rfm['score']}, by the cuts {score_of(customer, at, model, digits)}"
        point = self.point(at, model)
        if point is not None and (
                len(point) != len(data["features"] or []) or
                any(abs(a - b) > HALF_DIGIT for a, b in zip(point, data["features"]))):
            yield f"features are {data['features']}, by the records {[round(value, 7) for value in point]}"


def rule_problems(data, walk, model, left, settings):
    """What is wrong with a decision by rules; `walk` stands at the customer, where its figures are right."""
    table, to = table_of(model.rules), data["to"]
    if model.names.get(to["id"]) != to["name"]:
        yield f"to is {to}, the cited model has {model.names}"
    if data["rfm"]["cell"] != table.get(data["rfm"]["score"]) or to["name"] != data["rfm"]["cell"]:
        yield f"to is {to['name']}, the cell {data['rfm']['score']} is {table.get(data['rfm']['score'])}"
    if any(data[name] is not None for name in ("features", "distance", "previous_distance", "margin")):
        yield "it has features or distances"
    at = instant(data["evaluated_at"])
    kept = data["from"] is not None and data["from"]["id"] in model.names
    if kept and data["cause"] is None and left == (to["id"], left and left[1]) and at - left[1] <= settings.return_ms:
        yield f"goes back to {to['id']} {at - left[1]} ms after leaving it, and no record is the cause"
    if walk is None or data["reason"] != "elapsed" or settings.digits != 2:
        return
    for effective in (instant(data["effective_at"]), min(at, instant(data["effective_at"]) + MINUTE_MS)):
        if table.get(score_of(walk.customer, effective, model, settings.digits)) == to["name"]:
            return
    yield f"effective_at is {data['effective_at']}, when its cell was another"


def needed(data, left, settings):
    """The margin that a move needs; `left` is the segment left last and when."""
    back = left is not None and left[0] == data["to"]["id"] and \
        instant(data["evaluated_at"]) - left[1] <= settings.return_ms
    return settings.return_margin if back else settings.margin


def decision_problems(data, point, slack, model, left, settings):
    """What is wrong with the decision, given the customer's point."""
    found = model.distances(point)
    own = found.get(data["to"]["id"])
    if own is None:
        yield f"to is {data['to']['id']}, the cited model has {sorted(found)}"
        return
    nearest = min(found, key=lambda name: (found[name], number_of(name)))
    if found[nearest] < own - slack or (slack == EXACT and nearest != data["to"]["id"] and found[nearest] == own):
        yield f"to is {data['to']['id']} at {own:.6f}, {nearest} is at {found[nearest]:.6f}"
    if abs(data["distance"] - own) > HALF_DIGIT + slack:
        yield f"distance is {data['distance']}, by the model {own:.6f}"
    before = found.get(data["from"]["id"]) if data["from"] else None
    if before is None:
        return
    if data["previous_distance"] is None or abs(data["previous_distance"] - before) > HALF_DIGIT + slack:
        yield f"previous_distance is {data['previous_distance']}, by the model {before:.6f}"
    least = needed(data, left, settings)
    if own > (1 - least) * before + slack:
        yield f"moves by a margin of {1 - own / before if before else 0:.6f}, {least} are needed"


def elapsed_problems(data, walk, model, left, settings):
    """Where an elapsed move did not hold yet at the minute that is named for it."""
    before, to = data["from"] and data["from"]["id"], data["to"]["id"]
    if before not in model.centroids or to not in model.centroids:
        return
    least = min(settings.margin, needed(data, left, settings))
    for at in (instant(data["effective_at"]), instant(data["effective_at"]) + MINUTE_MS):
        found = model.distances(walk.point(at, model) or data["features"])
        if found[to] <= (1 - least) * found[before] + 1e-6:
            return
    yield f"effective_at is {data['effective_at']}, when the move did not hold yet"
