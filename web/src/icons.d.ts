declare module "@tabler/icons-react/dist/esm/icons/*.mjs" {
  import type { CSSProperties, FunctionComponent } from "react";
  const Icon: FunctionComponent<{ size?: number; stroke?: number; style?: CSSProperties }>;
  export default Icon;
}
