// The whole service in one resource group: names and wiring. What each role is made of stands in app/.
targetScope = 'resourceGroup'

@description('Required. Short name of the environment, part of every resource name: lower-case letters and digits.')
@minLength(2)
@maxLength(8)
param environmentName string

@description('Optional. Where everything is placed. Keep it inside the EEA.')
param location string = resourceGroup().location

@description('Required. Entra tenant in which operators hold their roles.')
@minLength(36)
param homeTenantId string

@description('Required. Client id of the API that tokens are issued for.')
@minLength(1)
param audience string

@description('Optional. Client id of the app registration that people sign in with on our pages.')
param signInClientId string = ''

@description('Optional. 2 once the vault holds reference-key-2: it is used for what is new, both for what is there.')
@allowed([1, 2])
param newestReferenceKey int = 1

@description('Optional. Public keys that signed certificates and are disabled now: a JSON list of JWKs with since and until.')
param retiredSigningKeys string = '[]'

@description('Required. Address people reach the app at, without a slash at the end.')
@minLength(9)
param publicUrl string

@description('Required. Address mail is sent from; its domain is verified in Communication Services.')
@minLength(3)
param mailSender string

@description('Required. Name of the Communication Services resource.')
@minLength(1)
param mailService string

@description('Optional. Resource group it is in.')
param mailServiceGroup string = resourceGroup().name

@description('Required. Storage accounts of the stores that the data map names: { name, account, resourceGroup }.')
@minLength(1)
param stores array

@description('Required. SQL databases of the stores that the data map names: { name, url }. A url without a password signs in as the app.')
param databases array

@description('Required. Systems outside that ask for a token, by the name of their credential: { name, origin }. The vault holds it as egress-<name>.')
param vendors array

@description('Required. Identities of the services that listen to their own lane: { lane, principalId }.')
param listeners array

var suffix = uniqueString(resourceGroup().id, environmentName)
var entities = loadJsonContent('servicebus.json').UserConfig.Namespaces[0]
var dataMap = loadYamlContent('../data_map.yaml')
// Every lane a service names in the data map has its subscription, and so has word to recipients.
var lanes = union(map(dataMap.services, service => service.lane), ['recipients'])

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

module listener 'app/listener.bicep' = [
  for one in listeners: {
    name: 'listener-${one.lane}'
    params: {
      namespaceName: bus.outputs.name
      topicName: entities.Topics[0].Name
      lane: one.lane
      principalId: one.principalId
    }
  }
]

module changes 'app/changes.bicep' = [
  for one in listeners: {
    name: 'changes-${one.lane}'
    params: {
      namespaceName: bus.outputs.name
      topicName: entities.Topics[1].Name
      lane: one.lane
      principalId: one.principalId
    }
  }
]

module mail 'app/mail.bicep' = {
  name: 'mail'
  scope: resourceGroup(mailServiceGroup)
  params: { name: mailService, principalId: identity.outputs.principalId }
}

module store 'app/store.bicep' = [
  for one in stores: {
    name: 'store-${one.name}'
    scope: resourceGroup(one.resourceGroup)
    params: { accountName: one.account, principalId: identity.outputs.principalId }
  }
]

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
        ACS_ENDPOINT: mail.outputs.endpoint
        SWEEP_SCHEDULE: '0 * * * * *'
        REFERENCE_KEY_1: '@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/reference-key-1)'
        CODE_KEY_1: '@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/code-key-1)'
        WRAPPING_KEY_URL: '${vault.outputs.uri}keys/case-keys'
        SIGNING_KEY_URL: '${vault.outputs.uri}keys/certificates'
        RETIRED_SIGNING_KEYS: retiredSigningKeys
      },
      empty(signInClientId) ? {} : { SIGN_IN_CLIENT_ID: signInClientId },
      newestReferenceKey < 2 ? {} : { REFERENCE_KEY_2: '@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/reference-key-2)' },
      toObject(
        stores,
        one => 'STORE_${replace(toUpper(one.name), '-', '_')}_TABLES_URL',
        one => 'https://${one.account}.table.${environment().suffixes.storage}'
      ),
      toObject(
        stores,
        one => 'STORE_${replace(toUpper(one.name), '-', '_')}_BLOBS_URL',
        one => 'https://${one.account}.blob.${environment().suffixes.storage}'
      ),
      toObject(databases, one => 'STORE_${replace(toUpper(one.name), '-', '_')}_SQL_URL', one => one.url),
      toObject(vendors, one => 'EGRESS_${replace(toUpper(one.name), '-', '_')}_ORIGIN', one => one.origin),
      toObject(
        vendors,
        one => 'EGRESS_${replace(toUpper(one.name), '-', '_')}_TOKEN',
        one => '@Microsoft.KeyVault(SecretUri=${vault.outputs.uri}secrets/egress-${one.name})'
      )
    )
  }
}

output url string = app.outputs.url
output vaultName string = vault.outputs.name
