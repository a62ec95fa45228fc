// Sending mail as the app's identity through a Communication Services resource that is there, its domain verified.
@description('Required. The resource.')
param name string

@description('Required. The identity the app runs as.')
param principalId string

resource mail 'Microsoft.Communication/communicationServices@2023-04-01' existing = {
  name: name
}

// Communication and Email Service Owner: wider than sending, and the only built-in role that may.
var sender = '09976791-48a7-449e-bb21-39d1a415f350'

resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(mail.id, principalId, sender)
  scope: mail
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
  }
}

output endpoint string = 'https://${mail.properties.hostName}'
