// The app on Flex Consumption: scales each function by itself, to zero when nobody asks.
@description('Required. Name of the app.')
param name string

@description('Required. Location.')
param location string

@description('Required. Resource id of the identity it runs as.')
param identityId string

@description('Required. Client id of that identity.')
param identityClientId string

@description('Required. Container the code is deployed from.')
param deploymentContainerUrl string

@description('Required. The host\'s own storage account.')
param hostStorageName string

@description('Required. App settings.')
param settings object

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

var all = union(settings, {
  AzureWebJobsStorage__accountName: hostStorageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
})

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'python', version: '3.13' }
      scaleAndConcurrency: { maximumInstanceCount: 40, instanceMemoryMB: 2048 }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      appSettings: [for one in items(all): { name: one.key, value: string(one.value) }]
    }
  }
}

output url string = 'https://${app.properties.defaultHostName}'
