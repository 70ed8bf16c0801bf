"""The real AWS client up to the moment of sending, as in tests/adapters."""

from tests.adapters.conftest import credentials, new_wire, no_credentials

__all__ = ["credentials", "new_wire", "no_credentials"]
