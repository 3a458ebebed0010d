"""Slices that tests draw from."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from terminal.pricing.rows import FloatArray
from terminal.pricing.surface.svi import RawSvi

# Gatheral and Jacquier (2014), example 3.1: positive everywhere, and yet it holds a butterfly.
VOGT = RawSvi(a=-0.0410, b=0.1331, rho=0.3060, m=0.3586, sigma=0.4153)
PLAIN = RawSvi(a=0.01, b=0.12, rho=-0.25, m=0.02, sigma=0.12)
STRIKES: FloatArray = np.linspace(-0.5, 0.5, 25)

# Smiles as one sees them, in the units of STRIKES; most of these are free of butterflies.
smiles = st.builds(
    RawSvi,
    a=st.floats(0.005, 0.1),
    b=st.floats(0.02, 0.4),
    rho=st.floats(-0.8, 0.8),
    m=st.floats(-0.2, 0.2),
    sigma=st.floats(0.05, 0.5),
)
