import { Button } from "@mantine/core";
import { Link, useRouter } from "@tanstack/react-router";
import { ProblemView } from "@/components/ProblemView";
import { Empty } from "@/ui/Empty";

/** A page that failed to draw, or an answer it cannot do without. */
export function Crash({ error, reset }: { error: unknown; reset?: () => void }) {
  const router = useRouter();
  return (
    <div style={{ maxWidth: "44rem", margin: "2rem auto", width: "100%" }}>
      <ProblemView error={error} retry={() => { reset?.(); void router.invalidate(); }}>
        <p className="dim" style={{ marginTop: "0.5rem" }}>The rest of the console still works. If this stays, the server's log has the cause.</p>
      </ProblemView>
    </div>
  );
}

export const Missing = () => (
  <Empty title="There is no such page" action={<Button component={Link} to="/" variant="default">Overview</Button>}>The address may be from another version, or mistyped.</Empty>
);
