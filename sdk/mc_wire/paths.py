"""gRPC method paths: message names never travel, these do."""

PLUGIN_SERVICE = "missioncontrol.plugin.v1.PluginService"
HOST_SERVICE = "missioncontrol.plugin.v1.HostService"
BROKER_SERVICE = "plugin.GRPCBroker"
CONTROLLER_SERVICE = "plugin.GRPCController"
STDIO_SERVICE = "plugin.GRPCStdio"
HEALTH_SERVICE = "grpc.health.v1.Health"
HEALTH_NAME = "plugin"
"""The service name that go-plugin's host asks the health service for."""

UI_PREFIX = "/__mc/ui"
OPERATIONS_PREFIX = "/__mc/operations"


def method(service: str, name: str) -> str:
    """Return the path of one method."""
    return f"/{service}/{name}"
