// One shared workbook from its JSON, with the ids of this deployment put in.

param title string
param location string
param tags object
param workspaceId string
param componentId string

@description('Workbook JSON with the placeholders {workspaceId}, {componentId}, {resourceGroupId} and {subscriptionId}.')
param content string

var withTelemetry = replace(replace(content, '{workspaceId}', workspaceId), '{componentId}', componentId)
var filled = replace(replace(withTelemetry, '{resourceGroupId}', resourceGroup().id), '{subscriptionId}', subscription().id)

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, title)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: title
    category: 'workbook'
    sourceId: componentId
    serializedData: filled
  }
}
