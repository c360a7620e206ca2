"""From one level to the next: what each level's units are, and how upper levels leave lawful lower ones."""
