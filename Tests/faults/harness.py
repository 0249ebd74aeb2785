"""What fault tests share: a broker, instances of the built program, a feeder, waiting until all is read, and the judge.

A scenario is a function of a `Bench`, marked with `@scenario()`, in a file `*_faults.py`; `Tests/faults/run` finds it:

    @scenario()
    def sigterm(bench):
        "A stop by SIGTERM loses nothing."      # the sentence is printed
        bench.feed(rate=300)                    # purchases, until bench.drain()
        one = bench.instance("one")             # segmenter run, from this moment
        bench.wait_committed(above=2_000)
        bench.check("it ends with 0", one.stop() == 0)
        one.start()
        bench.drain()                           # ends the feeding, waits until the group has committed the input's end
        bench.judge()                           # stops the instances; the oracle looks at every topic of the group

Each bench has an input topic, a group and a changes topic of its own, a folder for logs, and `bench.random`, which
the seed of the run and the scenario's name decide.
"""
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "Tests" / "reference"))
from stream_judge import judge as judged
from stream_kafka import partitions, topics_of
from stream_topics import Settings

SCENARIOS = {}
PROBLEMS_MAX = 5
# How long is waited in all, and how often a topic is polled; a machine that does much else is slow, but not so slow.
PATIENCE_S = 90
LOOKS_MAX = 50


class Failed(Exception):
    """A scenario cannot go on."""


def scenario(kinds=("quick", "long"), cluster="one"):
    """Marks a function of a bench as a scenario of these sets, on a cluster that `clusters.py` knows by this word."""
    def mark(function):
        SCENARIOS[function.__name__] = (function, kinds, cluster)
        return function
    return mark


def settingless():
    """The environment without variables of the program."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SEGMENTER_")}


def wait_until(what, is_so, timeout=PATIENCE_S, pause=0.05):
    """Waits until `is_so()` is true, and returns what it gave; fails the scenario when it takes too long."""
    deadline = time.monotonic() + timeout
    while True:
        found = is_so()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {timeout} s")
        time.sleep(pause)


class Cluster:
    """One broker of `Tests/kafka-cluster`, or one that runs already."""

    def __init__(self, folder, port=None, bootstrap=None, options=()):
        self.folder, self.bootstrap, self.client = folder, bootstrap, None
        self.is_ours = bootstrap is None
        if self.is_ours:
            command = [str(TOP / "Tests/kafka-cluster"), "start", str(folder), "--while", str(os.getpid())]
            # The broker looks every ten seconds for transactions whose time is up; tests do not wait so long.
            command += ["--set", "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000", *options]
            command += ["--port", str(port)] if port else []
            self.bootstrap = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def admin(self):
        """A client of kafka-python for questions, made once."""
        if self.client is None:
            from kafka.admin import KafkaAdminClient
            self.client = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        return self.client

    def make_topic(self, name, partitions, **settings):
        """Makes a topic; settings with `_` for `.`."""
        from kafka.admin import NewTopic
        configs = {key.replace("_", "."): str(value) for key, value in settings.items()}
        self.admin().create_topics([NewTopic(name, partitions, topic_configs=configs)], wait_for_metadata=True)

    def ends(self, topic, isolation="read_committed"):
        """The end offset of every partition."""
        from kafka import KafkaConsumer, TopicPartition
        reader = KafkaConsumer(bootstrap_servers=self.bootstrap, group_id=None, isolation_level=isolation)
        try:
            places = [TopicPartition(topic, number) for number in sorted(reader.partitions_for_topic(topic) or ())]
            return {place.partition: end for place, end in reader.end_offsets(places).items()}
        finally:
            reader.close()

    def has_records(self, topic):
        """Whether a committed record is to be seen; the ends count markers and what was aborted, too."""
        from kafka import KafkaConsumer
        reader = KafkaConsumer(bootstrap_servers=self.bootstrap, group_id=None, isolation_level="read_committed")
        try:
            places = partitions(reader, topic)
            ends = reader.end_offsets(places) if places else {}
            reader.assign(places)
            if places:
                reader.seek_to_beginning(*places)
            for _ in range(LOOKS_MAX):
                if all(reader.position(place) >= end for place, end in ends.items()):
                    return False
                if reader.poll(timeout_ms=200, max_records=1):
                    return True
            return False
        finally:
            reader.close()

    def committed(self, group, topic):
        """The group's committed offset of every partition that has one."""
        found = self.admin().list_group_offsets({group: None})[group]
        return {
            place.partition: value.offset for place, value in found.items()
            if place.topic == topic and value.offset >= 0}

    def stop(self):
        """Stops the broker, if it is ours."""
        if self.client is not None:
            self.client.close()
        if self.is_ours:
            subprocess.run([str(TOP / "Tests/kafka-cluster"), "stop", str(self.folder)], check=False)


class Instance:
    """A process of `segmenter run`, which can be started again and again; its words are kept in one file."""

    def __init__(self, bench, name, settings):
        self.bench, self.name, self.settings = bench, name, settings
        self.log = bench.folder / f"{name}-{len(bench.instances)}.log"
        self.process, self.starts, self.life_at = None, 0, 0

    def start(self, failpoint=None, delay_ms=None, patience_ms=None, **settings):
        """Starts it, if given with a failpoint `name:crash|error|delay[:nth]`; settings with `__` for `.`.

        A delay lasts so long, and the watchdog waits so long for a sign of life.
        """
        if self.is_alive:
            raise Failed(f"{self.name} is started twice")
        options = {
            "kafka.bootstrap.servers": self.bench.cluster.bootstrap, "input.topic": self.bench.input,
            "input.currency": "EUR", "output.topic": self.bench.changes, "group": self.bench.group,
            "instance": self.name}
        options |= {key.replace("__", "."): value for key, value in (self.settings | settings).items()}
        command = [self.bench.program, "run"]
        for key, value in options.items():
            command += [f"--{key}", str(value)]
        environment = settingless()
        if failpoint:
            environment["SEGMENTER_FAILPOINT"] = failpoint
        if delay_ms:
            environment["SEGMENTER_FAILPOINT_DELAY_MS"] = str(delay_ms)
        if patience_ms:
            environment["SEGMENTER_FAILPOINT_PATIENCE_MS"] = str(patience_ms)
        self.life_at = self.log.stat().st_size if self.log.exists() else 0
        self.starts += 1
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        return self

    @property
    def is_alive(self):
        """Whether the process runs (or is stopped by a signal)."""
        return self.process is not None and self.process.poll() is None

    def words(self):
        """What this life has said so far."""
        with open(self.log, "rb") as log:
            log.seek(self.life_at)
            return log.read().decode("utf-8", "replace")

    def wait_words(self, pattern, timeout=PATIENCE_S):
        """Waits until this life has said what matches."""
        said = wait_until(
            f"{self.name} says `{pattern}`", lambda: re.search(pattern, self.words()) or not self.is_alive, timeout)
        if said is True and not re.search(pattern, self.words()):
            raise Failed(f"{self.name} ended with {self.wait_exit()} without `{pattern}`: {self.words()[-300:]}")

    def send(self, sent):
        """Sends a signal."""
        self.process.send_signal(sent)

    def kill(self):
        """kill -9, and waits until it is gone."""
        if self.is_alive:
            self.process.kill()
        self.process.wait()

    def wait_exit(self, timeout=PATIENCE_S):
        """The exit code; below zero the signal that ended it."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {timeout} s") from None

    def stop(self, timeout=PATIENCE_S):
        """SIGTERM; the exit code."""
        self.send(signal.SIGTERM)
        return self.wait_exit(timeout)


class Bench:
    """One scenario's topics, processes and findings."""

    def __init__(self, cluster, name, seed, program, folder, count, kind, partitions=4):
        self.cluster, self.name, self.seed, self.program = cluster, name, seed, program
        self.count, self.kind, self.partitions = count, kind, partitions
        self.folder = Path(folder) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.random = random.Random(f"{name} {seed}")
        stamp = f"{name.replace('_', '-')}-{seed}-{int(time.time()) % 100_000}"
        self.input, self.group, self.changes = f"{stamp}-input", stamp, f"{stamp}-changes"
        self.instances, self.feeder, self.problems, self.feeds = [], None, [], 0
        cluster.make_topic(self.input, partitions)

    def check(self, what, holds, detail=""):
        """Notes what does not hold; the scenario goes on."""
        if not holds:
            self.problems.append(f"{what}{': ' if detail else ''}{detail}")
        return holds

    def instance(self, name="one", starts=True, **settings):
        """A new instance, started; settings with `__` for `.`."""
        made = Instance(self, name, settings)
        self.instances.append(made)
        return made.start() if starts else made

    def sibling(self, name):
        """Another bench on the same broker, whose findings are this one's, too; it may have a thread of its own."""
        made = Bench(
            Cluster(None, bootstrap=self.cluster.bootstrap), f"{self.name}-{name}", self.seed, self.program,
            self.folder, self.count, self.kind, self.partitions)
        made.problems = self.problems
        return made

    def owners(self):
        """The input partitions of every member, by the member's id; none while the group is about to share anew."""
        group = self.cluster.admin().describe_groups([self.group])[self.group]
        members = group["members"] if group["group_state"] == "Stable" else ()
        return {
            member["member_id"]: [
                number for topic in (member["member_assignment"] or {}).get("assigned_partitions", ())
                for number in topic["partitions"]] for member in members}

    def leave(self, one):
        """Takes a static member that is gone out of the group, which else misses it for its session timeout."""
        from kafka.admin import MemberToRemove
        self.cluster.admin().remove_group_members(self.group, [MemberToRemove(group_instance_id=one.name)])

    # Feeding.

    def feed(self, rate=300, customers=1_500, backlog=4_000, **options):
        """Writes a backlog of sixty days at once and then goes on in real time until `drain`."""
        if backlog and not self.feeds:
            start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60 * 86_400))
            self.generate(events=backlog, customers=customers, span=60, start=start, **options).wait()
        self.feeder = self.generate(events=99_999_999, customers=customers, rate=rate, **options)

    def generate(self, **options):
        """A process of `segmenter generate` into the input."""
        self.feeds += 1
        seed = self.random.randrange(1, 1 << 31)
        command = [
            self.program, "generate", "--topic", self.input, "--seed", str(seed),
            "--kafka.bootstrap.servers", self.cluster.bootstrap]
        for key, value in options.items():
            command += [f"--{key}", str(value)]
        with open(self.folder / "feeder.log", "ab") as log:
            return subprocess.Popen(command, env=settingless(), stdout=log, stderr=log)

    def end_feeding(self):
        """Stops the feeder; what it has not written is never written."""
        if self.feeder is not None:
            self.check("the feeder lived as long as it was needed", self.feeder.poll() is None)
            self.feeder.kill()
            self.feeder.wait()
            self.feeder = None

    # Waiting.

    def committed(self):
        """The sum of the group's committed offsets."""
        return sum(self.cluster.committed(self.group, self.input).values())

    def wait_committed(self, above, timeout=PATIENCE_S):
        """Waits until the group has committed more input records than that; returns how many."""
        return wait_until(
            f"more than {above} records are committed",
            lambda: found if (found := self.committed()) > above else None, timeout, pause=0.1)

    def wait_progress(self, records=200, timeout=PATIENCE_S):
        """Waits until so many more input records are committed than now."""
        return self.wait_committed(self.committed() + records, timeout)

    def wait_changes(self, timeout=PATIENCE_S):
        """Waits until customers have been moved, so that there are changes to judge."""
        wait_until("changes are published", lambda: self.cluster.has_records(self.changes), timeout, pause=0.5)

    def drain(self, timeout=PATIENCE_S):
        """Ends the feeding and waits until the group has committed the end of every input partition.

        Where somebody reads, there are changes to judge first, however slow the machine and however short the lives.
        """
        if any(one.is_alive for one in self.instances):
            self.wait_changes()
        self.end_feeding()
        def rest():
            # Asked each time: a record that was on its way when the feeding ended may come after the first look.
            ends = self.cluster.ends(self.input)
            committed = self.cluster.committed(self.group, self.input)
            return sum(end - committed.get(number, 0) for number, end in ends.items() if end)
        try:
            wait_until("the input is read to its end", lambda: rest() == 0, timeout, pause=0.5)
        except Failed as failure:
            states = ", ".join(f"{one.name} {'runs' if one.is_alive else 'is gone'}" for one in self.instances)
            raise Failed(f"{failure}; {rest()} records are left; {states}") from None

    # The end.

    def stop_all(self):
        """Stops every instance by SIGTERM, each must end with 0."""
        alive = [one for one in self.instances if one.is_alive]
        for one in alive:
            one.send(signal.SIGTERM)
        for one in alive:
            code = one.wait_exit()
            self.check(f"{one.name} ends with 0 at SIGTERM", code == 0, f"it ended with {code}")

    def judge(self, torn=False, drained=True, stops=True):
        """The oracle's judgement of all topics; instances are stopped first, unless none is there to write."""
        if stops:
            self.stop_all()
        if drained:
            # Behind a transaction that somebody left open nothing is to be seen until the broker ends it.
            for topic in (self.changes, f"{self.group}-dead-letters", f"{self.group}-state", f"{self.group}-model"):
                wait_until(
                    f"no transaction is open in {topic}",
                    lambda: self.cluster.ends(topic) == self.cluster.ends(topic, "read_uncommitted"), pause=0.5)
        topics = topics_of(self.cluster.bootstrap, self.input, self.group, changes=self.changes)
        settings = Settings(self.input, "EUR", 2, True, 90.0, 8, 2, torn=torn, drained=drained)
        self.check("there is something to judge", topics.input and topics.state and (topics.changes or not drained))
        for name, problems in judged(topics, settings):
            for problem in list(problems)[:PROBLEMS_MAX]:
                self.check(name, False, problem)
        return topics

    def close(self):
        """Ends every process of the scenario."""
        if self.feeder is not None and self.feeder.poll() is None:
            self.feeder.kill()
            self.feeder.wait()
        for one in self.instances:
            if one.is_alive:
                one.kill()
        if self.cluster.client is not None:
            self.cluster.client.close()
            self.cluster.client = None
