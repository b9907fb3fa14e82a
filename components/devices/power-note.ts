/** Where power numbers come from, in words: a sensor by its name, an estimate as what it is; null when nothing is known. */
export function powerNote(sources: readonly string[]): string | null {
  if (sources.length === 0) return null;
  const sensors = sources.filter((source) => source !== 'estimate');
  if (sensors.length === 0) return 'an estimate';
  return `by ${sensors.join(', ')}${sensors.length < sources.length ? ' and estimates' : ''}`;
}
