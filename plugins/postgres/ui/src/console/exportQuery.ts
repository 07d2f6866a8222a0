import { callOperation, parsePageLocation } from "@mission-control/plugin-ui";

export type ExportFormat = "csv" | "json" | "ndjson";

interface Ticket {
  ticket: string;
  fileName: string;
}

/** Have a statement's rows written to a file by the browser itself: a ticket for one download, then a link to it. */
export async function exportQuery(statement: string, database: string, format: ExportFormat): Promise<void> {
  const ticket = await callOperation<Ticket>("query-export-ticket", { statement, format, ...(database ? { database } : {}) });
  const { base, plugin, itemId } = parsePageLocation(window.location);
  const query = new URLSearchParams({ config_id: itemId, ticket: ticket.ticket });
  const link = document.createElement("a");
  link.href = `${base}/api/plugins/${encodeURIComponent(plugin)}/proxy/query-export?${query}`;
  link.download = ticket.fileName;
  link.click();
}
