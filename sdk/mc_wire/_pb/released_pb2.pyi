import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from . import documented_pb2 as _documented_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PluginManifest(_message.Message):
    __slots__ = ("name", "version", "description", "protocol_version", "capabilities", "operations", "ui_port", "tabs", "roles")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    UI_PORT_FIELD_NUMBER: _ClassVar[int]
    TABS_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    description: str
    protocol_version: int
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    operations: _containers.RepeatedCompositeFieldContainer[_documented_pb2.OperationDef]
    ui_port: int
    tabs: _containers.RepeatedCompositeFieldContainer[_documented_pb2.TabSpec]
    roles: _containers.RepeatedCompositeFieldContainer[_documented_pb2.PluginRole]
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., description: _Optional[str] = ..., protocol_version: _Optional[int] = ..., capabilities: _Optional[_Iterable[str]] = ..., operations: _Optional[_Iterable[_Union[_documented_pb2.OperationDef, _Mapping]]] = ..., ui_port: _Optional[int] = ..., tabs: _Optional[_Iterable[_Union[_documented_pb2.TabSpec, _Mapping]]] = ..., roles: _Optional[_Iterable[_Union[_documented_pb2.PluginRole, _Mapping]]] = ...) -> None: ...

class InvokeRequest(_message.Message):
    __slots__ = ("operation", "params_json", "config_item_id", "deadline")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    CONFIG_ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    operation: str
    params_json: bytes
    config_item_id: str
    deadline: _timestamp_pb2.Timestamp
    def __init__(self, operation: _Optional[str] = ..., params_json: _Optional[bytes] = ..., config_item_id: _Optional[str] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListConfigsRequest(_message.Message):
    __slots__ = ("selector", "limit", "cursor")
    SELECTOR_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    selector: ResourceSelector
    limit: int
    cursor: str
    def __init__(self, selector: _Optional[_Union[ResourceSelector, _Mapping]] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ...) -> None: ...

class ResourceSelector(_message.Message):
    __slots__ = ("agent", "scope", "cache", "search", "limit", "include_deleted", "id", "name", "namespace", "tag_selector", "label_selector", "field_selector", "health", "types", "statuses")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    CACHE_FIELD_NUMBER: _ClassVar[int]
    SEARCH_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_DELETED_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    TAG_SELECTOR_FIELD_NUMBER: _ClassVar[int]
    LABEL_SELECTOR_FIELD_NUMBER: _ClassVar[int]
    FIELD_SELECTOR_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    agent: str
    scope: str
    cache: str
    search: str
    limit: int
    include_deleted: bool
    id: str
    name: str
    namespace: str
    tag_selector: str
    label_selector: str
    field_selector: str
    health: str
    types: _containers.RepeatedScalarFieldContainer[str]
    statuses: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, agent: _Optional[str] = ..., scope: _Optional[str] = ..., cache: _Optional[str] = ..., search: _Optional[str] = ..., limit: _Optional[int] = ..., include_deleted: _Optional[bool] = ..., id: _Optional[str] = ..., name: _Optional[str] = ..., namespace: _Optional[str] = ..., tag_selector: _Optional[str] = ..., label_selector: _Optional[str] = ..., field_selector: _Optional[str] = ..., health: _Optional[str] = ..., types: _Optional[_Iterable[str]] = ..., statuses: _Optional[_Iterable[str]] = ...) -> None: ...

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
