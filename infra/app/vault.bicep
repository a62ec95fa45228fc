// Keys: secrets for references and codes, which a person puts in, the key that wraps each request's own, and the one
// that signs certificates.
@description('Required. Name of the vault.')
param name string

@description('Required. Location.')
param location string

@description('Required. The identity the app runs as.')
param principalId string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
  }
}

resource wrapping 'Microsoft.KeyVault/vaults/keys@2024-11-01' = {
  parent: vault
  name: 'case-keys'
  properties: { kty: 'RSA', keySize: 3072, keyOps: ['wrapKey', 'unwrapKey'] }
}

resource signing 'Microsoft.KeyVault/vaults/keys@2024-11-01' = {
  parent: vault
  name: 'certificates'
  properties: { kty: 'EC', curveName: 'P-256', keyOps: ['sign', 'verify'] }
}

// Key Vault Crypto User, on the signing key alone: read its versions, and sign.
resource signs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(signing.id, principalId, 'sign')
  scope: signing
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '12338af0-0e69-4776-bea7-57ae8d297424'
    )
  }
}

// Key Vault Secrets User, Key Vault Crypto Service Encryption User (wrap and unwrap alone).
var roleIds = ['4633458b-17de-408a-b874-0445c86b69e6', 'e147488a-f6f5-4113-8e2d-b22465e65bf6']

resource grants 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in roleIds: {
    name: guid(vault.id, principalId, role)
    scope: vault
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

output uri string = vault.properties.vaultUri
output name string = vault.name
