"""`python -m service.api` writes the OpenAPI document to standard output."""

import json
import sys

from service.app import contract

sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
sys.stdout.write(json.dumps(contract(), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
