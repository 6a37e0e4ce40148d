"""What a page may weigh on the wire, in bytes (compressed)."""

JS_BUDGET, CSS_BUDGET, HTML_BUDGET, PUBLIC_BUDGET = 45_000, 15_000, 25_000, 30_000
