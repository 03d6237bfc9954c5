// The Front Door profile alone: the app must know its id before the routes can know the app.

param name string
param tags object

resource profile 'Microsoft.Cdn/profiles@2025-12-01' = {
  name: name
  location: 'global'
  tags: tags
  sku: { name: 'Standard_AzureFrontDoor' }
}

output name string = profile.name
output frontDoorId string = profile.properties.frontDoorId
