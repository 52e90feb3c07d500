import type {ComponentChildren} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import {Problem} from './dialog.tsx';
import type {Live} from './live.ts';

export type Tab = {readonly title: string; readonly href: string; readonly current: boolean; readonly badge?: number};

/** What every page of a UI has around it. */
export function Frame({
  brand,
  about,
  tabs,
  children,
  aside,
}: {
  readonly brand: string;
  readonly about?: string;
  readonly tabs: readonly Tab[];
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
}) {
  return (
    <>
      <a class="skip" href="#main" onClick={toMain}>
        To the content
      </a>
      <header class="top">
        <a class="brand" href="#/">
          {brand} <small>{about}</small>
        </a>
        <nav aria-label="Pages">
          {tabs.map(({title, href, current, badge}) => (
            <a key={title} href={href} aria-current={current ? 'page' : undefined}>
              {title}
              {badge === undefined || badge === 0 ? null : <span class="badge">{badge}</span>}
            </a>
          ))}
        </nav>
        <div class="aside">
          {aside}
          <Theme />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

/** The hash is the place, so a link to a heading would leave the page. */
function toMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

const THEMES = {auto: 'As the system', light: 'Light', dark: 'Dark'} as const;
type ThemeName = keyof typeof THEMES;

function Theme() {
  const [theme, setTheme] = useState<ThemeName>(() => (localStorage.getItem('theme') as ThemeName | null) ?? 'auto');
  useEffect(() => {
    localStorage.setItem('theme', theme);
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return (
    <select aria-label="Colours" value={theme} onChange={event => setTheme(event.currentTarget.value as ThemeName)}>
      {Object.entries(THEMES).map(([name, title]) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </select>
  );
}

/** What a path of the API says, or that it is being asked, or why there is none. */
export function Loaded<T>({
  live,
  children,
}: {
  readonly live: Live<T>;
  readonly children: (data: T) => ComponentChildren;
}) {
  return (
    <>
      {live.error === undefined ? null : (
        <Problem text={`${live.error}. ${live.data === undefined ? 'Trying again.' : 'What you see is older.'}`} />
      )}
      {live.data === undefined ? live.error === undefined && <p class="empty">Loading…</p> : children(live.data)}
    </>
  );
}

/** Names with what they mean, in the order given. Rows without a value are left out. */
export function Facts({rows}: {readonly rows: readonly (readonly [string, ComponentChildren])[]}) {
  return (
    <dl class="facts">
      {rows
        .filter(([, value]) => value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export function Crumbs({
  steps,
}: {
  readonly steps: readonly {readonly title: string; readonly href?: string | undefined}[];
}) {
  return (
    <nav class="crumbs" aria-label="Where you are">
      {steps.map(({title, href}) =>
        href === undefined ? (
          <span key={title} aria-current="page">
            {title}
          </span>
        ) : (
          <a key={title} href={href}>
            {title}
          </a>
        ),
      )}
    </nav>
  );
}
