"""What the topics of one group hold, as plain values, and the settings that they were written under."""
from dataclasses import dataclass, field


@dataclass
class Entry:
    """One Kafka record; `headers` as (name, bytes) in their order."""
    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: list = field(default_factory=list)

    def header(self, name):
        """The last header of that name as text; `None` without one."""
        for found, value in reversed(self.headers):
            if found == name:
                return value.decode("utf-8", "replace")
        return None

    @property
    def where(self):
        """Its place within its topic."""
        return f"{self.partition}/{self.offset}"


@dataclass
class Committed:
    """What the group committed for one partition."""
    offset: int
    metadata: str


@dataclass
class Topics:
    """Every list in the order of partition and offset, as read under read_committed."""
    input: list
    changes: list
    dead_letters: list
    state: list
    model: list
    # Committed by input partition; no entry where the group has none.
    committed: dict
    # By input partition: the first offset there is, and the one after the last (the last stable offset).
    starts: dict
    ends: dict

    def partitions(self):
        """The numbers of the input's partitions."""
        return sorted(self.ends)


@dataclass
class Settings:
    """The part of the daemon's configuration that the judgement depends on."""
    input_topic: str
    currency: str = "EUR"
    digits: int = 2
    keyed: bool = True
    half_life_days: float = 90.0
    transactions: int = 8
    orders: int = 2
    margin: float = 0.2
    return_margin: float = 0.3
    return_ms: int = 7 * 86_400_000
    record_bytes_max: int = 1 << 20
    id_bytes_max: int = 256
    depth_max: int = 32
    # A torn commit is let pass: a committed offset below the log's, a change that comes twice, byte by byte.
    torn: bool = False
    # The group has read the input to its end.
    drained: bool = False


def by_partition(entries):
    """The entries of every partition, in their order."""
    found = {}
    for entry in entries:
        found.setdefault(entry.partition, []).append(entry)
    return found
