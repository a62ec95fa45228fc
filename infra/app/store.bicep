// What a copy reads and an erasure deletes or changes: tables, blobs, and blobs by their index tags. Never an owner.
@description('Required. The store\'s account.')
param accountName string

@description('Required. The identity the app runs as.')
param principalId string

// No built-in role but Storage Blob Data Owner may find blobs by tag.
resource tagReader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, accountName, 'tag-reader')
  properties: {
    roleName: 'Privacy blob tag reader on ${accountName}'
    description: 'Reads the index tags of blobs and finds blobs by them.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: []
        dataActions: [
          'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/read'
          'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/filter/action'
        ]
      }
    ]
  }
}

var tableContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

module grants 'grants.bicep' = {
  name: 'grants-${accountName}'
  params: {
    accountName: accountName
    principalId: principalId
    roleIds: [tableContributor, blobContributor, tagReader.name]
  }
}
