// The conditions several pages ask for, in one place.

export const situationOpen = ["state=open"];
export const alertOpen = ["state=open,acknowledged"];
export const incidentOpen = ["state=new,assigned,in_progress,on_hold"];
export const checkFailing = ["status=critical,warning,unknown,unreachable"];
export const decisionProposed = ["state=proposed"];
export const agentOffline = ["connected=false"];
/** Classes whose items are hosts: what derives from it, too. */
export const hostClasses = ["host", "virtual_machine", "physical_server", "hypervisor", "workstation"];
