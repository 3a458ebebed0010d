"""The contracts: frozen values and protocols."""
