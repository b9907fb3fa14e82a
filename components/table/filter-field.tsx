'use client';

import { Combobox, useCombobox } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { type KeyboardEvent, useRef, useState } from 'react';
import { Icon } from '../ui/icon.tsx';
import classes from './filter-field.module.css';
import { type ActiveFilter, describeFilter, type FilterKey, readFilter, suggestFilters } from './filter-text.ts';

type FilterFieldProps = {
  /** The state of `useTableUrlState`, or the same parts of another. */
  state: {
    q: string;
    active: readonly ActiveFilter[];
    setQ: (q: string) => void;
    addFilter: (filter: ActiveFilter) => void;
    removeFilter: (filter: ActiveFilter) => void;
  };
  keys: readonly FilterKey[];
  /** "Type a name, or a filter such as update:rejected". */
  placeholder: string;
  /** Controls at the right of the field: a view switch. */
  end?: React.ReactNode;
};

/** One line to search and filter a list: `/` focuses it, `key:value` becomes a chip, Backspace takes the last chip back. */
export function FilterField({ state, keys, placeholder, end }: FilterFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(state.q);
  const [seen, setSeen] = useState(state.q);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  useHotkeys([['/', () => input.current?.focus()]]);

  // The address changed elsewhere (back, "clear filters"): the field follows.
  if (state.q !== seen) {
    setSeen(state.q);
    setText(state.q);
  }

  const suggestions = suggestFilters(text, keys);

  function type(next: string) {
    setText(next);
    // While it may still become a filter it is no search: the list would empty under the pointer.
    const word = next.toLowerCase();
    const mayBeFilter = word !== '' && keys.some(({ key }) => key.startsWith(word) || word.startsWith(`${key}:`));
    if (!mayBeFilter) search(next);
    combobox.openDropdown();
    combobox.resetSelectedOption();
  }

  function search(next: string) {
    setText(next);
    setSeen(next);
    state.setQ(next);
  }

  function apply(next: string) {
    const filter = readFilter(next, keys);
    if (filter) {
      state.addFilter(filter);
      search('');
    } else if (next.endsWith(':')) {
      return type(next);
    } else {
      search(next);
    }
    combobox.closeDropdown();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter' && combobox.getSelectedOptionIndex() === -1) apply(text);
    if (event.key === 'Escape' && !combobox.dropdownOpened) input.current?.blur();
    const last = state.active.at(-1);
    if (event.key === 'Backspace' && text === '' && last) state.removeFilter(last);
  }

  return (
    <div className={classes.line}>
      <Combobox store={combobox} onOptionSubmit={apply} width={280} position="bottom-start">
        <Combobox.Target>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: a click beside the chips means the field */}
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field itself takes the keys */}
          <div className={classes.field} onClick={() => input.current?.focus()}>
            <Icon name="search" size={15} />
            {state.active.map((filter) => (
              <Chip key={`${filter.key}=${filter.value}`} filter={filter} keys={keys} onRemove={state.removeFilter} />
            ))}
            <Combobox.EventsTarget>
              <input
                ref={input}
                className={classes.input}
                value={text}
                onChange={(event) => type(event.currentTarget.value)}
                onKeyDown={onKeyDown}
                onClick={() => combobox.openDropdown()}
                onBlur={() => combobox.closeDropdown()}
                placeholder={state.active.length > 0 ? 'Add a filter' : placeholder}
                aria-label="Search and filter"
                type="text"
                spellCheck={false}
                autoComplete="off"
              />
            </Combobox.EventsTarget>
            <kbd className={classes.key}>/</kbd>
          </div>
        </Combobox.Target>
        <Combobox.Dropdown hidden={suggestions.length === 0}>
          <Combobox.Options>
            {suggestions.map((each) => (
              <Combobox.Option key={each.text} value={each.text}>
                <span className={classes.option}>
                  <code>{each.text}</code>
                  <span className={classes.hint}>{each.hint}</span>
                </span>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {end}
    </div>
  );
}

type ChipProps = { filter: ActiveFilter; keys: readonly FilterKey[]; onRemove: (filter: ActiveFilter) => void };

function Chip({ filter, keys, onRemove }: ChipProps) {
  const { label, value } = describeFilter(filter, keys);
  return (
    <span className={classes.chip}>
      {label} is <b>{value}</b>
      <button type="button" aria-label={`Remove filter ${label} is ${value}`} onClick={() => onRemove(filter)}>
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}
