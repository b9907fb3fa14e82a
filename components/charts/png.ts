import { type Prepared, prepareChart } from './prepare/prepare.ts';
import { timeTicks } from './prepare/time-ticks.ts';
import { clockText } from './time-axis.tsx';
import type { ChartInput, Marker } from './types.ts';

/** One chart of a picture. */
export type PngChart = ChartInput & { title: string; note?: string };

/** A picture of charts under each other, in CSS pixels; drawn at twice as many. */
const WIDTH = 1200;
const PLOT = { left: 24, right: 72, top: 44, height: 180, gap: 36 };
const HEAD = 56;
const FOOT = 40;
const SCALE = 2;
const TICK_PX = 44;
const MAX_TIME_TICKS = 10;

type Ink = {
  text: string;
  quiet: string;
  grid: string;
  sheet: string;
  font: string;
  resolve: (color: string) => string;
};

/**
 * Draws charts into a PNG as the page shows them: the same numbers, scales, gaps and colours of the theme in use.
 * Rejects when the browser cannot make the picture.
 */
export async function chartsToPng(
  title: string,
  charts: readonly PngChart[],
  markers: readonly Marker[],
): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH * SCALE;
  canvas.height = (HEAD + charts.length * (PLOT.top + PLOT.height + PLOT.gap) + FOOT) * SCALE;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser cannot draw');
  const ink = themeInk();
  context.scale(SCALE, SCALE);
  context.fillStyle = ink.sheet;
  context.fillRect(0, 0, canvas.width, canvas.height);
  write(context, ink, title, PLOT.left, 34, { size: 18, weight: 600 });
  charts.forEach((chart, index) => {
    context.save();
    context.translate(0, HEAD + index * (PLOT.top + PLOT.height + PLOT.gap));
    drawChart(context, ink, chart, markers);
    context.restore();
  });
  return await new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))), 'image/png'),
  );
}

function drawChart(context: CanvasRenderingContext2D, ink: Ink, chart: PngChart, markers: readonly Marker[]): void {
  const prepared = prepareChart(chart, Math.round(PLOT.height / TICK_PX));
  const { scale } = prepared;
  const right = WIDTH - PLOT.right;
  const x = (t: number) => PLOT.left + ((t - chart.from) / (chart.to - chart.from)) * (right - PLOT.left);
  const y = (value: number) => PLOT.top + (1 - (value - scale.min) / (scale.max - scale.min)) * PLOT.height;
  drawLegend(context, ink, chart, prepared);
  for (const tick of scale.ticks) {
    rule(context, ink.grid, PLOT.left, y(tick), right, y(tick));
    write(context, ink, tick.toFixed(scale.digits), right + 8, y(tick) + 4, { color: ink.quiet });
  }
  const offsetMs = -new Date(chart.from).getTimezoneOffset() * 60_000;
  const times = timeTicks(chart.from, chart.to, MAX_TIME_TICKS, offsetMs);
  const stepMs = times.style === 'day' ? 86_400_000 : times.style === 'time' ? 60_000 : 1_000;
  for (const t of times.ticks) {
    rule(context, ink.grid, x(t), PLOT.top, x(t), PLOT.top + PLOT.height);
    write(context, ink, clockText(t, stepMs), x(t), PLOT.top + PLOT.height + 18, { color: ink.quiet, align: 'center' });
  }
  for (const { t } of markers.filter((marker) => marker.t >= chart.from && marker.t <= chart.to))
    rule(context, ink.quiet, x(t), PLOT.top, x(t), PLOT.top + PLOT.height);
  for (const line of prepared.lines) drawLine(context, ink, prepared, line, x, y);
}

function drawLegend(context: CanvasRenderingContext2D, ink: Ink, chart: PngChart, prepared: Prepared): void {
  const unit = [prepared.unit, chart.note].filter(Boolean).join(', ');
  let at = PLOT.left + write(context, ink, chart.title, PLOT.left, 26, { size: 14, weight: 600 }) + 8;
  at += write(context, ink, unit, at, 26, { color: ink.quiet }) + 24;
  for (const line of prepared.lines) {
    context.fillStyle = ink.resolve(line.color);
    context.fillRect(at, 18, 10, 10);
    const value = line.latest ? prepared.format(line.latest.value) : 'no data';
    at += 16 + write(context, ink, `${line.label}  ${value}`, at + 16, 27, {}) + 20;
  }
}

function drawLine(
  context: CanvasRenderingContext2D,
  ink: Ink,
  { rows }: Prepared,
  line: Prepared['lines'][number],
  x: (t: number) => number,
  y: (value: number) => number,
): void {
  context.strokeStyle = ink.resolve(line.color);
  context.fillStyle = context.strokeStyle;
  context.lineWidth = 1.6;
  context.beginPath();
  let isDown = false;
  rows.forEach((row, bucket) => {
    const value = line.at(bucket)?.value;
    if (value === undefined) isDown = false;
    else if (isDown) context.lineTo(x(row.t), y(value));
    else {
      context.moveTo(x(row.t), y(value));
      isDown = true;
    }
  });
  context.stroke();
  for (const { t, value } of line.lone) context.fillRect(x(t) - 2, y(value) - 2, 4, 4);
}

type Words = { size?: number; weight?: number; color?: string; align?: CanvasTextAlign };

/** Writes on a baseline; the width of what was written. */
function write(context: CanvasRenderingContext2D, ink: Ink, text: string, x: number, y: number, words: Words): number {
  context.font = `${words.weight ?? 400} ${words.size ?? 12}px ${ink.font}`;
  context.fillStyle = words.color ?? ink.text;
  context.textAlign = words.align ?? 'start';
  context.fillText(text, x, y);
  return context.measureText(text).width;
}

function rule(context: CanvasRenderingContext2D, color: string, x1: number, y1: number, x2: number, y2: number): void {
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** The theme's colours as a canvas takes them: without variables. */
function themeInk(): Ink {
  const probe = document.body.appendChild(document.createElement('span'));
  const resolve = (color: string) => {
    probe.style.color = color;
    return getComputedStyle(probe).color;
  };
  const known = new Map<string, string>();
  const colors = { text: 'var(--ink)', quiet: 'var(--ink-3)', grid: 'var(--grid)', sheet: 'var(--sheet)' };
  for (const color of [...Object.values(colors), ...Array.from({ length: 8 }, (_, at) => `var(--c${at + 1})`)])
    known.set(color, resolve(color));
  const { fontFamily: font } = getComputedStyle(document.body);
  probe.remove();
  const of = (color: string) => known.get(color) ?? color;
  return {
    text: of(colors.text),
    quiet: of(colors.quiet),
    grid: of(colors.grid),
    sheet: of(colors.sheet),
    font,
    resolve: of,
  };
}
