// The graph's payloads, from the server's document.

import type { components } from "./generated/schema";
import type { Severity } from "./types";

type Schemas = components["schemas"];

export type Item = Schemas["GraphItem"];
export type ItemDetails = Schemas["GraphDetails"];
export type Word = Schemas["GraphWord"];
export type Relation = Schemas["GraphRelationView"];
export type Affected = Schemas["GraphAffected"];
export type Impact = Schemas["GraphImpact"];
export type Moment = Schemas["GraphMoment"];
export type ClassInfo = Schemas["GraphClassView"];
export type ItemDraft = Schemas["GraphDraft"];
export type ItemPatch = Schemas["GraphPatch"];
export type ItemMerge = Schemas["GraphMergeRecord"];
export type Duplicate = Schemas["GraphDuplicate"];
export type RelationType = Schemas["ClassesRelationType"];
/** With its severity, which the alerts know and the map does not. */
export type MapNode = Schemas["GraphMapNode"] & { severity?: Severity };
export type MapEdge = Schemas["GraphMapEdge"];
export type MapView = Schemas["GraphMap"];
