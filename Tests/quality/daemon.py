"""The scenarios that need a real Kafka: a restart in mid-stream, and 1, 3 and 2 instances, by `segmenter run`.

Three groups read one input: one instance that is left alone, one that is killed and stopped, and a group that grows
and shrinks. Their last model and what they published are judged like a replay's.
"""
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy

from measures import Shown, agreement, best_inertia, inertia_ratio, shown_figures
from ours import Changes, number_of
from own import in_first_sweep
from population import Population, Scaler, raw_features
from scenarios import make
from streams import BEGIN_MS, DAY_MS, Size
from trial import Trial, window_of

TOP = Path(__file__).resolve().parent.parent.parent
PARTITIONS, SETTLE_S, SWEEP_S, PATIENCE_S = 6, 12, 2, 240
# A quota of the broker makes the group take its time with the backlog, whose records are its clock.
BYTES_PER_S = 160_000
GROUPS = ("left alone", "restarted twice", "1, 3, 2 instances")


class ReadAtOnce(Exception):
    """A group was given the whole stream before its first model: the quota did not hold yet."""


def throttle(cluster):
    """Lets the instances of each group together read only so fast."""
    for number in range(len(GROUPS)):
        command = [
            str(TOP / "Tests/kafka-cluster"), "tool", str(cluster.folder), "kafka.admin.ConfigCommand", "--alter",
            "--entity-type", "clients", "--entity-name", f"group{number}",
            "--add-config", f"consumer_byte_rate={BYTES_PER_S}"]
        subprocess.run(command, check=True, capture_output=True)


def feed(bootstrap, topic, stream, shift_ms):
    """Writes the whole stream in the order of arrival."""
    from kafka import KafkaProducer
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=20)
    stamps = numpy.datetime_as_string((stream.time_ms + shift_ms).astype("datetime64[ms]"), unit="ms")
    for customer, line in zip(stream.customer.tolist(), stream.lines(stamps)):
        producer.send(topic, key=b"c%d" % customer, value=line.encode(), partition=customer % PARTITIONS)
    producer.flush()
    producer.close()


def benches_of(cluster, seed, program, folder):
    """A bench for each group, all on the input of the first."""
    from harness import Bench
    benches = [Bench(cluster, f"quality{number}", seed, program, folder, 0, "long", PARTITIONS)
               for number in range(len(GROUPS))]
    for bench in benches[1:]:
        bench.input = benches[0].input
    return benches


def trials(cluster, seed, program, size=Size()):
    """{group: trial} of one seed."""
    stream = make("stationary", seed, size)
    shift = int(time.time() * 1000) - BEGIN_MS - size.end * DAY_MS
    with tempfile.TemporaryDirectory() as folder:
        benches = benches_of(cluster, seed, program, folder)
        settings = {"sweep__period": f"{SWEEP_S}s", "model__k": stream.k, "seed": seed,
                    # Else a partition is read at once, and the next when the quota allows it.
                    "kafka__max__partition__fetch__bytes": 4_000}

        def start(bench, name):
            return bench.instance(name, kafka__client__id=f"group{benches.index(bench)}", **settings)
        try:
            feed(cluster.bootstrap, benches[0].input, stream, shift)
            _, again, one = (start(bench, name) for bench, name in zip(benches, ("alone", "again", "one")))

            def crash():
                again.kill()
                again.start()

            def restart():
                again.stop()
                again.start()
            steps = [(1 / 3, benches[1], crash), (2 / 3, benches[1], restart),
                     (1 / 3, benches[2], lambda: [start(benches[2], name) for name in ("two", "three")]),
                     (2 / 3, benches[2], one.stop)]
            follow(steps, len(stream.time_ms))
            for bench in benches:
                bench.drain(PATIENCE_S)
            time.sleep(SETTLE_S)
            for bench in benches:
                bench.stop_all()
            return {name: judged(bench, stream, shift) for name, bench in zip(GROUPS, benches)}
        finally:
            for bench in benches:
                bench.close()


def follow(steps, records):
    """Does each step, (share, bench, action), once its group has committed that share of the records."""
    deadline = time.monotonic() + PATIENCE_S
    while steps:
        for step in list(steps):
            share, bench, action = step
            if committed(bench) >= share * records:
                action()
                steps.remove(step)
        if time.monotonic() > deadline:
            raise SystemExit(f"quality: {len(steps)} steps of a group were not due within {PATIENCE_S} s")
        time.sleep(0.3)


def committed(bench):
    """What the group has committed; nothing before the broker knows of the group."""
    from kafka.errors import KafkaError
    try:
        return bench.committed()
    except KafkaError:
        return 0


def judged(bench, stream, shift):
    """The trial of a group, from its topics."""
    from stream_kafka import topics_of
    topics = topics_of(bench.cluster.bootstrap, bench.input, bench.group, changes=bench.changes)
    values = [json.loads(entry.value) for entry in topics.model]
    model = max(values, key=lambda value: (value["generation"], value["version"]))
    rows = []
    for entry in topics.changes:
        data = json.loads(entry.value)
        rows.append((
            numpy.datetime64(data["evaluated_at"].rstrip("Z"), "ms").astype(numpy.int64),
            int(data["customer_id"][1:]), number_of((data["from"] or {}).get("id")), number_of(data["to"]["id"]),
            data["reason"], data["model"]["generation"], data["model"]["version"]))
    rows.sort(key=lambda row: row[0])
    if not rows:
        raise SystemExit(f"quality: the group {bench.group} has published nothing")
    moments, *columns = (numpy.array(column) for column in zip(*rows))
    changes = Changes((moments - BEGIN_MS - shift) / DAY_MS, *columns)
    # The program's clock is the wall clock by now, some seconds after the stream's end.
    population = Population(len(stream.phases))
    for row in zip(stream.customer.tolist(), stream.time_ms.tolist(), stream.amount.tolist(), stream.order.tolist()):
        population.apply(*row)
    customers, *found = population.columns(BEGIN_MS + stream.size.end * DAY_MS)
    raw = raw_features(*found)
    scaler = Scaler(*(model["scaler"][name] for name in ("lower", "upper", "mean", "sd")))
    points = scaler.scaled(raw)
    centroids = numpy.array([segment["centroid"] for segment in model["segments"]])
    inertia = inertia_ratio(points, centroids, best_inertia(points, stream.k))
    first, end = window_of(stream), stream.size.end
    labels = changes.labels([*range(first, end), end + 1], len(stream.phases))
    if not (labels[:-1] >= 0).any():
        raise ReadAtOnce(bench.group)
    counted = (changes.day > first) & (changes.left >= 0)
    by_model = counted & (changes.reason == "model_changed")
    shown = Shown(
        first, labels, changes.day[counted], changes.customer[counted], changes.left[counted],
        changes.entered[counted], int(by_model.sum()))
    ari, f1 = agreement(labels[-1], stream.truth(end))
    people = (labels >= 0).sum() - (labels[0] >= 0).sum()
    figures = {"inertia": inertia, "ari": ari, "f1": f1, **shown_figures(shown, stream),
               "within_generation": 100 * int((by_model & ~in_first_sweep(changes)).sum()) / people}
    return Trial({name: float(value) for name, value in figures.items()}, {}, list(bench.problems))
