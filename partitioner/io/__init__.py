"""Files in and out: ledgers, maps, plans."""
