// The conditions several pages ask for, in one place.

export const situationOpen = ["state=open"];
export const alertOpen = ["state=open,acknowledged"];
export const incidentOpen = ["state=new,assigned,in_progress,waiting"];
export const checkFailing = ["state=critical,warning,unknown"];
export const runWaiting = ["status=waiting"];
export const agentOffline = ["connected=false"];
