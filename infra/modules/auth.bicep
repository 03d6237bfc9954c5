// Optional App Service authentication in front of the app, which checks every token itself anyway.

param siteName string
param clientId string
param audience string

resource site 'Microsoft.Web/sites@2024-11-01' existing = {
  name: siteName
}

resource auth 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // Liveness has no caller to name. A webhook, once there is one, checks its sender itself: add its path.
      // API keys are no Entra tokens: with App Service authentication on, they stop at the door.
      excludedPaths: ['/api/health/live']
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: { allowedAudiences: [audience, clientId] } // of v1 and of v2 tokens
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}
