{{- define "crossdesk.labels" -}}
app.kubernetes.io/name: crossdesk
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "crossdesk.fullname" -}}
{{ printf "%s-%s" .root.Release.Name .name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "crossdesk.image" -}}
{{- with .Values.image.digest }}
{{- printf "%s@%s" $.Values.image.repository . }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (toString .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* The six services by name, with port and replicas. */}}
{{- define "crossdesk.services" -}}
gateway: { port: 4000, replicas: {{ .Values.gateway.replicas }} }
ingest: { port: 4001, replicas: {{ .Values.ingest.replicas }} }
{{- range $name, $subgraph := .Values.subgraphs }}
{{ $name }}: { port: 4010, replicas: {{ $subgraph.replicas }} }
{{- end }}
{{- end }}

{{- define "crossdesk.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "crossdesk.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* Only for the setup job: the master secret, and the one before while it is being changed. */}}
{{- define "crossdesk.masterEnv" -}}
- name: CROSSDESK_SECRET
  valueFrom: { secretKeyRef: { name: {{ .Values.secret.name | quote }}, key: {{ .Values.secret.masterKey | quote }} } }
{{- if .Values.secret.isChanging }}
- name: CROSSDESK_SECRET_PREVIOUS
  valueFrom: { secretKeyRef: { name: {{ .Values.secret.name | quote }}, key: {{ .Values.secret.previousMasterKey | quote }} } }
{{- end }}
{{- end }}

{{/* The keys of one process, and of no other. */}}
{{- define "crossdesk.keysEnv" -}}
- name: CROSSDESK_KEYS
  valueFrom: { secretKeyRef: { name: {{ printf "%s%s" .root.Values.secret.keysPrefix .name | quote }}, key: keys } }
{{- end }}

{{- define "crossdesk.kafkaEnv" -}}
- { name: KAFKA_BROKERS, value: {{ required "kafka.brokers is empty" .Values.kafka.brokers | quote }} }
- { name: KAFKA_TOPIC_PREFIX, value: {{ .Values.kafka.topicPrefix | quote }} }
- { name: KAFKA_SSL, value: {{ .Values.kafka.ssl | quote }} }
{{- with .Values.kafka.sasl }}
{{- if .mechanism }}
- { name: KAFKA_SASL_MECHANISM, value: {{ .mechanism | quote }} }
- { name: KAFKA_SASL_USERNAME, value: {{ .username | quote }} }
- name: KAFKA_SASL_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ required "kafka.sasl.secretName is empty" .secretName | quote }}, key: {{ .secretKey | quote }} } }
{{- end }}
{{- end }}
{{- end }}

{{- define "crossdesk.commonEnv" -}}
- { name: DATABASE_URL, value: {{ .Values.postgres.url | quote }} }
- { name: LOG_LEVEL, value: {{ .Values.logLevel | quote }} }
- { name: HEALTH_PORT, value: "4003" }
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ .Values.tracing.endpoint | quote }} }
- { name: OTEL_TRACES_SAMPLER_ARG, value: {{ .Values.tracing.sampledShare | quote }} }
{{ include "crossdesk.kafkaEnv" . }}
{{- end }}

{{/* Further variables of a service. */}}
{{- define "crossdesk.env.subgraph" -}}
- { name: OUTBOX_KEPT_MONTHS, value: {{ .Values.outboxKeptMonths | quote }} }
- { name: HOST, value: 0.0.0.0 }
- { name: HTTP_PORT, value: "4010" }
{{- end }}

{{- define "crossdesk.env.ingest" -}}
- { name: OUTBOX_KEPT_MONTHS, value: {{ .Values.outboxKeptMonths | quote }} }
- { name: HOST, value: 0.0.0.0 }
- { name: INGEST_PORT, value: "4001" }
- { name: TRUSTED_PROXIES, value: {{ .Values.trustedProxies | quote }} }
- { name: PUBLIC_WEBHOOK_URL, value: {{ required "ingest.publicWebhookUrl is empty" .Values.ingest.publicWebhookUrl | quote }} }
- { name: ALLOW_PRIVATE_ADDRESSES, value: {{ .Values.ingest.allowPrivateAddresses | quote }} }
- { name: SYNC_EVERY_SECONDS, value: {{ .Values.ingest.syncEverySeconds | quote }} }
- { name: PLATFORM_TIMEOUT_SECONDS, value: {{ .Values.ingest.platformTimeoutSeconds | quote }} }
- { name: READ_BACK_AFTER_SECONDS, value: {{ .Values.ingest.readBackAfterSeconds | quote }} }
- { name: AUTHORISATION_WARN_DAYS, value: {{ .Values.ingest.authorisationWarnDays | quote }} }
- { name: REPLY_WAIT_HOURS, value: {{ .Values.ingest.replyWaitHours | quote }} }
- { name: BACKFILL_DAYS, value: {{ .Values.ingest.backfillDays | quote }} }
- { name: RESYNC_PAUSE_SECONDS, value: {{ .Values.ingest.resyncPauseSeconds | quote }} }
{{- with .Values.ingest.media }}
- { name: MEDIA_FILE_MEGABYTES_MAX, value: {{ .fileMegabytesMax | quote }} }
- { name: MEDIA_WORKSPACE_GIGABYTES_MAX, value: {{ .workspaceGigabytesMax | quote }} }
- { name: MEDIA_KEPT_DAYS, value: {{ .keptDays | quote }} }
{{- if .s3.endpoint }}
- { name: MEDIA_S3_ENDPOINT, value: {{ .s3.endpoint | quote }} }
- { name: MEDIA_S3_REGION, value: {{ .s3.region | quote }} }
- { name: MEDIA_S3_BUCKET, value: {{ required "ingest.media.s3.bucket is empty" .s3.bucket | quote }} }
- name: MEDIA_S3_ACCESS_KEY_ID
  valueFrom: { secretKeyRef: { name: {{ required "ingest.media.s3.secretName is empty" .s3.secretName | quote }}, key: {{ .s3.accessKeyIdKey | quote }} } }
- name: MEDIA_S3_SECRET_ACCESS_KEY
  valueFrom: { secretKeyRef: { name: {{ .s3.secretName | quote }}, key: {{ .s3.secretAccessKeyKey | quote }} } }
{{- else }}
- { name: MEDIA_DIRECTORY, value: /media }
{{- end }}
{{- end }}
{{- end }}

{{- define "crossdesk.env.gateway" -}}
- { name: HOST, value: 0.0.0.0 }
- { name: GATEWAY_PORT, value: "4000" }
- { name: GATEWAY_EXPLORER, value: {{ .Values.gateway.explorer | quote }} }
- { name: GATEWAY_INTROSPECTION, value: {{ .Values.gateway.introspection | quote }} }
- { name: GATEWAY_COST_MAX, value: {{ .Values.gateway.costMax | int | quote }} }
- { name: GATEWAY_COST_PER_MINUTE_MAX, value: {{ .Values.gateway.costPerMinuteMax | int | quote }} }
- { name: GATEWAY_SUBGRAPH_TIMEOUT_SECONDS, value: {{ .Values.gateway.subgraphTimeoutSeconds | quote }} }
- { name: TRUSTED_PROXIES, value: {{ .Values.trustedProxies | quote }} }
- { name: CORS_ORIGINS, value: {{ .Values.gateway.corsOrigins | quote }} }
- { name: INGEST_GRAPHQL_URL, value: "http://{{ .Release.Name }}-ingest:4001/graphql" }
- { name: CONVERSATION_GRAPHQL_URL, value: "http://{{ .Release.Name }}-conversation:4010/graphql" }
- { name: CRM_GRAPHQL_URL, value: "http://{{ .Release.Name }}-crm:4010/graphql" }
- { name: AUTOMATION_GRAPHQL_URL, value: "http://{{ .Release.Name }}-automation:4010/graphql" }
- { name: ANALYTICS_GRAPHQL_URL, value: "http://{{ .Release.Name }}-analytics:4010/graphql" }
{{- with .Values.gateway.oidc }}
- { name: OIDC_ISSUER, value: {{ .issuer | quote }} }
- { name: OIDC_AUDIENCE, value: {{ .audience | quote }} }
- { name: OIDC_JWKS_URL, value: {{ .jwksUrl | quote }} }
- { name: OIDC_TENANT_CLAIM, value: {{ .tenantClaim | quote }} }
- { name: OIDC_TOKEN_TYPE, value: {{ .tokenType | quote }} }
- { name: OIDC_ROLE_CLAIM, value: {{ .roleClaim | quote }} }
{{- end }}
{{- end }}
