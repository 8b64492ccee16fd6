"""Where everything that the witness plays is: one account in one region."""

from typing import Final

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-west-1"
