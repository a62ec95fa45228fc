// Reading a store that the data map names: tables, blobs, and blobs by their index tags. Never writing.
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

var tableReader = '76199698-9eea-4c19-bc75-cec21354c6b6'
var blobReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'

module grants 'grants.bicep' = {
  name: 'grants-${accountName}'
  params: { accountName: accountName, principalId: principalId, roleIds: [tableReader, blobReader, tagReader.name] }
}
