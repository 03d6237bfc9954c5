// PostgreSQL Flexible Server: Entra sign-in only, point-in-time restore, the extensions the store needs.

import { Principal } from 'types.bicep'

param name string
param location string
param tags object
param sku string

@allowed(['Burstable', 'GeneralPurpose', 'MemoryOptimized'])
param tier string
param storageGb int

@minValue(7)
@maxValue(35)
param backupDays int

@description('A standby in another zone; not for the Burstable tier.')
param zoneRedundant bool

@description('Keep backups in the paired region too. Cannot be changed later.')
param geoRedundantBackup bool

@description('No access from the internet: the server is reached by a private endpoint only.')
param private bool

@description('Who migrates the schema and creates the roles: a person, a group or the pipeline.')
param owner Principal

@description('One more address that may connect, for migrating from a desk; empty for none.')
param operatorAddress string

param workspaceId string

// Created by the migration, for only who created it owns it and may change its schema.
var databaseName = 'kanri'

// What shared/store/schema/migrate.py creates; a test compares the two.
var extensions = ['PG_TRGM', 'PG_STAT_STATEMENTS', 'PGSTATTUPLE']

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku, tier: tier }
  properties: {
    version: '17'
    createMode: 'Default'
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    storage: { storageSizeGB: storageGb, autoGrow: 'Enabled' }
    backup: {
      backupRetentionDays: backupDays
      geoRedundantBackup: geoRedundantBackup ? 'Enabled' : 'Disabled'
    }
    highAvailability: { mode: zoneRedundant ? 'ZoneRedundant' : 'Disabled' }
    maintenanceWindow: { customWindow: 'Enabled', dayOfWeek: 0, startHour: 18, startMinute: 0 }
    network: { publicNetworkAccess: private ? 'Disabled' : 'Enabled' }
  }
}

// The server takes one change at a time, hence the chain of dependsOn below.
resource allowedExtensions 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2025-08-01' = {
  parent: server
  name: 'azure.extensions'
  properties: { source: 'user-override', value: join(extensions, ',') }
}

// Slow statements are found by pg_stat_statements, which the server loads as it comes and which tracks nothing
// until it is told to; GET /api/v1/ops/optimization/database tells what it has, without values. The server log
// would write the values of parameters too, names of people among them, and Azure lets nobody turn that off
// (log_parameter_max_length is read-only). Microsoft recommends one of it and Query Store, not both; Query
// Store is nothing for a Burstable server, and keeps what it has where the application's role may not look.
// https://learn.microsoft.com/azure/postgresql/troubleshoot/how-to-optimize-query-stats-collection
resource statements 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2025-08-01' = {
  parent: server
  name: 'pg_stat_statements.track'
  properties: { source: 'user-override', value: 'top' }
  dependsOn: [allowedExtensions]
}

resource administrator 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2025-08-01' = {
  parent: server
  name: owner.objectId
  properties: {
    principalName: owner.name
    principalType: owner.type
    tenantId: tenant().tenantId
  }
  dependsOn: [statements]
}

// Flex Consumption without a network has no fixed outbound address: 0.0.0.0 admits Azure's own
// addresses. Who gets that far still needs an Entra token of a role of this database.
resource azureServices 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = if (!private) {
  parent: server
  name: 'azure-services'
  properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' }
  dependsOn: [administrator]
}

resource operatorDesk 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = if (!private && !empty(operatorAddress)) {
  parent: server
  name: 'operator'
  properties: { startIpAddress: operatorAddress, endIpAddress: operatorAddress }
  dependsOn: [azureServices]
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: server
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'PostgreSQLLogs', enabled: true }
      { category: 'PostgreSQLFlexSessions', enabled: true }
    ]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output id string = server.id
output host string = server.properties.fullyQualifiedDomainName
output database string = databaseName
