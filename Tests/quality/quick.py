"""The small run that is a check: the parts work, and ours stays within loose bounds."""
from checks import Checks

import elapsed
import ours
import peers
from measures import FIGURES
from own import own_trial
from quality_selftest import SELFTESTS
from report import Results, cell
from streams import Size
from trial import OURS, Field

SIZE = Size(customers=400, event=200, end=230, settled=150)
SEEDS = (1, 2)
# Enough for some hundred customers who move because time goes by.
SILENT = Size(customers=150, event=300, end=400)
# The full run has the real targets; these fail when something is broken, not when it is unlucky.
BOUNDS = {
    "stationary": {"inertia": 1.02, "flaps": 20.0, "ids_kept": 95.0, "ari": 0.5},
    "shock": {"inertia": 1.6, "arrived": 50.0},
}
# A peer at its defaults, fed by records, does not come near.
PEER_MIN = 1.3


def run(program):
    """Runs it, and ends the program with the count of checks."""
    checks, results = Checks(), Results()
    for name, problems in SELFTESTS.items():
        checks.none(name, problems())
    for scenario, bounds in BOUNDS.items():
        for seed in SEEDS:
            field = Field(scenario, seed, SIZE)
            trial = own_trial(field, program)
            results.add(scenario, OURS, seed, trial)
            checks.none(f"{scenario} {seed}: customers are those of the reference", trial.problems)
            for name in ("scikit-learn", "Spark, swept"):
                results.add(scenario, name, seed, field.peer(name, peers.PEERS[name][2]))
        for name, bound in bounds.items():
            _, heading, digits, greatest = next(figure for figure in FIGURES if figure[0] == name)
            for seed, trial in results.trials[scenario][OURS].items():
                value = trial.figures[name]
                is_met = value <= bound if greatest else value >= bound
                checks.none(f"{scenario} {seed}: {heading} {value:.{digits}f}, bound {bound}",
                            [] if is_met else [f"it is {value}"])
    if ours.has_option(program, "model.frozen"):
        for what, (measured, is_met) in zip(
                ("silent customers move within a sweep of their instant", "`effective_at` is that instant"),
                elapsed.targets(elapsed.elapsed(program, 1, SILENT))):
            checks.none(what, [] if is_met else [measured])
    for scenario, methods in results.trials.items():
        for method in methods:
            shown = [f"{heading} {cell(results.values(scenario, method, name), digits, greatest)}"
                     for name, heading, digits, greatest in FIGURES[:4]]
            print(f"        {scenario}, {method}: {', '.join(shown)}")
    least = min(results.values("stationary", "scikit-learn", "inertia"))
    checks.none("a peer fed by records is told from a good one", [] if least > PEER_MIN else [f"its ratio is {least}"])
    checks.finish()
