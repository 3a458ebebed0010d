"""What is printed moves no cursor, clears no screen and sets no title of somebody's terminal."""

import pytest

from terminal.runtime.console import complain, show

ESCAPES = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e\x00"


def test_a_table_keeps_its_lines_and_nothing_that_acts(capsys: pytest.CaptureFixture[str]) -> None:
    show({}, f"one{ESCAPES}\ntwo" + "x" * 5_000, as_json=False)
    said = capsys.readouterr().out
    assert said.count("\n") == 2
    assert said.endswith("x" * 5_000 + "\n"), "a table is never cut"
    assert not set(said) & set("\x1b\x07\x9b\x00\u202e")


def test_a_complaint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain(f"refused:\r\n{ESCAPES} said the venue")
    said = capsys.readouterr().err
    assert said.startswith("refused: ")
    assert said.count("\n") == 1
    assert not set(said) & set("\x1b\x07\x9b\x00\u202e")
