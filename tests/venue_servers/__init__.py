"""Exchanges on this machine: their real wire formats, signatures and ways to fail."""
