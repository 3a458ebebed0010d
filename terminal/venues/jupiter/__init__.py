"""Jupiter perpetuals on Solana: positions of a wallet, read only."""
