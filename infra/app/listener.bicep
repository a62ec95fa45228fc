// A service that listens to its own lane: it may receive from that one subscription, and nothing else here.
@description('Required. Name of the namespace.')
param namespaceName string

@description('Required. Name of the topic.')
param topicName string

@description('Required. The lane.')
param lane string

@description('Required. The identity the service runs as.')
param principalId string

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: namespaceName

  resource topic 'topics' existing = {
    name: topicName

    resource subscription 'subscriptions' existing = {
      name: lane
    }
  }
}

// Azure Service Bus Data Receiver.
var receiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'

resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(namespace::topic::subscription.id, principalId, receiver)
  scope: namespace::topic::subscription
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', receiver)
  }
}
