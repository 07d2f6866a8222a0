"""Resource types of the Kubernetes API and their paths."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class ResourceType:
    """One resource of one API group, as it is addressed."""

    group: str
    """Empty for the core group."""
    version: str
    plural: str
    kind: str
    is_namespaced: bool = True

    @property
    def qualified(self) -> str:
        """`pods`, `deployments.apps`: how RBAC rules and kubectl name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        """What its objects carry as `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Return the path of an object, or of a collection when `name` is empty; no namespace means all."""
        parts = ["/apis", self.group, self.version] if self.group else ["/api", self.version]
        if namespace and self.is_namespaced:
            parts += ["namespaces", quote(namespace, safe="")]
        parts += [quote(part, safe=".:-_~/") for part in (self.plural, name, subresource) if part]
        return "/".join(parts)


NAMESPACES = ResourceType("", "v1", "namespaces", "Namespace", is_namespaced=False)
NODES = ResourceType("", "v1", "nodes", "Node", is_namespaced=False)
SECRETS = ResourceType("", "v1", "secrets", "Secret")
CONFIG_MAPS = ResourceType("", "v1", "configmaps", "ConfigMap")
PODS = ResourceType("", "v1", "pods", "Pod")
DEPLOYMENTS = ResourceType("apps", "v1", "deployments", "Deployment")
STATEFULSETS = ResourceType("apps", "v1", "statefulsets", "StatefulSet")
DAEMONSETS = ResourceType("apps", "v1", "daemonsets", "DaemonSet")
REPLICASETS = ResourceType("apps", "v1", "replicasets", "ReplicaSet")
JOBS = ResourceType("batch", "v1", "jobs", "Job")
CRONJOBS = ResourceType("batch", "v1", "cronjobs", "CronJob")
CUSTOM_RESOURCE_DEFINITIONS = ResourceType(
    "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", is_namespaced=False
)
ACCESS_REVIEWS = ResourceType(
    "authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", is_namespaced=False
)
EVENTS = ResourceType("", "v1", "events", "Event")
