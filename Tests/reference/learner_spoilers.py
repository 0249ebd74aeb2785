"""Ways to make an answer of the learner a little wrong, by the law that must notice.

Each takes the request, the answer, which it changes, and a source of chance; whether there was anything to change.
"""
import math
import sys

import numpy

sys.dont_write_bytecode = True
import learner_laws as laws


def shift(name, step):
    """Moves one number of a list."""
    def spoil(_, answer, source):
        values = answer.get(name)
        if not values:
            return False
        place = source.randrange(len(values))
        values[place] += step * max(1.0, abs(values[place])) if isinstance(step, float) else step
        return True
    return spoil


def scale(name, share):
    """Makes one number greater by a share of it, of at least 1."""
    def spoil(_, answer, __):
        if answer.get(name) is None:
            return False
        answer[name] += share * max(1.0, abs(answer[name]))
        return True
    return spoil


def relabel(request, answer, source):
    """Gives one point another cluster."""
    k = len(request["start"]) // request["features"]
    if k < 2:
        return False
    place = source.randrange(len(answer["labels"]))
    answer["labels"][place] = (answer["labels"][place] + 1) % k
    return True


def unfinished(_, answer, __):
    """Says that it has not converged."""
    answer["converged"] = False
    return True


def careless_starts(request, answer, source):
    """Starts from points drawn evenly, not by their distance."""
    points = laws.points_of(request)
    chance = numpy.random.default_rng(source.randrange(1000))
    answer["starts"] = [
        points[chance.choice(len(points), request["k"], replace=False)].ravel().tolist() for _ in answer["starts"]]
    return True


def plain_starts(request, answer, _):
    """Starts with one candidate a step instead of the best of some."""
    points = laws.points_of(request)
    answer["starts"] = [
        laws.kmeans_plusplus(points, request["k"], random_state=seed, n_local_trials=1)[0].ravel().tolist()
        for seed in range(len(answer["starts"]))]
    return True


def worse_fits(_, answer, __):
    """Fits with 2 % more inertia."""
    answer["inertias"] = [1.02 * inertia for inertia in answer["inertias"]]
    return True


def customer_value(name, change):
    """Changes a figure of one customer."""
    def spoil(_, answer, source):
        customer = source.choice(answer["customers"])
        customer[name] = change(customer[name])
        return True
    return spoil


def nudge(values):
    """Moves one coordinate by two units of the sums."""
    return [values[0] + 2**-19] + values[1:]


def forgotten(_, answer, source):
    """Leaves a customer out."""
    answer["customers"].pop(source.randrange(len(answer["customers"])))
    return True


def other_bin(step):
    """Moves a cut to the next bin."""
    def spoil(_, answer, source):
        place = source.randrange(len(answer["cuts"]))
        cut = answer["cuts"][place]
        answer["cuts"][place] += step * (1 if cut < 64 else 2 ** (cut.bit_length() - 6))
        return True
    return spoil


def costly(request, answer, _):
    """Exchanges two rows' columns where that costs more."""
    cost, columns = request["cost"], answer["columns"]
    for one in range(len(columns)):
        for other in range(one):
            more = (cost[one][columns[other]] + cost[other][columns[one]]
                    - cost[one][columns[one]] - cost[other][columns[other]])
            if more > 0:
                columns[one], columns[other] = columns[other], columns[one]
                return True
    return False


def doubled(_, answer, __):
    """Gives two rows one column."""
    if len(answer["columns"]) < 2:
        return False
    answer["columns"][0] = answer["columns"][1]
    return True


def refused(_, answer, __):
    """Refuses to measure, or measures what cannot be."""
    answer["silhouettes"] = [0.0] if answer["silhouettes"] is None else None
    return answer["silhouettes"] is not None


SPOILERS = {
    laws.lloyd: [
        ("a label", relabel), ("a centroid", shift("centroids", 2e-9)), ("the inertia", scale("inertia", 2e-9)),
        ("not converged", unfinished)],
    laws.lloyd_peer: [
        ("a label", relabel), ("a centroid", shift("centroids", 2e-9)), ("the inertia", scale("inertia", 2e-9))],
    laws.seeds: [("points drawn evenly", careless_starts), ("one candidate a step", plain_starts)],
    laws.fit: [("2 % worse", worse_fits)],
    laws.choose_k: [
        ("one more", lambda _, answer, __: answer.update(chosen=answer["chosen"] + 1) or True),
        ("silhouettes", lambda _, answer, __: answer.update(
            silhouettes=[value + 1e-8 for value in answer["silhouettes"]]) or True)],
    laws.fixed_point: [("one off by 1", shift("integers", 1)), ("one off by -1", shift("integers", -1))],
    laws.stream_sums: [
        ("a count", shift("counts", 1)), ("a sum", shift("sums", 1)), ("a square", shift("squares", -1)),
        ("a customer's point", customer_value("scaled", nudge)), ("a customer is left out", forgotten)],
    laws.stream_decay: [
        ("a frequency", customer_value("frequency", lambda value: value * (1 + 1e-11))),
        ("a monetary", customer_value("monetary_minor", lambda value: value + 2 + math.ceil(value * 1e-11))),
        ("a customer is left out", forgotten)],
    laws.cuts: [("the next bin", other_bin(1)), ("the bin before", other_bin(-1))],
    laws.quality: [
        ("a silhouette", shift("silhouettes", 2e-10)), ("the silhouette", scale("silhouette", 2e-10)),
        ("a simplified silhouette", shift("simplified_silhouettes", 2e-10)),
        ("the simplified silhouette", scale("simplified_silhouette", 2e-10)),
        ("Calinski-Harabasz", scale("calinski_harabasz", 2e-10)), ("Davies-Bouldin", scale("davies_bouldin", 2e-10)),
        ("measured what cannot be", refused)],
    laws.adjusted_rand: [("the index", scale("value", 2e-10))],
    laws.assignment: [("two rows exchanged", costly), ("one column twice", doubled)],
}


def of(law):
    """(name, spoiler) of a law."""
    return SPOILERS[law]
