import Polygon from "ol/geom/Polygon";

/** A circle as a polygon of 24 corners. */
export function circular([x, y]: [number, number], radius: number): Polygon {
  const ring = Array.from({ length: 25 }, (_, corner) => {
    const angle = (corner / 12) * Math.PI;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
  return new Polygon([ring]);
}
