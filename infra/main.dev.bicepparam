// The dev environment of the pipeline: small, verbose, no redundancy.
using 'main.bicep'

param environmentName = 'dev'
param location = readEnvironmentVariable('AZURE_LOCATION')
param size = 'small'
param operatorEmails = split(readEnvironmentVariable('KANRI_OPERATOR_EMAILS'), ',')
param databaseOwner = {
  objectId: readEnvironmentVariable('KANRI_DATABASE_OWNER_ID')
  name: readEnvironmentVariable('KANRI_DATABASE_OWNER_NAME')
  type: 'ServicePrincipal'
}
param applicationClientId = readEnvironmentVariable('KANRI_CLIENT_ID')
param runbookBaseUrl = readEnvironmentVariable('KANRI_RUNBOOK_BASE_URL')
param budgetStartDate = readEnvironmentVariable('KANRI_BUDGET_START')
param logLevel = 'DEBUG'
param rollingUpdate = true
param archiveDays = 1
param auditDays = 1
