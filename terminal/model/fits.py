"""What is worked out beside the engine and enters as a record: fits to options and to the past."""

from typing import TypeAlias

from terminal.model.forecast import Outlook
from terminal.model.market import Smile, StochasticVol

FitEvent: TypeAlias = Smile | StochasticVol | Outlook
