const PATHS = {
  overview: 'M2.5 3.5H7v9H2.5zM9.5 3.5h4V7h-4zM9.5 9.5h4v3h-4z',
  devices: 'M4.5 4.5h7v7h-7zM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14',
  models: 'M8 2l5.5 3L8 8 2.5 5zM2.5 8L8 11l5.5-3M2.5 11L8 14l5.5-3',
  rollouts: 'M2.5 12.5c2 0 2-2.5 4-2.5s2 2.5 4 2.5 2-2.5 3-2.5M2.5 8c2 0 2-2.5 4-2.5s2 2.5 4 2.5 2-2.5 3-2.5',
  telemetry: 'M1.5 8.500h2.750L6.250 3.500l3.250 9 2-4h3',
  alerts:
    'M8 2.5a3.75 3.75 0 0 0-3.75 3.750c0 3.500-1.500 4.500-1.500 5.250h10.500c0-.75-1.500-1.750-1.500-5.250A3.75 3.75 0 0 0 8 2.500zM6.75 13.500h2.500',
  enrollment:
    'M6.5 9.5a3.25 3.25 0 1 1 3.25-3.250c0 .5-.1.9-.3 1.300L13.5 11.6v1.9h-2v-1.500H10v-1.500L8.3 9.100a3.3 3.3 0 0 1-1.8.4zM5.7 5.700h0',
  settings: 'M2.5 5h6M11.5 5h2M10 3.5v3M2.5 11h2M7.5 11h6M6 9.5v3',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  moon: 'M12.8 9.6A5.3 5.3 0 0 1 6.4 3.2a5.3 5.3 0 1 0 6.4 6.400z',
  sun: 'M8 5.250a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.500zM8 1.750v1.250M8 13v1.250M1.75 8H3M13 8h1.250M3.6 3.600l.9.9M11.5 11.500l.9.9M12.4 3.600l-.9.9M4.5 11.500l-.9.9',
  display: 'M2.5 3.500h11v7.500h-11zM6 13.500h4M8 11v2.5',
  plus: 'M8 3.5v9M3.5 8h9',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  copy: 'M5.5 5.5h7v7h-7zM3.5 10.5v-7h7',
  check: 'M3.5 8.400l3 3 6-6.5',
  close: 'M4.5 4.500l7 7M11.5 4.500l-7 7',
  down: 'M4.5 6.500L8 10l3.5-3.5',
  left: 'M9.5 4.500L6 8l3.5 3.5',
  right: 'M6.5 4.500L10 8l-3.5 3.5',
  up: 'M8 12.500v-9M4.5 7L8 3.5 11.5 7',
  fall: 'M8 3.500v9M4.5 9L8 12.5 11.5 9',
  swap: 'M4 6h8.500L10 3.500M12 10H3.500L6 12.5',
  table: 'M2.5 3.500h11v9h-11zM2.5 6.500h11M6.5 6.500v6',
  columns: 'M2.5 3.500h11v9h-11zM6.2 3.500v9M9.8 3.500v9',
  pause: 'M6 3.500v9M10 3.500v9',
  play: 'M5 3.500l7 4.5-7 4.500z',
  back: 'M6 3.500L2.5 7 6 10.500M2.5 7H10a3 3 0 0 1 0 6H7',
  retry: 'M13 8a5 5 0 1 1-1.6-3.650M13 2.500v2.750h-2.75',
  warning: 'M8 2.500l6 10.500H2zM8 6.500v3M8 11.400h.01',
  link: 'M6 4H3.500v8.500H12V10M9 3.500h3.500V7M12.5 3.500L7.5 8.5',
  out: 'M6.5 3.500h-3v9h3M6.5 8h7M11 5.500L13.5 8 11 10.5',
} as const;

/** The names of our line icons. A status never uses one; it has its own shapes in `components/status`. */
export type IconName = keyof typeof PATHS;

/** A 16 px line icon, drawn in the colour of its text. Decoration only: the word beside it carries the meaning. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.2 : 1.35}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: 'none', display: 'block' }}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
