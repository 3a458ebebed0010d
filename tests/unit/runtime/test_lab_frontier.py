"""The frontier verb: every policy at every risk, the same in table, CSV and JSON."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from terminal.__main__ import main
from terminal.lab.rules import REFERENCE, rules
from terminal.runtime.frontier_svg import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from terminal.runtime.lab_frontier import LEVELS
from tests.unit.lab.walks import walk
from tests.unit.runtime.test_sweep import NAME, write_bars


def test_every_policy_at_every_risk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = str(write_bars(tmp_path / NAME, walk(1, 52))), tmp_path / "out"
    argv = ["lab", "frontier", data, "--draws", "100", "--out", str(out), "--progress"]
    assert main(argv) == 0
    text, err = capsys.readouterr()
    assert "100 % BTC" in err
    with (out / "frontier.csv").open() as file:
        rows = list(csv.DictReader(file))
    policies = [rule.name for rule in rules(order_cost=False)]
    assert [row["policy"] for row in rows] == policies * len(LEVELS)
    assert all(name in text for name in policies)
    found = json.loads((out / "frontier.json").read_text())
    cells = [each for each in found["cells"] if each["measure"] == "net"]
    for row, cell in zip(rows, cells, strict=True):
        assert float(row["cost_usd"]) == pytest.approx(cell["cost"], abs=1e-4)
        assert cell["cost_band"][0] <= cell["cost_band"][1]
    own = [cell for cell in cells if cell["policy"] == REFERENCE]
    assert [cell["ratio"] for cell in own] == [1.0] * len(LEVELS)
    assert [cell["cost"] for cell in own] == sorted((c["cost"] for c in own), reverse=True)
    risks = [cell["risk"] for cell in own]
    assert risks == sorted(risks)
    picture = ET.parse(out / "frontier.svg").getroot()
    named = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert set(policies) <= set(named)
    lines = list(picture.iter("{http://www.w3.org/2000/svg}polyline"))
    reached = sum(cell["reached"] for cell in cells)
    assert sum(len(str(line.get("points")).split()) for line in lines) == reached
    for pair in " ".join(str(line.get("points")) for line in lines).split():
        x, y = (float(each) for each in pair.split(","))
        assert LEFT <= x <= WIDTH - RIGHT
        assert TOP <= y <= HEIGHT - BOTTOM
    own_line = picture.findall(".//{http://www.w3.org/2000/svg}polyline")[policies.index(REFERENCE)]
    assert len({pair.split(",")[1] for pair in str(own_line.get("points")).split()}) == 1
    assert max(map(len, text.splitlines())) <= 160


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--draws", "1"), "--draws must be 100 to 2000"),
        ((), "4 windows have their 7 days and the 30 before"),
    ],
)
def test_bad_input_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    data = str(write_bars(tmp_path / NAME, walk(1, 40)))
    assert main(["lab", "frontier", data, *options]) == 2
    assert said in capsys.readouterr().err
