"""Ways to spoil the topics of a group, each as (name, function of topics and a random source)."""
import copy
import json
from collections import Counter
import random

from stream_state import parsed, written
from stream_topics import Entry, by_partition


def choose(topics, name, source, fits=lambda entry: True):
    """The place of an entry of a topic that fits."""
    return source.choice([place for place, entry in enumerate(getattr(topics, name)) if fits(entry)])


def drop(name, fits=lambda entry: True, words=""):
    """Takes away a record."""
    def spoil(topics, source):
        del getattr(topics, name)[choose(topics, name, source, fits)]
    return f"{name}: one{words} is lost", spoil


def double(name, fits=lambda entry: True, words=""):
    """A record comes again at once, at an offset of its own."""
    def spoil(topics, source):
        entries, place = getattr(topics, name), choose(topics, name, source, fits)
        again = copy.deepcopy(entries[place])
        again.offset = max(entry.offset for entry in entries) + 1
        entries.insert(place + 1, again)
    return f"{name}: one{words} comes twice", spoil


def moves(entry):
    """Whether a change is one, and not a customer's first."""
    return entry.value is not None and json.loads(entry.value)["from"] is not None


def caused(entry):
    """Whether a change has a cause."""
    return entry.value is not None and json.loads(entry.value)["cause"] is not None


def aged(entry):
    """Whether a change tells the clock: before its customer's last purchase any clock gives the same figures."""
    return entry.value is not None and json.loads(entry.value)["rfm"]["recency_days"] > 0


def lose_change(topics, source):
    """A change of a customer who was never erased is lost: one made and erased within one commit leaves no trace."""
    erased = {entry.key for entry in topics.changes if entry.value is None}
    del topics.changes[choose(topics, "changes", source, lambda entry: entry.key not in erased)]


def of(reason):
    """Whether a change has the reason."""
    return lambda entry: entry.value is not None and json.loads(entry.value)["reason"] == reason


def swap_changes(topics, source):
    """Two changes that follow each other of one customer change places."""
    later = choose(topics, "changes", source, moves)
    entries = topics.changes
    earlier = max(place for place in range(later) if entries[place].key == entries[later].key)
    entries[earlier], entries[later] = entries[later], entries[earlier]


def swap_partition(name):
    """A record lies in the other partition."""
    def spoil(topics, source):
        entries = getattr(topics, name)
        entry = entries[choose(topics, name, source, lambda entry: entry.value is not None)]
        entry.partition = 1 - entry.partition
    return f"{name}: one lies in another partition", spoil


def swap_state(topics, source):
    """Two state records that follow each other change places."""
    place = choose(topics, "state", source, lambda entry: entry.offset > 0)
    topics.state[place - 1], topics.state[place] = topics.state[place], topics.state[place - 1]


def data(name, change, fits=moves, words=""):
    """A member of a change's data is changed; `name` is a path with dots."""
    def spoil(topics, source):
        entry = topics.changes[choose(topics, "changes", source, fits)]
        members = json.loads(entry.value)
        *path, last = name.split(".")
        inner = members
        for step in path:
            inner = inner[step]
        before = inner[last]
        inner[last] = change(before)
        assert inner[last] != before
        entry.value = json.dumps(members).encode()
    return f"changes: {name} is off{words}", spoil


def header(topic, name, value, fits=lambda entry: entry.value is not None):
    """A header of a record is another."""
    def spoil(topics, source):
        entry = getattr(topics, topic)[choose(topics, topic, source, fits)]
        before = entry.header(name)
        changed = value(before) if callable(value) else value
        assert changed != before
        entry.headers = [(found, changed.encode() if found == name else text) for found, text in entry.headers]
    return f"{topic}: header {name} is off", spoil


def member(topic, name, change, fits=lambda entry: True):
    """A part of a record is another."""
    def spoil(topics, source):
        entry = getattr(topics, topic)[choose(topics, topic, source, fits)]
        before = getattr(entry, name)
        setattr(entry, name, change(before))
        assert getattr(entry, name) != before
    return f"{topic}: {name} is off", spoil


def repeat_id(topics, source):
    """A change bears the ce_id of another."""
    places = source.sample([place for place, entry in enumerate(topics.changes) if entry.value is not None], 2)
    taken = topics.changes[places[0]].header("ce_id").encode()
    entry = topics.changes[places[1]]
    entry.headers = [(name, taken if name == "ce_id" else text) for name, text in entry.headers]


def state(words, change, fits=lambda record: True):
    """A state record is changed."""
    def spoil(topics, source):
        entry = topics.state[choose(topics, "state", source, lambda entry: fits(parsed(entry.value)))]
        record = parsed(entry.value)
        change(record)
        entry.value = written(record)
    return f"state: {words}", spoil


def last_state(words, change):
    """The last record of a partition is changed."""
    def spoil(topics, source):
        number = source.randrange(2)
        entry = [entry for entry in topics.state if entry.partition == number][-1]
        record = parsed(entry.value)
        change(record)
        entry.value = written(record)
    return f"state: {words} at the end", spoil


def row(words, change, fits=lambda row: row.purchases is not None and row.segment is not None):
    """A row is changed where it is stated last."""
    def spoil(topics, source):
        latest = {}
        for place, entry in enumerate(topics.state):
            for index, found in enumerate(parsed(entry.value).rows):
                latest[entry.partition, found.number] = (place, index, found)
            for number in parsed(entry.value).erased:
                latest.pop((entry.partition, number), None)
        place, index, _ = source.choice([where for where in latest.values() if fits(where[2])])
        record = parsed(topics.state[place].value)
        change(record.rows[index])
        before = topics.state[place].value
        topics.state[place].value = written(record)
        assert topics.state[place].value != before
    return f"state: a row's {words}", spoil


def stale(topics, source):
    """A row is last stated as it was before."""
    stated = {}
    for place, entry in enumerate(topics.state):
        for index, found in enumerate(parsed(entry.value).rows):
            stated.setdefault((entry.partition, found.id, found.birth), []).append((place, index, found))
    pairs = [
        pairs for (number, name, _), pairs in stated.items() if len(pairs) > 1 and
        (pairs[-2][2].orders, pairs[-2][2].gross) != (pairs[-1][2].orders, pairs[-1][2].gross) and
        not any(other[1] == name and stated[other][0][0] > pairs[0][0] for other in stated if other[0] == number)]
    (_, _, old), (place, index, _) = source.choice(pairs)[-2:]
    record = parsed(topics.state[place].value)
    record.rows[index] = old
    topics.state[place].value = written(record)


def unstated(topics, source):
    """A row is missing where the log states it last and first: its customer was never written."""
    entry = source.choice([entry for entry in topics.state if parsed(entry.value).rows])
    gone = source.choice([found.id for found in parsed(entry.value).rows if found.gross])
    for other in topics.state:
        record = parsed(other.value)
        record.rows = [found for found in record.rows if found.id != gone]
        other.value = written(record)


def unerased(topics, source):
    """A row that was given free, and that no walk has passed since, stays as it was."""
    found = []
    for number, entries in by_partition(topics.state).items():
        records = [(entry, parsed(entry.value)) for entry in entries]
        kept = records[-1][1].walk - 1
        for place, (entry, record) in enumerate(records):
            used = {row.number for _, after in records[place + 1:] for row in after.rows}
            stated = {row.number for _, before in records[:place] if before.walk >= kept for row in before.rows}
            found += [(entry, record, freed) for freed in record.erased if freed in stated - used]
    entry, record, freed = source.choice(found)
    record.erased.remove(freed)
    entry.value = written(record)


def commit(words, change):
    """A committed offset is another."""
    def spoil(topics, source):
        number = source.randrange(2)
        topics.committed[number] = change(topics.committed[number])
    return f"committed: {words}", spoil


def uncite(topics, source):
    """The model that some change cites is not in the topic."""
    cited = {
        f"{members['generation']}-{members['version']}".encode() for members in
        (json.loads(entry.value)["model"] for entry in topics.changes if entry.value is not None)}
    topics.model.remove(source.choice([entry for entry in topics.model if entry.key in cited]))


def model_number(index, step):
    """A centroid of every model is moved."""
    def spoil(topics, _):
        for entry in topics.model:
            value = json.loads(entry.value)
            for segment in value["segments"]:
                segment["centroid"][index] += step
            entry.value = json.dumps(value).encode()
    return f"model: centroids are off by {step}", spoil


def stray_change(topics, source):
    """A tombstone of a customer who was not erased."""
    place = choose(topics, "changes", source, caused)
    before = topics.changes[place]
    topics.changes.append(Entry(before.partition, 10**6, before.timestamp, before.key, None, []))


def other_cell(topics, source):
    """A score that comes several times has another cell once."""
    scores = Counter(json.loads(entry.value)["rfm"]["score"] for entry in topics.changes if entry.value is not None)
    often = scores.most_common(1)[0][0]
    entry = topics.changes[choose(topics, "changes", source, lambda entry: entry.value is not None and json.loads(
        entry.value)["rfm"]["score"] == often)]
    members = json.loads(entry.value)
    members["rfm"]["cell"] += "!"
    entry.value = json.dumps(members).encode()


def later(text):
    """A time one millisecond on."""
    return f"{text[:-4]}{(int(text[-4:-1]) + 1) % 1000:03d}Z"


def second_later(text):
    """A time one second on."""
    return f"{text[:-6]}{(int(text[-6:-5]) + 1) % 10}{text[-5:]}"


def plus(step):
    """A number, a step further."""
    return lambda value: value + step


def set_purchases(name, step):
    """A figure of purchases is off."""
    def change(found):
        setattr(found.purchases, name, getattr(found.purchases, name) + step)
    return change


def set_number(name, step):
    """A number of a record or of a row is off."""
    def change(found):
        setattr(found, name, getattr(found, name) + step)
    return change


def set_counter(name):
    """A counter is one too high."""
    def change(record):
        record.tail.counters[name] += 1
    return change


def input_of_cause(words, change):
    """The list of input records is changed at the record that is the cause of some change."""
    def spoil(topics, source):
        cause = json.loads(topics.changes[choose(topics, "changes", source, caused)].value)["cause"]
        place = choose(topics, "input", source, lambda entry: (entry.partition, entry.offset) == (
            cause["partition"], cause["offset"]))
        change(topics.input, place)
    return f"input: {words}", spoil


def swap_next(entries, place):
    """A record and the next or last one of another customer change places, offsets apart."""
    step = 1 if place + 1 < len(entries) and entries[place + 1].partition == entries[place].partition else -1
    other = place + step
    while entries[other].key == entries[place].key:
        other += step
    for name in ("key", "value", "headers"):
        mine, theirs = getattr(entries[place], name), getattr(entries[other], name)
        setattr(entries[place], name, theirs)
        setattr(entries[other], name, mine)


def again(entries, place):
    """A record comes again at the end of its partition, without its transaction id."""
    entry = copy.deepcopy(entries[place])
    members = json.loads(entry.value)
    members.pop("transaction_id", None)
    same = [other for other in entries if other.partition == entry.partition]
    entry.value, entry.offset = json.dumps(members).encode(), same[-1].offset - 1
    entry.timestamp = same[-1].timestamp
    entries[entries.index(same[-2])] = entry
