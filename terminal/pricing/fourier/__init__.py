"""Stochastic volatility and jumps: Fourier-cosine prices, Greeks, hedge ratios, calibration."""
