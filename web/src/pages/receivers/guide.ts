import type { Receiver } from "@/api/types";

/** One way to send here: what has it, and what to write there. */
export interface Recipe {
  from: string;
  where: string;
  lines: string;
}

/** The port at the end of an address, also of [::]:5514. */
export const portOf = (address: string) => address.match(/:(\d+)$/)?.[1] ?? "";

/** A listener bound to one address is reached there; one bound to all, where the console is. */
export function hostOf(address: string, console: string): string {
  const host = address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return host === "" || host === "::" || host === "0.0.0.0" ? console : host;
}

/** How devices and programs are pointed at a receiver; none for those that are not known by heart. */
export function recipes(r: Pick<Receiver, "name" | "address">, console: string): Recipe[] {
  const host = hostOf(r.address, console);
  const port = portOf(r.address);
  switch (r.name) {
    case "syslog-udp":
      return [
        { from: "rsyslog", where: "/etc/rsyslog.d/mainstay.conf", lines: `*.* action(type="omfwd" target="${host}" port="${port}" protocol="udp" template="RSYSLOG_SyslogProtocol23Format")` },
        { from: "syslog-ng", where: "/etc/syslog-ng/conf.d/mainstay.conf", lines: `destination d_mainstay { syslog("${host}" transport("udp") port(${port})); };\nlog { source(s_src); destination(d_mainstay); };` },
        { from: "Cisco IOS", where: "configure terminal", lines: `service timestamps log datetime msec show-timezone year\nlogging host ${host} transport udp port ${port}\nlogging trap informational` },
        { from: "Juniper Junos", where: "configure", lines: `set system syslog host ${host} any info\nset system syslog host ${host} port ${port}\nset system syslog host ${host} structured-data` },
        { from: "A test", where: "a shell", lines: `logger --udp --server ${host} --port ${port} --rfc5424 "Hello from $(hostname)"` },
      ];
    case "syslog-tcp":
      return [
        { from: "rsyslog, with a queue on disk", where: "/etc/rsyslog.d/mainstay.conf", lines: `*.* action(type="omfwd" target="${host}" port="${port}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"\n  queue.type="LinkedList" queue.filename="mainstay" queue.maxDiskSpace="1g" queue.saveOnShutdown="on" action.resumeRetryCount="-1")` },
        { from: "syslog-ng", where: "/etc/syslog-ng/conf.d/mainstay.conf", lines: `destination d_mainstay { syslog("${host}" transport("tcp") port(${port})); };\nlog { source(s_src); destination(d_mainstay); };` },
        { from: "Cisco IOS", where: "configure terminal", lines: `logging host ${host} transport tcp port ${port}` },
        { from: "VMware ESXi", where: "esxcli", lines: `esxcli system syslog config set --loghost=tcp://${host}:${port}\nesxcli system syslog reload\nesxcli network firewall ruleset set --ruleset-id=syslog --enabled=true` },
        { from: "A test", where: "a shell", lines: `logger --tcp --octet-count --server ${host} --port ${port} --rfc5424 "Hello from $(hostname)"` },
      ];
    case "syslog-tls":
      return [
        { from: "rsyslog (package rsyslog-gnutls)", where: "/etc/rsyslog.d/mainstay.conf", lines: `global(defaultNetstreamDriverCAFile="/etc/ssl/certs/mainstay-ca.pem")\n*.* action(type="omfwd" target="${host}" port="${port}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"\n  StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="${host}")` },
        { from: "syslog-ng", where: "/etc/syslog-ng/conf.d/mainstay.conf", lines: `destination d_mainstay { syslog("${host}" transport("tls") port(${port}) tls(ca-file("/etc/ssl/certs/mainstay-ca.pem") peer-verify(yes))); };\nlog { source(s_src); destination(d_mainstay); };` },
      ];
    case "syslog-relp": {
      const action = `action(type="omrelp" target="${host}" port="${port}" template="RSYSLOG_SyslogProtocol23Format"`;
      return [
        { from: "rsyslog (package rsyslog-relp), with a queue on disk", where: "/etc/rsyslog.d/mainstay.conf", lines: `module(load="omrelp")\n*.* ${action}\n  queue.type="LinkedList" queue.filename="mainstay" queue.maxDiskSpace="1g" queue.saveOnShutdown="on" action.resumeRetryCount="-1")` },
        { from: "rsyslog, in short", where: "/etc/rsyslog.d/mainstay.conf", lines: `module(load="omrelp")\n*.* :omrelp:${host}:${port}` },
      ];
    }
    case "syslog-relp-tls": {
      const action = `module(load="omrelp")\n*.* action(type="omrelp" target="${host}" port="${port}" template="RSYSLOG_SyslogProtocol23Format"\n  tls="on" tls.caCert="/etc/ssl/certs/mainstay-ca.pem" tls.authMode="name" tls.permittedPeer=["${host}"]`;
      const queue = `\n  queue.type="LinkedList" queue.filename="mainstay" queue.maxDiskSpace="1g" queue.saveOnShutdown="on" action.resumeRetryCount="-1")`;
      return [
        { from: "rsyslog (package rsyslog-relp)", where: "/etc/rsyslog.d/mainstay.conf", lines: action + queue },
        { from: "rsyslog, with a certificate of its own", where: "/etc/rsyslog.d/mainstay.conf", lines: `${action}\n  tls.myCert="/etc/rsyslog.d/host.pem" tls.myPrivKey="/etc/rsyslog.d/host.key"${queue}` },
      ];
    }
    case "snmp-traps":
      return [
        { from: "net-snmp's agent", where: "/etc/snmp/snmpd.conf", lines: `trap2sink ${host}:${port} public\nauthtrapenable 1` },
        { from: "Cisco IOS", where: "configure terminal", lines: `snmp-server host ${host} version 2c public udp-port ${port}\nsnmp-server enable traps` },
        { from: "A test", where: "a shell", lines: `snmptrap -v 2c -c public ${host}:${port} '' .1.3.6.1.6.3.1.1.5.1` },
      ];
    default:
      return [];
  }
}
