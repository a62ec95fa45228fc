"""Azure Storage for the local stack: Azurite, its installation, and the Node it runs on."""
