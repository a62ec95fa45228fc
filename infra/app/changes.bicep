// Word that limits on processing changed, for one service: a subscription of its own, from which it may receive.
@description('Required. Name of the namespace.')
param namespaceName string

@description('Required. Name of the topic.')
param topicName string

@description('Required. Name of the subscription: the service\'s lane.')
param lane string

@description('Required. The identity the service runs as.')
param principalId string

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: namespaceName

  resource topic 'topics' existing = {
    name: topicName
  }
}

// What was not read within the hour is of no use: an answer to a look-up is older by then than it may be.
resource subscription 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = {
  parent: namespace::topic
  name: lane
  properties: {
    lockDuration: 'PT1M'
    maxDeliveryCount: 5
    defaultMessageTimeToLive: 'PT1H'
    deadLetteringOnMessageExpiration: false
  }
}

// Azure Service Bus Data Receiver.
var receiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'

resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription.id, principalId, receiver)
  scope: subscription
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', receiver)
  }
}
