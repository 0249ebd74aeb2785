"""What must hold where the named cells of R, F and M are the segments, and of the cuts behind the scores."""
from checks import instant
from model_oracle import scores_of

CELLS = {f"{r}{f}{m}" for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)}
RETURN_MS = 7 * 86_400_000
# Of a histogram's bin: an octave has so many.
BINS = 32


def standard_name(cell):
    """The name that a cell has where no table is given: by R and by the mean of F and M, halves up."""
    r, value = int(cell[0]), (int(cell[1]) + int(cell[2]) + 1) // 2
    if r >= 4 and (value == 5 or r == 5 and value == 4):
        return "Champions"
    if r >= 3 and value >= 4:
        return "Loyal"
    if r >= 4 and value >= 2:
        return "Potential loyalist"
    if r >= 3:
        return ("New" if r == 5 else "Promising") if value == 1 else "Need attention"
    if r == 2:
        return "About to sleep" if value <= 2 else "At risk"
    return {1: "Lost", 2: "Hibernating", 3: "At risk"}.get(value, "Cannot lose them")


def table_of(rules):
    """The name of each cell, by its scores; rules are those of a model's JSON."""
    return {cell: rule["name"] for rule in rules for cell in rule["cells"]}


def table_problems(rules, standard=False):
    """What is wrong with the rules of a model."""
    listed = [cell for rule in rules for cell in rule["cells"]]
    if len(listed) != len(CELLS) or set(listed) != CELLS:
        yield f"the rules list {len(listed)} cells, {len(set(listed) & CELLS)} of the {len(CELLS)}"
    if standard:
        yield from (f"{cell} is `{name}`, by the table `{standard_name(cell)}`"
                    for cell, name in table_of(rules).items() if name != standard_name(cell))


def assignment_problems(changes, customers, model):
    """What is wrong with who is where at the end of a replay by rules."""
    table, last = table_of(model["rules"]), {}
    names = {segment["name"] for segment in model["segments"]}
    if model["kind"] != "rules" or names != set(table.values()):
        yield f"the segments of kind {model['kind']} are {sorted(names)}, the rules have {sorted(set(table.values()))}"
    for change in changes:
        data = change["data"]
        if data["to"]["name"] != data["rfm"]["cell"] or table[data["rfm"]["score"]] != data["rfm"]["cell"]:
            yield f"{change['id']}: to {data['to']['name']}, its cell {data['rfm']['score']} is {data['rfm']['cell']}"
        for name in ("features", "distance", "previous_distance", "margin"):
            if data[name] is not None:
                yield f"{change['id']}: {name} is {data[name]}, rules have none"
        last[data["customer_id"]] = data
    end = max((instant(data["evaluated_at"]) for data in last.values()), default=0)
    for row in customers:
        if not row["first_purchase"]:
            continue
        name = table["".join(scores_of(row, model["cuts"]))]
        if row["cell"] != name:
            yield f"{row['customer_id']}: its cell is `{row['cell']}`, by the rules `{name}`"
        left = last.get(row["customer_id"])
        if row["segment"] == name or left is None:
            continue
        held = left["from"] is not None and left["from"]["name"] == name
        if not held or end - instant(left["evaluated_at"]) > RETURN_MS:
            yield f"{row['customer_id']}: is in `{row['segment']}`, by its cell in `{name}`"


def cut_problems(customers, cuts, quantile):
    """Where a cut is further than a bin from the quantile of the values; `quantile` is numpy's, of the values."""
    rows = [row for row in customers if row["first_purchase"]]
    minutes = [int(round(float(row["recency_days"]) * 86_400_000)) // 60_000 for row in rows]
    net = [max(0, round(100 * float(row["net"]))) for row in rows]
    repeaters = [int(row["orders"]) for row in rows if int(row["orders"]) > 1]
    edges = [round(cut * 1440) - 1 for cut in cuts["recency"]]
    for name, values, found, shares in (
            ("recency", minutes, edges, (0.2, 0.4, 0.6, 0.8)),
            ("monetary", net, [round(100 * cut) for cut in cuts["monetary"]], (0.2, 0.4, 0.6, 0.8)),
            ("frequency", repeaters, cuts["frequency"][1:], (0.25, 0.5, 0.75))):
        for cut, share in zip(found, shares):
            exact = int(quantile(values, share, method="inverted_cdf"))
            if not exact <= cut <= (exact if exact < 64 else exact * (1 + 1 / BINS)):
                yield f"the cut of {name} at {share} is {cut}, the quantile {exact}"
    if cuts["frequency"][0] != 1:
        yield f"the first cut of frequency is {cuts['frequency'][0]}"
