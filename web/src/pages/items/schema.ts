// What the class of an item says about an attribute: the part of JSON Schema that decides how it is written.

import type { ClassInfo } from "@/api/items";
import { brief } from "@/components/brief";
import { bytes } from "@/format/number";

export interface AttributeSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  items?: AttributeSchema;
}

export const schemaOf = (c: ClassInfo | undefined, name: string): AttributeSchema => ((c?.attributes as Record<string, AttributeSchema> | undefined)?.[name] ?? {});

/** "memoryBytes" as words. */
export const spaced = (key: string) => key.replaceAll("_", " ").replace(/([a-z])([A-Z])/g, (_m, a: string, b: string) => `${a} ${b.toLowerCase()}`);

export type Kind = "text" | "number" | "yesno" | "choice" | "list" | "json";

/** How a value is written: by its schema, or by what it is now. */
export function kindOf(schema: AttributeSchema, value: unknown): Kind {
  if (schema.enum?.length) return "choice";
  const type = Array.isArray(schema.type) ? schema.type.find((t) => t !== "null") : schema.type;
  if (type === "boolean" || (!type && typeof value === "boolean")) return "yesno";
  if (type === "number" || type === "integer" || (!type && typeof value === "number")) return "number";
  if (type === "array" || (!type && Array.isArray(value))) {
    const plain = Array.isArray(value) ? value.every((v) => typeof v === "string") : !schema.items || schema.items.type === "string";
    return plain ? "list" : "json";
  }
  if (type === "object" || (!type && value !== null && typeof value === "object")) return "json";
  return "text";
}

/** The value as text to edit. */
export function written(kind: Kind, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (kind === "json") return JSON.stringify(value, null, 2);
  if (kind === "list") return (value as unknown[]).join("\n");
  return String(value);
}

/** The text as a value, or why it is none. */
export function read(kind: Kind, text: string): { value: unknown } | { wrong: string } {
  const t = text.trim();
  if (t === "") return { wrong: "Write a value, or take yours back" };
  switch (kind) {
    case "number": return Number.isFinite(Number(t)) ? { value: Number(t) } : { wrong: "This is not a number" };
    case "yesno": return { value: t === "true" };
    case "list": return { value: t.split("\n").map((l) => l.trim()).filter(Boolean) };
    case "json":
      try {
        return { value: JSON.parse(t) as unknown };
      } catch {
        return { wrong: "This is not JSON" };
      }
    default: return { value: t };
  }
}

/** A value in one line: sizes with their unit. */
export const shortly = (name: string, value: unknown): string => (typeof value === "number" && /bytes$/i.test(name) ? bytes(value) : brief(value));

/** Who said a value, as a person reads it: "person" is set by hand, "import|seed" is a source with its scope. */
export const sourceWord = (source: string) => (source === "person" || source.startsWith("person|") ? "manual" : source.replace("|", " "));
