import {stringify} from 'yaml';
import {KINDS} from '../../src/crds/kinds.ts';
import {crdManifest} from '../../src/crds/manifest.ts';

const HEADER = '# Made from src/crds by `npm run generate`. Do not edit.\n';

/** deploy/crds: one CustomResourceDefinition a file. */
export const crdFiles = (): [path: string, content: string][] =>
  KINDS.map(kind => [
    `deploy/crds/${kind.plural}.${kind.group}.yaml`,
    HEADER + stringify(crdManifest(kind), {lineWidth: 120, aliasDuplicateObjects: false}),
  ]);
