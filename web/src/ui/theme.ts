import { createTheme, type MantineColorsTuple } from "@mantine/core";

// Colour means state, so what can be clicked is ink on paper: a neutral scale.
const ink: MantineColorsTuple = [
  "#f4f6f8", "#e6eaee", "#cbd3db", "#aab5c1", "#8492a1", "#677585", "#515e6d", "#3d4855", "#2b343f", "#1b222a",
];

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 8, dark: 2 },
  autoContrast: true,
  colors: {
    ink,
    dark: ["#d5dbe1", "#b3bcc6", "#8d98a4", "#66717d", "#3b444e", "#2c343d", "#222930", "#191e24", "#13171c", "#0d1014"],
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Noto Sans Mono", "Liberation Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: { fontWeight: "620", sizes: { h1: { fontSize: "1.25rem" }, h2: { fontSize: "1rem" }, h3: { fontSize: "0.875rem" } } },
  spacing: { xs: "0.375rem", sm: "0.5rem", md: "0.75rem", lg: "1rem", xl: "1.5rem" },
  defaultRadius: "sm",
  cursorType: "pointer",
  components: {
    Button: { defaultProps: { size: "xs", variant: "filled" } },
    ActionIcon: { defaultProps: { variant: "subtle", size: "md" } },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs" } },
    Autocomplete: { defaultProps: { size: "xs" } },
    MultiSelect: { defaultProps: { size: "xs" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, transitionProps: { duration: 80 } } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } }, styles: { icon: { backgroundColor: "transparent" } } },
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } }, // a menu holds its items alone, and the first has the focus
    DrawerHeader: { defaultProps: { role: "presentation" } }, // the page has one banner
    ModalHeader: { defaultProps: { role: "presentation" } },
    Modal: { defaultProps: { transitionProps: { duration: 100 }, overlayProps: { backgroundOpacity: 0.45 } } },
    Drawer: { defaultProps: { transitionProps: { duration: 120 }, overlayProps: { backgroundOpacity: 0.25 } } },
  },
});
