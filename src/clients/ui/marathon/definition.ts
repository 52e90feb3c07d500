import {fieldOf} from '../shared/api.ts';

/** An app as it is written. Fields that the form does not know stay as they are. */
export type Definition = Readonly<Record<string, unknown>>;

/** A copy with one field set; `undefined` and empty texts leave it out. @param path as in `container.docker.image` */
export function withField(definition: Definition, path: string, value: unknown): Definition {
  const [name = '', ...rest] = path.split('.');
  const empty = value === undefined || value === '';
  const {[name]: old, ...others} = definition;
  if (rest.length === 0) return empty ? others : {...definition, [name]: value};
  const inner = withField(typeof old === 'object' && old !== null ? (old as Definition) : {}, rest.join('.'), value);
  return Object.keys(inner).length === 0 ? others : {...definition, [name]: inner};
}

/** @returns the value at a path, undefined when there is none */
export const at = (definition: Definition, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => fieldOf(value, name), definition);
