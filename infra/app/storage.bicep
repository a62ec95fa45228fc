// Four accounts with four lives: the host's own, our state, the wrapped keys, and the payloads. No shared keys anywhere.
@description('Required. Short name of the environment.')
param environmentName string

@description('Required. What makes names unique.')
param suffix string

@description('Required. Location.')
param location string

@description('Required. The identity the app runs as.')
param principalId string

// Storage Blob Data Owner is what the Functions host asks for on its own account; nothing else has it.
var roles = {
  blobOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobDelegator: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a'
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

var accounts = [
  { role: 'host', grants: [roles.blobOwner, roles.tableContributor] }
  { role: 'state', grants: [roles.tableContributor] }
  { role: 'keys', grants: [roles.tableContributor] }
  { role: 'exports', grants: [roles.blobContributor, roles.blobDelegator] }
]

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = [
  for one in accounts: {
    name: take('st${one.role}${environmentName}${suffix}', 24)
    location: location
    kind: 'StorageV2'
    sku: { name: one.role == 'state' ? 'Standard_ZRS' : 'Standard_LRS' }
    properties: {
      allowSharedKeyAccess: false
      allowBlobPublicAccess: false
      minimumTlsVersion: 'TLS1_2'
      supportsHttpsTrafficOnly: true
    }
  }
]

// Payloads and keys must be gone when they are deleted: no soft delete, no versions, no snapshots.
resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = [
  for (one, at) in accounts: {
    parent: account[at]
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: false }
      containerDeleteRetentionPolicy: { enabled: false }
      isVersioningEnabled: false
    }
  }
]

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = [
  for name in ['fragments', 'packages']: {
    parent: blobs[3]
    name: name
  }
]

resource deployments 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs[0]
  name: 'deployments'
}

// A net under our own deletion: longer than the 30 days of an answer and the 7 of its package.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2024-01-01' = {
  parent: account[3]
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'payloads-end'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'] }
            actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: 45 } } }
          }
        }
      ]
    }
  }
}

resource tableServices 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' = [
  for (one, at) in accounts: if (one.role == 'state' || one.role == 'keys') {
    parent: account[at]
    name: 'default'
  }
]

resource stateTables 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' = [
  for name in ['Requests', 'Waits', 'Deadlines', 'Subjects', 'Exports', 'Limits', 'Brakes', 'Turns', 'Tenants', 'TenantCases', 'Reviews', 'AccountEvents', 'Measures', 'Consents']: {
    parent: tableServices[1]
    name: name
  }
]

resource keyTable 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' = {
  parent: tableServices[2]
  name: 'CaseKeys'
}

module grants 'grants.bicep' = [
  for (one, at) in accounts: {
    name: 'grants-${one.role}'
    params: { accountName: account[at].name, principalId: principalId, roleIds: one.grants }
  }
]

output hostName string = account[0].name
output deploymentContainerUrl string = '${account[0].properties.primaryEndpoints.blob}deployments'
output stateTablesUrl string = 'https://${account[1].name}.table.${environment().suffixes.storage}'
output keysTablesUrl string = 'https://${account[2].name}.table.${environment().suffixes.storage}'
output exportsBlobsUrl string = 'https://${account[3].name}.blob.${environment().suffixes.storage}'
