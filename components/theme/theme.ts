import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';
import controls from './controls.module.css';

/** Ten shades of one token family, light to dark, as Mantine wants them. */
function shades(name: string): MantineColorsTuple {
  const shade = (n: number) => `var(--${name}-${n})`;
  return [shade(0), shade(1), shade(2), shade(3), shade(4), shade(5), shade(6), shade(7), shade(8), shade(9)];
}

const greys = shades('grey');
const darks = [...greys].reverse() as unknown as MantineColorsTuple;

/** Our tokens in Mantine's words. A component's look is changed here, never on a page. */
export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: { light: 6, dark: 5 },
  colors: { iris: shades('iris'), gray: greys, dark: darks },
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: 'var(--t-11)', sm: 'var(--t-12)', md: 'var(--t-13)', lg: 'var(--t-15)', xl: 'var(--t-20)' },
  lineHeights: { xs: '1.2', sm: '1.4', md: '1.45', lg: '1.5', xl: '1.3' },
  headings: { fontWeight: '600', sizes: { h1: { fontSize: 'var(--t-20)' }, h2: { fontSize: 'var(--t-13)' } } },
  spacing: { xs: 'var(--s-1)', sm: 'var(--s-2)', md: 'var(--s-3)', lg: 'var(--s-4)', xl: 'var(--s-6)' },
  radius: { xs: 'var(--r-xs)', sm: 'var(--r-sm)', md: 'var(--r-md)', lg: 'var(--r-lg)', xl: 'var(--r-xl)' },
  shadows: { sm: 'var(--shadow-pop)', md: 'var(--shadow-float)' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { variant: 'default' }, classNames: { root: controls.button, section: controls.section } },
    ActionIcon: { defaultProps: { variant: 'quiet' }, classNames: { root: controls.icon } },
    Input: { classNames: { wrapper: controls.field, input: controls.input } },
    InputWrapper: {
      classNames: { label: controls.label, description: controls.description, error: controls.error },
    },
    Checkbox: {
      classNames: {
        root: controls.checkbox,
        input: controls.box,
        label: controls.checkLabel,
        description: controls.checkNote,
      },
    },
    Pill: { classNames: { root: controls.pill } },
    PillsInputField: { classNames: { field: controls.pillField } },
    SegmentedControl: {
      classNames: {
        root: controls.segments,
        control: controls.segmentRoom,
        indicator: controls.segmentOn,
        label: controls.segment,
      },
    },
    Switch: { classNames: { track: controls.track } },
    Badge: { defaultProps: { variant: 'outline' }, styles: { root: { textTransform: 'none', fontWeight: 500 } } },
    Paper: { defaultProps: { shadow: 'none', radius: 0 } },
    Tooltip: {
      defaultProps: { openDelay: 250, transitionProps: { duration: 100 }, multiline: true, maw: 320 },
      classNames: { tooltip: controls.tooltip },
    },
    Menu: {
      defaultProps: { transitionProps: { duration: 100 }, position: 'bottom-end', offset: 4 },
      classNames: { dropdown: controls.pop, item: controls.menuItem, label: controls.menuLabel },
    },
    Combobox: { classNames: { dropdown: controls.pop, option: controls.menuItem } },
    Popover: { defaultProps: { transitionProps: { duration: 100 } }, classNames: { dropdown: controls.pop } },
    Tabs: { classNames: { list: controls.tabs, tab: controls.tab, tabLabel: controls.tabLabel } },
    Modal: {
      defaultProps: {
        transitionProps: { duration: 120 },
        overlayProps: { blur: 0, backgroundOpacity: 0.3 },
        centered: true,
      },
      classNames: {
        content: controls.modal,
        header: controls.modalHead,
        title: controls.modalTitle,
        body: controls.modalBody,
      },
    },
    Drawer: { defaultProps: { transitionProps: { duration: 120 }, overlayProps: { blur: 0, backgroundOpacity: 0.3 } } },
    Notification: { classNames: { root: controls.note, title: controls.noteTitle, description: controls.noteText } },
  },
});

/** Mantine's own variables, pointed at our tokens; they already carry light and dark. */
export const cssVariables: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--sheet)',
    '--mantine-color-text': 'var(--ink-2)',
    '--mantine-color-bright': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-3)',
    '--mantine-color-placeholder': 'var(--ink-3)',
    '--mantine-color-default': 'var(--sheet)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-color': 'var(--ink)',
    '--mantine-color-default-border': 'var(--edge)',
    '--mantine-color-error': 'var(--critical-ink)',
    '--mantine-color-anchor': 'var(--accent-ink)',
    '--mantine-primary-color-filled': 'var(--accent)',
    '--mantine-primary-color-contrast': 'var(--on-accent)',
    '--mantine-color-disabled': 'var(--sunken)',
    '--mantine-color-disabled-color': 'var(--ink-3)',
    '--mantine-color-disabled-border': 'var(--line)',
  };
  return { variables: {}, light: both, dark: both };
};
