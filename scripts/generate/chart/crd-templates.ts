import {stringify} from 'yaml';
import {KINDS} from '../../../src/crds/kinds.ts';
import {crdManifest} from '../../../src/crds/manifest.ts';

const HEADER = '{{- /* Made from src/crds by `npm run generate`. Do not edit. */ -}}\n';

/** The kinds as templates: what lies in a chart's crds folder, Helm installs once and never upgrades. */
export const crdTemplates = (): [path: string, content: string][] =>
  KINDS.map(kind => {
    const manifest = crdManifest(kind);
    const yaml = stringify(manifest, {lineWidth: 120, aliasDuplicateObjects: false});
    const content = `${HEADER}{{- if .Values.crds.install }}\n${withOptions(literal(yaml))}{{- end }}\n`;
    return [`deploy/helm/templates/crds/${kind.plural}.yaml`, content];
  });

const LABELS = '  labels:\n';
const OPTIONS = `  {{- if .Values.crds.keep }}
  annotations: {helm.sh/resource-policy: keep}
  {{- end }}
${LABELS}    {{- with .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
`;

/** What the values say of a kind's own metadata. */
const withOptions = (yaml: string): string => yaml.replace(LABELS, () => OPTIONS);

/** Braces in a description are no template. */
const literal = (yaml: string): string => yaml.replaceAll('{{', '{{ "{{" }}');
