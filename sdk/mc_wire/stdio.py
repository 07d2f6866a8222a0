"""go-plugin's stdio service: chunks of a plugin's standard streams."""

from mc_wire._pb import goplugin_pb2 as pb
from mc_wire.codec import parse

STDOUT, STDERR = "stdout", "stderr"
_CHANNELS = {pb.StdioData.STDOUT: STDOUT, pb.StdioData.STDERR: STDERR}


def decode_chunk(data: bytes) -> tuple[str, bytes]:
    """Return (`stdout` or `stderr`, bytes) of StdioData bytes."""
    message = parse(pb.StdioData, data)
    return _CHANNELS.get(message.channel, STDERR), message.data
