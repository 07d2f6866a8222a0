/** Both APIs of the plugin UI contract, free of any framework: what a foreign page needs. */
export { invoke, stream, ready, type InvokeInit } from "./client/frame.ts";
export {
  createMissionControlPluginClient,
  type ClientMode,
  type ClientOptions,
  type PluginClient,
  type PluginInstance,
} from "./client/pluginClient.ts";
export { streamNdjson } from "./client/ndjson.ts";
export { callJson, callOperation } from "./client/operation.ts";
export { asOperationError, errorFromBody, isAbort, OperationError } from "./client/errors.ts";
export { parsePageLocation, type PageLocation, type Query } from "./client/location.ts";
export { openInShell, shellLook, connectShell, type ShellLook, type ShellState } from "./client/shell.ts";
