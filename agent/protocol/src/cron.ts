/** A pattern of five fields, taken apart. `isFixed`: one time of day was meant, and not every so many minutes. */
export type Cron = {
  minutes: number[];
  hours: number[];
  isDay: (year: number, month: number, day: number) => boolean;
  isFixed: boolean;
};

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const DAYS = 'sun mon tue wed thu fri sat'.split(' ');

/**
 * Reads lists, ranges, steps and names of months and days; 7 is Sunday too. A day must match both day fields, but where both are
 * restricted one is enough, as in every cron. @throws Error naming the field that is not understood.
 */
export function parseCron(pattern: string): Cron {
  const fields = pattern.trim().toLowerCase().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (fields.length !== 5) throw new Error(`"${pattern}" does not have five fields`);
  const days = valuesOf(day, 1, 31);
  const months = valuesOf(month, 1, 12, MONTHS, 1);
  const weekdays = new Set(valuesOf(weekday, 0, 7, DAYS).map((each) => each % 7));
  const isEveryDay = day === '*' || day === '?';
  const isEveryWeekday = weekday === '*' || weekday === '?';
  return {
    minutes: valuesOf(minute, 0, 59),
    hours: valuesOf(hour, 0, 23),
    isDay: (year, inMonth, ofMonth) => {
      if (!months.includes(inMonth)) return false;
      const isDate = days.includes(ofMonth);
      const isWeekday = weekdays.has(new Date(Date.UTC(year, inMonth - 1, ofMonth)).getUTCDay());
      return isEveryDay || isEveryWeekday ? isDate && isWeekday : isDate || isWeekday;
    },
    isFixed: !`${minute} ${hour}`.includes('*'),
  };
}

function valuesOf(field: string, lowest: number, highest: number, names: string[] = [], firstName = 0): number[] {
  const found = new Set<number>();
  const fail = () => new Error(`"${field}" is not understood`);
  const numberOf = (text: string): number => {
    const named = names.indexOf(text);
    const value = named >= 0 ? named + firstName : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= lowest && value <= highest)) throw fail();
    return value;
  };
  for (const part of field.split(',')) {
    const [range = '', step = '1', ...more] = part.split('/');
    const [first = '', last, ...rest] = range.split('-');
    const isAll = range === '*' || range === '?';
    const from = isAll ? lowest : numberOf(first);
    const to = isAll || (last === undefined && part.includes('/')) ? highest : numberOf(last ?? first);
    const by = /^[1-9]\d?$/.test(step) ? Number(step) : Number.NaN;
    if (more.length > 0 || rest.length > 0 || to < from || Number.isNaN(by)) throw fail();
    for (let value = from; value <= to; value += by) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}
