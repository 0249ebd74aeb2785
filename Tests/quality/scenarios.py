"""What happens to the customers and purchases of a stream: one function a scenario, its doc is printed."""
import numpy

from streams import GROUPS, Group, Shop, Size

SCENARIOS = {}


def scenario(function):
    """Marks a function of seed and size as a scenario of its name."""
    SCENARIOS[function.__name__.replace("_", "-")] = function
    return function


def make(name, seed, size=Size()):
    """The stream of a scenario; the scenario's number keeps the seeds of two scenarios apart."""
    return SCENARIOS[name](seed * 100 + list(SCENARIOS).index(name), size)


@scenario
def stationary(seed, size):
    "Six groups, nothing happens."
    shop = Shop(seed, size)
    return shop.stream("stationary", shop.purchases())


@scenario
def inflation(seed, size):
    "Prices double within the last year, evenly."
    shop = Shop(seed, size)
    rows = shop.purchases()
    rows[:, 2] *= 2 ** numpy.clip((rows[:, 1] - (size.end - 365)) / 365, 0, 1)
    return shop.stream("inflation", rows)


@scenario
def shock(seed, size):
    "Within a day all of `rare, small` buy ten times and dear and go on weekly, half of `monthly, medium` buy large."
    shop = Shop(seed, size)
    dear = len(shop.groups)
    shop.groups.append(Group("weekly, dear", 0, 7, 120_000))
    medium = shop.members(2)
    movers = [(customer, dear, 10) for customer in shop.members(4)]
    movers += [(customer, 3, 4) for customer in medium[: len(medium) // 2]]
    for customer, group, count in movers:
        shop.move(customer, size.event, group)
        prices = shop.groups[group].price * numpy.exp(shop.random.normal(0, 0.3, count))
        shop.extra += zip([customer] * count, size.event + shop.random.uniform(0, 1, count), prices)
    # A group has moved as a whole: there are six before and after.
    return shop.stream("shock", shop.purchases(), k=len(GROUPS))


@scenario
def new_segment(seed, size):
    "Ten in a hundred new customers come within ten days and buy tiny things every second day; five groups before."
    tiny = Group("daily, tiny", 0, 2, 150)
    shop = Shop(seed, size, [*GROUPS[:5], tiny])
    for day in size.event + shop.random.uniform(0, 10, size.customers // 10):
        shop.join(float(day), 5)
    return shop.stream("new-segment", shop.purchases())


@scenario
def vanished_segment(seed, size):
    "All of `monthly, medium` stop buying for good."
    shop = Shop(seed, size)
    for customer in shop.members(2):
        shop.move(customer, size.event, None)
    return shop.stream("vanished-segment", shop.purchases())


@scenario
def silence(seed, size):
    "Nobody buys for 30 days, then all go on as before."
    shop = Shop(seed, size)
    rows = shop.purchases()
    is_silent = (rows[:, 1] >= size.event) & (rows[:, 1] < size.event + 30)
    return shop.stream("silence", rows[~is_silent])


@scenario
def refund_storm(seed, size):
    "Within three days four of ten customers give back their last order, whole or by half."
    shop = Shop(seed, size)
    rows = shop.purchases()
    order = numpy.arange(len(rows))
    chosen = shop.random.permutation(size.customers)[: size.customers * 4 // 10]
    days = dict(zip(chosen.tolist(), size.event + shop.random.uniform(0, 3, len(chosen))))
    latest = {}
    for number, (customer, day, _) in enumerate(rows):
        if day < days.get(int(customer), -1):
            latest[int(customer)] = number
    numbers = numpy.array(list(latest.values()))
    refunds = rows[numbers].copy()
    refunds[:, 1] = [days[customer] for customer in latest]
    refunds[:, 2] = -numpy.rint(refunds[:, 2]) * numpy.where(numbers % 2, 1, 0.5)
    rows, order = numpy.concatenate([rows, refunds]), numpy.concatenate([order, numbers])
    by_time = numpy.argsort(rows[:, 1], kind="stable")
    return shop.stream("refund-storm", rows[by_time], order[by_time])


@scenario
def late(seed, size):
    "One record in ten comes up to ten days late."
    shop = Shop(seed, size)
    rows = shop.purchases()
    delay = numpy.where(shop.random.random(len(rows)) < 0.1, shop.random.uniform(0.04, 10, len(rows)), 0)
    seen = rows[:, 1] + delay < size.end
    return shop.stream("late", rows[seen], arrival=(rows[:, 1] + delay)[seen])


def rare(seed, size, share):
    """A group of this share whose orders are ten of the others' standard deviations dearer, by the logarithm."""
    logs = numpy.repeat([numpy.log1p(g.price / 100) for g in GROUPS[:5]], [round(100 * g.share) for g in GROUPS[:5]])
    # Within a group prices spread by 0.2 from customer to customer, an average of orders by less than 0.3.
    far = Group("far", 0, 30, 100 * float(numpy.exp(logs.mean() + 10 * numpy.hypot(logs.std(), 0.25))))
    own = [Group(g.name, g.share / sum(o.share for o in GROUPS[:5]) * (1 - share), g.interval, g.price)
           for g in GROUPS[:5]]
    shop = Shop(seed, size, [*own, Group(far.name, share, far.interval, far.price)])
    return shop.stream(f"rare {share}", shop.purchases())
