"""Names of the kinds that clients may ask for; the workers' table holds the same ones and what the service adds."""

JOB_KINDS = (
    "plan",
    "check",
    "save",
    "finish",
    "repair",
    "redraw",
    "trade_off",
    "diff",
    "staff",
    "takers",
    "export",
    "print",
)
