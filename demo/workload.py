"""A shop's day on the demo database: orders come in, a report runs, an import holds a lock that others wait for.

Usage: workload.py HOST PORT LOG. Runs until it is told to stop; a connection that an operator terminates comes back.
What it does is written to the file LOG, as a web shop would: JSON lines, and now and then a stack trace.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable

import psycopg

HOT_PRODUCT = 7  # the row that import and checkouts want at the same time
RECONNECT_S = 2.0

log = logging.getLogger("shop")
Work = Callable[[psycopg.Connection, random.Random], None]
stopping = threading.Event()


def place_order(db: psycopg.Connection, dice: random.Random) -> None:
    """Place one order, as a web shop's checkout does."""
    customer = dice.randint(1, 2000)
    product = HOT_PRODUCT if dice.random() < 0.15 else dice.randint(1, 300)
    with db.transaction():
        [order] = db.execute("insert into orders (customer_id) values (%s) returning id", [customer]).fetchone() or [0]
        db.execute("update products set stock = stock - 1 where id = %s", [product])
        db.execute("insert into order_items values (%s, %s, 1)", [order, product])
    log.info("order placed", extra={"order": order, "customer": customer, "product": product})
    if dice.random() < 0.1:
        log.warning("payment is slow", extra={"order": order, "ms": dice.randint(800, 4000)})
    pause(dice.uniform(0.3, 1.2))


def ship_orders(db: psycopg.Connection, dice: random.Random) -> None:
    """Move some orders one state on."""
    with db.transaction():
        db.execute(
            "update orders set state = 'shipped' where id in (select id from orders where state = 'packed' limit 5)"
        )
        db.execute(
            "update orders set state = 'packed' where id in (select id from orders where state = 'paid' limit 5)"
        )
    pause(dice.uniform(1, 3))


def run_report(db: psycopg.Connection, dice: random.Random) -> None:
    """Compute revenue by country: a few seconds of joins."""
    db.execute(
        "select c.country, count(distinct o.id), sum(i.quantity * p.price) as revenue"
        " from customers c join orders o on o.customer_id = c.id join order_items i on i.order_id = o.id"
        " join products p on p.id = i.product_id cross join generate_series(1, 40)"
        " group by c.country order by revenue desc"
    )
    pause(dice.uniform(4, 8))


def import_prices(db: psycopg.Connection, dice: random.Random) -> None:
    """Update a price, then think about it for a while with the transaction open: what operators look for."""
    with db.transaction():
        db.execute("update products set price = price * 1.01 where id = %s", [HOT_PRODUCT])
        pause(dice.uniform(15, 25))
    pause(dice.uniform(5, 10))


def nap(db: psycopg.Connection, dice: random.Random) -> None:
    """Hold a pooled connection without using it much."""
    db.execute("select 1")
    pause(dice.uniform(20, 40))


WORKERS: tuple[tuple[str, str, int, Work], ...] = (
    ("checkout", "checkout-web", 4, place_order),
    ("checkout", "checkout-pool", 2, nap),
    ("checkout", "shipping", 1, ship_orders),
    ("reporting", "revenue-report", 1, run_report),
    ("importer", "nightly-import", 1, import_prices),
)


def pause(seconds: float) -> None:
    """Sleep, or end at once when the demo stops."""
    if stopping.wait(seconds):
        raise SystemExit


def work(host: str, port: str, user: str, application: str, number: int, step: Work) -> None:
    """Repeat one worker's step; reconnect after an error, since terminating sessions is what the demo invites to."""
    dice = random.Random(f"{application}-{number}")
    while not stopping.is_set():
        try:
            with psycopg.connect(
                host=host, port=port, user=user, password="demo", dbname="shop", application_name=application
            ) as db:
                db.autocommit = True
                while True:
                    step(db, dice)
        except psycopg.Error:
            log.exception("connection lost", extra={"worker": application})
            stopping.wait(RECONNECT_S)
        except SystemExit:
            return


class JsonLines(logging.Formatter):
    """One JSON object per record; a traceback follows as it is, since that is how it looks in real logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines."""
        plain = vars(logging.makeLogRecord({}))
        extra = {name: value for name, value in vars(record).items() if name not in plain}
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z"
        line = json.dumps({"time": at, "level": record.levelname.lower(), "msg": record.getMessage(), **extra})
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def main(host: str, port: str, log_file: str) -> None:
    """Start every worker and wait for the end."""
    handler = logging.FileHandler(log_file)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the demo decides when this stops
    for user, application, count, step in WORKERS:
        for number in range(count):
            arguments = (host, port, user, application, number, step)
            threading.Thread(target=work, args=arguments, daemon=True).start()
            time.sleep(0.05)
    parent = os.getppid()
    while not stopping.wait(1.0) and os.getppid() == parent:
        pass
    stopping.set()


if __name__ == "__main__":
    main(*sys.argv[1:4])
