"""Pictures drawn from numbers: seals, engraved plates of produce, landscapes and villages. Same input, same picture."""
