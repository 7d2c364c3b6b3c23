import { useNavigate } from "@tanstack/react-router";
import { Workbench } from "./edit/Workbench";

export default function NewDashboard() {
  const navigate = useNavigate();
  return <Workbench start={{ title: "" }} onDone={(d) => void navigate(d ? { to: "/dashboards/$id" as "/", params: { id: d.id } as never } : { to: "/dashboards" as "/" })} />;
}
