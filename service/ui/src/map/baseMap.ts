import XYZ from "ol/source/XYZ";
import TileGrid from "ol/tilegrid/TileGrid";

/** Finest tiles that map services have everywhere. */
const MAX_ZOOM = 18;
/** WMTS sets of Tianditu and of CGCS2000 services whose tiles are cut in degrees instead of Web Mercator metres. */
const IN_DEGREES = /[?&]tilematrixset=(c|epsg:?4490|epsg:?4326)(&|$)/i;

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Tiles by an address with {z}, {x} and {y}, or as WMTS writes them; behind a `#` stands whose map it is. */
export function tilesOf(template: string): XYZ {
  const [address, credit] = parted(template);
  const url = address.replace("{TileMatrix}", "{z}").replace("{TileCol}", "{x}").replace("{TileRow}", "{y}");
  const attributions = escaped(credit);
  if (!IN_DEGREES.test(address)) return new XYZ({ url, maxZoom: MAX_ZOOM, attributions });
  const resolutions = Array.from({ length: MAX_ZOOM + 1 }, (_, zoom) => 360 / 256 / 2 ** zoom);
  return new XYZ({ url, projection: "EPSG:4326", attributions, tileGrid: new TileGrid({ origin: [-180, 90], resolutions, tileSize: 256 }) });
}

/** The address, and the credit; where none is given, the host stands for it. */
function parted(template: string): [string, string] {
  const at = template.indexOf("#");
  const address = at < 0 ? template : template.slice(0, at);
  return [address, at < 0 ? (address.split("/")[2] ?? "") : template.slice(at + 1)];
}
