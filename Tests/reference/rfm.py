"""Customer state by its definition: every record is kept, and each figure is a sum over what was kept.

Nothing is updated in place, so nothing can drift: a slow second opinion on sections 3 to 5 of the design.
"""
from dataclasses import dataclass, field
from typing import Optional

DAY_MS = 86_400_000


@dataclass
class Order:
    """The records that share an order id, as long as the window holds it, and after."""
    purchases: list = field(default_factory=list)
    refunded: int = 0

    @property
    def gross(self):
        """What its purchases sum to."""
        return sum(record.amount for record in self.purchases)

    @property
    def first(self):
        """When its earliest line was bought."""
        return min(record.time for record in self.purchases)

    @property
    def cancelled(self):
        """Whether its refunds took it back whole."""
        return self.refunded > 0 and self.refunded >= self.gross


@dataclass
class Customer:
    """All that came for one customer."""
    orders: list = field(default_factory=list)
    held: dict = field(default_factory=dict)
    transactions: list = field(default_factory=list)
    # (amount, the last purchase as it was then): refunds that name no order that is held.
    loose: list = field(default_factory=list)
    refunded: int = 0
    # The time of the last purchase so far, for who asks after every record.
    latest: Optional[int] = None

    @property
    def purchases(self):
        """Every purchase record."""
        return [record for order in self.orders for record in order.purchases]

    @property
    def first(self):
        """The time of the first purchase."""
        return min((record.time for record in self.purchases), default=None)

    @property
    def last(self) -> Optional[int]:
        """The time of the last purchase."""
        return max((record.time for record in self.purchases), default=None)

    @property
    def gross(self):
        """The sum of purchases."""
        return sum(record.amount for record in self.purchases)

    @property
    def order_count(self):
        """Orders with a purchase, less those cancelled whole."""
        return sum(1 for order in self.orders if not order.cancelled)

    @property
    def purchase_days(self):
        """Distinct days (UTC) with a purchase."""
        return len({record.time // DAY_MS for record in self.purchases})

    @property
    def first_day_spend(self):
        """What was bought on the day of the first purchase."""
        day = self.first // DAY_MS
        return sum(record.amount for record in self.purchases if record.time // DAY_MS == day)

    def decayed(self, at, half_life_days=90.0):
        """Decayed frequency and decayed monetary (minor units) at the time `at`, which is not before the last."""
        def weight(time):
            return 2.0 ** (-(at - time) / (half_life_days * DAY_MS))

        frequency = sum(weight(order.first) for order in self.orders if not order.cancelled)
        monetary = 0.0
        for order in self.orders:
            own = sum(record.amount * weight(record.time) for record in order.purchases)
            if order.gross > 0:
                monetary += own * (1.0 - order.refunded / order.gross)
            else:
                # An order of nothing has no share to give back: its refund weighs like the order.
                monetary -= order.refunded * weight(order.first)
        for amount, then in self.loose:
            monetary -= amount * weight(self.first_arrived if then is None else then)
        return frequency, monetary

    @property
    def first_arrived(self):
        """The time of the purchase that came first: what a refund before any purchase weighs like."""
        return self.orders[0].purchases[0].time


class Reference:
    """Customers after some records, with what was counted on the way."""

    def __init__(self, transaction_window=8, order_window=2):
        self.customers = {}
        self.applied = self.duplicates = self.loose_named = 0
        self.dead = {}
        self.clock = None
        self.newest = {}
        self._windows = (transaction_window, order_window)

    def take(self, records):
        """Applies records, or counts their codes, in the order they come."""
        for record in records:
            if isinstance(record, str):
                self.dead[record] = self.dead.get(record, 0) + 1
            else:
                self._apply(record)
        return self

    def _apply(self, record):
        customer = self.customers.setdefault(record.customer, Customer())
        transactions, orders = self._windows
        if record.transaction is not None:
            if record.transaction in customer.transactions:
                self.duplicates += 1
                return
            customer.transactions = (customer.transactions + [record.transaction])[-transactions:]
        self.applied += 1
        if record.kind == "purchase":
            self._purchase(customer, record, orders)
        else:
            self._refund(customer, record)

    def _purchase(self, customer, record, order_window):
        order = customer.held.get(record.order) if record.order is not None else None
        if order is None:
            order = Order()
            customer.orders.append(order)
            if record.order is not None:
                customer.held[record.order] = order
                while len(customer.held) > order_window:
                    del customer.held[next(iter(customer.held))]
        order.purchases.append(record)
        self._advance(record)

    def _refund(self, customer, record):
        amount = abs(record.amount)
        customer.refunded += amount
        order = customer.held.get(record.order) if record.order is not None else None
        if order is not None:
            order.refunded += amount
        else:
            self.loose_named += record.order is not None
            customer.loose.append((amount, customer.last))

    def _advance(self, record):
        """The clock: the newest time that purchases of three customers (of fewer: all) have reached; never back."""
        self.newest[record.customer] = max(record.time, self.newest.get(record.customer, record.time))
        # Only the three newest matter, and one that is pushed out comes back only by a newer purchase.
        for name in sorted(self.newest, key=self.newest.get, reverse=True)[3:]:
            del self.newest[name]
        reached = min(self.newest.values())
        self.clock = reached if self.clock is None else max(self.clock, reached)
