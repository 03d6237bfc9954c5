// Where telemetry goes and who is called: workspace, Application Insights, action group.

param workspaceName string
param componentName string
param actionGroupName string
param location string
param tags object

@description('Daily limit of logs in GB; beyond it nothing is stored until the next day.')
param dailyCapGb int

@minValue(30)
@maxValue(730)
param retentionDays int

@description('Mail addresses that are called by every alert.')
param emails string[]

@description('An HTTPS address that receives every alert in the common alert schema; empty for none.')
@secure()
param webhookUrl string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyCapGb }
    features: { disableLocalAuth: true }
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
    DisableIpMasking: false
  }
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'kanri'
    enabled: true
    emailReceivers: [
      for (email, i) in emails: {
        name: 'operator-${i}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
    webhookReceivers: [
      for url in (empty(webhookUrl) ? [] : [webhookUrl]): {
        name: 'webhook'
        serviceUri: url
        useCommonAlertSchema: true
      }
    ]
  }
}

// Azure makes a rule of this very name by itself, calling everybody who owns the subscription:
// declared under that name, it is the same rule and calls ours.
resource failureAnomalies 'Microsoft.AlertsManagement/smartDetectorAlertRules@2021-04-01' = {
  name: 'Failure Anomalies - ${componentName}'
  location: 'global'
  tags: tags
  properties: {
    description: 'Failed requests or dependencies rise unusually (Application Insights smart detection).'
    state: 'Enabled'
    severity: 'Sev3'
    frequency: 'PT1M'
    detector: { id: 'FailureAnomaliesDetector' }
    scope: [component.id]
    actionGroups: { groupIds: [actionGroup.id] }
  }
}

output workspaceId string = workspace.id
output componentId string = component.id
output componentName string = component.name
output applicationInsightsConnectionString string = component.properties.ConnectionString
output actionGroupId string = actionGroup.id
