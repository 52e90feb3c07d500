{{/* One namespace is one Mesos cluster, so names are the same in each; what lies outside of namespaces has the namespace in its name. */}}
{{- define "mesos.clusterName" -}}
mesos-agent-{{ .Release.Namespace }}
{{- end }}

{{/* What lies outside of namespaces goes with the namespace, where it can be asked for its uid (not by helm template, nor before --create-namespace made it). */}}
{{- define "mesos.ownedByNamespace" -}}
{{- with (lookup "v1" "Namespace" "" .Release.Namespace).metadata -}}
ownerReferences:
  - {apiVersion: v1, kind: Namespace, name: {{ .name | quote }}, uid: {{ .uid | quote }}}
{{- end }}
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
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* An image behind the registry of all images, if there is one. Takes (dict "root" $ "image" "busybox"). */}}
{{- define "mesos.inRegistry" -}}
{{- with .root.Values.image.registry }}{{ . }}/{{ end }}{{ .image -}}
{{- end }}

{{- define "mesos.image" -}}
{{- $image := .Values.image -}}
{{- $version := printf ":%s" ($image.tag | default .Chart.AppVersion) -}}
{{- with $image.digest }}{{ $version = printf "@%s" . }}{{ end -}}
{{ include "mesos.inRegistry" (dict "root" . "image" (print $image.repository $version)) }}
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

{{- define "mesos.extraArgs" -}}
{{- range .extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{/* What every pod of the chart has. Takes (dict "root" $ "of" .Values.controller). */}}
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

{{- define "mesos.ipFamilies" -}}
{{- with .Values.service.ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with .Values.service.ipFamilies }}
ipFamilies:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Where an alert is explained. Takes (list $ "NameOfTheAlert"). */}}
{{- define "mesos.runbook" -}}
{{- $root := index . 0 }}
{{- $url := $root.Values.metrics.prometheusRule.runbookUrl }}
{{- if kindIs "invalid" $url }}{{ $url = printf "%s/docs/how-to/alerts.md" $root.Chart.Home }}{{ end }}
{{- with $url -}}
runbook_url: {{ printf "%s#%s" . (index $ 1 | lower) | quote }}
{{- end }}
{{- end }}

{{/* One scrape. Takes (dict "of" .Values.metrics.podMonitor "port" "master" "path" "/metrics"). */}}
{{- define "mesos.scrape" -}}
- port: {{ .port }}
  path: {{ .path }}
  interval: {{ .of.interval }}
  {{- with .of.relabelings }}
  relabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .of.metricRelabelings }}
  metricRelabelings:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Where pods of the chart may connect to: everywhere, or where they must and where somebody says. */}}
{{- define "mesos.egress" -}}
{{- if kindIs "invalid" .Values.networkPolicy.egress -}}
policyTypes: [Ingress]
{{- else -}}
policyTypes: [Ingress, Egress]
egress:
  # DNS.
  - ports:
      - {port: 53, protocol: UDP}
      - {port: 53, protocol: TCP}
  # The API server: its Service, and what is behind it.
  - ports:
      - {port: 443, protocol: TCP}
      {{- if ne (int .Values.networkPolicy.apiServerPort) 443 }}
      - {port: {{ .Values.networkPolicy.apiServerPort }}, protocol: TCP}
      {{- end }}
  - to:
      - podSelector:
          matchLabels:
            {{- include "mesos.selector" . | nindent 12 }}
  {{- with .Values.networkPolicy.egress }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}
