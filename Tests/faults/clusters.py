"""The brokers that scenarios ask for by a word; each is started when the first of them does, and shared.

`one`: a broker. `odd`: a broker that scenarios may kill, that asks who comes on its secure port (user segmenter, who
may do what is granted), and that has a proxy in front of another port. `three`: three, which keep all three times.
"""
import os
import signal
import socket
import subprocess
from pathlib import Path

from harness import TOP, Cluster, wait_until
from proxy import Proxy

KAFKA = str(TOP / "Tests/kafka-cluster")
# Ports of a cluster: of brokers, controllers, secure listeners, and two for the proxy.
PORTS = {"one": 0, "odd": 10, "three": 20}
SPAN = 50


class Clusters:
    """All clusters of one run."""

    def __init__(self, folder, port=None, bootstrap=None):
        self.folder, self.bootstrap, self.started = Path(folder), bootstrap, {}
        self.port = port or free_ports()

    def of(self, word):
        """The cluster of that word, started."""
        if word not in self.started:
            port = self.port + PORTS[word]
            if word == "one":
                self.started[word] = Cluster(self.folder / word, port, self.bootstrap)
            else:
                self.started[word] = (OddCluster if word == "odd" else ThreeCluster)(self.folder / word, port)
        return self.started[word]

    def stop(self):
        """Stops all that were started."""
        for cluster in self.started.values():
            cluster.stop()


class BreakableCluster(Cluster):
    """Brokers that can be killed, stopped and started again."""
    options = ()

    def __init__(self, folder, port):
        command = [KAFKA, "start", str(folder), "--port", str(port), "--while", str(os.getpid()), *self.options]
        shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        super().__init__(folder, bootstrap=shown.strip())
        self.is_ours, self.port = True, port

    def ends(self, topic, isolation="read_committed"):
        """As of any cluster; a broker that is away is asked again."""
        return self.answered(lambda: super(BreakableCluster, self).ends(topic, isolation))

    def committed(self, group, topic):
        """As of any cluster; a broker that is away is asked again."""
        return self.answered(lambda: super(BreakableCluster, self).committed(group, topic))

    def answered(self, ask):
        """What `ask()` gives once a broker answers; each time with a client that knows of nothing before."""
        from kafka.errors import KafkaError
        def attempt():
            try:
                return [ask()]
            except KafkaError:
                self.client = None
                return None
        return wait_until("a broker answers", attempt, pause=0.5)[0]

    def pid(self, node):
        """The process of a broker."""
        return int((self.folder if node == 1 else self.folder / f"node{node}").joinpath("pid").read_text())

    def kill(self, node=1):
        """kill -9."""
        os.kill(self.pid(node), signal.SIGKILL)

    def pause(self, node=1):
        """Stops a broker with SIGSTOP until `resume`."""
        os.kill(self.pid(node), signal.SIGSTOP)

    def resume(self, node=1):
        """Lets a broker go on."""
        os.kill(self.pid(node), signal.SIGCONT)

    def restart(self, node=1):
        """Starts a broker that was killed, and waits until it answers."""
        subprocess.run([KAFKA, "restart", str(self.folder), str(node)], check=True, capture_output=True)


class OddCluster(BreakableCluster):
    """One broker; `proxied` is its address through the proxy."""

    def __init__(self, folder, port):
        plain, secure = f"PLAINTEXT://127.0.0.1:{port}", f"SASL://127.0.0.1:{port + 2},MTLS://127.0.0.1:{port + 3}"
        controller = f"CONTROLLER://127.0.0.1:{port + 1}"
        words = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT,SASL:SASL_SSL,MTLS:SSL"
        self.options = [
            "--acl", "--set", f"listeners={plain},{controller},{secure},PROXIED://127.0.0.1:{port + 5}",
            "--set", f"advertised.listeners={plain},{secure},PROXIED://127.0.0.1:{port + 6}",
            "--set", f"listener.security.protocol.map={words}",
            # As of any cluster: tests do not wait ten seconds for the end of a transaction whose time is up.
            "--set", "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000"]
        super().__init__(folder, port)
        self.proxied, self.open_proxy = f"127.0.0.1:{port + 6}", None
        self.secured = f"127.0.0.1:{port + 2}"

    def proxy(self):
        """A proxy in front of the broker, as new; the one before is closed."""
        if self.open_proxy is not None:
            self.open_proxy.close()
        self.open_proxy = Proxy(self.port + 6, ("127.0.0.1", self.port + 5))
        return self.open_proxy

    def stop(self):
        """Stops the proxy and the broker."""
        if self.open_proxy is not None:
            self.open_proxy.close()
        super().stop()


class ThreeCluster(BreakableCluster):
    """Three brokers; two are enough."""
    # A broker that is gone is missed after three seconds.
    options = (
        "--nodes", "3", "--set", "broker.session.timeout.ms=3000", "--set", "broker.heartbeat.interval.ms=500")

    def leader(self, topic, partition):
        """The broker that leads a partition."""
        for found in self.answered(lambda: self.admin().describe_topics([topic])):
            for place in found["partitions"]:
                if place["partition_index"] == partition:
                    return place["leader_id"]
        return None

    def coordinator(self, topic, name):
        """The broker that leads what `__consumer_offsets` knows of a group, or `__transaction_state` of a producer."""
        return self.leader(topic, (java_hash(name) & 0x7FFFFFFF) % 4)

    def wait_whole(self, topics):
        """Waits until every copy of these topics is there again."""
        def is_whole():
            return all(
                len(place["isr_nodes"]) == 3
                for found in self.answered(lambda: self.admin().describe_topics(topics))
                for place in found["partitions"])
        wait_until("all copies are up to date", is_whole, pause=0.3)


def java_hash(text):
    """Java's hash of an ASCII text, which decides what partition of Kafka's own topics keeps it."""
    value = 0
    for byte in text.encode():
        value = (31 * value + byte) & 0xFFFFFFFF
    return value


def free_ports():
    """The first of so many ports in a row that nobody listens on."""
    for first in range(21_100, 22_000 - SPAN, SPAN):
        if all(is_free(first + each) for each in range(SPAN)):
            return first
    raise SystemExit("faults: no free ports between 21100 and 22000; give --port")


def is_free(port):
    """Whether nobody listens there."""
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) != 0
