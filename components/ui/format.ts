/** Shown where nothing was measured. Never a zero. */
export const ABSENT = 'no data';

/** Binds a number to its unit, so that a line never breaks between them. */
export const NBSP = '\u00a0';

const MINUS = '−';
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Units as callers hold them. `ratio` is 0…1 and reads as a percentage; `share` is 0…1 and stays a fraction. */
export type Unit =
  | 'ms'
  | 's'
  | 'J'
  | 'mJ'
  | 'W'
  | '%'
  | 'ratio'
  | 'share'
  | 'pt'
  | '°C'
  | 'bytes'
  | 'bytes/s'
  | 'count'
  | '/s'
  | 'Hz'
  | 'V'
  | 'A';

/** A formatted value in two parts, so that the unit can stand small and grey beside its number. */
export type QuantityParts = { number: string; unit: string };

type FormatOptions = {
  /** Fixed decimals, for columns that must line up. Without it: three significant digits. */
  digits?: number | undefined;
  /** Writes a plus before a gain. */
  signed?: boolean | undefined;
};

type Scaled = { factor: number; unit: string };

/** Decimal prefixes (kB, MB, GB), as disks, links and model files are sold; chosen once, for every page. */
const BYTE_STEPS: readonly Scaled[] = [
  { factor: 1e-12, unit: 'TB' },
  { factor: 1e-9, unit: 'GB' },
  { factor: 1e-6, unit: 'MB' },
  { factor: 1e-3, unit: 'kB' },
];

function byteScale(size: number): Scaled {
  return BYTE_STEPS.find((step) => size * step.factor >= 1) ?? { factor: 1, unit: 'B' };
}

/** The unit a value of this size is shown in: 0.0184 J reads as 18.4 mJ, 24 600 000 bytes as 24.6 MB. */
export function scaleFor(size: number, unit: Unit): Scaled {
  switch (unit) {
    case 'ms':
      return size >= 10 * SECOND_MS ? { factor: 1 / SECOND_MS, unit: 's' } : { factor: 1, unit: 'ms' };
    case 'J':
      return size > 0 && size < 1 ? { factor: 1000, unit: 'mJ' } : { factor: 1, unit: 'J' };
    case 'mJ':
      return size >= 1000 ? { factor: 1 / 1000, unit: 'J' } : { factor: 1, unit: 'mJ' };
    case 'W':
      return size > 0 && size < 1 ? { factor: 1000, unit: 'mW' } : { factor: 1, unit: 'W' };
    case 'ratio':
      return { factor: 100, unit: '%' };
    case 'bytes':
      return byteScale(size);
    case 'bytes/s': {
      const scale = byteScale(size);
      return { factor: scale.factor, unit: `${scale.unit}/s` };
    }
    case 'count':
    case 'share':
      return { factor: 1, unit: '' };
    default:
      return { factor: 1, unit };
  }
}

function significantDigits(value: number, unit: Unit): number {
  const size = Math.abs(value);
  if (unit === 'count' || size >= 100 || (unit === '°C' && size >= 10)) return 0;
  if (size >= 10) return 1;
  if (size >= 1) return 2;
  return size === 0 ? 0 : 3;
}

/** Digits grouped by thousands, with a true minus: −1,642.0. */
export function formatNumber(value: number, digits: number, signed = false): string {
  const size = Math.abs(value).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const isZero = !/[1-9]/.test(size);
  if (isZero) return signed ? `±${size}` : size;
  if (value < 0) return `${MINUS}${size}`;
  return signed ? `+${size}` : size;
}

/** Number and unit apart; null when nothing was measured. */
export function quantityParts(
  value: number | null | undefined,
  unit: Unit,
  options: FormatOptions = {},
): QuantityParts | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  const scale = scaleFor(Math.abs(value), unit);
  const shown = value * scale.factor;
  const isWhole = (unit === 'bytes' && scale.unit === 'B') || unit === 'count';
  const digits = options.digits ?? (isWhole ? 0 : significantDigits(shown, unit));
  return { number: formatNumber(shown, digits, options.signed), unit: scale.unit };
}

/** The one formatter: "11.9 ms", "18.4 mJ", "24.6 MB", "43,200"; absent reads "no data". */
export function formatQuantity(value: number | null | undefined, unit: Unit, options: FormatOptions = {}): string {
  const parts = quantityParts(value, unit, options);
  if (parts === null) return ABSENT;
  return parts.unit === '' ? parts.number : `${parts.number}${NBSP}${parts.unit}`;
}

/** A whole number with thousands grouped. */
export function formatCount(value: number | null | undefined): string {
  return formatQuantity(value, 'count');
}

/** "1 device", "3 devices". Irregular words give their own plural. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)}${NBSP}${count === 1 ? one : many}`;
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  const head = `${big}${NBSP}${bigUnit}`;
  return small === 0 ? head : `${head}${NBSP}${small}${NBSP}${smallUnit}`;
}

/** Milliseconds as a length of time: "420 ms", "6 s", "4 min 42 s", "1 h 12 m", "5 d 3 h". */
export function formatDuration(durationMs: number | null | undefined): string {
  if (durationMs === null || durationMs === undefined || !Number.isFinite(durationMs)) return ABSENT;
  const ms = Math.max(0, Math.round(durationMs));
  if (ms > 0 && ms < SECOND_MS) return `${ms}${NBSP}ms`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)}${NBSP}s`;
  if (ms < HOUR_MS) return pair(Math.floor(ms / MINUTE_MS), 'min', Math.floor((ms % MINUTE_MS) / SECOND_MS), 's');
  if (ms < DAY_MS) return pair(Math.floor(ms / HOUR_MS), 'h', Math.floor((ms % HOUR_MS) / MINUTE_MS), 'm');
  return pair(Math.floor(ms / DAY_MS), 'd', Math.floor((ms % DAY_MS) / HOUR_MS), 'h');
}

/** From here on minutes no longer matter to an age. */
const WHOLE_HOURS_MS = 10 * HOUR_MS;

/** How long ago, as coarse as it may be: "6 s", "58 min", "1 h 17 m", "14 h", "5 d". A clock that runs ahead reads "0 s". */
export function formatAge(atMs: number, nowMs: number): string {
  const ms = Math.max(0, nowMs - atMs);
  if (ms < SECOND_MS) return `0${NBSP}s`;
  if (ms >= DAY_MS) return `${Math.floor(ms / DAY_MS)}${NBSP}d`;
  if (ms >= WHOLE_HOURS_MS) return `${Math.floor(ms / HOUR_MS)}${NBSP}h`;
  if (ms >= MINUTE_MS && ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}${NBSP}min`;
  return formatDuration(ms);
}

/** Keeps both ends of a digest or an id: "9f3a…d07e". Text short enough stays whole. */
export function middleTruncate(text: string, head: number, tail: number): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;
}
