"""The lines of a shop whose payments fail, as the stream sends them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

PODS = ["checkout-7d9f-x2kq", "checkout-7d9f-m4tz", "checkout-58bc-aa01"]
TRACE = [
    "java.lang.IllegalStateException: card was declined",
    "    at shop.Payment.charge(Payment.java:88)",
    "    at shop.Checkout.run(Checkout.java:41)",
    "Caused by: java.net.SocketTimeoutException: needle in the trace",
]
BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=4)


def stamp(second: float) -> str:
    """Return the stamp of a moment of the story."""
    return (BEGIN + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "001Z"


def story() -> list[Any]:
    """Return rows of three pods, out of order across them, with everything a list has to draw."""
    lines: list[Any] = []
    for pod in range(3):
        for at in range(60):
            second = at * 3 + pod * 0.9
            lines.append([pod, stamp(second), "i", f"GET /orders/{at} 200 in {at * 7 % 90} ms"])
            if at % 12 == 5:
                order = f'"order":{{"id":{at},"sum":12.9}}'
                text = f'{{"level":"warn","msg":"retrying payment","attempt":{pod + 1},{order}}}'
                lines.append([pod, stamp(second + 0.2), "w", text])
            if at % 15 == 9:
                lines.append([pod, stamp(second + 0.4), "e", f"payment {at} failed"])
                lines += [[pod, stamp(second + 0.4), "+", text] for text in TRACE]
    lines.append([0, stamp(179), "d", "\x1b[32mready\x1b[0m in \x1b[1;31m12 s\x1b[0m"])
    lines.append([1, stamp(180), "i", 'ts=now level=info msg="order accepted" id=8123 amount=12.90'])
    lines.append([2, stamp(181), "u", "a very long line " + "lorem ipsum " * 60])
    when = stamp(100)[:19] + "Z"
    event = {"kind": "Warning", "reason": "Unhealthy", "message": "Liveness probe failed: timeout", "count": 3}
    lines.append({"type": "event", "pod": PODS[1], "namespace": "shop", "at": when, **event})
    lines.append(
        {"type": "source", "source": 1, "change": "restarted", "exitCode": 137, "reason": "OOMKilled"}
        | {"finishedAt": stamp(120), "restarts": 4}
    )
    gap = {"from": stamp(80), "to": stamp(82), "count": 1200, "text": "the log was rotated"}
    lines.append({"type": "gap", "source": 2, "cause": "rotated", **gap})
    lines.append({"type": "cursor", "cursor": str(len(lines) + 1)})
    return lines


def rollout() -> dict[str, Any]:
    """Return a rollout in progress: two pods old, one new."""
    common = {"desired": 1, "available": 1, "createdAt": stamp(0)}
    old = {"revision": "1", "replicaSet": "checkout-7d9f", "isNew": False, "ready": 2, "pods": PODS[:2]}
    new = {"revision": "2", "replicaSet": "checkout-58bc", "isNew": True, "ready": 0, "pods": PODS[2:]}
    return {
        "inProgress": True,
        "revisions": [
            {**common, **new, "images": ["registry.example/shop/checkout:2.15.0"]},
            {**common, **old, "desired": 2, "images": ["registry.example/shop/checkout:2.14.1"]},
        ],
    }
