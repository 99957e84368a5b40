"""The product's one tree of errors, grouped by what the person at the keyboard has to do.

    PipelineError                 exit code
      ConfigError                 2     change a setting, an option or a name
      CredentialError             1     fix config/.env or the venue's key
      APIError                    1     check the network or the venue, try again later
        RateLimitError            1     wait, the venue said for how long
      DataError                   1     look at the candles: missing, damaged or not enough
        CorruptFileError          1     a stored file is not what was written: the message names it
        NoCandlesError            1     choose dates for which there are candles
      BacktestError               1     the simulation cannot run on what it was given
      OptimizationError           1     the search cannot go on
      StatisticsError             1     a figure has no value for these numbers: the report says why
      StorageError                1     free disk space or fix the permissions
      LockedError                 1     another process is at work on the same run
      RunNotFoundError            2     name a run that exists
      JobNotFoundError            2     name a job that exists
      QueueFullError              1     wait until a job has ended, or cancel one

A message says what happened, the value, and what to try. Scores are never used to carry errors.
"""


class PipelineError(Exception):
    """Base of every error that the product raises on purpose; shown to the user without a traceback.

    ``passing`` says that the very same may work in a moment, so that waiting and trying again is worth it.
    """

    exit_code = 1
    passing = False


class ConfigError(PipelineError, ValueError):
    """A setting, option or name is wrong; raised before any work starts."""

    exit_code = 2


class CredentialError(PipelineError):
    """A key is missing, malformed or refused by the venue."""


class APIError(PipelineError):
    """A venue could not be reached or answered with an error."""


class RateLimitError(APIError):
    """A venue asked to be left alone for a while."""


class DataError(PipelineError, ValueError):
    """Candles are missing, out of order, damaged or too few."""


class CorruptFileError(DataError):
    """A file written earlier does not hold what was written (wrong hash, cut short, not parseable)."""


class NoCandlesError(DataError):
    """There are no candles in the range that was asked for: an answer, not damage."""


class BacktestError(PipelineError, ValueError):
    """A simulation cannot run on what it was given."""


class OptimizationError(PipelineError):
    """A search cannot start or go on."""


class StatisticsError(PipelineError, ValueError):
    """A statistic cannot be computed from what it was given; the message says why in words that a report can show."""


class StorageError(PipelineError, OSError):
    """The disk refused a write: full, read-only or not permitted; nothing half-written is left at a final name."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class LockedError(PipelineError):
    """Another process is at work on the same run."""


class RunNotFoundError(PipelineError, LookupError):
    """No run of that name exists."""

    exit_code = 2


class JobNotFoundError(PipelineError, LookupError):
    """No job of that name exists."""

    exit_code = 2


class QueueFullError(PipelineError):
    """As many jobs wait as may wait."""

    passing = True
