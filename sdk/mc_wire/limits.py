"""Message limits and gRPC options that every channel and server of the product uses."""

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""Largest gRPC message either way, as the released host has it; gRPC's own default for receiving is 4 MiB."""

MAX_METADATA_BYTES = 64 * 1024
"""An invocation token with many roles can pass gRPC's default of 8 KiB."""

GRPC_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_metadata_size", MAX_METADATA_BYTES),
    ("grpc.so_reuseport", 0),  # on by default, and then two servers may bind one TCP port
    ("grpc.enable_http_proxy", 0),  # http_proxy would be honoured even for loopback
)

CHANNEL_OPTIONS: tuple[tuple[str, int | str], ...] = (*GRPC_OPTIONS, ("grpc.default_authority", "localhost"))
