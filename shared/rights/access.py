"""The right of access: a copy of the data, and the information of GDPR Art. 15(1) and (2)."""

from shared.rights.specification import RightSpec

RIGHT = RightSpec(code="access", legal_refs=("GDPR Art. 15",))
