"""Every error is one of the product's own, and its exit code says who has to act."""

import inspect

import pytest

from core import errors

ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
TO_BE_FIXED_BY_THE_USER = {errors.ConfigError, errors.RunNotFoundError, errors.JobNotFoundError}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_error_belongs_to_the_tree_and_has_its_exit_code(kind: type[errors.PipelineError]) -> None:
    assert issubclass(kind, errors.PipelineError)
    assert kind.exit_code == (2 if kind in TO_BE_FIXED_BY_THE_USER else 1)
    assert str(kind("what happened, the value, what to try")) == "what happened, the value, what to try"


def test_errors_are_also_what_python_calls_them() -> None:
    assert issubclass(errors.ConfigError, ValueError)
    assert issubclass(errors.DataError, ValueError)
    assert issubclass(errors.StorageError, OSError)
    assert issubclass(errors.RunNotFoundError, LookupError)


def test_every_error_stands_in_the_documented_tree() -> None:
    assert errors.__doc__ is not None
    assert all(kind.__name__ in errors.__doc__ for kind in ALL)
    assert errors.StorageError().args == ()
    assert str(errors.StorageError()) == ""
