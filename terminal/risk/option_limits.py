"""Limits of an order in an option: in per cent of its own price, not in bp of the coin's."""

from msgspec.structs import replace

from terminal.model.risk import RiskProfile, Style

BP_A_PERCENT = 100.0


def for_options(profile: RiskProfile) -> RiskProfile:
    """Profile whose price limits hold for an order in an option.

    Parameters
    ----------
    profile : RiskProfile

    Returns
    -------
    RiskProfile
        Slippage cap and drift are ``option_slip_pct`` of the option's mid, widest spread and
        collar against its mark ``option_spread_pct``; its book may be as old as Greeks may. It
        rests first whatever the style, and takes only up to a limit.

    Notes
    -----
    An option's spread is some per cent of its premium, so limits in bp of the coin's price would
    refuse every option there is, and as bp of the coin allow several times a small premium. Sizes
    in USD stay what they are: they are compared with the notional of the underlying coins, the
    most that an option can come to stand for.
    """
    slip = BP_A_PERCENT * profile.option_slip_pct
    wide = BP_A_PERCENT * profile.option_spread_pct
    return replace(
        profile,
        slippage_cap_bps=slip,
        drift_price_bps=slip,
        spread_cap_bps=wide,
        collar_bps=max(wide, slip),
        book_age_s=profile.greeks_age_s,
        style=Style.POST_ONLY,
    )
