"""Laws of `check_ahead.py`: each takes a request and its answer, and yields what is wrong."""
import numpy
import pandas
from lifetimes import BetaGeoFitter, GammaGammaFitter
from mlxtend.frequent_patterns import apriori, association_rules
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

PARAMETERS = ("r", "alpha", "a", "b")
# The figures of Fader and Hardie for the CDNOW sample.
CDNOW = {"parameters": (0.2426, 4.4135, 0.7929, 2.4258), "spending": (6.249, 3.745, 15.448)}
CDNOW_LIKELIHOOD = -9582.43


def far(name, found, expected, relative, absolute=0.0):
    """What is not near."""
    found, expected = numpy.asarray(found, float), numpy.asarray(expected, float)
    if found.shape != expected.shape:
        yield f"{name}: shape {found.shape} beside {expected.shape}"
        return
    near = numpy.isclose(found, expected, rtol=relative, atol=absolute, equal_nan=True)
    for at in numpy.flatnonzero(~near.ravel())[:3]:
        yield f"{name} {at}: {found.ravel()[at]!r} beside {expected.ravel()[at]!r}"


def columns(request):
    """A request's histories."""
    return [numpy.asarray(request[name], float) for name in ("frequency", "recency", "age", "value")]


def purchasing_model(parameters):
    """lifetimes' BG/NBD with given parameters."""
    model = BetaGeoFitter()
    model.params_ = pandas.Series(parameters, index=PARAMETERS)
    return model


def log_likelihood(parameters, frequency, recency, age):
    """The sum; lifetimes gives the mean."""
    return -len(frequency) * BetaGeoFitter._negative_log_likelihood(
        numpy.log(parameters), frequency, recency, age, numpy.ones(len(frequency)), 0.0)


def purchasing(request, answer):
    """BG/NBD of given parameters says what lifetimes says."""
    frequency, recency, age, _ = columns(request)
    model = purchasing_model(request["parameters"])
    expected = log_likelihood(request["parameters"], frequency, recency, age)
    yield from far("log-likelihood", answer["log_likelihood"], expected, 1e-11)
    alive = model.conditional_probability_alive(frequency, recency, age)
    yield from far("P(alive)", answer["alive"], alive, 1e-9)
    yield from far("purchases", answer["purchases"], expected_purchases(request, frequency, recency, age), 1e-9, 1e-13)


def expected_purchases(request, frequency, recency, age):
    """Equation 10 of the paper as it stands, with fifty digits, and the limit where it has a hole."""
    import mpmath
    mpmath.mp.dps = 50
    found = []
    for x, t, T in zip(frequency, recency, age, strict=True):
        r, alpha, a, b = (mpmath.mpf(value) for value in request["parameters"])
        a += mpmath.mpf(10) ** -20
        weeks, x, t, T = (mpmath.mpf(float(value)) for value in (request["weeks"], x, t, T))
        z = weeks / (alpha + T + weeks)
        power = ((alpha + T) / (alpha + T + weeks)) ** (r + x)
        bracket = 1 - power * mpmath.hyp2f1(r + x, b + x, a + b + x - 1, z)
        dead = a / (b + x - 1) * ((alpha + T) / (alpha + t)) ** (r + x) if x > 0 else 0
        found.append(float((a + b + x - 1) / (a - 1) * bracket / (1 + dead)))
    return found


def forecast(request, answer):
    """The fit is at a maximum that lifetimes does not better, and forecasts follow from it."""
    frequency, recency, age, value = columns(request)
    if not answer["converged"] or not answer["spending_converged"]:
        yield "a fit did not converge"
    if answer["agreeing"] < 2:
        yield "no two starts agree"
    likelihood = log_likelihood(answer["parameters"], frequency, recency, age)
    yield from far("log-likelihood", answer["log_likelihood"], likelihood, 1e-11)
    peer = BetaGeoFitter().fit(frequency, recency, age)
    best = log_likelihood(peer.params_.to_numpy(float), frequency, recency, age)
    if answer["log_likelihood"] < best - 1e-6:
        yield f"lifetimes finds a better fit: {best} beside {answer['log_likelihood']}"
    yield from far("parameters", answer["parameters"], peer.params_.to_numpy(float), 2e-3)
    again = frequency > 0
    gamma = GammaGammaFitter().fit(frequency[again], value[again])
    yield from far("spending", answer["spending"], gamma.params_.to_numpy(float), 5e-3)
    exact = GammaGammaFitter()
    exact.params_ = pandas.Series(answer["spending"], index=("p", "q", "v"))
    average = exact.conditional_expected_average_profit(frequency, value)
    yield from far("average value", answer["average"], average, 1e-9)
    model = purchasing_model(answer["parameters"])
    yield from far("P(alive)", answer["alive"], model.conditional_probability_alive(frequency, recency, age), 1e-9)
    purchases = model.conditional_expected_number_of_purchases_up_to_time(request["weeks"], frequency, recency, age)
    yield from far("purchases", answer["purchases"], purchases, 1e-6, 1e-9)
    yield from far(
        "value", answer["value"], numpy.asarray(answer["average"]) * numpy.asarray(answer["purchases"]), 1e-12)
    yield from far("correlation", answer["correlation"], numpy.corrcoef(frequency[again], value[again])[0, 1], 1e-9)


def cdnow(request, answer):
    """The published figures."""
    if sum(1 for count in request["frequency"] if count) != 946:
        yield "not 946 customers bought again"
    yield from far("parameters", answer["parameters"], CDNOW["parameters"], 1e-4)
    yield from far("log-likelihood", answer["log_likelihood"], CDNOW_LIKELIHOOD, 0, 0.01)
    yield from far("spending", answer["spending"], CDNOW["spending"], 1e-3)
    yield from forecast(request, answer)


def baskets(request, answer):
    """Itemsets exactly and rules to 1e-12 as mlxtend has them."""
    rows = numpy.zeros((len(request["baskets"]), request["items"]), bool)
    for number, basket in enumerate(request["baskets"]):
        rows[number, basket] = True
    frame = pandas.DataFrame(rows)
    found = apriori(frame, min_support=request["support"], max_len=request["length"])
    expected = {tuple(sorted(items)): round(share * len(rows)) for share, items in found.itertuples(index=False)}
    ours = {tuple(itemset[:-1]): itemset[-1] for itemset in answer["itemsets"]}
    if ours != expected or len(ours) != len(answer["itemsets"]):
        yield f"{len(ours)} itemsets beside {len(expected)}, {len(set(ours.items()) ^ set(expected.items()))} differ"
        return
    rules = association_rules(found, metric="confidence", min_threshold=request["confidence"])
    peers = {(tuple(sorted(rule.antecedents)), tuple(sorted(rule.consequents))): rule for rule in rules.itertuples()}
    mine = {(tuple(rule["antecedent"]), tuple(rule["consequent"])): rule for rule in answer["rules"]}
    if mine.keys() != peers.keys() or len(mine) != len(answer["rules"]):
        yield f"{len(mine)} rules beside {len(peers)}"
        return
    lifts = [rule["lift"] for rule in answer["rules"]]
    if lifts != sorted(lifts, reverse=True):
        yield "the rules are not sorted by lift"
    for key, rule in mine.items():
        peer = peers[key]
        for name, other in (
            ("support", peer.support), ("confidence", peer.confidence), ("lift", peer.lift),
            ("leverage", peer.leverage), ("zhang", peer.zhangs_metric),
            ("conviction", None if numpy.isinf(peer.conviction) else peer.conviction)):
            if (rule[name] is None) != (other is None):
                yield f"{key} {name}: {rule[name]} beside {other}"
            elif other is not None and abs(rule[name] - other) > 1e-12 * max(1, abs(other)):
                yield f"{key} {name}: {rule[name]!r} beside {other!r}"


def campaign(request, answer):
    """Wilson's interval of scipy; rates, lift and cost by hand; contacts stay, responses do not become fewer."""
    labels, response = numpy.asarray(request["labels"]), numpy.asarray(request["response"])
    segments = range(labels.max() + 1)
    contacts = numpy.array([(labels == segment).sum() for segment in segments])
    answered = numpy.array([response[labels == segment].sum() for segment in segments])
    intervals = [
        binomtest(int(hits), int(count)).proportion_ci(method="wilson")
        for hits, count in zip(answered, contacts, strict=True)]
    yield from far("low", answer["low"], [interval.low for interval in intervals], 1e-9, 1e-12)
    yield from far("high", answer["high"], [interval.high for interval in intervals], 1e-9, 1e-12)
    rates = answered / contacts
    yield from far("rates", answer["rates"], rates, 1e-12)
    yield from far("lift", answer["lift"], rates / response.mean(), 1e-12)
    with numpy.errstate(divide="ignore"):
        cost = request["cost"] * contacts / answered
    yield from far("cost", [numpy.inf if cost is None else cost for cost in answer["cost"]], cost, 1e-12)
    proposed = numpy.asarray(answer["proposed"])
    if proposed.sum() > contacts.sum() or (proposed > 2 * contacts).any():
        yield f"{proposed} contacts are proposed where there were {contacts}"
    pays = numpy.array(answer["high"]) >= (request["cost"] / request["value"][0] if request["value"] else 0)
    room = 2 * contacts[pays & (answered > 0)].sum()
    if proposed.sum() != min(room, contacts.sum()):
        yield f"{proposed.sum()} contacts are proposed, {min(room, contacts.sum())} have room"
    if proposed[~pays].any():
        yield "contacts are proposed that cannot pay"
    yield from far("proposed responses", answer["proposed_responses"], proposed * rates, 1e-12)
    if proposed.sum() == contacts.sum() and (proposed * rates).sum() < answered.sum() - 1e-9:
        yield "the reallocation loses responses"


def points(request):
    """A request's rows and labels."""
    return numpy.asarray(request["points"]).reshape(-1, request["features"]), numpy.asarray(request["labels"])


def logistic(request, answer):
    """scikit-learn's liblinear to 1e-5."""
    rows, labels = points(request)
    peer = LogisticRegression(solver="liblinear", C=request["c"], tol=1e-10, max_iter=10_000).fit(rows, labels)
    yield from far("weights", answer["weights"], peer.coef_[0], 1e-5, 1e-7)
    yield from far("intercept", answer["intercept"], peer.intercept_[0], 1e-5, 1e-7)


def tree(request, answer):
    """scikit-learn's tree answers each row alike."""
    rows, labels = points(request)
    peer = DecisionTreeClassifier(
        max_depth=request["depth"], min_samples_leaf=request["leaf"], min_samples_split=2 * request["leaf"],
        random_state=0).fit(rows, labels)
    yield from far("probabilities", answer["probabilities"], peer.predict_proba(rows), 1e-12)


def quality(request, answer):
    """The measures of scikit-learn."""
    given, labels = numpy.asarray(request["probabilities"]), numpy.asarray(request["labels"])
    classes = range(given.shape[1])
    measured = [1] if len(classes) == 2 else classes
    predicted = given.argmax(axis=1)
    for name, measure in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
        expected = measure(labels, predicted, labels=list(classes), average=None, zero_division=0)
        yield from far(name, answer[name], expected[list(measured)], 1e-12)
    yield from far("accuracy", answer["accuracy"], accuracy_score(labels, predicted), 1e-12)
    areas = [roc_auc_score(labels == number, given[:, number]) for number in measured]
    yield from far("area", answer["auc"], areas, 1e-12)
    truth = numpy.stack([labels == number for number in classes], axis=1)
    errors = ((given - truth) ** 2)[:, list(measured)].sum(axis=1).mean()
    yield from far("Brier score", answer["brier"], errors, 1e-12)
    flat, came = given[:, list(measured)].ravel(), truth[:, list(measured)].ravel()
    bins = numpy.minimum((flat * 10).astype(int), 9)
    used = sorted(set(bins))
    yield from far("predicted", answer["predicted"], [flat[bins == number].mean() for number in used], 1e-12)
    yield from far("observed", answer["observed"], [came[bins == number].mean() for number in used], 1e-12, 1e-15)


def classifiers(request, answer):
    """Cross-validated by the same folds, each with its share of each class, scikit-learn says the same."""
    rows, labels = points(request)
    folds = numpy.asarray(answer["folds"])
    counts = numpy.array([[(labels[folds == fold] == kind).sum() for kind in set(labels)] for fold in range(5)])
    if (counts.max(axis=0) - counts.min(axis=0) > 1).any():
        yield f"the folds are not stratified: {counts.tolist()}"
        return
    leaf = max(5, int(len(rows) * 0.8) // 100)
    peers = (
        ("regression", OneVsRestClassifier(make_pipeline(
            StandardScaler(), LogisticRegression(solver="liblinear", tol=1e-10, max_iter=10_000)))),
        ("tree", DecisionTreeClassifier(
            max_depth=4, min_samples_leaf=leaf, min_samples_split=2 * leaf, random_state=0)))
    for name, peer in peers:
        given = cross_val_predict(peer, rows, labels, cv=PredefinedSplit(folds), method="predict_proba")
        if name == "regression":
            yield from far(name, answer[name], given, 1e-5, 1e-7)
            continue
        # Equally good questions of small leaves may be asked in another order.
        other = (~numpy.isclose(answer[name], given, rtol=1e-9, atol=1e-12)).any(axis=1).mean()
        if other > 0.2:
            yield f"{name}: {other:.0%} of the rows differ"


def spoilers(law):
    """(what, function that spoils an answer in place, or answers False where there is nothing to spoil)."""
    def scaled(name, at, factor):
        def spoil(answer):
            if answer[name] is None or answer[name] == [] or (
                isinstance(answer[name], list) and not answer[name][at]):
                return False
            if isinstance(answer[name], list):
                answer[name][at] *= factor
            else:
                answer[name] *= factor
            return True
        return f"{name} by {factor}", spoil

    def drop(name):
        def spoil(answer):
            return bool(answer[name]) and (answer[name].pop() is not None)
        return f"{name} without the last", spoil

    def rule(name, change):
        def spoil(answer):
            if not answer["rules"] or not answer["rules"][0][name]:
                return False
            answer["rules"][0][name] += change
            return True
        return f"{name} of the first rule", spoil

    def first_count(answer):
        answer["itemsets"][0][-1] += 1

    def first_share(answer):
        answer["probabilities"][0][0] += 1e-6

    def other_fold(answer):
        answer["folds"] = [0 if fold == 1 else fold for fold in answer["folds"]]

    forecasts = [scaled("parameters", 0, 1.01), scaled("spending", 1, 1.01), scaled("alive", 1, 1 - 1e-6),
                 scaled("purchases", 0, 1.0001), scaled("value", 0, 1.0001), scaled("log_likelihood", 0, 1.0001)]
    return {
        cdnow: forecasts, forecast: forecasts,
        purchasing: [scaled("alive", 4, 1 + 1e-7), scaled("purchases", 4, 1 + 1e-7)],
        baskets: [drop("itemsets"), drop("rules"), ("a count", first_count)] + [
            rule(name, 1e-10) for name in ("support", "confidence", "lift", "leverage", "zhang")],
        campaign: [scaled("low", 0, 1.0001), scaled("high", 1, 1.0001), scaled("lift", 1, 1.001),
                   scaled("proposed", 3, 2)],
        logistic: [scaled("weights", 0, 1.0001), scaled("intercept", 0, 1.0001)],
        tree: [("a share", first_share)],
        quality: [scaled(name, 0, 1.001) for name in ("precision", "recall", "f1", "auc", "brier", "observed")],
        classifiers: [("a fold", other_fold), ("the tree's rows", lambda answer: answer["tree"].reverse())],
    }[law]
