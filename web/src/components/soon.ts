import { createContext, useContext } from "react";
import type { Search } from "@/state/search";

/** What is about to be asked of a list: it is fetched while the finger is still on the button. */
const context = createContext<(next: Search) => void>(() => {});

export const Soon = context.Provider;
export const useSoon = () => useContext(context);
