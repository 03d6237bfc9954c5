// Kanri in one resource group: everything that one environment needs, by size.
targetScope = 'subscription'

import { Principal } from 'modules/types.bicep'

@description('Name of the environment, such as dev or prod; part of every name and tag. Letters, digits and hyphens.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Region of every resource that has one.')
param location string

@description('small: no private network. private: data services closed to the internet. production: redundant too.')
@allowed(['small', 'private', 'production'])
param size string

@description('Mail addresses that every alert and the budget call.')
@minLength(1)
param operatorEmails string[]

@description('An HTTPS address for alerts in the common alert schema; empty for none.')
@secure()
param alertWebhookUrl string = ''

@description('Who owns the database schema: object id, name and kind of a person, group or the pipeline.')
param databaseOwner Principal

@description('IPv4 address that may reach the database to migrate it: for good without a private network, else only while migrating.')
param operatorAddress string = ''

@description('Application (client) id of Kanri\'s app registration in Entra.')
param applicationClientId string

@description('Audience of API access tokens.')
param apiAudience string = 'api://${applicationClientId}'

@description('Where callers reach the API, like https://kanri.contoso.com: Front Door or a domain of your own. Links in answers are relative if empty.')
param publicUrl string = ''

@description('Quotas other than Kanri\'s own, apart by spaces, like reading.caller=3000 exporting.tenant=10.')
param rateLimits string = ''

@description('The only ranges of addresses (CIDR, apart by spaces) that callers may come from; all if empty.')
param allowedRanges string = ''

@description('Ranges of addresses (CIDR, apart by spaces) that nobody may come from.')
param deniedRanges string = ''

@description('Root of Microsoft Graph in this cloud.')
param graphEndpoint string = 'https://graph.microsoft.com'

@description('DEBUG, INFO, WARNING or ERROR.')
@allowed(['DEBUG', 'INFO', 'WARNING', 'ERROR'])
param logLevel string = 'INFO'

@description('Where the runbooks are published.')
param runbookBaseUrl string

@description('First day of the budget\'s first month; never change it later.')
param budgetStartDate string

@description('Address space of the private network, at least a /24.')
param networkAddressPrefix string = '10.73.0.0/24'

@description('Reach the API through a private endpoint only. Needs a size with a private network.')
param privateApi bool = false

@description('Front Door with a firewall before the API. In production, unless the API is private.')
param frontDoor bool = size == 'production' && !privateApi

@description('App Service authentication in front of the app, for this application id; empty for none.')
param easyAuthClientId string = ''

@description('Replace instances in batches (public preview). Schema migrations are backward compatible.')
param rollingUpdate bool = false

@description('Keep database backups in the paired region too. Cannot be changed later.')
param geoRedundantBackup bool = false

@description('Days for which nothing in the archive can be changed or deleted.')
param archiveDays int = 30

@description('Days for which nothing of the audit log outside the database can be changed or deleted: seven years.')
param auditDays int = 2557

@description('Bring back the vault of an environment of this name that was removed less than 90 days ago.')
param recoverVault bool = false

var shape = loadJsonContent('sizes.json')[size]
var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName, application: 'kanri', size: size }
var closed = shape.private
// Names of sites, servers and firewalls allow lower-case letters, digits and hyphens only.
var label = replace(replace(toLower(environmentName), '_', '-'), '.', '-')
var environmentSuffix = '${label}-${token}'

var zoneNames = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  queue: 'privatelink.queue.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  vault: 'privatelink.vaultcore.azure.net'
  postgresqlServer: 'privatelink.postgres.database.azure.com'
  sites: 'privatelink.azurewebsites.net'
}
var storageEndpoints = closed ? ['blob', 'queue', 'table'] : []

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-kanri-${label}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  name: 'identity'
  params: { name: 'id-kanri-${label}', location: location, tags: tags }
}

module monitor 'modules/monitor.bicep' = {
  scope: group
  name: 'monitor'
  params: {
    workspaceName: 'log-${environmentSuffix}'
    componentName: 'appi-${environmentSuffix}'
    actionGroupName: 'ag-kanri-${label}'
    location: location
    tags: tags
    dailyCapGb: shape.logDailyCapGb
    retentionDays: shape.logRetentionDays
    emails: operatorEmails
    webhookUrl: alertWebhookUrl
  }
}

module network 'modules/network.bicep' = if (closed) {
  scope: group
  name: 'network'
  params: {
    name: 'vnet-${environmentSuffix}'
    location: location
    tags: tags
    addressPrefix: networkAddressPrefix
    zones: map(
      filter(items(zoneNames), zone => zone.key != 'sites' || privateApi),
      zone => zone.value
    )
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  name: 'storage'
  params: {
    name: 'stkanri${token}'
    location: location
    tags: tags
    sku: shape.storageSku
    private: closed
    archiveDays: archiveDays
    auditDays: auditDays
    workspaceId: monitor.outputs.workspaceId
  }
}

module postgres 'modules/postgres.bicep' = {
  scope: group
  name: 'postgres'
  params: {
    name: 'psql-${environmentSuffix}'
    location: location
    tags: tags
    sku: shape.databaseSku
    tier: shape.databaseTier
    storageGb: shape.databaseStorageGb
    backupDays: shape.databaseBackupDays
    zoneRedundant: shape.zoneRedundant
    geoRedundantBackup: geoRedundantBackup
    private: closed
    owner: databaseOwner
    operatorAddress: operatorAddress
    workspaceId: monitor.outputs.workspaceId
  }
}

module vault 'modules/keyvault.bicep' = {
  scope: group
  name: 'keyvault'
  params: {
    name: 'kv-kanri-${token}'
    location: location
    tags: tags
    private: closed
    recover: recoverVault
    workspaceId: monitor.outputs.workspaceId
  }
}

module storageEndpoint 'modules/private-endpoint.bicep' = [
  for service in storageEndpoints: {
    scope: group
    name: 'endpoint-${service}'
    params: {
      name: 'pe-${service}-${environmentSuffix}'
      location: location
      tags: tags
      subnetId: network!.outputs.endpointSubnetId
      targetId: storage.outputs.id
      groupId: service
      zoneName: zoneNames[service]
    }
  }
]

module vaultEndpoint 'modules/private-endpoint.bicep' = if (closed) {
  scope: group
  name: 'endpoint-vault'
  params: {
    name: 'pe-vault-${environmentSuffix}'
    location: location
    tags: tags
    subnetId: network!.outputs.endpointSubnetId
    targetId: vault.outputs.id
    groupId: 'vault'
    zoneName: zoneNames.vault
  }
}

module databaseEndpoint 'modules/private-endpoint.bicep' = if (closed) {
  scope: group
  name: 'endpoint-database'
  params: {
    name: 'pe-database-${environmentSuffix}'
    location: location
    tags: tags
    subnetId: network!.outputs.endpointSubnetId
    targetId: postgres.outputs.id
    groupId: 'postgresqlServer'
    zoneName: zoneNames.postgresqlServer
  }
}

module siteEndpoint 'modules/private-endpoint.bicep' = if (closed && privateApi) {
  scope: group
  name: 'endpoint-site'
  params: {
    name: 'pe-site-${environmentSuffix}'
    location: location
    tags: tags
    subnetId: network!.outputs.endpointSubnetId
    targetId: app.outputs.siteId
    groupId: 'sites'
    zoneName: zoneNames.sites
  }
}

module roles 'modules/roles.bicep' = {
  scope: group
  name: 'roles'
  params: {
    principalId: identity.outputs.principalId
    storageName: storage.outputs.name
    vaultName: vault.outputs.name
    componentName: monitor.outputs.componentName
  }
}

module door 'modules/front-door.bicep' = if (frontDoor) {
  scope: group
  name: 'front-door'
  params: { name: 'afd-${environmentSuffix}', tags: tags }
}

module app 'modules/functionapp.bicep' = {
  scope: group
  name: 'functionapp'
  params: {
    planName: 'plan-${environmentSuffix}'
    siteName: 'func-${environmentSuffix}'
    location: location
    tags: tags
    identity: {
      id: identity.outputs.id
      clientId: identity.outputs.clientId
      name: identity.outputs.name
    }
    storage: {
      blobEndpoint: storage.outputs.blobEndpoint
      queueEndpoint: storage.outputs.queueEndpoint
      tableEndpoint: storage.outputs.tableEndpoint
      packageContainerUrl: storage.outputs.packageContainerUrl
    }
    database: { host: postgres.outputs.host, name: postgres.outputs.database }
    applicationInsightsConnectionString: monitor.outputs.applicationInsightsConnectionString
    subnetId: closed ? network!.outputs.appSubnetId : ''
    privateApi: closed && privateApi
    frontDoorId: frontDoor ? door!.outputs.frontDoorId : ''
    alwaysReadyHttp: shape.alwaysReadyHttp
    instanceCeiling: shape.instanceCeiling
    zoneRedundant: shape.zoneRedundant
    databaseUserConnections: shape.databaseUserConnections
    poolSize: shape.poolSize
    webPoolSize: shape.webPoolSize
    rollingUpdate: rollingUpdate
    settings: {
      clientId: applicationClientId
      homeTenantId: tenant().tenantId
      apiAudience: apiAudience
      // Until the vault has that secret the reference stays one, which the app takes for none.
      ownerSecret: '@Microsoft.KeyVault(VaultName=${vault.outputs.name};SecretName=kanri-owner)'
      // Made once by infra/deploy/sealing.py; without it the app refuses to start.
      sealingKeys: '@Microsoft.KeyVault(VaultName=${vault.outputs.name};SecretName=kanri-sealing)'
      publicUrl: publicUrl
      rateLimits: rateLimits
      allowedRanges: allowedRanges
      deniedRanges: deniedRanges
      graphEndpoint: graphEndpoint
      logLevel: logLevel
    }
    easyAuthClientId: easyAuthClientId
    workspaceId: monitor.outputs.workspaceId
  }
  dependsOn: [roles, storageEndpoint] // the host wants its storage at the first start
}

module edge 'modules/edge.bicep' = if (frontDoor) {
  scope: group
  name: 'edge'
  params: { name: door!.outputs.name, tags: tags, originHost: app.outputs.hostName }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  name: 'alerts'
  params: {
    location: location
    tags: tags
    actionGroupId: monitor.outputs.actionGroupId
    workspaceId: monitor.outputs.workspaceId
    siteId: app.outputs.siteId
    databaseId: postgres.outputs.id
    storageId: storage.outputs.id
    vaultId: vault.outputs.id
    vaultName: vault.outputs.name
    runbooks: runbookBaseUrl
    limits: { connections: shape.databaseUserConnections, busyInstances: app.outputs.busyInstances }
  }
}

module availability 'modules/availability.bicep' = if (shape.availabilityTest && !(closed && privateApi)) {
  scope: group
  name: 'availability'
  params: {
    name: 'test-kanri-${label}'
    location: location
    tags: tags
    componentId: monitor.outputs.componentId
    url: 'https://${frontDoor ? edge!.outputs.hostName : app.outputs.hostName}/api/health/live'
    actionGroupId: monitor.outputs.actionGroupId
    runbooks: runbookBaseUrl
  }
}

module operations 'modules/workbook.bicep' = {
  scope: group
  name: 'workbook-operations'
  params: {
    title: 'Kanri operations (${environmentName})'
    location: location
    tags: tags
    workspaceId: monitor.outputs.workspaceId
    componentId: monitor.outputs.componentId
    content: loadTextContent('workbooks/operations.json')
  }
}

module sla 'modules/workbook.bicep' = {
  scope: group
  name: 'workbook-sla'
  params: {
    title: 'Kanri SLA (${environmentName})'
    location: location
    tags: tags
    workspaceId: monitor.outputs.workspaceId
    componentId: monitor.outputs.componentId
    content: loadTextContent('workbooks/sla.json')
  }
}

module budget 'modules/budget.bicep' = {
  scope: group
  name: 'budget'
  params: {
    name: 'budget-kanri-${label}'
    amount: shape.monthlyBudget
    startDate: budgetStartDate
    emails: operatorEmails
    actionGroupId: monitor.outputs.actionGroupId
  }
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output SERVICE_API_NAME string = app.outputs.siteName
output SERVICE_API_URI string = 'https://${frontDoor ? edge!.outputs.hostName : app.outputs.hostName}'
output KANRI_APP_ROLE string = identity.outputs.name
output KANRI_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output KANRI_DATABASE_HOST string = postgres.outputs.host
output KANRI_DATABASE_NAME string = postgres.outputs.database
// What the migration opens and closes again when it is not run from inside the network.
output KANRI_DATABASE_DOOR string = closed ? postgres.outputs.id : ''
output KANRI_STORAGE_ACCOUNT string = storage.outputs.name
// Where the key that seals is made, and what has to look for it again.
output KANRI_VAULT_ID string = vault.outputs.id
output KANRI_SITE_ID string = app.outputs.siteId
