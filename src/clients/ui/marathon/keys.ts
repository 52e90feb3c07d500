import {useEffect} from 'preact/hooks';

/** Calls `pressed` with the keys outside of fields and dialogs: `c`, `C`, `g a`. */
export function useKeys(pressed: (keys: string) => void): void {
  useEffect(() => {
    let first = '';
    const down = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const keys = first === 'g' ? `g ${event.key}` : event.key;
      first = first === '' && event.key === 'g' ? 'g' : '';
      if (keys === 's') event.preventDefault();
      pressed(keys);
    };
    addEventListener('keydown', down);
    return () => removeEventListener('keydown', down);
  }, [pressed]);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.closest('input, textarea, select, dialog') !== null || document.querySelector('dialog[open]') !== null);
