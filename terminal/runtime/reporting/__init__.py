"""Reports of a day: what is found in a journal, and how it is written down."""
