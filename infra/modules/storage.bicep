// The storage account: the host's own state, the work queues, the deployment package, the archive.
// What it holds is listed in ../storage.json, which a test compares with what the code uses. The archive
// waits for backups: its rules must stand before the first blob, and nothing writes yet. The audit container
// holds the anchors of the audit log.

@maxLength(24)
param name string
param location string
param tags object

@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param sku string

@description('No access from the internet: services are reached by private endpoints only.')
param private bool

@description('Days for which nothing in the archive can be changed or deleted.')
@minValue(1)
param archiveDays int

@description('Days for which nothing of the audit log can be changed or deleted.')
@minValue(1)
param auditDays int

param workspaceId string

var content = any(loadJsonContent('../storage.json'))

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku }
  kind: 'StorageV2'
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: private ? 'Deny' : 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: 14 }
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = [
  for containerName in content.containers: {
    parent: blobs
    name: containerName
    properties: { publicAccess: 'None' }
  }
]

resource immutableContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = [
  for containerName in content.immutableContainers: {
    parent: blobs
    name: containerName
    properties: { publicAccess: 'None' }
  }
]

// Unlocked: it can still be shortened. Locking it is a decision that nobody can take back, hence by hand.
resource immutability 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-08-01' = [
  for (containerName, i) in content.immutableContainers: {
    parent: immutableContainer[i]
    name: 'default'
    properties: {
      immutabilityPeriodSinceCreationInDays: archiveDays
      allowProtectedAppendWrites: true
    }
  }
]

resource auditContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = [
  for containerName in content.auditContainers: {
    parent: blobs
    name: containerName
    properties: { publicAccess: 'None' }
  }
]

// Unlocked, as above. What is written is never appended to: each blob is whole from the first.
resource auditImmutability 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-08-01' = [
  for (containerName, i) in content.auditContainers: {
    parent: auditContainer[i]
    name: 'default'
    properties: {
      immutabilityPeriodSinceCreationInDays: auditDays
      allowProtectedAppendWrites: false
    }
  }
]

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-08-01' = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-08-01' = [
  for queueName in content.queues: {
    parent: queues
    name: queueName
  }
]

resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-08-01' = {
  parent: account
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-08-01' = [
  for tableName in content.tables: {
    parent: tables
    name: tableName
  }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-08-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'archive-cools-down'
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: content.immutableContainers
            }
            actions: {
              baseBlob: {
                tierToCool: { daysAfterModificationGreaterThan: 30 }
                tierToCold: { daysAfterModificationGreaterThan: 90 }
              }
            }
          }
        }
        {
          name: 'old-versions-go'
          type: 'Lifecycle'
          definition: {
            filters: {
              blobTypes: ['blockBlob']
              prefixMatch: content.containers
            }
            actions: {
              version: { delete: { daysAfterCreationGreaterThan: 60 } }
            }
          }
        }
      ]
    }
  }
  dependsOn: [blobs]
}

resource blobAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: blobs
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

resource queueAudit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: queues
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    // Every poll of every queue is an audit line: writes and deletes are enough.
    logs: [
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

output id string = account.id
output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
output queueEndpoint string = account.properties.primaryEndpoints.queue
output tableEndpoint string = account.properties.primaryEndpoints.table
output packageContainerUrl string = '${account.properties.primaryEndpoints.blob}${content.containers[0]}'
