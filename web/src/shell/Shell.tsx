import { ActionIcon, Drawer } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { Outlet, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ActionsProvider, useActions } from "@/app/actions";
import { LiveProvider } from "@/app/live";
import { RangeProvider, useRange } from "@/app/range";
import { useCan } from "@/app/session";
import { IconBack, IconForward, IconMenu } from "@/ui/icons";
import { AccountMenu } from "./AccountMenu";
import { Help } from "./Help";
import { LiveMark } from "./LiveMark";
import { Logo } from "./Logo";
import { Navigation } from "./Navigation";
import { Palette, PaletteButton } from "./Palette";
import { RangePicker } from "./RangePicker";
import { sections } from "./sections";
import classes from "./Shell.module.css";

/** What every page lives in. */
export function Shell() {
  return (
    <LiveProvider>
      <RangeProvider>
        <ActionsProvider>
          <Frame />
        </ActionsProvider>
      </RangeProvider>
    </LiveProvider>
  );
}

function Frame() {
  const [narrow, setNarrow] = useLocalStorage({ key: "mainstay-narrow-navigation", defaultValue: false, getInitialValueInEffect: false });
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  useGlobalActions({ openPalette: () => setPalette(true), openHelp: () => setHelp(true), toggleNavigation: () => setNarrow((n) => !n) });
  return (
    <div className={classes.frame} data-narrow={narrow || undefined}>
      <a href="#content" className={classes.skip}>Skip to content</a>
      <header className={classes.top}>
        <ActionIcon className={classes.burger} aria-label="Open navigation" size="lg" onClick={() => setDrawer(true)}><IconMenu size={18} /></ActionIcon>
        <Logo narrow={narrow} />
        <PaletteButton onClick={() => setPalette(true)} />
        <div className={classes.right}>
          <RangePicker />
          <LiveMark />
          <AccountMenu onHelp={() => setHelp(true)} />
        </div>
      </header>
      <aside className={classes.side}>
        <Navigation narrow={narrow} />
        <ActionIcon className={classes.fold} aria-label={narrow ? "Widen navigation" : "Narrow navigation"} onClick={() => setNarrow(!narrow)}>
          {narrow ? <IconForward size={16} /> : <IconBack size={16} />}
        </ActionIcon>
      </aside>
      <main id="content" className={classes.main} tabIndex={-1}><Outlet /></main>
      <Drawer opened={drawer} onClose={() => setDrawer(false)} size="17rem" title="Mainstay" padding="xs" closeButtonProps={{ "aria-label": "Close navigation" }}>
        <Navigation onGo={() => setDrawer(false)} />
      </Drawer>
      <Palette opened={palette} onClose={() => setPalette(false)} />
      <Help opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function useGlobalActions(open: { openPalette: () => void; openHelp: () => void; toggleNavigation: () => void }) {
  const navigate = useNavigate();
  const can = useCan();
  const range = useRange();
  useActions([
    { id: "palette", label: "Command palette", group: "View", keys: "mod+k", quiet: true, run: open.openPalette },
    { id: "help", label: "Keyboard shortcuts", group: "View", keys: "?", run: open.openHelp },
    { id: "fold", label: "Fold the navigation", group: "View", keys: "[", run: open.toggleNavigation },
    { id: "focus-search", label: "Focus the filter of the list", group: "View", keys: "/", quiet: true, run: () => (document.querySelector<HTMLElement>("[data-search]") ?? { focus: open.openPalette }).focus() },
    { id: "range-back", label: "Move the time range back", group: "View", keys: "shift+ArrowLeft", quiet: true, run: () => range.move(-1) },
    { id: "range-forward", label: "Move the time range forward", group: "View", keys: "shift+ArrowRight", quiet: true, run: () => range.move(1) },
    { id: "range-wide", label: "Widen the time range", group: "View", keys: "shift+ArrowUp", quiet: true, run: range.widen },
    ...sections.flatMap((s) => s.places)
      .filter((p) => !p.permission || can(p.permission))
      .map((p) => ({ id: `go ${p.to}`, label: p.label, group: "Go to" as const, keys: p.keys, run: () => void navigate({ to: p.to as "/" }) })),
  ]);
}
