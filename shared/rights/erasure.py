"""The right to erasure: everything a person's proof opens is deleted, but for what a law asks us to keep."""

from shared.rights.specification import RightSpec

RIGHT = RightSpec(code="erasure", legal_refs=("GDPR Art. 17", "GDPR Art. 19"))
