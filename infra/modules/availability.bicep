// Calls the liveness route from outside and alerts when most places get no answer.

param name string
param location string
param tags object
param componentId string
param url string
param actionGroupId string
param runbooks string

// Ids of Azure's test places: Japan East, Southeast Asia, West Europe.
var places = ['apac-jp-kaw-edge', 'apac-sg-sin-azr', 'emea-nl-ams-azr']

resource test 'Microsoft.Insights/webtests@2022-06-15' = {
  name: name
  location: location
  // The hidden link is how Application Insights finds its tests.
  tags: union(tags, { 'hidden-link:${componentId}': 'Resource' })
  kind: 'standard'
  properties: {
    Name: name
    SyntheticMonitorId: name
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [for place in places: { Id: place }]
    Request: { HttpVerb: 'GET', RequestUrl: url }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 14
    }
  }
}

resource alert 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'alert-availability'
  location: 'global'
  tags: tags
  properties: {
    description: 'The API is not reachable from outside. ${runbooks}/availability.md'
    enabled: true
    severity: 1
    scopes: [test.id, componentId]
    windowSize: 'PT5M'
    evaluationFrequency: 'PT1M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: componentId
      failedLocationCount: 2
    }
    actions: [
      {
        actionGroupId: actionGroupId
        webHookProperties: { runbook: '${runbooks}/availability.md' }
      }
    ]
  }
}
