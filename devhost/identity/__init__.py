"""The local identity provider: issuers, sign-in page and managed identity in Entra ID's shape."""
