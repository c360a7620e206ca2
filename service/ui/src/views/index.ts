import type { ComponentType } from "preact";
import type { common } from "../i18n/common";
import { DataView } from "./data/DataView";
import { HandoverView } from "./handover/HandoverView";
import { MapView } from "./map/MapView";
import { PeopleView } from "./people/PeopleView";
import { PlanView } from "./plan/PlanView";
import { RedrawView } from "./redraw/RedrawView";

export interface View {
  id: "data" | "plan" | "map" | "redraw" | "people" | "handover";
  title: keyof (typeof common)["zh"];
  Component: ComponentType;
}

/** The steps of the work, in the order in which a planner takes them. */
export const VIEWS: View[] = [{ id: "data", title: "data", Component: DataView }, { id: "plan", title: "plan", Component: PlanView }, { id: "map", title: "map", Component: MapView }, { id: "redraw", title: "redraw", Component: RedrawView }, { id: "people", title: "people", Component: PeopleView }, { id: "handover", title: "handover", Component: HandoverView }];
