{{/* One namespace is one Mesos cluster, so names are the same in each; what lies outside of namespaces has the namespace in its name. */}}
{{- define "mesos.clusterName" -}}
mesos-agent-{{ .Release.Namespace }}
{{- end }}

{{- define "mesos.selector" -}}
app.kubernetes.io/name: mesos-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mesos.labels" -}}
{{ include "mesos.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: mesos
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "mesos.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Pod Security "restricted", and a root file system that nobody can write to. */}}
{{- define "mesos.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "mesos.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "mesos.pull" -}}
image: {{ include "mesos.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end }}

{{/* A flag's value as text: whole numbers come out of YAML as floats. */}}
{{- define "mesos.text" -}}
{{- if kindIs "slice" . -}}
{{ join "," . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{ printf "%.0f" . }}
{{- else -}}
{{ . }}
{{- end -}}
{{- end }}

{{/* [{name: a}, {name: b}] as "a,b". */}}
{{- define "mesos.names" -}}
{{- $names := list }}
{{- range . }}{{ $names = append $names .name }}{{ end }}
{{- join "," $names }}
{{- end }}

{{/* One file for each flag that is set. */}}
{{- define "mesos.flagFiles" -}}
{{- range $name, $value := . }}
{{- if not (kindIs "invalid" $value) }}
{{ $name }}: {{ include "mesos.text" $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the agents have to know as the master does. */}}
{{- define "mesos.sharedFlags" -}}
{{- $shared := dict }}
{{- range $name := list "agent_ping_timeout" "max_agent_ping_timeouts" }}
{{- $_ := set $shared $name (index $.Values.master.flags $name) }}
{{- end }}
{{- include "mesos.flagFiles" $shared }}
{{- end }}

{{/* Parts of a pod that are the same for both workloads. Takes (dict "root" $ "of" .Values.controller). */}}
{{- define "mesos.placement" -}}
{{- with .of.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
