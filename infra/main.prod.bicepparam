// The prod environment of the pipeline: private, zone-redundant, backups in the paired region.
using 'main.bicep'

param environmentName = 'prod'
param location = readEnvironmentVariable('AZURE_LOCATION')
param size = 'production'
param operatorEmails = split(readEnvironmentVariable('KANRI_OPERATOR_EMAILS'), ',')
param alertWebhookUrl = readEnvironmentVariable('KANRI_ALERT_WEBHOOK_URL', '')
param databaseOwner = {
  objectId: readEnvironmentVariable('KANRI_DATABASE_OWNER_ID')
  name: readEnvironmentVariable('KANRI_DATABASE_OWNER_NAME')
  type: 'ServicePrincipal'
}
param applicationClientId = readEnvironmentVariable('KANRI_CLIENT_ID')
param runbookBaseUrl = readEnvironmentVariable('KANRI_RUNBOOK_BASE_URL')
param budgetStartDate = readEnvironmentVariable('KANRI_BUDGET_START')
param geoRedundantBackup = true
param archiveDays = 365
