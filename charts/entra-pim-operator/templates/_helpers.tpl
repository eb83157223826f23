{{- /* Name of the chart, or what replaces it. */ -}}
{{- define "entra-pim-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* Beginning of the names of all objects. Leaves room for "-admin" and the like. */ -}}
{{- define "entra-pim-operator.fullname" -}}
{{- $name := include "entra-pim-operator.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 54 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 54 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 54 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- /* Labels that find the pods; they never change. */ -}}
{{- define "entra-pim-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "entra-pim-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Labels of every object. */ -}}
{{- define "entra-pim-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "entra-pim-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: controller
app.kubernetes.io/part-of: entra-pim-operator
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "entra-pim-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "entra-pim-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "entra-pim-operator.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- /* The kinds that live in namespaces, which users of a namespace may see and change. */ -}}
{{- define "entra-pim-operator.namespacedKinds" -}}
[privilegedgroups, rolebindings, eligibleassignments, activeassignments]
{{- end }}
