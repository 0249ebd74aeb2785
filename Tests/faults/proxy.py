"""A TCP proxy that knows where Kafka's requests and answers begin, and delays, loses or cuts them as told.

The broker advertises the proxy's port on a listener of its own, so every connection of a client that begins at the
proxy goes through it. Rules say what happens to which request; each counts how often it was used.
"""
import random
import socket
import struct
import threading
import time
from dataclasses import dataclass

# Kafka's numbers of requests.
FETCH, DELETE_RECORDS, END_TXN = 1, 21, 26
# Bytes that pass as they are, between one look at `is_closed` and the next.
CHUNK = 1 << 16


@dataclass
class Rule:
    """What is done, `times` times, to requests with one number, or to their answers."""
    api: int
    # "request": before the broker sees it; "answer": the broker has done what was asked.
    stage: str
    # "lose": it never arrives, the connection stays; "cut": nor does anything else, on that connection; "hold": it
    # arrives `seconds` later; "cut and hold": the client is cut off, the broker gets the request all the same, later.
    action: str
    times: int = 1
    seconds: float = 0.0
    # So many are let pass before each that is not.
    spare: int = 0
    used: int = 0
    passed: int = 0


class Proxy:
    """Listens on 127.0.0.1 and connects every client to `target`."""

    def __init__(self, port, target):
        self.target, self.rules, self.delay_s, self.requests = target, [], 0.0, {}
        self.address = f"127.0.0.1:{port}"
        self.lock, self.pairs, self.is_closed = threading.Lock(), set(), False
        self.listener = socket.create_server(("127.0.0.1", port))
        self.random = random.Random(port)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def add(self, *args, **options):
        """Adds a rule from now on; returns it."""
        rule = Rule(*args, **options)
        with self.lock:
            self.rules.append(rule)
        return rule

    def cut(self):
        """Cuts every connection there is; returns how many."""
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            pair.cut()
        return len(pairs)

    def close(self):
        """Ends the listener and every connection."""
        self.is_closed = True
        # A thread that waits in accept does not see that its socket is closed.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
        self.thread.join(5)

    def accept(self):
        """Serves the listener."""
        while not self.is_closed:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                broker = socket.create_connection(self.target, timeout=5)
            except OSError:
                client.close()
                continue
            broker.settimeout(None)
            for end in (client, broker):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = Pair(self, client, broker)
            with self.lock:
                self.pairs.add(pair)
            pair.start()

    def rule_for(self, api, stage):
        """The rule that an event uses up, if there is one."""
        with self.lock:
            for rule in self.rules:
                if rule.api != api or rule.stage != stage or rule.used >= rule.times:
                    continue
                rule.passed += 1
                if rule.passed % (rule.spare + 1) == 0:
                    rule.used += 1
                    return rule
        return None

    def wait(self):
        """Lets the general delay pass."""
        if self.delay_s:
            time.sleep(self.random.random() * self.delay_s)


class Pair:
    """One client's connection and its way on to the broker."""

    def __init__(self, proxy, client, broker):
        self.proxy, self.client, self.broker = proxy, client, broker
        # What every request asks for, by its number on this connection, until it is answered.
        self.asked = {}

    def start(self):
        """Begins to carry both ways."""
        threading.Thread(target=self.carry, args=(self.client, self.request), daemon=True).start()
        threading.Thread(target=self.carry, args=(self.broker, self.answer), daemon=True).start()

    def cut(self):
        """Closes both ends."""
        for end in (self.client, self.broker):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        with self.proxy.lock:
            self.proxy.pairs.discard(self)

    def carry(self, source, take):
        """Reads one frame after the other: four bytes of length, then the frame."""
        try:
            while True:
                head = read(source, 4)
                take(head + read(source, struct.unpack(">i", head)[0]))
        except OSError:
            self.cut()

    def request(self, frame):
        """A request on its way to the broker."""
        api, _, number = struct.unpack_from(">hhi", frame, 4)
        self.asked[number] = api
        rule = self.proxy.rule_for(api, "request")
        if rule is None:
            self.broker.sendall(frame)
            return
        if rule.action == "cut and hold":
            self.client.shutdown(socket.SHUT_RDWR)
            time.sleep(rule.seconds)
            self.broker.sendall(frame)
            # The broker must have read it before the connection ends.
            time.sleep(0.5)
            self.cut()
        else:
            self.apply(rule, self.broker, frame)

    def answer(self, frame):
        """An answer on its way to the client."""
        api = self.asked.pop(struct.unpack_from(">i", frame, 4)[0], None)
        rule = self.proxy.rule_for(api, "answer")
        self.proxy.wait()
        if rule is None:
            self.client.sendall(frame)
        else:
            self.apply(rule, self.client, frame)

    def apply(self, rule, receiver, frame):
        """Does what a rule says."""
        if rule.action == "cut":
            self.cut()
            raise OSError("cut")
        if rule.action == "hold":
            time.sleep(rule.seconds)
            receiver.sendall(frame)


def read(source, count):
    """Exactly so many bytes; an `OSError` at the end."""
    parts = []
    while count > 0:
        part = source.recv(min(count, CHUNK))
        if not part:
            raise OSError("closed")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
