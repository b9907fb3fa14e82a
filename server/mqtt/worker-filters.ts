import { serverSubscriptions, topicOf } from '@flotilla/protocol';

/** Members of one group get each message once between them. */
const GROUP = '$share/flotilla/';

const TELEMETRY = topicOf('+', 'telemetry');

/**
 * What every worker hears, sharing or not: the broker keeps it, gives it to who subscribes anew, and a shared subscription would get
 * none of that. It is what a device is now, in no spool, so a message that went down with a worker must have reached another.
 */
const heardByAll: readonly string[] = [topicOf('+', 'session'), topicOf('+', 'reported')];

/** All but telemetry: little, and to be handled first. */
export function statusFilters(isSharing: boolean): string[] {
  const filters = serverSubscriptions().filter((filter) => filter !== TELEMETRY);
  return filters.map((filter) => (isSharing && !heardByAll.includes(filter) ? GROUP + filter : filter));
}

/** Telemetry, which has a connection of its own: holding it back holds nothing else back. */
export function telemetryFilters(isSharing: boolean): string[] {
  return [(isSharing ? GROUP : '') + TELEMETRY];
}
