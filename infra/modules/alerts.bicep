// Every alert of the app: what is watched is declared in ../alerts, why and what to do in docs/runbooks.

type Limits = {
  connections: int
  busyInstances: int
}

param location string
param tags object
param actionGroupId string
param workspaceId string
param siteId string
param databaseId string
param storageId string
param vaultId string
param vaultName string

@description('Where docs/runbooks is published, without a slash at the end.')
param runbooks string

@description('Connections that the database offers, and how many instances mean that a scale group is nearly full.')
param limits Limits

var targets = { site: siteId, database: databaseId, storage: storageId, vault: vaultId }
var scopes = { subscription: subscription().id, resourceGroup: resourceGroup().id }

// Thresholds that follow from the size are named in the declaration.
var thresholds = {
  connections: limits.connections * 8 / 10
  instances: limits.busyInstances
}

var metricAlerts = any(loadJsonContent('../alerts/metric-alerts.json'))
var logAlerts = any(loadJsonContent('../alerts/log-alerts.json'))
var activityAlerts = any(loadJsonContent('../alerts/activity-alerts.json'))

// The path of a loaded file must stand in the template, hence one line for each query.
var queries = {
  'failed-functions': loadTextContent('../alerts/failed-functions.kql')
  'slow-answers': loadTextContent('../alerts/slow-answers.kql')
  'poison-messages': loadTextContent('../alerts/poison-messages.kql')
  'queue-age': loadTextContent('../alerts/queue-age.kql')
  'dataset-overdue': loadTextContent('../alerts/dataset-overdue.kql')
  'permission-lost': loadTextContent('../alerts/permission-lost.kql')
  'sign-ins-blocked': loadTextContent('../alerts/sign-ins-blocked.kql')
  'database-findings': loadTextContent('../alerts/database-findings.kql')
  'failed-runs': loadTextContent('../alerts/failed-runs.kql')
  'throttling-share': loadTextContent('../alerts/throttling-share.kql')
  'graph-errors': loadTextContent('../alerts/graph-errors.kql')
  exceptions: loadTextContent('../alerts/exceptions.kql')
  'no-heartbeat': loadTextContent('../alerts/no-heartbeat.kql')
  'daily-log-cap': loadTextContent('../alerts/daily-log-cap.kql')
}

resource metricAlert 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for alert in metricAlerts: {
    name: 'alert-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${alert.title}. ${runbooks}/${alert.name}.md'
      enabled: true
      severity: alert.severity
      scopes: [targets[alert.target]]
      windowSize: alert.window
      evaluationFrequency: alert.frequency
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.name
            metricNamespace: alert.namespace
            metricName: alert.metric
            timeAggregation: alert.aggregation
            operator: alert.operator
            threshold: contains(thresholds, string(alert.threshold)) ? thresholds[string(alert.threshold)] : int(alert.threshold)
            dimensions: alert.dimensions
          }
        ]
      }
      actions: [
        {
          actionGroupId: actionGroupId
          webHookProperties: { runbook: '${runbooks}/${alert.name}.md' }
        }
      ]
    }
  }
]

resource logAlert 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in logAlerts: {
    name: 'alert-${alert.name}'
    location: location
    tags: tags
    properties: {
      displayName: alert.title
      description: '${alert.title}. ${runbooks}/${alert.name}.md'
      enabled: true
      severity: alert.severity
      scopes: [workspaceId]
      windowSize: alert.window
      evaluationFrequency: alert.frequency
      autoMitigate: true
      skipQueryValidation: true // a table may appear only with its first row; tests parse the queries
      criteria: {
        allOf: [
          {
            query: queries[alert.name]
            metricMeasureColumn: alert.measure
            timeAggregation: 'Maximum'
            operator: alert.operator
            threshold: alert.threshold
            dimensions: map(alert.dimensions, dimension => { name: dimension, operator: 'Include', values: ['*'] })
            failingPeriods: {
              numberOfEvaluationPeriods: alert.periods
              minFailingPeriodsToAlert: alert.periods
            }
          }
        ]
      }
      actions: {
        actionGroups: [actionGroupId]
        customProperties: { runbook: '${runbooks}/${alert.name}.md' }
      }
    }
  }
]

resource activityAlert 'Microsoft.Insights/activityLogAlerts@2026-01-01' = [
  for alert in activityAlerts: {
    name: 'alert-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${alert.title}. ${runbooks}/${alert.name}.md'
      enabled: true
      scopes: [scopes[alert.scope]]
      condition: { allOf: alert.conditions }
      actions: {
        actionGroups: [
          {
            actionGroupId: actionGroupId
            webhookProperties: { runbook: '${runbooks}/${alert.name}.md' }
          }
        ]
      }
    }
  }
]

// Key Vault tells Event Grid 30 days before a secret, key or certificate expires.
resource vaultEvents 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: '${vaultName}-events'
  location: location
  tags: tags
  properties: {
    source: vaultId
    topicType: 'Microsoft.KeyVault.vaults'
  }

  resource nearExpiry 'eventSubscriptions' = {
    name: 'alert-secret-near-expiry'
    properties: {
      eventDeliverySchema: 'CloudEventSchemaV1_0'
      filter: {
        includedEventTypes: [
          'Microsoft.KeyVault.SecretNearExpiry'
          'Microsoft.KeyVault.SecretExpired'
          'Microsoft.KeyVault.KeyNearExpiry'
          'Microsoft.KeyVault.KeyExpired'
          'Microsoft.KeyVault.CertificateNearExpiry'
          'Microsoft.KeyVault.CertificateExpired'
        ]
      }
      destination: {
        endpointType: 'MonitorAlert'
        properties: {
          severity: 'Sev2'
          description: 'A secret, key or certificate expires soon. ${runbooks}/secret-near-expiry.md'
          actionGroups: [actionGroupId]
        }
      }
    }
  }
}
