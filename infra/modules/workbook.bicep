// One shared workbook from its JSON, with the ids of this deployment put in.

param title string
param location string
param tags object
param workspaceId string
param componentId string

@description('Workbook JSON with the placeholders {workspaceId} and {componentId}.')
param content string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, title)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: title
    category: 'workbook'
    sourceId: componentId
    serializedData: replace(replace(content, '{workspaceId}', workspaceId), '{componentId}', componentId)
  }
}
