"""How execution styles read."""

from collections.abc import Mapping

from terminal.model.risk import Style

STYLES: Mapping[str, str] = {
    Style.BY_URGENCY: "By urgency",
    Style.POST_ONLY: "Post-only peg",
    Style.MARKETABLE: "Marketable",
    Style.MARKET: "At the cap",
    Style.MIX: "Mix",
    Style.ICEBERG: "Iceberg",
    Style.TWAP: "TWAP",
}
"""As a choice."""

ACTS: Mapping[Style, str] = {
    Style.POST_ONLY: "post-only peg",
    Style.MARKETABLE: "marketable limit",
    Style.MARKET: "cross now, limit at the cap",
    Style.MIX: "part crosses, the others rest",
    Style.ICEBERG: "post-only iceberg",
    Style.TWAP: "TWAP slices",
}
"""As what a hedge does."""
