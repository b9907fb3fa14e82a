/** What a column of an exported table holds; an empty cell is null. */
export type ColumnType = 'time' | 'text' | 'number' | 'flag';
export type Cell = Date | string | number | boolean | null;

/** A table that is made while it is read: rows have a cell for each column, in order. */
export type Table = { columns: readonly { name: string; type: ColumnType }[]; rows: AsyncIterable<readonly Cell[]> };
