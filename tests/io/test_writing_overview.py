"""The map can be read: neighbours differ, labels stand inside, Chinese type is embedded."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image
from pypdf import PdfReader
from writing_county import planned_town, with_plan

from partitioner.errors import OutputError
from partitioner.io.writing import write_overview
from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.colouring import coloured, touching_pairs
from partitioner.io.writing.overview.details import detail_sheets, grid_label
from partitioner.io.writing.overview.furniture import scale_length_m
from partitioner.io.writing.overview.labels import box_of, fit_beside, fit_inside
from partitioner.io.writing.overview.layout import sheet_for
from partitioner.io.writing.overview.panel import wrapped
from partitioner.io.writing.rows import grid_rows


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("map")
    write_overview(planned_town(heavy=True), folder / "o.png", folder / "o.pdf")
    return folder / "o.png", folder / "o.pdf"


def test_the_picture_is_large_and_shows_grids_and_the_fault(drawn: tuple[Path, Path]) -> None:
    with Image.open(drawn[0]) as image:
        assert image.size[0] == 2400
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    colours = {tuple(c) for c in np.unique(pixels, axis=0).tolist()}
    for wanted in (*style.GRID_FILLS[:4], style.WRONG, style.BUILDING):
        assert tuple(bytes.fromhex(wanted[1:])) in colours


def test_the_pdf_is_one_a3_sheet_with_chinese_that_can_be_searched(drawn: tuple[Path, Path]) -> None:
    reader = PdfReader(drawn[1])
    (page,) = reader.pages
    assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx((1191, 842), abs=1)
    text = page.extract_text()
    for wanted in ("方城县网格划分图", "东关社区", "405户", "户数超限 460"):
        assert wanted in text
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        parts = [part.get_object() for part in font.get("/DescendantFonts", [font])]
        for part in parts:
            descriptor = part["/FontDescriptor"].get_object()
            assert part["/Subtype"] == "/Type3" or any(f"/FontFile{n}" in descriptor for n in ("", "2", "3"))


def test_equal_plans_give_equal_files(drawn: tuple[Path, Path], tmp_path: Path) -> None:
    write_overview(planned_town(heavy=True), tmp_path / "o.png", tmp_path / "o.pdf")
    for path in drawn:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_it_draws_without_a_home(tmp_path: Path) -> None:
    tests = str(Path(__file__).parent)
    code = (
        f"import sys; sys.path.insert(0, {tests!r})\n"
        "from writing_county import planned_town\n"
        "from partitioner.io.writing import write_overview\n"
        f"write_overview(planned_town(), {str(tmp_path / 'o.png')!r}, {str(tmp_path / 'o.pdf')!r})\n"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": "/dev/null/home", "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, cwd=Path(__file__).parents[2])
    assert (tmp_path / "o.png").stat().st_size > 50_000


def test_grids_in_pieces_and_units_left_out_are_drawn(tmp_path: Path) -> None:
    labels: list[str | None] = ["A"] * 36
    labels[7] = labels[28] = "B"
    labels[35] = None
    write_overview(with_plan(planned_town(), labels), tmp_path / "o.png", tmp_path / "o.pdf")
    assert (tmp_path / "o.png").exists()


def test_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_overview(planned_town(), tmp_path / "nowhere" / "o.png", tmp_path / "o.pdf")


def test_neighbours_never_share_a_colour() -> None:
    rng = np.random.default_rng(3)
    cells = np.array(
        shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(rng.uniform(0, 1000, size=(500, 2))))),
        dtype=object,
    )
    pairs = touching_pairs(cells)
    assert len(pairs) > 1000
    colour = coloured(len(cells), pairs, len(style.GRID_FILLS))
    assert all(colour[a] != colour[b] for a, b in pairs)
    assert max(colour) < len(style.GRID_FILLS)


def test_where_colours_run_out_new_ones_are_made() -> None:
    assert sorted(coloured(5, list(combinations(range(5), 2)), 3)) == [0, 1, 2, 3, 4]


def test_a_label_stands_inside_its_grid_or_not_at_all() -> None:
    bent = shapely.Polygon([(0, 0), (100, 0), (100, 20), (20, 20), (20, 100), (0, 100)])
    label = fit_inside(bent, ("001\n405户", "001"), 0.35)
    assert label is not None
    assert bent.contains(box_of(label.x, label.y, label.text, label.size, 0.35))
    assert fit_inside(bent, ("001\n405户", "001"), 50.0) is None


def test_a_name_makes_way_for_what_is_there() -> None:
    area = shapely.box(0, 0, 100, 100)
    taken = [shapely.box(30, 30, 70, 70)]
    label = fit_beside(area, "东关社区", 0.3, 10, taken)
    assert label is not None
    assert not box_of(label.x, label.y, label.text, label.size, 0.3).intersects(taken[0])
    assert fit_beside(area, "东关社区", 0.3, 10, [area]) is None


@pytest.mark.parametrize(("width", "length"), [(360, 50), (6_000, 1000), (29_000, 2_000), (1, 1)])
def test_the_scale_bar_is_round(width: float, length: int) -> None:
    assert scale_length_m(width) == length


def test_a_tall_county_stands_upright() -> None:
    assert sheet_for((0, 0, 10, 30)).is_upright
    assert not sheet_for((0, 0, 30, 10)).is_upright
    for bounds in ((0, 0, 10, 30), (0, 0, 30, 10), (5, 5, 5, 5)):
        sheet = sheet_for(bounds)
        left, bottom, right, top = sheet.extent
        assert left <= bounds[0]
        assert bottom <= bounds[1]
        assert right >= bounds[2]
        assert top >= bounds[3]


def test_lines_break_between_words_and_before_no_comma() -> None:
    lines = wrapped("已证明不存在，满足 CGCS2000 规则", 6)
    assert "".join(lines).replace(" ", "") == "已证明不存在，满足CGCS2000规则"
    assert any("CGCS2000" in line for line in lines)
    assert not any(line.startswith("，") for line in lines)


def test_grids_too_small_for_labels_get_sheets_of_their_own() -> None:
    """A hamlet of 36 tiny grids in a county of four large ones, and one tiny grid far away."""
    template = grid_rows(planned_town())[0]
    big = [(shapely.box(x, y, x + 20_000, y + 20_000), "big") for x in (0, 20_000) for y in (0, 20_000)]
    tiny = [(shapely.box(x, y, x + 90, y + 90), "tiny") for x in range(0, 540, 90) for y in range(0, 540, 90)]
    far = [(shapely.box(39_000, 39_000, 39_090, 39_090), "far")]
    rows = [replace(template, shape=shape, home=shape.centroid, code=name) for shape, name in big + tiny + far]
    overview = sheet_for((0, 0, 40_000, 40_000))
    details = detail_sheets(rows, overview)
    assert len(details) == 1
    for row in rows:
        assert (grid_label(row, overview) is not None) == (row.code == "big")
        assert row.code != "tiny" or grid_label(row, details[0].sheet) is not None


def test_a_county_that_needs_no_details_has_one_sheet(drawn: tuple[Path, Path]) -> None:
    assert detail_sheets(grid_rows(planned_town()), sheet_for((0, 0, 360, 360))) == ()
    assert len(PdfReader(drawn[1]).pages) == 1


def test_odd_names_are_drawn_as_they_are(tmp_path: Path) -> None:
    planned = planned_town()
    communities = planned.county.communities.assign(name=["$x_1$ \\frac{", "🏠🏠"])
    county = replace(planned.county, name="a$b$c", communities=communities)
    write_overview(replace(planned, county=county), tmp_path / "o.png", tmp_path / "o.pdf")
    text = PdfReader(tmp_path / "o.pdf").pages[0].extract_text()
    assert "a$b$c" in text
    assert "$x_1$" in text
