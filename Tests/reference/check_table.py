#!/usr/bin/env python3
"""Judges how `analyze` reads, cleans, scales and explores tables, by Python's csv and by scikit-learn.

    Tests/reference/check_table.py [--program PATH]

Cells, scales, correlations and principal components come from `Benchmarks table`, which is built beside the program;
what is cleaned and made of a table of customers from the program itself. Needs Tests/reference/requirements.txt.
"""
import csv
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

sys.dont_write_bytecode = True
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
import numpy
from checks import TOP, Checks, answers_of, environment, program_of
from sklearn.decomposition import PCA
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

DATA = TOP.parent / "shared" / "data"


def far(name, found, expected, tolerance):
    """Where two arrays differ by more than the tolerance, as a share of the greatest expected."""
    found, expected = numpy.asarray(found, float), numpy.asarray(expected, float)
    if found.shape != expected.shape:
        return [f"{name}: {found.shape} for {expected.shape}"]
    worst = float(numpy.max(numpy.abs(found - expected), initial=0))
    bound = tolerance * max(1.0, float(numpy.max(numpy.abs(expected), initial=0)))
    return [] if worst <= bound else [f"{name}: off by {worst:.3g}, {bound:.3g} allowed"]


def components_law(request, answer):
    """Components, variances and projections are scikit-learn's, up to the sign of a component.

    Without variance any direction is as good as another.
    """
    rows = numpy.array(request["rows"])
    peer = PCA(svd_solver="full").fit(rows)
    count = int(numpy.sum(peer.explained_variance_ > 1e-12 * peer.explained_variance_[0]))
    found = numpy.array(answer["components"])[:count]
    expected = peer.components_[:count]
    signs = numpy.sign(numpy.sum(found * expected, axis=1))
    problems = far("components", found * signs[:, None], expected, 1e-8)
    problems += far("variances", answer["variances"][:count], peer.explained_variance_[:count], 1e-8)
    problems += far("shares", answer["shares"][:count], peer.explained_variance_ratio_[:count], 1e-8)
    first_row = numpy.array(answer["first_row"])[:count] * signs
    return problems + far("projection", first_row, peer.transform(rows)[0][:count], 1e-8)


def scale_law(request, answer):
    """Scaled values are scikit-learn's, and lead back."""
    peer = {"standard": StandardScaler, "min-max": MinMaxScaler, "robust": RobustScaler}[request["scaling"]]()
    values = numpy.array(request["values"])
    expected = peer.fit_transform(values[:, None])[:, 0]
    return far("scaled", answer["scaled"], expected, 1e-10) + far("back", answer["back"], values, 1e-10)


def correlations_law(request, answer):
    """Coefficients are numpy's."""
    return far("correlations", answer["values"], numpy.corrcoef(numpy.array(request["rows"]), rowvar=False), 1e-10)


def cells_law(request, answer):
    """Cells are those that Python's csv reads, without white space around them; blank lines are none."""
    text = io.StringIO(request["text"], newline="")
    expected = [row for row in csv.reader(text, delimiter=chr(request["delimiter"]), strict=True) if any(row)
                or len(row) > 1]
    found = [["".join(map(chr, cell)) for cell in row] for row in answer.get("cells", [])]
    expected = [[cell.strip(" \t\r\n") for cell in row] for row in expected]
    return [] if found == expected else [f"found {found!r:.300}, expected {expected!r:.300}"]


def requests_of(random):
    """(name, law, request) of everything that is asked."""
    for rows, columns in ((2, 3), (5, 5), (40, 4), (300, 12), (1000, 30)):
        mixed = random.normal(size=(rows, columns)) @ random.normal(size=(columns, columns)) + 5
        yield f"components of {rows} × {columns}", components_law, {"op": "components", "rows": mixed.tolist()}
        if rows > 2:
            yield f"correlations of {rows} × {columns}", correlations_law, {
                "op": "correlations", "rows": mixed.tolist()}
    for scaling in ("standard", "min-max", "robust"):
        for name, values in (
            ("normal", random.normal(50, 9, 500)), ("lopsided", random.lognormal(4, 2, 301)),
            ("whole", random.integers(0, 9, 64).astype(float)), ("two", numpy.array([3.0, 8.0])),
        ):
            yield f"{scaling} scale of {name} numbers", scale_law, {
                "op": "scale", "scaling": scaling, "values": values.tolist()}
    parts = ["a", "7", " x ", "", "é", "a,b", "say \"so\"", "two\nlines", "semi;colon", "tab\tbed", "\"", "end\r\n"]
    for delimiter in ",;\t|":
        for number in range(25):
            out = io.StringIO(newline="")
            writer = csv.writer(out, delimiter=delimiter, lineterminator=["\n", "\r\n"][number % 2])
            for _ in range(6):
                writer.writerow([parts[index] for index in random.integers(0, len(parts), 1 + number % 5 + 1)])
            yield f"cells {number} between {delimiter!r}", cells_law, {
                "op": "cells", "delimiter": ord(delimiter), "text": out.getvalue()}


def analysed(program, *arguments):
    """What the program says of a file: summary, and segments by customer."""
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run(
            [program, "analyze", *arguments, "--output", folder, "--quiet"], capture_output=True, check=False,
            env=environment())
        if ended.returncode != 0:
            raise SystemExit(f"analyze ended with {ended.returncode}: {ended.stderr.decode()}")
        summary = json.loads((Path(folder) / "summary.json").read_text())
        with open(Path(folder) / "segments.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return summary, rows, (Path(folder) / "report.html").read_text()


def check_campaign(checks, program):
    """Age, tenure, totals and shares of the table of a campaign, made again here."""
    path = DATA / "marketing_campaign.csv"
    if not path.exists():
        checks.skip("marketing_campaign", "it is not beside the clone")
        return
    with open(path, encoding="utf-8", newline="") as file:
        table = {row["ID"]: row for row in csv.DictReader(file, delimiter="\t")}
    summary, rows, report = analysed(program, str(path), "--response", "Response", "--k", "4")
    incomes = [float(row["Income"]) for row in table.values() if row["Income"]]
    first, third = numpy.quantile(incomes + [statistics.median(incomes)] * (2240 - len(incomes)), [0.25, 0.75])
    fence = third + 3 * (third - first)
    days = {key: date(*map(int, reversed(row["Dt_Customer"].split("-")))) for key, row in table.items()}
    newest = max(days.values())
    spend = [name for name in next(iter(table.values())) if name.startswith("Mnt")]
    channels = ["NumWebPurchases", "NumCatalogPurchases", "NumStorePurchases"]
    made = {}
    for key, row in table.items():
        total = sum(int(row[name]) for name in spend)
        orders = sum(int(row[name]) for name in channels)
        made[key] = {
            "Income": min(fence, float(row["Income"] or statistics.median(incomes))), "Total spend": total,
            "Tenure (days)": (newest - days[key]).days, "Children": int(row["Kidhome"]) + int(row["Teenhome"]),
            "Share of spend: Wines": int(row["MntWines"]) / total, "Total purchases": orders,
            "Share of purchases: Web": int(row["NumWebPurchases"]) / orders if orders else 0,
            "Age": newest.year - max(int(row["Year_Birth"]), 1905),
        }
    problems = []
    for segment in summary["segments"]:
        members = [row["customer_id"] for row in rows if row["segment"] == str(segment["id"])]
        if len(members) != segment["customers"]:
            problems.append(f"segment {segment['id']}: {len(members)} rows for {segment['customers']}")
        for name in made[members[0]]:
            expected = statistics.median(made[key][name] for key in members)
            problems += far(f"{segment['id']} {name}", segment["medians"][name], expected, 1e-9)
    checks.none("features of the campaign's table", problems)
    checks.equal("missing values and outliers are counted", (summary["missing_values"], summary["outliers"]), (24, 7))
    checks.equal(
        "constant columns are named", [part["column"] for part in summary["left_out"]], ["Z_CostContact", "Z_Revenue"])
    checks.equal("the income of 666,666 and the birth of 1893 are named", [
        words in report for words in ("666,666 (9432)", "1893 (11004)")], [True, True])
    checks.equal("each customer has one segment", sorted(row["customer_id"] for row in rows), sorted(table))


def main():
    """Runs all checks."""
    program = program_of(sys.argv)
    checks = Checks()
    random = numpy.random.default_rng(7)
    asked = list(requests_of(random))
    for (name, law, request), answer in zip(asked, answers_of("table", program, [request for _, _, request in asked])):
        checks.none(name, law(request, answer))
        if law is components_law and not law(request, {**answer, "shares": [s * 1.001 for s in answer["shares"]]}):
            checks.none(f"{name}, spoilt", ["shares that are a little wrong were not noticed"])
    check_campaign(checks, program)
    checks.finish()


if __name__ == "__main__":
    main()
