import { ActionIcon, Menu, useMantineColorScheme, VisuallyHidden } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { signOut } from "@/api/session";
import { useMe } from "@/app/session";
import { IconMoon, IconSun, IconSystemTheme, IconUser } from "@/ui/icons";
import { Segments } from "@/ui/Segments";

export function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const me = useMe();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const leave = async () => {
    await signOut().catch(() => undefined);
    client.clear();
    await navigate({ to: "/login" });
  };
  const theme = (Icon: typeof IconSun, label: string) => (
    <>
      <Icon size={15} style={{ display: "block" }} />
      <VisuallyHidden>{label}</VisuallyHidden>
    </>
  );
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label={`Account of ${me?.name || me?.username || "you"}`}><IconUser size={19} stroke={1.6} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me?.name || me?.username}
          {me?.grants.length ? ` · ${[...new Set(me.grants.map((g) => g.role))].join(", ")}` : ""}
        </Menu.Label>
        <div style={{ padding: "0.25rem 0.5rem 0.5rem" }}>
          <Segments
            wide
            aria-label="Colour theme"
            value={colorScheme}
            onChange={setColorScheme}
            data={[
              { value: "auto", label: theme(IconSystemTheme, "As the system") },
              { value: "light", label: theme(IconSun, "Light") },
              { value: "dark", label: theme(IconMoon, "Dark") },
            ]}
          />
        </div>
        <Menu.Item onClick={() => void navigate({ to: "/account" })}>Your account</Menu.Item>
        <Menu.Item onClick={() => void navigate({ to: "/tokens" })}>API tokens</Menu.Item>
        <Menu.Item onClick={onHelp}>Keyboard shortcuts</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
