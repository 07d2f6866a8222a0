"""Kubernetes Events of pods: an optional right, whose absence is a notice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing

import msgspec

from mc_kube.client import KubeClient
from mc_kube.resources import EVENTS
from mc_kube.targets import PodQuery
from mc_kube.watch import watch_objects
from mc_kube.watched import ChangeKind, Changes
from mc_kubernetes_logs.engine.stream import LogStream
from mc_sdk import JSON, OperationError


class _Object(msgspec.Struct, rename="camel"):
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    field_path: str = ""


class _Series(msgspec.Struct, rename="camel"):
    count: int = 0
    last_observed_time: str | None = None


class _Meta(msgspec.Struct, rename="camel"):
    creation_timestamp: str | None = None


class PodEvent(msgspec.Struct, rename="camel"):
    """An Event as the API has it, old style or new."""

    metadata: _Meta = msgspec.field(default_factory=_Meta)
    involved_object: _Object = msgspec.field(default_factory=_Object)
    type: str = "Normal"
    reason: str = ""
    message: str = ""
    count: int | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    series: _Series | None = None

    def render(self) -> dict[str, JSON]:
        """Return it as callers see it."""
        about = self.involved_object
        shown: dict[str, JSON] = {"namespace": about.namespace, "pod": about.name, "at": self.at, "kind": self.type}
        shown |= {"reason": self.reason, "message": self.message}
        shown["count"] = self.series.count if self.series else self.count or 1
        if about.field_path.startswith("spec.") and "{" in about.field_path:
            shown["container"] = about.field_path.partition("{")[2].rstrip("}")
        return shown

    @property
    def at(self) -> str:
        """When it was last seen."""
        last = self.series.last_observed_time if self.series else None
        return last or self.last_timestamp or self.event_time or self.metadata.creation_timestamp or ""


def event_params(query: PodQuery) -> dict[str, str]:
    """Return the query for the Events of pods."""
    only = "involvedObject.kind=Pod"
    return {"fieldSelector": f"{only},involvedObject.name={query.pod}" if query.pod else only}


async def tell_events(client: KubeClient, query: PodQuery, stream: LogStream, is_ours: Callable[[str], bool]) -> None:
    """Tell the Events of the stream's pods as they happen, and those that the API server still has."""
    try:
        async with aclosing(watch_objects(client, EVENTS, query.namespace, params=event_params(query))) as events:
            async for event in events:
                if not isinstance(event, Changes):
                    continue
                for change in event.changes:
                    if change.object is None or change.kind is ChangeKind.DELETED:
                        continue
                    found = msgspec.json.decode(change.object, type=PodEvent)
                    if is_ours(found.involved_object.uid):
                        stream.tell({"type": "event", **found.render()})
    except OperationError as exc:
        text = f"events of the pods cannot be shown: {exc.message}"
        stream.tell({"type": "notice", "code": "no_events", "text": text} | ({"hint": exc.hint} if exc.hint else {}))
