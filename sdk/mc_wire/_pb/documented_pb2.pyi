import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Empty(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RegisterRequest(_message.Message):
    __slots__ = ("host_protocol_version", "host_version", "host_broker_id", "env", "host_grpc_address", "host_grpc_tls", "host_grpc_ca_cert")
    class EnvEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    HOST_PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    HOST_VERSION_FIELD_NUMBER: _ClassVar[int]
    HOST_BROKER_ID_FIELD_NUMBER: _ClassVar[int]
    ENV_FIELD_NUMBER: _ClassVar[int]
    HOST_GRPC_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    HOST_GRPC_TLS_FIELD_NUMBER: _ClassVar[int]
    HOST_GRPC_CA_CERT_FIELD_NUMBER: _ClassVar[int]
    host_protocol_version: int
    host_version: str
    host_broker_id: int
    env: _containers.ScalarMap[str, str]
    host_grpc_address: str
    host_grpc_tls: bool
    host_grpc_ca_cert: str
    def __init__(self, host_protocol_version: _Optional[int] = ..., host_version: _Optional[str] = ..., host_broker_id: _Optional[int] = ..., env: _Optional[_Mapping[str, str]] = ..., host_grpc_address: _Optional[str] = ..., host_grpc_tls: _Optional[bool] = ..., host_grpc_ca_cert: _Optional[str] = ...) -> None: ...

class PluginManifest(_message.Message):
    __slots__ = ("name", "version", "description", "protocol_version", "capabilities", "tabs", "operations", "ui_port", "roles")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    TABS_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    UI_PORT_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    description: str
    protocol_version: int
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    tabs: _containers.RepeatedCompositeFieldContainer[TabSpec]
    operations: _containers.RepeatedCompositeFieldContainer[OperationDef]
    ui_port: int
    roles: _containers.RepeatedCompositeFieldContainer[PluginRole]
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., description: _Optional[str] = ..., protocol_version: _Optional[int] = ..., capabilities: _Optional[_Iterable[str]] = ..., tabs: _Optional[_Iterable[_Union[TabSpec, _Mapping]]] = ..., operations: _Optional[_Iterable[_Union[OperationDef, _Mapping]]] = ..., ui_port: _Optional[int] = ..., roles: _Optional[_Iterable[_Union[PluginRole, _Mapping]]] = ...) -> None: ...

class PluginRole(_message.Message):
    __slots__ = ("name", "description")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class TabSpec(_message.Message):
    __slots__ = ("name", "icon", "path", "scope")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ICON_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    name: str
    icon: str
    path: str
    scope: str
    def __init__(self, name: _Optional[str] = ..., icon: _Optional[str] = ..., path: _Optional[str] = ..., scope: _Optional[str] = ...) -> None: ...

class OperationDef(_message.Message):
    __slots__ = ("name", "description", "params_schema", "result_mime", "scope", "destructive", "required_permissions", "http")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PARAMS_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    RESULT_MIME_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    DESTRUCTIVE_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    HTTP_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    params_schema: _struct_pb2.Struct
    result_mime: str
    scope: str
    destructive: bool
    required_permissions: _containers.RepeatedScalarFieldContainer[str]
    http: _containers.RepeatedCompositeFieldContainer[HTTPBinding]
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., params_schema: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., result_mime: _Optional[str] = ..., scope: _Optional[str] = ..., destructive: _Optional[bool] = ..., required_permissions: _Optional[_Iterable[str]] = ..., http: _Optional[_Iterable[_Union[HTTPBinding, _Mapping]]] = ...) -> None: ...

class HTTPBinding(_message.Message):
    __slots__ = ("method",)
    METHOD_FIELD_NUMBER: _ClassVar[int]
    method: str
    def __init__(self, method: _Optional[str] = ...) -> None: ...

class ConfigureRequest(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: _struct_pb2.Struct
    def __init__(self, settings: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ConfigureResponse(_message.Message):
    __slots__ = ("warnings",)
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class OperationList(_message.Message):
    __slots__ = ("operations",)
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    operations: _containers.RepeatedCompositeFieldContainer[OperationDef]
    def __init__(self, operations: _Optional[_Iterable[_Union[OperationDef, _Mapping]]] = ...) -> None: ...

class HealthStatus(_message.Message):
    __slots__ = ("ok", "message")
    OK_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ok: bool
    message: str
    def __init__(self, ok: _Optional[bool] = ..., message: _Optional[str] = ...) -> None: ...

class InvokeRequest(_message.Message):
    __slots__ = ("operation", "params_json", "config_item_id", "caller", "deadline")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    CONFIG_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    operation: str
    params_json: bytes
    config_item_id: str
    caller: CallerContext
    deadline: _timestamp_pb2.Timestamp
    def __init__(self, operation: _Optional[str] = ..., params_json: _Optional[bytes] = ..., config_item_id: _Optional[str] = ..., caller: _Optional[_Union[CallerContext, _Mapping]] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CallerContext(_message.Message):
    __slots__ = ("user_id", "user_email", "permissions", "trace_id", "request_id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    USER_EMAIL_FIELD_NUMBER: _ClassVar[int]
    PERMISSIONS_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    user_email: str
    permissions: _containers.RepeatedScalarFieldContainer[str]
    trace_id: str
    request_id: str
    def __init__(self, user_id: _Optional[str] = ..., user_email: _Optional[str] = ..., permissions: _Optional[_Iterable[str]] = ..., trace_id: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class InvokeResponse(_message.Message):
    __slots__ = ("result", "mime", "error_message", "error_code", "logs")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    MIME_FIELD_NUMBER: _ClassVar[int]
    ERROR_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    LOGS_FIELD_NUMBER: _ClassVar[int]
    result: bytes
    mime: str
    error_message: str
    error_code: str
    logs: _containers.RepeatedCompositeFieldContainer[LogEntry]
    def __init__(self, result: _Optional[bytes] = ..., mime: _Optional[str] = ..., error_message: _Optional[str] = ..., error_code: _Optional[str] = ..., logs: _Optional[_Iterable[_Union[LogEntry, _Mapping]]] = ...) -> None: ...

class InvokePluginRequest(_message.Message):
    __slots__ = ("plugin", "operation", "params_json", "config_item_id", "deadline")
    PLUGIN_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    CONFIG_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    plugin: str
    operation: str
    params_json: bytes
    config_item_id: str
    deadline: _timestamp_pb2.Timestamp
    def __init__(self, plugin: _Optional[str] = ..., operation: _Optional[str] = ..., params_json: _Optional[bytes] = ..., config_item_id: _Optional[str] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetConfigItemRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class ConfigItem(_message.Message):
    __slots__ = ("id", "name", "type", "namespace", "agent_id", "properties", "config", "labels", "tags", "health", "status")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class TagsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    type: str
    namespace: str
    agent_id: str
    properties: _struct_pb2.Struct
    config: _struct_pb2.Struct
    labels: _containers.ScalarMap[str, str]
    tags: _containers.ScalarMap[str, str]
    health: str
    status: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., type: _Optional[str] = ..., namespace: _Optional[str] = ..., agent_id: _Optional[str] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., config: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., labels: _Optional[_Mapping[str, str]] = ..., tags: _Optional[_Mapping[str, str]] = ..., health: _Optional[str] = ..., status: _Optional[str] = ...) -> None: ...

class ConfigItemList(_message.Message):
    __slots__ = ("items", "next_cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ConfigItem]
    next_cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[ConfigItem, _Mapping]]] = ..., next_cursor: _Optional[str] = ...) -> None: ...

class ListConfigsRequest(_message.Message):
    __slots__ = ("selector_json", "limit", "cursor")
    SELECTOR_JSON_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    selector_json: str
    limit: int
    cursor: str
    def __init__(self, selector_json: _Optional[str] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ...) -> None: ...

class GetConnectionRequest(_message.Message):
    __slots__ = ("type", "config_item_id", "label", "connection_id")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CONFIG_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_ID_FIELD_NUMBER: _ClassVar[int]
    type: str
    config_item_id: str
    label: str
    connection_id: str
    def __init__(self, type: _Optional[str] = ..., config_item_id: _Optional[str] = ..., label: _Optional[str] = ..., connection_id: _Optional[str] = ...) -> None: ...

class ResolvedConnection(_message.Message):
    __slots__ = ("type", "url", "username", "password", "certificate", "token", "properties", "expires_at")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    type: str
    url: str
    username: str
    password: str
    certificate: str
    token: str
    properties: _struct_pb2.Struct
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, type: _Optional[str] = ..., url: _Optional[str] = ..., username: _Optional[str] = ..., password: _Optional[str] = ..., certificate: _Optional[str] = ..., token: _Optional[str] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class LogEntry(_message.Message):
    __slots__ = ("level", "message", "fields", "ts")
    class FieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    TS_FIELD_NUMBER: _ClassVar[int]
    level: str
    message: str
    fields: _containers.ScalarMap[str, str]
    ts: _timestamp_pb2.Timestamp
    def __init__(self, level: _Optional[str] = ..., message: _Optional[str] = ..., fields: _Optional[_Mapping[str, str]] = ..., ts: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Artifact(_message.Message):
    __slots__ = ("name", "content_type", "data", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    name: str
    content_type: str
    data: bytes
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, name: _Optional[str] = ..., content_type: _Optional[str] = ..., data: _Optional[bytes] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ArtifactRef(_message.Message):
    __slots__ = ("id", "url")
    ID_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    id: str
    url: str
    def __init__(self, id: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...
