"""Tables of all trials: Markdown for people, CSV for machines."""
import csv
import math
import textwrap

import numpy

from measures import FIGURES
from peers import PEERS

RECORDS, SWEPT = (
    [name + end for name, (_, is_swept, _, _) in PEERS.items() if is_swept == wanted for end in ("", ", tuned")]
    for wanted in (False, True))


class Results:
    """Trials by scenario, method and seed."""

    def __init__(self):
        self.trials = {}

    def add(self, scenario, method, seed, trial):
        """Keeps a trial."""
        self.trials.setdefault(scenario, {}).setdefault(method, {})[seed] = trial

    def values(self, scenario, method, figure):
        """The figure of every seed that has one."""
        trials = self.trials.get(scenario, {}).get(method, {})
        found = [trial.figures.get(figure, math.nan) for _, trial in sorted(trials.items())]
        return [value for value in found if not math.isnan(value)]

    def curve(self, scenario, method):
        """The mean inertia of every day on which it was measured."""
        trials = list(self.trials[scenario][method].values())
        return [(day, float(numpy.mean([trial.curve[day] for trial in trials]))) for day in sorted(trials[0].curve)]


def cell(values, digits, is_greatest_worst):
    """`mean (worst)`, or a dash."""
    if not values:
        return "–"
    worst = max(values) if is_greatest_worst else min(values)
    return f"{numpy.mean(values):.{digits}f} ({worst:.{digits}f})"


def markdown(results, scenarios, facts, targets):
    """The report."""
    lines = ["# Quality", ""] + facts + [""]
    if targets:
        lines += ["## Targets", "", "| target | measured | wanted | met |", "| --- | --- | --- | --- |"]
        lines += [f"| {t.name} | {t.measured} | {t.wanted} | {t.word} |" for t in targets]
        lines += [""] + [f"- {t.name}: {t.note}" for t in targets if t.note] + [""]
    lines += ["## In short", "", *short(results, "segmenter"), ""]
    lines += ["## Scenarios", "", "Mean over the seeds, and in brackets the worst of them.", ""]
    for scenario, methods in results.trials.items():
        counts = {method: len(trials) for method, trials in methods.items()}
        seeds = f"{max(counts.values())} seeds"
        if len(set(counts.values())) > 1:
            seeds += f" (peers {min(counts.values())})"
        lines += [f"### {scenario}", "", f"{scenarios.get(scenario, '')} {seeds}.", ""]
        lines.append("| method | " + " | ".join(heading for _, heading, _, _ in FIGURES) + " |")
        lines.append("| --- |" + " --- |" * len(FIGURES))
        for method in methods:
            cells = [cell(results.values(scenario, method, name), digits, greatest)
                     for name, _, digits, greatest in FIGURES]
            lines.append(f"| {method} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(wrapped(line) for line in lines)


def wrapped(line):
    """A line of Markdown in 120 columns; a table's row stays whole."""
    if line.startswith("|"):
        return line
    return textwrap.fill(line, 118, subsequent_indent="  " * line.startswith("- "), break_long_words=False)


def short(results, ours):
    """A table with one line a scenario: ours beside the best peer of each kind, by the mean inertia at the end."""
    lines = ["| scenario | segmenter: inertia, ARI, flaps | best peer fed by records | best peer swept |",
             "| --- | --- | --- | --- |"]
    for scenario, methods in results.trials.items():
        if ours not in methods:
            continue
        kinds = [[ours], [name for name in methods if name in RECORDS], [name for name in methods if name in SWEPT]]
        cells = []
        for names in kinds:
            found = [name for name in names if results.values(scenario, name, "inertia")]
            if found:
                best = min(found, key=lambda name: numpy.mean(results.values(scenario, name, "inertia")))
                inertia, ari, flaps = (numpy.mean(results.values(scenario, best, figure))
                                       for figure in ("inertia", "ari", "flaps"))
                shown = f"{inertia:.4f}, {ari:.2f}, {flaps:.0f} %"
                cells.append(shown if best == ours else f"{best}: {shown}")
            else:
                cells.append("–")
        lines.append(f"| {scenario} | " + " | ".join(cells) + " |")
    return lines


def write_csv(results, path):
    """One line a scenario, method and figure."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["scenario", "method", "figure", "mean", "worst", "seeds"])
        for scenario, methods in results.trials.items():
            for method in methods:
                for name, _, _, greatest in FIGURES:
                    values = results.values(scenario, method, name)
                    if values:
                        worst = max(values) if greatest else min(values)
                        writer.writerow([
                            scenario, method, name, f"{numpy.mean(values):.6g}", f"{worst:.6g}", len(values)])
