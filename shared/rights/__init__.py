"""What the law asks for, one file per right."""
