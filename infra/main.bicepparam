// For `azd up`: every value comes from the azd environment (`azd env set NAME VALUE`).
using 'main.bicep'

var chosenSize = readEnvironmentVariable('KANRI_SIZE', 'small')
var isPrivate = bool(readEnvironmentVariable('KANRI_PRIVATE_API', 'false'))
// true or false; empty protects production and nothing else.
var frontDoorWish = readEnvironmentVariable('KANRI_FRONT_DOOR', '')

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param size = chosenSize
param operatorEmails = split(readEnvironmentVariable('KANRI_OPERATOR_EMAILS'), ',')
param alertWebhookUrl = readEnvironmentVariable('KANRI_ALERT_WEBHOOK_URL', '')
param databaseOwner = {
  objectId: readEnvironmentVariable('KANRI_DATABASE_OWNER_ID')
  name: readEnvironmentVariable('KANRI_DATABASE_OWNER_NAME')
  type: readEnvironmentVariable('KANRI_DATABASE_OWNER_TYPE', 'User')
}
param operatorAddress = readEnvironmentVariable('KANRI_OPERATOR_ADDRESS', '')
param applicationClientId = readEnvironmentVariable('KANRI_CLIENT_ID')
param runbookBaseUrl = readEnvironmentVariable('KANRI_RUNBOOK_BASE_URL')
param budgetStartDate = readEnvironmentVariable('KANRI_BUDGET_START')
param privateApi = isPrivate
param frontDoor = empty(frontDoorWish) ? chosenSize == 'production' && !isPrivate : bool(frontDoorWish)
param rollingUpdate = bool(readEnvironmentVariable('KANRI_ROLLING_UPDATE', 'false'))
param recoverVault = bool(readEnvironmentVariable('KANRI_RECOVER_VAULT', 'false'))
param geoRedundantBackup = bool(readEnvironmentVariable('KANRI_GEO_BACKUP', 'false'))
