"""Jupiter perpetuals on Solana: positions of a wallet, read, and requests to change them."""
