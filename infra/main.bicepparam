// For `azd up`: every value comes from the azd environment (`azd env set NAME VALUE`).
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param size = readEnvironmentVariable('KANRI_SIZE', 'small')
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
param privateApi = bool(readEnvironmentVariable('KANRI_PRIVATE_API', 'false'))
param frontDoor = bool(readEnvironmentVariable('KANRI_FRONT_DOOR', 'false'))
param rollingUpdate = bool(readEnvironmentVariable('KANRI_ROLLING_UPDATE', 'false'))
param recoverVault = bool(readEnvironmentVariable('KANRI_RECOVER_VAULT', 'false'))
param geoRedundantBackup = bool(readEnvironmentVariable('KANRI_GEO_BACKUP', 'false'))
