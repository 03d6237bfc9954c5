// The Flex Consumption app: one plan, one site, its settings. The app's identity is its only credential.

type Identity = {
  id: string
  clientId: string
  name: string
}

type Storage = {
  blobEndpoint: string
  queueEndpoint: string
  tableEndpoint: string
  packageContainerUrl: string
}

type Database = {
  host: string
  name: string
}

type AppSettings = {
  clientId: string
  homeTenantId: string
  apiAudience: string
  ownerSecret: string
  sealingKeys: string
  publicUrl: string
  rateLimits: string
  allowedRanges: string
  deniedRanges: string
  graphEndpoint: string
  logLevel: string
}

param planName string
param siteName string
param location string
param tags object
param identity Identity
param storage Storage
param database Database
param applicationInsightsConnectionString string

@description('Subnet for outbound traffic; empty for none.')
param subnetId string

@description('Nobody reaches the API from the internet: only through its private endpoint.')
param privateApi bool

@description('Front Door instance that alone may call the API; empty lets everybody call it.')
param frontDoorId string

@description('Instances with 2048 MB each that are always there for HTTP.')
param alwaysReadyHttp int

@description('Most instances we want to pay for in one scale group.')
param instanceCeiling int
param zoneRedundant bool

@description('Connections that the database offers to roles that are no superusers.')
param databaseUserConnections int

@description('Connections of a worker process for timers and queues, KANRI_POOL_SIZE.')
param poolSize int

@description('Connections of a worker process for HTTP, KANRI_WEB_POOL_SIZE.')
param webPoolSize int

@description('Replace instances in batches (public preview) instead of all at once.')
param rollingUpdate bool

param settings AppSettings

@description('Application (client) id for App Service authentication in front of the app; empty for none.')
param easyAuthClientId string

param workspaceId string

// How many instances the database can serve. Functions scale in groups: all HTTP functions together,
// every other function alone, and maximumInstanceCount limits each group by itself, always-ready
// instances not counted. One instance runs one worker process with one pool. Timers run once at a time.
// A burst of HTTP requests has been seen to pass the limit for moments (azure-functions-host issue
// 11790): the database then refuses connections and callers are told to come back.
var scalingGroups = 3 // http, function:queue_collect, function:queue_collect_poison
var singleGroups = 1 // function:timer_dispatch
var reservedConnections = 10 // migrations, operators, monitoring
var affordableInstances = (databaseUserConnections - reservedConnections - singleGroups * poolSize - alwaysReadyHttp * webPoolSize) / ((scalingGroups - 1) * poolSize + webPoolSize)
var maximumInstances = min(affordableInstances, instanceCeiling)
// The platform counts the instances of all groups together: nine tenths of one group's limit, while
// each other group runs its one.
var busyInstances = maximumInstances * 9 / 10 + scalingGroups - 1 + singleGroups + alwaysReadyHttp

var appSettings = {
  AzureWebJobsStorage__blobServiceUri: storage.blobEndpoint
  AzureWebJobsStorage__queueServiceUri: storage.queueEndpoint
  AzureWebJobsStorage__tableServiceUri: storage.tableEndpoint
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.clientId};Authorization=AAD'
  PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY: 'true'
  OTEL_SERVICE_NAME: 'kanri'
  AzureWebJobsDisableHomepage: 'true'
  KANRI_DATABASE_URL: 'postgresql://${identity.name}@${database.host}:5432/${database.name}?sslmode=verify-full'
  KANRI_DATABASE_AUTH: 'entra'
  KANRI_POOL_SIZE: string(poolSize)
  KANRI_WEB_POOL_SIZE: string(webPoolSize)
  KANRI_GRAPH_ENDPOINT: settings.graphEndpoint
  KANRI_AUTHORITY_HOST: environment().authentication.loginEndpoint
  KANRI_CLIENT_ID: settings.clientId
  KANRI_MANAGED_IDENTITY_CLIENT_ID: identity.clientId
  KANRI_HOME_TENANT_ID: settings.homeTenantId
  KANRI_API_AUDIENCE: settings.apiAudience
  KANRI_OWNER_SECRET: settings.ownerSecret
  KANRI_SEALING_KEYS: settings.sealingKeys
  KANRI_KEY_ENVIRONMENT: 'live'
  KANRI_PUBLIC_URL: settings.publicUrl
  KANRI_RATE_LIMITS: settings.rateLimits
  KANRI_ALLOWED_RANGES: settings.allowedRanges
  KANRI_DENIED_RANGES: settings.deniedRanges
  KANRI_COLLECT_SLICE_SECONDS: '240'
  KANRI_TRUSTED_PROXIES: empty(frontDoorId) ? '1' : '2'
  KANRI_AUDIT_READINGS_SECONDS: '300'
  KANRI_AUDIT_HOT_DAYS: '365'
  KANRI_APPROVALS: 'auto'
  KANRI_APPROVAL_FROM_TENANTS: '10'
  KANRI_APPROVAL_FROM_OBJECTS: '100'
  KANRI_APPROVAL_FROM_PRIVILEGED: '1'
  KANRI_APPROVAL_HOURS: '72'
  KANRI_LOG_LEVEL: settings.logLevel
  // Empty means not used: in Azure the identity signs in, and the system's CAs are the right ones.
  KANRI_CA_FILE: ''
  KANRI_CLOCK_FILE: ''
  KANRI_CLIENT_SECRET: ''
  KANRI_CLIENT_CERTIFICATE_FILE: ''
}

var fromFrontDoor = {
  name: 'front-door'
  action: 'Allow'
  priority: 100
  tag: 'ServiceTag'
  ipAddress: 'AzureFrontDoor.Backend'
  headers: { 'x-azure-fdid': [frontDoorId] }
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: siteName
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: privateApi ? 'Disabled' : 'Enabled'
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      healthCheckPath: '/api/health/live'
      ipSecurityRestrictionsDefaultAction: empty(frontDoorId) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: empty(frontDoorId) ? [] : [fromFrontDoor]
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: storage.packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: { name: 'python', version: '3.13' }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReadyHttp == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyHttp }]
        // Flex gives Python one request at a time unless told: reports wait for the database, not the CPU.
        triggers: { http: { perInstanceConcurrency: 16 } }
      }
      #disable-next-line BCP037
      siteUpdateStrategy: { type: rollingUpdate ? 'RollingUpdate' : 'Recreate' }
    }
  }

  resource configuredSettings 'config' = {
    name: 'appsettings'
    properties: appSettings
  }

  // No user name and password may publish: deployments sign in to Entra.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

module auth 'auth.bicep' = if (!empty(easyAuthClientId)) {
  name: 'auth'
  params: {
    siteName: site.name
    clientId: easyAuthClientId
    audience: settings.apiAudience
  }
}

// FunctionAppLogs repeats what the worker sends to Application Insights: it would be paid for twice.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: site
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'AppServiceAuthenticationLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output siteId string = site.id
output siteName string = site.name
output hostName string = site.properties.defaultHostName
output busyInstances int = busyInstances
