"""Maps: every format, every encoding, roles of layers, surroundings."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from reading_samples import LEDGER, changed, faults_of, footprints, read, rules_of, write_csv

CHINESE = {"楼栋编号": ["楼1", "楼2", "楼3"], "户数": [54, 60, 72], "小区": ["幸福里", "幸福里", "和平苑"]}


def write(frame: gpd.GeoDataFrame, path: Path, **options: object) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(path, **options)
    return path


@pytest.mark.parametrize("name", ["buildings.gpkg", "buildings.geojson", "buildings.gdb", "buildings.shp"])
def test_every_format_gives_the_same_buildings(tmp_path: Path, name: str) -> None:
    options = {"driver": "OpenFileGDB"} if name.endswith("gdb") else {}
    county = read(write(footprints(), tmp_path / name, **options))
    assert county.buildings["id"].tolist() == ["b1", "b2", "b3"]
    assert county.buildings["households"].tolist() == [54, 60, 72]
    assert county.buildings.geometry.area.tolist() == pytest.approx([400.0] * 3, rel=1e-3)
    assert county.crs.to_epsg() == 4548


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("cpg", ["kept", "missing", "wrong"])
def test_shapefiles_are_read_in_utf8_and_gbk_with_and_without_cpg(tmp_path: Path, encoding: str, cpg: str) -> None:
    path = write(footprints(**CHINESE), tmp_path / "楼栋.shp", encoding=encoding)
    if cpg == "missing":
        path.with_suffix(".cpg").unlink()
    elif cpg == "wrong" and encoding == "GBK":
        path.with_suffix(".cpg").write_text("UTF-8")
    county = read(path)
    assert county.buildings["id"].tolist() == ["楼1", "楼2", "楼3"]
    assert county.buildings["compound"].tolist() == ["幸福里", "幸福里", "和平苑"]
    if cpg == "missing" and encoding == "GBK":
        assert "encoding_guessed" in rules_of(county)


def test_field_names_cut_at_ten_bytes_are_recognised(tmp_path: Path) -> None:
    columns = {"楼栋编": ["1", "2", "3"], "居民户": [54, 60, 72], "previous_g": ["G1", "G1", "G2"]}
    path = write(footprints(**columns), tmp_path / "楼栋.shp", encoding="UTF-8")
    buildings = read(path).buildings
    assert buildings["households"].tolist() == [54, 60, 72]
    assert buildings["previous_grid"].tolist() == ["G1", "G1", "G2"]


def test_any_part_of_a_shapefile_names_it_and_lacking_parts_are_told(tmp_path: Path) -> None:
    path = write(footprints(), tmp_path / "buildings.shp")
    assert len(read(path.with_suffix(".dbf")).buildings) == 3
    assert len(read(tmp_path).buildings) == 3
    path.with_suffix(".dbf").unlink()
    assert "shapefile_incomplete" in faults_of(lambda: read(path))
    path.unlink()
    assert "shapefile_incomplete" in faults_of(lambda: read(path.with_suffix(".shx")))


def test_a_zipped_shapefile_is_read_without_trusting_its_paths(tmp_path: Path) -> None:
    path = write(footprints(), tmp_path / "buildings.shp")
    archive = tmp_path / "map.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for part in sorted(tmp_path.glob("buildings.*")):
            packed.write(part, f"../../outside/{part.name}")
        packed.writestr("../evil.txt", "x")
    assert len(read(archive).buildings) == 3
    assert sorted(p.name for p in tmp_path.parent.glob("outside")) == []
    assert path.exists()


def test_a_zip_without_shapefile_is_a_fault(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("readme.txt", "x")
    assert "zip_without_shapefile" in faults_of(lambda: read(tmp_path / "a.zip"))


def test_heights_are_dropped(tmp_path: Path) -> None:
    frame = footprints()
    frame.geometry = shapely.force_3d(frame.geometry.to_numpy(), 12.0)
    assert not read(write(frame, tmp_path / "buildings.gpkg")).buildings.geometry.has_z.any()


def test_null_geometries_are_faults_and_invalid_ones_pass(tmp_path: Path) -> None:
    frame = footprints()
    bow = shapely.Polygon([(440_000, 4_366_000), (440_020, 4_366_020), (440_020, 4_366_000), (440_000, 4_366_020)])
    frame.geometry = [bow, *frame.geometry[1:]]
    assert not read(write(frame, tmp_path / "buildings.gpkg")).buildings.geometry.is_valid.all()
    frame.geometry = [None, *frame.geometry[1:]]
    path = write(frame, tmp_path / "b.gpkg", layer="buildings")
    assert faults_of(lambda: read(path))["geometry_missing"][0].place.row == 1


def test_nan_in_geojson_is_named_and_not_taken_for_blank(tmp_path: Path) -> None:
    path = write(footprints(), tmp_path / "buildings.geojson")
    document = json.loads(path.read_text("utf-8"))
    document["features"][1]["properties"]["households"] = float("nan")
    path.write_text(json.dumps(document), encoding="utf-8")
    (fault,) = faults_of(lambda: read(path))["households_text"]
    assert fault.place.row == 2


def test_geojson_in_gbk_is_read(tmp_path: Path) -> None:
    path = write(footprints(**CHINESE), tmp_path / "楼栋.geojson")
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    assert read(path).buildings["compound"].iloc[0] == "幸福里"


def test_repeated_ids_name_both_rows(tmp_path: Path) -> None:
    path = write(footprints(id=["a", "b", "a"], households=[1, 2, 3]), tmp_path / "buildings.gpkg")
    (fault,) = faults_of(lambda: read(path))["id_twice"]
    assert fault.place.row == 3
    assert "buildings.gpkg:buildings:1" in fault.message.zh


def test_a_map_without_households_says_which_columns_it_saw(tmp_path: Path) -> None:
    path = write(footprints(id=["a", "b", "c"], dwell_x=[1, 2, 3]), tmp_path / "buildings.gpkg")
    (fault,) = faults_of(lambda: read(path))["households_column_missing"]
    assert "dwell_x" in fault.message.en
    assert read(path, columns={"households": "dwell_x"}).buildings["households"].sum() == 6


def test_a_map_where_nobody_lives_is_a_fault(tmp_path: Path) -> None:
    path = write(footprints(id=["a", "b", "c"], households=[0, 0, 0]), tmp_path / "buildings.gpkg")
    assert "nobody_lives_here" in faults_of(lambda: read(path))


def surroundings(path: Path, **layers: list[shapely.Geometry]) -> Path:
    write(footprints(), path, layer="buildings")
    for name, shapes in layers.items():
        write(gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4548"), path, layer=name)
    return path


LINE = shapely.LineString([(440_040, 4_365_900), (440_040, 4_366_100)])


def test_layer_names_tell_barriers_and_how_they_are_crossed(tmp_path: Path) -> None:
    names = ["河流", "railways", "高速公路", "道路", "streets", "围墙", "桥梁", "water"]
    county = read(surroundings(tmp_path / "map.gpkg", **{name: [LINE] for name in names}))
    told = dict(zip(county.barriers["kind"], county.barriers["crossing"], strict=True))
    assert told == {
        "river": "hard",
        "railway": "hard",
        "expressway": "hard",
        "road": "soft",
        "wall": "soft",
        "bridge": "open",
        "water": "hard",
    }


def test_roles_can_be_declared_by_layer_file_and_both(tmp_path: Path) -> None:
    path = surroundings(tmp_path / "map.gpkg", abc=[LINE], streets=[LINE])
    county = read(path)
    assert "layer_ignored" in rules_of(county)
    county = read(path, roles={"abc": "barriers:soft:wall", "map.gpkg:streets": "barriers:hard"})
    assert sorted(zip(county.barriers["kind"], county.barriers["crossing"], strict=True)) == [
        ("road", "hard"),
        ("wall", "soft"),
    ]
    assert read(path, roles={"streets": "ignore"}).barriers.empty
    assert "role_unknown" in faults_of(lambda: read(path, roles={"abc": "river"}))


def test_barriers_whose_crossing_nothing_tells_are_a_fault(tmp_path: Path) -> None:
    path = surroundings(tmp_path / "map.gpkg", abc=[LINE])
    assert "barrier_unknown" in faults_of(lambda: read(path, roles={"abc": "barriers"}))


def test_rows_tell_kind_and_crossing_of_barriers(tmp_path: Path) -> None:
    path = surroundings(tmp_path / "map.gpkg")
    rows = gpd.GeoDataFrame(
        {"类型": ["河流", "主干道", "河流"], "通行": ["", "hard", "open"]}, geometry=[LINE] * 3, crs="EPSG:4548"
    )
    write(rows, path, layer="障碍")
    county = read(path)
    assert list(zip(county.barriers["kind"], county.barriers["crossing"], strict=True)) == [
        ("river", "hard"),
        ("road", "hard"),
        ("river", "open"),
    ]


def test_nothing_recognised_lists_what_was_seen(tmp_path: Path) -> None:
    path = write(gpd.GeoDataFrame({"foo": [1]}, geometry=[LINE], crs="EPSG:4548"), tmp_path / "abc.gpkg")
    (fault,) = faults_of(lambda: read(path))["nothing_recognised"]
    assert "abc.gpkg:abc [foo]" in fault.remedy.en


def communities(path: Path, ids: list[str], shapes: list[shapely.Geometry]) -> Path:
    frame = gpd.GeoDataFrame({"id": ids, "name": [f"社区{i}" for i in ids]}, geometry=shapes, crs="EPSG:4548")
    return write(frame, path, layer="communities")


WEST = shapely.box(439_900, 4_365_900, 440_050, 4_366_100)
EAST = shapely.box(440_050, 4_365_900, 440_300, 4_366_100)


def test_location_gives_the_community_where_the_column_does_not(tmp_path: Path) -> None:
    county = read(
        write(footprints(), tmp_path / "buildings.gpkg"), communities(tmp_path / "c.gpkg", ["c1", "c2"], [WEST, EAST])
    )
    assert county.buildings["community"].tolist() == ["c1", "c2", "c2"]
    assert county.communities["name"].tolist() == ["社区c1", "社区c2"]


def test_buildings_in_no_or_several_communities_are_named(tmp_path: Path) -> None:
    far = shapely.box(440_058, 4_365_900, 440_100, 4_366_100)
    county = read(
        write(footprints(), tmp_path / "buildings.gpkg"), communities(tmp_path / "c.gpkg", ["c1", "c2"], [EAST, far])
    )
    assert county.buildings["community"].tolist() == ["c1", "c1", "c1"]
    (several,) = [n for n in county.notices if n.rule == "community_several"]
    (nearest,) = [n for n in county.notices if n.rule == "community_nearest"]
    assert (several.value, nearest.value) == ("b2", "b1")
    assert [n.value for n in county.notices if n.rule == "community_empty"] == ["c2"]


def test_the_community_column_speaks_ids_or_names_and_nothing_else(tmp_path: Path) -> None:
    layer = communities(tmp_path / "c.gpkg", ["c1", "c2"], [WEST, EAST])
    good = footprints(id=["a", "b", "c"], households=[1, 2, 3], community=["c2", "社区c1", None])
    assert read(write(good, tmp_path / "buildings.gpkg"), layer).buildings["community"].tolist() == ["c2", "c1", "c2"]
    bad = footprints(id=["a", "b", "c"], households=[1, 2, 3], community=["c2", "社区x", "社区x"])
    path = write(bad, tmp_path / "bad" / "buildings.gpkg") if (tmp_path / "bad").mkdir() is None else None
    assert path is not None
    (fault,) = faults_of(lambda: read(path, layer))["community_unknown"]
    assert fault.value == "社区x"


def test_a_ledger_joins_its_map_by_id(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "台账.csv", [row[:6] for row in LEDGER])
    path = write(footprints(id=["b3", "b2", "b1"]), tmp_path / "buildings.gpkg")
    county = read(path, ledger)
    assert county.buildings["households"].tolist() == [72, 60, 54]
    assert county.buildings["source"].tolist() == ["台账.csv:4", "台账.csv:3", "台账.csv:2"]


def test_a_ledger_joins_its_map_by_compound_and_number(tmp_path: Path) -> None:
    rows = [("楼号", "小区", "户数"), ("1号楼", "甲", 10), ("2", "甲", 20), ("1#", "乙", 30)]
    path = write(footprints(小区=["甲", "乙", "甲"], 楼号=["2号", "1栋", "1"]), tmp_path / "楼栋.gpkg")
    assert read(path, write_csv(tmp_path / "台账.csv", rows)).buildings["households"].tolist() == [20, 30, 10]


def test_rows_without_partner_are_told_on_both_sides(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "台账.csv", [row[:6] for row in changed(4, "楼栋编号", "b9")])
    path = write(footprints(id=["b1", "b2", "b3"]), tmp_path / "buildings.gpkg")
    (fault,) = faults_of(lambda: read(path, ledger))["row_without_footprint"]
    assert (fault.place.row, fault.value) == (4, "b9")
    empty = write_csv(tmp_path / "台账.csv", [row[:6] for row in changed(4, "户数", 0, changed(4, "楼栋编号", "b9"))])
    county = read(path, empty)
    assert {"row_without_footprint", "footprint_without_row"} <= rules_of(county)


def test_a_ledger_and_a_map_without_common_ids_show_examples(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "台账.csv", [row[:6] for row in LEDGER])
    path = write(footprints(id=["x1", "x2", "x3"]), tmp_path / "buildings.gpkg")
    (fault,) = faults_of(lambda: read(path, ledger))["join_impossible"]
    assert "x1" in fault.message.en
    assert "b1" in fault.message.en


def test_a_ledger_alone_without_coordinates_is_a_fault_and_its_cells_are_checked_too(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "台账.csv", [row[:6] for row in changed(2, "户数", "x")])
    assert {"coordinates_missing_everywhere", "households_text"} <= faults_of(lambda: read(ledger)).keys()


def test_the_outline_names_the_county_and_catches_strays(tmp_path: Path) -> None:
    outline = gpd.GeoDataFrame({"name": ["固安县"]}, geometry=[WEST.union(EAST)], crs="EPSG:4548")
    write(outline, tmp_path / "boundary.gpkg")
    path = write(footprints(), tmp_path / "buildings.gpkg")
    county = read(path, tmp_path / "boundary.gpkg")
    assert county.name == "固安县"
    assert county.boundary is not None
    frame = footprints()
    frame.geometry = [shapely.affinity.translate(frame.geometry[0], 5000), *frame.geometry[1:]]
    path = write(frame, tmp_path / "stray.gpkg", layer="buildings")
    (fault,) = faults_of(lambda: read(path, tmp_path / "boundary.gpkg"))["outside_outline"]
    assert fault.place.row == 1


def test_without_outline_the_first_path_names_the_county(tmp_path: Path) -> None:
    folder = tmp_path / "固安"
    folder.mkdir()
    path = write(footprints(), folder / "buildings.gpkg")
    assert read(folder).name == "固安"
    assert read(path).name == "buildings"
    assert read(path, name="东湾乡").name == "东湾乡"


def test_a_compound_ledger_is_expanded_and_flagged(tmp_path: Path) -> None:
    rows = [("小区名称", "户数", "楼栋数", "经度", "纬度"), ("甲", 100, 3, 116.30, 39.43), ("乙", 50, 2, 116.31, 39.43)]
    county = read(write_csv(tmp_path / "小区.csv", rows), expand_seed=3)
    assert len(county.buildings) == 5
    assert county.buildings["households"].sum() == 150
    assert county.buildings["estimated"].all()


def test_compounds_need_a_name_households_and_a_position(tmp_path: Path) -> None:
    rows = [("小区名称", "户数", "楼栋数", "经度", "纬度"), ("", 100, 3, 116.30, 39.43), ("乙", "", 2, "", 39.43)]
    path = write_csv(tmp_path / "小区.csv", rows)
    assert {"compound_unnamed", "households_missing", "geometry_missing"} <= faults_of(lambda: read(path)).keys()


def test_footprints_without_households_take_those_of_compounds(tmp_path: Path) -> None:
    path = write(footprints(id=["a", "a", "c"]), tmp_path / "buildings.gpkg")
    frame = gpd.GeoDataFrame(
        {"小区名称": ["甲"], "户数": [100], "楼栋数": [2]},
        geometry=[shapely.Point(440_010, 4_366_010)],
        crs="EPSG:4548",
    )
    county = read(path, write(frame, tmp_path / "小区.gpkg"))
    assert county.buildings["households"].sum() == 100
    assert county.buildings["id"].tolist() == ["a", "a-2", "c"]
    assert "id_parted" in rules_of(county)
