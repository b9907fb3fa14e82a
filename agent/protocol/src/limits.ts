/** Largest `desired` and `reported` payload. */
export const MAX_STATE_BYTES = 128 * 1024;

/** Largest `telemetry` payload. */
export const MAX_TELEMETRY_BYTES = 64 * 1024;

/** Largest payload of every other kind. */
export const MAX_MESSAGE_BYTES = 16 * 1024;

/** Windows in one telemetry message: about 1.5 KiB each, so a full message stays below {@link MAX_TELEMETRY_BYTES}. */
export const MAX_WINDOWS_PER_MESSAGE = 32;

/**
 * What one window counts of anything: more than any device does in the longest. Bounded, so that one device cannot make the sums of a fleet
 * more than the numbers of the database and of a page hold.
 */
export const MAX_COUNT_PER_WINDOW = 1e9;

/** Sums of errors have the unit of what a model answers, which may be as large as anything; sums of these are still finite. */
export const MAX_ERROR_SUM = 1e100;

/** Events in one message: a whole way through the phases, twice. The message keeps to {@link MAX_MESSAGE_BYTES} too. */
export const MAX_EVENTS_PER_MESSAGE = 16;

/** Slots that one device may serve. */
export const MAX_SLOTS = 16;

/** Files of one release: a model, its external data, labels, golden inputs. */
export const MAX_RELEASE_FILES = 256;

/** Containers that run beside the one of a release. */
export const MAX_COMPANIONS = 4;

/** Environment variables of one container. */
export const MAX_CONTAINER_ENV = 64;

/** An agent's package, packed or unpacked: several times what Node and ONNX Runtime take. */
export const MAX_AGENT_PACKAGE_BYTES = 1024 * 1024 * 1024;

/** Platforms that one version of the agent is built for. */
export const MAX_AGENT_PLATFORMS = 8;

/** Without an `ack` for this long, a device sends its spool again. */
export const RESEND_AFTER_MS = 30_000;

/** Messages that a device sends ahead of what the server has acknowledged. */
export const MAX_IN_FLIGHT = 50;

/** Default length of a telemetry window. */
export const DEFAULT_WINDOW_S = 15;

/** Reported state is sent at most this often, except when a phase changes. */
export const REPORT_MIN_INTERVAL_MS = 2_000;
