// The staging environment of the pipeline: what prod is, without its redundancy.
using 'main.bicep'

// Nobody reaches the API unprotected: through Front Door and its firewall, or, with KANRI_PRIVATE_API, through
// the private endpoint only. A variable that the environment does not have arrives empty.
var isPrivate = readEnvironmentVariable('KANRI_PRIVATE_API', '') == 'true'
var frontDoorWish = readEnvironmentVariable('KANRI_FRONT_DOOR', '')

param environmentName = 'staging'
param location = readEnvironmentVariable('AZURE_LOCATION')
param size = 'private'
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
param archiveDays = 1
param auditDays = 1
param privateApi = isPrivate
param frontDoor = empty(frontDoorWish) ? !isPrivate : frontDoorWish == 'true'
