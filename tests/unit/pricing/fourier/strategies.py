"""Models and options for the laws: markets from calm to wild, inside what a desk meets."""

from __future__ import annotations

from hypothesis import strategies as st

from terminal.pricing.fourier.models import Bates, Heston, Merton

variances = st.floats(0.01, 1.5)
rates = st.floats(0.0, 30.0)
jump_means = st.floats(-0.15, 0.15)
jump_stds = st.floats(0.0, 0.2)
diffusion = (variances, st.floats(0.2, 10.0), variances, st.floats(0.0, 3.0), st.floats(-0.95, 0.9))

hestons = st.builds(Heston, *diffusion)
mertons = st.builds(Merton, st.floats(0.1, 1.5), rates, jump_means, jump_stds)
bates = st.builds(Bates, *diffusion, rates, jump_means, jump_stds)
models = st.one_of(hestons, mertons, bates)

forwards = st.floats(1e-2, 1e6)
tenors = st.floats(1.0 / 365.0, 3.0)
scores = st.floats(-3.0, 3.0)
signs = st.sampled_from([1.0, -1.0])
