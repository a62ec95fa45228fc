// The whole service in one resource group: names and wiring. What each role is made of stands in app/.
targetScope = 'resourceGroup'

@description('Required. Short name of the environment, part of every resource name.')
@minLength(2)
@maxLength(8)
param environmentName string

@description('Optional. Where everything is placed. Keep it inside the EEA.')
param location string = resourceGroup().location

@description('Required. Entra tenant in which operators hold their roles.')
param homeTenantId string

@description('Required. Client id of the API that tokens are issued for.')
param audience string

@description('Optional. Client id of the app registration that people sign in with on our pages.')
param signInClientId string = ''

@description('Required. Address people reach the app at, without a slash at the end.')
param publicUrl string

@description('Required. Address mail is sent from; its domain is verified in Communication Services.')
param mailSender string

@description('Required. Endpoint of the Communication Services resource, https://….')
param mailEndpoint string

@description('Optional. Tables and blobs of services that the data map names, by store: { name, tablesUrl, blobsUrl }.')
param stores array = []

var suffix = uniqueString(resourceGroup().id, environmentName)
var entities = loadJsonContent('servicebus.json').UserConfig.Namespaces[0]
var dataMap = loadYamlContent('../data_map.yaml')
// Every lane a service names in the data map has its subscription.
var lanes = union(map(dataMap.services, service => service.lane), [])

module identity 'app/identity.bicep' = {
  name: 'identity'
  params: { name: 'id-privacy-${environmentName}', location: location }
}

module telemetry 'app/telemetry.bicep' = {
  name: 'telemetry'
  params: { name: 'privacy-${environmentName}-${suffix}', location: location, principalId: identity.outputs.principalId }
}

module storage 'app/storage.bicep' = {
  name: 'storage'
  params: { environmentName: environmentName, suffix: suffix, location: location, principalId: identity.outputs.principalId }
}

module vault 'app/vault.bicep' = {
  name: 'vault'
  params: { name: 'kv-${environmentName}-${take(suffix, 10)}', location: location, principalId: identity.outputs.principalId }
}

module bus 'app/bus.bicep' = {
  name: 'bus'
  params: {
    name: 'sb-privacy-${environmentName}-${suffix}'
    location: location
    principalId: identity.outputs.principalId
    queues: entities.Queues
    topics: entities.Topics
    lanes: lanes
  }
}

module app 'app/function.bicep' = {
  name: 'app'
  params: {
    name: 'func-privacy-${environmentName}-${suffix}'
    location: location
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    hostStorageName: storage.outputs.hostName
    settings: union(
      {
        APPLICATIONINSIGHTS_CONNECTION_STRING: telemetry.outputs.connectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.outputs.clientId};Authorization=AAD'
        ServiceBus__fullyQualifiedNamespace: bus.outputs.fullyQualifiedNamespace
        ServiceBus__credential: 'managedidentity'
        ServiceBus__clientId: identity.outputs.clientId
        AZURE_CLIENT_ID: identity.outputs.clientId
        STATE_TABLES_URL: storage.outputs.stateTablesUrl
        KEYS_TABLES_URL: storage.outputs.keysTablesUrl
        EXPORTS_BLOBS_URL: storage.outputs.exportsBlobsUrl
        ENTRA_AUDIENCE: audience
        HOME_TENANT_ID: homeTenantId
        PUBLIC_URL: publicUrl
        MAIL_KIND: 'acs'
        MAIL_SENDER: mailSender
        ACS_ENDPOINT: mailEndpoint
        SWEEP_SCHEDULE: '0 * * * * *'
        REFERENCE_KEY_1: '@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/reference-key-1)'
        CODE_KEY_1: '@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/code-key-1)'
        WRAPPING_KEY_URL: '${vault.outputs.uri}keys/case-keys'
      },
      empty(signInClientId) ? {} : { SIGN_IN_CLIENT_ID: signInClientId },
      toObject(filter(stores, store => contains(store, 'tablesUrl')), store => 'STORE_${toUpper(store.name)}_TABLES_URL', store => store.tablesUrl),
      toObject(filter(stores, store => contains(store, 'blobsUrl')), store => 'STORE_${toUpper(store.name)}_BLOBS_URL', store => store.blobsUrl)
    )
  }
}

output url string = app.outputs.url
