// The bus: the same entities as the local stack, from the same file, and a subscription for each lane of the data map.
@description('Required. Name of the namespace.')
param name string

@description('Required. Location.')
param location string

@description('Required. The identity the app runs as.')
param principalId string

@description('Required. Queues, in the emulator\'s shape.')
param queues array

@description('Required. Topics, in the emulator\'s shape.')
param topics array

@description('Required. Lanes that the data map\'s services name.')
param lanes array

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  sku: { name: 'Standard', tier: 'Standard' }
  properties: { disableLocalAuth: true, minimumTlsVersion: '1.2' }
}

resource queue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for one in queues: {
    parent: namespace
    name: one.Name
    properties: {
      lockDuration: one.Properties.LockDuration
      maxDeliveryCount: one.Properties.MaxDeliveryCount
      requiresDuplicateDetection: one.Properties.RequiresDuplicateDetection
      duplicateDetectionHistoryTimeWindow: one.Properties.DuplicateDetectionHistoryTimeWindow
      defaultMessageTimeToLive: one.Properties.DefaultMessageTimeToLive
      deadLetteringOnMessageExpiration: one.Properties.DeadLetteringOnMessageExpiration
    }
  }
]

resource topic 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = [
  for one in topics: {
    parent: namespace
    name: one.Name
    properties: {
      requiresDuplicateDetection: one.Properties.RequiresDuplicateDetection
      duplicateDetectionHistoryTimeWindow: one.Properties.DuplicateDetectionHistoryTimeWindow
      defaultMessageTimeToLive: one.Properties.DefaultMessageTimeToLive
    }
  }
]

resource lane 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [
  for one in lanes: {
    parent: topic[0]
    name: one
    properties: {
      lockDuration: 'PT1M'
      maxDeliveryCount: 5
      defaultMessageTimeToLive: 'P14D'
      deadLetteringOnMessageExpiration: true
    }
  }
]

resource rule 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2024-01-01' = [
  for (one, at) in lanes: {
    parent: lane[at]
    name: '$Default'
    properties: { filterType: 'CorrelationFilter', correlationFilter: { properties: { lane: one } } }
  }
]

// Azure Service Bus Data Sender and Data Receiver: never Owner.
var roleIds = ['69a216fc-b8fb-44d8-bc22-1f3c2cd27a39', '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0']

resource grants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roleIds: {
    name: guid(namespace.id, principalId, role)
    scope: namespace
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

output name string = namespace.name
output fullyQualifiedNamespace string = '${namespace.name}.servicebus.windows.net'
