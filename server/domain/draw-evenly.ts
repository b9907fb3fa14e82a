/** At most about `most` of a list, each group's share of it, evenly from each group in its order. All of a list that is short enough. */
export function drawEvenly<T>(list: readonly T[], most: number, groupOf: (each: T) => string | null): T[] {
  if (list.length <= most) return [...list];
  const step = list.length / most;
  return [...Map.groupBy(list, groupOf).values()].flatMap((group) => {
    const count = Math.max(1, Math.round(group.length / step));
    return Array.from({ length: count }, (_, at) => group[Math.floor((at * group.length) / count)] as T);
  });
}
